"""What is to be said of a trained attention-only model, beside what is exact."""

from __future__ import annotations

from collections.abc import Iterator

from handcalc.circuits.log_sums import LogSum
from torchsim.attention.data import Contexts
from torchsim.attention.specification import AttentionSpec
from torchsim.comparison.attention import AttentionCompared, percent_above
from torchsim.comparison.by_hand import in_digits
from torchsim.comparison.circuit_parts import NEAR
from torchsim.comparison.heads import Measure

ROUNDING = 1e-4
"""Per cent of a loss that are none, in single precision."""
_LONG = 48  # characters of a sum of logarithms that a sentence has room for


def compared_sentences(each: AttentionCompared) -> tuple[str, ...]:
    """The loss beside exact ones, the table of logits, and the nearest named circuit."""
    return (*_loss_said(each), *_table_said(each), *_parts_said(each))


def _loss_said(each: AttentionCompared) -> Iterator[str]:
    """The loss beside the least that there is, and beside the price of the bug."""
    error = f" ± {each.standard_error:.2g}" if each.standard_error else ""
    if each.least is None:
        yield f"Loss {each.loss:.6g}{error}; no least loss is known."
    else:
        least = f"{_exactly(each.least)}, {_which_least(each.model)}"
        yield f"Loss {each.loss:.7g}{error}, {apart(each.loss, each.least.to_float())} {least}."
    if each.price is None:
        return
    price = _exactly(each.price)
    if each.pays:
        yield (
            f"One head that sees no place of its own pays at least {price}: proved. This one is "
            f"{apart(each.loss, each.price.to_float())} it."
        )
    elif each.loss < each.price.to_float():
        yield (
            f"It is below the price of the skip-trigram bug, {price}, which is proved for one head "
            "that sees no place of its own."
        )


def _which_least(model: AttentionSpec) -> str:
    if isinstance(model.data, Contexts):
        return "the entropy of the counts, which no model is below"
    return "which no model without layers is below"


def _table_said(each: AttentionCompared) -> Iterator[str]:
    """The logits beside the log counts, and how wide the model should be."""
    if each.table_gap is not None:
        yield (
            "Centred logits differ from the centred log counts, the best there are, by at most "
            f"{each.table_gap:.2g}."
        )
    if each.counts is None or each.counts.dimensions is None:
        return
    width, needed = each.model.d_model, each.counts.dimensions
    if width >= needed:
        yield f"The best table needs d_model {needed}, and {width} is enough: proved."
        return
    found = each.counts.found
    lost = (
        "The best of that width is not searched for here, as that takes long."
        if found is None
        else f"The best table found of that width loses {found.loss:.7g}; this one is "
        f"{apart(each.loss, found.loss)} it."
    )
    yield f"The best table needs d_model {needed}, which is proved; {width} is too little. {lost}"


def _parts_said(each: AttentionCompared) -> Iterator[str]:
    """The nearest named circuit part by part, or what keeps the model from it."""
    if not each.matches:
        return
    match = each.matches[0]
    worst = min(match.parts, key=lambda part: part.nearness)
    if match.is_near:
        yield f"Nearest named circuit: {match.name}, at {match.nearness:.2f}."
    else:
        yield (
            f"No named circuit is near, which is from {NEAR:.2f} on: the nearest is {match.name}, "
            f"at {match.nearness:.2f}."
        )
    for part in match.parts:
        verb = "plays" if part.is_near else "comes nearest to"
        marks = "; ".join(mark.said for mark in part.marks)
        why = " That is too little." if part is worst and not part.is_near else ""
        yield f"Head {_name(part.head)} {verb} the {part.name}: it {marks}.{why}"
    yield from _counting_said(each)


def _counting_said(each: AttentionCompared) -> Iterator[str]:
    """A head whose induction score is high on its own data alone counts places."""
    for head, own in zip(each.heads, each.induction, strict=True):
        if own.nearness >= NEAR > head.followers.nearness:
            yield (
                f"Head {_name(head.head)} has an induction score of {_value(own)} on its own data "
                f"and of {_value(head.followers)} on random tokens: it looks at places, not at "
                "tokens."
            )


def _value(measure: Measure) -> str:
    return f"{measure.value:.2f} (by chance {measure.chance:.2f})"


def _name(head: tuple[int, int]) -> str:
    return f"{head[0]}.{head[1]}"


def _exactly(value: LogSum) -> str:
    """The sum of logarithms where it is short, and its decimal."""
    text, decimal = value.to_text(), f"{value.to_float():.7f}"
    return f"{text}, about {decimal}" if len(text) <= _LONG else decimal


def apart(loss: float, exact: float) -> str:
    """By how much a loss is above another, with as many digits as say something.

    >>> apart(1.5, 1.0), apart(1.0000001, 1.0)
    ('50 % above', 'within rounding of')
    """
    gap = percent_above(loss, exact)
    if abs(gap) < ROUNDING:
        return "within rounding of"
    return f"{in_digits(abs(gap))} % {'above' if gap >= 0 else 'below'}"
