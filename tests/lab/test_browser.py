"""The lab in a real browser, on the real server: typed, dragged, stepped, translated, saved."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

pytest.importorskip("starlette", reason="the lab's server needs Starlette: pip install 'chainrule[lab]'")
pytest.importorskip("uvicorn", reason="the lab's server needs uvicorn: pip install 'chainrule[lab]'")
sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright's Python client is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium"),
    pytest.mark.xdist_group("browser"),
]
READY = "body[data-ready=true]"


@pytest.fixture(scope="module")
def lab() -> Iterator[str]:
    """The address of a running lab; at the end it must stop by itself when it is asked to."""
    code = "from chainrule.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = subprocess.Popen(
        [sys.executable, "-c", code, "lab", "--no-browser"], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    with process.stdout:
        yield process.stdout.readline().split()[-1]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield made
        made.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that may ask nobody but this computer, and must have nothing to complain of."""
    context = browser.new_context(viewport={"width": 1200, "height": 900}, reduced_motion="reduce")
    complaints: list[str] = []

    def only_here(route: Any) -> None:
        url = urlsplit(route.request.url)
        if url.scheme == "file" or url.hostname == "127.0.0.1":
            route.continue_()
        else:
            complaints.append(f"asked for {route.request.url}")
            route.abort()

    context.route("**/*", only_here)
    made = context.new_page()
    made.set_default_timeout(30_000)
    made.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    context.close()
    assert complaints == []


def numbers(page: Any) -> str:
    return str(page.inner_text("#f-numbers"))


def until(page: Any, condition: str) -> None:
    """Wait for a condition on the page; Playwright's own waiting evaluates texts there, which the page forbids."""
    for _ in range(600):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came: {condition}")


def shown(page: Any, text: str, place: str = "#f-numbers") -> None:
    until(page, f"document.querySelector({place!r}).innerText.includes({text!r})")


def test_a_formula_is_typed_dragged_stepped_and_kept_in_the_address(page: Any, lab: str) -> None:
    page.goto(lab)
    page.wait_for_selector(READY)
    page.fill("#formula", "x^3 - 2 * * x")
    page.wait_for_selector("#fault:not([hidden])")
    assert page.inner_text("#fault .caret").replace("\u00a0", " ").index("▲") == 10
    page.fill("#formula", "x^3 - 2x")
    page.wait_for_selector("#fault", state="hidden")
    until(page, "document.querySelector('#d-text').innerText.includes('3')")

    # The pointer drags the point, and the server's exact numbers follow.
    box = page.locator("#function .handle .dot").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=5)
    page.mouse.up()
    until(page, "location.hash.includes('x=')")
    there = float(page.get_attribute("#function .handle", "aria-valuenow"))
    assert there > 1.2
    shown(page, f"f′ = {float(f'{3 * there**2 - 2:.4g}'):g}", "#d-numbers")

    # The keyboard as well.
    page.focus("#derivative .handle")
    page.keyboard.press("Home")
    low = float(page.get_attribute("#function .handle", "aria-valuemin"))
    assert float(page.get_attribute("#function .handle", "aria-valuenow")) == pytest.approx(low)

    # The secant's slope comes to the derivative's.
    page.goto(f"{lab}#f=x^2&x=1")
    page.reload()
    page.wait_for_selector(READY)
    page.locator("#h").fill("20")
    shown(page, "h = 1.907×10⁻⁶")
    shown(page, "2")
    page.uncheck("#secant")

    # The graph steps forward and back, and lights up with the derivation.
    page.click("#first")
    assert "1 of" in page.inner_text("#sentence")
    assert page.locator("#graph .node.graded").count() == 0
    page.click("#forward")
    assert "2 of" in page.inner_text("#sentence")
    page.click("#last")
    assert page.locator("#graph .node.graded").count() == 2
    page.focus("#graph .node.operation")
    assert page.locator("#derivation .line.lit").count() > 0
    page.focus("#derivation .line[data-part=f]")
    assert page.locator("#graph .node.lit").count() > 0
    assert page.locator("#graph .edge.lit").count() > 0


def test_parameters_overlays_functions_and_the_language(page: Any, lab: str) -> None:
    page.goto(f"{lab}#f=a*sin(x)&x=1&v=a~2")
    page.wait_for_selector(READY)
    shown(page, f"f = {2 * np.sin(1):.4g}")
    page.locator("#parameters input[type=range]").fill("-3")
    shown(page, f"f = −{3 * np.sin(1):.4g}")
    page.fill("#overlay", "a*cos x")
    page.press("#overlay", "Enter")
    page.wait_for_selector("#function .curve.o1")
    page.select_option("#order", "3")
    page.wait_for_selector("#derivative .curve.order3")
    page.check("#trace")
    page.focus("#function .handle")
    page.keyboard.press("PageUp")
    page.wait_for_selector("#derivative.tracing .curve.drawn")
    page.click("#nearer")
    until(page, "Number(document.querySelector('#function .handle').getAttribute('aria-valuemax')) < 4")
    page.click("#language")
    shown(page, "切线")
    shown(page, "推导", "#derivation-title")
    assert page.get_attribute("html", "lang") == "zh-CN"
    page.click("#choose")
    page.fill("#search", "双曲正切")
    until(page, "document.querySelectorAll('#rows button').length >= 1")
    page.click("#rows button")
    until(page, "document.querySelector('#reading').innerText.includes('tanh')")
    page.click("#choose")
    page.select_option("#compose-g", "sin(x)")
    page.click("#compose-use")
    until(page, "document.querySelector('#formula').value === 'sin(x²)'")
    address = page.url
    until(page, "location.hash.includes('sin')")
    assert "token" not in address


def test_everything_is_saved_and_the_saved_page_works_without_a_server(page: Any, lab: str, tmp_path: Path) -> None:
    page.goto(f"{lab}#f=x*sin(x)&x=1")
    page.wait_for_selector(READY)
    files = {}
    for kind in ("svg", "png", "latex", "python", "page"):
        with page.expect_download() as download:
            page.click(f"[data-save={kind}]")
        files[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[kind])
    assert files["png"].read_bytes().startswith(b"\x89PNG")
    assert "<svg" in files["svg"].read_text(encoding="utf-8")
    assert r"\begin{align*}" in files["latex"].read_text(encoding="utf-8")
    assert 'cr.parse("x*sin(x)")' in files["python"].read_text(encoding="utf-8")
    page.goto(files["page"].as_uri())
    page.wait_for_selector(READY)
    assert page.locator("#choose").is_hidden()
    before = numbers(page)
    page.focus("#function .handle")
    page.keyboard.press("PageUp")
    until(page, f"document.querySelector('#f-numbers').innerText !== {json.dumps(before)}")
    there = float(page.get_attribute("#function .handle", "aria-valuenow"))
    shown(page, f"{float(f'{np.sin(there) + there * np.cos(there):.4g}'):g}".replace("-", "−"), "#d-numbers")
    page.click("#first")
    page.click("#forward")


CONTRAST = """() => {
  const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (e) => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  const faint = [];
  for (const e of document.querySelectorAll("main *, header *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const look = getComputedStyle(e);
    if (!own || look.visibility === "hidden" || !e.getClientRects().length) continue;
    const ink = e.namespaceURI.endsWith("svg") ? look.fill : look.color;
    const [a, b] = [light(parse(ink)), light(behind(e))].sort((p, q) => q - p);
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.push(`${e.tagName}.${e.getAttribute("class")} ${ink}`);
  }
  return [...new Set(faint)];
}"""


@pytest.mark.parametrize(("scheme", "lang", "width"), [("light", "zh", 390), ("dark", "en", 1200)])
def test_every_control_has_a_name_and_every_text_enough_contrast(
    page: Any, lab: str, scheme: str, lang: str, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{lab}#f=a/x&lang={lang}")
    page.wait_for_selector(READY)
    page.wait_for_selector("#derivation .line")
    page.wait_for_selector("#graph .node")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    session = page.context.new_cdp_session(page)
    tree = session.send("Accessibility.getFullAXTree")["nodes"]
    controls = {"button", "slider", "textbox", "searchbox", "combobox", "checkbox", "region", "image"}
    found = [node for node in tree if not node["ignored"] and node["role"]["value"] in controls]
    assert len(found) > 20
    assert [node for node in found if not node.get("name", {}).get("value")] == []
    assert page.evaluate("() => { const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);"
                         " return ids.filter((id, i) => ids.indexOf(id) !== i); }") == []
    assert page.evaluate(CONTRAST) == []
