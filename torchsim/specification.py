"""What is to be trained, and how: frozen specifications, complete enough to do it again.

A ``ModelSpec`` is one configuration: how many features in how few dimensions, which inputs it
meets, and how its errors weigh. A ``TrainingSpec`` is a run: some configurations, each trained from
so many restarts, by one trainer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import find_spec
from math import inf
from typing import Literal, TypeAlias, get_args

from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.inputs.flags import read_flag
from handcalc.inputs.floats import short_fractions
from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.distribution import Distribution, distribution_of, without_symbol
from handcalc.superposition.loss.expected_loss import importances
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.toy_model import Activation
from handcalc.wording import brief, counted
from torchsim.settings import (
    EXACT_ACTIVATIONS,
    check_activation,
    check_choice,
    read_count,
    read_positive,
    read_seed,
)

Trainer: TypeAlias = Literal["sampled", "exact"]
Optimiser: TypeAlias = Literal["adam", "adamw"]
Schedule: TypeAlias = Literal["constant", "linear", "cosine"]
Device: TypeAlias = Literal["cpu", "cuda"]
Dtype: TypeAlias = Literal["float32", "float64"]
Kernel: TypeAlias = Literal["plain", "fused"]

SAMPLER = "philox4x32-10, version 1"
"""How inputs are drawn. Runs of another sampler are other runs."""

STEPS = 10_000
"""How many steps the trainer on samples takes where no number is given."""

WIDEST = 1 << 16
"""So many features or dimensions a model has at most: what describes it is held in memory."""

_HELD = {"float32": (2.0**-126, 2.0**128), "float64": (2.0**-1022, inf)}  # from, and below
_COUNTED = {"restarts": "restarts", "steps": "steps", "batch": "inputs a step"}
_CPU_N, _CPU_WEIGHTS = 1 << 11, 1 << 16  # what the fused kernel holds in a CPU's caches
_GPU_N, _GPU_M = 32, 16  # what the fused kernel holds in a GPU's registers
_MAX_EXACT = 10  # the expected loss and its gradient are worked for so many features


@dataclass(frozen=True, repr=False)
class ModelSpec(Problem, Displayed):
    """One configuration: a problem, n ``features`` in m ``hidden`` dimensions, and how it is met.

    ``activation`` is what the model ends with: "relu", "linear", or an elementwise function of
    torch, by its name, of which no exact loss is known. ``seed``, from 0 to 2³² − 1,
    chooses the initial weights and the inputs: models with one seed meet the same random numbers,
    so they differ by what they are and not by luck.
    """

    activation: str = "relu"
    seed: int = 0

    def __repr__(self) -> str:
        size = f"{self.features}, {self.hidden}, distribution={self.distribution!r}"
        rest = f"activation={self.activation!r}, seed={self.seed}"
        return abridged(f"ModelSpec.of({size}, importance={self.importance}, {rest})")

    @classmethod
    def of(  # noqa: PLR0913 - each is a part of the configuration, named when asked for
        cls,
        features: int,
        hidden: int,
        sparsity: Distribution | object = None,
        importance: object = None,
        *,
        distribution: Distribution | object = None,
        activation: str = "relu",
        seed: int = 0,
    ) -> ModelSpec:
        """The configuration, checked; give a sparsity, or another distribution.

        ``sparsity`` and ``importance`` are one value for all features, or one each: texts, ints,
        fractions, which are exact, or floats, arrays and tensors of them, each of which is taken as
        the short fraction that it stands for, as ``handcalc.inputs.floats`` says; the
        specification has that fraction. Errors: ``size``, ``sparsity``, ``wrong_shape``,
        ``importance``, ``activation``, ``seed``, ``float``.

        >>> ModelSpec.of(3, 2, "1/2").importance
        (1, 1, 1)
        >>> ModelSpec.of(3, 2, 0.9, [1, 0.1 + 0.2, 1 / 3]).importance
        (1, 3/10, 1/3)
        """
        features = read_count("number of features", features, WIDEST)
        hidden = read_count("number of hidden dimensions", hidden, WIDEST)
        check_activation("activation", activation)
        seed = read_seed(seed)
        if not isinstance(sparsity, Distribution | type) and sparsity is not None:
            sparsity = short_fractions(sparsity, "sparsity")
        if importance is not None:
            importance = short_fractions(importance, "importance")
        drawn = distribution_of(distribution, sparsity)
        drawn = without_symbol(drawn, features, "Inputs can be drawn once S is known")
        return cls(features, hidden, drawn, importances(importance, features), activation, seed)

    @property
    def problem(self) -> Problem:
        """The problem alone: models of any seed that have the same one are equal in it."""
        return Problem(self.features, self.hidden, self.distribution, self.importance)

    @property
    def kind(self) -> tuple[object, ...]:
        """What models must share to be trained in one batch: n, m and the sets of features.

        ReLU and linear models share a batch, and of other activations each has its own.

        >>> ModelSpec.of(3, 2, "1/2").kind == ModelSpec.of(3, 2, "0 1/4 1/2", seed=7).kind
        True
        """
        own = () if self.has_exact else (self.activation,)
        supports = tuple(block.supports for block in self.blocks)
        return self.features, self.hidden, supports, *own

    @property
    def has_exact(self) -> bool:
        """Whether exact models have its activation.

        >>> ModelSpec.of(3, 2, "1/2", activation="tanh").has_exact
        False
        """
        return self.activation in EXACT_ACTIVATIONS

    @property
    def exact_activation(self) -> Activation:
        """Its activation, if exact models have it. Errors: ``activation``."""
        for activation in EXACT_ACTIVATIONS:
            if self.activation == activation:
                return activation
        raise InputError(
            "activation",
            "Exact models end with a ReLU or are linear, and this one ends with "
            f'"{self.activation}": what it loses is known on samples alone.',
            suggestion='activation="relu"',
        )


@dataclass(frozen=True, slots=True, repr=False)
class TrainingSpec(Displayed):
    """A run: some configurations, each trained from ``restarts`` starts, by one trainer.

    ``sampled`` takes ``steps`` steps of Adam or AdamW on fresh batches of ``batch`` inputs, at the
    learning rate ``rate``: constant, or falling to 0 along a line or a cosine; AdamW also shrinks
    the weights, by the part ``decay``·rate a step. ``exact`` descends the expected loss itself,
    in float64, and draws nothing; it takes no more than 10 features, and ``steps``, ``batch``,
    ``optimiser``, ``rate``, ``schedule``, ``decay``, ``dtype`` and ``kernel`` make no difference
    to it.

    ``kernel`` is what takes the steps on samples: "plain", torch's operations, or "fused", one
    compiled loop, on a GPU up to 32 features in 16 dimensions; they agree but for rounding. None
    chooses "fused" on a CPU that numba is there for, up to 2048 features and 65,536 weights in W,
    and "plain" for wider models, for activations other than ReLU and linear, and on a GPU, where
    nobody has measured the other yet. What was chosen stays: give ``replace`` a ``kernel=None``
    along with another device, trainer or model.

    ``measures`` keeps Dᵢ and ‖Wᵢ‖ of each feature at every record of a run on samples. ``start`` is
    the SHA-256 of the weights that a run began at, where these were not drawn: ``train`` puts it
    in.
    """

    models: tuple[ModelSpec, ...]
    trainer: Trainer = "exact"
    restarts: int = 32
    steps: int = STEPS
    batch: int = 1024
    optimiser: Optimiser = "adamw"
    rate: float = 1e-3
    schedule: Schedule = "constant"
    decay: float = 0.01
    device: Device = "cpu"
    dtype: Dtype = "float32"
    sampler: str = SAMPLER
    kernel: Kernel | None = None
    measures: bool = False
    start: str | None = None

    def __repr__(self) -> str:
        return f"<TrainingSpec: {self.in_short}>"

    @property
    def in_short(self) -> str:
        """How many models and restarts, and which trainer."""
        size = f"{counted(len(self.models), 'model')}, {counted(self.restarts, 'restart')} each"
        return f"{size}, {self.trainer} trainer"

    def __post_init__(self) -> None:
        _check_models(self.models)
        for name, value, choices in (
            ("trainer", self.trainer, get_args(Trainer)),
            ("optimiser", self.optimiser, get_args(Optimiser)),
            ("schedule", self.schedule, get_args(Schedule)),
            ("device", self.device, get_args(Device)),
            ("dtype", self.dtype, get_args(Dtype)),
            ("sampler", self.sampler, (SAMPLER,)),
        ):
            check_choice(name, value, choices)
        for name, said in (
            ("restarts", "restarts"),
            ("steps", "steps"),
            ("batch", "inputs a step"),
        ):
            object.__setattr__(self, name, read_count(f"number of {said}", getattr(self, name)))
        object.__setattr__(self, "kernel", self._chosen_kernel())
        object.__setattr__(self, "rate", read_positive("rate", self.rate))
        object.__setattr__(self, "decay", read_positive("decay", self.decay, or_zero=True))
        check_measures(self.measures, self.trainer)
        if self.start is not None and not re.fullmatch("[0-9a-f]{64}", str(self.start)):
            message = f"The start of a specification is a SHA-256 or None, not {brief(self.start)}."
            raise InputError("start", message)
        own = next((model for model in self.models if not model.has_exact), None)
        if self.trainer == "exact" and own is not None:
            raise InputError(
                "trainer",
                "The exact trainer descends the expected loss, which is known of ReLU and linear "
                f'models, not of "{own.activation}"; train on samples instead.',
                suggestion='trainer="sampled"',
            )
        most = max(model.features for model in self.models)
        if self.trainer == "exact" and most > _MAX_EXACT:
            raise InputError(
                "size",
                f"The exact trainer takes up to {_MAX_EXACT} features, not {most}; "
                "train on samples instead.",
                suggestion='trainer="sampled"',
            )
        if self.trainer == "sampled":
            self._check_held()

    def _check_held(self) -> None:
        """Refuse what the numbers of the training cannot hold. Errors: ``rate`` and others."""
        weights = {weight for model in self.models for weight in model.importance if weight}
        given = [("rate", "the rate", self.rate)]
        given += [("importance", "an importance", to_float(weight)) for weight in weights]
        if self.optimiser == "adamw" and self.decay:
            given.append(("decay", "the decay", self.decay))
            given.append(("decay", "the decay times the rate", self.decay * self.rate))
        least, most = _HELD[self.dtype]
        for name, said, value in given:
            if not least <= value < most:
                ends = f"from {least:.3g}" if most == inf else f"from {least:.3g} to {most:.3g}"
                raise InputError(
                    name,
                    f"On samples, {said} is a number that {self.dtype} holds in full, {ends}, "
                    f"not {value:g}.",
                )

    def _chosen_kernel(self) -> Kernel:
        """The kernel that is named, or that of the trainer and device. Errors: ``kernel``."""
        if self.kernel is not None:
            check_choice("kernel", self.kernel, get_args(Kernel))
        if self.trainer == "exact":
            return "plain"
        n = max(model.features for model in self.models)
        m = max(model.hidden for model in self.models)
        own = next((model for model in self.models if not model.has_exact), None)
        if own is not None:
            if self.kernel == "fused":
                raise InputError(
                    "kernel",
                    'The kernel "fused" has loops for ReLU and linear models, not for '
                    f'"{own.activation}"; take the kernel "plain".',
                    suggestion='kernel="plain"',
                )
            return "plain"
        if self.kernel is None:
            fits = self.device == "cpu" and n <= _CPU_N and n * m <= _CPU_WEIGHTS
            return "fused" if fits and find_spec("numba") else "plain"
        if self.kernel == "fused" and self.device == "cuda" and (n > _GPU_N or m > _GPU_M):
            raise InputError(
                "kernel",
                f'On a GPU the kernel "fused" takes up to {_GPU_N} features in {_GPU_M} '
                f'dimensions, not {n} in {m}; take the kernel "plain".',
                suggestion='kernel="plain"',
            )
        return self.kernel

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The models, from 0, that are trained together: those of one kind.

        >>> three, two = ModelSpec.of(3, 2, "1/2"), ModelSpec.of(2, 1, "1/2")
        >>> TrainingSpec((three, two, three)).groups
        ((0, 2), (1,))
        """
        found: dict[tuple[object, ...], list[int]] = {}
        for i, model in enumerate(self.models):
            found.setdefault(model.kind, []).append(i)
        return tuple(map(tuple, found.values()))

    def length_before(self, group: int) -> int:
        """The steps or descents of all groups before one; for ``len(groups)`` those of the run.

        A group takes ``steps`` steps on samples, or a descent of each restart of each model.

        >>> TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=4).length_before(1)
        4
        """
        groups = self.groups[:group]
        if self.trainer == "sampled":
            return len(groups) * self.steps
        return sum(map(len, groups)) * self.restarts


def _check_models(models: object) -> None:
    if not isinstance(models, tuple) or not all(isinstance(m, ModelSpec) for m in models):
        raise InputError("models", f"A run trains a tuple of ModelSpec, not {brief(models)}.")
    if not models:
        raise InputError("models", "A run trains at least one model; none is given.")


def check_measures(measures: object, trainer: Trainer) -> None:
    """Refuse measures on the way of a trainer that has none. Errors: ``measures``.

    >>> check_measures(True, "sampled")
    """
    if read_flag("measures", measures) and trainer == "exact":
        raise InputError(
            "measures",
            "measures= keeps lengths and dimensionalities at the records of the trainer on "
            "samples; the exact one keeps its losses alone.",
            suggestion='trainer="sampled"',
        )
