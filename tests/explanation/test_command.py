import json

import numpy as np
import pytest

from chainrule.errors import FormulaError
from chainrule.explanation.command import explain_command
from chainrule.formula.parser import parse_expression


def test_a_formula_is_explained_without_and_with_values():
    assert "product rule" in explain_command("x·sin(x)")
    assert "at x = 2" in explain_command("x·sin(x)", {"x": 2.0})
    assert "乘积法则" in explain_command("x·sin(x)", lang="zh")


def test_values_are_taken_by_name():
    data = json.loads(explain_command("y/x", {"x": 4.0, "y": 2.0}, form="json"))
    assert (data["value"], data["derivatives"]["y"]["value"], data["derivatives"]["x"]["value"]) == (0.5, 0.25, -0.125)
    parse_expression(data["derivatives"]["x"]["computed"])


def test_a_function_is_found_by_its_place():
    data = json.loads(explain_command("numpy:sum", {"a": np.arange(3.0)}, form="json"))
    assert data["derivatives"]["a"]["value"] == [1.0, 1.0, 1.0]
    assert json.loads(explain_command("numpy:tanh", form="json"))["derivatives"]["x"]["simplified"] == "1/cosh²(x)"


def test_infinities_are_text_in_json():
    assert json.loads(explain_command("√x", {"x": 0.0}, form="json"))["derivatives"]["x"]["value"] == "inf"


@pytest.mark.parametrize("form", ["text", "latex", "html", "markdown", "json"])
def test_every_form_is_text(form):
    assert explain_command("x²", form=form).endswith("\n")


def test_wrong_values_are_named():
    with pytest.raises(TypeError, match="not given y"):
        explain_command("x*y", {"x": 1.0})
    with pytest.raises(TypeError, match=r"is given z.*x=… y=…"):
        explain_command("x*y", {"x": 1.0, "z": 1.0})
    with pytest.raises(FormulaError):
        explain_command("x +")
    with pytest.raises(AttributeError):
        explain_command("numpy:no_such_function")
