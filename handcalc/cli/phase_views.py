"""How the command ``phases`` shows what it found: the map along S, or the phase diagram."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Views", "diagram_views", "map_views"]


@dataclass(frozen=True, slots=True)
class Views:
    """The views of one kind of result: text, an object, rows, a figure, and sentences."""

    text: Callable[[Any, Any], RenderableType]
    data: Callable[[Any], Mapping[str, object]]
    rows: Callable[[Any], Iterable[list[str]]]
    figure: Callable[[Any], Any]
    sentences: Callable[[Any], list[str]]

    def file(self, found: object, kind: Any) -> bytes:
        """A PNG, SVG or CSV file of a result."""
        from handcalc.views.plots import style

        if kind == "csv":
            return _table(self.rows(found))
        return style.rendered(self.figure(found), kind, " ".join(self.sentences(found)))


def diagram_views() -> Views:
    """Those of the phase diagram."""
    from handcalc.views.json import diagram
    from handcalc.views.plots import diagram as plots_diagram
    from handcalc.views.text import diagram as diagram_text

    return Views(
        diagram_text.diagram,
        diagram.diagram,
        diagram.rows,
        plots_diagram.figure,
        diagram_text.sentences,
    )


def map_views() -> Views:
    """Those of the map along S."""
    from handcalc.views.json import phase_map
    from handcalc.views.plots import phase_map as plots_map
    from handcalc.views.text import phase_map as phase_map_text

    return Views(
        phase_map_text.phase_map,
        phase_map.phase_map,
        phase_map.rows,
        plots_map.figure,
        phase_map_text.sentences,
    )


def _table(rows: Iterable[list[str]]) -> bytes:
    import csv
    from io import StringIO

    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
