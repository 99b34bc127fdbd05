"""Where the best embedding changes: the map along S, or the phase diagram.

Many points are searched by several processes, and a file keeps what is found, so that the same
command goes on from where it was stopped.
"""

from __future__ import annotations

import csv as csv_writer
import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path
from time import monotonic
from typing import Any, Generic, Literal, TypeVar

from rich.console import Group, RenderableType
from sympy import Rational

from handcalc.cli.failures import GOES_ON, LOST, interruption, of_input
from handcalc.cli.report import CommandError, Report, Session, with_trouble
from handcalc.cli.terminal import ProgressBar, Terminal
from handcalc.cli.typed_text import Given, command_again, reading
from handcalc.errors import InputError, WorkLostError, require
from handcalc.storage.files import state_folder
from handcalc.storage.store import LineStore
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.numeric import compile_losses
from handcalc.superposition.phases.diagram import phase_diagram
from handcalc.superposition.phases.phase_map import PhaseMap, phase_map
from handcalc.views.json import phases as phase_data
from handcalc.views.plots import diagram as diagram_plot
from handcalc.views.plots import phase_map as map_plot
from handcalc.views.plots import style
from handcalc.views.text import diagram as diagram_text
from handcalc.views.text import phase_map as map_text
from handcalc.wording import lasted

from .executors import open_executor
from .giving_away import ask_before_showing
from .outputs import Output, write_all
from .waiting import compile_aloud

Found = TypeVar("Found")

_DIAGRAM_DEFAULTS = {"grid": 60, "restarts": 32}
_FEW = 64  # points that are sooner done here than by processes of their own
_DOING = {
    "searched": "Searching",
    "compared": "Comparing",
    "changes": "Looking for changes",
    "polished": "Polishing",
}
_DONE = {
    "searched": "{} points are searched",
    "compared": "all points are searched, {} compared with their neighbours",
    "changes": "all points are searched, {} stretches looked through for changes",
    "polished": "all points are searched, {} polished",
}


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
    phase_data.diagram,
    phase_data.diagram_rows,
    diagram_plot.figure,
    diagram_text.sentences,
)
MAP = Views(
    map_text.phase_map,
    phase_data.phase_map,
    phase_data.phase_map_rows,
    map_plot.figure,
    map_text.sentences,
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
    views, given = (DIAGRAM if asked["diagram"] else MAP), _given(asked)
    if asked["diagram"]:
        size = given.pop("grid", _DIAGRAM_DEFAULTS["grid"])
        work: Callable[..., object] = partial(phase_diagram, size=size, **given)
    else:
        work = _map(**given)
    gc.enable()  # this can take a while, and leaves much behind
    survey = run_survey(session, _keeping(asked), work)
    found = survey.found
    if isinstance(found, PhaseMap):
        changes = tuple(Rational(change.sparsity) for change in found.changes)
        ask_before_showing(changes=changes)
    notes, trouble = write_all(
        (output, partial(views.file, found, kind)) for kind, output in files.items()
    )
    kept = f"; {survey.kept:,} points were there already, from earlier runs" if survey.kept else ""
    run = f"This run took {lasted(survey.seconds)}{kept}."

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
    # the work is shared out anew at each run, so the number of processes is no part of the name
    few = asked["diagram"] and named["grid"] ** 2 <= _FEW
    shared_out = {name: asked[name] for name in ("jobs", "scheduler")}
    said_again = {"diagram": asked["diagram"], **_given(asked), **shared_out}
    return KeptWork(
        name="-".join([kind, *parts]),
        again=command_again("handcalc phases", said_again, {"seed": 0}),
        jobs=asked["jobs"],
        scheduler=asked["scheduler"],
        few=few,
        fresh=asked["fresh"],
        no_state=asked["no_state"],
    )


# --------------------------------------------------------------------------------------------------
# The survey: several processes, a bar, and a file of what is found.


@dataclass(frozen=True, slots=True)
class KeptWork:
    """What is kept in the state folder under a name, who does the work, and how to go on.

    ``again`` is the command that goes on from where this one stopped.
    """

    name: str
    again: str
    jobs: int | None
    scheduler: str | None
    few: bool
    fresh: bool
    no_state: bool

    @property
    def path(self) -> Path | None:
        """The file, or None where nothing is kept."""
        return None if self.no_state else state_folder() / "phases" / f"{self.name}.jsonl"


@dataclass(frozen=True, slots=True)
class Survey(Generic[Found]):
    """What was found, how long this run took, how many points were kept before, what went wrong."""

    found: Found
    seconds: float
    kept: int
    warnings: tuple[str, ...]


def run_survey(session: Session, keeping: KeptWork, work: Callable[..., Found]) -> Survey[Found]:
    """The survey that ``work(store=…, executor=…, on_progress=…)`` makes.

    On Ctrl-C it is refused, with what is done and how to go on; and where a process, or all of a
    cluster, is lost on the way.
    """
    start, stage, before, compiled = monotonic(), "", 0, session.json
    bar = ProgressBar(session, "")
    warnings: list[str] = []

    def on_progress(now: str, done: int, total: int) -> None:
        nonlocal stage, before, compiled
        if done < total and not compiled:  # here, before processes would do it at the same time
            compiled = True
            compile_aloud(session, compile_losses, "loops of the loss")
        if now != stage:
            before = before if stage else done  # the first word of all is on what was kept
            stage = now
            bar.begin(_DOING[stage])
        bar(done, total)

    with _open_store(keeping, warnings) as store:
        try:
            opened = open_executor(session, keeping.jobs, keeping.scheduler, few=keeping.few)
            with bar, opened as executor:
                found = work(store=store, executor=executor, on_progress=on_progress)
        except (KeyboardInterrupt, WorkLostError) as stop:
            kept, trouble = GOES_ON, " ".join(filter(None, [*warnings, store.trouble]))
            if keeping.no_state:
                kept = LOST
            elif trouble:
                kept = f"not all of it is kept. {trouble.rstrip('.')}"
            again = None if keeping.no_state else keeping.again
            done = bar.so_far(_DONE.get(stage, ""))
            raise interruption(session, stop, done, kept, again) from None
    if store.trouble is not None:
        warnings.append(store.trouble)
    return Survey(found, monotonic() - start, before, tuple(warnings))


@contextmanager
def _open_store(keeping: KeptWork, warnings: list[str]) -> Iterator[LineStore]:
    """The store; where none can be kept, one in memory and a warning."""
    with ExitStack() as stack:
        try:
            store = stack.enter_context(LineStore(keeping.path, fresh=keeping.fresh))
        except InputError as error:
            if error.code != "unwritable_state":
                raise CommandError(of_input(error)) from error
            warnings.append(error.message)
            store = LineStore()
        yield store
