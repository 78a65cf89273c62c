// A curve drawn from its description (chainrule.drawing.data): branches, marks, poles, what is undefined; a point on it
// that can be dragged, its tangent or secant. Nothing is computed here but places between samples that were sent.

import { el, set, onceAFrame } from "./dom.js";

const PAD = { left: 46, right: 14, top: 14, bottom: 30 };
let made = 0;

/** The y of a curve at x, between its samples; null where it has none. */
export function sampleAt(curve, x) {
  for (const { x: xs, y: ys } of curve.branches) {
    const last = xs.length - 1;
    if (last < 0 || x < xs[0] || x > xs[last]) continue;
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (xs[middle] <= x) low = middle; else high = middle;
    }
    const width = xs[high] - xs[low];
    return width > 0 ? ys[low] + ((x - xs[low]) / width) * (ys[high] - ys[low]) : ys[low];
  }
  return null;
}

/** A number as it stands at an axis. */
export function short(value, digits = 4) {
  if (value === null || !Number.isFinite(value)) return "–";
  const text = Number(value.toPrecision(digits));
  const size = Math.abs(text);
  const plain = size !== 0 && (size >= 1e5 || size < 1e-4) ? text.toExponential().replace("e+", "e") : String(text);
  return plain.replaceAll("-", "−");
}

function ticks(low, high, most) {
  const rough = (high - low) / Math.max(most, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high; k += 1) found.push(k * step);
  return found;
}

export class CurveView {
  /**
   * `svg` is filled. `marker` is the point's shape, "circle" or "diamond". `onPoint(x)` is told of a moved point,
   * `onWindow([low, high], done)` of a moved or zoomed window.
   */
  constructor(svg, { marker, onPoint, onWindow, label }) {
    this.svg = svg;
    this.marker = marker;
    this.onPoint = onPoint;
    this.onWindow = onWindow;
    this.window = [-5, 5];
    this.view = [-1, 1];
    this.curves = [];
    this.state = {};
    this.traced = null;
    this.id = `curve${(made += 1)}`;
    set(svg, { role: "group", "aria-label": label });
    this.back = el("g", { class: "back" });
    this.lines = el("g", { class: "lines", "clip-path": `url(#${this.id}-box)` });
    this.front = el("g", { class: "front" });
    this.box = el("rect");
    this.trace = el("clipPath", { id: `${this.id}-trace` });
    const hatch = el("pattern", { id: `${this.id}-hatch`, width: 7, height: 7, patternUnits: "userSpaceOnUse",
      patternTransform: "rotate(45)" }, el("line", { x1: 0, y1: 0, x2: 0, y2: 7, class: "hatch" }));
    svg.replaceChildren(el("defs", {}, el("clipPath", { id: `${this.id}-box` }, this.box), this.trace, hatch),
      this.back, this.lines, this.front);
    this.tangent = el("path", { class: "tangent", "clip-path": `url(#${this.id}-box)` });
    this.guide = el("line", { class: "guide" });
    this.second = el("circle", { class: "second", r: 5 });
    this.handle = el("g", { class: "handle", tabindex: 0, role: "slider", "aria-orientation": "horizontal" },
      el("circle", { class: "grip", r: 22 }),
      marker === "diamond" ? el("path", { class: "dot", d: "M0,-8L8,0L0,8L-8,0Z" }) : el("circle", { class: "dot", r: 7 }));
    this.front.append(this.guide, this.tangent, this.second, this.handle);
    this.paint = onceAFrame(() => this.drawPoint());
    this.redraw = onceAFrame(() => this.draw());
    this.listen();
    new ResizeObserver(() => this.redraw()).observe(svg);
  }

  /** Show curves: `{curve, kind}` each, of which the first one carries the point; what lies between their branches. */
  show(picture, curves, view) {
    this.picture = picture;
    this.curves = curves;
    this.window = [...picture.window];
    this.view = widened(view);
    this.draw();
  }

  /** Move the window without new samples, as while zooming. */
  look(window) {
    this.window = window;
    this.redraw();
  }

  /** Place the point: `{x, y, slope, sides, secant, text}`, with null for what there is not. */
  place(state) {
    this.state = state;
    this.paint();
  }

  x(value) {
    return PAD.left + ((value - this.window[0]) / (this.window[1] - this.window[0])) * this.inner[0];
  }

  y(value) {
    return PAD.top + ((this.view[1] - value) / (this.view[1] - this.view[0])) * this.inner[1];
  }

  valueAt(clientX) {
    const left = this.svg.getBoundingClientRect().left;
    return this.window[0] + ((clientX - left - PAD.left) / this.inner[0]) * (this.window[1] - this.window[0]);
  }

  draw() {
    const { clientWidth, clientHeight } = this.svg;
    const width = clientWidth || 480;
    const height = clientHeight || 320;
    this.inner = [Math.max(width - PAD.left - PAD.right, 10), Math.max(height - PAD.top - PAD.bottom, 10)];
    set(this.svg, { viewBox: `0 0 ${width} ${height}` });
    set(this.box, { x: PAD.left, y: PAD.top, width: this.inner[0], height: this.inner[1] });
    this.drawAxes();
    this.drawLines();
    this.drawPoint();
  }

  drawAxes() {
    const [low, high] = this.window;
    const bottom = PAD.top + this.inner[1];
    const right = PAD.left + this.inner[0];
    const parts = [];
    for (const value of ticks(low, high, this.inner[0] / 72)) {
      const x = this.x(value);
      parts.push(el("line", { class: Math.abs(value) < 1e-12 ? "axis" : "grid", x1: x, x2: x, y1: PAD.top, y2: bottom }),
        el("text", { class: "tick", x, y: bottom + 18, "text-anchor": "middle" }, short(value)));
    }
    for (const value of ticks(...this.view, this.inner[1] / 44)) {
      const y = this.y(value);
      parts.push(el("line", { class: Math.abs(value) < 1e-12 ? "axis" : "grid", x1: PAD.left, x2: right, y1: y, y2: y }),
        el("text", { class: "tick", x: PAD.left - 8, y: y + 4, "text-anchor": "end" }, short(value)));
    }
    this.back.replaceChildren(...parts);
  }

  drawLines() {
    const parts = [];
    const top = PAD.top;
    const bottom = top + this.inner[1];
    for (const [a, b] of this.picture?.undefined ?? []) {
      parts.push(el("rect", { class: "undefined", x: this.x(a), y: top, width: Math.max(this.x(b) - this.x(a), 0),
        height: this.inner[1], fill: `url(#${this.id}-hatch)` }));
    }
    for (const [a, b] of this.picture?.dense ?? []) {
      parts.push(el("rect", { class: "dense", x: this.x(a), y: top, width: Math.max(this.x(b) - this.x(a), 1),
        height: this.inner[1] }));
    }
    for (const { curve, kind } of this.curves) {
      for (const pole of curve.poles) {
        parts.push(el("line", { class: "asymptote", x1: this.x(pole), x2: this.x(pole), y1: top, y2: bottom }));
      }
      for (const level of curve.levels) {
        parts.push(el("line", { class: "asymptote", x1: PAD.left, x2: PAD.left + this.inner[0], y1: this.y(level),
          y2: this.y(level) }));
      }
      for (const band of curve.bands ?? []) {
        const edge = (ys, order) => order.map((i) => `${this.x(band.x[i]).toFixed(1)},${this.y(ys[i]).toFixed(1)}`).join("L");
        const there = band.x.map((_, i) => i);
        parts.push(el("path", { class: `band ${kind}`,
          d: `M${edge(band.highest, there)}L${edge(band.lowest, [...there].reverse())}Z` }));
      }
      const d = curve.branches.map((branch) => this.path(branch)).join("");
      parts.push(el("path", { class: `curve ${kind}`, d }));
      if (kind === "derivative" && this.traced) {
        parts.push(el("path", { class: "curve derivative drawn", d, "clip-path": `url(#${this.id}-trace)` }));
      }
      for (const mark of curve.marks) {
        parts.push(el("circle", { class: `mark ${kind} ${mark.filled ? "filled" : "open"}`, cx: this.x(mark.x),
          cy: this.y(mark.y), r: 4 }));
      }
    }
    this.lines.replaceChildren(...parts);
    this.svg.classList.toggle("tracing", Boolean(this.traced));
    this.drawTrace();
  }

  path({ x, y }) {
    let d = "";
    let lastX = -1e9;
    let lastY = -1e9;
    const limit = 20 * this.inner[1];
    for (let i = 0; i < x.length; i += 1) {
      const px = this.x(x[i]);
      const py = Math.min(Math.max(this.y(y[i]), -limit), limit);
      if (i && i < x.length - 1 && Math.abs(px - lastX) < 0.7 && Math.abs(py - lastY) < 0.7) continue;
      d += `${i ? "L" : "M"}${px.toFixed(1)},${py.toFixed(1)}`;
      lastX = px;
      lastY = py;
    }
    return d;
  }

  /** Begin to trace: the curve is drawn where the point has been. `null` ends it. */
  startTrace(x) {
    this.traced = x === null ? null : [[x, x]];
    this.redraw();
  }

  drawTrace() {
    if (!this.traced) return;
    this.trace.replaceChildren(...this.traced.map(([a, b]) => el("rect", { x: this.x(a) - 1.5, y: 0,
      width: Math.max(this.x(b) - this.x(a), 0) + 3, height: PAD.top + this.inner[1] })));
  }

  drawPoint() {
    const { x, y, slope, sides, secant, text } = this.state;
    if (x === undefined || x === null || !this.inner) return;
    if (this.traced) {
      const last = this.traced.at(-1);
      last[0] = Math.min(last[0], x);
      last[1] = Math.max(last[1], x);
      this.drawTrace();
    }
    const known = y !== null && y !== undefined && Number.isFinite(y);
    const px = this.x(x);
    const py = known ? this.y(Math.min(Math.max(y, this.view[0]), this.view[1])) : PAD.top + this.inner[1];
    const inside = px > PAD.left - 1 && px < PAD.left + this.inner[0] + 1;
    set(this.handle, { transform: `translate(${px.toFixed(2)},${py.toFixed(2)})`, "aria-valuemin": this.window[0],
      "aria-valuemax": this.window[1], "aria-valuenow": x, "aria-valuetext": text,
      visibility: inside ? null : "hidden", class: known ? "handle" : "handle missing" });
    set(this.guide, { x1: px, x2: px, y1: py, y2: PAD.top + this.inner[1], visibility: inside && known ? null : "hidden" });
    this.tangent.setAttribute("d", known ? this.straight(x, y, slope, sides, secant) : "");
    this.tangent.classList.toggle("secant", Boolean(secant));
    const other = secant && secant.y !== null;
    set(this.second, { visibility: other ? null : "hidden", cx: other ? this.x(x + secant.h) : null,
      cy: other ? this.y(secant.y) : null });
  }

  straight(x, y, slope, sides, secant) {
    const steep = secant ? secant.slope : slope;
    if (this.marker === "diamond") return "";
    const ray = (m, side) => {
      const end = side < 0 ? this.window[0] : this.window[1];
      return `${this.x(end).toFixed(1)},${this.y(y + m * (end - x)).toFixed(1)}`;
    };
    if (sides && !secant) return `M${ray(sides[0], -1)}L${this.x(x)},${this.y(y)}L${ray(sides[1], 1)}`;
    if (steep === Infinity || steep === -Infinity) return `M${this.x(x)},${PAD.top}V${PAD.top + this.inner[1]}`;
    if (steep === null || steep === undefined || Number.isNaN(steep)) return "";
    return `M${ray(steep, -1)}L${ray(steep, 1)}`;
  }

  listen() {
    const pointers = new Map();
    let mode = null;
    let start = null;
    this.svg.addEventListener("pointerdown", (event) => {
      if (event.button > 0) return;
      pointers.set(event.pointerId, event.clientX);
      this.svg.setPointerCapture(event.pointerId);
      const near = Math.abs(event.clientX - this.svg.getBoundingClientRect().left - this.x(this.state.x ?? 0)) < 22;
      mode = pointers.size === 2 ? "pinch" : near || event.target.closest(".handle") ? "point" : "pan";
      start = { window: [...this.window], places: new Map(pointers), moved: false };
      if (mode === "point") this.handle.focus({ preventScroll: true });
    });
    this.svg.addEventListener("pointermove", (event) => {
      if (!pointers.has(event.pointerId)) return;
      pointers.set(event.pointerId, event.clientX);
      if (Math.abs(event.clientX - start.places.get(event.pointerId)) > 3) start.moved = true;
      if (mode === "point") this.move(this.valueAt(event.clientX));
      else if (start.moved) this.shift(start, pointers);
    });
    const end = (event) => {
      if (!pointers.delete(event.pointerId)) return;
      if (event.type === "pointerup" && mode === "pan" && !start.moved) this.move(this.valueAt(event.clientX));
      else if (mode !== "point" && start.moved) this.onWindow(this.window, true);
      mode = null;
      pointers.clear();
    };
    this.svg.addEventListener("pointerup", end);
    this.svg.addEventListener("pointercancel", end);
    this.svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== this.handle) return;
      event.preventDefault();
      this.zoom(1.0015 ** event.deltaY, this.valueAt(event.clientX));
    }, { passive: false });
    this.handle.addEventListener("keydown", (event) => this.key(event));
  }

  shift(start, pointers) {
    const scale = (start.window[1] - start.window[0]) / this.inner[0];
    const ids = [...pointers.keys()];
    const was = ids.map((id) => start.places.get(id));
    const now = ids.map((id) => pointers.get(id));
    if (ids.length === 1) {
      const by = (was[0] - now[0]) * scale;
      this.onWindow([start.window[0] + by, start.window[1] + by], false);
      return;
    }
    const factor = Math.min(Math.max(Math.abs(was[0] - was[1]) / Math.max(Math.abs(now[0] - now[1]), 1), 0.05), 20);
    const middle = (start.window[0] + start.window[1]) / 2;
    const half = ((start.window[1] - start.window[0]) / 2) * factor;
    this.onWindow([middle - half, middle + half], false);
  }

  /** Make the window `factor` times as wide, around a place that stays where it is. */
  zoom(factor, around = (this.window[0] + this.window[1]) / 2) {
    const wide = (this.window[1] - this.window[0]) * factor;
    if (wide < 1e-6 || wide > 1e6) return;
    const share = (around - this.window[0]) / (this.window[1] - this.window[0]);
    this.onWindow([around - share * wide, around + (1 - share) * wide], true);
  }

  move(x) {
    this.onPoint(Math.min(Math.max(x, this.window[0]), this.window[1]));
  }

  key(event) {
    const wide = this.window[1] - this.window[0];
    const x = this.state.x ?? 0;
    const to = { ArrowRight: x + wide / 200, ArrowUp: x + wide / 200, ArrowLeft: x - wide / 200,
      ArrowDown: x - wide / 200, PageUp: x + wide / 20, PageDown: x - wide / 20, Home: this.window[0],
      End: this.window[1] }[event.key];
    if (to !== undefined) this.move(to);
    else if (event.key === "+" || event.key === "=") this.zoom(0.8, x);
    else if (event.key === "-") this.zoom(1.25, x);
    else return;
    event.preventDefault();
  }
}

function widened([low, high]) {
  const wide = high - low || Math.max(Math.abs(low), 1);
  return [low - 0.06 * wide, high + 0.06 * wide];
}
