"""The array library and the device on which a calculation runs.

Everything in this package is written once, on the Python array API: NumPy serves it, and so do
PyTorch's tensors on any device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeAlias

from array_api_compat import array_namespace
from array_api_compat import device as device_of

from handcalc.errors import InputError

Array: TypeAlias = Any
"""An array of any library that keeps to the Python array API."""


@dataclass(frozen=True, slots=True)
class Arrays:
    """An array library ``xp`` and one of its devices; new arrays are made there, in float64."""

    xp: ModuleType
    device: Any

    @classmethod
    def of(cls, *arrays: Array) -> Arrays:
        """The library and the device of some arrays; error ``array`` where they share none.

        >>> import numpy
        >>> Arrays.of(numpy.ones(2)).device
        'cpu'
        """
        try:
            xp = array_namespace(*arrays)
        except TypeError as error:
            kinds = " and ".join(dict.fromkeys(type(array).__name__ for array in arrays))
            raise InputError(
                "array",
                f"Arrays of one library are asked for, such as NumPy's or PyTorch's, not {kinds}; "
                "type numpy.asarray(…) around each.",
            ) from error
        return cls(xp, device_of(arrays[0]))

    def floats(self, values: object) -> Array:
        """Numbers, or an array of any kind of number, in float64."""
        return self.xp.asarray(values, dtype=self.xp.float64, device=self.device)

    def integers(self, values: Sequence[int]) -> Array:
        """Whole numbers, to take rows by."""
        return self.xp.asarray(values, dtype=self.xp.int64, device=self.device)

    def zeros(self, *shape: int) -> Array:
        """Zeros to add to."""
        return self.xp.zeros(shape, dtype=self.xp.float64, device=self.device)


# --------------------------------------------------------------------------------------------------
# What is asked of the arrays that come in.


def models_in(arrays: Arrays, W: Array, b: Array) -> tuple[Array, Array]:
    """W of shape (models, n, m) and b of shape (models, n), in float64; error ``wrong_shape``."""
    if W.ndim != 3 or 0 in W.shape[1:]:
        raise InputError(
            "wrong_shape",
            f"W must have the shape (models, n, m), not {tuple(W.shape)}; "
            "for a single model type W[None].",
        )
    if tuple(b.shape) != tuple(W.shape[:2]):
        raise InputError(
            "wrong_shape",
            f"b must have one row a model and one number a feature, {tuple(W.shape[:2])}, "
            f"not {tuple(b.shape)}.",
        )
    return arrays.floats(W), arrays.floats(b)


def fitted(arrays: Arrays, name: str, values: object, shape: tuple[int, int]) -> Array:
    """A number or an array, broadcast to (models, …) by the usual rule; error ``wrong_shape``.

    >>> import numpy
    >>> fitted(Arrays.of(numpy.ones(1)), "importance", [1, 2], (2, 2)).tolist()
    [[1.0, 2.0], [1.0, 2.0]]
    """
    given = arrays.floats(values)
    padded = (1, 1, *given.shape)[-2:] if given.ndim <= 2 else given.shape
    if len(padded) > 2 or any(a not in (1, b) for a, b in zip(padded, shape, strict=True)):
        raise InputError(
            "wrong_shape",
            f"{name} must fit the shape {shape}: one number, {shape[1]} of them for all models, "
            f"({shape[0]}, 1) or {shape}; not {tuple(given.shape)}.",
        )
    return arrays.xp.broadcast_to(given, shape)


# --------------------------------------------------------------------------------------------------
# G = W Wᵀ, each entry as if summed with twice the digits.


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
