"""What an experiment is: its story, its models in two sizes, how it is trained, and its claim.

A claim looks at the best weights of each trained model: which features it holds, and its shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import sympy

from handcalc.display import Displayed
from handcalc.superposition.phases.regimes import shared
from torchsim.choices import TrainerChoice, refuse_ignored, trainer_for
from torchsim.specification import (
    STEPS,
    Device,
    Kernel,
    ModelSpec,
    Optimiser,
    TrainingSpec,
    check_measures,
)

if TYPE_CHECKING:
    from handcalc.superposition.model.families import Family
    from torchsim.run import Trained, TrainingRun


Run = TypeVar("Run")


@dataclass(frozen=True, slots=True)
class PresetClaim(Generic[Run]):
    """What is seen in an experiment: a ``sentence``, and whether a run ``holds`` to it.

    >>> PresetClaim("One model was trained.", lambda run: len(run.trained) == 1).sentence
    'One model was trained.'
    """

    sentence: str
    holds: Callable[[Run], bool]


@dataclass(frozen=True, slots=True)
class Extent:
    """One size of an experiment: its ``models`` from a seed, and how much work goes into each.

    ``restarts`` are for the exact trainer and for the one on samples, in this order; ``steps`` and
    ``batch`` are for the one on samples.
    """

    models: Callable[[int], tuple[ModelSpec, ...]]
    restarts: tuple[int, int] = (32, 8)
    steps: int = STEPS
    batch: int = 1024


@dataclass(frozen=True, slots=True, repr=False)
class Preset(Displayed):
    """An experiment: what it is called, what it shows, where it comes from, and how to do it.

    ``seed`` is the one that is used where no other is asked for. An experiment that
    ``shows_the_way`` is about what happens during training: unless the exact trainer is asked for,
    it takes steps on samples, and keeps measures of them. ``figure`` is the kind of figure that
    shows most of it, where other such runs have another.
    """

    name: str
    title: str
    story: str
    source: str
    claim: PresetClaim[TrainingRun]
    full: Extent
    small: Extent
    optimiser: Optimiser = "adamw"
    seed: int = 0
    shows_the_way: bool = False
    figure: str | None = None

    def __repr__(self) -> str:
        return f"<Preset {self.name}: {self.title}>"

    def spec(  # noqa: PLR0913 - each is a part of the run, named when asked for
        self,
        small: bool = False,
        trainer: TrainerChoice = "auto",
        restarts: int | None = None,
        device: Device = "cpu",
        *,
        steps: int | None = None,
        seed: int | None = None,
        kernel: Kernel | None = None,
        measures: bool = False,
    ) -> TrainingSpec:
        """The specification, in full size or ``small``, with what is chosen otherwise.

        The trainer ``auto`` is ``exact`` up to 8 features and ``sampled`` beyond. ``steps`` and
        ``kernel`` are for samples alone. Errors: ``ignored`` for those of ``exact``; those of
        ``TrainingSpec``.

        >>> from torchsim.presets import preset
        >>> preset("demonstrating").spec().trainer, preset("by-hand").spec(restarts=4).restarts
        ('sampled', 4)
        """
        extent = self.small if small else self.full
        models = extent.models(self.seed if seed is None else seed)
        if self.shows_the_way and trainer == "auto":
            trainer = "sampled"
        chosen = trainer_for(models, trainer)
        refuse_ignored(chosen, steps, kernel)
        check_measures(measures, chosen)
        number = extent.restarts[chosen == "sampled"] if restarts is None else restarts
        if chosen == "exact":
            return TrainingSpec(models, "exact", number, device=device)
        return TrainingSpec(
            models,
            chosen,
            number,
            steps=extent.steps if steps is None else steps,
            batch=extent.batch,
            optimiser=self.optimiser,
            device=device,
            kernel=kernel,
            measures=measures or self.shows_the_way,
        )


# --------------------------------------------------------------------------------------------------
# What claims look at.


Rows: TypeAlias = "list[list[float]]"


def rows(trained: Trained) -> Rows:
    """W of the best restart, n rows of m."""
    found: Rows = trained.W[trained.best].tolist()
    return found


def max_sharing(trained: Trained) -> float:
    """The largest Σ_{j≠i} (Ŵᵢ·Wⱼ)² of a held feature; 0 where none is held."""
    W = rows(trained)
    return max((shared(W, i - 1) for i in trained.held), default=0.0)


def density(model: ModelSpec) -> sympy.Expr:
    """p = 1 − S of the last feature, exactly."""
    sparsity = model.blocks[-1].sparsity
    return 1 - (sympy.Integer(0) if sparsity is None else sparsity)


def shape(trained: Trained) -> Family:
    """The family of the best restart, as every other place names it: see ``turned``."""
    import numpy as np

    from torchsim.comparison.named_shapes import turned

    W, b = (np.asarray(part[trained.best].tolist()) for part in (trained.W, trained.b))
    return turned(W, b, trained.model).family
