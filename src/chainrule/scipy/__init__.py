"""SciPy whose functions take tracked values: `import chainrule.scipy as scipy`, `from chainrule.scipy import stats`.

The modules have SciPy's names, and its functions under their own, with derivatives; what has none here is SciPy's own.
Its special functions that are ufuncs need no wrapper.
"""

from __future__ import annotations

import sys

import scipy as _theirs

from chainrule.namesakes import Alias, namesake

__getattr__, __dir__ = namesake(_theirs, globals())
sys.meta_path.insert(0, Alias(__name__, "scipy"))  # for modules of which there is no file: chainrule.scipy.constants
