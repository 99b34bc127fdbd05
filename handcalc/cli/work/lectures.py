"""The lectures, listed; or one of them, served by marimo until it is closed, or exported."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, distribution
from itertools import groupby
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.cli.failures import of_input
from handcalc.cli.report import CommandError, Exit, Report, ReportedError, Session, refuse
from handcalc.cli.terminal import Terminal
from handcalc.cli.work.outputs import Output
from handcalc.errors import InputError, require
from handcalc.lectures.exporting import exported, is_exported
from handcalc.lectures.listing import LECTURES, Lecture, find_lecture
from handcalc.processes.signals import StopSignal
from handcalc.views.layout import Paragraph, to_type
from handcalc.views.text import heading
from handcalc.wording import option_words

_EXTRA = 'pip install "handcalc[lecture]"'


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, and how a lecture is opened."""

    listed: bool
    answers: bool
    edit: bool
    port: int | None
    no_open: bool
    export: Path | None

    def opening(self) -> Iterator[str]:
        """The options about how it is opened, as they were typed."""
        given = {"--edit": self.edit, f"--port={self.port}": self.port, "--no-open": self.no_open}
        return (option for option, value in given.items() if value)


def lecture(session: Session, which: str | None, asked: Asked) -> Report:
    """List them, or write or serve one."""
    if which is None:
        return _listing(asked)
    if asked.listed:
        refuse("--list lists all lectures: N is one of them.", "handcalc lecture --list")
    found = _named(which)
    if asked.export is not None:
        return _exported(found, asked, Output.at("--export", asked.export))
    return _opened(session, found, asked)


def _listing(asked: Asked) -> Report:
    """The lectures by the part of the course they belong to, and how to open the first."""
    export = [] if asked.export is None else [option_words("--export", str(asked.export))]
    answers = ["--answers"] if asked.answers else []
    for option in (*answers, *asked.opening(), *export):
        name = option.replace("=", " ").split()[0]
        refuse(f"{name} is about one lecture: say which.", f"handcalc lecture 1 {option}")

    def page(terminal: Terminal) -> RenderableType:
        parts: list[RenderableType] = []
        numbered = enumerate(LECTURES, 1)
        for part, lectures in groupby(numbered, lambda each: each[1].part):
            parts.append(heading(f"Lectures: {part}", terminal.notation))
            for number, each in lectures:
                parts.append(Text(f"{number:4}  {each.title} ({each.minutes} minutes)"))
                parts.append(Paragraph(each.about, indent=6))
            parts.append("")
        return Group(*parts, "Open one:", to_type("handcalc lecture 1", "   ", "bold"))

    return Report(lambda: {"lectures": [_data(each) for each in LECTURES]}, page)


def _named(which: str) -> Lecture:
    try:
        return find_lecture(which)
    except InputError as error:
        problem = of_input(error)
        again = f"handcalc lecture {error.suggestion or ''}".strip()
        raise CommandError(
            ReportedError(problem.code, problem.message, suggestion=again)
        ) from error


def _exported(found: Lecture, asked: Asked, output: Output) -> Report:
    """Write one as a notebook of Jupyter's; a file that is none of ours stays."""
    for option in asked.opening():
        message = f"{option.partition('=')[0]} is about opening a lecture; --export opens none."
        refuse(message, f"handcalc lecture {found.name} {_export_words(output.path)}")
    if output.path.suffix.lower() != ".ipynb":
        message = f"--export: a notebook is written to an .ipynb file, not to {output.path.name}."
        instead = _export_words(output.path.with_suffix(".ipynb"))
        raise CommandError(ReportedError("suffix", message, suggestion=instead))
    output.refuse_others(is_exported, "notebook of a lecture")
    output.refuse_early()
    note = output.write(exported(found, answers=asked.answers))
    return Report(
        lambda: {"lecture": _data(found), "export": str(output.path)},
        lambda terminal: terminal.plain(note),
    )


def _export_words(path: Path) -> str:
    return option_words("--export", str(path))


def _opened(session: Session, found: Lecture, asked: Asked) -> Report:
    """Serve one until Ctrl-C; for programs, say where its file is."""
    if session.json:
        return Report(lambda: {"lecture": _data(found)}, lambda _: "")
    _require_marimo()
    file = _copied(found, session) if asked.edit else found.file
    session.terminal.show(f"{found.title}: close it with Ctrl-C.")
    code = _served(_command(file, asked))
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


def _command(file: Path, options: Asked) -> list[str]:
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
