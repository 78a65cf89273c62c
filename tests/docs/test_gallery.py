"""The gallery: every picture has its files, and the files are those that its script draws today."""

import importlib.util
import sys
from pathlib import Path

import pytest

from chainrule.graphs.pictures.svg import svg

DOCS = Path(__file__).parents[2] / "docs"
_spec = importlib.util.spec_from_file_location("gallery", DOCS / "gallery.py")
assert _spec is not None
assert _spec.loader is not None
gallery = importlib.util.module_from_spec(_spec)
sys.modules["gallery"] = gallery  # its dataclass looks itself up there
_spec.loader.exec_module(gallery)


@pytest.mark.parametrize("picture", gallery.PICTURES, ids=lambda picture: picture.name)
def test_the_pictures_in_the_gallery_are_those_that_the_code_draws(picture):
    graph = picture.graph().shown()
    for lang, ending in (("en", "svg"), ("zh", "zh.svg")):
        assert (DOCS / "gallery" / f"{picture.name}.{ending}").read_text(encoding="utf-8") == svg(graph, lang)


def test_both_pages_show_every_picture():
    for page, ending in (("gallery.md", "svg"), ("gallery.zh.md", "zh.svg")):
        shown = (DOCS / page).read_text(encoding="utf-8")
        assert all((DOCS / "gallery" / f"{picture.name}.{ending}").exists() for picture in gallery.CURVES)
        assert all(f"(gallery/{picture.name}.{ending})" in shown for picture in (*gallery.PICTURES, *gallery.CURVES))
