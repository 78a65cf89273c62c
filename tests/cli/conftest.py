"""The tests of the command line speak English, whatever the system does; those of the other language say so."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _an_english_system(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
