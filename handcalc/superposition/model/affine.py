"""Affine forms c + Σ aⱼxⱼ over the box [0, 1]ⁿ: what a toy model makes of symbols before ReLU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm

import sympy

from handcalc.derivation import (
    Expression,
    Inequality,
    Name,
    Negative,
    Number,
    Product,
    Relation,
    Sum,
)
from handcalc.errors import InputError
from handcalc.numbers.field import Element, Field
from handcalc.numbers.tower import Sign

_ONE = sympy.Integer(1)
_READABLE = 10**6


@dataclass(frozen=True)
class Affine:
    """c + Σ aⱼxⱼ with exact c and aⱼ ≠ 0, the xⱼ symbols in [0, 1] in their order.

    >>> field = Field()
    >>> x2, x3 = (Affine.of(field, sympy.Symbol(name)) for name in ("x2", "x3"))
    >>> (x2 - x3).to_sympy(), (x2 - x3).sign(), (x2 + x3).sign()
    (x2 - x3, None, 1)
    """

    constant: Element
    slopes: tuple[tuple[sympy.Symbol, Element], ...] = ()

    @classmethod
    def of(cls, field: Field, value: sympy.Expr) -> Affine:
        """A number or a symbol as an affine form."""
        if isinstance(value, sympy.Symbol):
            return cls(field.rational(0), ((value, field.rational(1)),))
        return cls(field.from_sympy(value))

    @staticmethod
    def combination(weights: Sequence[Element], forms: Sequence[Affine]) -> Affine:
        """Σ wᵢfᵢ, for as many weights as forms, at least one."""
        constant, slopes = weights[0] * 0, dict[sympy.Symbol, Element]()
        for weight, form in zip(weights, forms, strict=True):
            if form.constant:
                constant = constant + weight * form.constant
            for symbol, slope in form.slopes:
                term = weight * slope
                slopes[symbol] = slopes[symbol] + term if symbol in slopes else term
        return Affine(constant, _in_order(slopes))

    def __add__(self, other: Affine) -> Affine:
        if not other.slopes and not other.constant:
            return self  # the same form, so that views convert its numbers once
        slopes = dict(self.slopes)
        for symbol, slope in other.slopes:
            slopes[symbol] = slopes[symbol] + slope if symbol in slopes else slope
        return Affine(self.constant + other.constant, _in_order(slopes))

    def __sub__(self, other: Affine) -> Affine:
        return self + other.scaled(-1)

    def scaled(self, factor: Element | int) -> Affine:
        """The form times a number."""
        if not factor:
            return Affine(self.constant * 0)
        slopes = tuple((symbol, slope * factor) for symbol, slope in self.slopes)
        return Affine(self.constant * factor, slopes)

    @property
    def is_constant(self) -> bool:
        """Whether no symbol is left."""
        return not self.slopes

    def extremes(self) -> tuple[Element, Element]:
        """The least and the greatest value over the box."""
        low = high = self.constant
        for _, slope in self.slopes:
            if slope.sign() < 0:
                low = low + slope
            else:
                high = high + slope
        return low, high

    def sign(self) -> Sign | None:
        """1 where the form is ≥ 0 over the whole box, 0 or −1 where it is ≤ 0, else None.

        0 means zero everywhere.
        """
        low, high = self.extremes()
        if not low and not high:
            return 0
        return 1 if low.sign() >= 0 else -1 if high.sign() <= 0 else None

    @property
    def stays_in_box(self) -> bool:
        """Whether 0 ≤ the form ≤ 1 over the whole box."""
        low, high = self.extremes()
        return low.sign() >= 0 and (1 - high).sign() >= 0

    def at(self, values: Mapping[sympy.Symbol, Element]) -> Element:
        """The value with numbers put in for all symbols."""
        total = self.constant
        for symbol, slope in self.slopes:
            if symbol not in values:
                raise InputError("missing", f"A value for {symbol} is needed.")
            total = total + slope * values[symbol]
        return total

    @cached_property
    def _shown(self) -> tuple[sympy.Expr, tuple[tuple[sympy.Symbol, sympy.Expr], ...]]:
        """Constant and slopes as views take them, converted once for all of these."""
        slopes = ((symbol, slope.to_sympy()) for symbol, slope in self.slopes)
        constant = self.constant.to_sympy() if self.constant else sympy.S.Zero
        return constant, tuple(slopes)

    def to_sympy(self) -> sympy.Expr:
        """The form as a sympy expression."""
        constant, slopes = self._shown
        if not slopes:
            return constant
        return sympy.Add(constant, *(slope * symbol for symbol, slope in slopes))

    def expression(self) -> Expression:
        """The form as an expression that views render, a positive term first where there is one."""
        constant, slopes = self._shown
        signs = [slope.sign() for _, slope in self.slopes]
        names = [scaled_name(symbol, slope) for symbol, slope in slopes]
        terms = list(zip(names, signs, strict=True))
        if self.constant or not terms:
            terms.append((Number(constant), self.constant.sign()))
        lead = next((k for k, (_, sign) in enumerate(terms) if sign > 0), 0)
        ordered = [terms[lead], *terms[:lead], *terms[lead + 1 :]]
        shown = tuple(term for term, _ in ordered)
        return shown[0] if len(shown) == 1 else Sum(shown)

    def non_negative(self) -> Inequality:
        """The condition that the form is ≥ 0, with no minus sign left: x₂ ≥ x₃, or x₁ ≤ 1/2."""
        return self._compared("≥", "≤")

    def positive(self) -> Inequality:
        """The condition that the form is > 0."""
        return self._compared(">", "<")

    def _compared(self, relation: Relation, reversed_relation: Relation) -> Inequality:
        scaled = self.scaled(_reading_scale([slope for _, slope in self.slopes], self.constant))
        left, right = _side(scaled, 1), _side(scaled, -1)
        if left.is_constant:
            left, right, relation = right, left, reversed_relation
        return Inequality(left.expression(), relation, right.expression())


def _reading_scale(slopes: Sequence[Element], constant: Element) -> Element:
    """What to multiply a condition by: one symbol stands bare, several with small whole numbers.

    Where one of several stands bare already, the condition stays as z is: x₂ + 1/2 ≥ x₃.
    """
    first = slopes[0] if slopes[0].sign() > 0 else -slopes[0]
    parts = [part for part in (*slopes, constant) if part]
    if len(slopes) > 1 and any(slope in (1, -1) for slope in slopes):
        return first * 0 + 1
    if len(slopes) == 1 or not all(part.is_rational for part in parts):
        return 1 / first
    fractions = [part.to_fraction() for part in parts]
    bottom = lcm(*(part.denominator for part in fractions))
    wholes = [int(part * bottom) for part in fractions]
    common = gcd(*wholes)
    if max(map(abs, wholes)) > _READABLE * common:  # long whole numbers say less than decimals
        return first * 0 + 1
    return first * 0 + Fraction(bottom, common)


def _side(form: Affine, sign: Sign) -> Affine:
    """The part of the form with coefficients of one sign, made positive."""
    constant = form.constant if form.constant.sign() == sign else form.constant * 0
    slopes = tuple(pair for pair in form.slopes if pair[1].sign() == sign)
    return Affine(constant, slopes).scaled(sign)


def scaled_name(symbol: sympy.Symbol, slope: sympy.Expr) -> Expression:
    """slope · x, or x and −x where the slope is 1 and −1."""
    name = symbol_name(symbol)
    if slope == -1:
        return Negative(name)
    return name if slope == _ONE else Product((Number(slope), name))


def symbol_name(symbol: sympy.Symbol) -> Name:
    """The name that stands for the symbol x1, x2 and so on.

    >>> symbol_name(sympy.Symbol("x12")).indices
    (12,)
    """
    return Name("x", (int(symbol.name[1:]),))


def _in_order(
    slopes: Mapping[sympy.Symbol, Element],
) -> tuple[tuple[sympy.Symbol, Element], ...]:
    """The slopes that are not 0, by their symbols' indices."""
    kept = ((symbol, slope) for symbol, slope in slopes.items() if slope)
    return tuple(sorted(kept, key=lambda pair: int(pair[0].name[1:])))
