"""The fused kernel: whole steps on samples in one compiled loop, the models shared out to threads.

A toy model is so small that torch spends its time on starting operations. Here the inputs, outputs
and errors of an instance never leave a processor core's cache, the numbers that models of one seed
share are drawn once, and nothing is allocated on the way. What comes out is what the plain kernel
gives, but for rounding; an instance's numbers depend neither on the others nor on the threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import numpy as np

from torchsim.sampling import DrawnFeature
from torchsim.specification import Dtype, ModelSpec, TrainingSpec
from torchsim.training.devices import loop_threads
from torchsim.training.fused.inputs import Inputs
from torchsim.training.fused.looped import LoopedDescent
from torchsim.training.fused.sparse import LANES, MOST, Active, Padded
from torchsim.training.fused.steps import GroupTask, Share, Weights, advance

_CACHED = 1 << 15  # so many numbers of a share are worked on together
_FEWEST = 256  # samples that are
_AT_ONCE = 1 << 33  # products between two looks around, some tenths of a second


def compile_loop(dtype: Dtype) -> float:
    """Compile the loop, or read what was compiled before; returns how many seconds that took.

    It is compiled once for a dtype on each machine, in some seconds, as soon as it is used.

    >>> compile_loop("float32") > 0
    True
    """
    began = perf_counter()
    models = (ModelSpec.of(1, 1, 0),)
    spec = TrainingSpec(models, "sampled", 1, steps=1, batch=1, dtype=dtype, kernel="fused")
    FusedDescent(spec, (0,)).advance()
    return perf_counter() - began


class FusedDescent(LoopedDescent):
    """A group on its way down, some steps at a time."""

    def __init__(self, spec: TrainingSpec, group: tuple[int, ...]) -> None:
        super().__init__(spec, group, _AT_ONCE)
        self._live = Weights(
            values=self.weights.numpy(),
            first=self.moments["exp_avg"].numpy(),
            second=self.moments["exp_avg_sq"].numpy(),
            total=self.total.numpy(),
            sound=self.sound.numpy(),
        )
        m = spec.models[group[0]].hidden
        self._task = GroupTask(
            Inputs.of(self.drawn, np.dtype(spec.dtype)),
            spec.batch,
            self.importance.numpy(),
            self.floors.numpy(),
            np.array([_is_sparse(each, m) for each in self.drawn]),
        )
        self._threads = loop_threads()
        self._shares = list(self._shared_out())

    def _advance(self, most: int) -> int:
        count = min(most, self.together)
        lengths = np.array(self.lengths(count), self._live.values.dtype)

        def work(share: Share) -> None:
            advance(self._live, self._task, share, self.step, lengths)

        if len(self._shares) == 1:
            work(self._shares[0])
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(work, self._shares))
        return count

    def _shared_out(self) -> Iterator[Share]:
        """A share for each restart of each seed; more where there are fewer than threads."""
        of_seed: dict[int, list[int]] = {}
        for a, i in enumerate(self.group):
            of_seed.setdefault(self.spec.models[i].seed, []).append(a)
        parts = -(-self._threads // (len(of_seed) * self.spec.restarts))
        for seed, models in of_seed.items():
            for some in np.array_split(np.array(models), min(parts, len(models))):
                for restart in range(self.spec.restarts):
                    yield self._share(some, seed, restart)

    def _share(self, models: np.ndarray, seed: int, restart: int) -> Share:
        n, columns = self.weights.shape[2:]
        m, rows, dtype = columns - 1, self._task.inputs.rows.size, self._live.values.dtype
        most = max(_FEWEST, _CACHED // (rows + 2 * n + 2 * m))
        blocks = -(-self.spec.batch // most)
        count = -(-self.spec.batch // (blocks * 64)) * 64
        padded = -(-m // LANES) * LANES
        return Share(
            models=models,
            restart=restart,
            key=np.array([seed, restart], np.uint32),
            numbers=np.zeros((rows, count), np.uint32),
            x=np.zeros((n, count), dtype),
            z=np.zeros((n, count), dtype),
            h=np.empty((m, count), dtype),
            back=np.empty((m, count), dtype),
            down=np.empty((m, n), dtype),
            bias=np.empty(n, dtype),
            nothing=np.zeros(m, dtype),
            active=_room(n, count, dtype),
            passed=_room(n, count, dtype),
            padded=Padded(
                np.zeros((n, padded), dtype),
                np.zeros((count, padded), dtype),
                np.zeros(padded, dtype),
            ),
            slopes=np.empty((models.size, n, columns), dtype),
            losses=np.empty(models.size),
        )


def _is_sparse(drawn: Sequence[DrawnFeature], m: int) -> bool:
    """Whether so few features are active, in so many dimensions, that looking for them pays."""
    return m >= LANES // 2 and sum(each.density for each in drawn) <= MOST * len(drawn)


def _room(n: int, count: int, dtype: np.dtype[np.floating]) -> Active:
    """Room for all of n × count numbers, as if none were 0."""
    ends, columns = np.zeros(n + 1, np.int64), np.empty(n * count, np.int32)
    return Active(ends, columns, np.empty(n * count, dtype))
