"""The pages on networks with a hidden ReLU: weights, one input, the loss, those with names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sympy

from handcalc.networks.gallery import NamedNetwork
from handcalc.networks.network_loss import NetworkLoss
from handcalc.networks.network_loss_steps import can_be_told, network_loss_steps
from handcalc.networks.network_pass import NetworkPass
from handcalc.networks.relu_network import ReluNetwork, Task
from handcalc.superposition.loss.polynomial import polynomial_text
from handcalc.views.circuits.blocks import (
    Block,
    Cell,
    Named,
    Page,
    Said,
    Steps,
    Tabulated,
    Title,
    ToType,
    escaped,
)
from handcalc.views.directions.autoencoders import value_sentence
from handcalc.wording import counted

_TASKS: dict[Task, str] = {
    "identity": "Task: give x back, y = x. An active feature is uniform on [0, 1].",
    "absolute": "Task: give absolute values, y = |x|. An active feature is uniform on [−1, 1].",
}


def network(shown: ReluNetwork) -> Page:
    """The weights."""
    size = f"{counted(shown.n, 'feature')}, {counted(shown.m, 'neuron')}"
    return [
        Title(f"A network with a hidden ReLU: {size}"),
        Said.plainly("ŷ = ReLU(W_out h + b), with h = ReLU(W_inᵀx)."),
        *weights(shown),
    ]


def weights(shown: ReluNetwork) -> Iterator[Block]:
    """W_in, W_out and b, a row for each feature."""
    labels = tuple(f"feature {i}" for i in range(1, shown.n + 1))
    yield Named("W_in", shown.W_in, labels)
    if shown.W_out == shown.W_in:
        yield Said.plainly("W_out is the same.")
    else:
        yield Named("W_out", shown.W_out, labels)
    if any(shown.b):
        yield Named("b", (shown.b,))


def network_pass(shown: NetworkPass) -> Page:
    """One input, in five steps."""
    return [Title("One input"), Named("x", (shown.x,)), Steps(shown.derivation)]


def loss(shown: NetworkLoss) -> Page:
    """What the network loses, with its weights."""
    return [*network(shown.network), *loss_alone(shown)]


def loss_alone(shown: NetworkLoss) -> Page:
    """The task and the inputs, the loss, each feature, and the steps."""
    inputs = Said.plainly(f"{_TASKS[shown.task]} {escaped(shown.distribution.sentence())}")
    text, values = value_sentence("Loss L", shown.value)
    page: Page = [Title("The expected loss"), inputs, Said.plainly(text, *values)]
    if shown.network.n > 1:
        page.append(_features(shown))
    if can_be_told(shown):
        page += [Title("Worked out"), Steps(network_loss_steps(shown))]
    return page


def _features(shown: NetworkLoss) -> Block:
    symbolic = any(value.free_symbols for value in shown.per_feature)
    weighed = set(shown.importance) != {sympy.Integer(1)}
    rows: list[tuple[Cell, ...]] = [
        (
            str(i),
            *((weight,) if weighed else ()),
            polynomial_text(value) if symbolic else value,
        )
        for i, (weight, value) in enumerate(
            zip(shown.importance, shown.per_feature, strict=True), 1
        )
    ]
    heads = ("feature", *(("importance",) if weighed else ()), "loses")
    return Tabulated(heads, tuple(rows))


def head(shown: NamedNetwork) -> Page:
    """The story and the weights."""
    return [
        Title(f"{shown.name}: {shown.title}", is_page=True),
        Said.plainly(shown.story),
        *weights(shown.network),
        Said.plainly(f"Source: {shown.source}."),
    ]


def changed_head(shown: NamedNetwork, made: ReluNetwork) -> Page:
    """In place of the story, which is about the network's own bias."""
    return [Title(f"{shown.name}, with another bias", is_page=True), *weights(made)]


def seen(shown: NamedNetwork) -> Page:
    """The example, and what is to be seen there."""
    return [*network_pass(shown.worked), Said.plainly(shown.seen)]


def named(shown: NamedNetwork) -> Page:
    """All of a named network."""
    return [*head(shown), *seen(shown), *loss_alone(shown.loss)]


def listing(found: Sequence[NamedNetwork]) -> Page:
    """All that has a name."""
    rows = tuple(
        (each.name, sympy.Integer(each.network.n), sympy.Integer(each.network.m), each.title)
        for each in found
    )
    own = 'handcalc network --W_in="1 -1" --W_out="1 1" --task=absolute'
    return [
        Title("Named networks"),
        Tabulated(("name", "features", "neurons", "what it is"), rows),
        ToType("One of them: ", "handcalc network asymmetric"),
        ToType("Your own:    ", own),
    ]


def refused(message: str) -> Said:
    """In place of a loss that is not worked out."""
    return Said.plainly(escaped(f"The loss is not worked out. {message}"))
