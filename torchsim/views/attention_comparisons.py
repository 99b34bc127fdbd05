"""A comparison of attention-only models for people and for programs: tables, and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from handcalc.circuits.log_sums import LogSum
from handcalc.circuits.paths import path_name
from handcalc.views.json import finite
from torchsim.attention.specification import AttentionSpec
from torchsim.comparison.attention import AttentionCompared, AttentionComparison
from torchsim.comparison.by_hand import in_digits
from torchsim.comparison.circuit_parts import LOOKED_FOR, NEAR, CircuitMatch
from torchsim.comparison.heads import HeadMeasures, Measure, PairMeasures
from torchsim.storage.attention_specifications import attention_model_keys
from torchsim.views.attention_sentences import ROUNDING, compared_sentences
from torchsim.views.attention_specifications import in_common, labels
from torchsim.views.comparison_views import ComparisonView
from torchsim.views.runs import number

_MOST_ROWS = 24  # heads, and pairs of heads, that a page has room for
_HEADS = ("previous", "followers", "same", "even", "copies")
_LEGEND = (
    "Heads, on random tokens: attention to the place before (previous), to what followed earlier "
    "copies of the token (followers), to these copies (same); how alike it is (even); the part of "
    "the OV table's rows that are largest at their own token (copies), and the copying score. "
    "Its own is the attention to followers on sequences of its data."
)
_PAIRS = (
    "Pairs: composition scores, and the part of the K-composition table's rows that are largest at "
    "their own token (matches)."
)
_NEAR = (
    f"A model is laid beside the circuits {', '.join(LOOKED_FOR)}. Each mark of a part counts from "
    "0 at chance to 1 as made by hand; a circuit counts as its worst mark, and is near from "
    f"{NEAR:.2f} on."
)


def attention_comparison_data(found: AttentionComparison) -> Mapping[str, object]:
    """The models, with every measure of their heads."""
    return {"models": [_model(each) for each in found.models]}


def _model(each: AttentionCompared) -> Mapping[str, object]:
    return {
        **attention_model_keys(each.model),
        "restart": each.restart,
        "loss": finite(each.loss),
        "standard_error": finite(each.standard_error),
        "right": finite(each.right),
        "least": _exact(each.least),
        "gap_percent": None if each.gap_percent is None else finite(each.gap_percent),
        "price": _exact(each.price),
        "pays": each.pays,
        "table_gap": each.table_gap,
        "dimensions": None if each.counts is None else each.counts.dimensions,
        "induction": [_measure(score) for score in each.induction],
        "previous": [_measure(score) for score in each.previous],
        "measures": [_head(head) for head in each.heads],
        "pairs": [_pair(pair) for pair in each.pairs],
        "baseline": each.baseline,
        "circuits": [_match(match) for match in each.matches],
        "nearest": None if each.nearest is None else each.nearest.name,
        "sentences": list(compared_sentences(each)),
    }


def _exact(value: LogSum | None) -> Mapping[str, object] | None:
    return None if value is None else {"exact": value.to_text(), "value": value.to_float()}


def _measure(measure: Measure | None) -> Mapping[str, float] | None:
    if measure is None:
        return None
    value, chance = measure.value, measure.chance
    return {"value": value, "chance": chance, "nearness": measure.nearness}


def _head(head: HeadMeasures) -> Mapping[str, object]:
    return {
        "head": list(head.head),
        **{name: _measure(getattr(head, name)) for name in _HEADS},
        "copying_score": head.copying_score,
    }


def _pair(pair: PairMeasures) -> Mapping[str, object]:
    return {
        "earlier": list(pair.earlier),
        "later": list(pair.later),
        **{kind: getattr(pair, kind) for kind in "QKV"},
        "matches": _measure(pair.matches),
        "points": _measure(pair.points),
    }


def _match(match: CircuitMatch) -> Mapping[str, object]:
    return {
        "name": match.name,
        "nearness": match.nearness,
        "near": match.is_near,
        "parts": [
            {
                "part": part.name,
                "head": list(part.head),
                "nearness": part.nearness,
                "marks": [{"mark": m.said, "nearness": m.measure.nearness} for m in part.marks],
            }
            for part in match.parts
        ],
    }


# -- for people ------------------------------------------------------------------------------------


def _names(models: Sequence[AttentionSpec]) -> list[str]:
    """What tells each model from the others."""
    named = labels(models)
    return [
        ", ".join(f"{name} {cells[i]}" for name, cells in named.items() if cells[i])
        for i in range(len(models))
    ]


def _cells(each: AttentionCompared) -> Iterator[str]:
    gap, known = each.gap_percent, each.least
    yield number(each.loss)
    yield "" if known is None else number(known.to_float())
    yield "" if gap is None else f"{in_digits(gap) if abs(gap) >= ROUNDING else 0} %"
    if not each.matches:
        yield from ("", "")
        return
    yield "none" if each.nearest is None else each.nearest.name
    yield f"{each.matches[0].nearness:.2f}"


def _explained(found: AttentionComparison) -> Iterator[str]:
    """What the columns of the heads and of the pairs are."""
    if any(each.heads for each in found.models):
        yield _NEAR
        yield _LEGEND
    if any(each.pairs for each in found.models):
        yield _PAIRS


def _tables(each: AttentionCompared) -> Iterator[list[list[str]]]:
    """A table of the heads and one of the pairs, heads first and chance last."""
    if each.heads:
        first = each.heads[0]
        chances = [f"{getattr(first, name).chance:.2f}" for name in _HEADS]
        yield [
            ["head", *_HEADS, "score", "own", "plays"],
            *_head_rows(each),
            ["chance", *chances, "", f"{each.induction[0].chance:.2f}", ""],
        ]
    if each.pairs:
        rows = [["heads", "Q", "K", "V", "matches"], *map(_pair_row, each.pairs[:_MOST_ROWS])]
        baseline = [f"{each.baseline:.2f}"] * 3
        yield [*rows, ["at random", *baseline, f"{each.pairs[0].matches.chance:.2f}"]]


def _head_rows(each: AttentionCompared) -> Iterator[list[str]]:
    """What each head does, and which part of the nearest circuit it plays."""
    parts = [] if each.nearest is None else each.nearest.parts
    plays = {part.head: part.name.removesuffix(" head") for part in parts}
    for head, own in list(zip(each.heads, each.induction, strict=True))[:_MOST_ROWS]:
        score = "" if head.copying_score is None else f"{head.copying_score:z.2f}"
        shares = [f"{getattr(head, name).value:.2f}" for name in _HEADS]
        row = [path_name([head.head]), *shares, score.replace("-", "−"), f"{own.value:.2f}"]
        yield [*row, plays.get(head.head, "")]


def _pair_row(pair: PairMeasures) -> list[str]:
    scores = ["none" if s is None else f"{s:.2f}" for s in (pair.Q, pair.K, pair.V)]
    return [path_name([pair.earlier, pair.later]), *scores, f"{pair.matches.value:.2f}"]


ATTENTION_COMPARISONS = ComparisonView(
    which="Each model is the best of its restarts.",
    labels=labels,
    names=_names,
    in_common=in_common,
    heads=("loss", "least", "gap", "nearest circuit", "at"),
    cells=_cells,
    less=("least",),
    sentences=compared_sentences,
    explained=_explained,
    tables=_tables,
)
