"""A run under way: its groups one after the other, kept as they go, gone on with, stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from torch import Tensor

from torchsim.training.checkpoint import Checkpointer, Kept, State, TrainingProgress

Offer: TypeAlias = Callable[[State], None]
"""Takes a trainer's state, and keeps it if that is due."""

_DONE = "done"  # the prefix of what finished groups left in a state


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What training a model came to: tensors by name, and the steps of its records.

    One of the tensors is ``losses`` (records, restarts): not finite from where a restart diverged.
    """

    tensors: dict[str, Tensor]
    steps: tuple[int, ...]


class Grouped(Protocol):
    """A specification whose models are trained in groups."""

    @property
    def models(self) -> tuple[object, ...]:
        """What is trained."""

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The models, from 0, that are trained together."""

    def length_before(self, group: int) -> int:
        """The steps or descents of all groups before one."""


class Descending(Protocol):
    """One model, or a group, on its way down in steps."""

    @property
    def step(self) -> int:
        """How many steps are done."""

    def advance(self) -> int:
        """Take a step, or some; how many were taken."""

    def state(self) -> State:
        """What ``restore`` goes on from."""

    def restore(self, state: State) -> None:
        """Go back, or on, to a state of the same group of the same specification."""


def take_steps(
    descent: Descending,
    steps: int,
    kept: State | None,
    report: Callable[[int], None],
    save: Offer,
    should_stop: Callable[[], bool],
) -> None:
    """Go on from ``kept``, if there is a state, to the last of so many steps.

    ``report`` hears how many more steps are done, those of ``kept`` first; after each advance the
    state is offered to ``save``. Errors: KeyboardInterrupt in place of the next step once
    ``should_stop`` says so; those of the descent.
    """
    if kept is not None:
        descent.restore(kept)
        report(kept.step)
    while descent.step < steps:
        if should_stop():
            raise KeyboardInterrupt(f"stopped after {descent.step} of {steps} steps")
        report(descent.advance())
        save(descent.state())


def seconds_of_steps(descent: Descending, steps: int, look: int) -> float:
    """About how many seconds the steps of a descent take, from ``look`` of them after the first."""
    descent.advance()
    began, first = perf_counter(), descent.step
    while descent.step < min(steps, first + look):
        descent.advance()
    for tensor in descent.state().tensors.values():
        tensor.flatten()[:1].tolist()  # a device that works ahead has to finish
    return (perf_counter() - began) / max(descent.step - first, 1) * steps


Spec = TypeVar("Spec", bound=Grouped)
GroupTrainer: TypeAlias = Callable[
    [Spec, tuple[int, ...], State | None, Callable[[int], None], Offer, Callable[[], bool]],
    list[Result],
]
"""Trains a group from a state; hears whom to tell of steps, whom to offer states, when to stop."""


class TrainingLoop(Generic[Spec]):
    """A run under way. Its state is that of the group in hand, with the results of those before.

    ``on_progress`` hears how far the whole run is. A trainer offers its states; one is kept when
    ``keeping`` says that it is due, and the last one when the run is stopped.
    """

    def __init__(
        self,
        spec: Spec,
        train_group: GroupTrainer[Spec],
        on_progress: Callable[[TrainingProgress], None] | None,
        keeping: Checkpointer | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self.spec, self.on_progress, self.keeping = spec, on_progress, keeping
        self._train_group, self._should_stop = train_group, should_stop
        self._stopping = self._is_cut = False
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
                found = self._train_group(
                    self.spec, group, kept, self._report, self._offer, self._asked
                )
            except KeyboardInterrupt:
                if self._stopping:  # and so the trainer is at a boundary
                    self._keep()
                raise
            for i, result in zip(group, found, strict=True):
                tensors = {name: tensor.cpu() for name, tensor in result.tensors.items()}
                self._results[i] = Result(tensors, result.steps)
            kept = None
        return [self._results[i] for i in range(len(self.spec.models))]

    def heed(self) -> None:
        """Between the last step and the end. Errors: KeyboardInterrupt if a stop was asked for."""
        if self._asked():
            self._keep()
            raise KeyboardInterrupt("stopped before all models were judged")

    def cut(self) -> None:
        """The group in hand ends before its last step: its next state is the last that is kept.

        So whoever goes on from there goes on with that group, and nothing is kept as finished that
        is not.
        """
        self._is_cut = True

    # -- what a trainer is given ------------------------------------------------------------------

    def _report(self, more: int) -> None:
        self._done += more
        if self.on_progress is not None:
            total = self.spec.length_before(len(self.spec.groups))
            self.on_progress(TrainingProgress(self._done, total))

    def _offer(self, state: State) -> None:
        self._last = state
        if self.keeping is not None and (self._is_cut or self.keeping.due()):
            self._keep()
        if self._is_cut:
            self.keeping = None

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
        for i, result in self._results.items():
            for name, tensor in result.tensors.items():
                tensors[f"{_DONE}.{i}.{name}"] = tensor
        numbers: dict[str, Kept] = {
            "trainer": self._last.numbers,
            "seconds": self.seconds,
            _DONE: {str(i): result.steps for i, result in self._results.items()},
        }
        self.keeping.save(State(self._group, self._last.step, tensors, numbers))

    def _taken_up(self) -> State | None:
        """Go back to where a run was kept; the trainer's own state, None at a group's start."""
        state = None if self.keeping is None else self.keeping.load()
        if state is None:
            return None
        numbers: Any = state.numbers
        self._group, self._began = state.group, self._began - numbers["seconds"]
        self._done = self.spec.length_before(state.group)
        for i, steps in numbers[_DONE].items():
            start = f"{_DONE}.{i}."
            own = {
                k.removeprefix(start): v for k, v in state.tensors.items() if k.startswith(start)
            }
            self._results[int(i)] = Result(own, tuple(steps))
        own = {k: v for k, v in state.tensors.items() if not k.startswith(f"{_DONE}.")}
        return State(state.group, state.step, own, numbers["trainer"]) if state.step else None
