"""The file manifest.toml of a course: its parts, and the exercises of each in their order."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from msgspec import field

from exercises.tables import Count, FileTable, TableError, TableRecord, Text, Texts, read_table
from handcalc import __version__
from handcalc.errors import AuthorError, InputError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

FORMAT = 1
"""The newest format of a course that is read here."""

MANIFEST = "manifest.toml"
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
POINTS = r"[0-9]{1,4}(?:/[1-9][0-9]{0,3}|\.[0-9]{1,4})?"
"""How points are written, as a regular expression: a whole number, a fraction or a decimal."""


class CoursePart(TableRecord):
    """A part of a course: its title, and its exercises by their slugs."""

    title: Text
    exercises: Texts


class Manifest(TableRecord):
    """The exercises in their order, in one list or in parts, the salt of the draws, and points.

    Positions count on from part to part. ``format`` counts up where files of before would be read
    as something else. ``edition_of`` stands in a student edition alone, and says of which version.

    >>> first, second = CoursePart("Arrows", ("one", "two")), CoursePart("Losses", ("three",))
    >>> two = Manifest(parts=(first, second))
    >>> two.slugs, two.part_at(3)
    (('one', 'two', 'three'), 'Losses')
    """

    exercises: Texts | None = None
    parts: tuple[CoursePart, ...] = ()
    salt: Text = ""
    points: dict[str, Any] = field(default_factory=dict)
    edition_of: Text = ""
    format: Count = 1

    def __post_init__(self) -> None:
        if (self.exercises is None) != bool(self.parts):
            key = "exercises" if self.exercises is None else "parts"
            said = 'give one list "exercises", or "[[parts]]" that each have one, and not both.'
            raise TableError("missing_key", key, said)
        seen: set[str] = set()
        for key, slug in self._places().items():
            _check_slug(key, slug, seen)
            seen.add(slug)
        for slug, number in self.points.items():
            _check_points(slug, number, seen)
        titles = [part.title for part in self.parts]
        for i, title in enumerate(titles, 1):
            if title in titles[: i - 1]:
                said = f'"{title}" is the title of another part.'
                raise TableError("duplicate", f"parts[{i}].title", said)

    @property
    def slugs(self) -> tuple[str, ...]:
        """All exercises, in the order of their positions."""
        return tuple(self._places().values())

    def part_at(self, position: int) -> str | None:
        """The title of the part with a position, counted from 1; None in a course of one list."""
        last = 0
        for part in self.parts:
            last += len(part.exercises)
            if position <= last:
                return part.title
        return None

    def _places(self) -> dict[str, str]:
        """The slugs by the keys at which they stand."""
        if self.exercises is not None:
            return {f"exercises[{i}]": slug for i, slug in enumerate(self.exercises, 1)}
        return {
            f"parts[{k}].exercises[{i}]": slug
            for k, part in enumerate(self.parts, 1)
            for i, slug in enumerate(part.exercises, 1)
        }


def _check_points(slug: str, number: object, slugs: set[str]) -> None:
    """What an exercise counts is a whole number, or a fraction or decimal in quotes."""
    if slug not in slugs:
        said = f'"{slug}" is no exercise of this course.'
        raise TableError("unknown_name", f"points.{slug}", said)
    if isinstance(number, bool | float) or not re.fullmatch(POINTS, str(number)):
        said = f'points are a whole number such as 2, or a text such as "1/2", not {number!r:.40}.'
        raise TableError("wrong_value", f"points.{slug}", said)


def _check_slug(key: str, slug: str, seen: set[str]) -> None:
    if not SLUG.fullmatch(slug):
        said = (
            "a slug is lower-case letters and digits with single hyphens between, "
            f'such as "two-arrows", not "{slug}".'
        )
        raise TableError("wrong_value", key, said)
    if slug in seen:
        raise TableError("duplicate", key, f'"{slug}" already names an exercise.')


def read_manifest(place: Traversable) -> Manifest:
    """The manifest in a folder. Errors: ``AuthorError``, ``newer_format`` among its codes."""
    table = read_table(place.joinpath(MANIFEST))
    written = table.values.get("format")
    if isinstance(written, int) and written > FORMAT:
        raise table.fault(
            "newer_format",
            "format",
            f"this course is in format {written}, and handcalc {__version__} reads formats up to "
            f'{FORMAT}: a newer handcalc reads it. Type "pip install --upgrade handcalc".',
        )
    manifest: Manifest = table.convert(Manifest)
    return manifest


def manifest_fault(code: str, key: str, message: str) -> AuthorError:
    """An error that names the manifest, and a key in it."""
    return FileTable(MANIFEST, {}).fault(code, key, message)


def position_of(which: str, slugs: tuple[str, ...]) -> int:
    """The position that a text names, by itself or by a slug. Errors: ``unknown_exercise``."""
    if which in slugs:
        return slugs.index(which) + 1
    if which.isdecimal() and len(which) < 6 and 1 <= int(which) <= len(slugs):
        return int(which)
    typed = re.sub(r"[\W_]+", "-", which.lower()).strip("-")
    near = [slugs[i] for i, word in enumerate(_NUMBERS[: len(slugs)]) if word == typed]
    # two letters are in too many names
    near += [slug for slug in slugs if len(typed) > 2 and typed in slug]
    near += get_close_matches(typed, slugs, n=1)
    name, last = (near or slugs)[0], len(slugs)
    positions = f'type a position from 1 to {last} or a name such as "{name}"'
    if last == 1:
        positions = f'there is one so far: type 1 or "{name}"'
    message = f'There is no exercise "{which[:40]}"; {positions}.'
    raise InputError("unknown_exercise", message, suggestion=name)
