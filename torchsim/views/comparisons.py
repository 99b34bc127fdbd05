"""A comparison for people and for programs: a table, and a few sentences on each model."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.numbers.exact import join_text, to_float, to_text
from handcalc.views.json import finite, nearest
from handcalc.views.layout import Paragraph, Sized, columns, fitting, spaced
from handcalc.views.markdown import code, joined, prose, table
from handcalc.views.notation import PlainNotation
from handcalc.views.text import heading
from torchsim.comparison.by_hand import in_digits
from torchsim.views.runs import number
from torchsim.views.specifications import (
    MOST_LINES,
    in_common,
    label_text,
    model_data,
    model_labels,
    setting_labels,
)
from torchsim.views.sweeps import left_out

if TYPE_CHECKING:
    from torchsim.comparison import Compared, Comparison
    from torchsim.comparison.by_hand import ByHand


_WHICH = {
    "model": "Each model is the best of its restarts.",
    "cell": "Each cell is the best of its restarts.",
}
_BEST = {"model": "the best of its restarts", "cell": "the best of each cell's restarts"}
_MOST_TOLD = 20
_MOST_NUMBERS = 64  # of W that a page has room for


def comparison_data(found: Comparison) -> Mapping[str, object]:
    """The models, and how much more a by-hand model was allowed to lose."""
    settings = found.settings or ({},) * len(found.models)
    numbered = zip(found.numbers, settings, found.models, strict=True)
    return {
        "models": [{found.what: number, **how, **_model(each)} for number, how, each in numbered],
        "within": found.within,
        "tolerance": found.tolerance,
        **(
            {"failed": [{found.what: number, "why": why} for number, why in found.failed.items()]}
            if found.what == "cell" or found.failed
            else {}
        ),
    }


def _model(each: Compared) -> Mapping[str, object]:
    best = each.best
    return {
        **model_data(each.model),
        "loss": finite(each.loss),
        "exact_loss": None if each.exact_loss is None else finite(each.exact_loss),
        "standard_error": None if each.standard_error is None else finite(each.standard_error),
        "at_least": each.at_least,
        "at_most": each.at_most,
        "best": None if best is None else best.loss,
        "proved": None if best is None else best.proved,
        "linear_best": each.linear_best,
        "gap_percent": None if each.gap_percent is None else finite(each.gap_percent),
        "family": each.family.name,
        "family_sentence": each.family.sentence,
        "parts": [
            {"kind": part.kind, "features": list(part.features), "rank": part.rank}
            for part in each.family.parts
        ],
        "turned": list(each.turned),
        "nearest": each.nearest,
        "distance": each.distance,
        "dead": list(each.dead),
        "dropped": list(each.dropped),
        "by_hand": None if each.by_hand is None else _by_hand(each.by_hand),
        "sentence": each.sentence,
    }


def _by_hand(written: ByHand) -> Mapping[str, object]:
    return {
        "W": [list(map(to_text, row)) for row in written.model.W],
        "b": list(map(to_text, written.model.b)),
        "loss": to_text(written.loss),
        "value": nearest(written.loss),
        "family": written.family.name,
        "sentence": written.sentence,
    }


def comparison_page(found: Comparison, notation: PlainNotation, run: str = "") -> RenderableType:
    """The table, and below it what is to be said of each model; ``run`` says where the run is."""
    what = "sweep" if found.what == "cell" else "run"
    which = f"The {what} in {run}, {_BEST[found.what]}." if run else _WHICH[found.what]
    named = _labels(found)
    told = found.models if len(found.models) <= _MOST_TOLD else ()
    return spaced(
        Group(
            heading("Trained, and by hand", notation),
            Paragraph(notation.words(which)),
        ),
        *(Paragraph(notation.words(text)) for text in left_out(found.failed, found.what)),
        Sized(lambda width: _table(found, named, notation, width)),
        *(
            Group(
                Text(notation.words(_model_title(found, i, named)), "bold"),
                *(Paragraph(notation.words(text), indent=3) for text in _sentences(each)),
            )
            for i, each in enumerate(told)
        ),
    )


def comparison_markdown(found: Comparison) -> str:
    """The table with every column, and what is to be said of each model."""
    named = _labels(found)
    heads, *rows = fitting(_rows(found, named), 0, ())
    rest = len(found.models) - len(rows)
    told = found.models if len(found.models) <= _MOST_TOLD else ()
    return joined(
        "**Trained, and by hand**",
        _WHICH[found.what],
        *map(prose, left_out(found.failed, found.what)),
        table(heads, rows),
        f"… and {rest:,} more, in `comparison.models`." if rest else "",
        prose(in_common([each.model for each in found.models])),
        prose(" ".join(_explained(found, heads))),
        *(
            joined(f"**{prose(_model_title(found, i, named))}**", compared_markdown(each))
            for i, each in enumerate(told)
        ),
    )


def compared_text(each: Compared, notation: PlainNotation) -> RenderableType:
    """What is to be said of one model, and what one could have written by hand."""
    return Group(*(Paragraph(notation.words(text)) for text in _sentences(each)))


def compared_markdown(each: Compared) -> str:
    """What is to be said of one model, and what one could have written by hand."""
    said, *written = _sentences(each)
    if not written:
        return joined(prose(said), "")
    head, *lines = written
    return joined(prose(said), prose(head), code("\n".join(lines)))


def _sentences(each: Compared) -> list[str]:
    return [each.sentence, *([] if each.by_hand is None else _written(each.by_hand))]


def _table(
    found: Comparison, named: Mapping[str, Sequence[str]], notation: PlainNotation, width: int
) -> RenderableType:
    """The table, as much of it as fits, and what its columns are."""
    rows = fitting(_rows(found, named), width, ("distance", "nearest", "best"))
    lines = columns(rows, width)
    rest = len(found.models) + 1 - len(rows)
    if rest:
        lines += f"\n… and {rest:,} more: --json has them all."
    return spaced(
        Text(notation.words(lines)),
        Paragraph(notation.words(in_common([each.model for each in found.models]))),
        Paragraph(notation.words(" ".join(_explained(found, rows[0])))),
    )


def _explained(found: Comparison, heads: Sequence[str]) -> Iterator[str]:
    """What the columns are, and what is said of each model."""
    told = [text for head, text in _LEGEND.items() if head in heads]
    if told:
        yield f"{'; '.join(told)}."
    degrees = round(math.degrees(found.tolerance), 1)
    yield f"A shape has its name if each angle is within {degrees}° of it."
    if any(each.dropped for each in found.models):
        yield f"A feature is dropped if its arrow is at most {found.tolerance:g} long."
    if len(found.models) > _MOST_TOLD:
        yield "What is to be said of each model is in --json."
    elif any(each.by_hand is not None for each in found.models):
        yield f"By hand, a model may lose {100 * found.within:g} % more than trained."


_LEGEND = {
    "best": "best: the lowest loss known, found and not proved, but for linear models",
    "gap": "gap: how far the trained model is above the lowest loss known",
    "distance": "distance: how far its arrows are from those of the nearest named embedding, at "
    "best turned and reordered",
}


def _labels(found: Comparison) -> dict[str, list[str]]:
    """What tells the models apart, and of cells how they were trained."""
    return model_labels([each.model for each in found.models]) | setting_labels(found.settings)


def _rows(found: Comparison, named: Mapping[str, Sequence[str]]) -> Sequence[Sequence[str]]:
    """The table, its heads first."""
    heads = [found.what, *named, "loss", "best", "gap", "shape", "nearest", "distance"]
    rows = [
        [str(found.numbers[i]), *(cells[i] for cells in named.values()), *_cells(each)]
        for i, each in enumerate(found.models[:MOST_LINES])
    ]
    return [heads, *rows]


def _cells(each: Compared) -> Iterator[str]:
    best, gap = each.best, each.gap_percent
    loss = number(each.loss)
    yield loss if each.standard_error is None else f"{loss} ± {each.standard_error:.1g}"
    # what is equal but for rounding is shown as equal
    yield "" if best is None else loss if gap == 0 else number(best.loss)
    yield "" if best is None or gap is None else _gap(gap, best.loss, each.standard_error)
    yield each.family.name
    yield each.nearest or ""
    yield "" if each.distance is None else f"{each.distance:.2f}"


def _gap(percent: float, best: float, error: float | None) -> str:
    """How far above the best, and of a mean over samples how sure that is."""
    shown = in_digits(percent) if percent else "0"
    if error is None or not best:
        return f"{shown} %"
    return f"{shown} ± {in_digits(100 * error / best, 1)} %"


def _model_title(found: Comparison, i: int, named: Mapping[str, Sequence[str]]) -> str:
    name, what = f"{found.what.capitalize()} {found.numbers[i]}", label_text(named, i)
    return f"{name}: {what}" if what else name


def _written(written: ByHand) -> Iterator[str]:
    W = written.model.W
    used = max((k + 1 for row in W for k, cell in enumerate(row) if cell != 0), default=1)
    rows = "; ".join(join_text(row[:used]) for row in W)
    yield f"By hand, with an exact loss of {number(to_float(written.loss))}:"
    if len(W) * used > _MOST_NUMBERS:
        yield f"W has {len(W)} rows of {len(W[0])} numbers: by_hand has them, in --json too."
    elif len(W) * len(W[0]) > _MOST_NUMBERS:
        yield f'W = "{rows}", and 0 in the other {len(W[0]) - used} dimensions'
    else:
        yield f'W = "{"; ".join(map(join_text, W))}"'
    yield f'b = "{join_text(written.model.b)}"'
