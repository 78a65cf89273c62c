// Plays what Python has computed: every position's picture and words are sent, nothing is calculated but places on the
// screen. Several players may stand on one page, and this script may run several times: each player is started once.
(() => {
  const svg = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  // A graph: parts appear at their step, and the step has a sentence.
  const graphView = (root, data) => {
    const parts = [...root.querySelectorAll("svg g")]
      .map((part) => [part, Number((/^m(\d+)$/.exec(part.getAttribute("class") || "") || [])[1])])
      .filter(([, moment]) => moment);
    return {
      count: data.steps.length,
      start: data.steps.length - 1,
      pause: 1400,
      show(k) {
        for (const [part, moment] of parts) part.style.opacity = moment <= k + 1 ? "1" : "0";
        return data.steps[k];
      },
    };
  };

  // A curve: the point runs along it, with its tangent, and on the derivative's axes the point of the slope.
  const curveView = (root, data) => {
    const layers = [...root.querySelectorAll(".layer")].map((layer, order) => {
      const { frame, x, y } = data.axes[order];
      const clip = svg("svg", { x: frame[0], y: frame[1], width: frame[2], height: frame[3] });
      const lines = svg("g", { class: "lines" });
      const dot = svg("circle", { class: order ? "slope" : "point", r: 5 });
      const second = svg("circle", { class: "second", r: 4 });
      second.style.display = "none";
      clip.append(lines, second, dot);
      layer.append(clip);
      const place = (px, py) => [
        ((px - x[0]) / (x[1] - x[0])) * frame[2], (1 - (py - y[0]) / (y[1] - y[0])) * frame[3],
      ];
      return { layer, frame, x, lines, dot, second, place };
    });
    const put = (dot, at) => {
      dot.style.display = at && at.every(Number.isFinite) ? "" : "none";
      if (at) { dot.setAttribute("cx", at[0]); dot.setAttribute("cy", at[1]); }
    };
    const line = (axes, ends, kind) => {
      const [[x1, y1], [x2, y2]] = ends.map(([px, py]) => axes.place(px, py));
      axes.lines.append(svg("line", { x1, y1, x2, y2, class: kind }));
    };
    const steps = root.querySelector("input.step");
    const view = {
      count: data.stops.length,
      start: data.start,
      pause: 60,
      show(k) {
        const stop = data.stops[k];
        const [curve, slope] = layers;
        curve.lines.replaceChildren();
        put(curve.second, null);
        put(curve.dot, stop.y === null ? null : curve.place(stop.x, stop.y));
        put(slope.dot, stop.slope === null ? null : slope.place(stop.x, stop.slope));
        for (const segment of stop.segments) line(curve, segment, "tangent");
        const offset = steps ? data.offsets[Number(steps.value)] : 0;
        const other = data.stops[k + offset];
        let said = stop.words;
        if (steps) {
          const h = offset * (data.stops[1].x - data.stops[0].x);
          steps.setAttribute("aria-valuetext", `h = ${short(h)}`);
          if (offset && other && other.y !== null && stop.y !== null) {
            const quotient = (other.y - stop.y) / (other.x - stop.x);
            const far = 10 * (curve.x[1] - curve.x[0]);
            line(curve, [[stop.x - far, stop.y - far * quotient], [stop.x + far, stop.y + far * quotient]], "secant");
            put(curve.second, curve.place(other.x, other.y));
            said += ` · ${data.secant.replace("{h}", short(h)).replace("{slope}", short(quotient))}`;
          }
        }
        return { words: said, numbers: "" };
      },
      drag(show) {
        for (const { layer, frame, x } of layers) {
          const move = (event) => {
            const box = layer.getBoundingClientRect();
            const width = layer.viewBox.baseVal.width;
            const share = (((event.clientX - box.left) / box.width) * width - frame[0]) / frame[2];
            const at = x[0] + share * (x[1] - x[0]);
            const [first, next] = [data.stops[0].x, data.stops[1].x];
            show(Math.round((at - first) / (next - first)));
          };
          layer.addEventListener("pointerdown", (event) => { layer.setPointerCapture(event.pointerId); move(event); });
          layer.addEventListener("pointermove", (event) => { if (event.buttons) move(event); });
        }
      },
    };
    return view;
  };

  const short = (number) => String(Number(number.toPrecision(4))).replace("-", "−");

  const start = (root) => {
    const data = JSON.parse(root.dataset.content);
    const view = (data.stops ? curveView : graphView)(root, data);
    const scrub = root.querySelector("input.scrub");
    const play = root.querySelector("button.play");
    const said = root.querySelector(".said");
    const numbers = root.querySelector(".numbers");
    let now = view.start;
    let timer = null;
    scrub.max = view.count - 1;
    const show = (k) => {
      now = Math.max(0, Math.min(view.count - 1, k));
      const { words, numbers: written } = view.show(now);
      scrub.value = now;
      scrub.setAttribute("aria-valuetext", words);
      said.textContent = words;
      numbers.textContent = written;
    };
    const pause = () => {
      clearInterval(timer);
      timer = null;
      play.textContent = "▶";
      play.setAttribute("aria-label", data.labels.play);
      said.setAttribute("aria-live", "polite");
    };
    const go = () => {
      if (now === view.count - 1) show(0);
      said.setAttribute("aria-live", "off");
      play.textContent = "❚❚";
      play.setAttribute("aria-label", data.labels.pause);
      timer = setInterval(() => { if (now === view.count - 1) pause(); else show(now + 1); }, view.pause);
    };
    const to = (k) => { pause(); show(k); };
    play.addEventListener("click", () => (timer === null ? go() : pause()));
    root.querySelector("button.first").addEventListener("click", () => to(0));
    root.querySelector("button.back").addEventListener("click", () => to(now - 1));
    root.querySelector("button.on").addEventListener("click", () => to(now + 1));
    root.querySelector("button.last").addEventListener("click", () => to(view.count - 1));
    scrub.addEventListener("input", () => to(Number(scrub.value)));
    const steps = root.querySelector("input.step");
    if (steps) steps.addEventListener("input", () => show(now));
    // A notebook has keys of its own: those typed here stay here.
    root.querySelector(".controls").addEventListener("keydown", (event) => event.stopPropagation());
    if (view.drag) view.drag(to);
    root.querySelector(".controls").hidden = false;
    show(now);
  };

  for (const root of document.querySelectorAll(".chainrule-player:not([data-ready])")) {
    root.dataset.ready = "";
    start(root);
  }
})();
