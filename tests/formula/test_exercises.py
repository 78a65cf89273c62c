"""Textbook exercises: chainrule's answer has the derivative's value, and is no longer than the book's."""

import mpmath
import numpy as np
import pytest
from exercises import EXERCISES

import chainrule as cr
from chainrule.explanation.domain import domain_to_say
from chainrule.formula.expression import Expression, evaluate, free_symbols
from chainrule.formula.text import text
from chainrule.formula.textbook import textbook
from chainrule.rules.symbolic import derivative_expression

PAIRS = [pair for group in EXERCISES.values() for pair in group]
