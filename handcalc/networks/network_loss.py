"""What a network with a hidden ReLU loses, exactly: E[(y − ŷ)²] of piecewise linear outputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import sympy

from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.export import Exported, Tabular
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.networks.relu_network import NetworkWeights, ReluNetwork, Task, read_task, relu
from handcalc.networks.simplices import Corner, Simplex, cut_by_all, unit_cube
from handcalc.numbers.exact import elements, listed_text, to_text
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import dot
from handcalc.superposition.loss.distribution import Distribution, distribution_of
from handcalc.superposition.loss.expected_loss import importances
from handcalc.superposition.loss.moments import SupportWeights

_MOST_ACTIVE = 4  # 2⁴·4! simplices, before any is cut
_MOST_NEURONS = {3: 32, 4: 8}  # each cuts them further: with so many it takes half a minute


@dataclass(frozen=True, slots=True, repr=False)
class NetworkLoss(Displayed, Tabular, Exported):
    """L = Σᵢ Iᵢ E[(yᵢ − ŷᵢ)²] of a network at a task, a number or a polynomial in S.

    ``per_feature`` sums to ``value``. Where one S serves all, ``by_active`` holds the L_k of value
    = Σ (1 − S)^k S^(B−k) L_k, k the number of blocks on; else None.
    """

    network: ReluNetwork
    task: Task
    distribution: Distribution
    importance: Vector
    value: sympy.Expr
    per_feature: Vector
    by_active: Vector | None

    def __repr__(self) -> str:
        each = listed_text(self.per_feature)
        return abridged(f"NetworkLoss(value={to_text(self.value)}, per_feature={each})")

    def arrays(self) -> dict[str, Matrix | Vector | sympy.Expr]:
        """The loss, and that of each feature, exact."""
        return {"value": self.value, "per_feature": self.per_feature}

    def columns(self) -> dict[str, Sequence[object]]:
        """A row a feature."""
        features = range(1, self.network.n + 1)
        return {"feature": features, "importance": self.importance, "loss": self.per_feature}


def network_loss(
    network: ReluNetwork,
    task: Task,
    distribution: Distribution | object = None,
    importance: object = None,
) -> NetworkLoss:
    """L = Σᵢ Iᵢ E[(yᵢ − ŷᵢ)²], exactly.

    An active feature is uniform on [0, 1], and y = x, at the task "identity"; uniform on [−1, 1],
    and y = |x|, at "absolute". For each set of active features the cube of their values is cut into
    simplices on which all neurons and the output are linear.

    Args:
        network: The network.
        task: "identity" or "absolute".
        distribution: As for ``expected_loss``; None leaves S a symbol.
        importance: Iᵢ ≥ 0, one for all or one each; None is 1.

    Returns:
        The loss, that of each feature and, where one S serves all, that by how many are on.

    Raises:
        InputError: ``task``, ``wrong_shape``, ``importance``; ``too_complicated`` where more than 4
            features can be active together, or 4 with more than 8 neurons, or 3 with more than 32.

    Source: the models, Elhage et al. 2022, "Superposition in a Privileged Basis" and "Computation
    in Superposition"; the exact loss is derived here.

    Examples:
        >>> network_loss(ReluNetwork("1 -1", "1 1"), "absolute").value  # |x| = ReLU(x) + ReLU(−x)
        0
        >>> network_loss(ReluNetwork("1; -1"), "identity").by_active  # one neuron, the second dead
        (0, 1/3, 1/2)
    """
    task, distribution = read_task(task), distribution_of(distribution)
    given, blocks = importances(importance, network.n), distribution.blocks(network.n)
    numbers = {block.sparsity for block in blocks if block.sparsity is not None}
    numbers |= {q for block in blocks for _, q in block.supports}
    field, found = elements(*network.numbers(), *given, *sorted(numbers, key=str))
    weights = NetworkWeights.of(network, found)
    draws = SupportWeights.of(field, blocks)
    patterns = draws.patterns()
    _refuse_many(max(map(len, patterns)), network.m)
    one = field.rational(1)
    losses = [[one * 0] * draws.length for _ in range(network.n)]
    for active, chances in patterns.items():
        errors = squared_errors(weights, task, active, one)
        for i, error in enumerate(errors):
            losses[i] = [sum_ + error * w for sum_, w in zip(losses[i], chances, strict=True)]
    first = len(network.numbers())
    weights_of = zip(found[first : first + network.n], losses, strict=True)
    weighed = [[weight * loss for loss in each] for weight, each in weights_of]
    total = [sum(each[1:], each[0]) for each in zip(*weighed, strict=True)]
    shared = blocks[0].sparsity if draws.shared else None
    s = None if shared is None else field.from_sympy(shared)
    return NetworkLoss(
        network=network,
        task=task,
        distribution=distribution,
        importance=given,
        value=draws.value(total, s),
        per_feature=tuple(draws.value(each, s) for each in weighed),
        by_active=tuple(c.to_sympy() for c in total) if draws.shared else None,
    )


def _refuse_many(active: int, m: int) -> None:
    if active > _MOST_ACTIVE:
        raise InputError(
            "too_complicated",
            f"Up to {_MOST_ACTIVE} features that are active together are worked exactly, and here "
            f"it can be {active}. Take fewer features, or sample.",
        )
    most = _MOST_NEURONS.get(active, m)
    if m > most:
        raise InputError(
            "too_complicated",
            f"With {active} features active together up to {most} neurons are worked exactly, and "
            f"here are {m}. Take fewer neurons or features, or sample.",
        )


def squared_errors(
    weights: NetworkWeights, task: Task, active: Sequence[int], one: Element
) -> list[Element]:
    """E[(yᵢ − ŷᵢ)²] of each output, where some features (from 0) are active and no others.

    >>> from handcalc.numbers.exact import elements
    >>> field, numbers = elements(*ReluNetwork("1; -1").numbers())
    >>> weights = NetworkWeights.of(ReluNetwork("1; -1"), numbers)
    >>> squared_errors(weights, "identity", (0,), field.rational(1))
    [Element(0), Element(0)]
    """
    totals = [one * 0] * len(weights.b)
    signs = (1, -1) if task == "absolute" else (1,)
    for turned in product(signs, repeat=len(active)):
        pieces = _linear_pieces(weights, active, turned, one)
        for i in range(len(totals)):
            target = active.index(i) if i in active else None
            for piece in pieces:
                totals[i] = totals[i] + _squared_error(weights, piece, len(active), i, target)
    return [total / len(signs) ** len(active) for total in totals]


def _linear_pieces(
    weights: NetworkWeights, active: Sequence[int], signs: Sequence[int], one: Element
) -> list[Simplex]:
    """The cube of |x| in pieces on which h is linear: with |x| of the active features, then h."""
    m, d = len(weights.W_in[0]), len(active)

    def with_neurons(corner: Corner) -> Corner:
        if not active:
            return tuple([one * 0] * m)
        x = [value * sign for value, sign in zip(corner, signs, strict=True)]
        columns = ([weights.W_in[j][k] for j in active] for k in range(m))
        return (*corner, *(dot(column, x) for column in columns))

    def passed(corner: Corner) -> Corner:
        return (*corner[:d], *map(relu, corner[d:]))

    pieces = [piece.mapped(with_neurons) for piece in unit_cube(d, one)]
    return [piece.mapped(passed) for piece in cut_by_all(pieces, range(d, d + m))]


def _squared_error(
    weights: NetworkWeights, piece: Simplex, d: int, i: int, target: int | None
) -> Element:
    """What output i, with its ``target`` among the active features, adds on a piece."""

    def before(corner: Corner) -> Corner:
        y = corner[0] * 0 if target is None else corner[target]
        return y, weights.before(i, corner[d:])

    def error(corner: Corner) -> Corner:
        return (corner[0] - relu(corner[1]),)

    added: Iterator[Element] = (
        part.mapped(error).mean_square(0) * part.part for part in piece.mapped(before).cut(1)
    )
    return sum(added, piece.part * 0)
