"""A network with a hidden ReLU, named or of one's own, worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import handcalc
from handcalc.cli.failures import of_input
from handcalc.cli.names import NETWORKS
from handcalc.cli.report import CommandError, Exit, Report, ReportedError, refuse
from handcalc.cli.typed_text import Given, reading
from handcalc.errors import InputError
from handcalc.networks.gallery import NamedNetwork
from handcalc.networks.relu_network import ReluNetwork, Task
from handcalc.numbers.exact import sign
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.circuits.blocks import Page, Said
from handcalc.views.json import networks as data
from handcalc.views.networks import pages

from .block_pages import PagePart, page_report
from .giving_away import ask_before_showing
from .model import LARGEST, distribution_of

_ABOUT_ONE = ("W_out", "b", "task", "x", "sparsity", "sets", "importance")
_MOST_NEURONS = 100
_EXAMPLE = 'handcalc network --W_in="1 -1" --W_out="1 1" --task=absolute'


def network(name: str | None, **asked: Any) -> Report:
    """The list, a named network, or one of one's own: an input and the loss."""
    given = [option for option in _ABOUT_ONE if asked[option] is not None]
    if name is None and asked["W_in"] is None:
        if given:
            refuse(f"--{given[0]} needs --W_in, or the name of a network.", _EXAMPLE)
        found = handcalc.networks()
        return page_report([PagePart(pages.listing(found), lambda: data.listing(found))])
    named = None if name is None else _named(name, asked)
    made = _own(asked) if named is None else _with_bias(named.network, asked["b"])
    task: Task = asked["task"] or (named.task if named else "identity")
    parts = [_head(made, named), *_of_input(made, task, named, asked)]
    return page_report([*parts, _loss(made, task, asked)])


def _named(name: str, asked: Mapping[str, Any]) -> NamedNetwork:
    for option in ("W_in", "W_out"):
        if asked[option] is not None:
            refuse(
                f"{name} has weights of its own: leave --{option} out.", f"handcalc network {name}"
            )
    try:
        return handcalc.network(name)
    except InputError as error:
        near = get_close_matches(name.lower(), NETWORKS, n=1)
        again = f"handcalc network {near[0]}" if near else "handcalc network"
        raise CommandError(replace(of_input(error), suggestion=again)) from error


def _own(asked: Mapping[str, Any]) -> ReluNetwork:
    """The network that the options name; a refusal names the one at fault."""
    with reading(asked["W_in"]):
        inward = handcalc.parse_matrix(asked["W_in"].text)
        if len(inward) > LARGEST or len(inward[0]) > _MOST_NEURONS:
            message = (
                f"{asked['W_in'].where}: networks are worked out for at most {LARGEST} features "
                f"and {_MOST_NEURONS} neurons, not {len(inward)} and {len(inward[0])}."
            )
            raise CommandError(ReportedError("too_many_features", message), Exit.USAGE)
        made = ReluNetwork(inward)
    if asked["W_out"] is not None:
        with reading(asked["W_out"]):
            made = ReluNetwork(inward, handcalc.parse_matrix(asked["W_out"].text))
    return _with_bias(made, asked["b"])


def _with_bias(made: ReluNetwork, b: Given | None) -> ReluNetwork:
    if b is None:
        return made
    with reading(b):
        return ReluNetwork(made.W_in, made.W_out, handcalc.parse_vector(b.text, made.n))


def _head(made: ReluNetwork, named: NamedNetwork | None) -> PagePart:
    if named is None:
        return PagePart(pages.network(made), lambda: data.network(made))
    if made != named.network:
        return PagePart(
            pages.changed_head(named, made), lambda: {"name": named.name, **data.network(made)}
        )
    return PagePart(pages.head(named), lambda: {**data.head(named), **data.network(made)})


def _of_input(
    made: ReluNetwork, task: Task, named: NamedNetwork | None, asked: Mapping[str, Any]
) -> list[PagePart]:
    """The input that is asked about; the example of a network that is worked as it is named."""
    if asked["x"] is not None:
        with reading(asked["x"]):
            values = handcalc.parse_vector(asked["x"].text, made.n)
            shown = handcalc.network_pass(made, task, values)
        said: Page = []
    elif named is not None and (made, task) == (named.network, named.task):
        shown, said = named.worked, [Said.plainly(named.seen)]
    else:
        return []
    twin = toy_model_of(made, task)
    if twin is not None:
        ask_before_showing(passes=(handcalc.forward(twin, shown.x),))
    return [
        PagePart([*pages.network_pass(shown), *said], lambda: {"pass": data.network_pass(shown)})
    ]


def _loss(made: ReluNetwork, task: Task, asked: Mapping[str, Any]) -> PagePart:
    """The expected loss; beside an input, that it is not worked out where it is not."""
    kinds = {name: asked[name] for name in ("distribution", "sparsity", "sets")}
    distribution, importance = distribution_of(made.n, **kinds), asked["importance"]
    try:
        with reading(importance):
            weights = importance.text if importance else None
            shown = handcalc.network_loss(made, task, distribution, weights)
    except CommandError as refusal:
        if refusal.problem.code != "too_complicated":
            raise
        if asked["x"] is None:
            problem = replace(refusal.problem, suggestion="--distribution=one-active", where=None)
            raise CommandError(problem) from refusal
        said = refusal.problem.message
        return PagePart([pages.refused(said)], lambda: {"loss": None, "not_worked_out": said})
    twin = toy_model_of(made, task)
    if twin is not None:
        ask_before_showing(losses=(handcalc.expected_loss(twin, distribution, weights),))
    return PagePart(pages.loss_alone(shown), lambda: data.loss(shown))


def toy_model_of(made: ReluNetwork, task: Task) -> ToyModel | None:
    """The toy model that the network is, where no neuron is ever cut off: exercises ask of it."""
    if task != "identity" or made.W_in != made.W_out:
        return None
    if any(sign(cell) < 0 for row in made.W_in for cell in row):
        return None
    return ToyModel.exactly(made.W_in, made.b)
