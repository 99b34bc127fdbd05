"""``train``: a specification in, a record out. Nothing is printed, and only a keeper writes files.

The groups of a specification are trained one after the other; then every model is judged by its
exact loss, where that can be worked out, and on samples that training did not see.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, TypeAlias

import torch
from torch import Tensor

from handcalc.errors import InputError
from torchsim.run import History, Trained, TrainingRun
from torchsim.sampling import initial
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.training import exact, sampled
from torchsim.training.checkpoint import Checkpointer, Kept, State, TrainingProgress
from torchsim.training.losses import exact_losses, sampled_losses

_JUDGING, _CHECKING = 1 << 16, 1 << 14  # samples without, and beside, an exact loss
_LOOK = 0.5  # seconds that an estimate may take, and a little more
_EVALUATIONS = 85  # of a chunk of descents, as if all took as many; between 40 and 180 were seen

TRAINERS = {"sampled": sampled.train_group, "exact": exact.train_group}
"""What trains one group, by the name of the trainer; all have one signature."""

Result: TypeAlias = tuple[Tensor, Tensor, History]
"""W (restarts, n, m), b (restarts, n) and the history of a model, on the CPU."""

_DONE = "done"  # the prefix of what finished groups left in a state


def train(
    spec: TrainingSpec,
    *,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    keeping: Checkpointer | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TrainingRun:
    """All restarts of all models of a specification, trained and judged.

    Goes on from the state that ``keeping`` has, if any; what comes of it is the same, bit for bit,
    as without the stop. ``should_stop`` is asked at every step (on samples) or evaluation (of the
    exact loss): once it is true, the last state is kept and KeyboardInterrupt raised. Errors:
    ``device`` where there is none such; ``diverged`` for an infinity or a NaN, with the model, the
    restart and the step; those of ``keeping``.

    >>> run = train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=4))
    >>> round(float(run.trained[0].loss.min()), 10)  # an antipodal pair
    0.076282447
    """
    _check_device(spec)
    loop = TrainingLoop(spec, on_progress, keeping, should_stop)
    trained = []
    for model, result in zip(spec.models, loop.run(), strict=True):
        loop.heed()
        trained.append(_judged(spec, model, result))
    return TrainingRun(spec, tuple(trained), loop.seconds, _device_name(spec.device))


def _judged(spec: TrainingSpec, model: ModelSpec, result: Result) -> Trained:
    """A model's restarts with their losses, all on the CPU.

    Where the exact loss is known the sampled one is a check of it, and takes fewer samples.
    """
    W, b, history = result
    exact = exact_losses(model, W, b)
    samples = _JUDGING if exact is None else _CHECKING
    loss, error = sampled_losses(model, W.to(spec.device), b.to(spec.device), samples)
    return Trained(model, W, b, exact, loss.cpu(), error.cpu(), history)


def _check_device(spec: TrainingSpec) -> None:
    if spec.device == "cuda" and not torch.cuda.is_available():
        raise InputError(
            "device",
            'There is no CUDA device here that torch can use; train on the device "cpu".',
            suggestion="cpu",
        )


def _device_name(device: str) -> str:
    """What a device calls itself."""
    if device == "cuda":
        return str(torch.cuda.get_device_name())
    listed = Path("/proc/cpuinfo")  # Linux, where ``platform`` has no more than x86_64
    if listed.is_file():
        for line in listed.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, name = line.partition(":")
            if key.strip() == "model name":
                return name.strip()
    return platform.processor() or platform.machine() or "CPU"


# --------------------------------------------------------------------------------------------------
# A run under way: its groups one after the other, kept as they go, gone on with, stopped.


def length_before(spec: TrainingSpec, group: int) -> int:
    """The steps or descents of all groups before one; for ``len(spec.groups)`` those of the run.

    A group takes ``steps`` steps on samples, or a descent of each restart of each model.

    >>> from torchsim.specification import ModelSpec
    >>> length_before(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=4), 1)
    4
    """
    groups = spec.groups[:group]
    if spec.trainer == "sampled":
        return len(groups) * spec.steps
    return sum(map(len, groups)) * spec.restarts


class TrainingLoop:
    """A run under way. Its state is that of the group in hand, with the results of those before.

    ``on_progress`` hears how far the whole run is. A trainer offers its states; one is kept when
    ``keeping`` says that it is due, and the last one when the run is stopped.
    """

    def __init__(
        self,
        spec: TrainingSpec,
        on_progress: Callable[[TrainingProgress], None] | None,
        keeping: Checkpointer | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self.spec, self.on_progress, self.keeping = spec, on_progress, keeping
        self._should_stop = should_stop
        self._stopping = False
        self._results: dict[int, Result] = {}
        self._group = self._done = 0
        self._began = perf_counter()
        self._last = State(group=0, step=0)

    @property
    def seconds(self) -> float:
        """How long it took so far, before a stop included."""
        return perf_counter() - self._began

    def run(self) -> list[Result]:
        """Every model's result. Errors: KeyboardInterrupt when stopped; those of the trainer."""
        kept = self._taken_up()
        for number, group in enumerate(self.spec.groups[self._group :], self._group):
            # what was kept stands until the trainer offers more: a stop may come before that
            self._group, self._last = number, kept or State(number, 0)
            try:
                found = TRAINERS[self.spec.trainer](
                    self.spec, group, kept, self._report, self._offer, self._asked
                )
            except KeyboardInterrupt:
                if self._stopping:  # and so the trainer is at a boundary
                    self._keep()
                raise
            for i, (W, b, history) in zip(group, found, strict=True):
                losses = history.losses.cpu()
                self._results[i] = W.cpu(), b.cpu(), History(history.steps, losses)
            kept = None
        return [self._results[i] for i in range(len(self.spec.models))]

    def heed(self) -> None:
        """Between the last step and the end. Errors: KeyboardInterrupt if a stop was asked for."""
        if self._asked():
            self._keep()
            raise KeyboardInterrupt("stopped before all models were judged")

    # -- what a trainer is given ------------------------------------------------------------------

    def _report(self, more: int) -> None:
        self._done += more
        if self.on_progress is not None:
            total = length_before(self.spec, len(self.spec.groups))
            self.on_progress(TrainingProgress(self._done, total))

    def _offer(self, state: State) -> None:
        self._last = state
        if self.keeping is not None and self.keeping.due():
            self._keep()

    def _asked(self) -> bool:
        """Whether to stop; a yes stands."""
        self._stopping = self._stopping or (self._should_stop is not None and self._should_stop())
        return self._stopping

    # -- keeping, and going on --------------------------------------------------------------------

    def _keep(self) -> None:
        """Keep the last state that was offered, and what the groups before came to."""
        if self.keeping is None:
            return
        tensors = dict(self._last.tensors)
        for i, (W, b, history) in self._results.items():
            for name, tensor in (("W", W), ("b", b), ("losses", history.losses)):
                tensors[f"{_DONE}.{i}.{name}"] = tensor
        numbers: dict[str, Kept] = {
            "trainer": self._last.numbers,
            "seconds": self.seconds,
            _DONE: {str(i): history.steps for i, (_, _, history) in self._results.items()},
        }
        self.keeping.save(State(self._group, self._last.step, tensors, numbers))

    def _taken_up(self) -> State | None:
        """Go back to where a run was kept; the trainer's own state, None at a group's start."""
        state = None if self.keeping is None else self.keeping.load()
        if state is None:
            return None
        numbers: Any = state.numbers
        self._group, self._began = state.group, self._began - numbers["seconds"]
        self._done = length_before(self.spec, state.group)
        for i, steps in numbers[_DONE].items():
            W, b, losses = (state.tensors[f"{_DONE}.{i}.{name}"] for name in ("W", "b", "losses"))
            self._results[int(i)] = W, b, History(tuple(steps), losses)
        own = {k: v for k, v in state.tensors.items() if not k.startswith(f"{_DONE}.")}
        return State(state.group, state.step, own, numbers["trainer"]) if state.step else None


# --------------------------------------------------------------------------------------------------
# How long a run will take.


def estimate(spec: TrainingSpec) -> float:
    """About how many seconds ``train`` takes, from a short look at every group.

    Some steps are timed (on samples), or evaluations (of the exact loss), and the judging of one
    model. The number of steps is a guess; expect a factor of two. Nothing is saved.
    Errors: ``device``.

    >>> estimate(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), "sampled", restarts=1, batch=8)) > 0
    True
    """
    _check_device(spec)
    look = {"sampled": _of_steps, "exact": _of_descents}[spec.trainer]
    return sum(
        look(spec, group, _LOOK / len(spec.groups)) + _of_judging(spec, group)
        for group in spec.groups
    )


def _of_steps(spec: TrainingSpec, group: tuple[int, ...], most: float) -> float:
    """Seconds that the steps of a group take, from no more than 50 of them."""
    longer = replace(spec, steps=10_000)  # records none of its losses so soon
    descent = sampled.Descent(longer, group)
    descent.advance()
    began, count = perf_counter(), 0
    while count < 49 and perf_counter() - began < most:
        descent.advance()
        count += 1
    descent.total.sum().item()  # a device that works ahead has to finish
    return (perf_counter() - began) / count * spec.steps


def _of_descents(spec: TrainingSpec, group: tuple[int, ...], most: float) -> float:
    """Seconds that the descents of a group take, from a few evaluations of its first chunk."""
    times = [perf_counter()]
    enough = False

    def late() -> bool:
        nonlocal enough
        times.append(perf_counter())
        enough = len(times) > 4 and (len(times) > 8 or times[-1] - times[1] > most)
        return enough

    try:
        TRAINERS["exact"](spec, group, None, lambda _: None, lambda _: None, late)
    except KeyboardInterrupt:
        if not enough:  # it was somebody's Ctrl-C
            raise
    if len(times) < 3:
        return perf_counter() - times[0]
    one = median(later - sooner for sooner, later in pairwise(times[1:]))
    return one * _EVALUATIONS * sum(1 for _ in exact.chunks(spec, group))


def _of_judging(spec: TrainingSpec, group: tuple[int, ...]) -> float:
    """Seconds that the last losses of a group take, from two models: tables are made once."""
    times = [perf_counter()]
    for i in group[:2]:
        model = spec.models[i]
        W, b = initial([model], range(spec.restarts), torch.device("cpu"), torch.float64)
        _judged(spec, model, (W, b, History((), W)))
        times.append(perf_counter())
    return times[-1] - times[0] + (len(group) - len(times) + 1) * (times[-1] - times[-2])
