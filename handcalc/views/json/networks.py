"""Networks with a hidden ReLU as plain data for JSON."""

from __future__ import annotations

from handcalc.inputs.arguments import Matrix, Vector
from handcalc.networks.gallery import NamedNetwork
from handcalc.networks.network_loss import NetworkLoss
from handcalc.networks.network_pass import NetworkPass
from handcalc.networks.relu_network import ReluNetwork
from handcalc.numbers.exact import to_text
from handcalc.superposition.loss.polynomial import polynomial_text
from handcalc.views.json import Data, nearest


def network(shown: ReluNetwork) -> Data:
    """The weights."""
    return {"W_in": _matrix(shown.W_in), "W_out": _matrix(shown.W_out), "b": _vector(shown.b)}


def network_pass(shown: NetworkPass) -> Data:
    """One input: u and h, z and the output, what is asked for, and what is unusual about it."""
    names = ("x", "u", "h", "z", "output", "target", "difference")
    found: Data = {name: _vector(getattr(shown, name)) for name in names}
    return {**found, "notes": list(shown.derivation.notes)}


def loss(shown: NetworkLoss) -> Data:
    """The loss, a number or in S; of each feature; and by how many are on, where that is known.

    >>> from handcalc.networks.network_loss import network_loss
    >>> found = loss(network_loss(ReluNetwork("1; -1"), "identity"))
    >>> found["loss"], found["by_active"], found["value"]
    ('-(1 - S)*(S - 3)/6', ['0', '1/3', '1/2'], None)
    """
    symbolic = bool(shown.value.free_symbols)
    found: Data = {
        "task": shown.task,
        "distribution": shown.distribution.sentence(),
        "importance": _vector(shown.importance),
        "loss": polynomial_text(shown.value),
        "value": None if symbolic else nearest(shown.value),
        "per_feature": [polynomial_text(value) for value in shown.per_feature],
        "by_active": None if shown.by_active is None else _vector(shown.by_active),
    }
    return {**found, "polynomial": found["loss"]} if symbolic else found


def head(shown: NamedNetwork) -> Data:
    """What a named network is."""
    return {
        "name": shown.name,
        "title": shown.title,
        "story": shown.story,
        "seen": shown.seen,
        "source": shown.source,
    }


def listing(found: tuple[NamedNetwork, ...]) -> Data:
    """All that has a name."""
    return {
        "networks": [
            {
                "name": each.name,
                "title": each.title,
                "task": each.task,
                "features": each.network.n,
                "neurons": each.network.m,
            }
            for each in found
        ]
    }


def _vector(values: Vector) -> list[str]:
    return [to_text(value) for value in values]


def _matrix(rows: Matrix) -> list[list[str]]:
    return [_vector(row) for row in rows]
