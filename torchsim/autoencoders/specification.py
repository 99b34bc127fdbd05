"""What is trained as a sparse autoencoder: on which h, of which kind, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import sympy

from handcalc.directions.autoencoder import read_l1
from handcalc.display import fields_text
from handcalc.errors import InputError
from handcalc.inputs.arguments import read_whole
from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import brief
from torchsim.specification import ModelSpec, check_choice, read_seed

SaeKind: TypeAlias = Literal["l1", "topk", "jumprelu"]
_MOST = {"latents": 1024, "restarts": 1024, "steps": 10**6, "batch": 1 << 16}


@dataclass(frozen=True, slots=True, repr=False)
class SaeSpec:
    """An SAE with ``latents`` latents on the h = Wᵀx of ``model``, from ``restarts`` starts.

    ``kind`` is "l1", ReLU with the price λ on each activation; "topk", the ``k`` largest alone,
    without a price; or "jumprelu", ReLU above a threshold of each latent's own, with the price λ on
    each latent that is on, and straight-through slopes of ``bandwidth`` for the thresholds. Rows of
    W_dec have length 1. Adam takes ``steps`` steps at ``rate``, which falls to 0 along a cosine, on
    fresh batches of ``batch`` inputs.
    """

    model: ToyModel
    distribution: Distribution
    latents: int
    l1: sympy.Expr
    kind: SaeKind
    k: int
    restarts: int
    steps: int
    batch: int
    rate: float
    seed: int
    decoder_bias: bool
    device: Literal["cpu", "cuda"]
    bandwidth: float = 0.05

    __repr__ = fields_text

    @classmethod
    def of(  # noqa: PLR0913 - each is a part of the configuration, named when asked for
        cls,
        model: object,
        latents: object,
        l1: object = "1/10",
        sparsity: object = None,
        *,
        distribution: object = None,
        kind: str = "l1",
        k: object = 1,
        restarts: object = 8,
        steps: object = 4000,
        batch: object = 1024,
        rate: float = 1e-2,
        seed: object = 0,
        decoder_bias: bool = False,
        device: str = "cpu",
    ) -> SaeSpec:
        """The configuration, checked.

        Errors: ``kind``, ``device``, ``latents``, ``k``, ``restarts``, ``steps``, ``batch``,
        ``rate``, ``seed``, ``l1``, ``sparsity`` and those of a model.

        >>> SaeSpec.of("1; -1", 2, "1/5", "1/2").restarts
        8
        """
        model = ToyModel.of(model)
        drawn = ModelSpec.of(model.n, model.m, sparsity, distribution=distribution)
        check_choice("kind", kind, get_args(SaeKind))
        check_choice("device", device, ("cpu", "cuda"))
        sizes = {"latents": latents, "restarts": restarts, "steps": steps, "batch": batch}
        read = {name: _count(name, value) for name, value in sizes.items()}
        most = read_whole(k, "number k of latents that may be on", "k")
        if not 1 <= most <= read["latents"]:
            raise InputError("k", f"k is from 1 to the number of latents, not {brief(k)}.")
        if not _is_rate(rate):
            raise InputError("rate", f"The rate is above 0, and at most 1, not {brief(rate)}.")
        return cls(
            model=model,
            distribution=drawn.distribution,
            l1=read_l1(l1),
            kind=kind,  # type: ignore[arg-type]  # checked above
            k=most,
            rate=float(rate),
            seed=read_seed(seed),
            decoder_bias=bool(decoder_bias),
            device=device,  # type: ignore[arg-type]  # checked above
            **read,
        )

    @property
    def inputs(self) -> ModelSpec:
        """Which x are drawn."""
        return ModelSpec.of(
            self.model.n, self.model.m, distribution=self.distribution, seed=self.seed
        )


def _is_rate(rate: object) -> bool:
    return isinstance(rate, int | float) and not isinstance(rate, bool) and 0 < rate <= 1


def _count(name: str, value: object) -> int:
    found = read_whole(value, f"number of {name}" if name != "batch" else "batch", name)
    if not 1 <= found <= _MOST[name]:
        raise InputError(name, f"{name} is from 1 to {_MOST[name]:,}, not {brief(value)}.")
    return found
