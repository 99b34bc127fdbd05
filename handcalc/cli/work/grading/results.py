"""A student's grades as Gradescope's results.json.

The format is that of its autograder specifications, section "Output format"
(https://gradescope-autograders.readthedocs.io/en/latest/specs/).
"""

from __future__ import annotations

import json

import handcalc

from .gradebook import Gradebook, Row, StudentLine

MARK = '"handcalc"'
"""What stands near the start of every such file of ours."""


def results(line: StudentLine, book: Gradebook) -> str:
    """The grades of one student; what has no points yet counts none, and its test says why."""
    said = [f"Graded by handcalc {handcalc.__version__}, course {book.version}."]
    if line.late:
        said.append(f"Lateness: {line.late}.")
    if line.undecided:
        said.append(f"{line.undecided} not graded yet: ask your lecturer.")
    found = {
        "extra_data": {
            "handcalc": handcalc.__version__,
            "course": book.version,
            "student": line.student,
            "points": str(line.points),
            "of": str(line.of),
            "undecided": line.undecided,
        },
        "score": float(line.points),
        "output": "\n".join(said),
        "tests": [_test(row, book) for row in line.rows],
    }
    return json.dumps(found, indent=2, allow_nan=False) + "\n"


def _test(row: Row, book: Gradebook) -> dict[str, object]:
    exercise = book.by_slug.get(row.exercise or "")
    number = {} if exercise is None else {"number": str(exercise.position)}
    advice = f"\n\nWhat to try: {row.advice}" if row.advice else ""
    return {
        "name": row.file if exercise is None else exercise.title,
        **number,
        "score": float(row.points or 0),
        "max_score": float(row.of),
        "output": f"{row.status}: {row.happened}{advice}",
        "extra_data": {
            "status": row.status,
            "score": None if row.score is None else str(row.score),
            "points": None if row.points is None else str(row.points),
        },
    }
