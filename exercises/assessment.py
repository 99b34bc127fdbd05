"""What grading a class asks of a course: which version it is, and what each exercise counts.

Points stand in the manifest, in a table ``[points]`` with a slug and a number for each exercise
that counts otherwise than one point.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from exercises.course import course_place
from exercises.manifest import MANIFEST, read_manifest
from exercises.tables import read_text

if TYPE_CHECKING:
    from exercises.course import Folder

_DIGITS = 12  # of the digest: a lecturer compares a few versions of one course


def course_version(folder: Folder | None = None) -> str:
    """The name of a course, and a digest of its manifest and its exercises, as in "week-3@1f2e…".

    The digest is SHA-256 of the names and contents of these files in their order, whose line ends
    count as one character on every system. Errors: ``AuthorError``.

    >>> name, _, digest = course_version().partition("@")
    >>> name, len(digest)
    ('handcalc', 12)
    """
    place = course_place(folder)
    digest = sha256()
    for name in (MANIFEST, *(f"{slug}.toml" for slug in read_manifest(place).slugs)):
        content = read_text(place.joinpath(name)).encode()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    named = "handcalc" if folder is None else Path(str(place)).resolve().name
    return f"{named}@{digest.hexdigest()[:_DIGITS]}"


def exercise_points(folder: Folder | None = None) -> Mapping[str, Fraction]:
    """What each exercise counts: the points of the manifest, or one. Errors: ``AuthorError``.

    >>> exercise_points()["perfect-reconstruction"]
    Fraction(1, 1)
    """
    manifest = read_manifest(course_place(folder))
    own = {slug: Fraction(str(number)) for slug, number in manifest.points.items()}
    return {slug: own.get(slug, Fraction(1)) for slug in manifest.slugs}
