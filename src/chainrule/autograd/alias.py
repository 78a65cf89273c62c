"""`import autograd` as `import chainrule.autograd`, for libraries that import autograd themselves."""

from __future__ import annotations

import sys

from chainrule.engine.location import at_user_line
from chainrule.namesakes import Alias

__all__ = ["as_autograd"]

_ALIAS = Alias("autograd", "chainrule.autograd", whole=True)


def as_autograd() -> None:
    """From now on, whoever imports `autograd` in this process gets `chainrule.autograd`, submodules too.

        import chainrule.autograd
        chainrule.autograd.as_autograd()
        import lifelines  # which imports autograd

    Call it before such a library is imported. Raises RuntimeError if autograd itself has been imported already.
    """
    if _ALIAS in sys.meta_path:
        return
    if "autograd" in sys.modules:
        raise RuntimeError(
            f"autograd has been imported already{at_user_line()}. Call as_autograd() first, before any library that "
            "imports autograd."
        )
    sys.meta_path.insert(0, _ALIAS)
