"""The command that shows where the best embedding changes: ``phases``."""

from __future__ import annotations

import gc
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from handcalc.cli.command import command, no_state_option
from handcalc.cli.long_runs.interruptible import KeptWork, Survey, surveyed
from handcalc.cli.options.outputs import Output, write_all
from handcalc.cli.options.text import Given, reading, text_option
from handcalc.cli.report import CommandError, Report, ReportedError, Session, with_trouble

if TYPE_CHECKING:
    from rich.console import RenderableType

    from handcalc.cli.terminal.terminal import Terminal


# --------------------------------------------------------------------------------------------------
# How the command ``phases`` shows what it found: the map along S, or the phase diagram.


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


# known without importing sympy; a test compares them with their homes
GRIDS, POINTS, DIGITS = (2, 200), (3, 1001), (1, 30)

Function = TypeVar("Function", bound=Callable[..., Any])
_ALONE = {"diagram": ("importance", "points", "digits"), "map": ("grid",)}  # not for the other
_DEFAULTS = {"grid": 60, "restarts": 32}
_FEW = 64  # points that are sooner done here than by processes of their own


def _count(
    name: str, about: str, least: int = 1, most: int | None = None, **more: Any
) -> Callable[[Function], Function]:
    """An option that takes a whole number."""
    kind = click.IntRange(least, most)
    return click.option(name, type=kind, metavar="K", help=about, **more)


def _file_options(function: Function) -> Function:
    for name, what in (
        ("--csv", "Write all points as a table."),
        ("--svg", "Write the figure as a drawing."),
        ("--png", "Write the figure as a picture."),
    ):
        kind = click.Path(dir_okay=False, path_type=Path)
        function = click.option(name, type=kind, metavar="FILE", help=what)(function)
    return function


@command("phases", example="handcalc phases --diagram --features 2 --hidden 1 --png phases.png")
@_count("--features", "How many features there are; 3 if left out.", default=3)
@_count("--hidden", "How many dimensions they are embedded in; 2 if left out.", default=2)
@text_option("--importance", about="One for all features, or one each; 1 if left out.")
@_count("--points", "From how many S the changes are sought; 41 if left out.", *POINTS)
@_count("--digits", "To how many digits a change is worked out; 15 if left out.", *DIGITS)
@click.option("--diagram", is_flag=True, help="By importance and density, not along S.")
@_count("--grid", "Steps of the diagram each way; 60 if left out.", *GRIDS)
@_count("--restarts", "How many random starts at each point.")
@_count("--seed", "Which random starts.", 0, default=0)
@_count("--workers", "How many processes share the work; one a core if left out.")
@_file_options
@click.option("--fresh", is_flag=True, help="Begin anew, whatever was kept.")
@no_state_option
@click.pass_obj
def phases(
    session: Session, /, png: Path | None, svg: Path | None, csv: Path | None, **asked: Any
) -> Report:
    """Show where the best embedding changes.

    Along S: which embedding is best from where to where, and the S at which one overtakes another.

    With --diagram: what becomes of the last feature, by its importance (0.1 to 10, the others 1)
    and by the density 1 - S of all (0.01 to 1), from true minima and from the textbook's
    candidates. It takes minutes.

    Ctrl-C keeps what is done, and the same command goes on from there.
    """
    files = _Files(png, svg, csv)
    files.refuse_early()
    _refuse_mixture(asked)
    gc.enable()  # this can take a while, and leaves much behind
    views, work = (diagram_views(), _diagram) if asked["diagram"] else (map_views(), _map)
    survey = surveyed(session, _keeping(asked), work(**_given(asked)))
    notes, trouble = files.write(views, survey.found)
    report = Report(
        data=lambda: _data(views, survey, files),
        text=lambda terminal: _page(views, survey, notes, terminal),
        warnings=survey.warnings,
    )
    return with_trouble(report, trouble)


@dataclass(frozen=True, slots=True)
class _Files:
    """The files to write, by the option that named each."""

    png: Path | None
    svg: Path | None
    csv: Path | None

    def named(self) -> Iterator[tuple[str, Output]]:
        """Those that were asked for."""
        for kind, path in (("png", self.png), ("svg", self.svg), ("csv", self.csv)):
            output = Output.of(f"--{kind}", path)
            if output is not None:
                yield kind, output

    def refuse_early(self) -> None:
        """What would fail in the end fails before the work, which may take a while."""
        from handcalc.errors import require

        require("optimum", "numpy", "array_api_compat")
        for _, output in self.named():
            output.refuse_early()
        if self.png or self.svg:
            require("plot", "matplotlib")

    def write(self, views: Views, found: object) -> tuple[tuple[str, ...], ReportedError | None]:
        """Write them all: what to say of them, and what could not be written."""
        return write_all(
            (output, partial(views.file, found, kind)) for kind, output in self.named()
        )


def _refuse_mixture(asked: Mapping[str, Any]) -> None:
    """The map and the diagram have options of their own."""
    here = "diagram" if asked["diagram"] else "map"
    there = "the map along S, without --diagram" if asked["diagram"] else "--diagram"
    for name in _ALONE[here]:
        if asked[name] is not None:
            raise CommandError(ReportedError("usage", f"--{name} belongs to {there}."))


def _given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed of the options that say what to work out."""
    names = ("features", "hidden", "importance", "points", "digits", "grid", "restarts", "seed")
    return {name: asked[name] for name in names if asked[name] is not None}


def _diagram(features: int, hidden: int, grid: int = 60, **more: Any) -> Callable[..., object]:
    from handcalc.superposition.phases.diagram import phase_diagram

    return partial(phase_diagram, features, hidden, grid, **more)


def _map(
    features: int, hidden: int, importance: Given | None = None, **more: Any
) -> Callable[..., object]:
    from handcalc.superposition.loss.problem import Problem
    from handcalc.superposition.phases.phase_map import phase_map

    with reading(importance):
        text = None if importance is None else importance.text
        weights = Problem.of(features, hidden, sparsity=0, importance=text).importance
    return partial(phase_map, features, hidden, weights, **more)


def _keeping(asked: Mapping[str, Any]) -> KeptWork:
    """What is kept under which name: one for each question, so that others can be asked meanwhile.

    Options that were left out have the same name as their values do.
    """
    kind = "diagram" if asked["diagram"] else "map"
    given = {**(_DEFAULTS if asked["diagram"] else {}), **_given(asked)}
    given.pop("importance", None)
    parts = [f"{name}-{value}" for name, value in sorted(given.items())]
    few = asked["diagram"] and given["grid"] ** 2 <= _FEW
    return KeptWork(
        name="-".join([kind, *parts]),
        again=_again(asked),
        workers=asked["workers"] or (1 if few else None),
        fresh=asked["fresh"],
        no_state=asked["no_state"],
    )


def _again(asked: Mapping[str, Any]) -> str:
    """The command that goes on from here: the same, less the files, and less --fresh."""
    flag = ["--diagram"] if asked["diagram"] else []
    typed = {**_given(asked), "workers": asked["workers"]}
    values = {name: v.text if isinstance(v, Given) else v for name, v in typed.items()}
    options = [f"--{name}={value}" for name, value in values.items() if value is not None]
    return shlex.join(["handcalc", "phases", *flag, *options])


def _data(views: Views, survey: Survey[Any], files: _Files) -> Mapping[str, object]:
    written = {kind: str(output.path) for kind, output in files.named()}
    run = {"wall_seconds": survey.seconds, "kept": survey.kept}
    return {**views.data(survey.found), **run, **written}


def _page(
    views: Views, survey: Survey[Any], notes: Sequence[str], terminal: Terminal
) -> RenderableType:
    from rich.console import Group

    kept = f", {survey.kept:,} points having been kept" if survey.kept else ""
    run = f"This run took {survey.seconds:.1f} seconds{kept}."
    said = (terminal.plain(note) for note in (run, *notes))
    return Group(views.text(survey.found, terminal.notation), *said)
