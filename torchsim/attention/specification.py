"""Which attention-only models are to be trained, and how: frozen, complete enough to do it again.

An ``AttentionSpec`` is one configuration: the data, the model, and how it is optimised. An
``AttentionTraining`` is a run: some configurations, each trained from so many restarts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, inf, pi
from typing import Literal, NoReturn, TypeAlias, get_args

from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.inputs.containers import as_int
from handcalc.inputs.flags import read_flag
from handcalc.wording import brief, counted
from torchsim.attention.data import Contexts, Data
from torchsim.one_by_one import OneByOne, check_models, check_size, read_restarts
from torchsim.settings import check_choice
from torchsim.specification import Device, Dtype

Scale: TypeAlias = Literal["sqrt"] | None

SAMPLER = "philox4x32-10, sequences, version 1"
"""How sequences are drawn. Runs of another sampler are other runs."""

_SEEDS = 1 << 32
_WIDEST = 512
_MOST = {
    "layers": (0, 8),
    "heads": (1, 64),
    "d_model": (1, _WIDEST),
    "d_head": (1, _WIDEST),
    "steps": (1, 1 << 31),
    "batch": (1, 1 << 14),
    "warm_up": (0, 1 << 31),
    "seed": (0, _SEEDS - 1),
}
_COUNTS = {
    "layers": "number of layers",
    "heads": "number of heads",
    "d_model": "width d_model",
    "d_head": "width d_head",
    "steps": "number of steps",
    "batch": "batch",
    "warm_up": "number of steps of warm_up",
    "seed": "seed",
}


@dataclass(frozen=True, slots=True, repr=False)
class AttentionSpec(Displayed):
    """One configuration: X₀ = W_E[t] + W_pos, Xₗ = Xₗ₋₁ + Σ_h A^h Xₗ₋₁ W_OV^h, logits X_L W_U.

    The model has no LayerNorm and no biases. ``d_head`` is d_model/heads if left out. Without
    ``positions`` there is no W_pos; without ``self_attention`` a place sees those before it alone,
    and the first sees nothing; ``scale="sqrt"`` divides scores by √d_head. AdamW takes ``steps``
    steps on ``batch`` fresh sequences (on ``Contexts`` always all of them) at ``rate``, after
    ``warm_up`` steps of less, then down a cosine to the part ``final`` of it; ``clip`` bounds the
    gradient's length, or is None. ``seed`` chooses the initial weights and the sequences.
    Errors: ``data``, ``size``, ``seed``, ``scale``, and by their names the settings that are no
    number in their range.

    >>> from torchsim.attention.data import TokenChain
    >>> AttentionSpec(TokenChain(), heads=4).d_head
    8
    """

    data: Data
    layers: int = 2
    heads: int = 1
    d_model: int = 32
    d_head: int = 0
    positions: bool = True
    self_attention: bool = True
    scale: Scale = "sqrt"
    steps: int = 1200
    batch: int = 64
    rate: float = 3e-3
    betas: tuple[float, float] = (0.9, 0.98)
    decay: float = 0.01
    warm_up: int = 100
    final: float = 0.1
    clip: float | None = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.data, get_args(Data)):
            _refuse(
                "data", f"The data are TokenChain, Repeats or Contexts, not {brief(self.data)}."
            )
        for name in _MOST:
            if name != "d_head" or as_int(self.d_head) != 0:
                self._set(name, _count(name, getattr(self, name)))
        if as_int(self.d_head) == 0:
            self._set("d_head", max(self.d_model // self.heads, 1))
        for name in ("positions", "self_attention"):
            read_flag(name, getattr(self, name))
        if self.scale not in get_args(Literal["sqrt"]) and self.scale is not None:
            _refuse("scale", f'The scale is "sqrt" or None, not {brief(self.scale)}.')
        self._set("betas", _betas(self.betas))
        self._set("rate", _number("rate", self.rate, above=True))
        self._set("decay", _number("decay", self.decay))
        self._set("final", _number("final", self.final, most=1))
        self._set(
            "clip", self.clip if self.clip is None else _number("clip", self.clip, above=True)
        )

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return abridged(
            f"<AttentionSpec: {self.in_short}, d_model {self.d_model}, on {self.data}, "
            f"{self.steps:,} steps, seed {self.seed}>"
        )

    @property
    def in_short(self) -> str:
        """The number of layers and of heads in each.

        >>> from torchsim.attention.data import TokenChain
        >>> AttentionSpec(TokenChain()).in_short, AttentionSpec(TokenChain(), layers=0).in_short
        ('2 layers of 1 head', '0 layers')
        """
        layers = counted(self.layers, "layer")
        return f"{layers} of {counted(self.heads, 'head')}" if self.layers else layers

    @property
    def is_scored(self) -> bool:
        """Whether there are heads, on sequences in which tokens come back."""
        return self.layers > 0 and not isinstance(self.data, Contexts)

    def rate_at(self, step: int) -> float:
        """The learning rate of a step, 0 … steps − 1.

        rate·min(1, (step + 1)/warm_up)·(final + (1 − final)(1 + cos(π·step/steps))/2).

        >>> from torchsim.attention.data import TokenChain
        >>> spec = AttentionSpec(TokenChain(), steps=1000, rate=1.0, warm_up=10)
        >>> spec.rate_at(0), round(spec.rate_at(500), 3), round(spec.rate_at(999), 3)
        (0.1, 0.55, 0.1)
        """
        slow = min(1.0, (step + 1) / self.warm_up) if self.warm_up else 1.0
        return (
            self.rate
            * slow
            * (self.final + (1 - self.final) * (1 + cos(pi * step / self.steps)) / 2)
        )


@dataclass(frozen=True, slots=True, repr=False)
class AttentionTraining(OneByOne, Displayed):
    """A run: some configurations, each trained from ``restarts`` starts.

    Restarts of one model meet different sequences, and models of one seed and data the same ones.
    Errors: ``models``, ``size``, ``device``, ``dtype``, ``sampler``.
    """

    models: tuple[AttentionSpec, ...]
    restarts: int = 4
    device: Device = "cpu"
    dtype: Dtype = "float32"
    sampler: str = SAMPLER

    def __post_init__(self) -> None:
        check_models(self.models, AttentionSpec)
        for name, value, choices in (
            ("device", self.device, get_args(Device)),
            ("dtype", self.dtype, get_args(Dtype)),
            ("sampler", self.sampler, (SAMPLER,)),
        ):
            check_choice(name, value, choices)
        object.__setattr__(self, "restarts", read_restarts(self.restarts))
        for i, model in enumerate(self.models, 1):
            check_size(i, _sizes(model), self.restarts)

    def __repr__(self) -> str:
        return f"<AttentionTraining: {self.in_short}>"


def numbers_a_sequence(model: AttentionSpec) -> int:
    """About how many numbers a layer makes of a sequence: the widest of what it makes.

    >>> from torchsim.attention.data import TokenChain
    >>> numbers_a_sequence(AttentionSpec(TokenChain()))
    3072
    """
    widest = max(model.heads * model.d_head * 3, model.d_model, model.data.d_vocab)
    return model.data.n_ctx * max(widest, model.heads * model.data.n_ctx)


def _sizes(model: AttentionSpec) -> tuple[tuple[str, int, str], ...]:
    """How many numbers a restart has, in a step and in its weights."""
    counts = isinstance(model.data, Contexts)
    sequences = len(model.data.contexts) if isinstance(model.data, Contexts) else model.batch
    matrices = model.d_model * model.d_head * 4 * max(model.layers, 1) * model.heads
    return (
        ("a step", sequences * numbers_a_sequence(model), "contexts" if counts else "sequences"),
        ("the weights", matrices, "heads"),
    )


def _refuse(code: str, message: str) -> NoReturn:
    raise InputError(code, message)


def _count(name: str, value: object) -> int:
    least, most = _MOST[name]
    found = as_int(value)
    if found is None or not least <= found <= most:
        code = "seed" if name == "seed" else "size"
        _refuse(
            code,
            f"The {_COUNTS[name]} is a whole number from {least} to {most}, not {brief(value)}.",
        )
    return found


def _number(name: str, value: object, *, above: bool = False, most: float = inf) -> float:
    """A finite number from 0, or above it, up to ``most``."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        enough = value > 0 if above else value >= 0
        if enough and value <= most and value < inf:
            return float(value)
    least = "above 0" if above else "from 0"
    up = "" if most == inf else f" to {most:g}"
    _refuse(name, f"The {name} is a number {least}{up}, not {brief(value)}.")


def _betas(given: object) -> tuple[float, float]:
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        _refuse("betas", f"The betas are two numbers from 0, below 1, not {brief(given)}.")
    first, second = (_number("betas", each, most=1) for each in given)
    if max(first, second) >= 1:
        _refuse("betas", f"The betas are two numbers from 0, below 1, not {brief(given)}.")
    return first, second
