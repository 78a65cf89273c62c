"""The table of the existing programs: `python -m tests.existing`, with `-v` the errors too."""

from __future__ import annotations

import sys
from collections import Counter

from tests.existing.ways import NAMES, WAYS, outcome

counts = {way: Counter[str]() for way in WAYS}
print(f"{'':44}" + "".join(f"{way:>11}" for way in WAYS))
for name in NAMES:
    found = {way: outcome(name, way) for way in WAYS}
    print(f"{name:44}" + "".join(f"{found[way].verdict:>11}" for way in WAYS))
    for way in WAYS:
        counts[way][found[way].verdict] += 1
        if "-v" in sys.argv and found[way].error is not None:
            print(f"    {way}: {type(found[way].error).__name__}: {found[way].error}")
for verdict in ("right", "wrong", "error"):
    print(f"{verdict:44}" + "".join(f"{counts[way][verdict]:>11}" for way in WAYS))
