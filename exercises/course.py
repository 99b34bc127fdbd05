"""Exercises from files: one TOML an exercise, and manifest.toml for their order.

A folder of such files is a course; the one inside the package is the bank.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from exercises.course_files import CourseFile
from exercises.exercise import Exercise
from exercises.manifest import MANIFEST, Manifest, manifest_fault, position_of, read_manifest
from exercises.tables import FileTable
from exercises.variants import draw, student_name
from handcalc.errors import AuthorError
from handcalc.storage.files import at_home

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


Folder: TypeAlias = "Traversable | str"
"""A course: a path, as ``Path`` or text, or a folder inside a package."""


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
    file = CourseFile.of(place, slug, manifest.edition_of)
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


def edition_of(folder: Folder | None = None) -> str:
    """Which version of a course a student edition was released from; "" for a course.

    >>> edition_of()
    ''
    """
    return _course(folder)[1].edition_of


def course_mark(folder: Folder | None = None) -> str:
    """What sets a course's records apart: its folder's name, and a digest of its salt.

    Without a salt it is a digest of where the folder is: then another place is another course. The
    bank has none. Errors: ``AuthorError`` for a manifest that is not as it must be.

    >>> course_mark()
    ''
    """
    if folder is None:
        return ""
    place = Path(str(course_place(folder))).resolve()
    salt = _course(place)[1].salt or str(place)
    return f"{place.name}-{sha256(salt.encode(errors='surrogateescape')).hexdigest()[:8]}"


def engine_table(exercise: Exercise, folder: Folder | None = None) -> FileTable | None:
    """The table that names the calculation behind a stored answer, with the variant's numbers."""
    table = CourseFile.of(course_place(folder), exercise.id).substituted(exercise.variant)
    engine = table.values.get("engine")
    return None if engine is None else FileTable(table.file, engine, "engine")


def load_variants(which: int | str, folder: Folder | None = None) -> tuple[Exercise, ...]:
    """An exercise with each of its sets of numbers, in their order.

    >>> [exercise.variant for exercise in load_variants(1)]
    [1]
    """
    place, manifest = _course(folder)
    at = position_of(str(which).strip(), manifest.slugs)
    file = CourseFile.of(place, manifest.slugs[at - 1], manifest.edition_of)
    part = manifest.part_at(at)
    found = (file.exercise(at, i) for i in range(1, file.count + 1))
    return tuple(replace(each, folder=folder, part=part) for each in found)


def _course(folder: Folder | None) -> tuple[Traversable, Manifest]:
    """Where a course is, and its manifest."""
    place = course_place(folder)
    return place, read_manifest(place)


def variant_draw(folder: Folder | None = None) -> Callable[[Exercise, str], int]:
    """What draws the variant that a student gets of an exercise, as ``load`` does.

    The manifest is read once, for as many as are drawn. Errors: ``AuthorError``; what draws has
    ``InputError`` with code ``no_name``.

    >>> exercise = load("best-bias-sparse", student="ada")
    >>> variant_draw()(exercise, "ada") == exercise.variant
    True
    """
    salt = _course(folder)[1].salt
    return lambda exercise, student: draw(
        salt, student_name(student), exercise.id, exercise.variants
    )


def course_place(folder: Folder | None) -> Traversable:
    """Where the files of a course, or of the bank, are.

    >>> course_place(None).joinpath("manifest.toml").is_file()
    True
    """
    if folder is None:
        return resources.files("exercises").joinpath("bank")
    return at_home(folder) if isinstance(folder, str) else folder
