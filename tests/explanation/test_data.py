import json

import numpy as np

import chainrule as cr
from chainrule.explanation.data import as_data
from chainrule.formula.parser import parse_expression


def test_values_and_derivatives_stand_under_the_variables_names():
    data = as_data(cr.explain("y/x", 2.0, 4.0), "en")
    assert (data["value"], data["derivatives"]["y"]["value"], data["derivatives"]["x"]["value"]) == (0.5, 0.25, -0.125)
    parse_expression(data["derivatives"]["x"]["computed"])


def test_arrays_are_lists():
    assert as_data(cr.explain(np.sum, np.arange(3.0)), "en")["derivatives"]["a"]["value"] == [1.0, 1.0, 1.0]


def test_infinities_are_text_that_json_can_hold():
    data = as_data(cr.explain("√x", 0.0), "en")
    assert data["derivatives"]["x"]["value"] == "inf"
    json.dumps(data, allow_nan=False)


def test_rules_are_named_in_either_language():
    assert "product rule" in json.dumps(as_data(cr.explain("x·sin(x)"), "en"))
    assert "乘积法则" in json.dumps(as_data(cr.explain("x·sin(x)"), "zh"), ensure_ascii=False)
