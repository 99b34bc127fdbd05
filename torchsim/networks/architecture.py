"""What an architecture is: where it begins, what it makes of x, how it learns, what it is exactly.

Four have names in the literature: a toy model is *tied* and linear inside; its decoder may be of
its own, *untied*; a ReLU on h makes the neurons' axes a *privileged* basis; and with |x| to give
back, a network *computes*. All of them are ŷ = out(W_out act(W_inᵀx) + b), as ``ARCHITECTURES``
says, with any activations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import torch
from torch import Tensor

from handcalc.errors import InputError
from handcalc.networks.relu_network import ReluNetwork
from handcalc.numbers.exact import to_float
from torchsim.elementwise import elementwise, value_and_slope
from torchsim.networks.specification import NetworkSpec
from torchsim.sampling import Sampler
from torchsim.sampling import initial as xavier

Weights: TypeAlias = Mapping[str, Tensor]
"""By name: W_in and, unless tied, W_out (restarts, n, m), and b (restarts, n)."""

ARCHITECTURES: dict[str, dict[str, Any]] = {
    "tied": {"task": "identity", "activation": "linear", "tied": True},
    "untied": {"task": "identity", "activation": "linear", "tied": False},
    "privileged": {"task": "identity", "activation": "relu", "tied": True},
    "computation": {"task": "absolute", "activation": "relu", "tied": False},
}
"""What ``NetworkSpec.of`` is given for each of the four, which end with ReLU if nothing is said."""


class Architecture(Protocol):
    """What a model must know to be trained on samples, and laid beside what is exact."""

    def initial(self, restarts: int, device: torch.device) -> dict[str, Tensor]:
        """The weights that training begins at, by name."""

    def inputs(self, sampler: Sampler, step: int, count: int, unseen: bool = False) -> Tensor:
        """x (restarts, n, count) of a step, or some that training does not see."""

    def forward(self, weights: Weights, x: Tensor) -> tuple[Tensor, Tensor]:
        """h and ŷ of inputs x (restarts, n, inputs)."""

    def loss_and_slopes(self, weights: Weights, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of each input (restarts, inputs), and the slopes of its mean in each weight."""

    @property
    def has_exact(self) -> bool:
        """Whether it has an exact counterpart."""

    def exact(self, weights: Weights, max_denominator: int) -> ReluNetwork:
        """One restart's weights in fractions. Errors: ``activation`` if it has no counterpart."""


@dataclass(frozen=True, slots=True)
class TwoLayers:
    """The architecture of a ``NetworkSpec``: h = act(W_inᵀx), ŷ = out(W_out h + b).

    The loss is Σᵢ Iᵢ (yᵢ − ŷᵢ)². With z = W_out h + b, ρ = 2 I (ŷ − y) out′(z) and
    σ = (W_outᵀρ) act′(W_inᵀx), the slope of W_out is ρhᵀ, that of W_in xσᵀ, and tied weights have
    the sum of both. These are written out, so that each step is the same whatever torch's autograd
    does; act′ and out′ of ReLU are, too, and autograd has those of other functions alone.
    """

    model: NetworkSpec

    def initial(self, restarts: int, device: torch.device) -> dict[str, Tensor]:
        """Each matrix by the rule of Xavier and Glorot, and b = 0: the same on every device.

        >>> model = NetworkSpec.of(3, 2, "absolute", "1/2")
        >>> weights = TwoLayers(model).initial(4, torch.device("cpu"))
        >>> weights["W_out"].shape, torch.equal(weights["W_in"], weights["W_out"])
        (torch.Size([4, 3, 2]), False)
        """
        given = [self.model.inputs], range(restarts), device, torch.float64
        found = dict(zip(("W_in", "b"), xavier(*given), strict=True))
        return found if self.model.tied else {**found, "W_out": xavier(*given, matrix=1)[0]}

    def inputs(self, sampler: Sampler, step: int, count: int, unseen: bool = False) -> Tensor:
        """x (restarts, n, count): at "absolute" a feature that is on, at u in (0, 1), is 2u − 1.

        >>> model = NetworkSpec.of(2, 2, "absolute", "1/2")
        >>> sampler = Sampler.of([model.inputs], (0,), torch.device("cpu"), torch.float64)
        >>> x = TwoLayers(model).inputs(sampler, step=0, count=4000)
        >>> [abs(float(share.double().mean()) - 1 / 4) < 0.02 for share in (x > 0, x < 0)]
        [True, True]
        """
        u = sampler.inputs(step, count, unseen=unseen)
        return torch.where(u > 0, 2 * u - 1, u) if self.model.task == "absolute" else u

    def wanted(self, x: Tensor) -> Tensor:
        """y of x.

        >>> TwoLayers(NetworkSpec.of(1, 2, "absolute", "1/2")).wanted(torch.tensor([-0.5])).item()
        0.5
        """
        return x.abs() if self.model.task == "absolute" else x

    def hidden(self, weights: Weights, x: Tensor) -> Tensor:
        """H of x, (restarts, m, inputs).

        >>> weights = {"W_in": torch.tensor([[[-1.0]]]), "b": torch.zeros(1, 1)}
        >>> TwoLayers(NetworkSpec.of(1, 1, sparsity="1/2")).hidden(weights, torch.ones(1, 1, 1))
        tensor([[[0.]]])
        """
        return _value(self.model.activation, weights["W_in"].transpose(1, 2) @ x)

    def forward(self, weights: Weights, x: Tensor) -> tuple[Tensor, Tensor]:
        """H (restarts, m, inputs) and ŷ (restarts, n, inputs) of x.

        >>> model = NetworkSpec.of(1, 1, sparsity="1/2", output="tanh")
        >>> one = {"W_in": torch.ones(1, 1, 1), "b": torch.zeros(1, 1)}
        >>> [round(each.item(), 3) for each in TwoLayers(model).forward(one, torch.ones(1, 1, 1))]
        [1.0, 0.762]
        """
        h = self.hidden(weights, x)
        return h, _value(self.model.output, _before_output(weights, h))

    def losses(self, weights: Weights, x: Tensor) -> Tensor:
        """The loss of each input, (restarts, inputs).

        >>> architecture = TwoLayers(NetworkSpec.of(1, 2, "absolute", "1/2"))
        >>> two = torch.tensor([[[1.0, -1.0]]])  # |x| = ReLU(x) + ReLU(−x)
        >>> weights = {"W_in": two, "W_out": two.abs(), "b": torch.zeros(1, 1)}
        >>> architecture.losses(weights, torch.tensor([[[-0.5, 0.25]]])).tolist()
        [[0.0, 0.0]]
        """
        left = self.forward(weights, x)[1] - self.wanted(x)
        return (self._importances(x.device).to(left.dtype) * left**2).sum(1)

    def loss_and_slopes(self, weights: Weights, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of each input, (restarts, inputs), and the slopes of its mean in each weight.

        >>> architecture = TwoLayers(NetworkSpec.of(1, 1, sparsity="1/2"))
        >>> one = torch.ones(1, 1, 1, dtype=torch.float64)
        >>> weights = {"W_in": one, "b": one[0]}  # ŷ = x + 1
        >>> loss, slopes = architecture.loss_and_slopes(weights, one)
        >>> loss.item(), slopes["b"].item(), slopes["W_in"].item()
        (1.0, 2.0, 4.0)
        """
        count, importance = x.shape[2], self._importances(x.device)
        h, inner = _with_slope(self.model.activation, weights["W_in"].transpose(1, 2) @ x)
        output, outer = _with_slope(self.model.output, _before_output(weights, h))
        left = output - self.wanted(x)
        weighed = importance * left
        rho = 2 * weighed
        if outer is not None:
            rho = rho * outer
        sigma = weights.get("W_out", weights["W_in"]).transpose(1, 2) @ rho
        if inner is not None:
            sigma = sigma * inner
        inward = x @ sigma.transpose(1, 2) / count
        outward = rho @ h.transpose(1, 2) / count
        b = rho.mean(2)
        slopes = (
            {"W_in": inward + outward, "b": b}
            if self.model.tied
            else {"W_in": inward, "W_out": outward, "b": b}
        )
        return (weighed * left).sum(1), slopes

    @property
    def has_exact(self) -> bool:
        """Whether an exact network has these activations: ReLU or none inside, ReLU at the end."""
        return self.model.activation in ("relu", "linear") and self.model.output == "relu"

    def exact(self, weights: Weights, max_denominator: int = 1000) -> ReluNetwork:
        """The network of one restart's weights (n, m) and (n,), in fractions near them.

        A linear neuron is two with a ReLU, as u = ReLU(u) − ReLU(−u): the network has 2m neurons.
        Errors: ``activation`` for other neurons than these, and for outputs without ReLU.

        >>> one = {"W_in": torch.ones(1, 1), "b": torch.zeros(1)}
        >>> TwoLayers(NetworkSpec.of(1, 1, sparsity="1/2")).exact(one).output("1/2")
        (1/2,)
        """
        self._check_exact()
        inward, outward = weights["W_in"], weights.get("W_out")
        if self.model.activation == "linear":
            outward = inward if outward is None else outward
            inward, outward = (torch.cat([each, -each], 1) for each in (inward, outward))
        return ReluNetwork.from_floats(
            inward.tolist(),
            None if outward is None else outward.tolist(),
            weights["b"].tolist(),
            max_denominator=max_denominator,
        )

    def _check_exact(self) -> None:
        if self.has_exact:
            return
        inside = self.model.activation not in ("relu", "linear")
        name, has = ("activation", "neurons") if inside else ("output", "outputs")
        given = getattr(self.model, name)
        raise InputError(
            "activation",
            f'This network has no exact counterpart: its {has} are "{given}", and exact networks '
            f"have a ReLU there. Its weights are in .tensors, its loss on samples in .loss; or "
            f'train one with {name}="relu".',
            suggestion=f'{name}="relu"',
        )

    def _importances(self, device: torch.device) -> Tensor:
        """I as floats, (n, 1)."""
        given = [[to_float(each)] for each in self.model.importance]
        return torch.tensor(given, dtype=torch.float64, device=device)


def _before_output(weights: Weights, h: Tensor) -> Tensor:
    """W_out h + b, (restarts, n, inputs)."""
    return weights.get("W_out", weights["W_in"]) @ h + weights["b"][:, :, None]


def _value(name: str, z: Tensor) -> Tensor:
    if name == "relu":
        return z.relu()
    return z if name == "linear" else elementwise(name)(z)


def _with_slope(name: str, z: Tensor) -> tuple[Tensor, Tensor | None]:
    """f(z) and f′(z), which is None where it is 1; at the kink of ReLU it is 0, as torch has it."""
    if name == "relu":
        return z.relu(), z > 0
    return (z, None) if name == "linear" else value_and_slope(name, z)
