"""Polynomials written out by falling powers of one letter."""

from __future__ import annotations

import sympy

from handcalc.derivation import Expression, Name, Number, Power, Product, Sum

__all__ = ["by_powers"]


def by_powers(polynomial: sympy.Expr, symbol: sympy.Symbol) -> Expression:
    """A polynomial in a symbol as a sum of its terms, the highest power first.

    >>> x = sympy.Symbol("x")
    >>> by_powers(1 - 2 * x**3, x).terms[0]
    Product(factors=(Number(value=-2), Power(base=Name(letter='x', indices=(), hat=False), \
exponent=3)))
    """
    terms = sympy.Poly(polynomial, symbol).terms()
    shown = tuple(_term(c, Name(symbol.name), degree) for (degree,), c in terms)
    return shown[0] if len(shown) == 1 else Sum(shown)


def _term(coefficient: sympy.Expr, name: Name, degree: int) -> Expression:
    if degree == 0:
        return Number(coefficient)
    power = name if degree == 1 else Power(name, degree)
    return power if coefficient == 1 else Product((Number(coefficient), power))
