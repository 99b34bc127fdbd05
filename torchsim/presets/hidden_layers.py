"""Networks with a hidden layer of neurons: privileged bases, computation, decoders of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handcalc.numbers.exact import to_float
from torchsim.networks.specification import NetworkSpec
from torchsim.presets.experiment import PresetClaim, density
from torchsim.presets.networks import NetworkExtent, NetworkPreset

if TYPE_CHECKING:
    from torchsim.networks.neurons import Neurons
    from torchsim.networks.run import NetworkRun, TrainedNetwork


def _powers(n: int, top: int, below: int) -> list[str]:
    """(top/below)ⁱ for i from 0."""
    return [f"{top**i}/{below**i}" for i in range(n)]


def _density(model: NetworkSpec) -> float:
    """1 − S, rounded once: 1/20 is 0.05 itself."""
    return to_float(density(model.inputs))


def _neurons(trained: TrainedNetwork) -> Neurons:
    """What the neurons of the best start hold."""
    from torchsim.networks.neurons import neurons

    return neurons(trained.model, trained.weights())


# -- a privileged basis ----------------------------------------------------------------------------


def _tied(sparsities: tuple[str, ...], steps: int, seed: int) -> tuple[NetworkSpec, ...]:
    importance = _powers(10, 3, 4)
    return tuple(
        NetworkSpec.of(10, 5, "identity", S, importance, steps=steps, seed=seed) for S in sparsities
    )


def _privileged_holds(run: NetworkRun) -> bool:
    for trained in run.trained:
        found = _neurons(trained)
        if _density(trained.model) >= 0.5 and not _one_each(found):
            return False
        if _density(trained.model) <= 0.05 and found.shared < 4:
            return False
    return True


def _one_each(found: Neurons) -> bool:
    """Whether every neuron holds one feature, and no two the same."""
    return found.monosemantic == len(found.features) == len(found.held)


PRIVILEGED = NetworkPreset(
    name="privileged-basis",
    title="A ReLU on the hidden layer makes its axes special",
    story=(
        "Ten features, five neurons, W_out = W_in. In a toy model h has no special directions; a "
        "ReLU on h bends along the axes, and makes them special. Where features are dense the five "
        "most important have a neuron each. Where they are rare neurons are shared by several."
    ),
    source="Elhage et al. 2022, Superposition in a Privileged Basis",
    claim=PresetClaim(
        "Of the best start, at S = 1/2 each neuron holds one feature, and no two the same; from "
        "S = 19/20 on at least four of the five hold several.",
        _privileged_holds,
    ),
    full=NetworkExtent(
        lambda seed: _tied(("1/2", "3/4", "9/10", "19/20", "99/100"), 1500, seed), 8
    ),
    small=NetworkExtent(lambda seed: _tied(("1/2", "19/20"), 600, seed), 4),
)


# -- computing in superposition --------------------------------------------------------------------


def _absolute(sizes: tuple[tuple[int, str], ...], steps: int, seed: int) -> tuple[NetworkSpec, ...]:
    """Three features in so many neurons, at an S each."""
    return tuple(NetworkSpec.of(3, m, "absolute", S, steps=steps, seed=seed) for m, S in sizes)


def _computation_holds(run: NetworkRun) -> bool:
    return all(map(_computes, run.trained))


def _computes(trained: TrainedNetwork) -> bool:
    """Two neurons of a feature's own where there are enough or inputs dense; else the motif."""
    found = _neurons(trained)
    if trained.model.neurons >= 6 or _density(trained.model) >= 0.5:
        own = [found.of_feature(feature) for feature in found.features]
        return found.monosemantic == len(found.held) and all(len(pair) == 2 for pair in own)
    from torchsim.comparison.networks import own_neurons_loss

    own_loss = own_neurons_loss(trained.model)
    exact = trained.exact_loss
    if own_loss is None or exact is None:
        return False
    return found.is_asymmetric and to_float(exact.value) < to_float(own_loss) / 4


COMPUTATION = NetworkPreset(
    name="computation",
    title="Absolute values in superposition: three in four neurons",
    story=(
        "To give |x| takes two neurons, one for x above 0 and one for x below. Three features and "
        "six neurons: a pair each. With four neurons and dense features two have a pair and the "
        "third is guessed. Where features are rare four neurons do all three: one feature goes in "
        "strongly and comes out weakly, the others go in weakly and come out strongly, and the "
        "neurons of one inhibit the other."
    ),
    source="Elhage et al. 2022, Computation in Superposition; the exact losses are derived here",
    claim=PresetClaim(
        "Of the best start, with six neurons, or at S = 1/2 with four, each neuron holds one "
        "feature, two a feature. With four at S = 19/20 all three features are held, two of them "
        "by two neurons while the other two inhibit them, and the exact loss is less than a "
        "quarter of that of two pairs.",
        _computation_holds,
    ),
    full=NetworkExtent(
        lambda seed: _absolute(((6, "1/2"), (4, "0"), (4, "1/2"), (4, "19/20")), 1500, seed),
        12,
    ),
    small=NetworkExtent(
        lambda seed: _absolute(((6, "1/2"), (4, "1/2"), (4, "19/20")), 800, seed), 12
    ),
    seed=3,
)


def _hundred(sparsities: tuple[str, ...], steps: int, seed: int) -> tuple[NetworkSpec, ...]:
    importance = _powers(100, 4, 5)
    return tuple(
        NetworkSpec.of(100, 40, "absolute", S, importance, steps=steps, batch=512, seed=seed)
        for S in sparsities
    )


def _hundred_holds(run: NetworkRun) -> bool:
    for trained in run.trained:
        found, pairs = _neurons(trained), trained.model.neurons // 2
        if _density(trained.model) == 1 and (found.shared or len(found.features) > pairs):
            return False
        if _density(trained.model) <= 0.1 and (found.shared < 5 or len(found.features) <= pairs):
            return False
    return True


COMPUTATION_LARGE = NetworkPreset(
    name="computation-large",
    title="A hundred absolute values and forty neurons",
    story=(
        "Each feature is 0.8 times as important as the one before. Where they are dense every "
        "neuron is about one feature. Where they are rare some are about several, and more "
        "features are held than forty neurons have room for by twos."
    ),
    source="Elhage et al. 2022, Computation in Superposition",
    claim=PresetClaim(
        "Of the best start, at S = 0 no neuron holds several features, and at most 20 are held; "
        "at S = 9/10 at least five neurons do, and more than 20 are held.",
        _hundred_holds,
    ),
    full=NetworkExtent(lambda seed: _hundred(("0", "9/10"), 4000, seed), 2),
    small=NetworkExtent(lambda seed: _hundred(("0", "9/10"), 800, seed), 1),
)


# -- a decoder of its own --------------------------------------------------------------------------


def _both(sizes: tuple[tuple[int, str], ...], steps: int, seed: int) -> tuple[NetworkSpec, ...]:
    """So many features in two dimensions, at an S each, tied and untied."""
    return tuple(
        NetworkSpec.of(
            n, 2, "identity", S, 1 if n == 3 else _powers(n, 9, 10),
            activation="linear", tied=tied, steps=steps, seed=seed,
        )
        for n, S in sizes
        for tied in (True, False)
    )  # fmt: skip


def _untied_holds(run: NetworkRun) -> bool:
    """Pairs of models stand side by side: tied, then untied."""
    for tied, untied in zip(run.trained[::2], run.trained[1::2], strict=True):
        ratio = untied.best_loss / tied.best_loss
        if ratio > (1.01 if _density(tied.model) == 1 else 0.995):
            return False
    return True


UNTIED = NetworkPreset(
    name="untied",
    title="Toy models whose decoder is their own",
    story=(
        "A toy model reads with the directions that it writes with. Here each is trained again "
        "with a W_out of its own; h stays linear. What a tied model can do an untied one can, so "
        "the best is never worse. Where a feature always has to be dropped, nothing is gained. In "
        "superposition it pays: what an output reads need not be the direction that interferes "
        "least with all others."
    ),
    source="the models are those of Elhage et al. 2022 and of the worked example; derived here",
    claim=PresetClaim(
        "At S = 0 the best untied start is within 1 % of the tied one; from S = 1/2 on it loses at "
        "least 0.5 % less.",
        _untied_holds,
    ),
    full=NetworkExtent(
        lambda seed: _both(((3, "0"), (3, "1/2"), (3, "3/4"), (5, "9/10")), 1500, seed), 12
    ),
    small=NetworkExtent(lambda seed: _both(((3, "1/2"), (5, "9/10")), 800, seed), 8),
)
