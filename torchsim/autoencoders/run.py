"""What comes of training sparse autoencoders: weights of every restart, losses, exact SAEs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from torch import Tensor

from handcalc.directions.autoencoder import SparseAutoencoder
from handcalc.directions.sae_loss import SaeLoss, sae_loss
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import AsArrays, Plotted, Tabular
from handcalc.inputs.arguments import read_whole
from handcalc.numbers.exact import to_text
from handcalc.wording import brief, lasted
from torchsim.autoencoders.codes import NAMES
from torchsim.autoencoders.specification import SaeSpec, SaeTraining
from torchsim.restarts import Restarts, best_in_short
from torchsim.run import ON_SAMPLES, History, count_agreed


@dataclass(frozen=True, eq=False, repr=False)
class TrainedSae(Restarts, Displayed, AsArrays, Tabular, Plotted):
    """All restarts of one configuration, in float64 on the CPU.

    ``W_enc`` and ``W_dec`` have shape (restarts, latents, m), ``b_enc`` and ``threshold``
    (restarts, latents), ``b_dec`` (restarts, m). ``loss`` and its ``standard_error`` (restarts,)
    are on unseen inputs, the same for all, and ``on`` (restarts, latents) how often each latent is
    on there.
    """

    model: SaeSpec
    W_enc: Tensor
    W_dec: Tensor
    b_enc: Tensor
    b_dec: Tensor
    threshold: Tensor
    loss: Tensor
    standard_error: Tensor
    on: Tensor
    history: History

    def __repr__(self) -> str:
        return f"<TrainedSae: {self.model.in_short}, {best_in_short(self)}>"

    @property
    def agreed(self) -> int:
        """How many restarts came as low as the best one, but for 1 per cent."""
        return count_agreed(self.loss, ON_SAMPLES)

    @property
    def dead(self) -> tuple[int, ...]:
        """The latents (from 1) of the best restart that were never on, on unseen inputs."""
        return tuple(j for j, share in enumerate(self.on[self.best].tolist(), 1) if not share)

    def weights(self, restart: int | None = None) -> dict[str, Tensor]:
        """The weights of a restart, from 0, by name; the best if left out. Errors: ``restart``."""
        r = self.best if restart is None else read_whole(restart, "restart", "restart")
        if not 0 <= r < len(self.loss):
            last = len(self.loss) - 1
            raise InputError("restart", f"Restarts count from 0 to {last}, not {brief(restart)}.")
        return {name: getattr(self, name)[r] for name in NAMES}

    def exact(self, restart: int | None = None, max_denominator: int = 1000) -> SparseAutoencoder:
        """The SAE of a restart, from 0 (the best if left out), in fractions near its weights.

        Rows of W_dec have length 1 exactly. Only of the kind "l1", as others have no ReLU alone.
        Errors: ``kind``, ``restart``.
        """
        if self.model.kind != "l1":
            raise InputError(
                "kind",
                f'An exact SAE is f = ReLU(u), which one of the kind "{self.model.kind}" is not: '
                'its weights are W_enc, W_dec, b_enc, b_dec; train one with kind="l1".',
            )
        weights = self.weights(restart)
        floats = {name: weights[name].tolist() for name in NAMES if name != "threshold"}
        return SparseAutoencoder.from_floats(**floats, max_denominator=max_denominator)

    @cached_property
    def exact_loss(self) -> SaeLoss:
        """The exact loss of the best restart's SAE, with its bound. Errors: ``kind``."""
        return sae_loss(self.exact(), self.model.model, self.model.distribution, self.model.l1)

    @cached_property
    def true_loss(self) -> SaeLoss:
        """The exact loss of the SAE whose dictionary is the features themselves."""
        true = SparseAutoencoder.of_features(self.model.model, self.model.l1)
        return sae_loss(true, self.model.model, self.model.distribution, self.model.l1)

    def arrays(self) -> dict[str, Any]:
        """The weights and the loss of every restart."""
        return {name: getattr(self, name).tolist() for name in (*NAMES, "loss")}

    def columns(self) -> dict[str, Sequence[Any]]:
        """A row a restart: its loss on unseen inputs, and how many latents were never on."""
        return {
            "restart": range(len(self.loss)),
            "loss": self.loss.tolist(),
            "never on": [int((row == 0).sum()) for row in self.on],
        }


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SaeRun(Displayed, Tabular):
    """A run: its specification, every model trained, and how long it took on which device.

    ``wall_seconds`` runs from initialisation to the last loss; ``device`` is the device's own name.
    """

    called: ClassVar[str] = "sparse autoencoders"
    spec: SaeTraining
    trained: tuple[TrainedSae, ...]
    wall_seconds: float
    device: str

    def __repr__(self) -> str:
        return f"<SaeRun: {self.spec.in_short}, {lasted(self.wall_seconds)}>"

    def columns(self) -> dict[str, Sequence[Any]]:
        """A row for each model: what it is, and what its best restart came to."""
        models = self.spec.models
        return {
            "model": range(1, len(models) + 1),
            "kind": [model.kind for model in models],
            "latents": [model.latents for model in models],
            "l1": [to_text(model.l1) for model in models],
            "k": [model.k for model in models],
            "distribution": [model.distribution.sentence() for model in models],
            "loss": [each.lowest for each in self.trained],
            "never on": [None if each.is_lost else len(each.dead) for each in self.trained],
            "best restart": [None if each.is_lost else each.best for each in self.trained],
            "agreed": [each.agreed for each in self.trained],
            "diverged": [len(each.diverged) - len(each.standing) for each in self.trained],
        }
