"""What a command hands back: data for programs, text for people, and an exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .terminal import Terminal


class Exit(IntEnum):
    """The exit codes: one for each thing that a script may want to tell apart."""

    DONE = 0
    NOT_SOLVED = 1
    USAGE = 2
    UNREADABLE = 3
    INTERNAL = 4
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


@dataclass(frozen=True, slots=True)
class ReportedError:
    """What went wrong, for people and for programs: an error without its class.

    ``where`` names the option (and the file) that the text came from; ``caret`` is the line at
    fault with a caret below it, or "".
    """

    code: str
    message: str
    row: int | None = None
    column: int | None = None
    suggestion: str | None = None
    caret: str = ""
    where: str | None = None


class CommandError(Exception):
    """A problem on its way up to the one place that prints it."""

    def __init__(self, problem: ReportedError, exit_code: Exit = Exit.USAGE) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.exit_code = exit_code


def refuse(message: str, suggestion: str | None = None) -> NoReturn:
    """Refuse options that do not go together, or one that is missing."""
    raise CommandError(ReportedError("usage", message, suggestion=suggestion))


@dataclass(frozen=True, slots=True)
class Report:
    """The answer of one command.

    ``data`` gives the JSON keys beside the common ones, ``text`` what people see; only the one that
    is asked for is called. ``markdown`` is what a notebook shows; ``--typeset`` makes a page of it.
    With a ``problem`` the text goes to standard error, but for a ``complete`` report: its text is
    the answer, and the problem is what could not be done with it. ``afterwards`` is what goes on
    once all of it is printed.
    """

    data: Callable[[], Mapping[str, object]]
    text: Callable[[Terminal], RenderableType]
    status: str = "ok"
    exit_code: Exit = Exit.DONE
    problem: ReportedError | None = None
    complete: bool = False
    warnings: tuple[str, ...] = field(default=())
    markdown: Callable[[], str] | None = None
    afterwards: Callable[[], None] | None = None


def with_trouble(report: Report, problem: ReportedError | None) -> Report:
    """An answer, whole, and beside it what could not be done with it, if there is such a thing."""
    if problem is None:
        return report
    return replace(report, status="error", exit_code=Exit.USAGE, problem=problem, complete=True)


class ReadyReport(Exception):  # noqa: N818 - not an error: it carries an answer up
    """A report that is there before any command has run: a help page, the version."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


@dataclass(frozen=True, slots=True)
class Session:
    """What every command is given: the terminal, and whether JSON was asked for.

    ``answer`` prints the answer to a command line, as the program does. At the prompt of an
    exercise, ``carried`` are the parameters that a command has there unless it says otherwise.
    ``answer_in_json`` gives the one object that answers a command line, with its report; it can be
    sent to another process.
    """

    terminal: Terminal
    json: bool
    answer: Callable[[Sequence[str], Session], int] | None = None
    carried: Mapping[str, object] | None = None
    answer_in_json: Callable[[Sequence[str]], tuple[str, Report]] | None = None

    @property
    def may_ask(self) -> bool:
        """Whether there is a person to ask."""
        return not self.json and self.terminal.is_interactive

    def at_prompt(self, carried: Mapping[str, object]) -> Session:
        """The session of a command that is typed at the prompt of an exercise."""
        return replace(self, carried=carried)

    def run(self, words: Sequence[str]) -> None:
        """Answer a command line in this session."""
        if self.answer is not None:
            self.answer(words, self)

    def confirms(self, question: str) -> bool:
        """Whether the person says yes; yes, too, where there is nobody to ask."""
        if not self.may_ask:
            return True
        said = self.terminal.ask(f"{question} [y/N] ") or ""
        return said.strip().lower() in ("y", "yes")


# --------------------------------------------------------------------------------------------------
# The one JSON object that ``--json`` puts on standard output, on every path.


SCHEMA = 1
JSON, TYPESET = "--json", "--typeset"


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether ``--json`` stands anywhere among the arguments, or ``--typeset``, which implies it.

    >>> wants_json(["forward", "--oops", "--json"]), wants_json(["forward", "json"])
    (True, False)
    """
    return any(argument.partition("=")[0] in (JSON, TYPESET) for argument in arguments)


def envelope(report: Report, command: str, *, typeset: bool = False) -> str:
    """The object as one text in ASCII, ending in a line break.

    With ``typeset`` its key ``page`` is the answer as HTML with MathML, where there is such a page.

    >>> report = Report(lambda: {"h": ["1/2"]}, lambda terminal: "h = 1/2")
    >>> json.loads(envelope(report, "forward"))["h"]
    ['1/2']
    """
    problem = report.problem
    error = (
        None
        if problem is None
        else {
            "code": problem.code,
            "message": problem.message,
            "row": problem.row,
            "column": problem.column,
            "suggestion": problem.suggestion,
            "option": problem.where,
        }
    )
    common = {
        "schema": SCHEMA,
        "command": command,
        "status": report.status,
        "error": error,
    }
    # the common keys stand first, and no command's own key takes their place
    content: dict[str, object] = {**common, **report.data(), **common}
    if report.warnings:
        content["warnings"] = list(report.warnings)
    if typeset and report.markdown is not None:
        from handcalc.views.html.document import typeset as drawn

        content["page"] = drawn(report.markdown())
    return json.dumps(content, indent=2, allow_nan=False) + "\n"
