"""Choose fonts for labels: for Chinese one that is really there and really has the characters.

First an installed font, then the file that the optional package `zhplot` ships. Nothing global is changed but
matplotlib's list of known fonts, to which that file is added; its settings (rcParams) stay as they are.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from chainrule.errors import ChainruleError

LATIN = "DejaVu Sans"  # comes with matplotlib; also stands in for signs that a Chinese font lacks
_INSTALLED = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Heiti SC",
    "STHeiti",
    "Droid Sans Fallback",
    "Arial Unicode MS",
    "Noto Sans CJK JP",
    "Noto Serif CJK SC",
    "SimSun",
)
_TYPICAL = "函数导切线斜率渐近定义域竖直"


def families(text: str) -> list[str]:
    """The font families for labels with these characters, the first one that has a character serving it.

    Raises ChainruleError when the text needs Chinese characters and no font has them.

    >>> families("slope 2")
    ['DejaVu Sans']
    """
    return (
        [chinese_family(), LATIN] if any("\u2e80" <= character <= "\uffef" for character in text) else [LATIN]
    )


@cache
def chinese_family() -> str:
    """The family of a font with Chinese characters. Raises ChainruleError when there is none."""
    from matplotlib.font_manager import FontProperties, fontManager  # late: matplotlib is slow to import

    known = {font.name: font for font in fontManager.ttflist}
    for name in _INSTALLED:
        if name in known and Path(known[name].fname).is_file() and _has_characters(known[name].fname):
            return name
    for path in _shipped():
        if _has_characters(str(path)):
            fontManager.addfont(str(path))
            return FontProperties(fname=str(path)).get_name()
    raise ChainruleError(
        "Chinese labels need a font with Chinese characters, and none was found on this machine. "
        'Install one with: pip install "chainrule[zh]"'
    )


def _shipped() -> Iterator[Path]:
    """The font files of zhplot, found without importing it: its import changes matplotlib's settings."""
    found = importlib.util.find_spec("zhplot")
    for folder in (found.submodule_search_locations or []) if found else []:
        yield from sorted(Path(folder).glob("fonts/*.ttf"))


def _has_characters(path: str) -> bool:
    from matplotlib.ft2font import FT2Font  # late: as above

    font = FT2Font(path)
    return all(font.get_char_index(ord(character)) for character in _TYPICAL)
