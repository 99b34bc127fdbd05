"""Expected losses of many models at once, and their gradients, in float64."""

from __future__ import annotations

from functools import cache
from time import perf_counter
from types import ModuleType

from array_api_compat import is_numpy_namespace

from handcalc.errors import InputError
from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.model.toy_model import Activation
from handcalc.superposition.numeric import portable
from handcalc.superposition.numeric.arrays import Array
from handcalc.superposition.numeric.posed import Posed, posed
from handcalc.wording import brief


def expected_losses(  # noqa: PLR0913 - each names one thing that a loss depends on
    W: Array,
    b: Array,
    distribution: Distribution | None = None,
    *,
    sparsity: object = None,
    importance: object = 1.0,
    activation: Activation = "relu",
    at_once: int | None = None,
) -> Array:
    """L = Σᵢ Iᵢ E[(xᵢ − x̂ᵢ)²] of each model, of shape (models,).

    Arguments and errors are those of ``expected_losses_and_gradients``, which takes about twice as
    long and up to 10 features; here it is 12 that can all be active together.

    >>> import numpy
    >>> W = numpy.asarray([[[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]])  # antipodal: L = (1 − S)²/3
    >>> L = expected_losses(W, numpy.zeros((1, 3)), sparsity=0.5)
    >>> bool(abs(L[0] - 0.5**2 / 3) < 1e-15)
    True
    """
    given = distribution, sparsity, importance, activation
    return _solved(posed(W, b, *given, gradient=False), at_once, gradient=False)[0]


def expected_losses_and_gradients(  # noqa: PLR0913 - each names one thing that a loss depends on
    W: Array,
    b: Array,
    distribution: Distribution | None = None,
    *,
    sparsity: object = None,
    importance: object = 1.0,
    activation: Activation = "relu",
    at_once: int | None = None,
) -> tuple[Array, Array, Array]:
    """L = Σᵢ Iᵢ E[(xᵢ − x̂ᵢ)²] of each model, ∂L/∂W and ∂L/∂b.

    ``W`` has shape (models, n, m), ``b`` (models, n), arrays of one library and device; the results
    have shapes (models,), (models, n, m) and (models, n), in float64. ``distribution`` is
    ``SparseUniform()`` unless given. Where it leaves S open, ``sparsity`` is asked for: it fits the
    shape (models, blocks), and the blocks of ``SparseUniform`` are the features, those of the
    others the sets. ``importance`` fits (models, n). So ``sparsity=S[:, None]`` is one a model.
    Memory is bounded by working on ``at_once`` models at a time.

    On NumPy's arrays the work is compiled by numba, where that is installed, and takes eight models
    at a time, whatever ``at_once`` says: what comes out for a model does not depend on the others.
    Elsewhere the array library does it, and the two agree but for rounding.

    For |W|, |b| ≤ 10³ and importances up to 1 the error of L is below 10⁻¹²·(1 + L). L has a kink
    where a feature's row of W and its bias are 0: its ReLU counts as off there, as for b < 0.

    Errors: ``array`` for what is no array, ``wrong_shape``, ``sparsity``, ``importance``,
    ``activation``, ``too_complicated`` for more than 10 features that can all be active together.

    Source: derived here.

    >>> import numpy
    >>> W, b = numpy.asarray([[[1.0], [0.0]]]), numpy.asarray([[0.0, 0.25]])
    >>> L, dW, db = expected_losses_and_gradients(W, b, sparsity=0.5)
    >>> float(db[0, 1]), float(L[0]) == 0.5 / 3 - 0.5**2 / 4  # b = p/2 is best where W is 0
    (0.0, True)
    """
    given = distribution, sparsity, importance, activation
    loss, by_W, by_b = _solved(posed(W, b, *given, gradient=True), at_once, gradient=True)
    return loss, by_W, by_b


def compile_losses() -> float:
    """Compile the loops, or read what was compiled before; returns how many seconds that took.

    They are compiled once on each machine, in some seconds, as soon as they are used. Without numba
    there is nothing to compile.

    >>> compile_losses() >= 0
    True
    """
    began = perf_counter()
    compiled = _compiled()
    if compiled is not None:
        compiled.try_out()
    return perf_counter() - began


def _solved(posed: Posed, at_once: int | None, *, gradient: bool) -> tuple[Array, ...]:
    if at_once is not None and at_once < 1:
        raise InputError("at_once", f"at_once must be at least 1, not {brief(at_once)}.")
    compiled = _compiled() if is_numpy_namespace(posed.arrays.xp) else None
    if compiled is None:
        return portable.solved(posed, gradient=gradient, at_once=at_once)
    found: tuple[Array, ...] = compiled.solved(posed, gradient=gradient)
    return found


@cache
def _compiled() -> ModuleType | None:
    """The compiled loops; None where numba is not installed, or not for this Python or NumPy."""
    try:
        from handcalc.superposition.numeric import compiled
    except ImportError:
        return None
    return compiled
