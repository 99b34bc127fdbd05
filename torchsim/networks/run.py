"""What comes of training networks with neurons: weights, losses, exact networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from torch import Tensor

from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import AsArrays, Tabular
from handcalc.inputs.arguments import read_whole
from handcalc.networks.network_loss import NetworkLoss, network_loss
from handcalc.networks.relu_network import ReluNetwork
from handcalc.numbers.exact import to_float
from handcalc.wording import brief, lasted
from torchsim.networks.architecture import TwoLayers
from torchsim.networks.neurons import Neurons, neurons
from torchsim.networks.specification import NetworkSpec, NetworkTraining
from torchsim.restarts import Restarts, best_in_short
from torchsim.run import ON_SAMPLES, History, count_agreed


@dataclass(frozen=True, eq=False, repr=False)
class TrainedNetwork(Restarts, Displayed, AsArrays, Tabular):
    """All restarts of one configuration, in float64 on the CPU.

    ``tensors`` has W_in and, unless the weights are tied, W_out (restarts, n, m), and b (restarts,
    n). ``loss`` and its ``standard_error`` (restarts,) are on unseen inputs, the same for all.
    """

    model: NetworkSpec
    tensors: Mapping[str, Tensor]
    loss: Tensor
    standard_error: Tensor
    history: History

    def __repr__(self) -> str:
        return f"<TrainedNetwork: {self.model.in_short}, {best_in_short(self)}>"

    @property
    def W_in(self) -> Tensor:
        """What features do to neurons, (restarts, n, m)."""
        return self.tensors["W_in"]

    @property
    def W_out(self) -> Tensor:
        """What neurons do to outputs, (restarts, n, m); W_in itself where the weights are tied."""
        return self.tensors.get("W_out", self.W_in)

    @property
    def b(self) -> Tensor:
        """The biases of the outputs, (restarts, n)."""
        return self.tensors["b"]

    @property
    def agreed(self) -> int:
        """How many restarts came as low as the best one, but for 1 per cent."""
        return count_agreed(self.loss, ON_SAMPLES)

    def weights(self, restart: int | None = None) -> dict[str, Tensor]:
        """The weights of a restart, from 0, by name; the best if left out. Errors: ``restart``."""
        r = self.best if restart is None else read_whole(restart, "restart", "restart")
        if not 0 <= r < len(self.loss):
            last = len(self.loss) - 1
            raise InputError("restart", f"Restarts count from 0 to {last}, not {brief(restart)}.")
        return {name: tensor[r] for name, tensor in self.tensors.items()}

    def neurons(self, restart: int | None = None) -> Neurons | None:
        """What the neurons of a restart, from 0, hold; those of the best if left out.

        None where they are linear, as h that is turned is then the same network and no axis of it
        special; and of a restart that diverged. Errors: ``restart``.
        """
        weights = self.weights(restart)
        if self.model.activation == "linear" or weights["b"].isnan().any():
            return None
        return neurons(self.model, weights)

    def exact(self, restart: int | None = None, max_denominator: int = 1000) -> ReluNetwork:
        """The network of a restart, from 0 (the best if left out), in fractions near its weights.

        A linear neuron is two with a ReLU, as u = ReLU(u) − ReLU(−u): the network has 2m neurons.
        Errors: ``restart``; ``activation`` for one whose neurons are neither ReLU nor linear, or
        that does not end with ReLU.
        """
        return TwoLayers(self.model).exact(self.weights(restart), max_denominator)

    @cached_property
    def exact_loss(self) -> NetworkLoss | None:
        """The exact loss of the best restart in fractions; None where that is too much work.

        None, too, where all restarts diverged, and where there is no exact counterpart.

        It is worked out up to three features that are on together, or four with 8 neurons.
        """
        model = self.model
        if self.is_lost or not TwoLayers(model).has_exact:
            return None
        try:
            return network_loss(self.exact(), model.task, model.distribution, model.importance)
        except InputError as error:
            if error.code != "too_complicated":
                raise
            return None

    @property
    def best_loss(self) -> float:
        """The loss of the best restart: exact where it is known, else that on unseen inputs."""
        exact = self.exact_loss
        return self.lowest if exact is None else to_float(exact.value)

    def arrays(self) -> dict[str, Any]:
        """The weights and the loss of every restart."""
        named = {"W_in": self.W_in, "W_out": self.W_out, "b": self.b, "loss": self.loss}
        return {name: tensor.tolist() for name, tensor in named.items()}

    def columns(self) -> dict[str, Sequence[Any]]:
        """A row a restart: its loss on unseen inputs, and its neurons by what they hold."""
        found = [self.neurons(r) for r in range(len(self.loss))]
        return {
            "restart": range(len(self.loss)),
            "loss": self.loss.tolist(),
            **_counts(found),
        }


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NetworkRun(Displayed, Tabular):
    """A run: its specification, every model trained, and how long it took on which device.

    ``wall_seconds`` runs from initialisation to the last loss; ``device`` is the device's own name.
    """

    called: ClassVar[str] = "networks with neurons"
    spec: NetworkTraining
    trained: tuple[TrainedNetwork, ...]
    wall_seconds: float
    device: str

    def __repr__(self) -> str:
        return f"<NetworkRun: {self.spec.in_short}, {lasted(self.wall_seconds)}>"

    def columns(self) -> dict[str, Sequence[Any]]:
        """A row for each model: what it is, and what its best restart came to."""
        models = self.spec.models
        found = [each.neurons() for each in self.trained]
        return {
            "model": range(1, len(models) + 1),
            "task": [model.task for model in models],
            "features": [model.features for model in models],
            "neurons": [model.neurons for model in models],
            "activation": [model.activation for model in models],
            "output": [model.output for model in models],
            "tied": [model.tied for model in models],
            "distribution": [model.distribution.sentence() for model in models],
            "loss": [each.lowest for each in self.trained],
            **_counts(found),
            "best restart": [None if each.is_lost else each.best for each in self.trained],
            "agreed": [each.agreed for each in self.trained],
            "diverged": [len(each.diverged) - len(each.standing) for each in self.trained],
        }


def _counts(found: Sequence[Neurons | None]) -> dict[str, Sequence[Any]]:
    """How many neurons hold one feature, and several, and how many features are held."""
    return {
        "monosemantic": [None if each is None else each.monosemantic for each in found],
        "shared": [None if each is None else each.shared for each in found],
        "held": [None if each is None else len(each.features) for each in found],
    }
