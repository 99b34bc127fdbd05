"""The one JSON object that ``--json`` puts on standard output, on every path."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from .report import Problem, Report

__all__ = ["SCHEMA", "envelope", "wants_json"]

SCHEMA = 1


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether ``--json`` stands anywhere among the arguments.

    >>> wants_json(["forward", "--oops", "--json"]), wants_json(["forward", "json"])
    (True, False)
    """
    return any(argument == "--json" or argument.startswith("--json=") for argument in arguments)


def envelope(report: Report, command: str) -> str:
    """The object as one text in ASCII, ending in a line break.

    >>> report = Report(lambda: {"h": ["1/2"]}, lambda terminal: "h = 1/2")
    >>> json.loads(envelope(report, "forward"))["h"]
    ['1/2']
    """
    content: dict[str, object] = {
        "schema": SCHEMA,
        "command": command,
        "status": report.status,
        "error": None if report.problem is None else _error(report.problem),
    }
    common = dict(content)
    content.update(report.data())
    content.update(common)
    if report.warnings:
        content["warnings"] = list(report.warnings)
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def _error(problem: Problem) -> Mapping[str, object]:
    return {
        "code": problem.code,
        "message": problem.message,
        "row": problem.row,
        "column": problem.column,
        "suggestion": problem.suggestion,
        "option": problem.where,
    }
