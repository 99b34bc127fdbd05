"""Runs whose models are trained one after the other, each with all its restarts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi
from typing import Any, Protocol, TypeAlias, get_args

from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.inputs.arguments import read_whole
from handcalc.inputs.containers import as_int
from handcalc.wording import brief, counted
from torchsim.settings import as_real, check_choice
from torchsim.specification import SAMPLER, Device

MOST_NUMBERS = 1 << 28
"""Of a step, or of the weights of all restarts: a gigabyte or two."""
_MOST_MODELS = 1 << 10
_MOST_RESTARTS = 1 << 10


Sizes: TypeAlias = Sequence[tuple[str, int, str]]


class Stepping(Protocol):
    """A configuration that is trained in so many steps of its own."""

    @property
    def steps(self) -> int:
        """How many."""


class CosineRate:
    """A configuration whose learning rate falls to 0 along a cosine."""

    __slots__ = ()
    rate: float
    steps: int

    def rate_at(self, step: int) -> float:
        """The learning rate of a step, 0 … steps − 1: rate·(1 + cos(π·step/steps))/2.

        >>> from torchsim.autoencoders.specification import SaeSpec
        >>> spec = SaeSpec.of("1", 1, "1/5", "1/2", steps=4, rate=1)
        >>> spec.rate_at(0), round(spec.rate_at(2), 3)
        (1.0, 0.5)
        """
        return self.rate * 0.5 * (1 + cos(pi * step / self.steps))


class OneByOne:
    """What the specifications of such runs have in common."""

    __slots__ = ()
    models: tuple[Any, ...]
    restarts: int

    @property
    def in_short(self) -> str:
        """How many models and restarts."""
        return f"{counted(len(self.models), 'model')}, {counted(self.restarts, 'restart')} each"

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The models, from 0, that are trained together: each alone, with all its restarts."""
        return tuple((i,) for i in range(len(self.models)))

    def length_before(self, group: int) -> int:
        """The steps of all models before one; for ``len(groups)`` those of the run."""
        models: tuple[Stepping, ...] = self.models
        return sum(model.steps for model in models[:group])


@dataclass(frozen=True, slots=True, repr=False)
class Float64Training(OneByOne, Displayed, ABC):
    """Such a run whose models are trained in float64, on the project's own sampler.

    Errors: ``models``, ``size``, ``device``, ``sampler``.
    """

    models: tuple[Any, ...]
    restarts: int = 8
    device: Device = "cpu"
    sampler: str = SAMPLER

    def __post_init__(self) -> None:
        check_models(self.models, self.kind())
        check_choice("device", self.device, get_args(Device))
        check_choice("sampler", self.sampler, (SAMPLER,))
        object.__setattr__(self, "restarts", read_restarts(self.restarts))
        for i, model in enumerate(self.models, 1):
            check_size(i, self.sizes(model), self.restarts)

    @staticmethod
    @abstractmethod
    def kind() -> type:
        """What its models are."""

    @staticmethod
    @abstractmethod
    def sizes(model: Any) -> Sizes:
        """Of what how many numbers there are in a restart, and what could be fewer."""

    @property
    def dtype(self) -> str:
        """In which floats it is trained."""
        return "float64"

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.in_short}>"


def check_models(models: Any, kind: type) -> None:
    """Refuse what is no tuple of so many configurations of a kind. Errors: ``models``.

    >>> check_models(("1/2",), str)
    """
    if not isinstance(models, tuple) or not all(isinstance(each, kind) for each in models):
        message = f"A run trains a tuple of {kind.__name__}, not {brief(models)}."
        raise InputError("models", message)
    if not 1 <= len(models) <= _MOST_MODELS:
        message = f"A run trains 1 to {_MOST_MODELS:,} models, not {len(models):,}."
        raise InputError("models", message)


def read_restarts(restarts: object) -> int:
    """How many starts each model has. Errors: ``size``.

    >>> read_restarts(8)
    8
    """
    found = as_int(restarts)
    if found is None or not 1 <= found <= _MOST_RESTARTS:
        raise InputError(
            "size",
            f"The number of restarts is a whole number from 1 to {_MOST_RESTARTS}, not "
            f"{brief(restarts)}.",
        )
    return found


def check_size(number: int, sizes: Sizes, restarts: int) -> None:
    """Refuse a model that would not fit into the memory of any ordinary machine: ``size``.

    ``sizes`` say of what how many numbers there are in a restart, and what could be fewer.

    >>> check_size(1, [("a step", 1000, "sequences")], restarts=8)
    """
    for what, size, remedy in sizes:
        if size * restarts > MOST_NUMBERS:
            raise InputError(
                "size",
                f"Model {number} is too large: {what} of all restarts may hold "
                f"{MOST_NUMBERS:,} numbers, and would hold {size * restarts:,}. Give fewer "
                f"restarts or {remedy}, or smaller sizes.",
            )


def read_number_of(name: str, value: object, most: int) -> int:
    """A size of a configuration, from 1 to ``most``. Errors: its name.

    >>> read_number_of("steps", 400, most=1000)
    400
    """
    found = read_whole(value, f"number of {name}" if name != "batch" else "batch", name)
    if not 1 <= found <= most:
        raise InputError(name, f"{name} is from 1 to {most:,}, not {brief(value)}.")
    return found


def read_below_one(name: str, value: object) -> float:
    """A number above 0, up to 1. Errors: its name.

    >>> read_below_one("rate", 1e-2)
    0.01
    """
    number = as_real(value)
    if 0 < number <= 1:
        return number
    raise InputError(name, f"The {name} is above 0, and at most 1, not {brief(value)}.")
