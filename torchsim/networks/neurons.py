"""Which features a neuron holds, by itself or shared, and whose outputs it inhibits."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from torchsim.networks.architecture import TwoLayers, Weights
from torchsim.networks.specification import NetworkSpec

HELD = 0.25
"""A neuron holds a feature if it brings so much of it to its output, where all of it is 1."""


@dataclass(frozen=True, slots=True)
class Neurons:
    """The features, from 1, that each neuron of one network holds, and those that it inhibits.

    Those that hold one are *monosemantic*, those that hold more *polysemantic*. A neuron inhibits a
    feature if some feature, on alone, takes as much from its output by way of the neuron as holding
    one brings.
    """

    held: tuple[tuple[int, ...], ...]
    inhibited: tuple[tuple[int, ...], ...] = ()

    @property
    def monosemantic(self) -> int:
        """How many neurons hold one feature.

        >>> Neurons(((1,), (1, 2), ())).monosemantic
        1
        """
        return sum(len(each) == 1 for each in self.held)

    @property
    def shared(self) -> int:
        """How many neurons hold several."""
        return sum(len(each) > 1 for each in self.held)

    @property
    def idle(self) -> int:
        """How many neurons hold none."""
        return sum(not each for each in self.held)

    @property
    def features(self) -> tuple[int, ...]:
        """The features that some neuron holds.

        >>> Neurons(((1,), (1, 2), ())).features
        (1, 2)
        """
        return tuple(sorted({feature for each in self.held for feature in each}))

    @property
    def is_asymmetric(self) -> bool:
        """Whether it has the motif of asymmetric superposition: three features in four neurons.

        All are held, and two of them by two neurons each, where the other two neurons inhibit them.

        >>> Neurons(((1, 2), (2, 3), (1, 2), (2, 3)), ((3,), (1,), (3,), (1,))).is_asymmetric
        True
        """
        if len(self.held) != 4 or self.features != (1, 2, 3):
            return False
        pairs = [
            feature
            for feature in self.features
            if len(own := self.of_feature(feature)) == 2
            and all(k in own or feature in each for k, each in enumerate(self.inhibited, start=1))
        ]
        return len(pairs) == 2

    def of_feature(self, feature: int) -> tuple[int, ...]:
        """The neurons, from 1, that hold a feature.

        >>> Neurons(((1,), (1, 2), ())).of_feature(1)
        (1, 2)
        """
        return tuple(k for k, each in enumerate(self.held, 1) if feature in each)


def brought(model: NetworkSpec, weights: Weights) -> Tensor:
    """What each neuron adds to a feature's own output where that is on alone, at 1: (…, n, m).

    c_ik = W_out,ik (act(W_in,ik) − act(0)), and where x may be −1, too, the larger of both. With
    ReLU it is the same if a neuron's weights in are multiplied, and those out divided, by a number
    above 0.

    >>> two = {"W_in": torch.tensor([[[1.0, -2.0]]]), "b": torch.zeros(1, 1)}
    >>> two["W_out"] = torch.tensor([[[1.0, 0.5]]])
    >>> brought(NetworkSpec.of(1, 2, "absolute", "1/2"), two).tolist()  # |x| = ReLU(x) + ReLU(−x)
    [[[1.0, 1.0]]]
    >>> brought(NetworkSpec.of(1, 2, sparsity="1/2", tied=False), two).tolist()
    [[[1.0, 0.0]]]
    """
    outward = weights.get("W_out", weights["W_in"])
    return torch.stack([outward * h for h in _alone(model, weights)]).amax(0)


def taken(model: NetworkSpec, weights: Weights) -> Tensor:
    """What each neuron takes from an output, at most, where one feature is on, at 1: (…, n, m).

    >>> turned = {"W_in": torch.tensor([[[1.0], [-2.0]]]), "b": torch.zeros(1, 2)}
    >>> taken(NetworkSpec.of(2, 1, sparsity="1/2"), turned).tolist()  # of feature 2 by feature 1
    [[[-0.0], [2.0]]]
    """
    outward = weights.get("W_out", weights["W_in"])
    h = torch.cat(_alone(model, weights), 1)
    ends = (h.amax(1, keepdim=True).clamp(min=0), h.amin(1, keepdim=True).clamp(max=0))
    return torch.stack([outward * end for end in ends]).amin(0).neg().clamp(min=0)


def neurons(model: NetworkSpec, weights: Weights) -> Neurons:
    """What the neurons of one network hold and inhibit, of weights (n, m) and (n,).

    >>> weights = {"W_in": torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.6]])}
    >>> weights["b"] = torch.zeros(3)
    >>> neurons(NetworkSpec.of(3, 2, sparsity="1/2"), weights)
    Neurons(held=((1, 3), (2, 3)), inhibited=((), ()))
    """
    own = {name: weight[None] for name, weight in weights.items()}
    held, inhibited = (_features(found(model, own)[0]) for found in (brought, taken))
    return Neurons(held, inhibited)


def _features(strengths: Tensor) -> tuple[tuple[int, ...], ...]:
    """For each neuron the features, from 1, at which the strengths (n, m) are enough."""
    rows = (strengths >= HELD).T.tolist()
    return tuple(tuple(i for i, on in enumerate(row, 1) if on) for row in rows)


def _alone(model: NetworkSpec, weights: Weights) -> list[Tensor]:
    """What a feature adds to h that is on alone, at 1 and, where it may be, at −1: (…, n, m) each.

    That is h less what the neurons have without an input, which is 0 for ReLU.
    """
    one = torch.eye(weights["W_in"].shape[-2], dtype=weights["W_in"].dtype)[None]
    signs, architecture = (1, -1) if model.task == "absolute" else (1,), TwoLayers(model)
    still = architecture.hidden(weights, 0 * one)
    return [(architecture.hidden(weights, sign * one) - still).transpose(1, 2) for sign in signs]
