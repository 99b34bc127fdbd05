"""Which toy models are to be trained on which data sets, and how: complete enough to do it again.

A ``DatasetSpec`` is one configuration: a model, how many data points it meets, and how it is
optimised. A ``DatasetTraining`` is a run: some configurations, each trained from so many restarts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, prod
from typing import Any

from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.inputs.arguments import read_whole
from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.distribution import Distribution
from handcalc.wording import brief, counted
from torchsim.one_by_one import (
    Float64Training,
    Sizes,
    read_below_one,
    read_number_of,
)
from torchsim.settings import as_real, read_seed
from torchsim.specification import ModelSpec

_MOST = {"features": 1024, "hidden": 1024, "points": 1 << 16, "steps": 10**6}
_RAREST = 1e-2  # share of inputs with an active feature, below which drawing takes too long


@dataclass(frozen=True, slots=True, repr=False)
class DatasetSpec(Displayed):
    """One configuration: x̂ = ReLU(W Wᵀx + b) on a fixed set of T data points, the ``points``.

    A data point is an input of the ``distribution`` that is not 0, divided by its length. ``seed``
    chooses the data points and the initial weights; of one seed a larger set has all points of a
    smaller one. The loss is the mean of ‖x − x̂‖² over the set. AdamW takes ``steps`` steps, each
    on the whole set: the rate rises along a line to ``rate`` over ``warm_up`` steps and then falls
    to 0 along a cosine, and a step shrinks W and b by the part ``decay``·rate.

    Source: Henighan et al. 2023, "Superposition, Memorization, and Double Descent".
    """

    features: int
    hidden: int
    points: int
    distribution: Distribution
    steps: int
    rate: float
    warm_up: int
    decay: float
    seed: int

    def __repr__(self) -> str:
        steps = counted(self.steps, "step")
        return abridged(
            f"<DatasetSpec: {self.in_short}, {self.distribution!r}, {steps}, seed {self.seed}>"
        )

    @property
    def in_short(self) -> str:
        """The size of the model, and of its data set.

        >>> DatasetSpec.of(100, 2, 5, "19/20").in_short
        '100 features in 2 dimensions, 5 data points'
        """
        size = f"{counted(self.features, 'feature')} in {counted(self.hidden, 'dimension')}"
        return f"{size}, {counted(self.points, 'data point')}"

    @classmethod
    def of(  # noqa: PLR0913 - each is a part of the configuration, named when asked for
        cls,
        features: object,
        hidden: object,
        points: object,
        sparsity: object = None,
        *,
        distribution: object = None,
        steps: object = 2000,
        rate: float = 1e-2,
        warm_up: object = 100,
        decay: float = 1e-2,
        seed: object = 0,
    ) -> DatasetSpec:
        """The configuration, checked; give a sparsity, or another distribution.

        Errors: ``features``, ``hidden``, ``points``, ``steps``, ``rate``, ``warm_up``, ``decay``,
        ``seed``, ``sparsity``, those of a distribution.

        >>> DatasetSpec.of(100, 2, 5, "19/20").steps
        2000
        """
        sizes = {"features": features, "hidden": hidden, "points": points, "steps": steps}
        read: dict[str, Any] = {
            name: read_number_of(name, value, _MOST[name]) for name, value in sizes.items()
        }
        drawn = ModelSpec.of(read["features"], read["hidden"], sparsity, distribution=distribution)
        _check_sparsity(drawn)
        warm = read_whole(warm_up, "number of steps of warm-up", "warm_up")
        if warm < 0:
            raise InputError("warm_up", f"warm_up is 0 or more steps, not {brief(warm_up)}.")
        return cls(
            distribution=drawn.distribution,
            rate=read_below_one("rate", rate),
            warm_up=warm,
            decay=0.0 if as_real(decay) == 0 else read_below_one("decay", decay),
            seed=read_seed(seed),
            **read,
        )

    @property
    def inputs(self) -> ModelSpec:
        """Which inputs are drawn, before they are divided by their lengths."""
        return ModelSpec.of(
            self.features, self.hidden, distribution=self.distribution, seed=self.seed
        )

    def rate_at(self, step: int) -> float:
        """The learning rate of a step, 0 … steps − 1.

        >>> spec = DatasetSpec.of(9, 2, 5, "1/2", steps=6, warm_up=2, rate=1)
        >>> [round(spec.rate_at(step), 3) for step in range(6)]
        [0.5, 1.0, 1.0, 0.854, 0.5, 0.146]
        """
        if step < self.warm_up:
            return self.rate * (step + 1) / self.warm_up
        return self.rate * 0.5 * (1 + cos(pi * (step - self.warm_up) / (self.steps - self.warm_up)))


def _check_sparsity(model: ModelSpec) -> None:
    """Refuse inputs that are nearly all 0. Errors: ``sparsity``."""
    empty = prod(to_float(block.sparsity) for block in model.blocks if block.sparsity is not None)
    if model.blocks and 1 - empty < _RAREST:
        raise InputError(
            "sparsity",
            "A data point has an active feature: at least one input in a hundred must have one, "
            f"not {100 * (1 - empty):.2g} %. Give a lower sparsity, or more features.",
        )


@dataclass(frozen=True, slots=True, repr=False)
class DatasetTraining(Float64Training):
    """A run: some configurations, each trained from ``restarts`` starts, in float64.

    All restarts of a model meet the same data points. Errors: ``models``, ``size``, ``device``,
    ``sampler``.
    """

    models: tuple[DatasetSpec, ...]

    @staticmethod
    def kind() -> type:
        """What its models are."""
        return DatasetSpec

    @staticmethod
    def sizes(model: DatasetSpec) -> Sizes:
        """Of a step and of the weights of a restart."""
        return (
            ("a step", model.points * model.features, "data points"),
            ("the weights", model.features * model.hidden, "dimensions"),
        )
