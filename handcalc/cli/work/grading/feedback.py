"""What a student reads of their grades: a page of Markdown, in which nothing they typed acts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

import handcalc

from .gradebook import UNJUDGED, Gradebook, Row, StudentLine

MARK = "<!-- handcalc grade -->"
"""The first line of every page."""
# what begins something in Markdown or HTML, in its middle or as an address; lines begin with our
# own words
_ACTIVE = re.compile(r"[\\`*_\[\]<>&#|~$@!{}^=]|(?<=:)//|(?<=www)\.", re.IGNORECASE)
_WORDS = {
    "solved": "solved",
    "partial": "partly right",
    "wrong": "not right yet",
    "unreadable": "could not be read",
    "undecided": "not graded yet",
    "error": "not graded yet",
    "absent": "not handed in",
    "missing": "not answered",
    "unknown": "not graded yet",
    "doubled": "not graded yet",
}


def feedback(line: StudentLine, book: Gradebook) -> str:
    """The page of one student."""
    return "\n".join([MARK, *_lines(line, book)]) + "\n"


def escaped(text: str) -> str:
    r"""A text of others as Markdown that shows it, and does nothing else.

    >>> print(escaped("<b>1*2</b> [x](http://x.org)"))
    \<b\>1\*2\</b\> \[x\](http:\//x.org)
    """
    return _ACTIVE.sub(lambda found: "\\" + found[0], text)


def _lines(line: StudentLine, book: Gradebook) -> Iterator[str]:
    yield f"# Grades of {escaped(line.student or PurePath(line.hand_in).name)}"
    yield ""
    more = f", and {line.undecided} not graded yet" if line.undecided else ""
    yield f"**{line.points} of {line.of} points**{more}."
    if line.hand_in:
        when = "" if line.submitted is None else f", {line.submitted.isoformat()}"
        yield ""
        yield f"Handed in: {escaped(PurePath(line.hand_in).name)}{when}."
    if line.late:
        yield ""
        yield f"Lateness: {escaped(line.late)}."
    for row in line.rows:
        yield ""
        if row.exercise is None:
            yield f"## In {escaped(PurePath(row.file).name)}"
        else:
            exercise = book.by_slug[row.exercise]
            yield f"## Exercise {exercise.position}: {escaped(exercise.title)}"
        yield ""
        yield from _row(row)
    yield ""
    yield f"Graded by handcalc {handcalc.__version__}, course {escaped(book.version)}."


def _row(row: Row) -> Iterator[str]:
    points = "not graded yet" if row.points is None else f"{row.points} of {row.of} points"
    yield f"**{_WORDS.get(row.status, row.status).capitalize()}**, {points}."
    if row.happened:
        yield ""
        yield f"{'Why' if row.status in UNJUDGED else 'What happened'}: {escaped(row.happened)}"
    if row.advice:
        yield ""
        yield f"What to try: {escaped(row.advice)}"
