"""Whether a head copies: the eigenvalues of its OV table, and the rows that favour themselves.

Whether Σλ/Σ|λ| is 1 is decided without computing roots: the characteristic polynomial is exact, and
whether all its roots are real and of one sign is decided by Sturm's chain. Roots are written out
where a factor has degree 2 at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

import sympy
from flint import acb, acb_poly, arb, ctx

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.softmax import chain, largest
from handcalc.circuits.tables import TokenTable, ov_circuit, ov_rows
from handcalc.circuits.terms import precisions
from handcalc.display import Displayed
from handcalc.errors import EngineError, InputError
from handcalc.export import Plotted
from handcalc.numbers.exact import exact, to_text
from handcalc.numbers.field import Element
from handcalc.numbers.tower import Sign

Polynomial: TypeAlias = "list[Element]"  # the constant first; the last is not 0
_BITS = 100  # of an eigenvalue, behind the point
_MOST_BITS = 1 << 16
_X = sympy.Symbol("x")


@dataclass(frozen=True, repr=False)
class Copying(Displayed, Plotted):
    """Eigenvalues of M = W_E W_OV W_U, the score Σλ/Σ|λ|, and the top-1 test: two views of copying.

    ``top1`` are the tokens whose row of M, [source, out], has its only largest entry at themselves.
    Neither implies the other: a score of 1 says that all λ are real and ≥ 0.
    """

    table: TokenTable
    spectrum: Spectrum
    top1: tuple[str, ...]

    @property
    def eigenvalues(self) -> tuple[sympy.Expr | complex, ...]:
        """Those that are not 0; exact where square roots write them, else floats to look at."""
        return self.spectrum.eigenvalues

    @property
    def score(self) -> sympy.Expr | None:
        """Σλ/Σ|λ|, None where square roots do not write it, or where every λ is 0."""
        return self.spectrum.score

    @property
    def score_float(self) -> float | None:
        """The same as a float."""
        return self.spectrum.score_float

    @cached_property
    def share(self) -> Fraction:
        """The share of tokens that pass the top-1 test."""
        return Fraction(len(self.top1), len(self.table.row_tokens))

    def __repr__(self) -> str:
        about = f"about {self.score_float}"
        score = to_text(self.score) if self.score is not None else about
        score = "none, every eigenvalue is 0" if self.score_float is None else score
        return f"<Copying: score {score}, top-1 {self.share}>"


def copying(model: AttentionOnly, layer: int, head: int) -> Copying:
    """λ of M = W_E W_OV W_U, the score Σλ/Σ|λ|, and the rows of M whose largest entry is their own.

    The λ ≠ 0 are those of the smaller matrix W_O W_U W_E W_V. The score is 1 exactly where all of
    them are real and positive, which Sturm's chain decides.

    Args:
        model: An attention-only model.
        layer: The layer of the head, counted from 1.
        head: Its place in the layer, counted from 1.

    Returns:
        The table, its eigenvalues, the score and the tokens that pass the top-1 test.

    Raises:
        InputError: ``head`` for one that is not there.

    Source: Elhage et al. 2021, "Detecting Copying Behavior" (the eigenvalues and the score).

    Examples:
        >>> from handcalc.circuits.head import Head
        >>> odd = Head.of_circuits("0 0; 0 0", "30 40; -9 -10")
        >>> copying(AttentionOnly("1 0; 0 1", "1 0; 0 1", [[odd]]), 1, 1)
        <Copying: score 1, top-1 0>
    """
    table = ov_circuit(model, layer, head)
    rows = ov_rows(model, layer, head)
    numbers, V, d = model.elements(), model.d_vocab, model.d_model
    factors = numbers.layers[layer - 1][head - 1]
    width = factors.widths[1]
    small = rows
    if width < V:
        chained = [(factors.W_O, d), (numbers.W_U, V), (numbers.W_E, d), (factors.W_V, width)]
        small = chain(chained, numbers.field.rational(0))
    cells = [[cell for cell in row if isinstance(cell, Element)] for row in small]
    own = tuple(name for k, name in enumerate(model.vocabulary) if largest(rows[k]) == (k,))
    return Copying(table, spectrum(cells, V), own)


# -- the eigenvalues of a matrix -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The eigenvalues λ ≠ 0 of a matrix, ``zeros`` more that are 0, and Σλ/Σ|λ|.

    ``eigenvalues`` are exact where they are written with square roots, else floats to look at, on
    which no decision rests. ``score`` is None where it has no such form, or where all λ are 0;
    ``score_float`` is None in the second case alone. ``all_positive`` tells whether every λ ≠ 0 is
    real and positive, which is when the score is 1.
    """

    eigenvalues: tuple[sympy.Expr | complex, ...]
    zeros: int
    trace: sympy.Expr
    score: sympy.Expr | None
    score_float: float | None
    all_positive: bool


def spectrum(matrix: Sequence[Sequence[Element]], size: int) -> Spectrum:
    """The spectrum of a ``size`` × ``size`` matrix with the same λ ≠ 0 as the given one.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> found = spectrum([[2 * one, one], [one, one]], 2)
    >>> found.eigenvalues, found.score
    ((sqrt(5)/2 + 3/2, 3/2 - sqrt(5)/2), 1)
    """
    polynomial = characteristic_polynomial(matrix)
    while len(polynomial) > 1 and not polynomial[0]:
        polynomial = polynomial[1:]
    degree = len(polynomial) - 1
    trace = -polynomial[-2] if degree else polynomial[0] * 0
    factors = _factors(polynomial)
    roots = [root for factor, times in factors for root in _roots(factor) * times]
    signs = {_sign_of_roots(factor) for factor, _ in factors}
    exactly, ball = _moduli(factors)
    return Spectrum(
        eigenvalues=tuple(sorted(roots, key=_by_size)),
        zeros=size - degree,
        trace=trace.to_sympy(),
        score=_score(trace, signs, exactly),
        score_float=_score_float(trace, ball) if degree else None,
        all_positive=signs == {1},
    )


def characteristic_polynomial(matrix: Sequence[Sequence[Element]]) -> Polynomial:
    """det(x − M) by Faddeev and LeVerrier: the constant first, 1 last.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> characteristic_polynomial([[2 * one, one], [one, one]])
    [Element(1), Element(-3), Element(1)]
    """
    n, one = range(len(matrix)), matrix[0][0] * 0 + 1
    power = [[one * (i == j) for j in n] for i in n]
    found = [one]
    for k in range(1, len(matrix) + 1):
        product = [[sum((matrix[i][m] * power[m][j] for m in n), one * 0) for j in n] for i in n]
        coefficient = -sum((product[i][i] for i in n), one * 0) / k
        power = [[product[i][j] + (coefficient if i == j else 0) for j in n] for i in n]
        found.append(coefficient)
    return found[::-1]


def count_positive_roots(polynomial: Polynomial) -> int:
    """How many different real roots > 0 there are, by Sturm's chain; 0 must be no root.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> count_positive_roots([2 * one, -3 * one, one])
    2
    """
    chain = [polynomial, _derivative(polynomial)]
    while chain[-1]:
        chain.append([-cell for cell in _divided(chain[-2], chain[-1])[1]])
    chain.pop()
    return _changes([each[0] for each in chain]) - _changes([each[-1] for each in chain])


# -- factors and their roots -----------------------------------------------------------------------


def _factors(polynomial: Polynomial) -> list[tuple[Polynomial, int]]:
    """Factors without a double root, and how often each stands in the polynomial.

    Irreducible ones for fractions; of other numbers by the multiplicity of the roots (Yun).
    """
    if len(polynomial) == 1:
        return []
    if all(cell.is_rational for cell in polynomial):
        shown = sympy.Poly([cell.to_sympy() for cell in polynomial[::-1]], _X, domain="QQ")
        field = polynomial[0].field
        return [
            ([field.from_sympy(cell) for cell in factor.monic().all_coeffs()[::-1]], times)
            for factor, times in shown.factor_list()[1]
        ]
    found, times = [], 1
    common = _gcd(polynomial, _derivative(polynomial))
    rest = _divided(polynomial, common)[0]
    while len(rest) > 1:
        following = _gcd(rest, common)
        factor = _divided(rest, following)[0]
        if len(factor) > 1:
            found.append((factor, times))
        rest, common, times = following, _divided(common, following)[0], times + 1
    return found


def _roots(factor: Polynomial) -> tuple[sympy.Expr | complex, ...]:
    """Roots by the formula where the degree is at most 2, else as floats.

    How many floats lie on either axis is counted by Sturm's chain: they have no other part at all.
    """
    c, b = (cell.to_sympy() for cell in factor[:2])
    if len(factor) == 2:
        return (-c,)
    if len(factor) == 3:
        half = sympy.sqrt(_discriminant(factor).to_sympy()) / 2  # times i below 0
        return tuple(sympy.expand(-b / 2 + sign * half) for sign in (-1, 1))
    found = [complex(float(root.real.mid()), float(root.imag.mid())) for root in _balls(factor)]
    found.sort(key=lambda root: abs(root.imag))
    real = _count_real_roots(factor)
    found = [complex(root.real) for root in found[:real]] + sorted(
        found[real:], key=lambda root: abs(root.real)
    )
    axis = real + _count_imaginary_roots(factor)
    found[real:axis] = [complex(0, root.imag) for root in found[real:axis]]
    return tuple(found)


def _by_size(root: sympy.Expr | complex) -> tuple[float, float, float]:
    """The order in which roots are listed: the largest first, of a pair the one above the axis."""
    at = complex(root)
    return -round(abs(at), 9), -round(at.real, 9), -at.imag


def _moduli(factors: Sequence[tuple[Polynomial, int]]) -> tuple[sympy.Expr | None, arb]:
    """Σ|λ| with square roots, None where it has no such form, and in an interval."""
    total: sympy.Expr | None = sympy.Integer(0)
    ball = arb(0)
    for factor, times in factors:
        with ctx.workprec(2 * _BITS):
            ball += times * sum((abs(root) for root in _balls(factor)), arb(0))
        modulus = _modulus(factor)
        total = None if total is None or modulus is None else total + times * modulus
    return total, ball


def _modulus(factor: Polynomial) -> sympy.Expr | None:
    """Σ|λ| over the roots of one factor."""
    sign, degree = _sign_of_roots(factor), len(factor) - 1
    if sign:
        return (-sign * factor[-2]).to_sympy()
    if degree != 2:
        return None
    if _discriminant(factor).sign() < 0:  # a pair of conjugates
        return 2 * sympy.sqrt(factor[0].to_sympy())
    return sympy.sqrt(_discriminant(factor).to_sympy())  # of two signs


def _sign_of_roots(factor: Polynomial) -> Sign:
    """1 or −1 where all roots are real and of that sign, else 0."""
    if count_positive_roots(factor) == len(factor) - 1:
        return 1
    return -1 if count_positive_roots(_reflected(factor)) == len(factor) - 1 else 0


def _count_real_roots(factor: Polynomial) -> int:
    return count_positive_roots(factor) + count_positive_roots(_reflected(factor))


def _count_imaginary_roots(factor: Polynomial) -> int:
    """How many roots are i·y with y real: with each such root, −i·y is one too."""
    even = _gcd(factor, _reflected(factor))[::2]  # a polynomial in x², which is −y² there
    return 2 * count_positive_roots(_reflected(even)) if len(even) > 1 else 0


def _reflected(polynomial: Polynomial) -> Polynomial:
    """p(−x)."""
    return [cell * (-1) ** k for k, cell in enumerate(polynomial)]


def _discriminant(factor: Polynomial) -> Element:
    return factor[1] * factor[1] - 4 * factor[0]


def _balls(factor: Polynomial) -> list[acb]:
    """Small discs with one root each."""
    for bits in precisions(_MOST_BITS):
        with ctx.workprec(bits):
            coefficients = [acb(cell.ball()) for cell in factor]
            try:
                roots: list[acb] = acb_poly(coefficients).roots(tol=arb(2) ** -_BITS)
            except ValueError:  # more digits are needed to part them
                continue
            return roots
    raise EngineError("circuits", "The roots of a polynomial were not found.")


def _score(trace: Element, signs: set[Sign], moduli: sympy.Expr | None) -> sympy.Expr | None:
    """Σλ/Σ|λ|: ±1 where the roots have one sign and 0 where they sum to 0, without any root."""
    if not signs:
        return None
    if signs in ({1}, {-1}):
        return sympy.Integer(sum(signs))
    if not trace:
        return sympy.Integer(0)
    if moduli is None:
        return None
    try:
        return exact(trace.to_sympy() / moduli)
    except InputError:  # past the largest field
        return None


def _score_float(trace: Element, moduli: arb) -> float:
    with ctx.workprec(2 * _BITS):
        return float((trace.ball() / moduli).mid())


# -- polynomials -----------------------------------------------------------------------------------


def _derivative(polynomial: Polynomial) -> Polynomial:
    return [k * cell for k, cell in enumerate(polynomial)][1:]


def _divided(a: Polynomial, b: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Quotient and remainder."""
    rest, quotient = list(a), list[Element]()
    while len(rest) >= len(b):
        factor = rest[-1] / b[-1]
        shift = len(rest) - len(b)
        rest = [
            cell - factor * b[k - shift] if k >= shift else cell for k, cell in enumerate(rest)
        ][:-1]
        quotient.append(factor)
    while rest and not rest[-1]:
        rest.pop()
    return quotient[::-1], rest


def _gcd(a: Polynomial, b: Polynomial) -> Polynomial:
    """The greatest common divisor, with 1 in front."""
    while b:
        a, b = b, _divided(a, b)[1]
    return [cell / a[-1] for cell in a]


def _changes(numbers: Sequence[Element]) -> int:
    """How often the sign changes, zeros left out."""
    signs = [sign for number in numbers if (sign := number.sign())]
    return sum(a != b for a, b in pairwise(signs))
