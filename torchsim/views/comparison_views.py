"""How comparisons of kinds with one trainer are shown: a table, and sentences on each model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.views.layout import Paragraph, Sized, columns, fitting, spaced
from handcalc.views.markdown import joined, prose, table
from handcalc.views.notation import PlainNotation
from handcalc.views.text import heading
from torchsim.views.one_by_one import Labels
from torchsim.views.run_views import Rows
from torchsim.views.specifications import MOST_LINES
from torchsim.views.sweeps import left_out

TITLE = "Trained, and worked by hand"
NO_CHANGE = 0.005
"""Per cent of a loss that are none."""
_MOST_TOLD = 12  # models with sentences of their own


def _no_tables(_: Any) -> Iterable[Rows]:
    return ()


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """A row for each model, and below what is to be said of each; ``which`` says what they are.

    ``cells`` are those below ``heads``, behind what tells a model apart; columns of ``less`` go
    where there is no room. ``names`` tell models apart in titles. Some have ``tables`` of their
    own.
    """

    which: str
    labels: Callable[[Sequence[Any]], Labels]
    names: Callable[[Sequence[Any]], Sequence[str]]
    in_common: Callable[[Sequence[Any]], str]
    heads: tuple[str, ...]
    cells: Callable[[Any], Iterable[str]]
    less: tuple[str, ...]
    sentences: Callable[[Any], Iterable[str]]
    explained: Callable[[Any], Iterable[str]]
    tables: Callable[[Any], Iterable[Rows]] = _no_tables

    def page(self, found: Any, notation: PlainNotation, run: str = "") -> RenderableType:
        """For a terminal; ``run`` says where the run is."""
        which = f"The run in {run}, the best of its restarts." if run else self.which
        rows = self._rows(found)
        common = self.in_common([each.model for each in found.models])
        return spaced(
            Group(heading(TITLE, notation), Paragraph(notation.words(which))),
            Sized(lambda width: Text(notation.words(self._lines(rows, width)))),
            *(Paragraph(notation.words(text)) for text in left_out(found.failed, "model")),
            Paragraph(notation.words(common)),
            *(self._told(each, name, notation) for each, name in self._named(found)),
            *(Paragraph(notation.words(text)) for text in self._explained(found)),
        )

    def markdown(self, found: Any) -> str:
        """For a notebook, with every column."""
        heads, *rows = fitting(self._rows(found), 0, ())
        return joined(
            f"**{TITLE}**",
            self.which,
            table(heads, rows),
            *map(prose, left_out(found.failed, "model")),
            prose(self.in_common([each.model for each in found.models])),
            *(
                joined(f"**{prose(name)}**", self.one_markdown(each))
                for each, name in self._named(found)
            ),
            *map(prose, self._explained(found)),
        )

    def one_text(self, each: Any, notation: PlainNotation) -> RenderableType:
        """What is to be said of one model."""
        return spaced(
            Group(*(Paragraph(notation.words(text)) for text in self.sentences(each))),
            *(Text(notation.words(columns(rows, 80))) for rows in self.tables(each)),
        )

    def one_markdown(self, each: Any) -> str:
        """The same for a notebook."""
        tables = (table(rows[0], rows[1:]) for rows in self.tables(each))
        return joined(*map(prose, self.sentences(each)), *tables)

    def _told(self, each: Any, name: str, notation: PlainNotation) -> RenderableType:
        return Group(
            Text(notation.words(name), "bold"),
            *(Paragraph(notation.words(text), indent=3) for text in self.sentences(each)),
            *(Text(f"\n{notation.words(columns(rows, 80))}") for rows in self.tables(each)),
        )

    def _named(self, found: Any) -> Iterator[tuple[Any, str]]:
        """The models that there is room for, each with its number and what tells it from others."""
        names = self.names([each.model for each in found.models])
        numbered = zip(found.numbers, found.models, names, strict=True)
        for number, each, name in islice(numbered, _MOST_TOLD):
            yield each, f"Model {number}: {name}" if name else f"Model {number}"

    def _rows(self, found: Any) -> Rows:
        """Heads first."""
        named = self.labels([each.model for each in found.models])
        rows = [["model", *named, *self.heads]]
        for i, each in enumerate(found.models[:MOST_LINES]):
            own = [cells[i] for cells in named.values()]
            rows.append([str(found.numbers[i]), *own, *self.cells(each)])
        return rows

    def _lines(self, rows: Rows, width: int) -> str:
        return columns(fitting(rows, width, self.less), width)

    def _explained(self, found: Any) -> Iterator[str]:
        yield from self.explained(found)
        left = len(found.models) - _MOST_TOLD
        if left > 0:
            yield f"The other {left:,} models are in --json and in comparison.models."


def failed_data(found: Any) -> dict[str, object]:
    """The models that came to nothing, for JSON; no key where all came to something."""
    each = [{"model": number, "why": why} for number, why in found.failed.items()]
    return {"failed": each} if each else {}


def signed(percent: float) -> str:
    """With its sign.

    >>> signed(1.234), signed(-0.6), signed(0.001)
    ('+1.23 %', '−0.60 %', '0 %')
    """
    return f"{percent:+.2f} %".replace("-", "−") if abs(percent) >= NO_CHANGE else "0 %"


def loss_said(each: Any) -> str:
    """The loss, exact or sampled.

    >>> from types import SimpleNamespace
    >>> loss_said(SimpleNamespace(loss=0.25, exact=None, standard_error=0.0012))
    'Sampled loss 0.25 ± 0.0012'
    """
    if each.exact is not None:
        return f"Exact loss {each.loss:.6g}"
    spread = f" ± {each.standard_error:.2g}" if each.standard_error else ""
    return f"Sampled loss {each.loss:.6g}{spread}"
