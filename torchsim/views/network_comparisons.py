"""A comparison of networks with neurons for people and for programs: a table, and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.numbers.exact import to_float, to_text
from handcalc.views.json import finite
from handcalc.views.layout import Paragraph, Sized, columns, fitting, spaced
from handcalc.views.markdown import joined, prose, table
from handcalc.views.notation import PlainNotation
from handcalc.views.text import heading
from handcalc.wording import listed
from torchsim.comparison.networks import NetworkCompared, NetworkComparison
from torchsim.storage.network_specifications import network_model_keys
from torchsim.views.network_runs import neurons_data, neurons_sentence
from torchsim.views.network_specifications import (
    network_in_common,
    network_labels,
    network_names,
)
from torchsim.views.runs import number
from torchsim.views.sae_comparisons import TITLE, signed
from torchsim.views.specifications import MOST_LINES

_WHICH = "Each network is the best of its restarts."
_MOST_TOLD = 12  # models with sentences of their own
_LONG = 40  # characters of an exact number that is written out
_LEAST = 0.005  # per cent of a loss that are none
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


def network_comparison_page(
    found: NetworkComparison, notation: PlainNotation, run: str = ""
) -> RenderableType:
    """The table, and below it what is to be said of each model; ``run`` says where the run is."""
    which = f"The run in {run}, the best of its restarts." if run else _WHICH
    rows, less = _rows(found), ("alone", "importance")
    common = network_in_common([each.model for each in found.models])
    return spaced(
        Group(heading(TITLE, notation), Paragraph(notation.words(which))),
        Sized(lambda width: Text(notation.words(columns(fitting(rows, width, less), width)))),
        Paragraph(notation.words(common)),
        *(
            Group(
                Text(notation.words(name), "bold"),
                *(Paragraph(notation.words(text), indent=3) for text in network_sentences(each)),
            )
            for each, name in _named(found)
        ),
        *(Paragraph(notation.words(text)) for text in _explained(found)),
    )


def network_comparison_markdown(found: NetworkComparison) -> str:
    """The table with every column, and what is to be said of each model."""
    heads, *rows = _rows(found)
    return joined(
        f"**{TITLE}**",
        _WHICH,
        table(heads, rows),
        prose(network_in_common([each.model for each in found.models])),
        *(
            joined(f"**{prose(name)}**", network_compared_markdown(each))
            for each, name in _named(found)
        ),
        *map(prose, _explained(found)),
    )


def network_compared_text(each: NetworkCompared, notation: PlainNotation) -> RenderableType:
    """What is to be said of one model."""
    return Group(*(Paragraph(notation.words(text)) for text in network_sentences(each)))


def network_compared_markdown(each: NetworkCompared) -> str:
    """What is to be said of one model."""
    return joined(*map(prose, network_sentences(each)))


def _named(found: NetworkComparison) -> Iterator[tuple[NetworkCompared, str]]:
    """The models that there is room for, each with its number and what tells it from others."""
    names = network_names([each.model for each in found.models])
    for i, each in enumerate(found.models[:_MOST_TOLD]):
        yield each, f"Model {i + 1}: {names[i]}" if names[i] else f"Model {i + 1}"


def _rows(found: NetworkComparison) -> list[list[str]]:
    """The table of the models, heads first."""
    named = network_labels([each.model for each in found.models])
    rows = [["model", *named, "loss", "alone", "gap", "own", "shared"]]
    for i, each in enumerate(found.models[:MOST_LINES]):
        rows.append([str(i + 1), *(cells[i] for cells in named.values()), *_cells(each)])
    return rows


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
    if each.exact is None:
        spread = f" ± {each.standard_error:.2g}" if each.standard_error else ""
        loss = f"Sampled loss {each.loss:.6g}{spread}"
    else:
        loss = f"Exact loss {each.loss:.6g}"
    gap = each.gap_percent
    if each.own is None:
        yield f"{loss}."
    elif gap is None:
        yield f"{loss}; neurons with one feature each could do it without loss."
    else:
        side = "above" if gap > 0 else "below"
        beside = "as much as" if abs(gap) < _LEAST else f"{abs(gap):.2f} % {side}"
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
    left = len(found.models) - _MOST_TOLD
    if left > 0:
        yield f"The other {left:,} models are in --json and in comparison.models."
