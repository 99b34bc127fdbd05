"""What comes of training attention-only models: weights of every restart, losses, scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from torch import Tensor

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.head import Head
from handcalc.circuits.log_sums import LogSum
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import AsArrays, Tabular
from handcalc.inputs.containers import as_int
from handcalc.wording import brief, lasted
from torchsim.attention.data import Contexts
from torchsim.attention.model import AttentionWeights
from torchsim.attention.scores import Scores
from torchsim.attention.specification import AttentionSpec, AttentionTraining
from torchsim.restarts import Restarts, best_in_short
from torchsim.run import ON_SAMPLES, count_agreed

_PATHS = {"W_E": "embed.W_E", "W_pos": "pos_embed.W_pos", "W_U": "unembed.W_U"}


@dataclass(frozen=True, slots=True, eq=False)
class AttentionHistory:
    """What a model came to on the way, after so many ``steps``.

    ``losses`` (records, restarts) are means over the batches since the record before; ``induction``
    and ``previous`` (records, restarts, layers, heads) are scores on unseen sequences, or None
    where the model is not scored.
    """

    steps: tuple[int, ...]
    losses: Tensor
    induction: Tensor | None
    previous: Tensor | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TrainedAttention(Restarts, Displayed, AsArrays):
    """All restarts of one configuration, on the CPU.

    ``loss``, its ``standard_error`` and ``right`` (restarts,), the part of the places whose next
    token is the likeliest one, are on sequences that training did not see; on ``Contexts`` the loss
    is the expected one, and the error 0. ``scores`` are None where there are no heads, or nothing
    comes back.
    """

    model: AttentionSpec
    weights: AttentionWeights
    loss: Tensor
    standard_error: Tensor
    right: Tensor
    scores: Scores | None
    history: AttentionHistory

    def __repr__(self) -> str:
        return f"<TrainedAttention: {self.model.in_short}, {best_in_short(self)}>"

    @property
    def agreed(self) -> int:
        """How many restarts came as low as the best one, but for 1 per cent."""
        return count_agreed(self.loss, ON_SAMPLES)

    @property
    def entropy(self) -> LogSum | None:
        """What no loss can be below, exactly, where it is known: on ``Contexts``."""
        data = self.model.data
        return data.entropy if isinstance(data, Contexts) else None

    def named_weights(self, restart: int | None = None) -> dict[str, Tensor]:
        """The matrices of a restart, from 0, under TransformerLens's names; the best if left out.

        Errors: ``restart``.
        """
        chosen = self._restart(restart)
        own = {name: tensor[chosen] for name, tensor in self.weights.named().items()}
        found = {_PATHS[name]: own[name] for name in _PATHS if name in own}
        for layer in range(self.model.layers):
            for name in ("W_Q", "W_K", "W_V", "W_O"):
                found[f"blocks.{layer}.attn.{name}"] = own[name][layer]
        return found

    def exact(self, restart: int | None = None) -> AttentionOnly:
        """The model of a restart, from 0, with each weight the fraction that its float is.

        The best restart if left out; softmax "exp". Errors: ``restart``; ``self_attention`` for a
        model whose places do not see themselves, as an AttentionOnly's do.
        """
        chosen, model = self._restart(restart), self.model
        check_sees_itself(model)
        own = {name: _fractions(tensor[chosen]) for name, tensor in self.weights.named().items()}
        layers = [
            [
                Head(*(own[name][layer][head] for name in ("W_Q", "W_K", "W_V", "W_O")))
                for head in range(model.heads)
            ]
            for layer in range(model.layers)
        ]
        return AttentionOnly(
            own["W_E"],
            own["W_U"],
            layers,
            W_pos=own.get("W_pos"),
            vocabulary=model.data.vocabulary,
            softmax="exp",
            scale=model.scale if model.layers else None,
        )

    def _restart(self, restart: int | None) -> int:
        if restart is None:
            return self.best
        found, count = as_int(restart), len(self.loss)
        if found is None or not 0 <= found < count:
            raise InputError(
                "restart",
                f"There are restarts 0 to {count - 1}, and the best one is {self.best}; "
                f"not {brief(restart)}.",
            )
        return found

    def arrays(self) -> dict[str, Any]:
        """The matrices and the loss of every restart."""
        named = {name: tensor.tolist() for name, tensor in self.weights.named().items()}
        return {**named, "loss": self.loss.tolist()}


def check_sees_itself(model: AttentionSpec) -> None:
    """Refuse a model that is not the one its weights would be elsewhere: ``self_attention``."""
    if model.layers and not model.self_attention:
        raise InputError(
            "self_attention",
            "A place of this model does not see itself, and those of an AttentionOnly do: it would "
            "be another model. Train one with self_attention=True.",
        )


def _fractions(tensor: Tensor) -> Any:
    """The numbers of a tensor as the fractions that they are, in nested lists."""
    if tensor.dim() == 0:
        return Fraction(float(tensor))
    return [_fractions(each) for each in tensor]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AttentionRun(Displayed, Tabular):
    """A run: its specification, every model trained, and how long it took on which device.

    ``wall_seconds`` runs from initialisation to the last loss; ``device`` is the device's own name.
    """

    called: ClassVar[str] = "attention-only models"
    spec: AttentionTraining
    trained: tuple[TrainedAttention, ...]
    wall_seconds: float
    device: str

    def __repr__(self) -> str:
        return f"<AttentionRun: {self.spec.in_short}, {lasted(self.wall_seconds)}>"

    def columns(self) -> dict[str, Sequence[Any]]:
        """A row for each model: what it is, and what its best restart came to."""
        models = self.spec.models
        return {
            "model": range(1, len(models) + 1),
            "layers": [model.layers for model in models],
            "heads": [model.heads for model in models],
            "d_model": [model.d_model for model in models],
            "data": [type(model.data).__name__ for model in models],
            "loss": [each.lowest for each in self.trained],
            "right": [None if e.is_lost else float(e.right[e.best]) for e in self.trained],
            "induction": [self._highest(each, "induction") for each in self.trained],
            "previous token": [self._highest(each, "previous") for each in self.trained],
            "best restart": [None if each.is_lost else each.best for each in self.trained],
            "agreed": [each.agreed for each in self.trained],
            "diverged": [len(each.diverged) - len(each.standing) for each in self.trained],
        }

    @staticmethod
    def _highest(trained: TrainedAttention, name: str) -> float | None:
        """The highest score of a head of the best restart."""
        if trained.scores is None or trained.is_lost:
            return None
        found: Tensor = getattr(trained.scores, name)[trained.best]
        return float(found.max())
