"""An answer in a file that is graded again whenever it changes: ``exercise ID --watch FILE``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import sleep

from rich.console import RenderableType

from handcalc.cli.failures import refused
from handcalc.cli.report import CommandError, Report, ReportedError, Session
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import read_file
from handcalc.wording import option_words

_PAUSE = 0.3  # seconds between two looks at the file
_MISSING = "missing_file"


def watch_file(
    session: Session, file: str, introduction: RenderableType, verdict: Callable[[str], Report]
) -> Report:
    """Grade the file until it is right; Ctrl-C ends it sooner.

    ``verdict`` grades its text. Every other verdict is shown on the way, and the last one is the
    report. A file that is not there yet, or that cannot be read, is said and uses no attempt.
    """
    if not file.strip():
        raise CommandError(ReportedError(_MISSING, "--watch needs a file name."))
    if session.json:
        message = "--watch shows every verdict, and --json prints one object: grade the file once."
        raise CommandError(
            ReportedError("usage", message, suggestion=f"{option_words('--file', file)} --json")
        )
    terminal = session.terminal
    name = terminal.plain(file)
    terminal.show(
        introduction, "", f"Watching {name}: save your answer there. Stop with Ctrl-C.", ""
    )
    for content in _contents(file):
        try:
            if isinstance(content, CommandError):
                raise content
            report = verdict(content)
        except CommandError as refusal:
            report = refused(refusal.problem, refusal.exit_code)
        if report.status == "solved":
            return report
        _show(report, terminal)
        terminal.show("", f"Watching {name}: change it, or stop with Ctrl-C.", "")
    raise AssertionError  # a watched file never ends


def _contents(file: str) -> Iterator[str | CommandError]:
    """What the file holds, each time that it has changed and then stood still for one pause."""
    before = _content(file)
    gone = isinstance(before, CommandError) and before.problem.code == _MISSING
    last = before if gone else None  # a file that is still to be written is no news
    while True:
        sleep(_PAUSE)
        now = _content(file)
        if _same(now, before) and not _same(now, last):
            last = now
            yield now
        before = now


def _content(file: str) -> str | CommandError:
    try:
        return read_file(file, "--watch")
    except CommandError as refusal:
        return refusal


def _same(one: str | CommandError | None, other: str | CommandError | None) -> bool:
    if isinstance(one, CommandError) and isinstance(other, CommandError):
        return one.problem == other.problem
    return one == other


def _show(report: Report, terminal: Terminal) -> None:
    """A verdict on the way: all of it to standard output, where the learner looks."""
    for warning in report.warnings:
        terminal.complain(terminal.plain(f"Note: {warning}"))
    terminal.show(report.text(terminal))
