"""One trained model: its best restart, number by number where there is room, and its shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from handcalc.views.columns import columns
from handcalc.views.layout import Paragraph, spaced
from handcalc.views.markdown.blocks import joined, prose, table
from handcalc.views.notation import PlainNotation
from handcalc.views.text import heading
from handcalc.wording import counted
from torchsim.presets.experiment import represented, shape
from torchsim.views.runs import held_sentence, loss_text, number
from torchsim.views.specifications import model_sentence

if TYPE_CHECKING:
    from torchsim.run import Trained


_MOST_ROWS, _MOST_COLUMNS = 20, 7  # of numbers, for a page 80 columns wide
_PLACES = 4


def trained_text(trained: Trained, notation: PlainNotation) -> RenderableType:
    """The configuration, W and b of the best restart, its loss and its shape."""
    rows = _rows(trained)
    return spaced(
        heading(_title(trained), notation),
        Paragraph(notation.words(model_sentence(trained.model))),
        *([Text(notation.words(columns(rows, 80)))] if rows else []),
        *(Paragraph(notation.words(text)) for text in _said(trained)),
    )


def trained_markdown(trained: Trained) -> str:
    """The configuration, W and b of the best restart, its loss and its shape."""
    rows = _rows(trained)
    return joined(
        f"**{_title(trained)}**",
        prose(model_sentence(trained.model)),
        table(rows[0], rows[1:]) if rows else "",
        *map(prose, _said(trained)),
    )


def _title(trained: Trained) -> str:
    count = len(trained.loss)
    return "A trained model" if count == 1 else f"A trained model, the best of {count} restarts"


def _rows(trained: Trained) -> list[list[str]]:
    """W and b as decimals, a row for each feature, heads first; nothing where they fill pages."""
    n, m = trained.model.features, trained.model.hidden
    if n > _MOST_ROWS or m > _MOST_COLUMNS:
        return []
    W, b = trained.W[trained.best].tolist(), trained.b[trained.best].tolist()
    heads = ["feature", *(f"W{k}" for k in range(1, m + 1)), "b"]
    numbers = ([*row, bias] for row, bias in zip(W, b, strict=True))
    return [heads, *([str(i), *map(_decimal, row)] for i, row in enumerate(numbers, 1))]


def _decimal(value: float) -> str:
    return f"{value:z.{_PLACES}f}"


def _said(trained: Trained) -> Iterator[str]:
    kind = "Sampled" if trained.exact_loss is None else "Exact"
    yield f"{kind} loss {loss_text(trained)}."
    if len(trained.loss) > 1:
        low, high = (number(float(each)) for each in (trained.loss.min(), trained.loss.max()))
        yield f"The restarts end between {low} and {high}."
    n, m = trained.model.features, trained.model.hidden
    named = shape(trained)
    held_here = (
        f"{len(represented(trained))} of {counted(n, 'feature')} in {counted(m, 'dimension')}"
    )
    yield f"It holds {held_here}. {held_sentence()}"
    yield f"{named.name.capitalize()}: {named.sentence}"
    if not _rows(trained):
        yield f"W ({n} × {m}) and b are trained.W[trained.best] and trained.b[trained.best]."
