"""The files of a run, whole or not there; JSON of one schema, refused by file and key.

Where a file cannot be read or written, the error says what to do about it.
"""

from __future__ import annotations

import json
import os
import re
from difflib import get_close_matches
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec.inspect import LiteralType

from handcalc.errors import InputError
from handcalc.storage.files import reason
from handcalc.storage.files import write as write_whole
from handcalc.storage.misfits import as_written, find_misfit

SCHEMA = 1
"""The layout of a run's files. It changes when a file's keys or their meaning change."""

TAG = "kind"
"""The key that says which of several structs an object is."""

_MUST = {
    "object": "is an object in braces",
    "array": "is a list in brackets",
    "str": "is a text in quotes",
    "str | null": "is a text in quotes, or null",
    "int": "is a whole number",
    "float": "is a number",
    "int | float": "is a number",
    "float | null": "is a number, or null",
    "bool": "is true or false",
}

Read = TypeVar("Read", bound=msgspec.Struct)


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An object with these keys, each of them and no other. Neither 1.0 nor true is an ``int``."""


class Tagged(Struct, frozen=True, tag_field=TAG):
    """One of several structs, told apart by the tag."""


class Document(Struct, frozen=True, kw_only=True):
    """A whole file, or the header of one, with its schema."""

    schema: int = SCHEMA


def from_data(kind: type[Read], data: object, file: str) -> Read:
    """What JSON holds, as a struct. Error ``run_file``: what came and where.

    >>> class Draw(Struct, frozen=True):
    ...     seed: int
    >>> try:
    ...     from_data(Draw, {"seed": "7"}, "spec.json")
    ... except InputError as error:
    ...     print(error)
    spec.json: "seed" is a whole number, not "7". Correct the file, or train anew in another folder.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise run_file(file, _refusal(kind, data, error)) from error


def run_file(file: str, sentence: str) -> InputError:
    """An error about a file, from a sentence without its full stop."""
    remedy = "Correct the file, or train anew in another folder."
    return InputError("run_file", f"{file}: {sentence}. {remedy}")


def read_document(file: Path, kind: type[Read]) -> Read:
    """A JSON file of this schema. Errors: ``run_file``, ``schema``, ``damaged``; as ``read``."""
    return from_data(kind, read_json(file), str(file))


def read_json(file: Path) -> object:
    """What a JSON file of this schema holds. Errors: ``schema``, ``damaged``; as ``read``."""
    raw = read(file)
    try:
        data: object = json.loads(raw)
    except (ValueError, RecursionError) as error:
        what = "it is not whole JSON. Restore it, or train anew in another folder."
        raise InputError("damaged", f"{file} is damaged: {what}") from error
    if isinstance(data, dict):
        check_schema(file, data.get("schema"))
    return data


def write_document(file: Path, document: Document) -> None:
    """A JSON file of this schema, whole or not at all, one line a value."""
    write_json(file, msgspec.to_builtins(document))


def write_json(file: Path, content: object) -> None:
    """The same of what JSON can hold. Errors: those of ``write``."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    write(file, (text + "\n").encode())


def check_schema(file: Path, schema: object) -> None:
    """Refuse a file that another version laid out differently, or nobody: ``schema``."""
    if schema != SCHEMA or isinstance(schema, bool):
        raise InputError(
            "schema",
            f'{file} has "schema" {as_written(schema)}, and this version reads schema {SCHEMA}. '
            "Read it with the version that wrote it, or train anew in another folder.",
        )


def _refusal(kind: type[msgspec.Struct], data: Any, error: msgspec.ValidationError) -> str:
    """What must hold in place of what came, and where."""
    found = find_misfit(error, data, kind)
    path, value, tags = found.path, found.value, getattr(found.expected, "types", ())
    kinds = [str(each.tag) for each in tags if getattr(each, "tag", None)]
    if isinstance(found.expected, LiteralType):  # what is wrong is the object that has no such tag
        kinds, path = [*map(str, found.expected.values)], path[:-1]
        value = reduce(getitem, path, data)
    steps = (step if isinstance(step, str) else f"[{step}]" for step in path)
    key = ".".join(steps).replace(".[", "[")
    here = f'"{key}"' if key else "the whole"
    if kinds and not found.unknown and found.missing in ("", TAG):
        listed = " or ".join(f'"{tag}"' for tag in kinds)
        return f'{here} is an object whose "{TAG}" is {listed}, not {as_written(value)}'
    if found.missing:
        return f'{here} lacks the key "{found.missing}"'
    if found.unknown:
        near = get_close_matches(found.unknown, found.known, 1)
        meant = f'is "{near[0]}" meant' if near else f"it has {', '.join(found.known)}"
        return f"{here} has no key {as_written(found.unknown)}; {meant}"
    [expected] = re.findall("^[^`]*`(.*?)`", found.said) or [""]
    must = _MUST.get(expected, "is a number that a float can hold")
    return f"{here} {must}, not {as_written(value)}"


# --------------------------------------------------------------------------------------------------
# Bytes on the disk.


def write(file: Path, raw: bytes) -> None:
    """Put bytes into a file: when this returns they are on the disk, else the old file stands.

    Errors: ``unwritable``.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write(Path(folder) / "spec.json", b"{}")
    ...     read(Path(folder) / "spec.json")
    b'{}'
    """
    try:
        write_whole(file, raw)
    except OSError as error:
        raise _unwritable(file, "written", error) from error


def make_folder(folder: Path) -> None:
    """Make a folder, if it is not there. Errors: ``unwritable``."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, "made", error) from error


def read(file: Path) -> bytes:
    """The bytes of a file. Errors: ``no_file``, ``unreadable``.

    >>> try:
    ...     read(Path("no such folder") / "weights.safetensors")
    ... except InputError as error:
    ...     error.code
    'no_file'
    """
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        message = f"There is no file {file}. Restore it, or train anew in another folder."
        raise InputError("no_file", message) from None
    except OSError as error:
        why = "it is a folder" if file.is_dir() else reason(error)
        message = f"{file} cannot be read: {why}. Mend that, or train anew in another folder."
        raise InputError("unreadable", message) from error


def rename(file: Path, target: Path) -> None:
    """Give a file another name, in place of what has it. Errors: ``unwritable``."""
    try:
        file.replace(target)
    except OSError as error:
        raise _unwritable(file, "renamed", error) from error


def unlink(file: Path) -> None:
    """Delete a file, if it is there. Errors: ``unwritable``."""
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(file, "deleted", error) from error


def _unwritable(file: Path, what: str, error: OSError) -> InputError:
    stands = "What was there before still stands. " if os.access(file, os.F_OK) else ""
    return InputError(
        "unwritable",
        f"{file} cannot be {what}: {reason(error)}. {stands}Make room, or give another folder.",
        suggestion="--out ANOTHER_FOLDER",
    )
