// A computation graph drawn from its description (chainrule.graphs.data) and its places: values flow forward,
// gradients flow back, one step after the other.

import { el, set } from "./dom.js";

const MARGIN = 10;

/** For each node and edge the step after which its value, its gradient and its flow are known. */
export function moments(graph) {
  const values = new Map();
  const gradients = new Map();
  const flows = new Map();
  const source = new Map(graph.edges.map((edge) => [`${edge.target} ${edge.position}`, edge.source]));
  graph.steps.forEach((step, index) => {
    if (step.kind === "input" || step.kind === "forward") values.set(step.node, index);
    if (step.kind === "seed" || step.kind === "accumulate") gradients.set(step.node, index);
    if (step.kind === "backward") {
      const key = `${step.edge.target} ${step.edge.position}`;
      flows.set(key, index);
      gradients.set(source.get(key), index);
    }
  });
  return { values, gradients, flows };
}

export class GraphView {
  /** `onFocus(nodes)` is told which nodes the pointer or the keyboard is at: a list of ids, or none. */
  constructor(svg, { onFocus, label }) {
    this.svg = svg;
    this.onFocus = onFocus;
    set(svg, { role: "group", "aria-label": label });
  }

  /** Show another graph. */
  show(graph) {
    this.graph = graph;
    this.moments = moments(graph);
    const [width, height] = graph.size ?? [0, 0];
    set(this.svg, { viewBox: `${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`,
      width: width + 2 * MARGIN, height: height + 2 * MARGIN });
    const head = (id) => el("marker", { id, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7,
      orient: "auto-start-reverse" }, el("path", { d: "M0,0L8,4L0,8Z", class: id }));
    this.edges = graph.edges.map((edge, index) => this.edge(edge, graph.routes[index]));
    this.nodes = new Map(graph.nodes.map((node) => [node.id, this.node(node)]));
    this.svg.replaceChildren(el("defs", {}, head("head-forward"), head("head-back")), ...this.edges.map((e) => e.group),
      ...[...this.nodes.values()].map((n) => n.group));
    this.update(graph);
  }

  /** Write other numbers into the same graph. */
  update(graph) {
    this.graph = graph;
    for (const node of graph.nodes) {
      const { value, gradient } = this.nodes.get(node.id);
      if (value) value.textContent = node.written.value;
      if (gradient) gradient.textContent = node.written.gradient;
    }
    graph.edges.forEach((edge, index) => {
      this.edges[index].local.textContent = edge.local === null ? "" : `× ${edge.written.local}`;
      this.edges[index].sent.textContent = edge.contribution === null ? "" : edge.written.contribution;
    });
    this.at(this.step ?? graph.steps.length - 1);
  }

  /** Show what is known after a step, and mark what it is about. */
  at(step) {
    const last = this.graph.steps.length - 1;
    this.step = Math.min(step, last);
    const now = this.graph.steps[this.step];
    const done = (map, key) => map.has(key) && map.get(key) <= this.step;
    for (const [id, node] of this.nodes) {
      node.group.classList.toggle("valued", node.kind === "constant" || done(this.moments.values, id));
      node.group.classList.toggle("graded", done(this.moments.gradients, id));
      node.group.classList.toggle("now", this.step < last && now?.node === id);
      set(node.group, { "aria-label": this.spoken(id) });
    }
    this.graph.edges.forEach((edge, index) => {
      const key = `${edge.target} ${edge.position}`;
      const group = this.edges[index].group;
      group.classList.toggle("valued", done(this.moments.values, edge.target));
      group.classList.toggle("graded", done(this.moments.flows, key));
      group.classList.toggle("now", this.step < last && now?.edge && `${now.edge.target} ${now.edge.position}` === key);
    });
  }

  /** Light up nodes, and the edges between them and into them. */
  light(ids) {
    const lit = new Set(ids);
    for (const [id, node] of this.nodes) node.group.classList.toggle("lit", lit.has(id));
    this.graph.edges.forEach((edge, index) => this.edges[index].group.classList.toggle("lit", lit.has(edge.target)));
  }

  spoken(id) {
    const node = this.graph.nodes.find((each) => each.id === id);
    const { symbol, value, gradient, "gradient symbol": bar } = node.written;
    const grade = this.nodes.get(id).gradient ? `, ${bar} = ${gradient}` : "";
    return node.kind === "constant" ? symbol : `${symbol} = ${node.kind === "operation" ? `${node.label}: ` : ""}${value}${grade}`;
  }

  node(node) {
    const [left, top, width, height] = this.graph.boxes[node.id];
    const middle = left + width / 2;
    const group = el("g", { class: `node ${node.kind}${this.graph.outputs.includes(node.id) ? " output" : ""}`,
      tabindex: node.kind === "constant" ? null : 0, role: "img", ...this.focusing([node.id]) });
    const round = node.kind === "operation" ? height / 2.2 : node.kind === "constant" ? 3 : 8;
    group.append(el("rect", { class: "box", x: left, y: top, width, height, rx: round }));
    if (node.kind === "constant") {
      group.append(el("text", { class: "name", x: middle, y: top + height / 2 + 5 }, node.written.symbol));
      return { group, kind: node.kind };
    }
    const name = node.kind === "input" ? node.written.symbol : node.label;
    const value = el("text", { class: "value", x: middle, y: top + 35 });
    const gradient = el("text", { class: "gradient", x: middle, y: top + 51 });
    group.append(el("text", { class: "name", x: middle, y: top + 19 }, name), value, gradient);
    if (node.kind === "operation") {
      group.append(el("text", { class: "symbol", x: left + width - 4, y: top - 3, "text-anchor": "end" }, node.written.symbol));
    }
    return { group, value, gradient, kind: node.kind };
  }

  edge(edge, route) {
    const d = path(route.points);
    const [x, y] = route.label;
    const local = el("text", { class: "local", x, y: y - 6 });
    const sent = el("text", { class: "gradient", x, y: y + 15 });
    const group = el("g", { class: "edge", ...this.focusing([edge.source, edge.target]) },
      el("path", { class: "reach", d }),
      el("path", { class: "forward", d, "marker-end": "url(#head-forward)" }),
      el("path", { class: "back", d, "marker-start": "url(#head-back)" }), local, sent);
    return { group, local, sent };
  }

  focusing(ids) {
    const enter = () => this.onFocus(ids);
    const leave = () => this.onFocus([]);
    return { onpointerenter: enter, onpointerleave: leave, onfocus: enter, onblur: leave };
  }
}

/** Straight from each even point, a level curve from each odd one. */
function path(points) {
  let d = `M${points[0]}`;
  for (let i = 1; i < points.length; i += 1) {
    const [x, y] = points[i];
    const middle = (points[i - 1][0] + x) / 2;
    d += i % 2 ? `L${x},${y}` : `C${middle},${points[i - 1][1]},${middle},${y},${x},${y}`;
  }
  return d;
}
