"""Exercises from files: one TOML an exercise, and manifest.toml for their order.

A folder of such files is a course; the one inside the package is the bank.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec

from exercises.checks import check_of
from exercises.exercise import (
    AnswerKey,
    AnswerKind,
    Exercise,
    MatricesAnswer,
    ModelAnswer,
    SealedValue,
    Solution,
    Typed,
    WrongAnswer,
)
from exercises.manifest import MANIFEST, Manifest, manifest_fault, position_of, read_manifest
from exercises.matrices import with_matrices
from exercises.tables import (
    FileTable,
    TableError,
    TableRecord,
    Text,
    Texts,
    TwoTexts,
    read_text,
    table_of,
)
from exercises.variants import draw, student_name, substitute
from handcalc.errors import AuthorError, InputError
from handcalc.parsing import parse_vector
from handcalc.storage.files import at_home

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


Folder: TypeAlias = "Traversable | str"
"""A course: a path, as ``Path`` or text, or a folder inside a package."""

_LEFT = re.compile(r"\{[A-Za-z][A-Za-z0-9_]*\}")


def load(
    which: int | str,
    folder: Folder | None = None,
    *,
    student: str | None = None,
    variant: int | None = None,
) -> Exercise:
    """The exercise at a position, counted from 1, or with a slug.

    Args:
        which: The position, the slug, or either as a text.
        folder: A course; None is the bank.
        student: By this name, the variant that is drawn for them.
        variant: This variant, counted from 1; without either it is the first.

    Returns:
        The exercise; its hints, solutions and check are in ``key()`` and ``hint(1)``.

    Raises:
        InputError: ``unknown_exercise``, ``unknown_variant`` or ``no_name``.
        AuthorError: For a file that is not as it must be.

    Examples:
        >>> load("1") == load("perfect-reconstruction")
        True
    """
    place, manifest = _course(folder)
    position = position_of(str(which).strip(), manifest.slugs)
    slug = manifest.slugs[position - 1]
    file = _File.of(place, slug)
    if student is not None:
        student = student_name(student)
        variant = draw(manifest.salt, student, slug, file.count)
    found = file.exercise(position, 1 if variant is None else variant)
    part = manifest.part_at(position)
    return replace(found, student=student, folder=folder, part=part)


def load_all(folder: Folder | None = None, *, student: str | None = None) -> tuple[Exercise, ...]:
    """All exercises of a course, or of the bank, in the manifest's order.

    Args:
        folder: A course; None is the bank.
        student: Whose variants, by a name.

    Returns:
        The exercises.

    Raises:
        AuthorError: For a file that is not as it must be, and for one that the manifest does not
            list.

    Examples:
        >>> [exercise.position for exercise in load_all()][:1]
        [1]
    """
    slugs = manifest_slugs(folder)
    for fault in unlisted(folder):
        raise fault
    return tuple(load(slug, folder, student=student) for slug in slugs)


def manifest_slugs(folder: Folder | None = None) -> tuple[str, ...]:
    """The slugs of a course, or of the bank, in their order.

    >>> manifest_slugs()[0]
    'perfect-reconstruction'
    """
    return _course(folder)[1].slugs


def part_slugs(exercise: Exercise) -> tuple[str, ...]:
    """The slugs of the part that an exercise stands in; of the course, where it has no parts.

    >>> part_slugs(load(1))[0]
    'perfect-reconstruction'
    """
    manifest = _course(exercise.folder)[1]
    own = (part.exercises for part in manifest.parts if exercise.id in part.exercises)
    return next(own, manifest.slugs)


def unlisted(folder: Folder | None = None) -> tuple[AuthorError, ...]:
    """A fault for each exercise file that the manifest does not list.

    >>> unlisted()
    ()
    """
    place, manifest = _course(folder)
    files = (file.name for file in place.iterdir() if file.name != MANIFEST)
    slugs = {name.removesuffix(".toml") for name in files if name.endswith(".toml")}
    key = "parts" if manifest.parts else "exercises"
    said = '"{0}" is not listed, and there is a file {0}.toml.'
    return tuple(
        manifest_fault("unlisted_file", key, said.format(slug))
        for slug in sorted(slugs - set(manifest.slugs))
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
    salt = _course(place)[1].salt or str(place)
    return f"{place.name}-{sha256(salt.encode(errors='surrogateescape')).hexdigest()[:8]}"


def engine_table(exercise: Exercise, folder: Folder | None = None) -> FileTable | None:
    """The table that names the calculation behind a stored answer, with the variant's numbers."""
    table = _File.of(_place(folder), exercise.id).substituted(exercise.variant)
    engine = table.values.get("engine")
    return None if engine is None else FileTable(table.file, engine, "engine")


def load_variants(which: int | str, folder: Folder | None = None) -> tuple[Exercise, ...]:
    """An exercise with each of its sets of numbers, in their order.

    >>> [exercise.variant for exercise in load_variants(1)]
    [1]
    """
    place, manifest = _course(folder)
    at = position_of(str(which).strip(), manifest.slugs)
    file, part = _File.of(place, manifest.slugs[at - 1]), manifest.part_at(at)
    found = (file.exercise(at, i) for i in range(1, file.count + 1))
    return tuple(replace(each, folder=folder, part=part) for each in found)


def _course(folder: Folder | None) -> tuple[Traversable, Manifest]:
    """Where a course is, and its manifest."""
    place = _place(folder)
    return place, read_manifest(place)


def drawn_variant(exercise: Exercise, student: str, folder: Folder | None = None) -> int:
    """Which variant of an exercise a student gets, as ``load`` would draw it.

    >>> exercise = load("best-bias-sparse", student="ada")
    >>> drawn_variant(exercise, "ada") == exercise.variant
    True
    """
    return draw(_course(folder)[1].salt, student_name(student), exercise.id, exercise.variants)


def _place(folder: Folder | None) -> Traversable:
    if folder is None:
        return resources.files("exercises").joinpath("bank")
    return at_home(folder) if isinstance(folder, str) else folder


# --------------------------------------------------------------------------------------------------
# What the files hold.


Variants: TypeAlias = Annotated[tuple[dict[str, Any], ...], msgspec.Meta(min_length=2)]


class ExerciseFile(TableRecord):
    """The file of an exercise; what check, engine and circuit hold is read where it is needed."""

    title: Text
    statement: Text
    typing: Text
    answer: AnswerKind
    check: dict[str, Any]
    example: Typed
    hints: TwoTexts
    solutions: Annotated[tuple[Solution, ...], msgspec.Meta(min_length=1)]
    why: Text
    wrong: Annotated[tuple[WrongAnswer, ...], msgspec.Meta(min_length=1)] = ()
    tips: Texts = ()
    engine: dict[str, Any] | None = None
    circuit: dict[str, Any] | None = None
    variants: Variants = ()


@dataclass(frozen=True, slots=True, eq=False)
class _File:
    """The file of an exercise: its table, and the numbers of each variant by name."""

    slug: str
    table: FileTable
    numbers: tuple[Mapping[str, str], ...]

    @classmethod
    def of(cls, folder: Traversable, slug: str) -> _File:
        file = folder.joinpath(f"{slug}.toml")
        return _read(slug, file.name, read_text(file))

    @property
    def count(self) -> int:
        """How many sets of numbers there are."""
        return max(1, len(self.numbers))

    @lru_cache(maxsize=1024)  # noqa: B019 - a file is kept as well
    def exercise(self, position: int, variant: int) -> Exercise:
        """The exercise with one set of numbers."""
        if not 1 <= variant <= self.count:
            raise InputError(
                "unknown_variant",
                f'Exercise "{self.slug}" has variants from 1 to {self.count}, not {variant}.',
            )
        table = self.substituted(variant)
        asked, values = table.convert(_Asked).answer, table.values
        if isinstance(asked, MatricesAnswer):
            with table.naming():
                values = with_matrices(values, asked.names)
        found: ExerciseFile = replace(table, values=values).convert(
            ExerciseFile, unused=_unused_parts(values)
        )
        with table.naming():
            _check_names(table.values)
            _check_typed(found)
        circuit = (
            None if found.circuit is None else replace(table, values=found.circuit, path="circuit")
        )
        check = check_of(replace(table, values=found.check, path="check"), found.answer, circuit)
        key = AnswerKey(check, found.hints, found.solutions, found.wrong, found.why, found.tips)
        return Exercise(
            id=self.slug,
            position=position,
            title=found.title,
            statement=found.statement,
            typing=found.typing,
            answer=found.answer,
            example=found.example.typed,
            key=SealedValue(key),
            variant=variant,
            variants=self.count,
        )

    def substituted(self, variant: int) -> FileTable:
        """The table with the numbers of one variant put in."""
        numbers = self.numbers[variant - 1] if self.numbers else {}
        values = {key: value for key, value in self.table.values.items() if key != "variants"}
        where = f"variants[{variant}]" if self.numbers else ""
        return replace(self.table, values=substitute(values, numbers), numbers=where)


# A course is read again and again, at every look at its list: what a file says is worked out once,
# and again only where its text has changed.


@lru_cache(maxsize=512)
def _read(slug: str, name: str, text: str) -> _File:
    table = table_of(name, text)
    with table.naming():
        return _File(slug, table, _numbers(table))


def _unused_parts(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The parts in which no answer to this exercise is typed."""
    asked = values.get("answer")
    is_model = isinstance(asked, Mapping) and asked.get("kind") == "model"
    return ("answer", "matrices") if is_model else ("W", "b", "matrices")


def _check_names(values: Mapping[str, Any]) -> None:
    """No {name} is left over when the numbers of a variant stand in a file's texts."""
    for key, value in values.items():
        left = _LEFT.search(str(value))
        if left:
            said = f"{left[0]} stands in a text, and no variant says what it is."
            raise TableError("unknown_name", key, said)


def _check_typed(file: ExerciseFile) -> None:
    """A model is typed as W and b, matrices by their names, everything else as one answer."""
    wanted: tuple[str, ...] = ("W", "b") if isinstance(file.answer, ModelAnswer) else ("answer",)
    if isinstance(file.answer, MatricesAnswer):
        wanted = file.answer.names
    listed = {f"solutions[{i}]": each for i, each in enumerate(file.solutions, 1)}
    wrong = {f"wrong[{i}]": each for i, each in enumerate(file.wrong, 1)}
    for place, each in {"example": file.example, **listed, **wrong}.items():
        for name in each.typed:
            if name not in wanted:
                said = f'there is no key "{name}" here; it is typed as {" and ".join(wanted)}.'
                raise TableError("unknown_key", f"{place}.{name}", said)
        for name in wanted:
            if name not in each.typed:
                raise TableError("missing_key", f"{place}.{name}", f'the key "{name}" is missing.')


class _Asked(msgspec.Struct, frozen=True):
    """Of a file, what is asked for."""

    answer: AnswerKind


class _Numbers(msgspec.Struct, frozen=True):
    """Of a file, the numbers of its variants."""

    variants: Variants = ()


def _numbers(table: FileTable) -> tuple[Mapping[str, str], ...]:
    """The numbers of each variant: all have the same names, each in a text, no two the same."""
    rows: tuple[dict[str, Any], ...] = table.convert(_Numbers).variants
    names = rows[0] if rows else {}
    held = _LEFT.findall(str({**table.values, "variants": None}))
    for name in names:
        if f"{{{name}}}" not in held:
            raise TableError("unknown_name", f"variants[1].{name}", f"no text holds {{{name}}}.")
    keys = [(f"key{k}", Text, msgspec.field(name=name)) for k, name in enumerate(names)]
    variant = msgspec.defstruct("Variant", keys, bases=(TableRecord,), frozen=True)
    seen: list[Mapping[str, object]] = []
    for i, row in enumerate(rows, 1):
        FileTable(table.file, row, f"variants[{i}]").convert(variant)
        # 1/2 and 0.5 are one number: two students would be given the same exercise
        numbers = {name: _parse(text) for name, text in row.items()}
        if numbers in seen:
            said = f"these numbers are those of variants[{seen.index(numbers) + 1}]."
            raise TableError("duplicate", f"variants[{i}]", said)
        seen.append(numbers)
    return rows


def _parse(text: str) -> object:
    """The numbers that a text is, or the text itself."""
    try:
        return parse_vector(text)
    except InputError:
        return text
