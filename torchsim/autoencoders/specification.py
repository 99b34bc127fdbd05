"""Which sparse autoencoders are to be trained, and how: frozen, complete enough to do it again.

An ``SaeSpec`` is one configuration: on which h, of which kind, and how it is optimised. An
``SaeTraining`` is a run: some configurations, each trained from so many restarts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypedDict, get_args

import sympy

from handcalc.directions.autoencoder import read_l1
from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.inputs.arguments import read_whole
from handcalc.inputs.flags import read_flag
from handcalc.numbers.exact import to_text
from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import brief, counted
from torchsim.one_by_one import (
    CosineRate,
    Float64Training,
    Sizes,
    read_below_one,
    read_number_of,
)
from torchsim.settings import check_choice, read_seed
from torchsim.specification import ModelSpec

SaeKind: TypeAlias = Literal["l1", "topk", "jumprelu"]
KINDS: tuple[SaeKind, ...] = get_args(SaeKind)
OF_KINDS = {"k": "topk", "bandwidth": "jumprelu"}
"""What counts in one kind alone, and in which."""
_BANDWIDTH = 0.05
_MOST = {"latents": 1024, "steps": 10**6, "batch": 1 << 16}


class SaeOptions(TypedDict, total=False):
    """What an ``SaeSpec`` has beside W, its latents, λ and S."""

    distribution: object
    kind: str
    k: int
    steps: int
    batch: int
    rate: float
    seed: int
    decoder_bias: bool
    bandwidth: float


@dataclass(frozen=True, slots=True, repr=False)
class SaeSpec(CosineRate, Displayed):
    """One configuration: an SAE with ``latents`` latents on the h = Wᵀx of ``model``.

    ``kind`` is "l1", ReLU with the price λ on each activation; "topk", the ``k`` largest alone,
    without a price; or "jumprelu", ReLU above a threshold of each latent's own, with the price λ on
    each latent that is on, and straight-through slopes of ``bandwidth`` for the thresholds. Rows of
    W_dec have length 1. Adam takes ``steps`` steps at ``rate``, which falls to 0 along a cosine, on
    fresh batches of ``batch`` inputs; ``seed`` chooses the initial weights and the inputs. Of the
    model W alone counts, and b is 0.
    """

    model: ToyModel
    distribution: Distribution
    latents: int
    l1: sympy.Expr
    kind: SaeKind
    k: int
    steps: int
    batch: int
    rate: float
    seed: int
    decoder_bias: bool
    bandwidth: float = _BANDWIDTH

    def __repr__(self) -> str:
        drawn = f"{counted(self.model.n, 'feature')}, {self.distribution!r}"
        steps = counted(self.steps, "step")
        return abridged(f"<SaeSpec: {self.in_short}, on {drawn}, {steps}, seed {self.seed}>")

    @property
    def in_short(self) -> str:
        """The kind, what it pays or how many latents may be on, and how many there are.

        >>> SaeSpec.of("1; -1", 2, "1/5", "1/2").in_short
        'l1, λ = 1/5, 2 latents in 1 dimension'
        """
        paid = f"k = {self.k}" if self.kind == "topk" else f"λ = {to_text(self.l1)}"
        size = f"{counted(self.latents, 'latent')} in {counted(self.model.m, 'dimension')}"
        return f"{self.kind}, {paid}, {size}"

    @classmethod
    def of(  # noqa: PLR0913 - each is a part of the configuration, named when asked for
        cls,
        model: object,
        latents: object,
        l1: object = "1/5",
        sparsity: object = None,
        *,
        distribution: object = None,
        kind: str = "l1",
        k: object = None,
        steps: object = 4000,
        batch: object = 1024,
        rate: float = 1e-2,
        seed: object = 0,
        decoder_bias: bool = False,
        bandwidth: float | None = None,
    ) -> SaeSpec:
        """The configuration, checked; give a sparsity, or another distribution.

        ``k`` (1 if left out) is for the kind "topk" alone, ``bandwidth`` (0.05) for "jumprelu".
        Errors: ``kind``, ``latents``, ``k``, ``steps``, ``batch``, ``rate``, ``seed``, ``l1``,
        ``bandwidth``, ``decoder_bias``, ``sparsity`` and those of a model.

        >>> SaeSpec.of("1; -1", 2, "1/5", "1/2").steps
        4000
        """
        model = ToyModel.of(model)
        drawn = ModelSpec.of(model.n, model.m, sparsity, distribution=distribution)
        check_choice("kind", kind, KINDS)
        _check_used(kind, {"k": k, "bandwidth": bandwidth})
        sizes = {"latents": latents, "steps": steps, "batch": batch}
        read = {name: read_number_of(name, value, _MOST[name]) for name, value in sizes.items()}
        most = read_whole(1 if k is None else k, "number k of latents that may be on", "k")
        if not 1 <= most <= read["latents"]:
            raise InputError("k", f"k is from 1 to the number of latents, not {brief(k)}.")
        return cls(
            model=ToyModel.exactly(model.W, (sympy.Integer(0),) * model.n, "relu"),
            distribution=drawn.distribution,
            l1=read_l1(l1),
            kind=kind,  # type: ignore[arg-type]  # checked above
            k=most,
            rate=read_below_one("rate", rate),
            seed=read_seed(seed),
            decoder_bias=read_flag("decoder_bias", decoder_bias),
            bandwidth=read_below_one("bandwidth", _BANDWIDTH if bandwidth is None else bandwidth),
            **read,
        )

    @property
    def inputs(self) -> ModelSpec:
        """Which x are drawn."""
        return ModelSpec.of(
            self.model.n, self.model.m, distribution=self.distribution, seed=self.seed
        )


@dataclass(frozen=True, slots=True, repr=False)
class SaeTraining(Float64Training):
    """A run: some configurations, each trained from ``restarts`` starts, in float64.

    Restarts of one model meet different inputs, and models of one seed and W the same ones. Errors:
    ``models``, ``size``, ``device``, ``sampler``.
    """

    models: tuple[SaeSpec, ...]

    @staticmethod
    def kind() -> type:
        """What its models are."""
        return SaeSpec

    @staticmethod
    def sizes(model: SaeSpec) -> Sizes:
        """Of a step and of the weights of a restart."""
        widest = max(model.latents, model.model.n)
        return (
            ("a step", model.batch * widest, "inputs in a batch"),
            ("the weights", 2 * model.latents * model.model.m, "latents"),
        )


def _check_used(kind: str, given: Mapping[str, object]) -> None:
    """Refuse what does nothing in this kind."""
    for name, its in OF_KINDS.items():
        if given[name] is not None and kind != its:
            message = f'{name} is for the kind "{its}", and this one is "{kind}": leave it out.'
            raise InputError(name, message, suggestion=f'kind="{its}"')
