"""Modules that stand for NumPy's and SciPy's: every import statement that works there works here."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
import warnings

import numpy as np
import pytest
import scipy

import chainrule.numpy
import chainrule.scipy


def public_modules() -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [module.name for module in pkgutil.walk_packages(scipy.__path__, "scipy.", onerror=lambda name: None)]
        found += ["numpy.testing", "numpy.ma", "numpy.lib.stride_tricks", "numpy.polynomial.chebyshev", "numpy.typing"]
    return [name for name in found if "._" not in name and ".tests" not in name and ".conftest" not in name]


def test_every_module_of_scipy_can_be_imported_under_our_name() -> None:
    for name in public_modules():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                theirs = importlib.import_module(name)
            except ImportError:
                continue
            ours = importlib.import_module(f"chainrule.{name}")
        assert importlib.import_module(name) is theirs
        assert theirs.__spec__ is not None
        assert theirs.__spec__.name == name, "the alias left its mark on SciPy's module"
        assert {found for found in dir(theirs) if not found.startswith("_")} <= set(dir(ours)), name


def test_functions_behind_an_alias_are_followed_where_ours_are() -> None:
    code = (
        "import chainrule.scipy.constants as constants, chainrule as cr, numpy as np\n"
        "from chainrule.scipy.signal.windows import hann\n"
        "from chainrule.numpy.lib.stride_tricks import sliding_window_view\n"
        "import chainrule.numpy.polynomial.polynomial as P\n"
        "assert constants.g == 9.80665 and hann(3)[1] == 1.0\n"
        "print(cr.grad(lambda x: np.sum(sliding_window_view([x, x, 2.0], 2)) * P.polyval(1.0, [x, 1.0]))(1.0))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert float(done.stdout) == pytest.approx(11.0)


@pytest.mark.parametrize("name", [f"chainrule.{part}.nothing" for part in ("scipy", "numpy", "scipy.signal")])
def test_a_module_that_is_nowhere_is_an_import_error_under_the_name_that_was_written(name: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=name.replace(".", r"\.")):
        importlib.import_module(name)


def test_what_a_module_lacks_is_an_attribute_error() -> None:
    for module in (chainrule.scipy, chainrule.numpy, chainrule.scipy.signal, chainrule.numpy.linalg):
        with pytest.raises(AttributeError, match="nothing"):
            module.nothing  # noqa: B018
    assert set(dir(np)) <= set(dir(chainrule.numpy))
