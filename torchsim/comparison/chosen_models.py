"""The toy models that are compared or drawn, of a run or of a sweep, each by its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from handcalc.errors import InputError
from handcalc.inputs.containers import as_int
from handcalc.wording import brief
from torchsim.kinds import AnyTrained, OneTrainerRun
from torchsim.restarts import divergence
from torchsim.run import Trained, TrainingRun
from torchsim.sweeps.run import SweepRun

ToyRun: TypeAlias = TrainingRun | SweepRun


@dataclass(frozen=True, slots=True, eq=False)
class ChosenModels:
    """Models of a run or cells of a sweep, as ``what`` says, in the order in which they are shown.

    ``numbers`` count from 1. Of cells ``settings`` say how each was trained. ``failed`` has those
    that came to nothing, with the reason, and are left out.
    """

    what: Literal["model", "cell"]
    numbers: tuple[int, ...]
    trained: tuple[Trained, ...]
    settings: tuple[Mapping[str, Any], ...]
    failed: Mapping[int, str]

    @classmethod
    def of(cls, run: ToyRun, models: Sequence[int] | None = None) -> ChosenModels:
        """All models, or those of these numbers in that order.

        Errors: ``models`` for a number that there is not, one named twice, and none; ``failed``
        where every one of them came to nothing.
        """
        if isinstance(run, TrainingRun):
            lost = failed_of(run)
            asked = all_numbers(run) if models is None else checked_numbers(run, models)
            left = tuple(number for number in asked if number not in lost)
            told = {number: lost[number] for number in asked if number in lost}
            if not left:
                raise nothing_left(run, told)
            return cls("model", left, tuple(run.trained[k - 1] for k in left), (), told)
        cells = run.cells() if models is None else map(run.cell, checked_numbers(run, models))
        there: list[tuple[int, Trained, Mapping[str, Any]]] = []
        failed: dict[int, str] = {}
        for cell in cells:
            if cell.trained is None:
                failed[cell.number] = str(cell.failed)
            else:
                there.append((cell.number, cell.trained, cell.settings))
        if not there:
            raise nothing_left(run, failed)
        numbers, trained, settings = zip(*there, strict=True)
        return cls("cell", numbers, trained, settings, failed)


def failed_of(run: ToyRun | OneTrainerRun) -> Mapping[int, str]:
    """Why some models or cells, by their numbers, came to nothing; models if all restarts did."""
    if isinstance(run, SweepRun):
        return run.failed
    trained: Sequence[AnyTrained] = run.trained
    return {i: f"{divergence(one.diverged)}." for i, one in enumerate(trained, 1) if one.is_lost}


def nothing_left(run: ToyRun, failed: Mapping[int, str]) -> InputError:
    """That there is nothing to compare or draw: ``failed``."""
    what = "model" if isinstance(run, TrainingRun) else "cell"
    number, why = next(iter(failed.items()))
    said = f"No {what} came to anything. {what.capitalize()} {number}: {why}"
    return InputError("failed", said)


def left_numbers(run: ToyRun) -> list[int]:
    """The numbers of the models or cells that came to something. Errors: ``failed``."""
    failed = failed_of(run)
    left = [number for number in all_numbers(run) if number not in failed]
    if not left:
        raise nothing_left(run, failed)
    return left


def all_numbers(run: ToyRun) -> Sequence[int]:
    """The number of every model or cell."""
    return range(1, 1 + (len(run.trained) if isinstance(run, TrainingRun) else len(run)))


def checked_numbers(run: ToyRun, models: Sequence[int]) -> list[int]:
    """The numbers of models or cells as they are given. Errors: ``models``.

    >>> from torchsim import ModelSpec, TrainingSpec, train
    >>> run = train(TrainingSpec((ModelSpec.of(2, 1, "1/2"), ModelSpec.of(2, 1, 0)), restarts=1))
    >>> checked_numbers(run, [2, 1])
    [2, 1]
    """
    what = "Models" if isinstance(run, TrainingRun) else "Cells"
    last = all_numbers(run)[-1]
    found: dict[int, None] = {}
    for given in models:
        number = as_int(given)
        if number is None or not 1 <= number <= last:
            raise InputError(
                "models",
                f"{what} are numbered from 1 to {last:,}; there is no {brief(given)}.",
                suggestion=f"--models 1..{min(last, 9)}" if last > 1 else "--models 1",
            )
        if number in found:
            raise InputError("models", f"{what[:-1]} {number} is named twice: name each once.")
        found[number] = None
    if not found:
        raise InputError(
            "models", f"At least one {what[:-1].lower()} is named, from 1 to {last:,}."
        )
    return list(found)
