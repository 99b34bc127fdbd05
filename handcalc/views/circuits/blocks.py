"""What pages on circuits are made of: headings, sentences, tables by token, matrices, steps.

A page says what is shown and in which order; the terminal and a notebook each render its blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeAlias

import sympy

from handcalc.circuits.exponential_sum import ExponentialSum
from handcalc.circuits.log_sums import LogSum
from handcalc.circuits.positions import Number
from handcalc.circuits.run_steps import expression_of
from handcalc.derivation import (
    About,
    Claim,
    Derivation,
    Expression,
    Line,
    Name,
    Negative,
    Product,
    Ratio,
    RowVector,
    Step,
    Sum,
)
from handcalc.derivation import Number as Shown
from handcalc.inputs.arguments import Matrix
from handcalc.views.attention_notation import about_text
from handcalc.views.notation import Cells, Notation

WIDE = 8  # entries of a row that is written with unit rows, where it is mostly zeros
_MOST_UNITS = 6
_SHORT_SUM = 14  # characters of a sum of exponentials that is shown as it is
_LARGEST_DRAWN = 1e300
_NOUGHT, _ONE, _MINUS = (Shown(sympy.Integer(k)) for k in (0, 1, -1))

AnyNumber: TypeAlias = "Number | LogSum"


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that no number fills, such as a polynomial in S."""

    expression: Expression


Cell: TypeAlias = "str | AnyNumber | Decimal | Formula"


@dataclass(frozen=True, slots=True)
class Title:
    """A heading; of a page, or of a part of it."""

    text: str
    is_page: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, or several, with exact numbers in it; a note is said once on a page."""

    claim: Claim
    is_listed: bool = False
    is_note: bool = False

    @classmethod
    def plainly(cls, text: str, *values: Expression, is_listed: bool = False) -> Said:
        """Words, with {} where the values stand."""
        return cls(Claim(text, values), is_listed)


@dataclass(frozen=True, slots=True)
class Tabulated:
    """Rows under heads: the first cell names the row, the others are numbers or texts."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def numbers(self) -> list[Any]:
        """Its cells that are no texts and no formulas, row by row."""
        return [cell for row in self.rows for cell in row if not isinstance(cell, str | Formula)]


@dataclass(frozen=True, slots=True)
class Named:
    """A matrix by its name; ``labels`` are those of its rows, "" for none."""

    name: str
    rows: Matrix
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """Worked steps."""

    work: Derivation


@dataclass(frozen=True, slots=True)
class ToType:
    """A command, behind what leads to it."""

    lead: str
    command: str


Block: TypeAlias = "Title | Said | Tabulated | Named | Steps | ToType"
Page: TypeAlias = "list[Block]"


def without_repeats(page: Page) -> Page:
    """The page; a note that stood there before is not said again."""
    told: Page = []
    for block in page:
        if not (isinstance(block, Said) and block.is_note) or block not in told:
            told.append(block)
    return told


def escaped(text: str) -> str:
    """A name inside a sentence with {} for its values.

    >>> escaped("{}").format()
    '{}'
    """
    return text.replace("{", "{{").replace("}", "}}")


# -- numbers that need not be algebraic ------------------------------------------------------------


def cells_of(values: Sequence[AnyNumber | Decimal], notation: Notation) -> Cells:
    """Numbers that stand together: algebraic ones as everywhere, others as decimals.

    Sums of exponentials are written out where all of them are short. A decimal is shown with all
    its digits.

    >>> from handcalc.views.notation import ASCII
    >>> cells_of([ExponentialSum.of({1: 1}), sympy.Rational(1, 2)], ASCII).texts
    ('e', '1/2')
    """
    if not any(isinstance(value, ExponentialSum | LogSum | Decimal) for value in values):
        return notation.cells(values)
    sums = [value for value in values if isinstance(value, ExponentialSum)]
    as_decimals = notation.typeset or not all(_sum_text(value, notation) for value in sums)
    shown = [_cell(value, notation, as_decimals=as_decimals) for value in values]
    rounded = any(is_rounded for _, is_rounded in shown)
    return Cells(tuple(text for text, _ in shown), "≈" if rounded else "=")


def number_expression(value: AnyNumber) -> Expression:
    """A number of any kind in a sentence: exact where it is short, else its decimal."""
    if not isinstance(value, ExponentialSum | LogSum):
        return Shown(value)
    return About(value.to_float())


def _sum_text(value: ExponentialSum, notation: Notation) -> str:
    """A sum of exponentials as it is written, or "" where that is long."""
    written = expression_of(value)
    text = "" if isinstance(written, About) else notation.expression(written)
    return text if len(text) <= _SHORT_SUM else ""


def _cell(value: AnyNumber | Decimal, notation: Notation, *, as_decimals: bool) -> tuple[str, bool]:
    """A number, and whether it is rounded; sums of exponentials all in one way."""
    if isinstance(value, Decimal):
        return notation.decimal(value, sympy.Rational(str(value))), False
    if isinstance(value, LogSum):
        return (about_text(value.to_float(), notation), True) if value else ("0", False)
    if isinstance(value, ExponentialSum):
        if as_decimals:
            return about_text(value.to_float(), notation), True
        return _sum_text(value, notation), False
    return notation.number(value), notation.rounds(value)


def as_drawn(value: AnyNumber) -> float:
    """The number as a colour has it: of the size 10³⁰⁰ at most, for floats end soon after it.

    >>> as_drawn(-sympy.Integer(10) ** 400)
    -1e+300
    """
    return max(-_LARGEST_DRAWN, min(_LARGEST_DRAWN, float(value)))


# -- rows that are mostly zeros --------------------------------------------------------------------


def is_wide(width: int) -> bool:
    """Whether rows of so many entries are written with unit rows u₁, u₂ and so on."""
    return width > WIDE


def unit_sum(row: Sequence[Expression]) -> Expression | None:
    """u₁ + 2·u₅ for a wide row with few entries that are not 0, None for other rows.

    >>> one, nought = Shown(sympy.Integer(1)), Shown(sympy.Integer(0))
    >>> from handcalc.views.notation import EXACT
    >>> EXACT.expression(unit_sum([nought] * 8 + [one]))
    'u9'
    """
    if not is_wide(len(row)):
        return None
    found = [(k, entry) for k, entry in enumerate(row, 1) if entry != _NOUGHT]
    if len(found) > _MOST_UNITS:
        return None
    terms = tuple(_unit(k, entry) for k, entry in found)
    return _NOUGHT if not terms else terms[0] if len(terms) == 1 else Sum(terms)


def _unit(place: int, entry: Expression) -> Expression:
    name = Name("u", (place,))
    if entry in (_ONE, _MINUS):
        return name if entry == _ONE else Negative(name)
    return Product((entry, name))


def readable(expression: Expression) -> Expression:
    """An expression with wide rows as sums of unit rows, without products that are 0."""
    match expression:
        case RowVector(entries):
            return unit_sum(entries) or RowVector(tuple(map(readable, entries)))
        case Sum(terms) if len(terms) > 1:
            return _readable_sum(terms)
        case Product(factors):
            return _readable_product(factors)
        case Ratio(top, bottom):
            return Ratio(readable(top), readable(bottom))
    return expression


def _readable_product(factors: Sequence[Expression]) -> Expression:
    shown = tuple(map(readable, factors))
    if _NOUGHT in shown and len(shown) > 1:
        return _NOUGHT
    if any(map(_has_unit, shown)):
        shown = tuple(factor for factor in shown if factor != _ONE)
    return shown[0] if len(shown) == 1 else Product(shown)


def _readable_sum(terms: Sequence[Expression]) -> Expression:
    """The terms; those that are 0 are left out of a long sum, and of one of unit rows."""
    shown = [readable(term) for term in terms]
    is_of_products = all(isinstance(term, Product) for term in terms)
    is_short = not is_wide(len(terms)) and not any(map(_has_wide_row, terms))
    if is_of_products and is_short and not any(map(_has_unit, shown)):
        shown = [a if b == _NOUGHT else b for a, b in zip(terms, shown, strict=True)]
        return Sum(tuple(shown))
    kept = [each for each in shown if each != _NOUGHT]
    return _NOUGHT if not kept else kept[0] if len(kept) == 1 else Sum(tuple(kept))


def _has_wide_row(expression: Expression) -> bool:
    factors = expression.factors if isinstance(expression, Product) else (expression,)
    return any(isinstance(each, RowVector) and is_wide(len(each.entries)) for each in factors)


def _has_unit(expression: Expression) -> bool:
    match expression:
        case Name(letter):
            return letter == "u"
        case Negative(of):
            return _has_unit(of)
        case Sum(parts) | Product(parts):
            return any(map(_has_unit, parts))
    return False


def readable_steps(work: Derivation, is_shown: Callable[[Step, Name], bool]) -> Derivation:
    """The steps as they are read, with those of their lines that are shown."""
    steps = []
    for step in work.steps:
        lines = [
            line
            for line in step.lines
            if isinstance(line.target, Name) and is_shown(step, line.target)
        ]
        told = tuple(
            Line(line.target, line.symbolic, readable(line.substituted), readable(line.value))
            for line in lines
        )
        steps.append(Step(step.rule, step.explanation, step.target, step.formula, told))
    return replace(work, steps=tuple(steps))


def row_text(row: Sequence[Number], notation: Notation) -> str:
    """A row vector on one line, in brackets or with unit rows."""
    if not any(isinstance(cell, ExponentialSum) for cell in row):
        units = unit_sum([Shown(cell) for cell in row])
        if units is not None:
            return notation.expression(units)
    return f"({', '.join(cells_of(row, notation).texts)})"
