"""A look at the weights on the way, by a function of one's own, in a run on samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from handcalc.errors import InputError
from handcalc.wording import brief
from torchsim.specification import TrainingSpec
from torchsim.training.checkpoint import State
from torchsim.training.descent import Descent


@dataclass(frozen=True, slots=True, eq=False)
class ProbeRecord:
    """What a probe is given of the models that are trained together, after ``step`` steps.

    ``models`` are their places in the specification, from 0. ``W`` (models, restarts, n, m) and
    ``b`` (models, restarts, n) are copies on the CPU; ``losses`` (records, models, restarts) are
    the means over the batches up to each of the ``steps`` (records,), this one the last.
    """

    step: int
    models: tuple[int, ...]
    W: Tensor
    b: Tensor
    steps: tuple[int, ...]
    losses: Tensor


Probe: TypeAlias = Callable[[ProbeRecord], bool | None]
"""True ends the training of the models it was shown; None and False go on."""


class ProbedDescent:
    """A descent that a probe looks at after every record, and may end before its last step.

    One that was ended says that all its steps are done; its state still has the step that it came
    to. ``on_end`` is called in between, so that this state can be kept.
    """

    def __init__(self, descent: Descent, probe: Probe, on_end: Callable[[], None]) -> None:
        self._descent, self._probe, self._on_end = descent, probe, on_end
        self._is_over = False

    @property
    def step(self) -> int:
        """How many steps are done."""
        return self._descent.spec.steps if self._is_over else self._descent.step

    def advance(self) -> int:
        """Some steps, and a look at where they led; steps that are left out count as taken.

        Errors: ``probe``; those of the descent and of the probe.
        """
        taken, found = self._descent.advance(), self._descent
        left = found.spec.steps - found.step
        recorded = found.recorded
        if recorded[-1:] == (found.step,) and _is_stop(self._probe(self._look(recorded))) and left:
            self._is_over = True
            self._on_end()
            return taken + left
        return taken

    def state(self) -> State:
        """What ``restore`` goes on from."""
        return self._descent.state()

    def restore(self, state: State) -> None:
        """Go back, or on, to a state of the same group of the same specification."""
        self._descent.restore(state)

    def _look(self, recorded: tuple[int, ...]) -> ProbeRecord:
        found = self._descent
        weights = found.weights.detach().to("cpu", copy=True)
        losses = found.losses[: len(recorded)].to("cpu", copy=True)
        W, b = weights[..., :-1], weights[..., -1]
        return ProbeRecord(found.step, found.group, W, b, recorded, losses)


def _is_stop(answer: object) -> bool:
    """What a probe said: a bool of Python, numpy or torch, or nothing. Errors: ``probe``.

    >>> import torch
    >>> _is_stop(None), _is_stop(torch.tensor(0.1) < 0.2)
    (False, True)
    """
    if answer is None or isinstance(answer, bool):
        return bool(answer)
    if isinstance(answer, np.bool_) or (
        isinstance(answer, Tensor) and answer.dtype == torch.bool and answer.ndim == 0
    ):
        return bool(answer)
    raise InputError(
        "probe",
        "A probe returns True to end the training, and None or False to go on, not "
        f"{brief(answer)}. End the function with: return None.",
    )


def check_probe(spec: object, probe: object) -> None:
    """Refuse what is no function, and a run in which nothing calls it. Errors: ``probe``.

    >>> check_probe(None, None)
    """
    if probe is None:
        return
    if not callable(probe):
        raise InputError("probe", f"probe= is a function, or None, not {brief(probe)}.")
    if not isinstance(spec, TrainingSpec):
        raise InputError("probe", "probe= is for toy models that are trained on samples.")
    if spec.trainer != "sampled":
        raise InputError(
            "probe",
            "probe= is for the trainer on samples: the exact one tries points that it may not "
            "take, of one model more and of another less, and stops by itself.",
            suggestion='trainer="sampled"',
        )
