"""Write a file whole or not at all."""

from __future__ import annotations

import uuid
from contextlib import suppress
from pathlib import Path

from chainrule.errors import OutputError


def write_whole(target: Path, content: bytes) -> None:
    """Write to a file beside the target, then rename, which replaces the target in one step.

    Raises OutputError where that is not possible; then an existing file is as it was and nothing is left beside it.
    """
    unfinished = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(target)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise OutputError(
            f"the file could not be written to {target}: {error.strerror or error}. "
            "Choose a folder that exists and can be written to."
        ) from error
