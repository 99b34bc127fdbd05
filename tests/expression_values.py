"""What an expression of a derivation comes to for given inputs, by this file's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import sympy

from handcalc import sign
from handcalc.derivation import (
    Cases,
    Difference,
    Expression,
    Inequality,
    Name,
    Negative,
    Number,
    Product,
    Sum,
)

Values: TypeAlias = Mapping[sympy.Symbol, sympy.Expr]


def at(expression: Expression, values: Values) -> sympy.Expr:
    """A rendered expression worked out for numbers, with no help from the forward pass."""
    match expression:
        case Number(value):
            return value
        case Name("x", (i,)):
            return values[sympy.Symbol(f"x{i}")]
        case Sum(terms):
            return sum((at(term, values) for term in terms), sympy.Integer(0))
        case Negative(of):
            return -at(of, values)
        case Product(factors):
            return sympy.Mul(*(at(factor, values) for factor in factors))
        case Difference(left, right):
            return at(left, values) - at(right, values)
        case Cases(branches):
            holding = (
                case for case in branches if case.condition is None or holds(case.condition, values)
            )
            return at(next(holding).value, values)
    raise AssertionError(f"{expression} is no value")


def holds(condition: Inequality, values: Values) -> bool:
    difference = sign(at(condition.left, values) - at(condition.right, values))
    return {"≥": difference >= 0, "≤": difference <= 0, ">": difference > 0, "<": difference < 0}[
        condition.relation
    ]
