"""The search itself: random restarts until they agree, then variations of what they found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from time import perf_counter
from typing import TypeAlias, TypeVar

import numpy as np

from handcalc.bfgs import Bits, Floats, Integers, Reached, hold_on_to_memory, minimise
from handcalc.errors import InputError
from handcalc.superposition.best.minima import Found, Minimum, Pool, same_loss
from handcalc.superposition.best.objective import BatchObjective, LossFunction
from handcalc.superposition.loss.problem import Problem, check_effort
from handcalc.superposition.numeric import expected_losses_and_gradients

# --------------------------------------------------------------------------------------------------
# Where descents begin: at random, and at minima with two features exchanged or one moved.


Starts: TypeAlias = tuple[Floats, Floats]
"""W of shape (starts, n, m) and b of shape (starts, n)."""


def random_starts(n: int, m: int, seed: int, first: int, count: int) -> Starts:
    """So many starts, counted from ``first``: W normal with mean 0 and variance 1/m, and b = 0.

    A start depends on the seed, n, m and its own number alone. Random biases would leave many
    outputs dead: negative for every input.

    >>> W, b = random_starts(3, 2, seed=0, first=0, count=5)
    >>> bool(np.all(W[4] == random_starts(3, 2, seed=0, first=4, count=1)[0][0]))
    True
    """
    streams = (np.random.default_rng([seed, n, m, k]) for k in range(first, first + count))
    W = np.stack([stream.normal(size=(n, m)) for stream in streams]) / np.sqrt(m)
    return W, np.zeros((count, n))


def exchanges(minimum: Minimum, alike: Sequence[int]) -> Starts:
    """A minimum with the rows and biases exchanged of each two features that are not alike.

    >>> pair = Minimum(0.1, ((1.0,), (-1.0,), (0.0,)), (0.0, 0.0, 0.25), 0.0, 1)
    >>> exchanges(pair, alike=(0, 0, 2))[0][:, :, 0].tolist()
    [[0.0, -1.0, 1.0], [1.0, 0.0, -1.0]]
    """
    n = len(alike)
    pairs = [(i, j) for i, j in combinations(range(n), 2) if alike[i] != alike[j]]
    order = np.tile(np.arange(n), (len(pairs), 1))  # (pairs, n)
    for row, (i, j) in zip(order, pairs, strict=True):
        row[[i, j]] = j, i
    return np.asarray(minimum.W)[order], np.asarray(minimum.b)[order]


def moves(minimum: Minimum, W: Floats) -> Starts:
    """A minimum with one row turned to a new direction: that of each row of each start in W.

    ``W`` has shape (starts, n, m). The row gets the mean length, and the feature the mean bias, of
    all that are kept: so one that was dropped can find a place between them. Where none is kept the
    row is the one in W itself.

    >>> lone = Minimum(0.1, ((2.0,), (0.0,)), (0.0, 0.25), 0.0, 1)
    >>> moves(lone, np.asarray([[[-1.0], [-3.0]]]))[0][:, :, 0].tolist()
    [[-2.0, 0.0], [2.0, -2.0]]
    """
    count, n, m = W.shape
    lengths = np.linalg.norm(minimum.W, axis=1)  # (n,)
    kept = lengths > np.max(lengths) / 10
    if kept.any():
        W = W * (np.mean(lengths[kept]) / np.linalg.norm(W, axis=2, keepdims=True))
    moved = np.eye(n, dtype=np.bool_)  # (moves, n)
    rows = np.where(moved[:, :, None], W[:, None], np.asarray(minimum.W))  # (starts, moves, n, m)
    b = np.where(
        moved, np.mean(minimum.b, where=kept) if kept.any() else 0, minimum.b
    )  # (moves, n)
    return rows.reshape(count * n, n, m), np.tile(b, (count, 1))


OnProgress: TypeAlias = Callable[[int, int], None]
_T = TypeVar("_T")

_ROUND = {6: 24, 7: 16, 8: 8, 9: 8, 10: 8}  # restarts in a round, by features
_SMALL_ROUND = 32  # the same for fewer features
_ROUNDS = 6  # at most so many rounds
_AGREED = 4  # restarts that must have reached the best loss
_BEST = 2  # in so many of the best minima features are exchanged, …
_PROMISING = 4  # … and at most so many of the exchanges followed
_MOVES = 2  # in the best one each feature is moved to so many other places
_VARIATIONS = 6  # at most so often
_APART = 1 << 32  # restarts and moves are counted so far apart
_AT_ONCE = 1 << 14  # descents whose ends are held at once
_LANES = 8  # models that are evaluated in the time of one
_TICKS = 100  # evaluations that such models take to arrive, and …
_VARYING = 250  # … all variations of what was found, for 8 to 10 features


def search(
    problems: Sequence[Problem],
    restarts: int | None = None,
    seed: int = 0,
    on_progress: OnProgress | None = None,
    twin: LossFunction = expected_losses_and_gradients,
) -> list[Found]:
    """The minima of the expected loss that descents from many starts find, for each problem.

    The problems share their numbers of features and dimensions and the sets of their distributions;
    S and importance may differ. Each is descended from ``restarts`` random starts; without that
    number, in rounds until four have reached the best loss and it has outlasted a round, or six
    rounds are over. Then the best minimum is varied by moving one feature, the best few by
    exchanging two that are not alike, and descended again, for as long as the best loss gets lower.
    ``seed``, from 0, chooses the starts, the same ones for all problems: what is found for one does
    not depend on the others.

    ``on_progress(done, total)`` hears of the descents done and of those wanted so far. ``twin``
    works the losses out. The best found is not proved to be the best. Errors: ``unlike``,
    ``restarts``, ``seed``.

    Source: derived here.

    >>> found = search([Problem.of(2, 1, sparsity="1/2")])[0]
    >>> round(found.minima[0].loss, 10), found.agreed >= 4  # an antipodal pair
    (0.076282447, True)
    """
    restarts, seed = check_effort(restarts, seed)
    if not problems:
        return []
    hold_on_to_memory()
    n, m = problems[0].features, problems[0].hidden
    under_way = _Search.of(problems, min(n, m), on_progress, twin)
    under_way.restart(restarts, seed)
    under_way.vary(seed)
    return [pool.found(m) for pool in under_way.pools]


def estimate(problem: Problem, restarts: int | None = None) -> float:
    """About how many seconds a search takes here, by one evaluation of eight models.

    That is where descents are quick and the restarts soon agree; else it takes several times as
    long.

    >>> 0 < estimate(Problem.of(2, 1, sparsity="1/2")) < estimate(
    ...     Problem.of(2, 1, sparsity="1/2"), restarts=10**6
    ... )
    True
    """
    objective = BatchObjective.of([problem], min(problem.features, problem.hidden))
    W, b = random_starts(objective.n, objective.m, 0, 0, _LANES)
    which = np.zeros(_LANES, np.int64)
    X = objective.joined(W, b, which)
    objective.losses_and_gradients(X, which)  # the tables' layout is made once
    began = perf_counter()
    objective.losses_and_gradients(X, which)
    each = perf_counter() - began
    count = 2 * _ROUND.get(problem.features, _SMALL_ROUND) if restarts is None else restarts
    return each * (_TICKS * count / _LANES + _VARYING)


def descend(problems: Sequence[Problem], W: Floats, b: Floats) -> list[Minimum]:
    """The minimum below each start: ``W`` of shape (models, n, m) and ``b`` (models, n).

    Each start is for one problem; the problems are as for ``search``, and the descent is the same.
    A minimum counts one hit. Errors: ``unlike``, ``wrong_shape``.

    >>> W, b = np.asarray([[[1.0], [-1.0]]]), np.zeros((1, 2))
    >>> round(descend([Problem.of(2, 1, sparsity="1/2")], W, b)[0].loss, 10)
    0.076282447
    """
    if not problems:
        return []
    shape = len(problems), problems[0].features
    if W.ndim != 3 or W.shape[:2] != shape or b.shape != shape:
        raise InputError(
            "wrong_shape",
            f"W must have the shape ({shape[0]}, {shape[1]}, m) and b the shape {shape}, one start "
            f"for each problem, not {W.shape} and {b.shape}.",
        )
    return _Search.of(problems, W.shape[2]).reached(range(len(problems)), (W, b))


@dataclass(slots=True)
class _Search:
    """The problems as one objective, what is known of each, and the progress to tell of."""

    objective: BatchObjective
    pools: list[Pool]
    on_progress: OnProgress | None
    done: int = 0
    total: int = 0

    @classmethod
    def of(
        cls,
        problems: Sequence[Problem],
        m: int,
        on_progress: OnProgress | None = None,
        twin: LossFunction = expected_losses_and_gradients,
    ) -> _Search:
        """A search for models with m columns, with nothing found yet."""
        objective = replace(BatchObjective.of(problems, m), twin=twin)
        pairs = zip(problems, objective.unit.tolist(), strict=True)
        return cls(objective, [Pool(problem.alike, unit) for problem, unit in pairs], on_progress)

    def restart(self, restarts: int | None, seed: int) -> None:
        """Descend from so many random starts, or in rounds until each problem has settled."""
        n, m = self.objective.n, self.objective.m
        left = list(range(len(self.pools)))
        for first, count in _rounds(n, restarts):
            starts = random_starts(n, m, seed, first, count)
            self.total += len(left) * count
            parts = list(_batches(left, max(1, _AT_ONCE // count)))
            news = {p: new for part in parts for p, new in self._round(part, starts)}
            if restarts is None:
                left = [p for p in left if news[p] or self.pools[p].agreed < _AGREED]

    def _round(self, which: Sequence[int], starts: Starts) -> Iterator[tuple[int, bool]]:
        """Descend some problems from the same starts; for each whether its best loss is new."""
        count = len(starts[1])
        W, b = (np.concatenate([part] * len(which)) for part in starts)
        minima = self.reached(np.repeat(which, count).tolist(), (W, b))
        for p, ends in zip(which, _batches(minima, count), strict=True):
            self.pools[p].restarts += count
            yield p, self.pools[p].add(ends)

    def vary(self, seed: int) -> None:
        """Exchange and move features in the best minima for as long as the best loss gets lower."""
        # A descent cannot carry a feature across another, as overlaps on the way cost, so a start
        # decides who lies where, and the more features differ, the fewer starts have it right. So
        # features are exchanged, and each in turn is put elsewhere, at the cost of a few descents.
        left = list(range(len(self.pools)))
        for k in range(_VARIATIONS):
            rows = random_starts(
                self.objective.n, self.objective.m, seed, _APART + k * _MOVES, _MOVES
            )[0]
            parts = list(_batches(left, _AT_ONCE // (_BEST * _PROMISING)))
            left = [p for part in parts for p in self._varied(part, rows)]

    def _varied(self, which: Sequence[int], rows: Floats) -> list[int]:
        """Vary the minima of some problems; those whose best loss is now new."""
        jobs = [(p, starts) for p in which for starts in self._variations(p, rows)]
        owners = [p for p, (_, b) in jobs for _ in b]
        W, b = (
            np.concatenate(parts) for parts in zip(*(starts for _, starts in jobs), strict=True)
        )
        self.total += len(owners)
        ends: dict[int, list[Minimum]] = {p: [] for p in which}
        for p, minimum in zip(owners, self.reached(owners, (W, b)), strict=True):
            ends[p].append(replace(minimum, hits=0))
        return [p for p in which if self.pools[p].add(ends[p])]

    def _variations(self, p: int, rows: Floats) -> Iterator[Starts]:
        """The best minimum of a problem with features moved, the best few with some exchanged."""
        pool = self.pools[p]
        yield moves(pool.minima[0], rows)
        for minimum in pool.minima[:_BEST]:
            if minimum.W not in pool.varied:
                pool.varied.add(minimum.W)
                yield self._lowest(p, exchanges(minimum, pool.alike))

    def _lowest(self, p: int, starts: Starts) -> Starts:
        """The few lowest of many starts for a problem; of those of one loss one is enough."""
        (W, b), which = starts, np.full(len(starts[1]), p)
        if which.size <= _PROMISING:
            return starts
        X = self.objective.joined(W, b, which)
        losses = self.objective.losses_and_gradients(X, which)[0].tolist()
        chosen: list[int] = []
        for k in sorted(range(which.size), key=losses.__getitem__):
            if not chosen or not same_loss(losses[k], losses[chosen[-1]], 1):
                chosen.append(k)
        return W[chosen[:_PROMISING]], b[chosen[:_PROMISING]]

    def reached(self, owners: Sequence[int], starts: Starts) -> list[Minimum]:
        """The minima below some starts, each for one problem."""
        which = np.asarray(owners)
        X = self.objective.joined(*starts, which)
        ends = minima_below(self.objective, which, X, self._tell)
        W, b = self.objective.parts(ends.X, which)
        losses = np.maximum(ends.F, 0) * self.objective.unit[which]
        slopes = self.objective.slopes(ends.G, which)
        columns = (losses.tolist(), W.tolist(), b.tolist(), slopes.tolist())
        return [
            Minimum(loss, tuple(map(tuple, rows)), tuple(bias), slope, 1)
            for loss, rows, bias, slope in zip(*columns, strict=True)
        ]

    def _tell(self, count: int) -> None:
        self.done += count
        if self.on_progress is not None:
            self.on_progress(self.done, self.total)


def _rounds(n: int, restarts: int | None) -> Iterator[tuple[int, int]]:
    """The first start of each round, and how many it has."""
    if restarts is None:
        count = _ROUND.get(n, _SMALL_ROUND)
        yield from ((k * count, count) for k in range(_ROUNDS))
    else:
        for first in range(0, restarts, _AT_ONCE):
            yield first, min(_AT_ONCE, restarts - first)


def _batches(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (items[first : first + size] for first in range(0, len(items), size))


# --------------------------------------------------------------------------------------------------
# Saddle points and dead outputs at which a descent stops, and how the search goes on from them.
#
# Where a feature is dropped and the biases are the best ones, its row has no slope, whether or not
# it is better kept: among independent features overlaps then count to second order only. So no
# descent begins with a row of zeros; short rows are stirred first. And an output that is negative
# for every input is dead: its loss has no slope. It is woken with a short row and the bias pᵢ/2,
# the best one without a row. That lowers its own loss; what it does to the others decides whether
# it is kept.
#
# An output without weight, Iᵢ = 0 or pᵢ = 0, may be anything, so there are endless minima of one
# loss. Dropping the feature picks one of them. Derived here.

_SHORT = 1e-2  # what a row is stirred to, about; one of a tenth of it is stirred
_WAKES = 3  # so often a model is woken, at most


def minima_below(
    objective: BatchObjective, which: Integers, X: Floats, on_done: Callable[[int], None]
) -> Reached:
    """Where descents of the problems ``which`` lead from starts X of shape (starts, d)."""
    reached = _descend(objective, which, X, on_done)
    rows = np.arange(which.size)
    for _ in range(_WAKES):
        idle = _idle(objective, reached.X[rows], which[rows])
        some = idle.any(axis=1)
        rows = rows[some]
        if not rows.size:
            break
        W, b = objective.parts(reached.X[rows], which[rows])
        outputs, best = idle[some], objective.probability[which[rows]] / 2
        W, b = np.where(outputs[:, :, None], 0, W), np.where(outputs, best, b)
        without = objective.joined(W, b, which[rows])
        woken = _descend(objective, which[rows], without, lambda _: None)  # these were counted
        rows = reached.lowered(rows, woken)
    return reached


def _descend(
    objective: BatchObjective, which: Integers, X: Floats, on_done: Callable[[int], None]
) -> Reached:
    """Descend with the shortest rows replaced by random ones, always the same, still short."""
    W, b = objective.parts(X, which)
    rows = np.random.default_rng(1).normal(size=W.shape[1:]) * _SHORT
    short = np.sum(W * W, axis=2) < (_SHORT / 10) ** 2
    replaced = short & (objective.weight[which] > 0)
    stirred = objective.joined(np.where(replaced[:, :, None], rows, W), b, which)

    def value(X: Floats, rows: Integers) -> tuple[Floats, Floats]:
        return objective.losses_and_gradients(X, which[rows])

    return minimise(value, stirred, on_done)


def _idle(objective: BatchObjective, X: Floats, which: Integers) -> Bits:
    """Which outputs are dead, or without weight and not dropped; of shape (models, n)."""
    W, b = objective.parts(X, which)
    sets = [[features for features, _ in block] for block in objective.distribution.supports]
    highest = highest_outputs(W @ np.swapaxes(W, 1, 2), b, sets)
    weightless, kept = objective.weight[which] == 0, np.any(W != 0, axis=2)
    idle: Bits = np.where(weightless, kept, highest <= 0)
    return idle


def highest_outputs(G: Floats, b: Floats, sets: Sequence[Sequence[Sequence[int]]]) -> Floats:
    """The largest zᵢ over all inputs, bᵢ + Σ over blocks of max over A of Σ_{j∈A} max(Gᵢⱼ, 0).

    ``G`` has shape (…, n, n) and ``b`` (…, n); ``sets`` holds the sets A of each block, of which
    one is active at a time. Features that raise zᵢ are then 1, all others 0.

    >>> highest_outputs(np.asarray([[1.0, -1.0], [-1.0, 1.0]]), np.zeros(2), [[(0,)], [(1,)]])
    array([1., 1.])
    """
    rising = np.maximum(G, 0)
    highest = b.copy()
    for block in sets:
        highest += np.max([np.sum(rising[..., list(A)], axis=-1) for A in block], axis=0)
    return highest
