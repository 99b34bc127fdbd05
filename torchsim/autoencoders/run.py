"""A training run of sparse autoencoders: the weights of every restart, and the exact SAE of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import Tensor

from handcalc.directions.autoencoder import SparseAutoencoder
from handcalc.directions.sae_loss import SaeLoss, sae_loss
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import Plotted, Tabular
from handcalc.inputs.arguments import read_whole
from handcalc.wording import brief, counted
from torchsim.autoencoders.specification import SaeSpec


@dataclass(frozen=True, eq=False, repr=False)
class SaeRun(Displayed, Tabular, Plotted):
    """What came of training sparse autoencoders.

    ``W_enc`` and ``W_dec`` have shape (restarts, latents, m), ``b_enc`` and ``threshold``
    (restarts, latents), ``b_dec`` (restarts, m), in float64 on the CPU. ``loss`` (restarts,) is on
    unseen inputs, the same for all, and ``on`` (restarts, latents) how often each latent is on
    there; ``history`` holds some losses on the way, (restarts, records).
    """

    spec: SaeSpec
    W_enc: Tensor
    W_dec: Tensor
    b_enc: Tensor
    b_dec: Tensor
    threshold: Tensor
    loss: Tensor
    on: Tensor
    history: Tensor
    wall_seconds: float
    device: str

    @property
    def best(self) -> int:
        """The restart, from 0, with the least loss."""
        return int(self.loss.argmin())

    def exact(self, restart: int | None = None, max_denominator: int = 1000) -> SparseAutoencoder:
        """The SAE of a restart, from 0 (the best if left out), in fractions near its weights.

        Rows of W_dec have length 1 exactly. Only of the kind "l1", as others have no ReLU alone.
        Errors: ``kind``, ``restart``.
        """
        if self.spec.kind != "l1":
            raise InputError(
                "kind",
                f'An exact SAE is f = ReLU(u), which one of the kind "{self.spec.kind}" is not: '
                'its weights are W_enc, W_dec, b_enc, b_dec; train one with kind="l1".',
            )
        r = self.best if restart is None else read_whole(restart, "restart", "restart")
        if not 0 <= r < self.spec.restarts:
            last = self.spec.restarts - 1
            raise InputError("restart", f"Restarts count from 0 to {last}, not {brief(restart)}.")
        parts = {"W_enc": self.W_enc, "W_dec": self.W_dec, "b_enc": self.b_enc, "b_dec": self.b_dec}
        floats = {name: part[r].tolist() for name, part in parts.items()}
        return SparseAutoencoder.from_floats(**floats, max_denominator=max_denominator)

    @cached_property
    def exact_loss(self) -> SaeLoss:
        """The exact loss of the best restart's SAE, with its bound; of the kind "l1"."""
        return sae_loss(self.exact(), self.spec.model, self.spec.distribution, self.spec.l1)

    @cached_property
    def true_loss(self) -> SaeLoss:
        """The exact loss of the SAE whose dictionary is the features themselves."""
        true = SparseAutoencoder.of_features(self.spec.model, self.spec.l1)
        return sae_loss(true, self.spec.model, self.spec.distribution, self.spec.l1)

    @property
    def dead(self) -> tuple[int, ...]:
        """The latents (from 1) of the best restart that were never on, on unseen inputs."""
        return tuple(j for j, share in enumerate(self.on[self.best].tolist(), 1) if not share)

    def columns(self) -> dict[str, Sequence[Any]]:
        """A row a restart: its loss on unseen inputs, and how many latents were never on."""
        return {
            "restart": range(self.spec.restarts),
            "loss": self.loss.tolist(),
            "never on": [int((row == 0).sum()) for row in self.on],
        }

    def __repr__(self) -> str:
        size = f"{counted(self.spec.latents, 'latent')}, {counted(self.spec.restarts, 'restart')}"
        return f"<SaeRun {self.spec.kind}: {size}, best loss {float(self.loss.min()):.6f}>"
