import xml.dom.minidom

import numpy as np
import pytest

from chainrule.formula.expression import Call, Symbol, symbols
from chainrule.formula.mathml import mathml, translated
from chainrule.formula.notation import NOTATION

x, y, z = symbols("x1 theta loss_max")


@pytest.mark.parametrize("row", NOTATION.values(), ids=lambda row: row.name)
def test_every_row_of_the_notation_table_is_well_formed(row):
    shown = mathml(Call(row.function, (x + 1, y, z)[: row.arity]))
    xml.dom.minidom.parseString(f"<math>{shown}</math>")
    assert "\\" not in shown
    assert "θ" in shown or row.arity < 2


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (1 / x, "<mfrac><mn>1</mn><msub><mi>x</mi><mn>1</mn></msub></mfrac>"),
        (np.sqrt(y), "<msqrt><mi>θ</mi></msqrt>"),
        (np.cbrt(y), "<mroot><mi>θ</mi><mn>3</mn></mroot>"),
        (Symbol("u′") ** 2, '<msup><mrow><mi>u</mi><mo lspace="0" rspace="0">′</mo></mrow><mn>2</mn></msup>'),
        (-y, "<mo>−</mo><mi>θ</mi>"),
    ],
)
def test_formulas_are_set_as_in_textbooks(formula, expected):
    assert mathml(formula) == expected


def test_names_that_look_like_markup_are_escaped():
    assert "&lt;b&gt;" in mathml(Symbol("<b>"))


def test_an_unknown_command_is_named():
    with pytest.raises(ValueError, match="unheard"):
        translated(r"\unheard{x}")
