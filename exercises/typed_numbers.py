"""Exact numbers, typed as texts in a file: how many there must be follows from the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy

from exercises.exercise import AnswerKind, IntervalAnswer, ModelAnswer, VectorAnswer
from exercises.tables import Reader, TableError
from handcalc.parsing import parse_matrix, parse_scalar, parse_vector

if TYPE_CHECKING:
    from handcalc.inputs.arguments import Vector


class Feature(int):
    """A feature, counted from 1."""


class Numbers(tuple[sympy.Expr, ...]):
    """Exact numbers, as many as there are."""


class PerFeature(Numbers):
    """One number a feature."""


class OneOrPerFeature(PerFeature):
    """One number a feature; where one stands alone, it is that of each."""


class PerDimension(Numbers):
    """A row of W."""


class RowPerFeature(tuple["Vector", ...]):
    """W, one row a feature."""


class AsManyAsAsked(Numbers):
    """As many numbers as are asked for."""


def reader(answer: AnswerKind | None = None) -> Reader:
    """What makes these of what TOML has, in a file that asks for this answer.

    >>> from exercises.exercise import ModelAnswer
    >>> reader(ModelAnswer(3, 2, "relu"))(OneOrPerFeature, "1/2")
    (1/2, 1/2, 1/2)
    """
    n, m = (answer.features, answer.dimensions) if isinstance(answer, ModelAnswer) else (0, 0)
    length = answer.length if isinstance(answer, VectorAnswer) else 1
    size = 2 if isinstance(answer, IntervalAnswer) else length
    sizes = {PerFeature: n, OneOrPerFeature: n, PerDimension: m, AsManyAsAsked: size}

    def read(kind: Any, given: Any) -> object:
        if kind is Feature:
            return _feature(given, n)
        if not isinstance(given, str):
            raise TypeError(given)  # msgspec then says where, and ``tables`` what it must be
        if kind is sympy.Expr:
            return parse_scalar(given)
        if kind is RowPerFeature:
            return RowPerFeature(parse_matrix(given, n, m))
        if kind is OneOrPerFeature and len(each := parse_vector(given)) == 1:
            return OneOrPerFeature(each * n)
        return kind(parse_vector(given, sizes.get(kind)))

    return read


def _feature(given: Any, n: int) -> Feature:
    if type(given) is not int:
        raise TypeError(given)
    if not 1 <= given <= n:
        raise TableError("wrong_value", "", f"a feature is a number from 1 to {n}, not {given}.")
    return Feature(given)
