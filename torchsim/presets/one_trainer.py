"""What experiments of kinds with one trainer have in common, from attention to data sets.

``Preset`` is an experiment with toy models, for which there are two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from handcalc.display import Displayed
from handcalc.errors import InputError
from torchsim.presets.experiment import PresetClaim
from torchsim.specification import Device

if TYPE_CHECKING:
    from torchsim.choices import TrainerChoice

Model = TypeVar("Model")
Spec = TypeVar("Spec")


@dataclass(frozen=True)  # typing cannot mark a frozen one with slots as generic
class ModelsExtent(Generic[Model]):
    """One size of an experiment: its ``models`` from a seed, and from how many starts each."""

    models: Callable[[int], tuple[Model, ...]]
    restarts: int


@dataclass(frozen=True, repr=False)
class OneTrainerPreset(Displayed, Generic[Model, Spec]):
    """An experiment: what it is called, what it shows, where it comes from, its two sizes.

    ``seed`` is the one that is used where no other is asked for.
    """

    training: ClassVar[Callable[..., Any]]
    """What makes a specification of models, restarts and a device."""

    name: str
    title: str
    story: str
    source: str
    claim: PresetClaim[Any]
    full: ModelsExtent[Model]
    small: ModelsExtent[Model]
    seed: int = 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {self.title}>"

    def spec(
        self,
        small: bool = False,
        trainer: TrainerChoice = "auto",
        restarts: int | None = None,
        device: Device = "cpu",
        *,
        steps: int | None = None,
        seed: int | None = None,
    ) -> Spec:
        """The specification, in full size or ``small``, with what is chosen otherwise.

        ``steps`` are those of every model. Errors: ``trainer`` for another than "auto", as there is
        one alone; those of the specification.

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
        models: tuple[Any, ...] = extent.models(self.seed if seed is None else seed)
        if steps is not None:
            models = tuple(replace(model, steps=steps) for model in models)
        number = extent.restarts if restarts is None else restarts
        spec: Spec = type(self).training(models, number, device)
        return spec
