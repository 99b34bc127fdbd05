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
        from handcalc.views import plots

        if kind == "csv":
            return _table(self.rows(found))
        return plots.rendered(self.figure(found), kind, " ".join(self.sentences(found)))


def diagram_views() -> Views:
    """Those of the phase diagram."""
    from handcalc.views import diagram_data, diagram_text, plots_diagram

    return Views(
        diagram_text.diagram,
        diagram_data.diagram,
        diagram_data.rows,
        plots_diagram.figure,
        diagram_text.sentences,
    )


def map_views() -> Views:
    """Those of the map along S."""
    from handcalc.views import phase_map_data, phase_map_text, plots_map

    return Views(
        phase_map_text.phase_map,
        phase_map_data.phase_map,
        phase_map_data.rows,
        plots_map.figure,
        phase_map_text.sentences,
    )


def _table(rows: Iterable[list[str]]) -> bytes:
    import csv
    from io import StringIO

    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
