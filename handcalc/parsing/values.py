"""Trees of roots and cosines worked out exactly, all those of a text in one number field."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import lcm
from typing import Final, NamedTuple

import sympy

from handcalc.errors import InputError
from handcalc.numbers.exact import to_text
from handcalc.numbers.field import Element, Field
from handcalc.parsing.arithmetic import (
    Cosine,
    Number,
    Place,
    PowerTree,
    ProductTree,
    Quotient,
    Root,
    SumTree,
    Tree,
    check_bits,
    cosines,
    negative_root,
    zero_division,
)
from handcalc.parsing.budget import WorkBudget
from handcalc.parsing.limits import (
    FIELD_EFFORT,
    MAX_ANGLES,
    MAX_CELL_TOKENS,
    MAX_DENOMINATOR,
    MAX_DIGITS,
    MAX_FIELD_BITS,
    MAX_ROOT_BITS,
    MAX_ROOTS,
    MAX_TERMS,
    NESTED_WORK,
    TERM_WORK,
)
from handcalc.parsing.refusal import UnreadableError
from handcalc.parsing.table import Cell
from handcalc.parsing.tokens import tokenise


class FieldValues:
    """The number field of a text, and the numbers in it that its trees stand for.

    Errors: ``UnreadableError`` with code ``too_complicated`` for angles that make no field.

    >>> tree = Root(Fraction(8), 0)
    >>> FieldValues([tree], WorkBudget()).number(tree)
    2*sqrt(2)
    """

    def __init__(self, trees: Iterable[Tree], work: WorkBudget) -> None:
        self._work = work
        found = [cosine for tree in trees for cosine in cosines(tree)]
        self._field = _field(found)
        self._denominator = lcm(*(cosine.half_turns.denominator for cosine in found))
        self._degree_of_cosines = self._field.degree
        self._is_nested = False
        self._cosines: dict[Fraction, Element] = {}
        self._roots: dict[Element, Element] = {}
        self._root_bits_left = MAX_ROOT_BITS

    @property
    def is_simple(self) -> bool:
        """Whether its numbers are surely written with roots and cosines that fit as well."""
        used = MAX_ROOT_BITS - self._root_bits_left
        roots = (self._field.degree // self._degree_of_cosines).bit_length() - 1
        has_one_order = self._denominator <= MAX_DENOMINATOR
        return not self._is_nested and has_one_order and used * roots <= MAX_ROOT_BITS

    def number(self, tree: Tree) -> sympy.Expr:
        """The exact number of a tree.

        Errors: ``UnreadableError`` with code ``division_by_zero``, ``negative_root``, ``too_large``
        or ``too_complicated``.
        """
        try:
            element = self._paid(tree)
            self._check_length(element, tree.start)
            return element.to_sympy()
        except InputError as error:
            raise UnreadableError(error.code, error.message, tree.start) from None

    def _paid(self, tree: Tree) -> Element:
        """The value of a tree, whose arithmetic is paid for even where it ends in a refusal."""
        before = self._field.effort_spent
        try:
            return self._element(tree)
        finally:
            self._work.spent += self._field.effort_spent - before

    def _element(self, tree: Tree) -> Element:
        """The value of a tree, which is no deeper than its cell has tokens."""
        match tree:
            case Cosine(half_turns):
                return self._cosine(half_turns)
            case Root(radicand, start):
                return self._root(self._value(radicand), start)
            case PowerTree(base, exponent, start):
                return self._power(self._element(base), exponent, start)
            case SumTree(first, second, start):
                a, b = self._operands(first, second, start)
                return a + b
            case ProductTree(first, second, start):
                a, b = self._operands(first, second, start)
                return a * b
            case Quotient(first, second, start):
                a, b = self._operands(first, second, start)
                return a * self._inverse(b, start)

    def _value(self, number: Number) -> Element:
        return (
            self._field.rational(number) if isinstance(number, Fraction) else self._element(number)
        )

    def _operands(self, first: Number, second: Number, start: Place) -> tuple[Element, Element]:
        a, b = self._value(first), self._value(second)
        check_bits(a.bits + b.bits, start, MAX_FIELD_BITS)
        return a, b

    def _cosine(self, half_turns: Fraction) -> Element:
        if half_turns not in self._cosines:
            self._cosines[half_turns] = self._field.cos(half_turns)
        return self._cosines[half_turns]

    def _power(self, base: Element, exponent: int, start: Place) -> Element:
        base = self._inverse(base, start) if exponent < 0 else base
        check_bits(abs(exponent) * base.bits, start, MAX_FIELD_BITS)
        return base ** abs(exponent)

    def _inverse(self, element: Element, start: Place) -> Element:
        """1/element; its numbers are about as many times longer as its degree says."""
        if element == 0:
            raise zero_division(start)
        check_bits(element.bits * self._degree(element), start, MAX_FIELD_BITS)
        return 1 / element

    def _degree(self, element: Element) -> int:
        """The degree of an element over ℚ, or more."""
        if element.is_rational:
            return 1
        if self._is_nested:
            return self._field.degree
        return self._degree_of_cosines << len(_levels(element.raw))

    def _root(self, radicand: Element, start: Place) -> Element:
        if radicand not in self._roots:
            if radicand.sign() < 0:
                raise negative_root(start)
            self._roots[radicand] = self._new_root(radicand, start)
        return self._roots[radicand]

    def _new_root(self, radicand: Element, start: Place) -> Element:
        """√radicand; the whole numbers under all roots, multiplied, stay below 60 bits.

        They are searched for square factors, which must not become a search for large primes.
        """
        degree, size = self._field.degree, _bits_under_root(radicand)
        if size > self._root_bits_left or len(self._roots) >= MAX_ROOTS:
            raise UnreadableError(
                "too_complicated",
                "The square roots of one text are too many or of too large numbers; "
                "use fewer, or smaller ones.",
                start,
            )
        root = self._field.sqrt(radicand)
        if self._field.degree > degree:
            self._root_bits_left -= size
            self._is_nested |= not radicand.is_rational
        return root

    def _check_length(self, element: Element, start: Place) -> None:
        """Refuse a sum of more terms than a cell can hold, before it is written out."""
        terms, factors = _written(element.raw)
        self._work.spend((NESTED_WORK if self._is_nested else TERM_WORK) * factors, start)
        if terms > MAX_TERMS:
            raise UnreadableError(
                "too_complicated",
                "Written out as a sum of roots, this number is too long; "
                "use fewer different roots and cosines.",
                start,
            )


def _field(parts: list[Cosine]) -> Field:
    """The field of all the angles; the first one that goes too far is named."""
    starts = {part.half_turns: part.start for part in parts}
    if len(starts) > MAX_ANGLES:
        raise UnreadableError(
            "too_complicated",
            f"One text holds at most {MAX_ANGLES} different cosines and sines.",
            parts[-1].start,
        )
    start: Place = None
    try:
        for angle, start in starts.items():  # noqa: B007 - the place of an angle that is refused
            Field([angle])
        return Field(starts, FIELD_EFFORT)
    except InputError as error:
        raise UnreadableError(error.code, error.message, start) from None


def _bits_under_root(radicand: Element) -> int:
    """The size of N in √radicand = √N / d for a rational radicand, without its easiest squares."""
    if not radicand.is_rational:
        return 0
    value = radicand.to_sympy()
    size = int(value.p) * int(value.q)
    for square in (4, 9, 25, 49):
        while size and size % square == 0:
            size //= square
    return size.bit_length()


def _levels(raw: object) -> set[int]:
    """Which of the roots that made the field an element holds."""
    if not isinstance(raw, tuple):
        return set()
    level, without, beside = raw
    return {level} | _levels(without) | _levels(beside)


def _written(raw: object) -> tuple[int, int]:
    """The terms of a number written out, and the roots and cosines in them, counted together."""
    if not isinstance(raw, tuple):
        return (1, 1) if raw else (0, 0)
    _, without, beside = raw
    terms, factors = _written(without)
    more, others = _written(beside)
    return terms + more, factors + others + more


# --------------------------------------------------------------------------------------------------
# Only numbers that can be typed again are taken: what is echoed reads back to the same value.


_SHORT: Final = 10**MAX_DIGITS


class Exact(NamedTuple):
    """An exact number, and a text that reads back to it."""

    value: sympy.Expr
    echo: str


def rational(value: Fraction) -> Exact:
    """A fraction, which has at most 1,000 digits above and below, zeros at the end aside.

    >>> rational(Fraction(1, 2))
    Exact(value=1/2, echo='1/2')
    """
    for whole in (abs(value.numerator), value.denominator):
        if whole >= _SHORT and len(str(whole).rstrip("0")) > MAX_DIGITS:
            raise UnreadableError(
                "too_large",
                f"Written out, this number has more than {MAX_DIGITS:,} digits; "
                "use smaller numbers.",
            )
    return Exact(sympy.Rational(value.numerator, value.denominator), str(value))


def irrational(value: sympy.Expr) -> Exact:
    """A sum of roots and cosines, which is no longer, written out, than a cell may be.

    >>> irrational(1 + sympy.sqrt(2))
    Exact(value=1 + sqrt(2), echo='1 + sqrt(2)')
    """
    if _has_many_parts(value):
        raise _too_long("too_complicated")
    echo = to_text(value)
    try:
        Cell(tuple(tokenise(echo)))
    except UnreadableError as refusal:
        is_digits = refusal.code == "too_many_digits"
        raise _too_long("too_large" if is_digits else "too_complicated") from None
    return Exact(value, echo)


def _has_many_parts(value: sympy.Expr) -> bool:
    """Whether there are more numbers in it than a cell has tokens; no more are counted."""
    parts, left = 0, [value]
    while left and parts <= MAX_CELL_TOKENS:
        part = left.pop()
        parts += not part.args
        left += part.args
    return parts > MAX_CELL_TOKENS


def _too_long(code: str) -> UnreadableError:
    return UnreadableError(
        code,
        "Written out as a sum of roots, this number is too long to be typed again; "
        "use simpler numbers.",
    )
