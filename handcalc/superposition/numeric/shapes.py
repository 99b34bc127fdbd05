"""What is asked of the arrays that come in."""

from __future__ import annotations

from handcalc.errors import InputError
from handcalc.superposition.numeric.arrays import Array, Arrays

__all__ = ["fitted", "models_in"]


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
