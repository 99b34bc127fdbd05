"""Trained networks with neurons beside what is exact: a neuron for each feature, named networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import sympy

from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import Tabular
from handcalc.networks.gallery import networks
from handcalc.networks.network_loss import NetworkLoss, network_loss
from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.problem import Problem, variance
from handcalc.wording import counted
from torchsim.comparison.numbered import Numbered
from torchsim.networks.neurons import Neurons
from torchsim.networks.run import NetworkRun, TrainedNetwork
from torchsim.networks.specification import NetworkSpec
from torchsim.settings import EXACT_ACTIVATIONS


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NetworkCompared(Displayed):
    """The best restart of one configuration, beside networks whose losses are exact.

    ``restart`` counts from 0, features and neurons from 1. ``exact`` is the exact loss of the
    trained network in fractions, None where it is too much work; ``loss`` is that, or without it
    the mean on unseen inputs, with its ``standard_error``; ``sampled`` is that mean. ``own`` is
    the exact loss of neurons that have one feature each, the others guessed by their means, None
    where no such network does the task; ``named`` the same of each network with a name that has
    this task and size. ``neurons`` says what the trained ones hold, None where they are linear.
    """

    model: NetworkSpec
    restart: int
    loss: float
    standard_error: float | None
    sampled: float
    exact: NetworkLoss | None
    own: sympy.Expr | None
    named: tuple[tuple[str, NetworkLoss], ...]
    neurons: Neurons | None

    @property
    def gap_percent(self) -> float | None:
        """100·(loss − own)/own: below 0 where sharing neurons loses less; None beside nothing."""
        return None if not self.own else 100 * (self.loss / to_float(self.own) - 1)

    def __repr__(self) -> str:
        gap = self.gap_percent
        beside = "" if gap is None else f", {gap:+z.2f} % beside neurons of one feature each"
        return f"<NetworkCompared: {self.model.in_short}, loss {self.loss:.6g}{beside}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NetworkComparison(Numbered, Displayed, Tabular):
    """Every model of a run, in the order of its specification, but those that ``failed``."""

    models: tuple[NetworkCompared, ...]
    failed: Mapping[int, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        gaps = [each.gap_percent for each in self.models if each.gap_percent is not None]
        least = f", down to {min(gaps):+z.2f} % beside neurons of one feature each" if gaps else ""
        return f"<NetworkComparison: {counted(len(self.models), 'model')}{least}>"

    def columns(self) -> dict[str, Sequence[object]]:
        """A row for each model: its loss beside those that are exact, and its neurons."""
        models = self.models
        return {
            "model": self.numbers,
            "task": [each.model.task for each in models],
            "features": [each.model.features for each in models],
            "neurons": [each.model.neurons for each in models],
            "loss": [each.loss for each in models],
            "exact": [each.exact is not None for each in models],
            "own": [None if each.own is None else to_float(each.own) for each in models],
            "gap_percent": [each.gap_percent for each in models],
            "monosemantic": [each.neurons and each.neurons.monosemantic for each in models],
            "shared": [each.neurons and each.neurons.shared for each in models],
            "asymmetric": [each.neurons and each.neurons.is_asymmetric for each in models],
        }


def compare_networks(
    run: NetworkRun, on_progress: Callable[[int, int], None] | None = None
) -> NetworkComparison:
    """For each model of a run, of its restarts the best, all that ``NetworkCompared`` holds.

    ``on_progress`` hears how many of how many are done.

    >>> from torchsim.networks.specification import NetworkTraining
    >>> from torchsim.networks.training import train
    >>> model = NetworkSpec.of(2, 2, "absolute", "1/2", "1 1/10", steps=400, batch=256)
    >>> [found] = compare_networks(train(NetworkTraining((model,), restarts=6))).models
    >>> found.own, abs(found.gap_percent) < 10, found.neurons.held
    (1/96, True, ((1,), (1,)))
    """
    models = []
    for trained in run.trained:
        models.append(_compared(trained))
        if on_progress is not None:
            on_progress(len(models), len(run.trained))
    return NetworkComparison(tuple(models))


def _compared(trained: TrainedNetwork) -> NetworkCompared:
    """The best restart of one configuration."""
    best, exact = trained.best, trained.exact_loss
    sampled = float(trained.loss[best])
    return NetworkCompared(
        model=trained.model,
        restart=best,
        loss=sampled if exact is None else to_float(exact.value),
        standard_error=float(trained.standard_error[best]) if exact is None else None,
        sampled=sampled,
        exact=exact,
        own=own_neurons_loss(trained.model),
        named=tuple(named_losses(trained.model)),
        neurons=trained.neurons(),
    )


def own_neurons_loss(model: NetworkSpec) -> sympy.Expr | None:
    """Σ Iᵢ Var(yᵢ) of the features that are left once neurons have one feature each; exact.

    At "identity" a neuron does for a feature, at "absolute" it takes two, with a ReLU and W_out of
    their own: else None, as with activations other than ReLU and linear. Those that weigh the most
    are kept. What is left is guessed by its mean.

    >>> own_neurons_loss(NetworkSpec.of(3, 4, "absolute", "19/20"))  # 1/60 − 1/1600
    77/4800
    """
    if not {model.activation, model.output} <= set(EXACT_ACTIVATIONS):
        return None
    if model.task == "absolute" and (model.tied or model.activation == "linear"):
        return None
    places = model.neurons // (2 if model.task == "absolute" else 1)
    problem = Problem(model.features, 1, model.distribution, model.importance)
    weighed = [
        weight * variance(p)
        for weight, p in zip(model.importance, problem.probability, strict=True)
    ]
    left = sorted(weighed, key=to_float, reverse=True)[places:]
    return sympy.expand(sum(left, sympy.Integer(0)))


def named_losses(model: NetworkSpec) -> list[tuple[str, NetworkLoss]]:
    """The exact loss of each named network that has the task and size of a model with a ReLU.

    >>> named_losses(NetworkSpec.of(3, 4, "absolute", "19/20"))[0][0]
    'asymmetric'
    """
    if not model.activation == model.output == "relu":
        return []
    found = []
    for known in networks():
        size = known.network.n, known.network.m
        fits = not model.tied or known.network.W_in == known.network.W_out
        if known.task == model.task and size == (model.features, model.neurons) and fits:
            try:
                loss = network_loss(known.network, model.task, model.distribution, model.importance)
            except InputError:  # too_complicated, of a distribution
                continue
            found.append((known.name, loss))
    return found
