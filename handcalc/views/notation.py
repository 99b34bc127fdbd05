"""Expressions on one line of plain text, in Unicode or in ASCII.

A page shows a number as it is where it reads at a glance, and otherwise its nearest decimal, with
≈ for the equals sign before it; ``EXACT`` shows every digit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

import sympy

from handcalc.derivation import (
    About,
    Applied,
    Cases,
    Claim,
    Difference,
    Expectation,
    Exponential,
    Expression,
    Inequality,
    Integral,
    Name,
    Negative,
    Number,
    Power,
    Product,
    Ratio,
    Relu,
    RowVector,
    Sum,
    Transposed,
    has_about,
    numbers_in,
)
from handcalc.numbers.decimals import is_exact, no_minus_zero, rounded, to_places, trimmed
from handcalc.numbers.exact import integer_text, ordered_terms, to_text
from handcalc.superposition.model.affine import scaled_name
from handcalc.views.ascii import ascii_text
from handcalc.views.attention_notation import attention_text
from handcalc.views.rounding import (
    DIGITS,
    LARGEST,
    PLACES,
    SMALLEST,
    in_column,
    is_short,
    reads_at_a_glance,
)

Equals: TypeAlias = Literal["=", "≈"]

_MOST_TERMS = 24  # of a sum that is written out; a line of 400 is read by nobody
_HEAD, _TAIL = 6, 2


@dataclass(frozen=True, slots=True)
class Cells:
    """The texts of numbers that stand together, and how they equal the numbers."""

    texts: tuple[str, ...]
    equals: Equals


class Notation(ABC):
    """A way to write expressions: the order and the brackets are decided here, once.

    An ``exact`` one rounds nothing and leaves nothing out; a ``typeset`` one is LaTeX. ``places``
    are the digits behind the point that the numbers of a matrix may have, the most first.
    """

    times: str
    minus: str
    ellipsis: str
    relations: Mapping[str, str]
    exact = False
    typeset = False
    places: Sequence[int] = PLACES

    def number(self, value: sympy.Expr) -> str:
        """A number as it is where it reads at a glance, else as a decimal of six digits.

        >>> ASCII.number(sympy.Rational(-1, 3)), ASCII.number(sympy.Rational(-12345678, 10**7))
        ('-1/3', '-1.23457')
        """
        if self.exact or reads_at_a_glance(value):
            return self.exactly(value)
        return self.decimal(rounded(value, DIGITS), value)

    def cells(self, values: Iterable[sympy.Expr], places: int | None = None) -> Cells:
        """Numbers that stand together: all as they are, or all but the whole ones as decimals.

        >>> ASCII.cells([sympy.Rational(1, 4), sympy.Rational(12345678, 10**8), sympy.Integer(1)])
        Cells(texts=('0.25', '0.123457', '1'), equals='≈')
        """
        given = tuple(values)
        if self.exact or all(map(reads_at_a_glance, given)):
            return Cells(tuple(map(self.exactly, given)), "=")
        shown = [in_column(value, places or self.places[0]) for value in given]
        # decimals that are the numbers themselves have all the same places, so that points align;
        # rounded ones keep what ``in_column`` left of them
        exact = all(map(is_exact, shown, given))
        needed = max(-int(trimmed(decimal).as_tuple().exponent) for decimal in shown)
        if exact and 0 <= needed <= self.places[0]:
            texts = [self._signed(f"{no_minus_zero(decimal):.{needed}f}") for decimal in shown]
        else:
            texts = [self.decimal(*pair) for pair in zip(shown, given, strict=True)]
        for k, value in enumerate(given):
            if isinstance(value, sympy.Integer) and reads_at_a_glance(value):
                texts[k] = self.exactly(value)
        return Cells(tuple(texts), "=" if exact else "≈")

    def equals(self, *shown: Expression | Inequality | sympy.Expr) -> Equals:
        """= where every number in what is shown is all there, ≈ where one is rounded."""
        values = (
            number
            for each in shown
            for number in ([each] if isinstance(each, sympy.Expr) else numbers_in(each))
        )
        if any(map(has_about, shown)):
            return "≈"
        return "≈" if not self.exact and any(map(self.rounds, values)) else "="

    def rounds(self, value: sympy.Expr) -> bool:
        """Whether ``number`` shows another number than the one it is given."""
        if self.exact or reads_at_a_glance(value):
            return False
        return not is_exact(rounded(value, DIGITS), value)

    def told(self, value: sympy.Expr) -> str:
        """A number in a sentence: as it is, or about its decimal."""
        number = self.inline(self.number(value))
        return f"about {number}" if self.rounds(value) else number

    def decimal(self, nearest: Decimal, value: sympy.Expr) -> str:
        """A decimal as it is read: no zeros at the end where it is the number itself."""
        exactly = is_exact(nearest, value)
        shown = trimmed(nearest) if exactly else nearest
        plainly = shown == 0 or SMALLEST <= shown.adjusted() <= LARGEST
        return self._signed(f"{shown:f}" if plainly else f"{shown:e}".replace("e+", "e"))

    def _signed(self, text: str) -> str:
        return text.replace("-", self.minus, 1) if text.startswith("-") else text

    @abstractmethod
    def exactly(self, value: sympy.Expr) -> str:
        """A number as it is, however long."""

    @abstractmethod
    def name(self, name: Name) -> str:
        """A letter with its indices."""

    @abstractmethod
    def transposed(self, matrix: str) -> str:
        """The transpose of a matrix."""

    @abstractmethod
    def bracketed(self, text: str) -> str:
        """The text in brackets."""

    @abstractmethod
    def relu(self, argument: str) -> str:
        """ReLU of an argument."""

    @abstractmethod
    def power(self, base: str, exponent: int) -> str:
        """base^exponent."""

    @abstractmethod
    def expectation(self, of: str) -> str:
        """E[of]."""

    @abstractmethod
    def integral(self, integrand: str, variables: tuple[str, ...]) -> str:
        """An integral over the unit cube."""

    @abstractmethod
    def cases(self, cases: Cases) -> str:
        """A value given case by case."""

    def expression(self, expression: Expression) -> str:  # noqa: C901, PLR0911, PLR0912  # a case for each kind
        """Any expression."""
        match expression:
            case Number(value):
                return self.number(value)
            case Name():
                return self.name(expression)
            case Transposed(matrix):
                return self.transposed(self.name(matrix))
            case Sum(terms):
                return self._sum(terms)
            case Difference(left, right):
                return f"{self.expression(left)} {self.minus} {self._factor(right, first=False)}"
            case Negative(of):
                return self.minus + self._factor(of, first=False)
            case Product(factors):
                return self._product(factors)
            case Power(base, exponent):
                return self.power(self._power_base(base), exponent)
            case Exponential() | Ratio() | RowVector() | Applied() | About():
                return attention_text(expression, self)
            case Expectation(of):
                return self.expectation(self.expression(of))
            case Integral(integrand, variables):
                names = tuple(map(self.name, variables))
                return self.integral(self._factor(integrand, first=True), names)
            case Relu(argument):
                return self.relu(self.expression(argument))
            case Cases():
                return self.cases(expression)

    def comparison(self, comparison: Inequality) -> str:
        """A condition such as x₂ ≥ x₃."""
        left, right = self.expression(comparison.left), self.expression(comparison.right)
        return f"{left} {self.relations[comparison.relation]} {right}"

    def claim(self, claim: Claim) -> str:
        """A sentence with its expressions put in; before what is rounded stands "about"."""
        shown = (
            self.comparison(value) if isinstance(value, Inequality) else self.expression(value)
            for value in claim.values
        )
        about = ("" if self.equals(value) == "=" else "about " for value in claim.values)
        formulas = (f"{a}{self.inline(text)}" for a, text in zip(about, shown, strict=True))
        return claim.sentence.format(*formulas)

    def inline(self, text: str) -> str:
        """A formula as it stands inside a sentence."""
        return text

    def multiple(self, value: sympy.Expr) -> str:
        """A number, or a number times one symbol, as inputs hold them."""
        if not value.free_symbols:
            return self.number(value)
        (symbol,) = value.free_symbols
        return self.expression(scaled_name(symbol, value.coeff(symbol)))

    def _sum(self, terms: tuple[Expression, ...]) -> str:
        if self.exact or len(terms) <= _MOST_TERMS:
            first, *rest = map(self.expression, terms)
        else:
            first, *rest = map(self.expression, terms[:_HEAD])
            rest += [self.ellipsis, *map(self.expression, terms[-_TAIL:])]
        for text in rest:
            negative = text.startswith(self.minus)
            shown = text[len(self.minus) :].lstrip() if negative else text
            first += f" {self.minus if negative else '+'} {shown}"
        return first

    def _product(self, factors: tuple[Expression, ...]) -> str:
        names = all(
            isinstance(f, Transposed | Name) and not getattr(f, "indices", ()) for f in factors
        )
        shown = [self._factor(f, first=k == 0) for k, f in enumerate(factors)]
        return ("" if names else self.times).join(shown)

    def _power_base(self, base: Expression) -> str:
        text = self._factor(base, first=False)
        if isinstance(base, Product):
            return self.bracketed(text)
        if isinstance(base, Number) and base.value.is_Rational and not base.value.is_Integer:
            return text if base.value < 0 else self.bracketed(text)
        return text

    def _factor(self, factor: Expression, *, first: bool) -> str:
        text = self.expression(factor)
        compound = isinstance(factor, Sum | Difference | Cases) or (
            isinstance(factor, Number) and isinstance(factor.value, sympy.Add)
        )
        negative = text.startswith(self.minus) and not first
        return self.bracketed(text) if compound or negative else text


class PlainNotation(Notation):
    """One line of text; ``unicode`` chooses √3/2, x₁ and x̂ over sqrt(3)/2, x1 and xhat."""

    def __init__(self, *, unicode: bool, exact: bool = False) -> None:
        self.unicode = unicode
        self.exact = exact
        self.ellipsis = "…" if unicode else "..."
        self.times = "·" if unicode else "*"
        self.minus = "−" if unicode else "-"
        self.relations = {r: r for r in "≥≤><"} if unicode else _ASCII_RELATIONS

    def exactly(self, value: sympy.Expr) -> str:
        """√3/2 or sqrt(3)/2."""
        return _unicode_number(value) if self.unicode else to_text(value)

    def name(self, name: Name) -> str:
        """x̂₂ or xhat2; a compound such as Wh stands in brackets before its index."""
        letter = _GREEK.get(name.letter, name.letter) if self.unicode else name.letter
        letter = f"({letter})" if len(letter) > 1 and name.indices else letter
        joint = "," if max(name.indices, default=0) > 9 else ""
        if not self.unicode:
            return letter + ("hat" if name.hat else "") + joint.join(map(str, name.indices))
        indices = joint.join(map(str, name.indices)).translate(_SUBSCRIPTS)
        return letter + ("\u0302" if name.hat else "") + indices

    def transposed(self, matrix: str) -> str:
        """Wᵀ or W^T."""
        return f"{matrix}ᵀ" if self.unicode else f"{matrix}^T "

    def bracketed(self, text: str) -> str:
        """(text)."""
        return f"({text})"

    def relu(self, argument: str) -> str:
        """ReLU(argument)."""
        return f"ReLU({argument})"

    def power(self, base: str, exponent: int) -> str:
        """x² or x^2."""
        if exponent == 1:
            return base
        return base + (str(exponent).translate(_SUPERSCRIPTS) if self.unicode else f"^{exponent}")

    def expectation(self, of: str) -> str:
        """E[of]."""
        return f"E[{of}]"

    def integral(self, integrand: str, variables: tuple[str, ...]) -> str:
        """∫ integrand dx₁dx₂."""
        sign = "∫" if self.unicode else "integral"
        differentials = " ".join(f"d{variable}" for variable in variables)
        return f"{sign} {integrand} {differentials}"

    def words(self, text: str) -> str:
        """A text as it is, or with ASCII in place of what is not."""
        return text if self.unicode else ascii_text(text)

    def cases(self, cases: Cases) -> str:
        """value if condition, else value."""
        shown = [
            self.expression(case.value)
            + (f" if {self.comparison(case.condition)}" if case.condition else "")
            for case in cases.branches
        ]
        return ", else ".join(shown)


_GREEK = {"beta": "β"}
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_ASCII_RELATIONS = {"≥": ">=", "≤": "<=", ">": ">", "<": "<"}


def _unicode_number(value: sympy.Expr) -> str:
    shown = ""
    for term in ordered_terms(value):
        coefficient, rest = term.as_coeff_Mul()
        top, bottom = abs(int(coefficient.p)), int(coefficient.q)
        factors = "".join(map(_unicode_factor, sympy.Mul.make_args(rest) if rest != 1 else ()))
        number = "" if top == 1 and factors else integer_text(top)
        sign = "−" if coefficient.p < 0 else ""
        if shown:
            sign = " − " if sign else " + "
        shown += f"{sign}{number}{factors}" + (f"/{integer_text(bottom)}" if bottom > 1 else "")
    return shown


def _unicode_factor(factor: sympy.Expr) -> str:
    if isinstance(factor, sympy.Pow):
        radicand = factor.base ** (2 * factor.exp)
        inside = _unicode_number(radicand)
        return f"√{inside}" if isinstance(radicand, sympy.Integer) else f"√({inside})"
    angle = (factor.args[0] / sympy.pi).as_numer_denom()
    top = "" if angle[0] == 1 else str(angle[0])
    return f"{factor.func.__name__}({top}π/{angle[1]})"


UNICODE = PlainNotation(unicode=True)
ASCII = PlainNotation(unicode=False)
EXACT = PlainNotation(unicode=False, exact=True)


class RoundedNotation(PlainNotation):
    """One line of text as in ``PlainNotation``, with so many places behind every decimal's point.

    >>> RoundedNotation(ASCII, 4).number(sympy.Rational(-12345678, 10**7))
    '-1.2346'
    """

    def __init__(self, notation: PlainNotation, places: int) -> None:
        super().__init__(unicode=notation.unicode)
        self.places = (places,)

    def number(self, value: sympy.Expr) -> str:
        """1/4 or 0.968968404523."""
        if is_short(value):
            return self.exactly(value)
        return f"{no_minus_zero(to_places(value, self.places[0])):f}".replace("-", self.minus)
