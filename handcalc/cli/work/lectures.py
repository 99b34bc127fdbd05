"""The lectures, listed; or one of them, served by marimo until it is closed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, distribution
from itertools import groupby
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.cli.failures import of_input
from handcalc.cli.report import CommandError, Exit, Report, ReportedError, Session
from handcalc.cli.terminal import Terminal
from handcalc.errors import InputError, require
from handcalc.lectures.listing import LECTURES, Lecture, find_lecture
from handcalc.processes.signals import StopSignal
from handcalc.views.layout import Paragraph, to_type
from handcalc.views.text import heading

_EXTRA = 'pip install "handcalc[lecture]"'


@dataclass(frozen=True, slots=True)
class Opening:
    """How a lecture is opened."""

    answers: bool
    edit: bool
    port: int | None
    no_open: bool


def listing(options: Sequence[str]) -> Report:
    """The lectures by the part of the course they belong to, and how to open the first."""
    if options:
        message = f"--{options[0].partition('=')[0]} is about one lecture: say which."
        again = f"handcalc lecture 1 --{options[0]}"
        raise CommandError(ReportedError("usage", message, suggestion=again))

    def page(terminal: Terminal) -> RenderableType:
        parts: list[RenderableType] = []
        numbered = enumerate(LECTURES, 1)
        for part, lectures in groupby(numbered, lambda each: each[1].part):
            parts.append(heading(f"Lectures: {part}", terminal.notation))
            for number, each in lectures:
                parts.append(Text(f"   {number}  {each.title} ({each.minutes} minutes)"))
                parts.append(Paragraph(each.about, indent=6))
            parts.append("")
        return Group(*parts, "Open one:", to_type("handcalc lecture 1", "   ", "bold"))

    return Report(lambda: {"lectures": [_data(each) for each in LECTURES]}, page)


def lecture(session: Session, which: str, options: Opening) -> Report:
    """Serve one until Ctrl-C; for programs, say where its file is."""
    try:
        found = find_lecture(which)
    except InputError as error:
        problem = of_input(error)
        again = f"handcalc lecture {error.suggestion or ''}".strip()
        raise CommandError(
            ReportedError(problem.code, problem.message, suggestion=again)
        ) from error
    if session.json:
        return Report(lambda: {"lecture": _data(found)}, lambda _: "")
    _require_marimo()
    file = _copied(found, session) if options.edit else found.file
    session.terminal.show(f"{found.title}: close it with Ctrl-C.")
    code = _served(_command(file, options))
    if code:
        message = f"marimo could not serve the lecture, and ended with code {code}."
        raise CommandError(ReportedError("not_served", message))
    return Report(dict, lambda _: "The lecture is closed.")


def _data(lecture: Lecture) -> dict[str, object]:
    number = LECTURES.index(lecture) + 1
    return {"number": number, **asdict(lecture), "file": str(lecture.file)}


def _require_marimo() -> None:
    """Refuse where marimo is missing, or is the package that has no pages to serve."""
    require("lecture", "marimo")
    try:
        distribution("marimo")
    except PackageNotFoundError as error:
        message = "marimo-base runs notebooks, but has no pages to show them: marimo has."
        raise CommandError(ReportedError("missing_extra", message, suggestion=_EXTRA)) from error


def _copied(lecture: Lecture, session: Session) -> Path:
    """The lecture in this folder; one that is there already stays as it is."""
    copy = Path(lecture.file.name)
    if copy.exists():
        session.terminal.show(f"{copy} is in this folder already: that one is opened.")
    else:
        shutil.copyfile(lecture.file, copy)
        session.terminal.show(f"Copied to {copy}: change it as you like.")
    return copy


def _command(file: Path, options: Opening) -> list[str]:
    mode = ["edit", "--skip-update-check"] if options.edit else ["run"]
    port = [] if options.port is None else ["--port", str(options.port)]
    headless = ["--headless"] if options.no_open else []
    answers = ["--", "--answers"] if options.answers else []
    return [sys.executable, "-m", "marimo", *mode, str(file), *port, *headless, *answers]


def _served(command: Sequence[str]) -> int:
    """Wait for marimo, which hears Ctrl-C itself, as it may ask whether to leave."""
    with subprocess.Popen(command) as child:  # noqa: S603 - marimo, by this Python, on our own file
        while child.poll() is None:
            try:
                return child.wait()
            except StopSignal as stop:
                if stop.number != signal.SIGINT:
                    child.terminate()
                    raise
            except KeyboardInterrupt:
                with suppress(KeyboardInterrupt):
                    child.wait()
                return Exit.DONE
    return child.returncode
