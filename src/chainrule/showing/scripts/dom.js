// Small tools for a page of HTML, SVG and MathML.

const SVG = "http://www.w3.org/2000/svg";
const HTML_NAMES = new Set(("a button div fieldset form h2 h3 input label legend li ol option output p pre section "
  + "select small span table tbody td tr ul").split(" "));

/** An element with attributes and children; `on…` attributes are listeners, null ones are left out. */
export function el(name, attributes = {}, ...children) {
  const made = HTML_NAMES.has(name) ? document.createElement(name) : document.createElementNS(SVG, name);
  set(made, attributes);
  made.append(...children.flat().filter((child) => child !== null));
  return made;
}

/** Give an element attributes, as in `el`. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : value);
  }
  return element;
}

/** Show a formula of MathML. Its style attributes are set one by one: the page's policy allows none in markup. */
export function setMath(place, mathml, display = false) {
  const source = mathml.replaceAll(" style=", " data-style=");
  const math = `<math xmlns="http://www.w3.org/1998/Math/MathML"${display ? ' display="block"' : ""}>${source}</math>`;
  const read = new DOMParser().parseFromString(math, "application/xml").documentElement;
  const made = document.importNode(read, true);
  for (const styled of made.querySelectorAll("[data-style]")) styled.style.cssText = styled.dataset.style;
  place.replaceChildren(made);
  return made;
}

/** A function that runs `work` at most once a frame, with the latest arguments. */
export function onceAFrame(work) {
  let latest = null;
  return (...args) => {
    const waiting = latest !== null;
    latest = args;
    if (waiting) return;
    requestAnimationFrame(() => {
      const taken = latest;
      latest = null;
      work(...taken);
    });
  };
}

/** A function that runs `work` when it has not been called for `milliseconds`. */
export function later(work, milliseconds) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), milliseconds);
  };
}
