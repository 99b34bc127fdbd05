"""Calculations with roots and cosines as plain trees, and mpmath's word on what they come to.

A tree is worked out twice: by handcalc, and by mpmath at 120 digits, which shares nothing with it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import mpmath
import sympy
from hypothesis import strategies as st

from handcalc.numbers.field import Element, Field

Tree: TypeAlias = "Fraction | tuple[Any, ...]"

DIGITS = 120
NOTHING = mpmath.mpf(10) ** -60  # what is smaller is a true zero, in trees of this size
_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


class NoValueError(Exception):
    """The tree divides by zero."""


def trees(max_leaves: int = 6, angles: tuple[int, ...] = (5, 7, 12)) -> st.SearchStrategy[Tree]:
    """Sums, products, quotients and nested roots of fractions and cosines of kπ/q."""
    fractions = st.fractions(-3, 3, max_denominator=6)
    cosines = st.builds(
        lambda k, q: ("cos", Fraction(k, q)), st.integers(0, 12), st.sampled_from(angles)
    )
    return st.recursive(
        st.one_of(fractions, cosines),
        lambda smaller: st.one_of(
            st.tuples(st.sampled_from("+-*/"), smaller, smaller),
            st.tuples(st.just("root"), smaller),
        ),
        max_leaves=max_leaves,
    )


def angles_in(tree: Tree) -> list[Fraction]:
    """The angles of the cosines in a tree, as multiples of π."""
    if isinstance(tree, Fraction):
        return []
    if tree[0] == "cos":
        return [tree[1]]
    return [angle for part in tree[1:] for angle in angles_in(part)]


def in_field(tree: Tree, field: Field) -> Element:
    """The tree by handcalc's elements; "root" is the root of the absolute value."""
    if isinstance(tree, Fraction):
        return field.rational(tree)
    if tree[0] == "cos":
        return field.cos(tree[1])
    if tree[0] == "root":
        inside = in_field(tree[1], field)
        return field.sqrt(-inside if inside.sign() < 0 else inside)
    left, right = (in_field(part, field) for part in tree[1:])
    return _OPERATIONS[tree[0]](left, right)


def in_mpmath(tree: Tree) -> mpmath.mpf:
    """The tree at 120 digits."""
    with mpmath.workdps(DIGITS):
        if isinstance(tree, Fraction):
            return mpmath.mpf(tree.numerator) / tree.denominator
        if tree[0] == "cos":
            return mpmath.cospi(mpmath.mpf(tree[1].numerator) / tree[1].denominator)
        parts = [in_mpmath(part) for part in tree[1:]]
        if tree[0] == "root":
            return mpmath.sqrt(0 if abs(parts[0]) < NOTHING else abs(parts[0]))
        if tree[0] == "/" and abs(parts[1]) < NOTHING:
            raise NoValueError
        return _OPERATIONS[tree[0]](*parts)


def in_sympy(tree: Tree) -> sympy.Expr:
    """The tree as a person would write it in sympy: nothing worked out but what sympy does."""
    if isinstance(tree, Fraction):
        return sympy.Rational(tree.numerator, tree.denominator)
    if tree[0] == "cos":
        return sympy.cos(sympy.Rational(tree[1].numerator, tree[1].denominator) * sympy.pi)
    parts = [in_sympy(part) for part in tree[1:]]
    if tree[0] == "root":
        value = in_mpmath(tree[1])
        return (
            sympy.Integer(0)
            if abs(value) < NOTHING
            else sympy.sqrt(-parts[0] if value < 0 else parts[0])
        )
    return _OPERATIONS[tree[0]](*parts)


def decimals(value: sympy.Expr, digits: int = DIGITS) -> mpmath.mpf:
    """A sympy number at so many digits, by mpmath's functions and not by sympy's."""
    with mpmath.workdps(digits):
        if isinstance(value, sympy.Rational):
            return mpmath.mpf(int(value.p)) / int(value.q)
        if isinstance(value, sympy.Add):
            return mpmath.fsum(decimals(term, digits) for term in value.args)
        if isinstance(value, sympy.Mul):
            return mpmath.fprod(decimals(factor, digits) for factor in value.args)
        if isinstance(value, sympy.Pow):
            return mpmath.power(decimals(value.base, digits), decimals(value.exp, digits))
        turns = decimals(value.args[0] / sympy.pi, digits)
        return mpmath.cospi(turns) if isinstance(value, sympy.cos) else mpmath.sinpi(turns)
