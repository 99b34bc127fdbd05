"""What an experiment is: its story, its models in two sizes, how it is trained, and its claim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handcalc.display import Displayed
from torchsim.presets.choices import TrainerChoice, refuse_steps, trainer_for
from torchsim.specification import Device, ModelSpec, Optimiser, TrainingSpec

if TYPE_CHECKING:
    from torchsim.run import TrainingRun

__all__ = ["Claim", "Extent", "Preset"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What is seen in an experiment: a ``sentence``, and whether a run ``holds`` to it.

    >>> Claim("One model was trained.", lambda run: len(run.trained) == 1).sentence
    'One model was trained.'
    """

    sentence: str
    holds: Callable[[TrainingRun], bool]


@dataclass(frozen=True, slots=True)
class Extent:
    """One size of an experiment: its ``models`` from a seed, and how much work goes into each.

    ``restarts`` are for the exact trainer and for the one on samples, in this order; ``steps`` and
    ``batch`` are for the one on samples.
    """

    models: Callable[[int], tuple[ModelSpec, ...]]
    restarts: tuple[int, int] = (32, 8)
    steps: int = 10_000
    batch: int = 1024


@dataclass(frozen=True, slots=True, repr=False)
class Preset(Displayed):
    """An experiment: what it is called, what it shows, where it comes from, and how to do it.

    ``seed`` is the one that is used where no other is asked for.
    """

    name: str
    title: str
    story: str
    source: str
    claim: Claim
    full: Extent
    small: Extent
    optimiser: Optimiser = "adamw"
    seed: int = 0

    def __repr__(self) -> str:
        return f"<Preset {self.name}: {self.title}>"

    def spec(
        self,
        small: bool = False,
        trainer: TrainerChoice = "auto",
        restarts: int | None = None,
        device: Device = "cpu",
        *,
        steps: int | None = None,
        seed: int | None = None,
    ) -> TrainingSpec:
        """The specification, in full size or ``small``, with what is chosen otherwise.

        The trainer ``auto`` is ``exact`` up to 8 features and ``sampled`` beyond. ``steps`` are for
        samples alone. Errors: ``ignored`` for steps of ``exact``; those of ``TrainingSpec``.

        >>> from torchsim.presets import preset
        >>> preset("demonstrating").spec().trainer, preset("by-hand").spec(restarts=4).restarts
        ('sampled', 4)
        """
        extent = self.small if small else self.full
        models = extent.models(self.seed if seed is None else seed)
        chosen = trainer_for(models, trainer)
        refuse_steps(chosen, steps)
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
        )
