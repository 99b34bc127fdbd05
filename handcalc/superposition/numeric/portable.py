"""The numeric loss on any array library that keeps to the Python array API, on any device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.model.toy_model import Activation
from handcalc.superposition.numeric.arrays import Array, Arrays, gram
from handcalc.superposition.numeric.moments import (
    FOR_GRADIENT,
    FOR_LOSS,
    Moments,
    Wanted,
    clipped_tables,
    plain_tables,
)
from handcalc.superposition.numeric.patterns import (
    AssignmentLevels,
    pattern_weights,
    plan,
    row_count,
)
from handcalc.superposition.numeric.posed import Posed, posed

_ROWS_AT_ONCE = 3 << 14


@dataclass(frozen=True, slots=True)
class _Part:
    """Some models, probabilities of their patterns (models, 2ⁿ), and importances (models, n)."""

    arrays: Arrays
    plan: AssignmentLevels
    activation: Activation
    W: Array
    b: Array
    weights: Array
    importance: Array


def losses_and_gradients(
    W: Array, b: Array, distribution: Distribution, *, sparsity: object, importance: object
) -> tuple[Array, Array, Array]:
    """What ``expected_losses_and_gradients`` gives of ReLU's models, not compiled.

    For few small models that is done before numba is loaded. Arguments and errors are the same.

    >>> import numpy
    >>> from handcalc.superposition.loss.distribution import SparseUniform
    >>> W, b = numpy.asarray([[[1.0]]]), numpy.zeros((1, 1))
    >>> L, _, _ = losses_and_gradients(W, b, SparseUniform(), sparsity=0.5, importance=1)
    >>> float(abs(L[0])) < 1e-15
    True
    """
    question = posed(W, b, distribution, sparsity, importance, "relu", gradient=True)
    L, by_W, by_b = solved(question, gradient=True)
    return L, by_W, by_b


def solved(posed: Posed, *, gradient: bool, at_once: int | None = None) -> tuple[Array, ...]:
    """L (models,), and with the gradient ∂L/∂W (models, n, m) and ∂L/∂b (models, n).

    As many models are worked at a time as ``at_once`` says, or as fit a cache.
    """
    models, n = posed.b.shape
    wanted = FOR_GRADIENT if gradient else FOR_LOSS
    step = at_once or max(1, _ROWS_AT_ONCE // (n * row_count(n, posed.depth)))
    levels = plan(n, posed.depth, posed.arrays)
    weights = pattern_weights(posed.arrays, posed.distribution, n, (posed.off, posed.on))
    each = (posed.W, posed.b, weights, posed.importance)
    parts = [
        _part(
            _Part(
                posed.arrays,
                levels,
                posed.activation,
                *(values[start : min(start + step, models), ...] for values in each),
            ),
            wanted,
        )
        for start in range(0, max(1, models), step)
    ]
    return tuple(posed.arrays.xp.concat(found) for found in zip(*parts, strict=True))


def _part(part: _Part, wanted: Wanted) -> tuple[Array, ...]:
    # Every output of every model is one column of a batch, so n losses a model are worked at once.
    # Output i depends on W by row i of G = W Wᵀ alone: with Dᵢⱼ = Iᵢ ∂Lᵢ/∂Gᵢⱼ, dL/dW = (D + Dᵀ)W.
    # Each output read the features in an order of its own; ``back`` puts its slopes in ours.
    xp, (models, n) = part.arrays.xp, part.b.shape
    sums = [sum(terms) for terms in zip(*_terms(part, wanted), strict=True)]
    losses = xp.reshape(sums[0], (models, n)) * part.importance
    loss = xp.sum(losses, axis=1)  # (models,)
    if wanted is FOR_LOSS:
        return (loss,)
    by_b = xp.reshape(sums[1], (models, n)) * part.importance
    by_place = xp.permute_dims(xp.reshape(sums[2], (n, models, n)), (1, 0, 2))
    back = xp.take(xp.reshape(by_place, (models, n * n)), part.plan.back, axis=1)
    by_G = xp.reshape(back, (models, n, n)) * part.importance[:, :, None]
    return loss, (by_G + xp.matrix_transpose(by_G)) @ part.W, by_b


def _terms(part: _Part, wanted: Wanted) -> Iterator[tuple[Array, ...]]:
    """What each level adds for each output: to the loss, ∂/∂b (batch,) and ∂/∂a (n, batch)."""
    arrays, xp, (models, n) = part.arrays, part.arrays.xp, part.b.shape
    G = xp.reshape(gram(part.W), (models, n * n))
    by_place = xp.reshape(xp.take(G, part.plan.read, axis=1), (models, n, n))
    overlaps = xp.reshape(xp.permute_dims(by_place, (1, 0, 2)), (n, models * n))  # (n, batch)
    b = xp.reshape(part.b, (models * n,))
    tables = clipped_tables if part.activation == "relu" else plain_tables
    for moments in tables(arrays, b, overlaps, part.plan.levels, wanted):
        level = moments.level
        taken = xp.take(part.weights, level.patterns, axis=1)  # (models, sets · n)
        by_set = xp.permute_dims(xp.reshape(taken, (models, level.sets, n)), (1, 0, 2))
        weights = xp.reshape(by_set, (level.sets, models * n))  # (sets, batch)
        yield _level_terms(arrays, moments, weights, wanted)


def _level_terms(
    arrays: Arrays, moments: Moments, weights: Array, wanted: Wanted
) -> tuple[Array, ...]:
    """Σ P(A)(2E[R_2] + 1_{0∈A}(1/3 − 2E[x₀R_1])) and its derivatives, over the sets of a level."""
    # With x̂ = R_1(z) and R_1² = 2R_2, an output whose own feature is x₀ loses, in pattern A,
    #     E[(x₀ − R_1)²] = 2E[R_2] + (1/3 − 2E[x₀R_1] where 0 ∈ A), as E[x₀²] = 1/3.
    # R_k′ = R_{k−1}, so ∂/∂b is 2E[R_1] − 2E[x₀R_0] and ∂/∂aⱼ is 2E[xⱼR_1] − 2E[x₀xⱼR_0], of which
    # the parts with x₀ stand only where 0 ∈ A: in the first ``own`` sets of a level.
    xp, level, free, own = arrays.xp, moments.level, moments.free, moments.own
    mine, (in_free, in_own) = weights[: level.own, :], (wanted.free.place, wanted.own.place)
    kept = xp.sum(mine * (1 / 3 - 2 * own[in_own(1), ...]), axis=0)
    loss = 2 * xp.sum(weights * free[in_free(2), ...], axis=0) + kept
    if wanted is FOR_LOSS:
        return (loss,)
    kept = xp.sum(mine * own[in_own(0), ...], axis=0)
    by_b = 2 * (xp.sum(weights * free[in_free(1), ...], axis=0) - kept)
    by_star = weights * free[wanted.free.of_order(1, level.stars), ...]  # (stars, sets, batch)
    by_star[:, : level.own, :] -= mine * own[wanted.own.of_order(0, level.stars), ...]
    flat = xp.reshape(by_star, (level.stars * level.sets, weights.shape[1]))
    found = xp.take(flat, level.holding, axis=0)  # (n · sets that hold one feature, batch)
    n = level.stars + level.fixed.bit_length() - 1
    by_a = xp.sum(xp.reshape(found, (n, level.own, weights.shape[1])), axis=1)  # (n, batch)
    return loss, by_b, 2 * by_a
