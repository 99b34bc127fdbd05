"""The student edition of a course: what is asked, without anything that gives an answer away.

Ids, positions, parts and the draw of variants are those of the course, so that it grades what is
handed in. An edition is searched for what it must not hold before anybody sees it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from exercises.assessment import course_version
from exercises.authoring.hint_leaks import leaked_answer
from exercises.course import course_place, edition_of, load_variants, manifest_slugs
from exercises.exercise import ChoiceAnswer, Exercise, Solution
from exercises.manifest import MANIFEST
from exercises.sealed import SealedValue
from exercises.tables import read_table
from exercises.variants import NAME, substitute
from handcalc.errors import InputError
from handcalc.parsing import parse_vector

if TYPE_CHECKING:
    from exercises.course import Folder

SHOWN = ("title", "statement", "typing", "answer", "example")
"""The keys of an exercise that its students see; all others give something away."""

_HEADER = """\
# The student edition of a course: it reads answers, and does not grade them.
"""
_LEAST = 20  # characters of a sentence that is unmistakable
_SENTENCE = re.compile(r"(?<=[.?!:])\s+")


@dataclass(frozen=True, slots=True)
class StudentEdition:
    """An edition: its ``files`` by their names, and the version of the course that grades it.

    ``stating`` are the exercises whose own statement has the numbers of an answer, or of a part of
    one, as when a bias stays as it is given.
    """

    version: str
    files: Mapping[str, str]
    stating: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leak:
    """What an edition must not hold: in which file, of which exercise, and the text itself."""

    file: str
    exercise: str
    text: str


def student_edition(folder: Folder | None = None) -> StudentEdition:
    """The student edition of a course, or of the bank, searched for what it must not hold.

    Errors: ``AuthorError`` for a course that is not as it must be, ``InputError`` with code
    ``student_edition`` for one that is an edition already, and ``leak`` for one that holds more.

    >>> edition = student_edition()
    >>> "3/10" in edition.files["best-bias-sparse.toml"], len(edition.stating)
    (False, 2)
    """
    if edition_of(folder):
        said = "This is a student edition already: release the course that it was made from."
        raise InputError("student_edition", said)
    place = course_place(folder)
    slugs = manifest_slugs(folder)
    course = [exercise for slug in slugs for exercise in load_variants(slug, folder)]
    files = {MANIFEST: _HEADER + toml(_edition_manifest(folder))}
    for slug in slugs:
        files[f"{slug}.toml"] = toml(shown_part(read_table(place.joinpath(f"{slug}.toml")).values))
    found = next(EditionSearch.of(folder).leaks(files), None)
    if found is not None:
        said = f"{found.file} would hold “{found.text}”, which belongs to {found.exercise}."
        raise InputError("leak", said)
    stating = (
        each.id for each in course if leaked_answer(_told(each), replace(each, statement="-"))
    )
    return StudentEdition(course_version(folder), files, tuple(dict.fromkeys(stating)))


def _edition_manifest(folder: Folder | None) -> dict[str, Any]:
    """The manifest of a course, and which version of it this is."""
    values = read_table(course_place(folder).joinpath(MANIFEST)).values
    return {"edition_of": course_version(folder), **values}


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


# --------------------------------------------------------------------------------------------------
# The search.


@dataclass(frozen=True, slots=True)
class EditionSearch:
    """What a course shows of each file, by its name, and each variant with its secrets."""

    shown: Mapping[str, Mapping[str, Any]]
    hidden: tuple[tuple[Exercise, frozenset[str]], ...]

    @classmethod
    def of(cls, folder: Folder | None = None) -> EditionSearch:
        """Everything that is to be looked for, in all variants of a course, or of the bank."""
        place, shown, hidden = (
            course_place(folder),
            {MANIFEST: _edition_manifest(folder)},
            list[tuple[Exercise, frozenset[str]]](),
        )
        for slug in manifest_slugs(folder):
            table = read_table(place.joinpath(f"{slug}.toml")).values
            shown[f"{slug}.toml"] = shown_part(table)
            hidden += [
                (_with_wrong(each), frozenset(secrets(each, table)))
                for each in load_variants(slug, folder)
            ]
        return cls(shown, tuple(hidden))

    def leaks(self, files: Mapping[str, str]) -> Iterator[Leak]:
        """What files of an edition hold beside what students are to see, and gives something away.

        Of each file everything is taken out that the course itself shows of that exercise. What is
        left, comments and keys too, is searched for every hint, tip, reason, solution, wrong answer
        and stored value of the whole course: as it is typed, with other spaces, and as numbers in
        any spelling.
        """
        for name, text in files.items():
            left = text.replace(_HEADER, "\n", 1)
            for block in toml_blocks(self.shown.get(name, {})):
                left = left.replace(block, "\n", 1)
            flat = " ".join(left.split())
            if not flat:
                continue
            for exercise, secrets in self.hidden:
                found = [secret for secret in secrets if _token(secret).search(flat)]
                found += filter(None, [leaked_answer(flat, exercise)])
                yield from (Leak(name, exercise.id, text) for text in found)


def _token(text: str) -> re.Pattern[str]:
    """A text that stands by itself, whatever the spaces in it."""
    words = r"\s*".join(map(re.escape, text.split()))
    return re.compile(rf"(?<![\w./-]){words}(?![\w/])")


def secrets(exercise: Exercise, table: Mapping[str, Any]) -> set[str]:
    """The texts that give something away, in one line each: sentences, answers, stored values.

    >>> from exercises.course import load
    >>> found = secrets(load("best-bias-sparse"), {"check": {"value": "{b}"}})
    >>> "3/8" in found, "0.375" in found, "What is the mean of x while it is on?" in found
    (True, True, True)
    """
    key = exercise.key()
    prose = [*key.hints, *key.tips, key.why]
    prose += [text for each in key.solutions for text in (each.title, each.reasoning)]
    prose += [text for each in key.wrong for text in (each.happened, each.advice) if text]
    sentences = (part for text in prose for part in _SENTENCE.split(text))
    found = {" ".join(part.split()) for part in sentences if len(part) >= _LEAST}
    typed = [text for each in (*key.solutions, *key.wrong) for text in each.typed.values()]
    stored = [*_values(table.get("check")), *_values(table.get("engine"))]
    is_choice = isinstance(exercise.answer, ChoiceAnswer)  # whose letters stand everywhere
    for text in (*typed, *(each for each in stored if not NAME.search(each))):
        found |= set() if is_choice and len(text) < 3 else _spellings(text)
    return found | {each.diagnosis for each in key.wrong if "-" in each.diagnosis}


def _values(value: object) -> Iterator[str]:
    """The texts of a table that have a digit in them: kinds and names are no secret."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _values(each)
    elif isinstance(value, list):
        for each in value:
            yield from _values(each)
    elif isinstance(value, str) and re.search(r"\d", value):
        yield value


def _spellings(text: str) -> set[str]:
    """A text in one line; of rational numbers also the decimals, and with commas between."""
    plain = " ".join(text.split())
    try:
        numbers = [Fraction(str(number)) for number in parse_vector(text.replace(";", " "))]
    except (InputError, ValueError):
        return {plain}
    decimals = [f"{float(number):.6g}" for number in numbers]
    listed = ([str(number) for number in numbers], decimals)
    return {plain, *(mark.join(each) for mark in (" ", ", ", ",") for each in listed)}


def _with_wrong(exercise: Exercise) -> Exercise:
    """The same without its statement, whose numbers are known, and its wrong answers as answers."""
    key = exercise.key()
    wrong = (Solution(**_parts(each.typed), title="Wrong", reasoning="-") for each in key.wrong)
    known = replace(key, solutions=(*key.solutions, *wrong))
    return replace(exercise, statement="-", key=SealedValue(known))


def _parts(typed: Mapping[str, str]) -> dict[str, Any]:
    ordinary = {name: text for name, text in typed.items() if name in ("W", "b", "answer")}
    others = tuple((name, text) for name, text in typed.items() if name not in ordinary)
    return {**ordinary, "matrices": others}


def _told(exercise: Exercise) -> str:
    """What students read of an exercise."""
    return f"{exercise.statement}\n{exercise.typing}"
