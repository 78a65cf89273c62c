"""Plain data as JSON that every reader takes: numbers that JSON does not have are texts."""

from __future__ import annotations

import json
import math
from typing import Any


def as_json(content: Any, indent: int | None = 1) -> str:
    """`content` as JSON text, on one line with `indent=None`.

    >>> as_json({"slope": float("inf")}, indent=None)
    '{"slope": "inf"}'
    """
    separators = (",", ": ") if indent is not None else (", ", ": ")
    return json.dumps(allowed(content), ensure_ascii=False, indent=indent, separators=separators, allow_nan=False)


def allowed(content: Any) -> Any:
    """`content` with "nan", "inf" and "-inf" in the place of the numbers that JSON does not have."""
    if isinstance(content, dict):
        return {key: allowed(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [allowed(value) for value in content]
    return str(content) if isinstance(content, float) and not math.isfinite(content) else content
