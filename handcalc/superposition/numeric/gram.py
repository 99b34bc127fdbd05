"""G = W Wᵀ, each entry as if summed with twice the digits."""

from __future__ import annotations

from handcalc.superposition.numeric.arrays import Array

__all__ = ["gram"]

_SPLITTER = 2.0**27 + 1


def gram(W: Array) -> Array:
    """Gᵢⱼ = Σ_k WᵢₖWⱼₖ, right to the last digit even where large products cancel.

    ``W`` has shape (models, n, m), the result (models, n, n). An overlap of large rows that are
    nearly orthogonal would else carry an error that the loss of a model with a small loss shows.
    Source: Ogita, Rump, Oishi 2005, "Accurate Sum and Dot Product", algorithm Dot2.

    >>> import numpy
    >>> from fractions import Fraction
    >>> W = numpy.asarray([[[1e3, 1.0], [1e-3, -1.0]]])
    >>> float(gram(W)[0, 0, 1]) == float(Fraction(1e3) * Fraction(1e-3) - 1)
    True
    """
    product, rest = _product(W[:, :, None, :], W[:, None, :, :])  # (models, n, n, m)
    total, low = product[..., 0], rest[..., 0]  # (models, n, n)
    for k in range(1, W.shape[2]):
        total, error = _sum(total, product[..., k])
        low = low + (rest[..., k] + error)
    return total + low


def _product(a: Array, b: Array) -> tuple[Array, Array]:
    """a·b rounded, and what the rounding left out (Dekker, Veltkamp)."""
    product = a * b
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    rest = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, rest


def _halves(a: Array) -> tuple[Array, Array]:
    scaled = a * _SPLITTER
    high = scaled - (scaled - a)
    return high, a - high


def _sum(a: Array, b: Array) -> tuple[Array, Array]:
    """a + b rounded, and what the rounding left out (Knuth)."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)
