"""What the file of an exercise holds, and the exercise that it is with one set of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec

from exercises.checks import check_of
from exercises.exercise import (
    AnswerKey,
    AnswerKind,
    Exercise,
    MatricesAnswer,
    ModelAnswer,
    Solution,
    Typed,
    WrongAnswer,
)
from exercises.matrices import with_matrices
from exercises.sealed import SealedValue, WithheldValue
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
from exercises.variants import NAME, substitute
from handcalc.errors import InputError
from handcalc.parsing import parse_vector

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Variants: TypeAlias = Annotated[tuple[dict[str, Any], ...], msgspec.Meta(min_length=2)]


class StatementFile(TableRecord, kw_only=True):
    """The file of an exercise in a student edition: what is asked, and how it is typed."""

    title: Text
    statement: Text
    typing: Text
    answer: AnswerKind
    example: Typed
    variants: Variants = ()


class ExerciseFile(StatementFile, kw_only=True):
    """The file of an exercise; what check, engine and circuit hold is read where it is needed."""

    check: dict[str, Any]
    hints: TwoTexts
    solutions: Annotated[tuple[Solution, ...], msgspec.Meta(min_length=1)]
    why: Text
    wrong: Annotated[tuple[WrongAnswer, ...], msgspec.Meta(min_length=1)] = ()
    tips: Texts = ()
    engine: dict[str, Any] | None = None
    circuit: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CourseFile:
    """The file of an exercise: its table, and the numbers of each variant by name.

    ``edition_of`` is the version of the course that a student edition was released from.
    """

    slug: str
    table: FileTable
    numbers: tuple[Mapping[str, str], ...]
    edition_of: str = ""

    @classmethod
    def of(cls, folder: Traversable, slug: str, edition_of: str = "") -> CourseFile:
        """Read a file. Errors: ``AuthorError``."""
        file = folder.joinpath(f"{slug}.toml")
        return _read(slug, file.name, read_text(file), edition_of)

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
        found: StatementFile = replace(table, values=values).convert(
            StatementFile if self.edition_of else ExerciseFile, unused=_unused_parts(values)
        )
        with table.naming():
            _check_names(table.values)
            _check_typed(found)
        return Exercise(
            id=self.slug,
            position=position,
            title=found.title,
            statement=found.statement,
            typing=found.typing,
            answer=found.answer,
            example=found.example.typed,
            key=_key(found, table) if isinstance(found, ExerciseFile) else WithheldValue(),
            variant=variant,
            variants=self.count,
            edition_of=self.edition_of,
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
def _read(slug: str, name: str, text: str, edition_of: str) -> CourseFile:
    table = table_of(name, text)
    with table.naming():
        # in an edition two variants may differ in what it left out
        return CourseFile(slug, table, _numbers(table, may_repeat=bool(edition_of)), edition_of)


def _key(file: ExerciseFile, table: FileTable) -> SealedValue[AnswerKey]:
    circuit = None if file.circuit is None else replace(table, values=file.circuit, path="circuit")
    check = check_of(replace(table, values=file.check, path="check"), file.answer, circuit)
    return SealedValue(
        AnswerKey(check, file.hints, file.solutions, file.wrong, file.why, file.tips)
    )


def _unused_parts(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The parts in which no answer to this exercise is typed."""
    asked = values.get("answer")
    is_model = isinstance(asked, Mapping) and asked.get("kind") == "model"
    return ("answer", "matrices") if is_model else ("W", "b", "matrices")


def _check_names(values: Mapping[str, Any]) -> None:
    """No {name} is left over when the numbers of a variant stand in a file's texts."""
    for key, value in values.items():
        left = NAME.search(str(value))
        if left:
            said = f"{left[0]} stands in a text, and no variant says what it is."
            raise TableError("unknown_name", key, said)


def _check_typed(file: StatementFile) -> None:
    """A model is typed as W and b, matrices by their names, everything else as one answer."""
    wanted: tuple[str, ...] = ("W", "b") if isinstance(file.answer, ModelAnswer) else ("answer",)
    if isinstance(file.answer, MatricesAnswer):
        wanted = file.answer.names
    answers: dict[str, Typed] = {"example": file.example}
    if isinstance(file, ExerciseFile):
        answers |= {f"solutions[{i}]": each for i, each in enumerate(file.solutions, 1)}
        answers |= {f"wrong[{i}]": each for i, each in enumerate(file.wrong, 1)}
    for place, each in answers.items():
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


def _numbers(table: FileTable, *, may_repeat: bool) -> tuple[Mapping[str, str], ...]:
    """The numbers of each variant: all have the same names, each in a text, no two the same."""
    rows: tuple[dict[str, Any], ...] = table.convert(_Numbers).variants
    names = rows[0] if rows else {}
    held = NAME.findall(str({**table.values, "variants": None}))
    for name in names:
        if name not in held:
            raise TableError("unknown_name", f"variants[1].{name}", f"no text holds {{{name}}}.")
    keys = [(f"key{k}", Text, msgspec.field(name=name)) for k, name in enumerate(names)]
    variant = msgspec.defstruct("Variant", keys, bases=(TableRecord,), frozen=True)
    seen: list[Mapping[str, object]] = []
    for i, row in enumerate(rows, 1):
        FileTable(table.file, row, f"variants[{i}]").convert(variant)
        # 1/2 and 0.5 are one number: two students would be given the same exercise
        numbers = {name: _parse(text) for name, text in row.items()}
        if numbers in seen and not may_repeat:
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
