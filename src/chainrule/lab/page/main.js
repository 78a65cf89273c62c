// The lab: what is asked when something changes, and where the answers go.

import { el, set, setMath, later } from "./dom.js";
import { CurveView, sampleAt, short } from "./curve.js";
import { GraphView } from "./graph.js";
import { speak, say } from "./words.js";
import { Server, Held, Latest } from "./source.js";
import { readState, writeState } from "./state.js";
import { give, standalone, asPng } from "./saving.js";

const $ = (id) => document.getElementById(id);
const heldData = $("held");
const source = heldData ? new Held(JSON.parse(heldData.textContent)) : new Server();
const pageLang = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
const still = matchMedia("(prefers-reduced-motion: reduce)");

let state = readState(location.hash, pageLang);
if (source.held) {
  const asked = source.data.request;
  state = { ...state, f: asked.formula, x: source.data.answer.point.x, lang: asked.lang ?? "en",
    order: asked.order ?? 1, overlays: asked.overlays ?? [] };
}
let whole = {}; // the latest answers, by what was wished for
let table = [];
let h = 2; // the place in the ladder of secants
let step = null; // of the graph; null: all of it
let playing = 0;

const plots = {
  f: new CurveView($("function"), { marker: "circle", onPoint: movePoint, onWindow: moveWindow, label: "" }),
  d: new CurveView($("derivative"), { marker: "diamond", onPoint: movePoint, onWindow: moveWindow, label: "" }),
};
const graphView = new GraphView($("graph"), { onFocus: lightNodes, label: "" });

// ── asking ──

const request = (wishes, more = {}) => ({ formula: state.f, wishes, lang: state.lang, variable: state.variable,
  at: state.x, over: state.over, values: state.values, overlays: state.overlays, order: state.order, ...more });
const failed = () => fault({ reason: say("lost"), column: null });
const curveAsk = new Latest(source, receive, failed);
const graphAsk = new Latest(source, receive, failed);
const pointAsk = new Latest(source, receive, failed);
const tableAsk = new Latest(source, (answer) => { table = answer.table ?? []; listTable(); listChoices(); }, failed);

function askAll() {
  pointAsk.waiting = null;
  curveAsk.ask(request(["reading", "curve", "point"]));
  graphAsk.ask(request(["graph", "derivation", "point"]));
}
const askWindow = later(() => curveAsk.ask(request(["reading", "curve", "point"])), 90);
const askTyped = later(askAll, 120);
const askDerivation = later(() => graphAsk.ask(request(["graph", "derivation", "point"])), 140);
const keepAddress = later(() => { if (!source.held) history.replaceState(null, "", writeState(state)); }, 200);

function receive(answer, asked) {
  if (asked.formula !== state.f || asked.lang !== state.lang) return;
  if (answer.error) {
    fault(answer.error);
    return;
  }
  fault(null);
  const { curve, reading, graph, derivation, point } = answer;
  if (reading) { whole.reading = reading; showReading(); }
  if (curve) { whole.curve = curve; showCurves(asked); }
  const here = state.x === null || (point && Math.abs(point.x - state.x) <= 1e-9 * Math.max(1, Math.abs(state.x)));
  if (point && here) {
    state.x = point.x;
    whole.point = point;
    showPoint(point);
  }
  if (graph && here) showGraph(graph);
  if (derivation && here) { whole.derivation = derivation; showDerivation(); }
  document.body.dataset.ready = "true";
}

// ── the formula ──

function fault(problem) {
  const place = $("fault");
  place.hidden = !problem;
  $("formula").setAttribute("aria-invalid", String(Boolean(problem)));
  if (!problem) return;
  const column = problem.column;
  const before = column === null ? "" : [...state.f.slice(0, column)].map((c) => (c.charCodeAt(0) > 0x2e7f ? "\u3000" : "\u00a0")).join("");
  place.replaceChildren(column === null ? "" : el("span", { class: "caret", "aria-hidden": "true" }, `${before}▲`),
    el("span", { class: "reason" }, problem.reason));
}

function showReading() {
  const { formula, derivatives, variable, variables, notes } = whole.reading;
  const left = (prime) => `<mrow><mi>f</mi>${prime ? `<mo>${prime}</mo>` : ""}<mo stretchy="false">(</mo>${
    (variables.length ? variables : ["x"]).map(name).join("<mo>,</mo>")}<mo stretchy="false">)</mo><mo>=</mo></mrow>`;
  const rate = variables.length > 1
    ? `<mfrac><mrow><mo>∂</mo><mi>f</mi></mrow><mrow><mo>∂</mo>${name(variable)}</mrow></mfrac><mo>=</mo>` : left("′");
  const written = (made) => (made ? made.mathml : `<mtext>${say("tooLong")}</mtext>`);
  setMath($("reading"), left("") + formula.mathml, true);
  setMath($("f-text"), `<mi>f</mi><mo>=</mo>${formula.mathml}`);
  setMath($("d-text"), rate + written(derivatives[0]));
  $("notes").replaceChildren(...notes.map((note) => el("li", {}, note)));
  showParameters();
}

function name(identifier) {
  const [, letter, index] = /^(.)_?(\d*)$/u.exec(identifier) ?? [null, identifier, ""];
  const safe = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return index ? `<msub><mi>${safe(letter)}</mi><mn>${index}</mn></msub>` : `<mi>${safe(letter)}</mi>`;
}

function showParameters() {
  const { variables, values, variable } = whole.reading;
  const card = $("parameters-card");
  card.hidden = variables.length < 2 || source.held;
  const key = JSON.stringify([variables, variable, state.lang]);
  if (card.dataset.key === key || card.hidden) return;
  card.dataset.key = key;
  const axis = el("label", { class: "parameter" }, `${say("along")} `,
    el("select", { onchange: (event) => change({ variable: event.target.value, x: null, over: null }) },
      variables.map((each) => el("option", { value: each, selected: each === variable }, each))));
  $("parameters").replaceChildren(axis, ...Object.entries(values).map(([each, value]) => slider(each, value)));
}

function slider(variable, value) {
  const number = el("output", {}, short(value));
  const wide = Math.max(5, 2 * Math.abs(value));
  const bar = el("input", { type: "range", min: -wide, max: wide, step: wide / 100, value, "aria-label": variable,
    oninput: () => {
      number.textContent = short(Number(bar.value));
      state.values = { ...state.values, [variable]: Number(bar.value) };
      keepAddress();
      askAll();
    } });
  return el("label", { class: "parameter" }, el("span", { class: "name" }, variable), bar, number);
}

// ── the table ──

function listTable() {
  const wanted = $("search").value.trim().toLowerCase();
  const found = table.filter((row) => [row.name, row.said, row.text, ...row.derivatives.map((d) => d.text)]
    .some((text) => text.toLowerCase().includes(wanted)));
  $("found").textContent = say("found", { n: found.length });
  $("rows").replaceChildren(...found.map((row) => {
    const formula = el("span");
    const slope = el("span", { class: "slope" });
    setMath(formula, row.mathml);
    setMath(slope, row.derivatives[0].mathml);
    const pick = () => {
      toggleTable(false);
      change({ f: row.text, x: null, over: row.window, values: {}, variable: null });
      $("formula").value = row.text;
      $("formula").focus();
    };
    return el("li", {}, el("button", { type: "button", class: "row", onclick: pick, title: row.said }, formula, slope,
      el("small", {}, row.said)));
  }));
}

function listChoices() {
  const rows = table.filter((row) => row.derivatives.length === 1);
  for (const [id, wanted] of [["compose-g", "sin(x)"], ["compose-h", "x²"]]) {
    $(id).replaceChildren(...rows.map((row) => el("option", { value: row.text, selected: row.text === wanted }, row.text)));
  }
}

function toggleTable(open) {
  $("table").hidden = !open;
  set($("choose"), { "aria-expanded": String(open) });
  if (open && !table.length) tableAsk.ask({ wishes: ["table"], lang: state.lang });
  if (open) $("search").focus();
}

// ── curves and the point ──

function showCurves() {
  const { function: f, derivative: d, higher, overlays, window } = whole.curve;
  const others = overlays.filter((each) => !each.error);
  state.over = window;
  const orders = [d, ...higher.filter(Boolean)];
  plots.f.show(whole.curve, [{ curve: f, kind: "function" },
    ...others.map((each, i) => ({ curve: each.function, kind: `overlay o${i + 1}` }))], union([f, ...others.map((o) => o.function)]));
  plots.d.show(whole.curve, [{ curve: d, kind: "derivative" },
    ...higher.map((curve, i) => curve && { curve, kind: `higher order${i + 2}` }).filter(Boolean),
    ...others.map((each, i) => ({ curve: each.derivative, kind: `overlay o${i + 1}` }))], union(orders));
  $("overlays").replaceChildren(...state.overlays.map(chip));
  moveTo(state.x);
}

function union(curves) {
  return [Math.min(...curves.map((c) => c.view[0])), Math.max(...curves.map((c) => c.view[1]))];
}

function chip(text, index) {
  const { error } = whole.curve.overlays[index] ?? {};
  return el("li", { class: `o${index + 1}` }, el("span", {}, text), error ? el("small", { class: "reason" }, error.reason) : null,
    source.held ? null : el("button", { type: "button", class: "square", "aria-label": say("remove", { name: text }),
      onclick: () => change({ overlays: state.overlays.filter((_, i) => i !== index) }) }, "×"));
}

function border(x) {
  const wide = plots.f.window[1] - plots.f.window[0];
  return whole.curve?.borders.find((each) => Math.abs(each.x - x) <= 1e-9 * Math.max(wide, Math.abs(x)));
}

/** The point is moved: what was sent says where it is at once, the server a moment later exactly. */
function movePoint(x) {
  const wide = plots.f.window[1] - plots.f.window[0];
  const near = whole.curve?.borders.find((each) => Math.abs(each.x - x) < wide / 250);
  const to = source.nearest(near && !source.held ? near.x : x);
  if (to === state.x) return;
  state.x = to;
  moveTo(to);
  pointAsk.ask(request(["point", "graph"], { overlays: [] }));
  askDerivation();
  keepAddress();
}

function moveTo(x) {
  if (x === null || !whole.curve) return;
  const y = sampleAt(whole.curve.function, x);
  place({ x, y, slopes: [sampleAt(whole.curve.derivative, x), ...whole.curve.higher.map((c) => c && sampleAt(c, x))],
    secants: null, equation: null, written: null });
}

function showPoint(point) {
  place(point);
}

function place(point) {
  const { x, y, slopes, secants, equation, written } = point;
  const at = border(x);
  const sides = at && at.kind === "kink" && at.slopes.every(Number.isFinite) ? at.slopes : null;
  const variable = whole.reading?.variable ?? "x";
  let secant = null;
  if (state.secant) {
    secant = secants ? secants[h] : between(x, y);
    $("h").setAttribute("aria-valuetext", `h = ${short(secant.h)}`);
  }
  const vertical = at?.kind === "vertical tangent" ? Infinity : null;
  const says = words(point, sides, at, variable);
  plots.f.place({ x, y, slope: slopes[0] ?? vertical, sides, secant, text: `${variable} = ${short(x)}, ${says}` });
  plots.d.place({ x, y: sides ? null : slopes[0], text: `${variable} = ${short(x)}, ${say("slope")} ${short(slopes[0])}` });
  const numbers = [el("span", {}, `${variable} = ${written?.x ?? short(x)}`)];
  if (y !== null) numbers.push(el("span", {}, `f = ${written?.y ?? short(y)}`));
  if (secant) {
    numbers.push(el("span", { class: "tangent-number" }, `h = ${secant.written?.[0] ?? short(secant.h)}`),
      el("span", { class: "tangent-number" }, `${say("secantSlope")} ${secant.written?.[1] ?? short(secant.slope)}`));
  } else {
    numbers.push(el("span", { class: "tangent-number" }, equation && !at ? `${say("tangent")} ${equation}` : says));
  }
  $("f-numbers").replaceChildren(...numbers);
  const primes = ["f′", "f″", "f‴", "f⁗"];
  $("d-numbers").replaceChildren(...slopes.map((slope, i) => el("span", { class: i ? "" : "slope-number" },
    `${primes[i]} = ${written?.slopes[i] && slope !== null ? written.slopes[i] : short(slope)}`)));
}

function between(x, y) {
  const step = 2 ** (1 - h);
  const there = sampleAt(whole.curve.function, x + step);
  return { h: step, y: there, slope: there === null || y === null ? null : (there - y) / step };
}

function words({ y, slopes }, sides, at, variable) {
  if (sides) return say("kink", { left: short(sides[0]), right: short(sides[1]) });
  if (at && `border ${at.kind}` in ({ "border jump": 1, "border pole": 1, "border removable": 1, "border oscillation": 1,
    "border edge": 1, "border cusp": 1, "border vertical tangent": 1 })) return `${variable} = ${short(at.x)}: ${say(`border ${at.kind}`)}`;
  if (y === null) return say("noValue");
  return slopes[0] === null ? say("noSlope") : `${say("slope")} ${short(slopes[0])}`;
}

function moveWindow(window, done) {
  if (source.held) return;
  const wide = window[1] - window[0];
  if (!(wide > 1e-6) || Math.max(...window.map(Math.abs)) > 1e6) return;
  state.over = window;
  plots.f.look(window);
  plots.d.look(window);
  askWindow();
  if (done) keepAddress();
}

// ── the graph and the derivation ──

function showGraph(graph) {
  const same = whole.graph && whole.graph.formula === state.f && whole.graph.nodes.length === graph.nodes.length
    && whole.graph.steps.length === graph.steps.length && whole.graph.lang === state.lang;
  whole.graph = { ...graph, formula: state.f, lang: state.lang };
  if (graph.problem) {
    $("graph").replaceChildren();
    $("sentence").textContent = graph.problem;
    return;
  }
  if (same) graphView.update(graph); else { step = null; graphView.step = null; graphView.show(graph); }
  showStep();
}

function showStep() {
  const steps = whole.graph?.steps ?? [];
  const last = steps.length - 1;
  const now = step === null ? last : Math.min(step, last);
  if (last < 0) return;
  graphView.at(now);
  set($("scrub"), { max: last, "aria-valuetext": `${say("stepOf", { n: now + 1, all: last + 1 })}: ${steps[now].sentence}` });
  $("scrub").value = now;
  $("sentence").replaceChildren(el("small", {}, say("stepOf", { n: now + 1, all: last + 1 })), ` ${steps[now].sentence}`);
}

function goTo(to) {
  const last = (whole.graph?.steps.length ?? 1) - 1;
  step = Math.min(Math.max(to, 0), last);
  showStep();
}

function play(on) {
  clearInterval(playing);
  playing = 0;
  $("play").textContent = say(on ? "pause" : "play");
  if (!on) return;
  const last = (whole.graph?.steps.length ?? 1) - 1;
  if (step === null || step >= last) goTo(0);
  playing = setInterval(() => {
    if (step >= last) play(false); else goTo(step + 1);
  }, still.matches ? 1600 : 900);
}

function showDerivation() {
  const { blocks } = whole.derivation;
  $("derivation").replaceChildren(...blocks.map((block) => {
    if (block.heading) return el("h3", {}, block.heading);
    if (block.sentence) return el("p", { class: "remark" }, block.sentence);
    const line = el("div", { class: "line", tabindex: block.part ? 0 : null, "data-part": block.part });
    const left = el("span", { class: "left" });
    const right = el("span", { class: "right" });
    setMath(left, `${block.left ?? ""}`);
    setMath(right, `<mo>${block.sign}</mo>${block.right}`);
    const chain = el("span", { class: "chain" }, right, block.then.map((member) => {
      const then = el("span", { class: "then" });
      setMath(then, `<mo>=</mo>${member}`);
      return then;
    }));
    line.append(left, chain);
    line.append(el("span", { class: "rule" }, block.note));
    if (block.part) {
      const enter = () => lightPart(block.part);
      set(line, { onpointerenter: enter, onfocus: enter, onpointerleave: () => lightPart(null), onblur: () => lightPart(null) });
    }
    return line;
  }));
}

function lightPart(part) {
  const parts = whole.derivation?.parts ?? {};
  light(Object.keys(parts).filter((id) => parts[id] === part).map(Number), part === null ? [] : [part]);
}

function lightNodes(ids) {
  const parts = whole.derivation?.parts ?? {};
  light(ids, ids.slice(-1).map((id) => parts[id]));
}

function light(ids, parts) {
  graphView.light(ids);
  for (const line of $("derivation").querySelectorAll(".line")) line.classList.toggle("lit", parts.includes(line.dataset.part));
}

// ── the rest ──

function change(changes) {
  state = { ...state, ...changes };
  keepAddress();
  askAll();
}

function translate() {
  speak(state.lang);
  document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
  document.title = say("title");
  for (const each of document.querySelectorAll("[data-say]")) each.textContent = say(each.dataset.say);
  const labels = { function: "pointOn", derivative: "slopeOn", graph: "graph" };
  for (const [id, key] of Object.entries(labels)) set($(id), { "aria-label": say(key) });
  set(plots.f.handle, { "aria-label": say("pointOn") });
  set(plots.d.handle, { "aria-label": say("slopeOn") });
  const named = { wider: "wider", nearer: "nearer", home: "home", first: "first", back: "back", forward: "forward",
    last: "last", scrub: "graph", h: "step", overlay: "overlay", search: "search", "compose-kind": "compose" };
  for (const [id, key] of Object.entries(named)) set($(id), { "aria-label": say(key), title: say(key) });
  for (const id of ["overlay", "search"]) set($(id), { placeholder: say(id), title: null });
  $("compose-kind").replaceChildren(...["sum", "product", "quotient", "chain"]
    .map((kind) => el("option", { value: kind, selected: kind === "chain" }, say(kind))));
  $("play").textContent = say(playing ? "pause" : "play");
  showTheme();
}

function isDark() {
  return (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
}

function showTheme() {
  $("theme").textContent = say(isDark() ? "light" : "dark");
}

async function save(kind) {
  const done = (file) => { $("done").textContent = say("saved", { name: file }); };
  if (kind === "link") {
    history.replaceState(null, "", writeState(state));
    await navigator.clipboard.writeText(location.href);
    $("done").textContent = say("copied");
  } else if (kind === "svg") {
    give("function.svg", standalone($("function")).text, "image/svg+xml");
    done("function.svg");
  } else if (kind === "png") {
    give("function.png", await asPng($("function")), "image/png");
    done("function.png");
  } else if (kind === "page") {
    const made = await source.ask({ page: request([]), lang: state.lang });
    if (made.error) { fault(made.error); return; }
    give("function.html", made.page, "text/html");
    done("function.html");
  } else {
    const made = source.held ? source.data.answer : await source.ask(request(["code"]));
    if (made.error) { fault(made.error); return; }
    const [file, text] = kind === "latex" ? ["derivation.tex", made.code.latex] : ["derivative.py", made.code.python];
    give(file, text, "text/plain");
    done(file);
  }
}

function listen() {
  const on = (id, kind, work) => $(id).addEventListener(kind, work);
  on("formula", "input", (event) => {
    state = { ...state, f: event.target.value, x: null, over: null, values: {}, variable: null };
    keepAddress();
    askTyped();
  });
  on("choose", "click", () => toggleTable($("table").hidden));
  on("search", "input", listTable);
  on("table", "keydown", (event) => { if (event.key === "Escape") { toggleTable(false); $("choose").focus(); } });
  on("compose-use", "click", async () => {
    const asked = { wishes: ["composed"], lang: state.lang,
      compose: [$("compose-kind").value, $("compose-g").value, $("compose-h").value] };
    const made = await source.ask(asked);
    if (made.error) { fault(made.error); return; }
    $("formula").value = made.composed;
    toggleTable(false);
    change({ f: made.composed, x: null, over: null, values: {}, variable: null });
  });
  on("secant", "change", (event) => { state.secant = event.target.checked; keepAddress(); place(whole.point); });
  on("h", "input", (event) => { h = Number(event.target.value); setSecant(true); });
  on("shrink", "click", shrink);
  on("trace", "change", (event) => { state.trace = event.target.checked; keepAddress(); trace(); });
  on("order", "change", (event) => change({ order: Number(event.target.value) }));
  on("wider", "click", () => plots.f.zoom(1.5));
  on("nearer", "click", () => plots.f.zoom(1 / 1.5));
  on("home", "click", () => change({ over: null, x: null }));
  on("overlay-form", "submit", (event) => {
    event.preventDefault();
    const typed = $("overlay").value.trim();
    if (!typed || state.overlays.length >= 4) return;
    $("overlay").value = "";
    change({ overlays: [...state.overlays, typed] });
  });
  on("first", "click", () => { play(false); goTo(0); });
  on("back", "click", () => { play(false); goTo((step ?? Infinity) === Infinity ? whole.graph.steps.length - 2 : step - 1); });
  on("forward", "click", () => { play(false); goTo(step === null ? 0 : step + 1); });
  on("last", "click", () => { play(false); goTo(Infinity); });
  on("play", "click", () => play(!playing));
  on("scrub", "input", (event) => { play(false); goTo(Number(event.target.value)); });
  on("language", "click", () => {
    state.lang = state.lang === "zh" ? "en" : "zh";
    table = [];
    translate();
    toggleTable(false);
    change({});
  });
  on("theme", "click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; showTheme(); });
  on("saving", "click", (event) => { if (event.target.dataset.save) save(event.target.dataset.save); });
  addEventListener("hashchange", () => { state = readState(location.hash, pageLang); open(); });
}

function setSecant(on) {
  state.secant = on;
  $("secant").checked = on;
  if (whole.point) place(whole.point);
}

let shrinking = 0;
function shrink() {
  if (shrinking) {
    clearInterval(shrinking);
    shrinking = 0;
    $("shrink").textContent = say("shrink");
    return;
  }
  h = 0;
  $("shrink").textContent = say("stop");
  const next = () => {
    $("h").value = h;
    setSecant(true);
    if (h === 20) shrink(); else h += 1;
  };
  shrinking = setInterval(next, 400);
  next();
}

function trace() {
  for (const plot of Object.values(plots)) plot.startTrace(state.trace && plot === plots.d ? state.x : null);
}

function open() {
  translate();
  $("formula").value = state.f;
  $("secant").checked = state.secant;
  $("trace").checked = state.trace;
  $("order").value = String(state.order);
  askAll();
  if (state.trace) trace();
}

if (source.held) {
  document.body.classList.add("held");
  $("formula").readOnly = true;
}
listen();
open();
