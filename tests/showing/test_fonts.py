"""A font for Chinese that is really there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import matplotlib
import pytest
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from chainrule.drawing.captions import LANGUAGES
from chainrule.errors import ChainruleError
from chainrule.showing import fonts


@pytest.fixture
def no_installed_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fonts, "_INSTALLED", ())
    fonts.chinese_family.cache_clear()
    yield
    fonts.chinese_family.cache_clear()


def has_chinese_font() -> bool:
    try:
        fonts.chinese_family()
    except ChainruleError:
        return False
    return True


def test_latin_labels_need_no_other_font() -> None:
    assert fonts.families("f′(x) ≈ −3π/2 ∞ ×10⁻⁹ …") == [fonts.LATIN]
    assert fonts.families("切线")[-1] == fonts.LATIN


@pytest.mark.skipif(not has_chinese_font(), reason="no Chinese font on this machine")
def test_every_character_of_both_languages_is_in_a_font_used_for_it() -> None:
    for words in LANGUAGES.values():
        text = repr(words)
        paths = [font_manager.findfont(family) for family in fonts.families(text)]
        known = [FT2Font(path) for path in paths]
        missing = {c for c in text if not any(font.get_char_index(ord(c)) for font in known)}
        assert missing == set()


@pytest.mark.usefixtures("no_installed_font")
def test_the_shipped_font_is_found_without_importing_its_package() -> None:
    pytest.importorskip("importlib.util").find_spec("zhplot") or pytest.skip("zhplot is not installed")
    sys.modules.pop("zhplot", None)
    before = dict(matplotlib.rcParams)
    assert fonts.chinese_family() == "Noto Sans SC"
    assert "zhplot" not in sys.modules
    assert dict(matplotlib.rcParams) == before


@pytest.mark.usefixtures("no_installed_font")
def test_without_any_chinese_font_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ChainruleError, match=r'pip install "chainrule\[zh\]"'):
        fonts.families("切线")
    assert fonts.families("tangent") == [fonts.LATIN]


def test_importing_the_package_does_not_import_matplotlib() -> None:
    code = "import sys, chainrule.drawing; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
