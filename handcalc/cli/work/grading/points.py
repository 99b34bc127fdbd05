"""What the exercises of a class count: the points of the course, or those of ``--points``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from handcalc.cli.report import CommandError, ReportedError
from handcalc.cli.visible import visible

from .sections import CourseNames

_PAIR = re.compile(r"(?P<id>[\w-]{1,80})=(?P<points>\d{1,4}(?:/[1-9]\d{0,3}|\.\d{1,4})?)")
_EXAMPLE = '--points "1=2 exact-loss=3/2"'


def typed_points(text: str, names: CourseNames) -> Mapping[str, Fraction]:
    """The points of the exercises that are named, in the course's order; the others do not count.

    Errors: refused for what names no exercise, or one twice.
    """
    found: dict[str, Fraction] = {}
    for word in text.replace(",", " ").split():
        pair = _PAIR.fullmatch(word)
        if pair is None:
            raise _refused(f"{visible(word)[:60]} is no exercise with its points")
        slug = names.find(pair["id"])
        if slug is None:
            raise _refused(f"there is no exercise {pair['id']} in the course")
        if slug in found:
            raise _refused(f"{slug} stands in it twice")
        found[slug] = Fraction(pair["points"])
    if not found:
        raise _refused("it names no exercise")
    return {slug: found[slug] for slug in names.slugs if slug in found}


def _refused(why: str) -> CommandError:
    message = f"--points names exercises and what each counts: {why}."
    return CommandError(ReportedError("usage", message, suggestion=_EXAMPLE))
