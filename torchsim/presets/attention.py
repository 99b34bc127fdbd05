"""An experiment with attention-only models: its story, its models in two sizes, its claim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from handcalc.display import Displayed
from handcalc.errors import InputError
from torchsim.attention.specification import AttentionSpec, AttentionTraining
from torchsim.presets.experiment import PresetClaim
from torchsim.specification import Device

if TYPE_CHECKING:
    from torchsim.attention.run import AttentionRun
    from torchsim.choices import TrainerChoice


@dataclass(frozen=True, slots=True)
class AttentionExtent:
    """One size of an experiment: its ``models`` from a seed, and from how many starts each."""

    models: Callable[[int], tuple[AttentionSpec, ...]]
    restarts: int


@dataclass(frozen=True, slots=True, repr=False)
class AttentionPreset(Displayed):
    """An experiment with attention-only models; ``Preset`` is one with toy models.

    ``seed`` is the one that is used where no other is asked for.
    """

    name: str
    title: str
    story: str
    source: str
    claim: PresetClaim[AttentionRun]
    full: AttentionExtent
    small: AttentionExtent
    seed: int = 0

    def __repr__(self) -> str:
        return f"<AttentionPreset {self.name}: {self.title}>"

    def spec(
        self,
        small: bool = False,
        trainer: TrainerChoice = "auto",
        restarts: int | None = None,
        device: Device = "cpu",
        *,
        steps: int | None = None,
        seed: int | None = None,
    ) -> AttentionTraining:
        """The specification, in full size or ``small``, with what is chosen otherwise.

        ``steps`` are those of every model. Errors: ``trainer`` for another than "auto", as there is
        one alone; those of ``AttentionTraining``.

        >>> from torchsim.presets import preset
        >>> preset("induction").spec(restarts=1, steps=9).models[0].steps
        9
        """
        if trainer != "auto":
            raise InputError(
                "trainer",
                f'The trainers are for toy models; {self.name} has one of its own: leave "auto".',
                suggestion="auto",
            )
        extent = self.small if small else self.full
        models = extent.models(self.seed if seed is None else seed)
        if steps is not None:
            models = tuple(replace(model, steps=steps) for model in models)
        number = extent.restarts if restarts is None else restarts
        return AttentionTraining(models, number, device)
