"""Values of a JSON document, each with the file and the key it stands at, read with checks."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import cast

from handcalc.errors import InputError
from torchsim.storage.files import read, write

SCHEMA = 1
"""The layout of a run's files. It changes when a file's keys or their meaning change."""

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """A value that JSON can hold, the ``file`` it comes from, and its ``key`` there.

    Each method gives the value as what it must be, or an error that says what came and where. Code
    of all these errors: ``run_file``.

    >>> entry = Entry("spec.json", "", {"seed": "7"}).members("seed")["seed"]
    >>> try:
    ...     entry.whole()
    ... except InputError as error:
    ...     print(error)
    spec.json: "seed" is a whole number, not "7". Correct the file, or train anew in another folder.
    """

    file: str
    key: str
    value: object

    def members(self, *names: str) -> dict[str, Entry]:
        """An object with these keys, each of them and no other, as entries by key."""
        if not isinstance(self.value, dict):
            raise self.refused("is an object in braces")
        for missing in (name for name in names if name not in self.value):
            raise self.error(f'{self._here} lacks the key "{missing}"')
        for name in self.value:
            if name not in names:
                raise self._unknown(str(name), names)
        return {name: Entry(self.file, self._under(name), self.value[name]) for name in names}

    def items(self) -> tuple[Entry, ...]:
        """A list, as entries."""
        if not isinstance(self.value, list):
            raise self.refused("is a list in brackets")
        return tuple(
            Entry(self.file, f"{self.key}[{i}]", each) for i, each in enumerate(self.value)
        )

    def text(self) -> str:
        """A text."""
        if not isinstance(self.value, str):
            raise self.refused("is a text in quotes")
        return self.value

    def whole(self) -> int:
        """A whole number; neither 1.0 nor true is one."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.refused("is a whole number")
        return self.value

    def number(self) -> float:
        """A number, as a float."""
        if not isinstance(self.value, (int, float)) or isinstance(self.value, bool):
            raise self.refused("is a number")
        try:
            return float(self.value)
        except OverflowError:
            raise self.refused("is a number that a float can hold") from None

    def refused(self, must: str) -> InputError:
        """An error that says what must hold here, and what came."""
        return self.error(f"{self._here} {must}, not {_shown(self.value)}")

    def error(self, sentence: str) -> InputError:
        """An error about this file, from a sentence without its full stop."""
        remedy = "Correct the file, or train anew in another folder."
        return InputError("run_file", f"{self.file}: {sentence}. {remedy}")

    @property
    def _here(self) -> str:
        return f'"{self.key}"' if self.key else "the whole"

    def _under(self, name: str) -> str:
        return f"{self.key}.{name}" if self.key else name

    def _unknown(self, name: str, names: Collection[str]) -> InputError:
        near = get_close_matches(name, names, 1)
        meant = f'is "{near[0]}" meant' if near else f"it has {', '.join(names)}"
        return self.error(f"{self._here} has no key {_shown(name)}; {meant}")


def read_document(file: Path, *names: str) -> dict[str, Entry]:
    """The entries of a JSON file of this schema, by key. Errors: ``run_file``, ``schema``."""
    whole = Entry(str(file), "", _parsed(file))
    if not isinstance(whole.value, dict):
        raise whole.refused("is an object in braces")
    check_schema(file, whole.value.get("schema"))
    return whole.members("schema", *names)


def write_document(file: Path, data: dict[str, object]) -> None:
    """A JSON file of this schema, whole or not at all, one line a value."""
    content = {"schema": SCHEMA, **data}
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    write(file, (text + "\n").encode())


def check_schema(file: Path, schema: object) -> None:
    """Refuse a file that another version laid out differently, or nobody: ``schema``."""
    if schema != SCHEMA or isinstance(schema, bool):
        raise InputError(
            "schema",
            f'{file} has "schema" {_shown(schema)}, and this version reads schema {SCHEMA}. '
            "Read it with the version that wrote it, or train anew in another folder.",
        )


def _parsed(file: Path) -> object:
    try:
        return cast("object", json.loads(read(file)))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "damaged",
            f"{file} is damaged: it is not whole JSON. Restore it, or train anew in another "
            "folder.",
        ) from error


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
