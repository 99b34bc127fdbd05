"""What is asked about many models, checked, with numbers where a distribution leaves S open."""

from __future__ import annotations

from dataclasses import dataclass

from handcalc.errors import InputError
from handcalc.superposition.loss.distribution import Distribution, SparseUniform
from handcalc.superposition.model.toy_model import Activation
from handcalc.superposition.numeric.arrays import Array, Arrays, fitted, models_in
from handcalc.superposition.numeric.patterns import block_chances, most_active, row_count
from handcalc.wording import brief

_MOST = {"loss": 12, "gradient": 10}  # independent features


@dataclass(frozen=True, slots=True)
class Posed:
    """Models, P(off) and P(on) of the blocks of their features, and importances.

    ``W`` has shape (models, n, m), ``off`` and ``on`` (models, blocks), ``b`` and ``importance``
    (models, n). At most ``depth`` features are active together.
    """

    arrays: Arrays
    distribution: Distribution
    depth: int
    activation: Activation
    W: Array
    b: Array
    off: Array
    on: Array
    importance: Array


def posed(  # noqa: PLR0913 - what the public functions take, and what is wanted
    W: Array,
    b: Array,
    distribution: Distribution | None,
    sparsity: object,
    importance: object,
    activation: Activation,
    *,
    gradient: bool,
) -> Posed:
    """The question, if it is one; errors as ``expected_losses_and_gradients`` names them."""
    if activation not in ("relu", "linear"):
        raise InputError(
            "activation", f'The activation is "relu" or "linear", not {brief(activation)}.'
        )
    distribution = SparseUniform() if distribution is None else distribution
    arrays = Arrays.of(W, b)
    W, b = models_in(arrays, W, b)
    models, n = b.shape
    depth = most_active(distribution, n)
    what = "gradient" if gradient else "loss"
    rows, most = row_count(n, depth), _MOST[what]
    if rows > 3**most:
        raise InputError(
            "too_complicated",
            f"The {what} of {n} features, {depth} of them active together, takes tables of {rows} "
            f"rows; up to {3**most} are worked ({most} independent features). Sample it instead.",
        )
    weighed = fitted(arrays, "importance", importance, (models, n))
    if not bool(arrays.xp.all(weighed >= 0)):
        raise InputError("importance", "Each importance is a number of at least 0.")
    off, on = block_chances(arrays, distribution, n, models, sparsity)
    return Posed(arrays, distribution, depth, activation, W, b, off, on, weighed)
