"""Expected losses of many models at once, and their gradients, in float64."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from handcalc.errors import InputError
from handcalc.superposition.loss.distribution import Distribution, SparseUniform
from handcalc.superposition.model.toy_model import Activation
from handcalc.superposition.numeric.arrays import Array, Arrays, fitted, gram, models_in
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
    most_active,
    pattern_weights,
    plan,
    row_count,
)
from handcalc.wording import brief

_MOST = {FOR_LOSS: 12, FOR_GRADIENT: 10}  # independent features
_ROWS_AT_ONCE = 3 << 14


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
    return _solved(_problem(W, b, *given, wanted=FOR_LOSS), FOR_LOSS, at_once)[0]


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
    loss, by_W, by_b = _solved(_problem(W, b, *given, wanted=FOR_GRADIENT), FOR_GRADIENT, at_once)
    return loss, by_W, by_b


@dataclass(frozen=True, slots=True)
class _Problem:
    """Models, the probabilities of their patterns (models, 2ⁿ), and importances (models, n)."""

    arrays: Arrays
    plan: AssignmentLevels
    activation: Activation
    W: Array
    b: Array
    weights: Array
    importance: Array

    def models(self, start: int, stop: int) -> _Problem:
        """The same for some of the models."""
        parts = (part[start:stop, ...] for part in (self.W, self.b, self.weights, self.importance))
        W, b, weights, importance = parts
        return replace(self, W=W, b=b, weights=weights, importance=importance)


def _problem(  # noqa: PLR0913 - what the public functions take, and what is wanted
    W: Array,
    b: Array,
    distribution: Distribution | None,
    sparsity: object,
    importance: object,
    activation: Activation,
    *,
    wanted: Wanted,
) -> _Problem:
    if activation not in ("relu", "linear"):
        raise InputError(
            "activation", f'The activation is "relu" or "linear", not {brief(activation)}.'
        )
    distribution = SparseUniform() if distribution is None else distribution
    arrays = Arrays.of(W, b)
    W, b = models_in(arrays, W, b)
    models, n = b.shape
    depth = most_active(distribution, n)
    rows, most = row_count(n, depth), _MOST[wanted]
    if rows > 3**most:
        what = "loss" if wanted is FOR_LOSS else "gradient"
        raise InputError(
            "too_complicated",
            f"The {what} of {n} features, {depth} of them active together, takes tables of {rows} "
            f"rows; up to {3**most} are worked ({most} independent features). Sample it instead.",
        )
    weighed = fitted(arrays, "importance", importance, (models, n))
    if not bool(arrays.xp.all(weighed >= 0)):
        raise InputError("importance", "Each importance is a number of at least 0.")
    weights = pattern_weights(arrays, distribution, n, models, sparsity)
    return _Problem(arrays, plan(n, depth, arrays), activation, W, b, weights, weighed)


def _solved(problem: _Problem, wanted: Wanted, at_once: int | None) -> tuple[Array, ...]:
    """Loss, and where wanted dW and db, from some of the models at a time."""
    models, n = problem.b.shape
    rows = n * row_count(n, len(problem.plan.levels) - 1)
    step = max(1, _ROWS_AT_ONCE // rows) if at_once is None else at_once
    if step < 1:
        raise InputError("at_once", f"at_once must be at least 1, not {brief(at_once)}.")
    parts = [
        _part(problem.models(start, min(start + step, models)), wanted)
        for start in range(0, max(1, models), step)
    ]
    return tuple(problem.arrays.xp.concat(found) for found in zip(*parts, strict=True))


def _part(problem: _Problem, wanted: Wanted) -> tuple[Array, ...]:
    # Every output of every model is one column of a batch, so n losses a model are worked at once.
    # Output i depends on W by row i of G = W Wᵀ alone: with Dᵢⱼ = Iᵢ ∂Lᵢ/∂Gᵢⱼ, dL/dW = (D + Dᵀ)W.
    # Each output read the features in an order of its own; ``back`` puts its slopes in ours.
    xp, (models, n) = problem.arrays.xp, problem.b.shape
    sums = [sum(terms) for terms in zip(*_terms(problem, wanted), strict=True)]
    losses = xp.reshape(sums[0], (models, n)) * problem.importance
    loss = xp.sum(losses, axis=1)  # (models,)
    if wanted is FOR_LOSS:
        return (loss,)
    by_b = xp.reshape(sums[1], (models, n)) * problem.importance
    by_place = xp.permute_dims(xp.reshape(sums[2], (n, models, n)), (1, 0, 2))
    back = xp.take(xp.reshape(by_place, (models, n * n)), problem.plan.back, axis=1)
    by_G = xp.reshape(back, (models, n, n)) * problem.importance[:, :, None]
    return loss, (by_G + xp.matrix_transpose(by_G)) @ problem.W, by_b


def _terms(problem: _Problem, wanted: Wanted) -> Iterator[tuple[Array, ...]]:
    """What each level adds for each output: to the loss, ∂/∂b (batch,) and ∂/∂a (n, batch)."""
    arrays, xp, (models, n) = problem.arrays, problem.arrays.xp, problem.b.shape
    G = xp.reshape(gram(problem.W), (models, n * n))
    by_place = xp.reshape(xp.take(G, problem.plan.read, axis=1), (models, n, n))
    overlaps = xp.reshape(xp.permute_dims(by_place, (1, 0, 2)), (n, models * n))  # (n, batch)
    b = xp.reshape(problem.b, (models * n,))
    tables = clipped_tables if problem.activation == "relu" else plain_tables
    for moments in tables(arrays, b, overlaps, problem.plan.levels, wanted):
        level = moments.level
        taken = xp.take(problem.weights, level.patterns, axis=1)  # (models, sets · n)
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
