"""From the tokens of cells to exact numbers: literals at once, all else by the grammar.

What has roots or cosines in it comes out of the grammar as a tree; the trees of a text are worked
out together, in one number field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import lcm
from typing import Final, NamedTuple, TypeVar

import sympy

from handcalc.errors import InputError
from handcalc.numbers.cosine_field import MAX_ANGLE_DENOMINATOR
from handcalc.numbers.exact import to_rational, to_text
from handcalc.numbers.field import Element, Field
from handcalc.parsing.arithmetic import (
    Beyond,
    Cosine,
    Number,
    Place,
    PowerTree,
    ProductTree,
    Quotient,
    Root,
    SumTree,
    Tree,
    Turn,
    check_bits,
    cosines,
    literal_value,
    negative_root,
    zero_division,
)
from handcalc.parsing.limits import (
    FIELD_EFFORT,
    MAX_ANGLES,
    MAX_CELL_TOKENS,
    MAX_DIGITS,
    MAX_FIELD_BITS,
    MAX_ROOT_BITS,
    MAX_ROOTS,
    MAX_TERMS,
    MAX_TOKENS,
    NESTED_WORK,
    TERM_WORK,
    TOKEN_WORK,
    WorkBudget,
)
from handcalc.parsing.messages import SYMBOL, check_neighbours, pi_outside
from handcalc.parsing.refusal import UnreadableError
from handcalc.parsing.table import Cell
from handcalc.parsing.tokens import Token, tokenise

_T = TypeVar("_T")


def values(cells: Iterable[Cell], work: WorkBudget) -> list[Number]:
    """The values of cells: fractions, and trees of roots and cosines.

    Errors: ``UnreadableError`` with a code of the grammar, of a bound or of the arithmetic, for the
    first cell at fault; ``too_many_tokens`` past those of one text.

    >>> from handcalc.parsing.tokens import tokenise
    >>> values([Cell(tuple(tokenise("1/2 + 3/4")))], WorkBudget())
    [Fraction(5, 4)]
    """
    cells = list(cells)
    literals = [_at(cell, _literal) for cell in cells]
    # all that goes through the grammar is taken from the budget before any of it does
    left = MAX_TOKENS
    for cell in (cell for cell, value in zip(cells, literals, strict=True) if value is None):
        left -= len(cell.tokens)
        if left < 0:
            raise UnreadableError(
                "too_many_tokens",
                f"The calculations in one text have at most {MAX_TOKENS:,} numbers, signs and "
                "brackets in all; type some of the values instead.",
                cell.start,
            )
        work.spend(TOKEN_WORK * len(cell.tokens), cell.start)
    return [
        _at(cell, _calculate) if value is None else value
        for cell, value in zip(cells, literals, strict=True)
    ]


def check_contents(cells: Iterable[Cell], *, symbols: bool) -> None:
    """Refuse the first cell that holds no number, nor x1, x2 … where ``symbols`` is true.

    >>> from handcalc.parsing.tokens import tokenise
    >>> check_contents([Cell(tuple(tokenise("x1")))], symbols=True)
    """
    values(
        (
            cell
            for cell in different(cells).values()
            if not (symbols and len(cell.tokens) == 1 and SYMBOL.fullmatch(cell.tokens[0].text))
        ),
        WorkBudget(),
    )


def different(cells: Iterable[Cell]) -> dict[tuple[str, ...], Cell]:
    """The first cell of every spelling."""
    firsts: dict[tuple[str, ...], Cell] = {}
    for cell in cells:
        firsts.setdefault(cell.spelling, cell)
    return firsts


def _at(cell: Cell, read: Callable[[Sequence[Token]], _T]) -> _T:
    """What is read from the tokens of a cell; a refusal without a place is about its beginning."""
    try:
        return read(cell.tokens)
    except UnreadableError as refusal:
        raise refusal.at(cell.start) from None


def _literal(tokens: Sequence[Token]) -> Fraction | None:
    """A literal, or a quotient of two, perhaps behind a minus: most cells, at a tenth of the time.

    ``None`` for all other cells, and for those that the grammar will refuse.
    """
    negative = tokens[0].kind == "MINUS"
    unsigned = tokens[1:] if negative else tokens
    value = None
    match [token.kind for token in unsigned[:4]]:
        case ["NUMBER" | "FRACTION"]:
            value = literal_value(*unsigned[0][:3])
        case ["NUMBER", "OVER", "NUMBER"]:
            bottom = literal_value(*unsigned[2][:3])
            value = literal_value(*unsigned[0][:3]) / bottom if bottom else None
    return -value if negative and value is not None else value


def _calculate(tokens: Sequence[Token]) -> Number:
    from handcalc.parsing.grammar import parse_cell  # lark is loaded for what is no plain number

    check_neighbours(tokens)
    value = parse_cell(tokens)
    if isinstance(value, Turn | Beyond):
        raise pi_outside(tokens)
    return value


# --------------------------------------------------------------------------------------------------
# Trees of roots and cosines, all those of a text in one number field.


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
        has_one_order = self._denominator <= MAX_ANGLE_DENOMINATOR
        return not self._is_nested and has_one_order and used * roots <= MAX_ROOT_BITS

    def number(self, tree: Tree) -> sympy.Expr:
        """The exact number of a tree.

        Errors: ``UnreadableError`` with code ``division_by_zero``, ``negative_root``, ``too_large``
        or ``too_complicated``.
        """
        try:
            before = self._field.effort_spent
            try:
                element = self._element(tree)
            finally:  # arithmetic is paid for even where it ends in a refusal
                self._work.spent += self._field.effort_spent - before
            self._check_length(element, tree.start)
            return element.to_sympy()
        except InputError as error:
            raise UnreadableError(error.code, error.message, tree.start) from None

    def _element(self, tree: Tree) -> Element:
        """The value of a tree, which is no deeper than its cell has tokens."""
        match tree:
            case Cosine(half_turns):
                if half_turns not in self._cosines:
                    self._cosines[half_turns] = self._field.cos(half_turns)
                return self._cosines[half_turns]
            case Root(radicand, start):
                return self._root(self._value(radicand), start)
            case PowerTree(tree, exponent, start):
                base = self._element(tree)
                base = self._inverse(base, start) if exponent < 0 else base
                check_bits(abs(exponent) * base.bits, start, MAX_FIELD_BITS)
                return base ** abs(exponent)
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

    def _inverse(self, element: Element, start: Place) -> Element:
        """1/element; its numbers are about as many times longer as its degree over ℚ says."""
        if element == 0:
            raise zero_division(start)
        if element.is_rational:
            degree = 1
        elif self._is_nested:
            degree = self._field.degree
        else:  # each of the roots in it doubles the degree of the cosines, or less
            degree = self._degree_of_cosines << len(_levels(element.raw))
        check_bits(element.bits * degree, start, MAX_FIELD_BITS)
        return 1 / element

    def _root(self, radicand: Element, start: Place) -> Element:
        """√radicand; the whole numbers under all roots, multiplied, stay below 60 bits.

        They are searched for square factors, which must not become a search for large primes.
        """
        if radicand in self._roots:
            return self._roots[radicand]
        if radicand.sign() < 0:
            raise negative_root(start)
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
        self._roots[radicand] = root
        return root

    def _check_length(self, element: Element, start: Place) -> None:
        """Refuse a sum of more terms than a cell can hold, before it is written out."""
        terms, factors = _count_written(element.raw)
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
    size = int(value.p) * int(value.q)  # √(p/q) = √(pq)/q
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


def _count_written(raw: object) -> tuple[int, int]:
    """The terms of a number written out, and the roots and cosines in them, counted together."""
    if not isinstance(raw, tuple):
        return (1, 1) if raw else (0, 0)
    _, without, beside = raw
    terms, factors = _count_written(without)
    more, others = _count_written(beside)
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
    return Exact(to_rational(value), str(value))


def irrational(value: sympy.Expr) -> Exact:
    """A sum of roots and cosines, which is no longer, written out, than a cell may be.

    >>> irrational(1 + sympy.sqrt(2))
    Exact(value=1 + sqrt(2), echo='1 + sqrt(2)')
    """
    # numbers in it, counted no further than the tokens of a cell: the printer takes its time
    parts, left = 0, [value]
    while left and parts <= MAX_CELL_TOKENS:
        part = left.pop()
        parts += not part.args
        left += part.args
    if parts > MAX_CELL_TOKENS:
        raise _too_long("too_complicated")
    echo = to_text(value)
    try:
        Cell(tuple(tokenise(echo)))
    except UnreadableError as refusal:
        is_digits = refusal.code == "too_many_digits"
        raise _too_long("too_large" if is_digits else "too_complicated") from None
    return Exact(value, echo)


def _too_long(code: str) -> UnreadableError:
    return UnreadableError(
        code,
        "Written out as a sum of roots, this number is too long to be typed again; "
        "use simpler numbers.",
    )
