// The state of the page in its address, after #, so that it can be shared and is sent to no server.

export const FIRST = { f: "x^2 * sin(x)", x: null, over: null, values: {}, overlays: [], order: 1, lang: "en",
  variable: null, secant: false, trace: false };

/** The state that an address holds; what is missing or cannot be read is as at first. */
export function readState(hash, lang) {
  const found = new URLSearchParams(hash.replace(/^#/, ""));
  const number = (text) => (text !== null && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : null);
  const over = (found.get("over") ?? "").split("_").map(number);
  const values = {};
  for (const entry of found.getAll("v")) {
    const [name, value] = entry.split("~");
    if (number(value ?? null) !== null) values[name] = number(value);
  }
  return {
    ...FIRST,
    f: found.get("f") ?? FIRST.f,
    x: number(found.get("x")),
    over: over.length === 2 && over.every((end) => end !== null) && over[0] < over[1] ? over : null,
    values,
    overlays: found.getAll("o").slice(0, 4),
    order: Math.min(Math.max(Math.round(number(found.get("order")) ?? 1), 1), 4),
    lang: ["en", "zh"].includes(found.get("lang")) ? found.get("lang") : lang,
    variable: found.get("variable"),
    secant: found.get("secant") === "1",
    trace: found.get("trace") === "1",
  };
}

/** The address of a state. */
export function writeState(state) {
  const made = new URLSearchParams({ f: state.f });
  if (state.x !== null) made.set("x", String(Number(state.x.toPrecision(10))));
  if (state.over) made.set("over", state.over.map((end) => Number(end.toPrecision(8))).join("_"));
  for (const [name, value] of Object.entries(state.values)) made.append("v", `${name}~${value}`);
  for (const overlay of state.overlays) made.append("o", overlay);
  if (state.order !== 1) made.set("order", state.order);
  if (state.variable) made.set("variable", state.variable);
  if (state.secant) made.set("secant", "1");
  if (state.trace) made.set("trace", "1");
  made.set("lang", state.lang);
  return `#${made}`;
}
