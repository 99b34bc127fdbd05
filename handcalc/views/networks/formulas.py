"""Networks with a hidden ReLU as formulas for a paper: no dollar signs, no prose."""

from __future__ import annotations

from handcalc.inputs.arguments import Vector
from handcalc.networks.gallery import NamedNetwork
from handcalc.networks.network_loss import NetworkLoss
from handcalc.networks.network_pass import NetworkPass
from handcalc.networks.relu_network import ReluNetwork
from handcalc.views import latex

_SPACE = r", \quad "


def network(shown: ReluNetwork) -> str:
    r"""The weights; b where it is not 0.

    >>> network(ReluNetwork("1 -1", "1 1")).partition(r", \quad")[0]
    'W_{in} = \\begin{bmatrix} 1 & -1 \\end{bmatrix}'
    """
    parts = [
        latex.matrix(shown.W_in, name="W_{in}"),
        latex.matrix(shown.W_out, name="W_{out}"),
    ]
    if any(shown.b):
        parts.append(_column("b", shown.b))
    return _SPACE.join(parts)


def network_pass(shown: NetworkPass) -> str:
    """x, h, what comes out and what is asked for."""
    named = (("x", shown.x), ("h", shown.h), (r"\hat{y}", shown.output), ("y", shown.target))
    return _SPACE.join(_column(name, values) for name, values in named)


def loss(shown: NetworkLoss) -> str:
    """L = E Σ Iᵢ(yᵢ − ŷᵢ)²."""
    weight = "" if set(shown.importance) == {1} else "I_i "
    mean = r"\mathbb{E}\left[(y_i - \hat{y}_i)^2\right]"
    return rf"L = \sum_i {weight}{mean} {latex.valued(shown.value)}"


def named(shown: NamedNetwork) -> str:
    """The weights."""
    return network(shown.network)


def _column(name: str, values: Vector) -> str:
    return latex.matrix(tuple((value,) for value in values), name=name)
