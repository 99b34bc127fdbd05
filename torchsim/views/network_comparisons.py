"""A comparison of networks with neurons for people and for programs: a table, and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from handcalc.numbers.exact import to_float, to_text
from handcalc.views.json import finite
from handcalc.wording import listed
from torchsim.comparison.networks import NetworkCompared, NetworkComparison
from torchsim.storage.network_specifications import network_model_keys
from torchsim.views.comparison_views import NO_CHANGE, ComparisonView, loss_said, signed
from torchsim.views.network_runs import neurons_data, neurons_sentence
from torchsim.views.network_specifications import (
    network_in_common,
    network_labels,
    network_names,
)
from torchsim.views.runs import number

_LONG = 40  # characters of an exact number that is written out
_LEGEND = (
    "alone: what neurons lose that have one feature each, the other features guessed by their "
    "means, exactly. gap: how far the trained one is above that, and below 0 where sharing loses "
    "less. own and shared: neurons that hold one feature, and several."
)


def network_comparison_data(found: NetworkComparison) -> Mapping[str, object]:
    """The models, with all that is known of each."""
    return {"models": [_model(each) for each in found.models]}


def _model(each: NetworkCompared) -> Mapping[str, object]:
    return {
        **network_model_keys(each.model),
        "restart": each.restart,
        "loss": finite(each.loss),
        "exact_loss": None if each.exact is None else finite(each.loss),
        "standard_error": None if each.standard_error is None else finite(each.standard_error),
        "sampled_loss": finite(each.sampled),
        "exact": None if each.exact is None else to_text(each.exact.value),
        "own": None if each.own is None else to_text(each.own),
        "gap_percent": each.gap_percent,
        "named": [
            {"name": name, "loss": to_float(loss.value), "exact": to_text(loss.value)}
            for name, loss in each.named
        ],
        **neurons_data(each.neurons),
        "sentences": list(network_sentences(each)),
    }


# -- for people ------------------------------------------------------------------------------------


def _cells(each: NetworkCompared) -> Iterator[str]:
    yield number(each.loss) + ("" if each.exact is not None else " (sampled)")
    yield "none" if each.own is None else number(to_float(each.own))
    yield "" if each.gap_percent is None else signed(each.gap_percent)
    yield "" if each.neurons is None else str(each.neurons.monosemantic)
    yield "" if each.neurons is None else str(each.neurons.shared)


def network_sentences(each: NetworkCompared) -> tuple[str, ...]:
    """The loss beside those that are exact, and what the neurons do."""
    return (*_loss_said(each), *_neurons_said(each))


def _loss_said(each: NetworkCompared) -> Iterator[str]:
    loss = loss_said(each)
    gap = each.gap_percent
    if each.own is None:
        yield f"{loss}."
    elif gap is None:
        yield f"{loss}; neurons with one feature each could do it without loss."
    else:
        side = "above" if gap > 0 else "below"
        beside = "as much as" if abs(gap) < NO_CHANGE else f"{abs(gap):.2f} % {side}"
        text = to_text(each.own)
        own = f"{to_float(each.own):.6g}"
        own = f"{text} = {own}" if len(text) <= _LONG else own
        yield f"{loss}, {beside} that of neurons with one feature each, {own}."
    for name, known in each.named:
        yield f"The network {name} loses {number(to_float(known.value))} here, exactly."


def _neurons_said(each: NetworkCompared) -> Iterator[str]:
    found = each.neurons
    if found is None:
        return
    yield neurons_sentence(found)
    if found.is_asymmetric:
        pairs = [f for f in found.features if len(found.of_feature(f)) == 2]
        told = ", ".join(f"feature {f} by neurons {listed(found.of_feature(f))}" for f in pairs)
        yield (
            f"Asymmetric superposition: {told}; each time the other two neurons inhibit it. "
            "handcalc network asymmetric has the same by hand."
        )


def _explained(found: NetworkComparison) -> Iterator[str]:
    yield _LEGEND
    if any(each.exact is None for each in found.models):
        yield (
            "Losses are exact up to three features that are on together, or four with 8 neurons; "
            "beyond that they are means on unseen inputs. A linear neuron counts as two."
        )


NETWORK_COMPARISONS = ComparisonView(
    which="Each network is the best of its restarts.",
    labels=network_labels,
    names=network_names,
    in_common=network_in_common,
    heads=("loss", "alone", "gap", "own", "shared"),
    cells=_cells,
    less=("alone", "importance"),
    sentences=network_sentences,
    explained=_explained,
)
