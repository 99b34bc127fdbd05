"""Sums of exponentials as others hold them: in another field, as plain data, and as text.

Two values of different fields are moved into one; plain data is what is compared and pickled; and a
text is coefficient times base^(exponent), term by term.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import sympy

from handcalc.circuits.terms import Atoms, Terms
from handcalc.numbers.exact import to_text
from handcalc.numbers.field import Element, Field

_ZERO = sympy.Integer(0)


def in_one_field(a: Any, b: Any) -> tuple[Field, Any, Any]:
    """Both values, elements or quotients of sums, with their numbers in one field."""
    field = _common_field(a, b)
    return field, _moved(a, field), _moved(b, field)


def _common_field(a: Any, b: Any) -> Field:
    """The field of one of the two where the other has fractions only, else a new one."""
    numbers = [list(_elements_in(value)) for value in (a, b)]
    for others, field in ((numbers[1], a.field), (numbers[0], b.field)):
        if all(number.is_rational for number in others):
            return field  # type: ignore[no-any-return]  # of a value
    return Field.of(*(number.to_sympy() for each in numbers for number in each))


def _elements_in(value: Any) -> Iterator[Element]:
    if isinstance(value, Element):
        yield value
    elif isinstance(value, Atoms):
        for atom, _ in value.items:
            yield from _elements_in(atom)
    else:
        for terms in (value.top, *(factor for factor, _ in value.factors)):
            for exponent, coefficient in terms.items:
                yield from _elements_in(coefficient)
                yield from _elements_in(exponent)


def _moved(value: Any, field: Field) -> Any:
    """The same value with its numbers in another field, which is made for them."""
    if isinstance(value, Atoms):
        return Atoms(frozenset((_moved(atom, field), count) for atom, count in value.items))
    if value.field is field:
        return value
    if isinstance(value, Element):
        if value.is_rational:
            return Element(field, value.raw)
        return field.from_sympy(value.to_sympy())

    def moved(terms: Terms) -> Terms:
        pairs = ((_moved(x, field), _moved(a, field)) for x, a in terms.items)
        return replace(terms, items=tuple(pairs))

    factors = tuple((moved(factor), power) for factor, power in value.factors)
    return replace(value, top=moved(value.top), factors=factors)


def plain(value: Any) -> Any:
    """A value with sympy's numbers in place of elements: what it is made of, as it is written."""
    if isinstance(value, Element):
        return value.to_sympy()
    if isinstance(value, Atoms):
        return frozenset((plain(atom), count) for atom, count in value.items)
    if isinstance(value, Terms):
        pairs = tuple((plain(x), plain(a)) for x, a in value.items)
        return value.base, value.level, pairs
    factors = tuple((plain(factor), power) for factor, power in value.factors)
    return type(value), plain(value.top), factors


def from_plain(given: Any) -> Any:
    """The value that ``plain`` took apart, in a field of its own."""
    return _made(given, Field.of(*_numbers_in(given)))


def _numbers_in(given: Any) -> Iterator[sympy.Expr]:
    if isinstance(given, sympy.Expr):
        yield given
    elif isinstance(given, tuple | frozenset):
        for each in given:
            yield from _numbers_in(each)


def _made(given: Any, field: Field) -> Any:
    if isinstance(given, sympy.Expr):
        return field.from_sympy(given)
    if isinstance(given, frozenset):
        return Atoms(frozenset((_made(atom, field), count) for atom, count in given))
    kind, top, factors = given

    def terms(parts: Any) -> Terms:
        base, level, pairs = parts
        return Terms(base, tuple((_made(x, field), _made(a, field)) for x, a in pairs), level)

    return kind(terms(top), tuple((terms(factor), power) for factor, power in factors))


def sum_text(terms: Sequence[tuple[Any, Any]], base: str) -> str:
    """Pairs of exponent and coefficient, sympy's numbers or what has a ``to_text``, as a sum.

    >>> half = sympy.Rational(1, 2)
    >>> sum_text([(_ZERO, -half), (half, sympy.Integer(2))], "e")
    '-1/2 + 2*e^(1/2)'
    """
    text = ""
    for exponent, coefficient in terms:
        power = ""
        if exponent != _ZERO:
            raised = value_text(exponent)
            raised = raised if raised.isdigit() else f"({raised})"
            power = _bracketed(base) if raised == "1" else f"{_bracketed(base)}^{raised}"
        number = value_text(coefficient)
        joint = "" if not text else " + "
        if number.startswith("-") and not _is_compound(number):
            number, joint = number[1:], " - " if text else "-"
        number = _bracketed(number) if power else number
        text += joint + (number if not power else power if number == "1" else f"{number}*{power}")
    return text or "0"


def _is_compound(text: str) -> bool:
    return any(mark in text[1:] for mark in "+-")


def _bracketed(text: str) -> str:
    return f"({text})" if _is_compound(text) or "/" in text else text


def value_text(value: Any) -> str:
    """A number of sympy's, or a sum, without blanks in a number."""
    return to_text(value).replace(" ", "") if isinstance(value, sympy.Expr) else value.to_text()


def sum_expression(terms: Sequence[tuple[Any, Any]], base: sympy.Expr) -> sympy.Expr:
    """The same as sympy writes it.

    >>> sum_expression([(sympy.Rational(1, 2), sympy.Integer(3))], sympy.E)
    3*exp(1/2)
    """
    each = [
        [value if isinstance(value, sympy.Expr) else value.to_sympy() for value in term]
        for term in terms
    ]
    return sympy.Add(*(coefficient * base**exponent for exponent, coefficient in each))
