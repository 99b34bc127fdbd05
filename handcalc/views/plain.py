"""Expressions on one line of plain text, in Unicode or in ASCII."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import sympy

from handcalc.derivation import (
    Cases,
    Claim,
    Comparison,
    Difference,
    Expectation,
    Expression,
    Integral,
    Name,
    Negative,
    Number,
    Power,
    Product,
    Relu,
    Sum,
    Transposed,
)
from handcalc.number import ordered_terms, to_text
from handcalc.superposition.affine import scaled_name
from handcalc.views.standins import ascii_text

__all__ = ["ASCII", "UNICODE", "Notation", "PlainNotation"]


class Notation(ABC):
    """A way to write expressions: the order and the brackets are decided here, once."""

    times: str
    minus: str
    relations: Mapping[str, str]

    @abstractmethod
    def number(self, value: sympy.Expr) -> str:
        """An exact number."""

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
            case Expectation(of):
                return self.expectation(self.expression(of))
            case Integral(integrand, variables):
                names = tuple(map(self.name, variables))
                return self.integral(self._factor(integrand, first=True), names)
            case Relu(argument):
                return self.relu(self.expression(argument))
            case Cases():
                return self.cases(expression)

    def comparison(self, comparison: Comparison) -> str:
        """A condition such as x₂ ≥ x₃."""
        left, right = self.expression(comparison.left), self.expression(comparison.right)
        return f"{left} {self.relations[comparison.relation]} {right}"

    def claim(self, claim: Claim) -> str:
        """A sentence with its expressions put in."""
        shown = (
            self.comparison(value) if isinstance(value, Comparison) else self.expression(value)
            for value in claim.values
        )
        return claim.sentence.format(*(self.inline(text) for text in shown))

    def inline(self, text: str) -> str:
        """A formula as it stands inside a sentence."""
        return text

    def multiple(self, value: sympy.Expr) -> str:
        """A number, or a number times one symbol, as inputs and parts hold them."""
        if not value.free_symbols:
            return self.number(value)
        (symbol,) = value.free_symbols
        return self.expression(scaled_name(symbol, value.coeff(symbol)))

    def _sum(self, terms: tuple[Expression, ...]) -> str:
        first, *rest = (self.expression(term) for term in terms)
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

    def __init__(self, *, unicode: bool) -> None:
        self.unicode = unicode
        self.times = "·" if unicode else "*"
        self.minus = "−" if unicode else "-"
        self.relations = {r: r for r in "≥≤><"} if unicode else _ASCII_RELATIONS

    def number(self, value: sympy.Expr) -> str:
        """√3/2 or sqrt(3)/2."""
        return _unicode_number(value) if self.unicode else to_text(value)

    def name(self, name: Name) -> str:
        """x̂₂ or xhat2; a compound such as Wh stands in brackets before its index."""
        letter = _GREEK.get(name.letter, name.letter) if self.unicode else name.letter
        letter = f"({letter})" if len(letter) > 1 and name.indices else letter
        joint = "," if max(name.indices, default=0) > 9 else ""
        if not self.unicode:
            return letter + ("hat" if name.hat else "") + joint.join(map(str, name.indices))
        return letter + ("\u0302" if name.hat else "") + joint.join(map(_subscript, name.indices))

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
        return base + (_superscript(exponent) if self.unicode else f"^{exponent}")

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
_ASCII_RELATIONS = {"≥": ">=", "≤": "<=", ">": ">", "<": "<"}


def _subscript(index: int) -> str:
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(index))


def _superscript(exponent: int) -> str:
    return "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(exponent))


def _unicode_number(value: sympy.Expr) -> str:
    first, *rest = (_unicode_term(term) for term in ordered_terms(value))
    for text in rest:
        first += f" − {text[1:]}" if text.startswith("−") else f" + {text}"
    return first


def _unicode_term(term: sympy.Expr) -> str:
    coefficient, rest = term.as_coeff_Mul()
    top, bottom = abs(int(coefficient.p)), int(coefficient.q)
    factors = "".join(map(_unicode_factor, sympy.Mul.make_args(rest) if rest != 1 else ()))
    number = "" if top == 1 and factors else str(top)
    sign = "−" if coefficient.p < 0 else ""
    return f"{sign}{number}{factors}" + (f"/{bottom}" if bottom > 1 else "")


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
