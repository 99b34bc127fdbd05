"""Networks with names: neurons of their own, shared ones, and absolute values in superposition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import NamedTuple

from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import Exported
from handcalc.inputs.arguments import Matrix, Vector, read_vector
from handcalc.networks.network_loss import NetworkLoss, network_loss
from handcalc.networks.network_pass import NetworkPass, network_pass
from handcalc.networks.relu_network import ReluNetwork, Task
from handcalc.wording import brief


@dataclass(frozen=True, slots=True, repr=False)
class NamedNetwork(Displayed, Exported):
    """A named network: its story, its task, an example input, and what is to be seen there."""

    name: str
    title: str
    story: str
    task: Task
    network: ReluNetwork
    example: Vector
    seen: str
    source: str

    def __repr__(self) -> str:
        return f"<NamedNetwork {self.name}: {self.title}>"

    @property
    def worked(self) -> NetworkPass:
        """The example, worked through."""
        return network_pass(self.network, self.task, self.example)

    @property
    def loss(self) -> NetworkLoss:
        """What it loses, with S a symbol."""
        return network_loss(self.network, self.task)

    def arrays(self) -> dict[str, Matrix | Vector]:
        """The weights and the example input, exact."""
        return {**self.network.arrays(), "example": self.example}


def network(name: str) -> NamedNetwork:
    """The named network, such as "asymmetric".

    Args:
        name: One of the names that ``networks`` lists.

    Returns:
        The network with its task, its story, an example and the loss.

    Raises:
        InputError: ``unknown_network``, with the nearest name.

    Examples:
        >>> network("asymmetric").loss.by_active
        (0, 1/96, 489/512, 2143/3840)
    """
    if name not in _NETWORKS:
        close = get_close_matches(brief(name).strip("'").lower(), _NETWORKS, 1)
        raise InputError(
            "unknown_network",
            f"There is no network named {brief(name)}; the names are {', '.join(_NETWORKS)}.",
            suggestion=close[0] if close else None,
        )
    found = _NETWORKS[name]
    return NamedNetwork(
        name=name,
        title=found.title,
        story=found.story,
        task=found.task,
        network=ReluNetwork(found.W_in, found.W_out, found.b),
        example=read_vector(found.example, "x"),
        seen=found.seen,
        source=found.source,
    )


def networks() -> tuple[NamedNetwork, ...]:
    """All named networks: those that give x back, then those for absolute values.

    Returns:
        Five networks.

    Examples:
        >>> [found.name for found in networks()][:2]
        ['one-neuron-each', 'turned']
    """
    return tuple(network(name) for name in _NETWORKS)


class _Network(NamedTuple):
    """A network as it is written down."""

    title: str
    story: str
    task: Task
    example: str
    seen: str
    source: str
    W_in: str
    W_out: str | None = None
    b: str | None = None


_BASIS = "Elhage et al. 2022, Superposition in a Privileged Basis; weights and losses derived here"
_ABSOLUTE = "Elhage et al. 2022, Computation in Superposition; weights and losses derived here"

_NETWORKS: Mapping[str, _Network] = MappingProxyType(
    {
        "one-neuron-each": _Network(
            "Two features, each with a neuron of its own",
            "ReLU bends along the axes of the hidden layer, so that they are a privileged basis: "
            "features do best along an axis each, on a neuron. Each neuron here is about one "
            "feature, and nothing is lost at any S.",
            "identity",
            "1/2 1",
            "Each neuron holds its feature as it is.",
            _BASIS,
            "1 0; 0 1",
        ),
        "turned": _Network(
            "The same two features, turned off the axes",
            "The same rows turned by 45°. Without a ReLU on the hidden layer nothing would be "
            "lost: a toy model is the same however h is turned. Here feature 2 goes into neuron 2 "
            "with a minus sign, and ReLU cuts it off: alone it comes back by half, and the other "
            "half comes out as feature 1.",
            "identity",
            "0 1",
            "The pair of neurons cannot tell feature 2 from half of each.",
            _BASIS,
            "sqrt(2)/2 sqrt(2)/2; sqrt(2)/2 -sqrt(2)/2",
        ),
        "shared-neuron": _Network(
            "Three features share two neurons",
            "Features 1 and 2 have a neuron each, and each inhibits that of the other. Feature 3 "
            "is on both, and its bias, −3/4, keeps most of the others out of its output. With b₃ "
            "of 0, −1/4, … −5/4 the least loss at S = 9/10 is at −3/4. Two neurons for "
            "features 1 and 2, and feature 3 guessed by its mean, would lose 37/1200 there, some "
            "three times as much; at S = 1/2 they would lose less.",
            "identity",
            "1 1/2 0",
            "Alone, features 1 and 2 come out of their outputs exactly; together, only their "
            "difference does.",
            _BASIS,
            "1 -1; -1 1; 1 1",
            b="0 0 -3/4",
        ),
        "absolute-value": _Network(
            "Two neurons for each absolute value",
            "|x| = ReLU(x) + ReLU(−x): one neuron for x above 0, one for x below. Each is about "
            "one feature, and nothing is lost at any S.",
            "absolute",
            "-1/2 1",
            "Of a feature's two neurons one at most is on.",
            _ABSOLUTE,
            "1 -1 0 0; 0 0 1 -1",
            "1 1 0 0; 0 0 1 1",
        ),
        "asymmetric": _Network(
            "Three absolute values in four neurons",
            "Neurons 1 and 3 together hold |x₂ + x₁/4|, neurons 2 and 4 hold |x₂ + x₃/4|. Feature "
            "2 goes in at 1 and comes out at 1/2; features 1 and 3 go in at 1/4 and come out at 4. "
            "What goes in weakly does little to output 2: |x₁|/8. What goes in strongly would do "
            "much to outputs 1 and 3, 4|x₂|, but the other two neurons inhibit it: they take as "
            "much away. By itself each feature comes back exactly. With four neurons for two "
            "features, and the third guessed by its mean, the loss is 77/4800 at S = 19/20; here "
            "it is less than a fifth of that, and less from S = 7/10 on. Training at S = 19/20 "
            "comes to weights like these in some of its restarts.",
            "absolute",
            "1/2 -1 0",
            "Features 1 and 2 have different signs here, and |x₁| comes out as feature 3. With the "
            "same sign it would come back.",
            _ABSOLUTE,
            "-1/4 0 1/4 0; -1 1 1 -1; 0 1/4 0 -1/4",
            "4 -4 4 -4; 1/2 1/2 1/2 1/2; -4 4 -4 4",
        ),
    }
)
