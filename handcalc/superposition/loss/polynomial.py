"""Polynomials in S as they are read: factored over the fractions, 1 − S rather than S − 1."""

from __future__ import annotations

import sympy

from handcalc.derivation import Difference, Expression, Name, Number, Power, Product, Sum
from handcalc.numbers.exact import sign, to_text
from handcalc.superposition.loss.distribution import S

_NAME, _ONE = Name("S"), sympy.Integer(1)
_MOST_BITS = 1024  # of the coefficients of a polynomial that is factored
_LONG = 10**6


def polynomial_expression(value: sympy.Expr) -> Expression:
    """A number or a polynomial in S as an expression.

    >>> polynomial_expression(S * (1 - S)) == Product((_NAME, Difference(Number(_ONE), _NAME)))
    True
    """
    if not value.has(S):
        return Number(value)
    coefficient, factors = _factored(value)
    if factors and factors[-1][1] == 1 and _is_long(coefficient, factors[-1][0]):
        # digits that no reader takes in are better read as one coefficient for each power
        base, coefficient = sympy.expand(coefficient * factors[-1][0]), _ONE
        factors = [*factors[:-1], (base, 1)]
    parts = [_powered(_factor(base), exponent) for base, exponent in factors]
    shown = parts if coefficient == 1 and parts else [Number(coefficient), *parts]
    return shown[0] if len(shown) == 1 else Product(tuple(shown))


def polynomial_text(value: sympy.Expr) -> str:
    """The same as text that sympy reads: "(1 - S)**2/3".

    >>> polynomial_text((S - 1) ** 2 / 3)
    '(1 - S)**2/3'
    """
    if not value.has(S):
        return to_text(value)
    coefficient, factors = _factored(value)
    parts = [(1 - S if base == 1 - S else base) ** exponent for base, exponent in factors]
    return to_text(sympy.Mul(coefficient, *parts))


def by_powers(polynomial: sympy.Expr, symbol: sympy.Symbol) -> Expression:
    """A polynomial in any symbol as a sum of its terms, the highest power first.

    >>> x = sympy.Symbol("x")
    >>> by_powers(1 - 2 * x**3, x).terms[0]
    Product(factors=(Number(value=-2), Power(base=Name(letter='x', indices=(), hat=False), \
exponent=3)))
    """
    terms = sympy.Poly(polynomial, symbol).terms()
    shown = tuple(_term(c, Name(symbol.name), degree) for (degree,), c in terms)
    return shown[0] if len(shown) == 1 else Sum(shown)


def _factored(value: sympy.Expr) -> tuple[sympy.Expr, list[tuple[sympy.Expr, int]]]:
    """The coefficient and the factors with their exponents; one factor where roots stand in it.

    Polynomials of many digits are no longer divided by more than S and 1 − S, as that takes time
    and finds nothing.
    """
    polynomial = sympy.Poly(value, S)
    if not all(part.is_Rational for part in polynomial.all_coeffs()):
        return _ONE, [(value, 1)]
    numbers = (part for c in polynomial.all_coeffs() for part in (c.p, c.q))
    if sum(int(number).bit_length() for number in numbers) > _MOST_BITS:
        return _divide_out(polynomial)
    coefficient, factors = sympy.factor_list(polynomial)
    signed = []
    for factor, exponent in factors:
        base = factor.as_expr()
        if base == S - 1:
            base, coefficient = 1 - S, coefficient * (-1) ** exponent
        elif base != S and coefficient < 0 and exponent % 2:
            base, coefficient = sympy.expand(-base), -coefficient
        signed.append((base, exponent))
    signed.sort(key=lambda factor: (factor[0] != S, factor[0] != 1 - S))
    return coefficient, signed


def _divide_out(polynomial: sympy.Poly) -> tuple[sympy.Expr, list[tuple[sympy.Expr, int]]]:
    """The powers of S and of 1 − S in a polynomial, and what is left."""
    factors = []
    for base in (S, 1 - S):
        divisor, exponent = sympy.Poly(base, S, domain="QQ"), 0
        while not polynomial.rem(divisor):
            polynomial, exponent = polynomial.quo(divisor), exponent + 1
        factors += [(base, exponent)] if exponent else []
    if polynomial.is_ground:
        return polynomial.as_expr(), factors
    return _ONE, [*factors, (polynomial.as_expr(), 1)]


def _is_long(coefficient: sympy.Expr, base: sympy.Expr) -> bool:
    found = [coefficient, *sympy.Poly(base, S).all_coeffs()]
    numbers = [number for each in found for number in each.atoms(sympy.Rational)]
    return base not in (S, 1 - S) and any(max(abs(c.p), c.q) > _LONG for c in numbers)


def _factor(base: sympy.Expr) -> Expression:
    if base == 1 - S:
        return Difference(Number(_ONE), _NAME)
    parts = sorted(sympy.Poly(base, S).terms(), key=lambda part: sign(part[1]) < 0)
    terms = tuple(_term(coefficient, _NAME, n) for (n,), coefficient in parts if coefficient != 0)
    return terms[0] if len(terms) == 1 else Sum(terms)


def _powered(base: Expression, exponent: int) -> Expression:
    return base if exponent == 1 else Power(base, exponent)


def _term(coefficient: sympy.Expr, name: Name, degree: int) -> Expression:
    if degree == 0:
        return Number(coefficient)
    power = _powered(name, degree)
    return power if coefficient == 1 else Product((Number(coefficient), power))
