// What moves on the page: secants, steps of a graph, answers. Without it everything is there, only still.
function lesson(verdicts) {
  document.documentElement.classList.add("scripted");

  for (const figure of document.querySelectorAll("figure.secants")) {
    const sentences = figure.dataset.sentences.split("|");
    const [slider, output] = [figure.querySelector("input"), figure.querySelector("output")];
    const move = () => {
      const place = Number(slider.value);
      for (const secant of figure.querySelectorAll(".secant")) {
        secant.classList.toggle("away", Number(secant.dataset.place) !== place);
      }
      output.textContent = sentences[place];
      slider.setAttribute("aria-valuetext", sentences[place]);
    };
    slider.addEventListener("input", move);
    slider.value = "0";
    move();
  }

  for (const stepped of document.querySelectorAll(".stepped")) {
    const items = [...stepped.querySelectorAll("ol > li")];
    const moments = [...stepped.querySelectorAll("svg g[class^=m]")].map(
      part => [part, Number(part.getAttribute("class").slice(1))]);
    let now = items.length;
    const show = step => {
      now = Math.max(1, Math.min(items.length, step));
      items.forEach((item, place) => {
        item.classList.toggle("later", place >= now);
        item.classList.toggle("now", place === now - 1 && now < items.length);
      });
      for (const [part, moment] of moments) part.classList.toggle("later", moment > now);
      stepped.querySelector(".back").disabled = now === 1;
    };
    stepped.querySelector(".back").addEventListener("click", () => show(now - 1));
    stepped.querySelector(".on").addEventListener("click", () => show(now === items.length ? 1 : now + 1));
    stepped.querySelector(".all").addEventListener("click", () => show(items.length));
  }

  for (const exercise of document.querySelectorAll(".exercise")) {
    const [form, output] = [exercise.querySelector("form"), exercise.querySelector("output")];
    form.addEventListener("submit", event => {
      event.preventDefault();
      const found = judge(form.querySelector("input").value, JSON.parse(exercise.dataset.answer));
      output.className = found.verdict;
      output.textContent = verdicts[found.verdict].replace(/\{(\w+)\}/g, (_, name) => found[name]);
    });
  }

  // On paper all is open.
  const opened = [];
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details:not([open])")) {
      details.open = true;
      opened.push(details);
    }
  });
  window.addEventListener("afterprint", () => {
    for (const details of opened.splice(0)) details.open = false;
  });
}
