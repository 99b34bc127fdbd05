"""Which networks with neurons are to be trained, and how: frozen, complete enough to do it again.

A ``NetworkSpec`` is one configuration: its task, its layers and how it is optimised. A
``NetworkTraining`` is a run: some configurations, each trained from so many restarts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handcalc.display import Displayed, abridged
from handcalc.inputs.arguments import Vector
from handcalc.inputs.flags import read_flag
from handcalc.networks.relu_network import Task, read_task
from handcalc.superposition.loss.distribution import Distribution
from handcalc.wording import counted
from torchsim.one_by_one import (
    CosineRate,
    Float64Training,
    Sizes,
    read_below_one,
    read_number_of,
)
from torchsim.settings import activation_word, check_activation, read_seed
from torchsim.specification import ModelSpec

_MOST = {"features": 1024, "neurons": 1024, "steps": 10**6, "batch": 1 << 16}


@dataclass(frozen=True, slots=True, repr=False)
class NetworkSpec(CosineRate, Displayed):
    """One configuration: ŷ = out(W_out h + b) with h = act(W_inᵀx), to give x or |x| back.

    At the ``task`` "identity" an active feature is uniform on [0, 1] and y = x, at "absolute"
    uniform on [−1, 1] and y = |x|. ``activation`` is that of the ``neurons``: "relu", by which
    their axes are a privileged basis, "linear", or an elementwise function of torch, by its name;
    ``output`` is the same of the outputs. ``tied`` weights have W_out = W_in. The loss is
    Σᵢ Iᵢ (yᵢ − ŷᵢ)². Adam takes ``steps`` steps at ``rate``, which falls to 0 along a cosine, on
    fresh batches of ``batch`` inputs; ``seed`` chooses the initial weights and the inputs.

    Source: Elhage et al. 2022, "Superposition in a Privileged Basis" and "Computation in
    Superposition".
    """

    features: int
    neurons: int
    task: Task
    activation: str
    tied: bool
    distribution: Distribution
    importance: Vector
    steps: int
    batch: int
    rate: float
    seed: int
    output: str = "relu"

    def __repr__(self) -> str:
        steps = counted(self.steps, "step")
        drawn = f"{self.distribution!r}, {steps}, seed {self.seed}"
        return abridged(f"<NetworkSpec: {self.in_short}, {drawn}>")

    @property
    def in_short(self) -> str:
        """The task, the size and the layers.

        >>> NetworkSpec.of(3, 6, "absolute", "1/2").in_short
        'absolute, 3 features, 6 ReLU neurons, untied'
        """
        layers = counted(self.neurons, f"{activation_word(self.activation)} neuron")
        ends = "" if self.output == "relu" else f", {activation_word(self.output)} outputs"
        tied = "tied" if self.tied else "untied"
        return f"{self.task}, {counted(self.features, 'feature')}, {layers}{ends}, {tied}"

    @classmethod
    def of(  # noqa: PLR0913 - each is a part of the configuration, named when asked for
        cls,
        features: object,
        neurons: object,
        task: object = "identity",
        sparsity: object = None,
        importance: object = None,
        *,
        distribution: object = None,
        activation: str = "relu",
        output: str = "relu",
        tied: bool | None = None,
        steps: object = 4000,
        batch: object = 1024,
        rate: float = 1e-2,
        seed: object = 0,
    ) -> NetworkSpec:
        """The configuration, checked; give a sparsity, or another distribution.

        ``tied`` is true for "identity" and false for "absolute" if left out. Errors: ``features``,
        ``neurons``, ``task``, ``activation``, ``output``, ``tied``, ``steps``, ``batch``, ``rate``,
        ``seed``, ``sparsity``, ``importance`` and those of a distribution.

        >>> NetworkSpec.of(10, 5, sparsity="9/10").tied
        True
        >>> NetworkSpec.of(10, 5, sparsity="9/10", activation="linear", output="gelu").output
        'gelu'
        """
        sizes = {"features": features, "neurons": neurons, "steps": steps, "batch": batch}
        read: dict[str, Any] = {
            name: read_number_of(name, value, _MOST[name]) for name, value in sizes.items()
        }
        task = read_task(task)
        check_activation("activation", activation)
        check_activation("output", output)
        drawn = ModelSpec.of(
            read["features"], read["neurons"], sparsity, importance, distribution=distribution
        )
        return cls(
            task=task,
            activation=activation,
            output=output,
            tied=task == "identity" if tied is None else read_flag("tied", tied),
            distribution=drawn.distribution,
            importance=drawn.importance,
            rate=read_below_one("rate", rate),
            seed=read_seed(seed),
            **read,
        )

    @property
    def inputs(self) -> ModelSpec:
        """Which |x| are drawn, and from which numbers weights begin."""
        return ModelSpec.of(
            self.features, self.neurons, distribution=self.distribution, seed=self.seed
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Its weights: W_out is one of them where it is not W_in."""
        return ("W_in", "b") if self.tied else ("W_in", "W_out", "b")


@dataclass(frozen=True, slots=True, repr=False)
class NetworkTraining(Float64Training):
    """A run: some configurations, each trained from ``restarts`` starts, in float64.

    Restarts of one model meet different inputs, and models of one seed the same ones. Errors:
    ``models``, ``size``, ``device``, ``sampler``.
    """

    models: tuple[NetworkSpec, ...]

    @staticmethod
    def kind() -> type:
        """What its models are."""
        return NetworkSpec

    @staticmethod
    def sizes(model: NetworkSpec) -> Sizes:
        """Of a step and of the weights of a restart."""
        return (
            ("a step", model.batch * max(model.features, model.neurons), "inputs in a batch"),
            ("the weights", 2 * model.features * model.neurons, "neurons"),
        )
