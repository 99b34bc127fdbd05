"""What a figure shows: a run, and beside every model the best that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from handcalc.errors import InputError
from torchsim.comparison.best_known import one_each
from torchsim.comparison.best_store import KnownBest
from torchsim.comparison.chosen_models import ToyRun, all_numbers, checked_numbers, failed_of
from torchsim.run import Trained, TrainingRun
from torchsim.specification import ModelSpec
from torchsim.views.model_names import panel_labels
from torchsim.views.specifications import label_text, setting_labels

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShownModels:
    """Models or cells, as ``what`` says, that were chosen of ``total`` by their ``numbers``.

    ``settings`` say of cells how they were trained, where that differs.
    """

    what: Literal["model", "cell"]
    numbers: tuple[int, ...]
    settings: tuple[str, ...]
    total: int

    def named(self, names: Sequence[str]) -> tuple[str, ...]:
        """Names that say the numbers, too.

        >>> ShownModels("cell", (7,), ("rate 0.001",), 9).named(["S = 0"])
        ('cell 7: S = 0, rate 0.001',)
        """
        settings = self.settings or ("",) * len(names)
        told = zip(self.numbers, names, settings, strict=True)
        return tuple(
            f"{self.what} {number}: {', '.join(filter(None, each))}" for number, *each in told
        )


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A run with the best known for each of its models, None where nothing is known.

    ``names`` tell its models apart. ``part`` says of which models or cells these were chosen, None
    where they are all.
    """

    run: TrainingRun
    best: tuple[KnownBest | None, ...]
    names: tuple[str, ...]
    part: ShownModels | None = None

    @classmethod
    def of(
        cls,
        run: TrainingRun,
        best: Sequence[KnownBest | None] | None = None,
        part: ShownModels | None = None,
    ) -> Shown:
        """The run with what is given as best, else with what is found. Errors: ``wrong_shape``."""
        names = panel_labels([trained.model for trained in run.trained])
        if part is not None:
            names = part.named(names)
        return cls(run, one_each(best, run.trained), names, part)

    @classmethod
    def of_numbers(
        cls,
        run: ToyRun,
        numbers: Sequence[int],
        best: Sequence[KnownBest | None] | None = None,
    ) -> Shown:
        """Models of a run, or cells of a sweep, by their numbers from 1, in that order.

        Errors: ``models``; ``mixed`` for cells of other trainers or numbers of restarts; ``cell``
        for one that failed, ``failed`` for a model that did; ``wrong_shape``.
        """
        checked_numbers(run, numbers)
        total = len(all_numbers(run))
        if isinstance(run, TrainingRun):
            failed = failed_of(run)
            for number in numbers:
                if number in failed:
                    message = f"Model {number} came to nothing: it {failed[number]} Name others."
                    raise InputError("failed", message)
            found = tuple(run.trained[number - 1] for number in numbers)
            spec = replace(run.spec, models=tuple(each.model for each in found))
            part = ShownModels("model", tuple(numbers), (), total)
            return cls.of(replace(run, spec=spec, trained=found), best, part)
        whole = run.chosen(numbers, alike=("trainer", "restarts"))
        labels = setting_labels([run.cell(number).settings for number in numbers])
        settings = tuple(label_text(labels, i) for i in range(len(numbers)))
        return cls.of(whole, best, ShownModels("cell", tuple(numbers), settings, total))

    def trained(self, i: int) -> Trained:
        """Model i, from 0."""
        return self.run.trained[i]

    def W(self, i: int) -> Floats:
        """The weights (n, m) of the best restart of model i."""
        trained = self.run.trained[i]
        return np.asarray(trained.W[trained.best].numpy(), dtype=np.float64)

    def b(self, i: int) -> Floats:
        """The biases (n,) of the best restart of model i."""
        trained = self.run.trained[i]
        return np.asarray(trained.b[trained.best].numpy(), dtype=np.float64)

    def known_W(self, i: int) -> Floats:
        """The weights (n, m) of the best known of model i. Errors: ``no_best``."""
        best = self.best[i]
        if best is None:
            raise InputError("no_best", f"No best is known of model {i + 1}: it has no exact one.")
        return np.asarray(best.W, dtype=np.float64)

    def loss(self, i: int) -> float:
        """The loss of the best restart of model i."""
        trained = self.run.trained[i]
        return float(trained.loss[trained.best])

    def gap(self, i: int) -> float | None:
        """By how many per cent the loss of model i is above the best; None without one above 0."""
        best = self.best[i]
        if best is None or best.loss <= 0:
            return None
        return 100 * (self.loss(i) / float(best.loss) - 1)

    def worst_gap(self, which: Sequence[int]) -> float | None:
        """The largest gap among some models, None where no model has one."""
        gaps = [gap for i in which if (gap := self.gap(i)) is not None]
        return max(gaps, default=None)

    @property
    def unknown(self) -> list[int]:
        """The models of which no best is known."""
        return [i for i, best in enumerate(self.best) if best is None]

    @property
    def knows_none(self) -> bool:
        """Whether no best is known of any model."""
        return len(self.unknown) == len(self.best)

    def model(self, i: int) -> ModelSpec:
        """The specification of model i."""
        return self.run.trained[i].model

    @property
    def models(self) -> list[ModelSpec]:
        """All models."""
        return [trained.model for trained in self.run.trained]

    def chosen(self, most: int) -> tuple[int, ...]:
        """At most so many models to show; linear ones first where there are as many ReLU ones.

        Those that were chosen by their numbers stay in their order.
        """
        if self.part is not None:
            return spread(len(self.best), len(self.best))
        which = spread(len(self.best), most)
        linear = [i for i in which if self.model(i).activation == "linear"]
        relu = [i for i in which if self.model(i).activation == "relu"]
        is_paired = len(linear) == len(relu) == len(which) / 2
        return (*linear, *relu) if is_paired else which

    def left_out(self, which: Sequence[int]) -> str:
        """A sentence that some models are not shown, or nothing."""
        total = len(self.best) if self.part is None else self.part.total
        what = "models" if self.part is None else f"{self.part.what}s"
        return f" {len(which)} of {total:,} {what} are shown." if total > len(which) else ""


def spread(count: int, most: int) -> tuple[int, ...]:
    """At most so many of 0 … count − 1, the first and the last among them, evenly.

    >>> spread(3, 12), spread(9, 5)
    ((0, 1, 2), (0, 2, 4, 6, 8))
    """
    if count <= most:
        return tuple(range(count))
    return tuple(round(k * (count - 1) / (most - 1)) for k in range(most))
