"""A class as JUnit XML, a test suite a student, as CI servers and their plugins read it.

The schema is Jenkins's (xunit-plugin, junit-10.xsd). What is not solved is a failure, and what has
no points yet is an error: nothing is ever a test that was skipped.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

import handcalc

from .gradebook import Gradebook, Row, StudentLine


def junit(book: Gradebook) -> str:
    """The document; all texts of others in it are visible ones, so that XML can hold them."""
    titles = {each.id: f"{each.position} {each.id}" for each in book.exercises}
    root = Element("testsuites", {"name": f"handcalc grade {book.version}", **_counts(book.rows)})
    for line in book.lines:
        _suite(root, line, titles, book.version)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _suite(root: Element, line: StudentLine, titles: dict[str, str], version: str) -> None:
    name = line.student or line.hand_in
    suite = SubElement(root, "testsuite", {"name": name, **_counts(line.rows), "skipped": "0"})
    said = {
        "course": version,
        "handcalc": handcalc.__version__,
        "points": str(line.points),
        "of": str(line.of),
        "handed_in": line.hand_in,
        "late": line.late,
    }
    properties = SubElement(suite, "properties")
    for key, value in said.items():
        SubElement(properties, "property", {"name": key, "value": value})
    for row in line.rows:
        case = {"classname": name, "name": titles.get(row.exercise or "", row.file)}
        test = SubElement(suite, "testcase", case)
        if (kind := _kind(row)) is not None:
            told = SubElement(test, kind, {"type": row.status, "message": row.happened})
            points = "undecided" if row.points is None else str(row.points)
            told.text = f"{points} of {row.of} points. {row.happened}"


def _kind(row: Row) -> str | None:
    if row.needs_eyes:
        return "error"
    return None if row.status == "solved" else "failure"


def _counts(rows: tuple[Row, ...]) -> dict[str, str]:
    kinds = [_kind(row) for row in rows]
    return {
        "tests": str(len(kinds)),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
    }
