"""What msgspec refuses, found again in the data: where it stands, and what was expected there.

msgspec's errors say where; what must hold there is read from the types, so that each kind of file
can say it in words for those who write it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import inspect

_KEY = re.compile(
    r"Object (?P<what>contains unknown|missing required) field `(?P<name>.*)`", re.DOTALL
)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_LONGEST = 60  # characters of a value in a sentence


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that does not fit: its ``path`` of keys and of indices from 0, and the type expected.

    ``said`` is msgspec's sentence. Where an object lacks a key, or has one too many, that is
    ``missing`` or ``unknown``, and ``known`` are the keys that it may have. A tag that none of
    several structs has is expected to be one of their tags, as a literal.
    """

    path: tuple[str | int, ...]
    value: Any
    expected: inspect.Type
    said: str
    missing: str = ""
    unknown: str = ""
    known: tuple[str, ...] = ()


def find_misfit(error: msgspec.ValidationError, value: Any, kind: Any) -> Misfit:
    """Where, in a value that is no such kind, the error is.

    >>> class Draw(msgspec.Struct, forbid_unknown_fields=True):
    ...     seeds: list[int] = []
    >>> try:
    ...     _ = msgspec.convert({"seeds": [1, "2"]}, Draw)
    ... except msgspec.ValidationError as error:
    ...     find_misfit(error, {"seeds": [1, "2"]}, Draw).path
    ('seeds', 1)
    """
    said, _, place = str(error).partition(" - at `$")
    path, expected = list[str | int](), inspect.type_info(kind)
    for name, index in _STEP.findall(place):
        expected = _inner(expected, value, name)
        value = value[name] if name else value[int(index)]
        path.append(name or int(index))
    key = _KEY.fullmatch(said)
    if key is None:
        return Misfit(tuple(path), value, expected, said)
    struct = _struct(expected, value)
    fields = tuple(field.encode_name for field in struct.fields)
    known = (struct.tag_field, *fields) if struct.tag_field else fields
    is_missing = key["what"] == "missing required"
    missing, unknown = (key["name"], "") if is_missing else ("", key["name"])
    return Misfit(tuple(path), value, expected, said, missing, unknown, known)


def _inner(expected: inspect.Type, value: Any, name: str) -> inspect.Type:
    """The type of a struct's field, without its None, or, without a name, of a list's items."""
    match expected:
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return item
        case inspect.TupleType(item_types=(item, *_)):
            return item
    if name == _struct(expected, value).tag_field:
        return inspect.LiteralType(tuple(struct.tag for struct in _structs(expected)))
    fields = {field.encode_name: field.type for field in _struct(expected, value).fields}
    types = getattr(fields[name], "types", (fields[name],))
    types = [each for each in types if not isinstance(each, inspect.NoneType)]
    return types[0] if len(types) == 1 else fields[name]


def _structs(expected: inspect.Type) -> list[inspect.StructType]:
    kinds = expected.types if isinstance(expected, inspect.UnionType) else [expected]
    return [kind for kind in kinds if isinstance(kind, inspect.StructType)]


def _struct(expected: inspect.Type, value: Any) -> inspect.StructType:
    """What an object is to be: of several structs, the one that its tag names."""
    kinds = _structs(expected)
    return next((kind for kind in kinds if value.get(kind.tag_field) == kind.tag), kinds[0])


def as_written(value: object) -> str:
    """A value of a file as the file has it, cut where it is long; a date of TOML's as a text.

    >>> as_written(None), as_written([True, "x"])
    ('null', '[true, "x"]')
    """
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
