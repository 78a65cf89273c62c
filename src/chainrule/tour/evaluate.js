"use strict";
// Reads a typed formula and computes it. What is typed is taken apart into numbers, names and signs and is never run as
// a program. The notation is that of chainrule's own parser, as far as answers need it.

const FUNCTIONS = {
  sin: Math.sin, cos: Math.cos, tan: Math.tan, sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh,
  arcsin: Math.asin, arccos: Math.acos, arctan: Math.atan, asin: Math.asin, acos: Math.acos, atan: Math.atan,
  tg: Math.tan, arctg: Math.atan, ctg: x => 1 / Math.tan(x), sh: Math.sinh, ch: Math.cosh, th: Math.tanh,
  sec: x => 1 / Math.cos(x), csc: x => 1 / Math.sin(x), cot: x => 1 / Math.tan(x),
  sech: x => 1 / Math.cosh(x), csch: x => 1 / Math.sinh(x), coth: x => 1 / Math.tanh(x),
  exp: Math.exp, ln: Math.log, log: Math.log, lg: Math.log10, log10: Math.log10, log2: Math.log2,
  sqrt: Math.sqrt, abs: Math.abs, sigmoid: x => 1 / (1 + Math.exp(-x)), "σ": x => 1 / (1 + Math.exp(-x)),
};
const INVERSES = {
  sin: Math.asin, cos: Math.acos, tan: Math.atan, sinh: Math.asinh, cosh: Math.acosh, tanh: Math.atanh,
};
const CONSTANTS = { e: Math.E, pi: Math.PI, "π": Math.PI };
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const SIGNS = { "−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "【": "(", "】": ")", "［": "(",
  "］": ")", "[": "(", "]": ")", "{": "(", "}": ")" };

// The pieces of a text, each with its place in it; names are split off from a run of letters, the longest first.
function pieces(text, variables) {
  const names = [...Object.keys(FUNCTIONS), ...Object.keys(CONSTANTS), ...variables];
  names.sort((one, other) => other.length - one.length);
  const found = [];
  let at = 0;
  while (at < text.length) {
    const code = text.codePointAt(at);
    const wide = code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : text[at];
    const sign = SIGNS[wide] || SIGNS[text[at]] || wide;
    if (/\s|\u3000/.test(sign)) { at += 1; continue; }
    const plain = text.slice(at).replace(/[\uff01-\uff5e]/g, one => String.fromCharCode(one.charCodeAt(0) - 0xfee0));
    const number = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(plain);
    const power = /^(⁻?)([⁰¹²³⁴⁵⁶⁷⁸⁹]*)([ˣʸ]?)/.exec(plain);
    const name = names.find(one => plain.startsWith(one) || plain.toLowerCase().startsWith(one));
    if (number) {
      found.push({ kind: "number", value: Number(number[0]), at });
      at += number[0].length;
    } else if (power[2] || power[3]) {
      const digits = [...power[2]].map(one => RAISED.indexOf(one)).join("");
      const times = Number(digits || 1) * (power[1] ? -1 : 1);
      const name = { "ˣ": "x", "ʸ": "y" }[power[3]];
      if (name && !variables.includes(name)) throw { at };
      found.push({ kind: "raised", value: name ? v => times * v[name] : () => times, at });
      at += power[0].length;
    } else if (name) {
      found.push({ kind: name in FUNCTIONS ? "function" : "name", value: name, at });
      at += name.length;
    } else if (plain.startsWith("**")) {
      found.push({ kind: "sign", value: "^", at });
      at += 2;
    } else if ("+-*/^()|√".includes(sign)) {
      found.push({ kind: "sign", value: sign, at });
      at += 1;
    } else {
      throw { at };
    }
  }
  return found;
}

// The function that a text stands for: it takes an object of the variables' values. Throws { at } where it cannot read.
function read(text, variables) {
  const all = pieces(text, variables);
  let place = 0;
  let bars = 0;  // |…| that are open
  const fail = () => { throw { at: all[place] ? all[place].at : text.length }; };
  const is = value => all[place] && all[place].kind === "sign" && all[place].value === value;
  const take = value => is(value) && ++place;

  function sum() {
    let left = product();
    while (is("+") || is("-")) {
      const minus = all[place++].value === "-";
      const first = left, second = product();
      left = minus ? v => first(v) - second(v) : v => first(v) + second(v);
    }
    return left;
  }
  function product() {
    let left = signed();
    for (;;) {
      const first = left;
      if (take("*")) {
        const second = signed();
        left = v => first(v) * second(v);
      } else if (take("/")) {
        const second = signed();
        left = v => first(v) / second(v);
      } else if (starts()) {
        const second = power();
        left = v => first(v) * second(v);
      } else {
        return left;
      }
    }
  }
  function signed() {
    if (take("-")) { const inner = signed(); return v => -inner(v); }
    if (take("+")) return signed();
    return power();
  }
  function starts() {
    return all[place] && (all[place].kind !== "sign" ? all[place].kind !== "raised"
      : is("(") || is("√") || (is("|") && bars === 0));
  }
  function exponent() {
    if (all[place] && all[place].kind === "raised") return all[place++].value;
    return take("^") ? signed() : null;
  }
  function power() {
    const base = atom();
    const raised = exponent();
    return raised ? v => Math.pow(base(v), raised(v)) : base;
  }
  function atom() {
    const piece = all[place];
    if (!piece) fail();
    if (piece.kind === "number") { place++; return () => piece.value; }
    if (piece.kind === "name") {
      place++;
      return piece.value in CONSTANTS && !variables.includes(piece.value) ? () => CONSTANTS[piece.value]
        : v => v[piece.value];
    }
    if (piece.kind === "function") { place++; return called(piece.value); }
    if (take("(")) return closed(")");
    if (take("√")) { const inner = is("(") ? atom() : power(); return v => Math.sqrt(inner(v)); }
    if (take("|")) { bars++; const inner = closed("|"); bars--; return v => Math.abs(inner(v)); }
    return fail();
  }
  function closed(end) {
    const open = bars;
    if (end === ")") bars = 0;
    const inner = sum();
    bars = open;
    if (!take(end)) fail();
    return inner;
  }
  // A function takes what stands in brackets, or the factors that follow it: sin 2x, sin²x, tan⁻¹x.
  function called(name) {
    let raised = exponent();
    let of = FUNCTIONS[name];
    if (raised && raised({}) === -1 && name in INVERSES) { of = INVERSES[name]; raised = null; }
    let inner;
    if (take("(")) {
      inner = closed(")");
    } else {
      if (!starts() && !is("-")) fail();
      inner = is("-") ? signed() : power();
      while (starts() && all[place].kind !== "function" && !is("(")) {
        const first = inner, second = power();
        inner = v => first(v) * second(v);
      }
    }
    return raised ? v => Math.pow(of(inner(v)), raised(v)) : v => of(inner(v));
  }

  const whole = sum();
  if (place < all.length) fail();
  return whole;
}

// Compares an answer with the derivative at the points that came with the exercise.
function judge(text, data) {
  const names = Object.keys(data.points);
  if (!text.trim()) return { verdict: "empty" };
  let answer;
  try {
    answer = read(text, names);
  } catch (problem) {
    if (typeof problem.at !== "number") throw problem;
    return { verdict: "unreadable", marked: `${text.slice(0, problem.at)}▸${text.slice(problem.at)}` };
  }
  const usual = Math.min(1, data.expected.reduce((sum, one) => sum + Math.abs(one), 0) / data.expected.length);
  let worst = 0, rough = 0, where = "", yours = 0;
  for (let i = 0; i < data.expected.length; i++) {
    const point = Object.fromEntries(names.map(name => [name, data.points[name][i]]));
    const value = answer(point);
    const place = names.map(name => `${name} = ${shown(point[name])}`).join(", ");
    if (!Number.isFinite(value)) return { verdict: "undefined", place };
    const off = Math.abs(value - data.expected[i]) / (1e-3 + Math.abs(data.expected[i]));
    rough = Math.max(rough, Math.abs(value - data.expected[i]) / (usual + Math.abs(data.expected[i])));
    if (off > worst) [worst, where, yours] = [off, place, value];
  }
  if (worst < 1e-9) return { verdict: "right" };
  return rough < 2e-3 ? { verdict: "rounded" } : { verdict: "wrong", place: where, yours: shown(yours) };
}

function shown(number) {
  return String(Number(number.toPrecision(4))).replace("-", "−");
}
