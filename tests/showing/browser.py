"""A browser without a window and without a network, to look at pages with."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def in_browser(piece: str, program: str, folder: Path, width: int = 900) -> Any:
    """What a program on a page with this piece leaves as JSON in `document.title`."""
    page = folder / "page.html"
    asked = f"document.title = JSON.stringify((() => {{ {program} }})());"
    script = f"<script>addEventListener('load', () => {{ {asked} }})</script>"
    page.write_text(f'<!DOCTYPE html><meta charset="utf-8"><title></title>{piece}{script}', encoding="utf-8")
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile",
        f"--window-size={width},900", "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    (title,) = re.findall(r"<title>(.*?)</title>", done.stdout, flags=re.DOTALL)[:1]
    return json.loads(html.unescape(title))
