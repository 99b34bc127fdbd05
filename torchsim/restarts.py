"""What the restarts of a trained model came to: the best of them, and those that diverged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from handcalc.wording import counted


class _OnTheWay(Protocol):
    """The losses of all restarts (records, restarts) after so many ``steps``."""

    @property
    def steps(self) -> tuple[int, ...]: ...

    @property
    def losses(self) -> Tensor: ...


class _Judged(Protocol):
    """A trained model: the loss of each restart (restarts,), and its way there."""

    @property
    def loss(self) -> Tensor: ...

    @property
    def history(self) -> _OnTheWay: ...

    @property
    def diverged(self) -> tuple[int | None, ...]: ...


class Restarts:
    """What trained models of every kind say of their restarts.

    A restart *diverged* if its weights or its loss became infinite or NaN: its weights are NaN from
    then on, its loss is infinite, and the others were trained to the end.
    """

    __slots__ = ()

    @property
    def diverged(self: _Judged) -> tuple[int | None, ...]:
        """Of each restart the step by which it had diverged, None where it did not.

        The exact trainer counts evaluations.
        """
        return diverged_steps(self.history.steps, self.history.losses)

    @property
    def standing(self: _Judged) -> tuple[int, ...]:
        """The restarts, from 0, that did not diverge."""
        return tuple(k for k, step in enumerate(self.diverged) if step is None)

    @property
    def is_lost(self: _Judged) -> bool:
        """Whether every restart diverged, so that there is no model to look at."""
        return None not in self.diverged

    @property
    def best(self: _Judged) -> int:
        """The restart with the lowest loss, from 0; one that diverged only where all of them did.

        >>> from torchsim import ModelSpec, train
        >>> trained = train(ModelSpec.of(2, 1, "1/2"), restarts=4).trained[0]
        >>> trained.lowest == float(trained.loss[trained.best]), trained.is_lost
        (True, False)
        """
        return int(self.loss.argmin())

    @property
    def lowest(self: _Judged) -> float:
        """The loss of the best restart; infinite where all diverged."""
        return float(self.loss.min())


def diverged_steps(steps: Sequence[int], losses: Tensor) -> tuple[int | None, ...]:
    """Of each restart the first of the ``steps`` at which its loss is no finite number, or None.

    ``losses`` has shape (records, restarts).

    >>> diverged_steps((10, 20), torch.tensor([[0.2, torch.inf], [0.1, torch.nan]]))
    (None, 10)
    """
    lost = ~torch.isfinite(losses)
    firsts = lost.int().argmax(0).tolist()  # of several largest the first
    return tuple(
        steps[first] if any_ else None
        for first, any_ in zip(firsts, lost.any(0).tolist(), strict=True)
    )


def diverged_data(trained: _Judged) -> dict[str, int]:
    """The restarts, from 1, that diverged, and by which step, as JSON has them.

    >>> from torchsim import ModelSpec, train
    >>> diverged_data(train(ModelSpec.of(2, 1, "1/2"), restarts=4).trained[0])
    {}
    """
    steps = enumerate(trained.diverged, 1)
    return {str(restart): step for restart, step in steps if step is not None}


def best_in_short(trained: _Judged) -> str:
    """The loss of the best restart, of how many; or that they all diverged."""
    if None not in trained.diverged:
        return divergence(trained.diverged)
    loss = float(trained.loss.min())
    return f"loss {loss:.5g}, the best of {counted(len(trained.loss), 'restart')}"


def divergence(diverged: Sequence[int | None]) -> str:
    """How many restarts diverged, and by which step, in a few words; nothing where none did.

    >>> divergence((None, 40, 20)), divergence((20,)), divergence((None,))
    ('2 of 3 restarts diverged, the first by step 20', 'diverged by step 20', '')
    """
    lost = [step for step in diverged if step is not None]
    if not lost:
        return ""
    if len(lost) == len(diverged):
        return f"diverged by step {max(lost)}"
    first = f", the first by step {min(lost)}" if len(lost) > 1 else f" by step {lost[0]}"
    return f"{len(lost)} of {counted(len(diverged), 'restart')} diverged{first}"
