"""Every exception as a report: the one place that knows which error has which exit code."""

from __future__ import annotations

import signal
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from handcalc.errors import AuthorError, HandcalcError, InputError, WorkLostError
from handcalc.processes.signals import StopSignal

from .report import CommandError, Exit, Report, ReportedError, Session

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .terminal import Terminal


GOES_ON = "the same command goes on from there"
LOST = "nothing of it is kept"

_STATUS = {Exit.UNREADABLE: "unreadable"}
_USAGE = (
    "irrational",
    "lossless",
    "matplotlib",
    "missing_extra",
    "size",
    "student_edition",
    "unbounded",
)  # what was asked for was read, and refused
_FRAMES = 3  # of a bug's traceback: enough to find the place, short enough to be copied


def explain(error: BaseException) -> Report:
    """The report for an exception: what to say and how to leave.

    >>> report = explain(InputError("factorial", "Factorials are not read."))
    >>> (report.status, int(report.exit_code), report.problem.code)
    ('unreadable', 3, 'factorial')
    """
    if isinstance(error, CommandError):
        return report_problem(error.problem, error.exit_code)
    if isinstance(error, InputError):
        usage = error.code in _USAGE
        return report_problem(of_input(error), Exit.USAGE if usage else Exit.UNREADABLE)
    if isinstance(error, StopSignal) and error.number != signal.SIGINT:
        return report_problem(
            ReportedError("interrupted", f"Stopped by {error.name}."), exit_of(error)
        )
    if isinstance(error, KeyboardInterrupt):
        report = report_problem(ReportedError("interrupted", "Interrupted."), Exit.INTERRUPTED)
        return replace(report, text=lambda _: "\nInterrupted.")  # below the ^C of the terminal
    return report_problem(_of_bug(error), Exit.INTERNAL)


def exit_of(error: KeyboardInterrupt) -> Exit:
    """The exit code of what was stopped: 128 and the signal, as shells have it.

    >>> int(exit_of(KeyboardInterrupt())), int(exit_of(StopSignal(signal.SIGTERM)))
    (130, 143)
    """
    return Exit(128 + (error.number if isinstance(error, StopSignal) else signal.SIGINT))


def interruption(
    session: Session,
    stop: KeyboardInterrupt | WorkLostError,
    done: str,
    kept: str = GOES_ON,
    again: str | None = None,
) -> CommandError:
    """The refusal for work that was stopped on the way; ``again`` is the command that goes on."""
    if isinstance(stop, WorkLostError):
        said = f"{stop.message} Before that, {done}; {kept}."
        return CommandError(ReportedError(stop.code, said, suggestion=again))
    what = "Interrupted"
    if isinstance(stop, StopSignal) and stop.number != signal.SIGINT:
        what = f"Stopped by {stop.name}"
    elif not session.json and sys.stderr.isatty():
        session.terminal.complain("")  # below the ^C of the terminal
    problem = ReportedError("interrupted", f"{what}: {done}; {kept}.", suggestion=again)
    return CommandError(problem, exit_of(stop))


def report_problem(problem: ReportedError, exit_code: Exit) -> Report:
    """A report that holds nothing but a problem."""
    return Report(
        data=dict,
        text=lambda terminal: problem_text(problem, terminal),
        status=_STATUS.get(exit_code, "error"),
        exit_code=exit_code,
        problem=problem,
    )


def of_input(error: InputError, where: str | None = None) -> ReportedError:
    """The problem that a refused value or text is, with the option it came from."""
    return ReportedError(
        error.code, error.message, error.row, error.column, error.suggestion, error.caret, where
    )


def problem_text(problem: ReportedError, terminal: Terminal) -> RenderableType:
    """What went wrong, for people."""
    from .console import problem_page

    return problem_page(problem, terminal)


def _of_bug(error: BaseException) -> ReportedError:
    """A failure that nobody meant, with the places that a bug report needs."""
    what = error.message if isinstance(error, HandcalcError) else f"{type(error).__name__}: {error}"
    if isinstance(error, AuthorError) and error.file:
        what = f"{error.file}, {error.key or 'as a whole'}: {what}"
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = "; ".join(f"{Path(at.filename).name}:{at.lineno} in {at.name}" for at in frames)
    code = error.code if isinstance(error, HandcalcError) else "internal"
    return ReportedError(
        code, f"This is a fault of handcalc, not of what you typed. {what} ({places})"
    )
