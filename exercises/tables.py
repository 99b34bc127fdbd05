"""A table of a file, converted by msgspec to a record; a refusal names the file and the key."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, dataclass_transform

import msgspec
from msgspec import inspect

from handcalc.errors import AuthorError, InputError
from handcalc.storage.files import reason
from handcalc.storage.misfits import as_written, find_misfit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable


# --------------------------------------------------------------------------------------------------
# Records that describe tables: what their fields may be, and what they say of a wrong value.


# subclasses are frozen, as msgspec has it; type checkers want to be told
@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class TableRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record whose fields are the keys of a table; those without a default must be there."""


class TaggedCheck(TableRecord, tag_field="kind"):
    """A check that a table ``[check]`` describes by its ``kind``."""


Text: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\S")]
"""A text that is not blank."""
Texts: TypeAlias = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
TwoTexts: TypeAlias = Annotated[tuple[Text, ...], msgspec.Meta(min_length=2)]
"""At least two."""
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1, lt=1000)]

Reader: TypeAlias = Callable[[type, Any], object]
"""What makes a value of a type from what TOML has, as msgspec's ``dec_hook``."""


class TableError(ValueError):
    """A value that cannot be right: at which ``key`` of its table, "" for all of it, and why."""

    def __init__(self, code: str, key: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.key = key


# --------------------------------------------------------------------------------------------------
# Tables, and where they stand.


def read_table(file: Traversable) -> FileTable:
    """The table that a TOML file holds.

    Errors: ``AuthorError`` with code ``missing_file``, ``encoding`` or ``toml``.
    """
    return table_of(file.name, read_text(file))


def read_text(file: Traversable) -> str:
    """What stands in a file.

    Errors: ``AuthorError`` with code ``missing_file``, ``unreadable_file`` or ``encoding``.
    """
    try:
        return file.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise AuthorError(
            "missing_file", f"{file.name}: there is no such file.", file=file.name
        ) from error
    except UnicodeDecodeError as error:
        raise AuthorError(
            "encoding", f"{file.name}: the file must be UTF-8: {error}.", file=file.name
        ) from error
    except OSError as error:
        said = f"{file.name}: the file cannot be read: {reason(error)}."
        raise AuthorError("unreadable_file", said, file=file.name) from error


def table_of(name: str, text: str) -> FileTable:
    """The table that a text in TOML is. Errors: ``AuthorError`` with code ``toml``."""
    try:
        return FileTable(name, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise AuthorError("toml", f"{name}: not TOML: {error}.", file=name) from error


@dataclass(frozen=True, slots=True)
class FileTable:
    """The keys and values of one table of ``file``; ``path`` says which, as in "solutions[2]".

    What JSON has in a table's place may be no table; ``convert`` then refuses it. ``numbers`` says
    where the numbers stand that were put into its texts, as in "variants[2]".
    """

    file: str
    values: Any
    path: str = ""
    numbers: str = ""

    def convert(self, kind: Any, read: Reader | None = None, unused: Collection[str] = ()) -> Any:
        """The record of a kind, or of the one of several kinds that the table's tag names.

        ``read`` makes what TOML has no type for; the keys in ``unused``, which another table of its
        kind may have, are offered to nobody. Errors: ``AuthorError`` with file, key and code:
        ``unknown_key``, ``missing_key``, ``wrong_type``, ``wrong_value``, ``blank``, ``too_few``,
        and ``unreadable`` for what ``read`` refuses with an ``InputError``.

        >>> class Answer(TableRecord):
        ...     name: Text
        >>> try:
        ...     FileTable("one.toml", {"nmae": "L"}, "answer").convert(Answer)
        ... except AuthorError as error:
        ...     print(error)
        one.toml, answer.nmae: there is no key "nmae" here; did you mean "name"?
        """
        try:
            return msgspec.convert(_trim(self.values), kind, dec_hook=read)
        except msgspec.ValidationError as error:
            fault = _fault(error, self.values, kind, unused)
            raise self.fault(fault.code, fault.key, str(fault)) from error

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Name file and key of what is refused in the block. Errors: ``AuthorError``."""
        try:
            yield
        except TableError as fault:
            raise self.fault(fault.code, fault.key, str(fault)) from fault

    def fault(self, code: str, key: str, message: str) -> AuthorError:
        """An error that names this file and, in full, the key."""
        place = _join(self.path, key)
        where = f"{self.file}, {place}" if place else self.file
        if self.numbers and code == "unreadable":
            message += f" The numbers in it are those of {self.numbers}."
        return AuthorError(code, f"{where}: {message}", file=self.file, key=place)


def _trim(value: Any) -> Any:
    """Texts without the blank lines and blanks that TOML's triple quotes leave around them."""
    if isinstance(value, str):
        return value.strip("\n").rstrip()
    if isinstance(value, list):
        return [_trim(item) for item in value]
    return {key: _trim(item) for key, item in value.items()} if isinstance(value, dict) else value


# --------------------------------------------------------------------------------------------------
# What msgspec refuses, in words for authors: it says where, and the types say what must hold.


_NAMES: Mapping[type, str] = {
    inspect.VarTupleType: "a list",
    inspect.TupleType: "a list",
    inspect.BoolType: "true or false",
    inspect.IntType: "a whole number",
    inspect.StrType: "a text",
    inspect.LiteralType: "a text",
}


def _fault(
    error: msgspec.ValidationError, value: Any, kind: Any, unused: Collection[str]
) -> TableError:
    found, cause = find_misfit(error, value, kind), error.__cause__
    steps = (step if isinstance(step, str) else f"[{step + 1}]" for step in found.path)
    place = ".".join(steps).replace(".[", "[")
    if isinstance(cause, InputError):
        return TableError("unreadable", place, cause.message)
    if isinstance(cause, TableError):
        return TableError(cause.code, _join(place, cause.key), str(cause))
    if found.missing:
        said = f'the key "{found.missing}" is missing.'
        return TableError("missing_key", _join(place, found.missing), said)
    if found.unknown:
        known = [key for key in found.known if key not in unused]
        near = get_close_matches(found.unknown, known, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"the keys are {', '.join(known)}."
        said = f'there is no key "{found.unknown}" here; {hint}'
        return TableError("unknown_key", _join(place, found.unknown), said)
    return _misfit(place, found.expected, found.value)


def _join(*keys: str) -> str:
    return ".".join(filter(None, keys))


def _misfit(place: str, expected: inspect.Type, value: Any) -> TableError:
    """What must hold for a value that does not fit its type."""
    key = f'"{place.rpartition(".")[2]}"' if place else "this"
    match expected:
        case inspect.LiteralType(values=options) if isinstance(value, str):
            listed = " or ".join(f'"{option}"' for option in options)
            return TableError("wrong_value", place, f'{key} must be {listed}, not "{value}".')
        case inspect.StrType() if isinstance(value, str):
            return TableError("blank", place, f"{key} must not be blank.")
        case inspect.IntType(ge=least, lt=end) if type(value) is int:
            said = f"at least {least}" if least is not None and value < least else f"below {end}"
            return TableError("wrong_value", place, f"{key} must be {said}, not {value}.")
        case inspect.VarTupleType(min_length=least) if isinstance(value, list):
            said = f"at least {least} entries, not {len(value)}"
            return TableError("too_few", place, f"{key} must have {said}.")
        case inspect.TupleType(item_types=items) if isinstance(value, list):
            said = f"{len(items)} entries, not {len(value)}"
            return TableError("wrong_value", place, f"{key} must have {said}.")
        case inspect.CustomType(cls=kind):
            name = "a whole number" if issubclass(kind, int) else "a text"
        case _:
            name = _NAMES.get(type(expected), "a table")
    return TableError("wrong_type", place, f"{key} must be {name}, not {as_written(value)}.")
