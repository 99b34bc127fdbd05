"""Command lines that a page asks: answered in processes of their own, each within its time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import TypeAlias

from handcalc.cli.report import TYPESET, Report

Answer: TypeAlias = tuple[str, int]
"""One JSON object, and the exit code."""

Call: TypeAlias = tuple[Sequence[str], str]
"""A command line, and what stands on its standard input."""


Program: TypeAlias = Callable[[Sequence[str]], tuple[str, Report]]
"""What answers a command line with the object that ``--json`` prints."""

# the commands that take --course; a test compares the two
OF_A_COURSE = {"exercises", "exercise", "next", "hint", "solution", "progress", "reset"}


@dataclass(frozen=True, slots=True)
class InCourse:
    """A program for which a course is the one in a folder, unless a command line names another."""

    answer_in_json: Program
    course: str

    def __call__(self, arguments: Sequence[str]) -> tuple[str, Report]:
        """The answer to a command line."""
        word, *rest = arguments or [""]
        named = any(each.partition("=")[0] == "--course" for each in rest)
        if word in OF_A_COURSE and not named:
            arguments = [word, f"--course={self.course}", *rest]
        return self.answer_in_json(arguments)


def answerer(
    answer_in_json: Program,
) -> Callable[[Call], Answer]:
    """What answers calls in this process, once most of what they need is imported.

    >>> from handcalc.cli.program import answer_in_json
    >>> answer = answerer(answer_in_json)
    >>> text, code = answer((["loss", "--W=-", "--sparsity=9/10"], "1 0; 0 1; 0 -1"))
    >>> code, '"loss": "1/300"' in text
    (0, True)
    """
    for b in ("", "1/2"):  # graded and typeset, so that the first call is quick
        answer_in_json(["exercise", "1", "--W=1 0; 0 1; 0 0", f"--b={b}", "--no-state", TYPESET])

    def answer(call: Call) -> Answer:
        arguments, given = call
        before, sys.stdin = sys.stdin, StringIO(given)
        try:
            with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
                text, report = answer_in_json(arguments)
            return text, int(report.exit_code)
        finally:
            sys.stdin = before

    return answer
