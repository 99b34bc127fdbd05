"""Every exercise of a course tried, and what is still to be written."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from textwrap import fill

from rich.console import Group, RenderableType

from exercises.authoring.checkup import Fault, checkup, unsearched
from exercises.course import manifest_slugs
from handcalc.cli.report import Exit, Report
from handcalc.cli.terminal import Terminal
from handcalc.errors import AuthorError
from handcalc.views.layout import to_type
from handcalc.wording import counted, word

from .course import folder_at

_UNWRITTEN = ("…", "...")
_INDEX = re.compile(r"\[[0-9]+\]")
_TO_WRITE = {
    "title": "in a few words, what the learner is to do",
    "statement": "what is given, and what is to be found",
    "typing": "what to type, and in which form",
    "hints": "a question that leads on, with no part of the answer in it",
    "why": "why the answer works, for those who have found it",
    "answer.claims": "a claim to choose from",
    "answer.reasons": "a reason to choose from",
    "solutions.title": "a name for this way to the answer",
    "solutions.reasoning": "how one gets there by hand",
    "wrong.happened": "what somebody who gives this answer has done",
    "wrong.try": "one thing to try next, as a question",
}
_NOT_SEARCHED = (
    "Stored best losses were not compared with a search, which needs the extra optimum: "
    'pip install "handcalc[optimum]"'
)


def check(course: str | None) -> Report:
    """The faults of a course, or of handcalc's own."""
    folder = None if course is None else folder_at(course, "DIR")
    unwritten = [] if folder is None else [*_unwritten(folder)]
    told = {(fault.file, fault.key) for fault in unwritten}
    others = (fault for fault in checkup(folder) if (fault.file, fault.key) not in told)
    faults = [*unwritten, *others]
    try:
        number = len(manifest_slugs(folder))
    except AuthorError:  # which is a fault among the others
        number = 0
    return Report(
        data=lambda: {
            "folder": course,
            "exercises": number,
            "count": len(faults),
            "faults": [asdict(fault) for fault in faults],
        },
        text=lambda terminal: _page(course, number, faults, terminal),
        warnings=(_NOT_SEARCHED,) if unsearched(folder) else (),
        exit_code=Exit.NOT_SOLVED if faults else Exit.DONE,
    )


def _unwritten(folder: Path) -> Iterator[Fault]:
    """A fault for every text that still stands as in the starter."""
    for file in sorted(folder.glob("*.toml")):
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        for key in _still_open(table, ""):
            what = _TO_WRITE.get(_INDEX.sub("", key), "a text")
            message = f"{file.name}, {key}: still to be written: {what}."
            yield Fault(file.name, key, "unwritten", message)


def _still_open(value: object, path: str) -> Iterator[str]:
    """The keys of the texts that are "…", each in full; lists count from 1."""
    if isinstance(value, str) and value.strip() in _UNWRITTEN:
        yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _still_open(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for i, inner in enumerate(value, 1):
            yield from _still_open(inner, f"{path}[{i}]")


def _page(
    course: str | None, number: int, faults: Sequence[Fault], terminal: Terminal
) -> RenderableType:
    exercises = counted(number, "exercise")
    if not faults:
        return f"{exercises}, no fault found."
    messages = (fill(fault.message, terminal.width, subsequent_indent="   ") for fault in faults)
    parts: list[RenderableType] = [terminal.plain(message) for message in messages]
    if course is not None and (faults[0].file, faults[0].code) == ("manifest.toml", "missing_file"):
        begin = f"handcalc dev new SLUG --dir {word(course)}"
        parts += ["", to_type(begin, "To begin a course there: ")]
    return Group(*parts, "", f"{exercises}, {counted(len(faults), 'fault')}.")
