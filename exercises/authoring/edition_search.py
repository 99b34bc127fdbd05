"""What a student edition must not hold, looked for in its files as they are handed out.

The search shares nothing with what makes an edition: what a file may show is what a file of an
edition is read as, with the numbers that the course itself has there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from exercises.assessment import course_version
from exercises.authoring.hint_leaks import leaked_answer
from exercises.authoring.student_edition import HEADER, toml_blocks
from exercises.course import course_place, load_variants, manifest_slugs
from exercises.course_files import CourseFile, StatementFile
from exercises.exercise import ChoiceAnswer, Exercise, Solution
from exercises.manifest import MANIFEST
from exercises.sealed import SealedValue
from exercises.tables import read_table
from exercises.variants import NAME, substitute
from handcalc.errors import InputError
from handcalc.parsing import parse_vector

if TYPE_CHECKING:
    from exercises.course import Folder

_LEAST = 20  # characters of a sentence that is unmistakable
_SENTENCE = re.compile(r"(?<=[.?!:])\s+")


@dataclass(frozen=True, slots=True)
class Leak:
    """What an edition must not hold: in which file, of which exercise, and the text itself."""

    file: str
    exercise: str
    text: str


@dataclass(frozen=True)
class EditionSearch:
    """The search in editions of a course, or of the bank. Errors: ``AuthorError``.

    >>> hint = "# What is the mean of x while it is on?"
    >>> next(EditionSearch().leaks({"importance.toml": hint})).exercise
    'best-bias-sparse'
    """

    folder: Folder | None = None

    def leaks(self, files: Mapping[str, str]) -> Iterator[Leak]:
        """What files of an edition hold beside what students are to see, and gives something away.

        Of each file everything is taken out that the course itself shows of that exercise. What is
        left, comments and keys too, is searched for every hint, tip, reason, solution, wrong answer
        and stored value of the whole course: as it is typed, with other spaces, and as numbers in
        any spelling.
        """
        for name, text in files.items():
            flat = " ".join(self._left(name, text).split())
            if not flat:
                continue
            for exercise, secrets in self._hidden:
                found = [secret for secret in secrets if _stands_in(flat, secret)]
                found += filter(None, [leaked_answer(flat, exercise)])
                yield from (Leak(name, exercise.id, text) for text in found)

    def _left(self, name: str, text: str) -> str:
        """What a file has beside what the course shows; all of it, where it is no TOML."""
        left = text.replace(HEADER, "\n", 1)
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            return left
        for block in toml_blocks(table):
            left = left.replace(block, "\n", 1)
        return "\n".join([left, *_beside(table, self._shown.get(name, ()))])

    @cached_property
    def _tables(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """The files of the course by their slugs: a table for each set of numbers."""
        place, slugs = course_place(self.folder), manifest_slugs(self.folder)
        files = {slug: CourseFile.of(place, slug) for slug in slugs}
        return {
            slug: [file.substituted(i).values for i in range(1, file.count + 1)]
            for slug, file in files.items()
        }

    @cached_property
    def _shown(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """What may be shown of each file, by its name: a table for each set of numbers."""
        manifest = read_table(course_place(self.folder).joinpath(MANIFEST)).values
        shown = {MANIFEST: [{"edition_of": course_version(self.folder), **manifest}]}
        for slug, tables in self._tables.items():
            shown[f"{slug}.toml"] = [
                {key: table[key] for key in StatementFile.__struct_fields__ if key in table}
                for table in tables
            ]
        return shown

    @cached_property
    def _hidden(self) -> Sequence[tuple[Exercise, frozenset[str]]]:
        """Each exercise in each variant, with its secrets."""
        return [
            (_with_wrong(each), frozenset(secrets(each, table)))
            for slug, tables in self._tables.items()
            for each, table in zip(load_variants(slug, self.folder), tables, strict=True)
        ]


def _beside(table: Mapping[str, Any], shown: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The texts of a table, keys too, that with some set of its numbers are not what is shown.

    >>> shown = [{"statement": "S = 1/2?"}, {"statement": "S = 3/4?"}]
    >>> rows = [{"n1": "1/2", "b": "1/4"}, {"n1": "3/4", "b": "1/8"}]
    >>> list(_beside({"statement": "S = {n1}?", "why": "So.", "variants": rows}, shown))
    ['why', 'So.', 'why', 'So.', 'b', '1/4', 'b', '1/8']
    """
    texts = {key: value for key, value in table.items() if key != "variants"}
    rows: Sequence[Mapping[str, str]] = table.get("variants", [{}])
    if not _is_numbers(rows) or len(rows) != len(shown):
        yield from _texts_of(table)
        return
    for row, each in zip(rows, shown, strict=True):
        yield from _others(substitute(texts, row), each)
    held = {name for text in _texts_of(texts) for name in NAME.findall(text)}
    for row in rows:
        yield from _texts_of({name: value for name, value in row.items() if name not in held})


def _others(value: object, shown: object) -> Iterator[str]:
    """The texts of a value, keys too, that what is shown has not in their place."""
    if isinstance(value, Mapping) and isinstance(shown, Mapping):
        for key, each in value.items():
            yield from _others(each, shown[key]) if key in shown else _texts_of({key: each})
    elif isinstance(value, list) and isinstance(shown, list) and len(value) == len(shown):
        for each, one in zip(value, shown, strict=True):
            yield from _others(each, one)
    elif value != shown:
        yield from _texts_of(value)


def _is_numbers(rows: object) -> bool:
    """Whether it is a list of tables of texts."""
    return isinstance(rows, list) and all(
        isinstance(row, Mapping) and all(isinstance(each, str) for each in row.values())
        for row in rows
    )


def _texts_of(value: object) -> Iterator[str]:
    """All that stands in a value: the keys of its tables, and every text, number and date."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield key
            yield from _texts_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts_of(each)
    else:
        yield str(value)


def _stands_in(flat: str, secret: str) -> bool:
    """Whether a text stands somewhere by itself, whatever the spaces in it.

    >>> _stands_in("b = 3/8, then", "3/8"), _stands_in("[1,0]", "1, 0"), _stands_in("13/8", "3/8")
    (True, True, False)
    """
    if secret.replace(" ", "") not in flat.replace(" ", ""):  # as is nearly every one
        return False
    words = r"\s*".join(map(re.escape, secret.split()))
    return re.search(rf"(?<![\w./-]){words}(?![\w/])", flat) is not None


def secrets(exercise: Exercise, table: Mapping[str, Any]) -> set[str]:
    """The texts that give something away, in one line each: sentences, answers, stored values.

    >>> from exercises.course import load
    >>> found = secrets(load("best-bias-sparse"), {"engine": {"S": "1/4"}})
    >>> "3/8" in found, "0.25" in found, "What is the mean of x while it is on?" in found
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
    for text in (*typed, *stored):
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
    wrong = (
        Solution(
            W=each.W,
            b=each.b,
            answer=each.answer,
            matrices=each.matrices,
            title=each.diagnosis,
            reasoning=each.diagnosis,
        )
        for each in key.wrong
    )
    known = replace(key, solutions=(*key.solutions, *wrong))
    return replace(exercise, statement="-", key=SealedValue(known))
