"""The student edition of a course: what is asked, without anything that gives an answer away.

Ids, positions, parts and the draw of variants are those of the course, so that it grades what is
handed in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from exercises.assessment import course_version
from exercises.authoring.hint_leaks import leaked_answer
from exercises.course import course_place, edition_of, load_variants, manifest_slugs
from exercises.exercise import Exercise
from exercises.manifest import MANIFEST
from exercises.tables import read_table
from exercises.variants import NAME, substitute
from handcalc.errors import InputError

if TYPE_CHECKING:
    from exercises.course import Folder

SHOWN = ("title", "statement", "typing", "answer", "example")
"""The keys of an exercise that its students see; all others give something away."""

HEADER = """\
# The student edition of a course: it reads answers, and does not grade them.
"""
"""The comment with which the manifest of an edition begins; there is no other."""


@dataclass(frozen=True, slots=True)
class StudentEdition:
    """An edition: its ``files`` by their names, and the version of the course that grades it.

    ``stating`` are the exercises whose own statement has the numbers of an answer, or of a part of
    one, as when a bias stays as it is given.
    """

    version: str
    files: Mapping[str, str]
    stating: tuple[str, ...]


def student_edition(folder: Folder | None = None) -> StudentEdition:
    """The student edition of a course, or of the bank; ``EditionSearch`` finds what leaks in it.

    Errors: ``AuthorError`` for a course that is not as it must be, ``InputError`` with code
    ``student_edition`` for one that is an edition already.

    >>> edition = student_edition()
    >>> "3/10" in edition.files["best-bias-sparse.toml"], len(edition.stating)
    (False, 2)
    """
    if edition_of(folder):
        said = "This is a student edition already: release the course that it was made from."
        raise InputError("student_edition", said)
    place, version = course_place(folder), course_version(folder)
    manifest = {"edition_of": version, **read_table(place.joinpath(MANIFEST)).values}
    files, stating = {MANIFEST: HEADER + toml(manifest)}, list[str]()
    for slug in manifest_slugs(folder):
        files[f"{slug}.toml"] = toml(shown_part(read_table(place.joinpath(f"{slug}.toml")).values))
        stating += [slug] if any(map(_states_answer, load_variants(slug, folder))) else []
    return StudentEdition(version, files, tuple(stating))


def _states_answer(exercise: Exercise) -> bool:
    """Whether what students read of an exercise has the numbers of an answer, or of a part."""
    told = f"{exercise.statement}\n{exercise.typing}"
    return leaked_answer(told, replace(exercise, statement="-")) is not None


def shown_part(values: Mapping[str, Any]) -> dict[str, Any]:
    """What students see of the file of an exercise, with the numbers that stand in it.

    Names of numbers are made anew: an author's can tell which claim is right.

    >>> variants = [{"S": "1/2", "right": "1/4"}, {"S": "3/4", "right": "1/8"}]
    >>> shown = shown_part({"statement": "S = {S}?", "why": "{right}", "variants": variants})
    >>> shown["statement"], shown["variants"]
    ('S = {n1}?', [{'n1': '1/2'}, {'n1': '3/4'}])
    """
    shown: dict[str, Any] = {key: values[key] for key in SHOWN if key in values}
    rows = values.get("variants", [])
    known = rows[0] if rows else {}
    names = [name for name in dict.fromkeys(NAME.findall(_texts_of(shown))) if name in known]
    made = {name: f"n{k}" for k, name in enumerate(names, 1)}
    shown = substitute(shown, {name: f"{{{new}}}" for name, new in made.items()})
    if rows:
        shown["variants"] = [{new: row[name] for name, new in made.items()} for row in rows]
    return shown


def _texts_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# --------------------------------------------------------------------------------------------------
# A table as TOML.


def toml(table: Mapping[str, Any]) -> str:
    r"""A table as a file of TOML: its texts and lists first, then its tables.

    >>> print(end=toml({"answer": {"kind": "number"}, "typing": "1/2", "variants": [{"n1": "2"}]}))
    typing = "1/2"
    <BLANKLINE>
    [answer]
    kind = "number"
    <BLANKLINE>
    [[variants]]
    n1 = "2"
    """
    return "".join(toml_blocks(table))


def toml_blocks(table: Mapping[str, Any]) -> list[str]:
    """The parts of such a file: each key with its value, and each table with its head."""
    found = [f"{key} = {_toml(value)}\n" for key, value in table.items() if not _is_table(value)]
    for key, value in table.items():
        if isinstance(value, Mapping):
            found.append(f"\n[{key}]\n{_lines(value)}")
        elif _is_table(value):
            found += [f"\n[[{key}]]\n{_lines(each)}" for each in value]
    return found


def _is_table(value: Any) -> bool:
    """Whether it is a table, or a list of tables."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, Mapping) for each in value)
    return isinstance(value, Mapping)


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{_key(key)} = {_toml(value)}\n" for key, value in table.items())


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)


def _toml(value: object) -> str:
    """A value on one line, but for a text of several lines, which stands as it is read."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(k)} = {_toml(v)}' for k, v in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if not isinstance(value, str):
        return json.dumps(value)
    # JSON's escapes are TOML's, which wants one more character escaped
    written = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if "\n" not in value:
        return written
    lines = written[1:-1].replace("\\n", "\n")
    if '"""' not in value and not value.endswith('"'):
        lines = lines.replace('\\"', '"')
    return f'"""\n{lines}"""'
