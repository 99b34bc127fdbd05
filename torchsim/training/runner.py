"""The course of a run: its groups one after the other, kept as they go, gone on with, stopped."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeAlias

from torch import Tensor

from torchsim.run import History
from torchsim.specification import TrainingSpec
from torchsim.training import exact, sampled
from torchsim.training.checkpoint import Checkpointer, Kept, State, TrainingProgress

TRAINERS = {"sampled": sampled.train_group, "exact": exact.train_group}
"""What trains one group, by the name of the trainer; all have one signature."""

Result: TypeAlias = tuple[Tensor, Tensor, History]
"""W (restarts, n, m), b (restarts, n) and the history of a model, on the CPU."""

_DONE = "done"  # the prefix of what finished groups left in a state


def group_length(spec: TrainingSpec, group: tuple[int, ...]) -> int:
    """How much there is to do in a group: steps on samples, descents of the exact loss.

    >>> from torchsim.specification import ModelSpec
    >>> group_length(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=4), (0,))
    4
    """
    return spec.steps if spec.trainer == "sampled" else len(group) * spec.restarts


def length_before(spec: TrainingSpec, group: int) -> int:
    """The steps or descents of all groups before one; for ``len(spec.groups)`` those of the run."""
    return sum(group_length(spec, each) for each in spec.groups[:group])


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
            self._results.update(zip(group, map(_on_cpu, found), strict=True))
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


def _on_cpu(result: Result) -> Result:
    W, b, history = result
    return W.cpu(), b.cpu(), History(history.steps, history.losses.cpu())
