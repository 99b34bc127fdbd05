"""A TOML table, read strictly: every key that is asked for is there, and no other key is."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

from handcalc.errors import AuthorError, InputError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


_T = TypeVar("_T")
_Read = TypeVar("_Read")
_KINDS: dict[type, str] = {
    str: "a text",
    int: "a whole number",
    list: "a list",
    dict: "a table",
}


def read_table(file: Traversable) -> TomlTable:
    """The table that a TOML file holds.

    Errors: ``AuthorError`` with code ``missing_file``, ``encoding`` or ``toml``.
    """
    try:
        return TomlTable(file.name, tomllib.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, IsADirectoryError) as error:
        raise AuthorError(
            "missing_file", f"{file.name}: there is no such file.", file=file.name
        ) from error
    except UnicodeDecodeError as error:
        raise AuthorError(
            "encoding", f"{file.name}: the file must be UTF-8: {error}.", file=file.name
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise AuthorError("toml", f"{file.name}: not TOML: {error}.", file=file.name) from error


@dataclass(frozen=True, slots=True)
class TomlTable:
    """The keys and values of one table of ``file``; ``path`` says which, as in "solutions[2]".

    >>> table = TomlTable("one.toml", {"title": "One", "hints": ["a", "b"]})
    >>> table.text("title"), table.texts("hints")
    ('One', ('a', 'b'))
    """

    file: str
    values: Mapping[str, object]
    path: str = ""

    def only(self, *keys: str, optional: tuple[str, ...] = ()) -> None:
        """Refuse a table that has other keys than these, or lacks one that is not optional.

        Errors: ``AuthorError`` with code ``unknown_key`` or ``missing_key``.
        """
        known = (*keys, *optional)
        for key in self.values:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                hint = f'did you mean "{near[0]}"?' if near else f"the keys are {', '.join(known)}."
                raise self.fault("unknown_key", key, f'there is no key "{key}" here; {hint}')
        for key in keys:
            if key not in self.values:
                raise self.fault("missing_key", key, f'the key "{key}" is missing.')

    def text(self, key: str) -> str:
        """A text that is not blank, without blank space around it."""
        text = self._typed(key, str).strip("\n").rstrip()
        if not text.strip():
            raise self.fault("blank", key, f'"{key}" must not be blank.')
        return text

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def texts(self, key: str, least: int = 1) -> tuple[str, ...]:
        """A list of texts, none of them blank, and at least so many."""
        items = self._items(key, least)
        return tuple(items.text(name) for name in items.values)

    def whole(self, key: str) -> int:
        """A whole number, at least 1."""
        number = self._typed(key, int)
        if number < 1:
            raise self.fault("wrong_value", key, f'"{key}" must be at least 1, not {number}.')
        return number

    def wholes(self, key: str, most: int) -> tuple[int, ...]:
        """A list of whole numbers from 1 to ``most``, none of them twice, and at least one."""
        items = self._items(key, 1)
        numbers = tuple(items.whole(name) for name in items.values)
        for i, number in enumerate(numbers):
            if number > most or number in numbers[:i]:
                said = f"whole numbers from 1 to {most}, each once"
                raise self.fault("wrong_value", key, f'"{key}" must be {said}, not {[*numbers]}.')
        return numbers

    def read(self, key: str, reader: Callable[[str], _Read]) -> _Read:
        """A text, read; what the reader refuses is the author's fault, with file and key.

        Errors: ``AuthorError`` with code ``unreadable``.
        """
        try:
            return reader(self.text(key))
        except InputError as error:
            raise self.fault("unreadable", key, error.message) from error

    def choice(self, key: str, options: tuple[str, ...]) -> str:
        """One of a few texts."""
        text = self.text(key)
        if text not in options:
            listed = " or ".join(f'"{option}"' for option in options)
            raise self.fault("wrong_value", key, f'"{key}" must be {listed}, not "{text}".')
        return text

    def table(self, key: str) -> TomlTable:
        """The table under a key."""
        return TomlTable(self.file, self._typed(key, dict), self._full(key))

    def tables(self, key: str, least: int = 1) -> tuple[TomlTable, ...]:
        """The tables of a list, in order, and at least so many; each path counts from 1."""
        items = self._items(key, least)
        return tuple(items.table(name) for name in items.values)

    def fault(self, code: str, key: str, message: str) -> AuthorError:
        """An error that names this file and, in full, the key."""
        place = self._full(key)
        return AuthorError(code, f"{self.file}, {place}: {message}", file=self.file, key=place)

    def _full(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _items(self, key: str, least: int) -> TomlTable:
        """The items of a list as a table with the keys key[1], key[2] and on."""
        items = self._typed(key, list)
        if len(items) < least:
            raise self.fault(
                "too_few", key, f'"{key}" must have at least {least} entries, not {len(items)}.'
            )
        named = {f"{key}[{i}]": item for i, item in enumerate(items, 1)}
        return TomlTable(self.file, named, self.path)

    def _typed(self, key: str, kind: type[_T]) -> _T:
        if key not in self.values:
            raise self.fault("missing_key", key, f'the key "{key}" is missing.')
        value = self.values[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.fault(
                "wrong_type", key, f'"{key}" must be {_KINDS[kind]}, not {value!r:.60}.'
            )
        return value
