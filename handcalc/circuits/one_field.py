"""Values whose numbers come from two fields, moved into one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from handcalc.circuits.terms import Atoms, Terms
from handcalc.numbers.field import Element, Field


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
