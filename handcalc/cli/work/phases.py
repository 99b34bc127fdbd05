"""Where the best embedding changes: the map along S, or the phase diagram."""

from __future__ import annotations

import csv as csv_writer
import gc
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any, Literal

from rich.console import Group, RenderableType

from handcalc.cli.long_runs.interruptible import KeptWork, command_again, surveyed
from handcalc.cli.report import Report, Session, with_trouble
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import Given, reading
from handcalc.errors import require
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.phases.diagram import phase_diagram
from handcalc.superposition.phases.phase_map import phase_map
from handcalc.views.json import diagram as diagram_data
from handcalc.views.json import phase_map as map_data
from handcalc.views.plots import diagram as diagram_plot
from handcalc.views.plots import phase_map as map_plot
from handcalc.views.plots import style
from handcalc.views.text import diagram as diagram_text
from handcalc.views.text import phase_map as map_text

from .outputs import Output, write_all

_DIAGRAM_DEFAULTS = {"grid": 60, "restarts": 32}
_FEW = 64  # points that are sooner done here than by processes of their own


@dataclass(frozen=True, slots=True)
class Views:
    """The views of one kind of result: text, an object, rows, a figure, and sentences."""

    text: Callable[[Any, Any], RenderableType]
    data: Callable[[Any], Mapping[str, object]]
    rows: Callable[[Any], Iterable[list[str]]]
    figure: Callable[[Any], Any]
    sentences: Callable[[Any], list[str]]

    def file(self, found: object, kind: Literal["png", "svg", "csv"]) -> bytes:
        """A PNG, SVG or CSV file of a result."""
        if kind == "csv":
            table = StringIO()
            csv_writer.writer(table, lineterminator="\n").writerows(self.rows(found))
            return table.getvalue().encode()
        return style.rendered(self.figure(found), kind, " ".join(self.sentences(found)))


DIAGRAM = Views(
    diagram_text.diagram,
    diagram_data.diagram,
    diagram_data.rows,
    diagram_plot.figure,
    diagram_text.sentences,
)
MAP = Views(
    map_text.phase_map, map_data.phase_map, map_data.rows, map_plot.figure, map_text.sentences
)


def phases(
    session: Session, /, png: Path | None, svg: Path | None, csv: Path | None, **asked: Any
) -> Report:
    """The map or the diagram, and the files that were asked for."""
    paths: dict[Literal["png", "svg", "csv"], Path | None] = {"png": png, "svg": svg, "csv": csv}
    files = {kind: Output.at(f"--{kind}", path) for kind, path in paths.items() if path is not None}
    for output in files.values():
        output.refuse_early()
    if png or svg:
        require("plot", "matplotlib")
    views, work = (DIAGRAM, _diagram) if asked["diagram"] else (MAP, _map)
    gc.enable()  # this can take a while, and leaves much behind
    survey = surveyed(session, _keeping(asked), work(**_given(asked)))
    found = survey.found
    notes, trouble = write_all(
        (output, partial(views.file, found, kind)) for kind, output in files.items()
    )
    kept = f", {survey.kept:,} points having been kept" if survey.kept else ""
    run = f"This run took {survey.seconds:.1f} seconds{kept}."

    def page(terminal: Terminal) -> RenderableType:
        said = (terminal.plain(note) for note in (run, *notes))
        return Group(views.text(found, terminal.notation), *said)

    report = Report(
        data=lambda: {
            **views.data(found),
            "wall_seconds": survey.seconds,
            "kept": survey.kept,
            **{kind: str(output.path) for kind, output in files.items()},
        },
        text=page,
        warnings=survey.warnings,
    )
    return with_trouble(report, trouble)


def _given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed of the options that say what to work out."""
    names = ("features", "hidden", "importance", "points", "digits", "grid", "restarts", "seed")
    return {name: asked[name] for name in names if asked[name] is not None}


def _diagram(features: int, hidden: int, grid: int = 60, **more: Any) -> Callable[..., object]:
    return partial(phase_diagram, features, hidden, grid, **more)


def _map(
    features: int, hidden: int, importance: Given | None = None, **more: Any
) -> Callable[..., object]:
    with reading(importance):
        text = None if importance is None else importance.text
        weights = Problem.of(features, hidden, sparsity=0, importance=text).importance
    return partial(phase_map, features, hidden, weights, **more)


def _keeping(asked: Mapping[str, Any]) -> KeptWork:
    """What is kept under which name: one for each question, so that others can be asked meanwhile.

    Options that were left out have the same name as their values do.
    """
    kind = "diagram" if asked["diagram"] else "map"
    named = {**(_DIAGRAM_DEFAULTS if asked["diagram"] else {}), **_given(asked)}
    named.pop("importance", None)
    parts = [f"{name}-{value}" for name, value in sorted(named.items())]
    few = asked["diagram"] and named["grid"] ** 2 <= _FEW
    said_again = {"diagram": asked["diagram"], **_given(asked), "workers": asked["workers"]}
    return KeptWork(
        name="-".join([kind, *parts]),
        again=command_again("handcalc phases", said_again),
        workers=asked["workers"] or (1 if few else None),
        fresh=asked["fresh"],
        no_state=asked["no_state"],
    )
