"""Exercises from files: one TOML an exercise, and manifest.toml for their order.

A folder of such files is a course; the one inside the package is the bank.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from exercises.exercise import (
    AnswerKey,
    AnswerKind,
    ChoiceAnswer,
    Exercise,
    IntervalAnswer,
    ModelAnswer,
    NumberAnswer,
    SealedValue,
    Solution,
    TypedAnswer,
    VectorAnswer,
    WrongAnswer,
)
from exercises.toml_checks import check_of
from exercises.toml_table import TomlTable, read_table
from exercises.variants import drawn, student_name, substituted
from handcalc.errors import AuthorError, InputError
from handcalc.parsing import parse_vector
from handcalc.storage.files import at_home

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from handcalc.superposition.model.toy_model import Activation


Folder: TypeAlias = "Traversable | str"
"""A course: a path, as ``Path`` or text, or a folder inside a package."""

_MANIFEST = "manifest.toml"
_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LEFT = re.compile(r"\{[A-Za-z][A-Za-z0-9_]*\}")
_KEYS = ("title", "statement", "typing", "answer", "check", "example", "hints", "solutions", "why")
_OPTIONAL = ("wrong", "variants", "engine")


@dataclass(frozen=True, slots=True)
class _Course:
    """A folder of exercises, their slugs in order, and the salt with which variants are drawn."""

    folder: Traversable
    slugs: tuple[str, ...]
    salt: str


def load(
    which: int | str,
    folder: Folder | None = None,
    *,
    student: str | None = None,
    variant: int | None = None,
) -> Exercise:
    """The exercise at a position, counted from 1, or with a slug.

    ``folder`` is a course; without it, the bank. A ``student`` (by a name) gets the variant that is
    drawn for them; ``variant`` names one, counted from 1; else it is the first. Errors:
    ``InputError`` with code ``unknown_exercise``, ``unknown_variant`` or ``no_name``;
    ``AuthorError`` for a file that is not as it must be.

    >>> load("1") == load("perfect-reconstruction")
    True
    """
    course = _course(folder)
    position = _position(str(which).strip(), course.slugs)
    slug = course.slugs[position - 1]
    file = _File.of(course, slug)
    if student is not None:
        student = student_name(student)
        variant = drawn(course.salt, student, slug, file.count)
    found = file.exercise(position, 1 if variant is None else variant)
    return replace(found, student=student, folder=folder)


def load_all(folder: Folder | None = None, *, student: str | None = None) -> tuple[Exercise, ...]:
    """All exercises of a course, or of the bank, in the manifest's order.

    Errors: ``AuthorError`` for a file that is not as it must be, and for one that the manifest
    does not list.

    >>> [exercise.position for exercise in load_all()][:1]
    [1]
    """
    course = _course(folder)
    for fault in unlisted(folder):
        raise fault
    return tuple(load(slug, folder, student=student) for slug in course.slugs)


def manifest_slugs(folder: Folder | None = None) -> tuple[str, ...]:
    """The slugs of a course, or of the bank, in their order.

    >>> manifest_slugs()[0]
    'perfect-reconstruction'
    """
    return _course(folder).slugs


def unlisted(folder: Folder | None = None) -> tuple[AuthorError, ...]:
    """A fault for each exercise file that the manifest does not list.

    >>> unlisted()
    ()
    """
    course = _course(folder)
    manifest = read_table(course.folder.joinpath(_MANIFEST))
    return tuple(
        manifest.fault(
            "unlisted_file",
            "exercises",
            f'"{slug}" is not listed, and there is a file {slug}.toml.',
        )
        for slug in sorted(_on_disk(course.folder) - set(course.slugs))
    )


def course_mark(folder: Folder | None = None) -> str:
    """What sets a course's records apart: its folder's name, and a digest of its salt.

    Without a salt it is a digest of where the folder is: then another place is another course. The
    bank has none. Errors: ``AuthorError`` for a manifest that is not as it must be.

    >>> course_mark()
    ''
    """
    if folder is None:
        return ""
    place = Path(str(_place(folder))).resolve()
    manifest = read_table(place.joinpath(_MANIFEST))
    salt = manifest.text("salt") if "salt" in manifest else str(place)
    return f"{place.name}-{sha256(salt.encode(errors='surrogateescape')).hexdigest()[:8]}"


def engine_table(exercise: Exercise, folder: Folder | None = None) -> TomlTable | None:
    """The table that names the calculation behind a stored answer, with the variant's numbers."""
    table = _File.of(_course(folder), exercise.id).substituted(exercise.variant)
    return table.table("engine") if "engine" in table else None


def load_variants(which: int | str, folder: Folder | None = None) -> tuple[Exercise, ...]:
    """An exercise with each of its sets of numbers, in their order.

    >>> [exercise.variant for exercise in load_variants(1)]
    [1]
    """
    course = _course(folder)
    position = _position(str(which).strip(), course.slugs)
    file = _File.of(course, course.slugs[position - 1])
    return tuple(file.exercise(position, i) for i in range(1, file.count + 1))


def _course(folder: Folder | None) -> _Course:
    place = _place(folder)
    manifest = read_table(place.joinpath(_MANIFEST))
    manifest.only("exercises", optional=("salt",))
    slugs = manifest.texts("exercises")
    for i, slug in enumerate(slugs, 1):
        if not _SLUG.fullmatch(slug):
            raise manifest.fault(
                "wrong_value",
                f"exercises[{i}]",
                "a slug is lower-case letters and digits with single hyphens between, "
                f'such as "two-arrows", not "{slug}".',
            )
        if slug in slugs[: i - 1]:
            raise manifest.fault(
                "duplicate", f"exercises[{i}]", f'"{slug}" already names an exercise.'
            )
    return _Course(place, slugs, manifest.text("salt") if "salt" in manifest else "")


def drawn_variant(exercise: Exercise, student: str, folder: Folder | None = None) -> int:
    """Which variant of an exercise a student gets, as ``load`` would draw it.

    >>> exercise = load("best-bias-sparse", student="ada")
    >>> drawn_variant(exercise, "ada") == exercise.variant
    True
    """
    return drawn(_course(folder).salt, student_name(student), exercise.id, exercise.variants)


def _place(folder: Folder | None) -> Traversable:
    if folder is None:
        return resources.files("exercises").joinpath("bank")
    return at_home(folder) if isinstance(folder, str) else folder


def _on_disk(folder: Traversable) -> set[str]:
    names = {file.name for file in folder.iterdir()} - {_MANIFEST}
    return {name.removesuffix(".toml") for name in names if name.endswith(".toml")}


def _position(which: str, slugs: tuple[str, ...]) -> int:
    if which in slugs:
        return slugs.index(which) + 1
    if which.isdecimal() and len(which) < 6 and 1 <= int(which) <= len(slugs):
        return int(which)
    near = get_close_matches(which, slugs, n=1)
    name, last = (near or slugs)[0], len(slugs)
    positions = f'type a position from 1 to {last} or a name such as "{name}"'
    if last == 1:
        positions = f'there is one so far: type 1 or "{name}"'
    raise InputError(
        "unknown_exercise",
        f'There is no exercise "{which[:40]}"; {positions}.',
        suggestion=name,
    )


@dataclass(frozen=True, slots=True)
class _File:
    """The file of an exercise: its table, and the numbers of each variant by name."""

    slug: str
    table: TomlTable
    numbers: tuple[Mapping[str, str], ...]

    @classmethod
    def of(cls, course: _Course, slug: str) -> _File:
        table = read_table(course.folder.joinpath(f"{slug}.toml"))
        table.only(*_KEYS, optional=_OPTIONAL)
        rows = table.tables("variants", least=2) if "variants" in table else ()
        _check_variants(table, rows)
        return cls(
            slug, table, tuple({name: row.text(name) for name in row.values} for row in rows)
        )

    @property
    def count(self) -> int:
        """How many sets of numbers there are."""
        return max(1, len(self.numbers))

    def exercise(self, position: int, variant: int) -> Exercise:
        """The exercise with one set of numbers."""
        if not 1 <= variant <= self.count:
            raise InputError(
                "unknown_variant",
                f'Exercise "{self.slug}" has variants from 1 to {self.count}, not {variant}.',
            )
        table = self.substituted(variant)
        answer = _answer(table.table("answer"))
        model = isinstance(answer, ModelAnswer)
        solutions = table.tables("solutions", least=1)
        wrong = table.tables("wrong", least=1) if "wrong" in table else ()
        return Exercise(
            id=self.slug,
            position=position,
            title=table.text("title"),
            statement=table.text("statement"),
            typing=table.text("typing"),
            answer=answer,
            example=_typed(table.table("example"), model),
            key=SealedValue(
                AnswerKey(
                    check=check_of(table.table("check"), answer),
                    hints=table.texts("hints", least=2),
                    solutions=tuple(_solution(each, model) for each in solutions),
                    wrong=tuple(_wrong(each, model) for each in wrong),
                    why=table.text("why"),
                )
            ),
            variant=variant,
            variants=self.count,
        )

    def substituted(self, variant: int) -> TomlTable:
        """The table with the numbers of one variant put in; no {name} may be left."""
        values = {key: value for key, value in self.table.values.items() if key != "variants"}
        numbers = self.numbers[variant - 1] if self.numbers else {}
        put = {key: substituted(value, numbers) for key, value in values.items()}
        for key, value in put.items():
            left = _LEFT.search(str(value))
            if left:
                said = f"{left[0]} stands in a text, and no variant says what it is."
                raise self.table.fault("unknown_name", key, said)
        return TomlTable(self.table.file, put)


def _check_variants(table: TomlTable, rows: Sequence[TomlTable]) -> None:
    """Each name stands in a text, all variants have all names, and no two the same numbers."""
    texts = str({key: value for key, value in table.values.items() if key != "variants"})
    for name in rows[0].values if rows else ():
        if f"{{{name}}}" not in texts:
            raise table.fault("unknown_name", f"variants[1].{name}", f"no text holds {{{name}}}.")
    seen: list[Mapping[str, object]] = []
    for i, row in enumerate(rows, 1):
        row.only(*rows[0].values)
        numbers = {name: _parsed(row.text(name)) for name in row.values}
        if numbers in seen:
            said = f"these numbers are those of variants[{seen.index(numbers) + 1}]."
            raise table.fault("duplicate", f"variants[{i}]", said)
        seen.append(numbers)


def _parsed(text: str) -> object:
    """The numbers that a text is, or the text itself."""
    try:
        return parse_vector(text)
    except InputError:
        return text


def _answer(table: TomlTable) -> AnswerKind:
    kind = table.choice("kind", ("model", "number", "interval", "vector", "choice"))
    if kind == "model":
        table.only("kind", "features", "dimensions", "activation")
        activation = cast("Activation", table.choice("activation", ("relu", "linear")))
        return ModelAnswer(table.whole("features"), table.whole("dimensions"), activation)
    if kind == "choice":
        table.only("kind", "claims", optional=("reasons",))
        reasons = table.texts("reasons", least=2) if "reasons" in table else ()
        return ChoiceAnswer(table.texts("claims", least=2), reasons)
    if kind == "vector":
        table.only("kind", "name", "length")
        return VectorAnswer(table.text("name"), table.whole("length"))
    table.only("kind", "name")
    return (
        NumberAnswer(table.text("name")) if kind == "number" else IntervalAnswer(table.text("name"))
    )


def _solution(table: TomlTable, model: bool) -> Solution:
    table.only("title", "reasoning", *_names(model))
    return Solution(table.text("title"), _texts(table, model), table.text("reasoning"))


def _wrong(table: TomlTable, model: bool) -> WrongAnswer:
    table.only("diagnosis", *_names(model), optional=("happened", "try"))
    if ("happened" in table) != ("try" in table):
        raise table.fault("missing_key", "try", '"happened" and "try" go together.')
    said = (table.text("happened"), table.text("try")) if "try" in table else (None, None)
    return WrongAnswer(_texts(table, model), table.text("diagnosis"), *said)


def _typed(table: TomlTable, model: bool) -> TypedAnswer:
    table.only(*_names(model))
    return _texts(table, model)


def _names(model: bool) -> tuple[str, ...]:
    return ("W", "b") if model else ("answer",)


def _texts(table: TomlTable, model: bool) -> TypedAnswer:
    return {name: table.text(name) for name in _names(model)}
