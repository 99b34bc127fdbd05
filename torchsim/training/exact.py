"""The exact trainer: quasi-Newton descent of the expected loss itself, of many models at once.

The loss and its gradient come from ``handcalc.superposition.numeric``, the descent from
``handcalc.bfgs``: nothing is drawn after the initial weights. It ends where
the gradient vanishes or no step leads down, be that the best model or not; a dead output stays
dead, as in any training. Models that have arrived make room for others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
import torch
from torch import Tensor

from handcalc.bfgs import Bits, Floats, Integers, hold_on_to_memory, minimise
from handcalc.superposition.best.objective import BatchObjective
from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.model.toy_model import Activation
from handcalc.superposition.numeric import expected_losses_and_gradients
from handcalc.superposition.numeric.patterns import most_active, row_count
from torchsim.run import History
from torchsim.sampling import initial
from torchsim.specification import Device, TrainingSpec
from torchsim.training.checkpoint import State
from torchsim.training.devices import loop_threads
from torchsim.training.starts import StartWeights

_TOGETHER = {"cpu": 3 << 22, "cuda": 1 << 26}  # rows of the tables of what descends together
_LONGEST = 2001  # evaluations of a descent, at most

THREADS = 2
_AT_ONCE = 1 << 24  # rows of the tables that are worked on together on a CUDA device
_FEW = 8  # so few models are not shared out: compiled loops take as many side by side


def train_group(  # noqa: PLR0913 - what every trainer is given, and where this one begins
    spec: TrainingSpec,
    group: tuple[int, ...],
    kept: State | None,
    report: Callable[[int], None],
    save: Callable[[State], None],
    should_stop: Callable[[], bool],
    *,
    start: StartWeights | None = None,
) -> list[tuple[Tensor, Tensor, History]]:
    """W (restarts, n, m), b (restarts, n) and history of each model of a group, in float64.

    The instances descend in chunks. After each the state is saved, its ``step`` the descents done;
    ``kept`` is such a state, or None to begin. ``report`` hears how many more descents are done,
    those of ``kept`` first. ``should_stop`` is asked before every evaluation: once it is true,
    ``KeyboardInterrupt`` is raised, and the chunk under way has to be done again. What comes out is
    the same, bit for bit, however often a run was stopped. A state that does not stand between two
    chunks is that of chunks of another size, and counts as none. ``start`` is where to begin.

    No step leads to where a loss or a slope is no finite number. A restart that begins at such a
    point goes nowhere: its weights are NaN, and its losses infinite.

    Source: derived here.

    >>> from torchsim.specification import ModelSpec
    >>> spec = TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=4)
    >>> ends = train_group(spec, (0,), None, lambda count: None, lambda state: None, lambda: False)
    >>> round(float(ends[0][2].losses[-1].min()), 10)  # an antipodal pair
    0.076282447
    """
    instances = _Instances.of(spec, group, start)
    ends = set(accumulate(which.size for _, which in chunks(spec, group)))
    done, already = 0, kept.step if kept is not None and kept.step in ends else 0
    if kept is not None and already:
        instances.restore(kept)
        report(already)

    def check() -> None:
        if should_stop():
            raise KeyboardInterrupt(f"stopped after {done} of {instances.owners.size} descents")

    hold_on_to_memory()
    with ThreadPoolExecutor(min(THREADS, loop_threads())) as pool:
        for activation, which in chunks(spec, group):
            if done >= already:
                instances.descend(which, NumericLoss(activation, spec.device, pool), report, check)
            done += which.size
            if done > already:
                save(State(spec.groups.index(group), done, instances.tensors()))
    return instances.by_model()


def chunks(spec: TrainingSpec, group: tuple[int, ...]) -> Iterator[tuple[Activation, Integers]]:
    """The instances of a group that descend together; the linear models come last.

    An instance is counted from 0, model by model, restarts inside.

    >>> from torchsim.specification import ModelSpec
    >>> models = ModelSpec.of(2, 1, "1/2", activation="linear"), ModelSpec.of(2, 1, "1/2")
    >>> [which.tolist() for _, which in chunks(TrainingSpec(models, restarts=3), (0, 1))]
    [[3, 4, 5], [0, 1, 2]]
    """
    model = spec.models[group[0]]
    size = max(1, _TOGETHER[spec.device] // rows(model.distribution, model.features))
    linear = np.asarray([spec.models[i].exact_activation == "linear" for i in group])
    kinds: tuple[tuple[Activation, Bits], ...] = (("relu", ~linear), ("linear", linear))
    for activation, chosen in kinds:
        which = np.flatnonzero(np.repeat(chosen, spec.restarts))
        yield from ((activation, which[k : k + size]) for k in range(0, which.size, size))


# -- all instances --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Instances:
    """All restarts of all models of a group: at their starts, or where they went.

    ``X`` (instances, d) are points of ``objective``; ``owners`` (instances,) says of which model of
    the ``group`` each is a restart; ``lowest`` (records, instances) are the lowest losses after so
    many evaluations as ``_grid`` says, in the units of ``objective``.
    """

    group: tuple[int, ...]
    objective: BatchObjective
    owners: Integers
    X: Floats
    lowest: Floats

    @classmethod
    def of(
        cls, spec: TrainingSpec, group: tuple[int, ...], start: StartWeights | None
    ) -> _Instances:
        """All at their starts."""
        models, restarts = [spec.models[i] for i in group], spec.restarts
        objective = BatchObjective.of(models, models[0].hidden)
        owners = np.repeat(np.arange(len(models)), restarts)
        if start is None:
            W, b = initial(models, range(restarts), torch.device("cpu"), torch.float64)
        else:
            W, b = start.chosen(group)
        X = objective.joined(W.numpy(), b.numpy(), owners)
        return cls(group, objective, owners, X, np.zeros((_grid().size, owners.size)))

    def tensors(self) -> dict[str, Tensor]:
        """What changes; the memory is shared."""
        return {"X": torch.from_numpy(self.X), "lowest": torch.from_numpy(self.lowest)}

    def restore(self, kept: State) -> None:
        """Put back what was kept."""
        for name, ours in self.tensors().items():
            ours.copy_(kept.tensors[name])

    def descend(
        self,
        which: Integers,
        twin: NumericLoss,
        report: Callable[[int], None],
        check: Callable[[], None],
    ) -> None:
        """Take some instances from their starts down to where they end."""
        objective, owners = replace(self.objective, twin=twin), self.owners[which]
        watch = _Watch.over(which.size)

        def value(X: Floats, rows: Integers) -> tuple[Floats, Floats]:
            check()
            F, G = objective.losses_and_gradients(X, owners[rows])
            lost = ~np.isfinite(F) | ~np.isfinite(G).all(axis=1)
            F[lost], G[lost] = np.inf, 0  # so high that no step is taken there
            watch.note(rows, F)
            return F, G

        reached = minimise(value, self.X[which], report)
        self.X[which] = np.where(np.isinf(reached.F)[:, None], np.nan, reached.X)
        self.lowest[:, which] = watch.carried_on()

    def by_model(self) -> list[tuple[Tensor, Tensor, History]]:
        """W, b and the history of each model."""
        W, b = map(torch.from_numpy, self.objective.parts(self.X, self.owners))
        losses = self.lowest * self.objective.unit[self.owners]
        each = [torch.from_numpy(self.owners == k) for k in range(self.objective.unit.size)]
        return [(W[mine], b[mine], _history(losses[:, mine.numpy()])) for mine in each]


def _grid() -> Integers:
    """1, 2, 3, 4, 5, 6, 7, 9, 11, …: the powers of 1.2, rounded, up to the longest descent."""
    powers = np.rint(1.2 ** np.arange(43)).astype(np.int64)
    return np.unique(np.minimum(powers, _LONGEST))


def _history(losses: Floats) -> History:
    """The records (records, restarts), up to the first after which nothing changes."""
    changing = np.flatnonzero(np.any(losses != losses[-1], axis=1))
    count = int(changing[-1]) + 2 if changing.size else 1
    return History(tuple(_grid()[:count].tolist()), torch.from_numpy(losses[:count].copy()))


# -- what is met on the way ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Watch:
    """The lowest losses that some instances met: so far, and after as many evaluations as asked.

    ``evaluations`` and ``lowest`` have shape (instances,), ``records`` (records, instances).
    """

    grid: Integers
    evaluations: Integers
    lowest: Floats
    records: Floats

    @classmethod
    def over(cls, count: int) -> _Watch:
        """Nothing is met yet."""
        grid = _grid()
        records = np.full((grid.size, count), np.nan)
        return cls(grid, np.zeros(count, np.int64), np.full(count, np.inf), records)

    def note(self, which: Integers, losses: Floats) -> None:
        """One evaluation more of some of the instances."""
        self.evaluations[which] += 1
        self.lowest[which] = np.minimum(self.lowest[which], losses)
        place = np.searchsorted(self.grid, self.evaluations[which])
        due = self.grid[place] == self.evaluations[which]
        self.records[place[due], which[due]] = self.lowest[which[due]]

    def carried_on(self) -> Floats:
        """The records; after the last evaluation the lowest loss stays what it is."""
        return np.where(np.isnan(self.records), self.lowest, self.records)


# -- the loss put to work: shared out to threads on the CPU, or whole on a CUDA device -------------


@dataclass(frozen=True, slots=True, eq=False)
class NumericLoss:
    """``expected_losses_and_gradients`` for one activation, with NumPy's arrays in and out.

    How models are shared out to the threads of ``pool`` depends on their number alone, so the
    result is the same, bit for bit, however many threads there are.
    """

    activation: Activation
    device: Device
    pool: Executor

    def __call__(
        self,
        W: Floats,
        b: Floats,
        distribution: Distribution,
        *,
        sparsity: Floats,
        importance: Floats,
    ) -> tuple[Floats, Floats, Floats]:
        """L (models,), ∂L/∂W (models, n, m) and ∂L/∂b (models, n).

        >>> from concurrent.futures import ThreadPoolExecutor
        >>> from handcalc.superposition.loss.distribution import SparseUniform
        >>> W, b, one = np.ones((50, 1, 1)), np.zeros((50, 1)), np.ones((50, 1))
        >>> with ThreadPoolExecutor(THREADS) as pool:
        ...     L, by_W, by_b = NumericLoss("relu", "cpu", pool)(
        ...         W, b, SparseUniform(), sparsity=one / 2, importance=one
        ...     )
        >>> L.shape, float(np.max(np.abs(L))) < 1e-15  # x̂ = x
        ((50,), True)
        """
        count = W.shape[0]
        on_cuda = self.device == "cuda"
        together = max(1, _AT_ONCE // rows(distribution, W.shape[1])) if on_cuda else None

        def work(part: slice) -> tuple[Floats, ...]:
            given: list[Floats | Tensor] = [all_[part] for all_ in (W, b, sparsity, importance)]
            if on_cuda:
                given = [torch.as_tensor(values, device="cuda") for values in given]
            places = dict(zip(("W", "b", "sparsity", "importance"), given, strict=True))
            found = expected_losses_and_gradients(
                distribution=distribution,
                activation=self.activation,
                at_once=together,
                **places,
            )
            return tuple(each.cpu().numpy() if isinstance(each, Tensor) else each for each in found)

        size = count if on_cuda else _FEW * max(1, -(-count // (THREADS * _FEW)))
        parts = [slice(first, first + size) for first in range(0, count, size)]
        if len(parts) == 1:
            L, by_W, by_b = work(parts[0])
        else:
            found = zip(*self.pool.map(work, parts), strict=True)
            L, by_W, by_b = map(np.concatenate, found)
        return L, by_W, by_b


def rows(distribution: Distribution, n: int) -> int:
    """How many rows the tables of all n outputs of a model have.

    >>> from handcalc.superposition.loss.distribution import SparseUniform
    >>> rows(SparseUniform(), 5) == 5 * 3**5
    True
    """
    return n * row_count(n, most_active(distribution, n))
