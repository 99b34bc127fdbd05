"""What the exercises of a class count: the points of the course, or those of ``--points``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NoReturn

from exercises.manifest import POINTS
from handcalc.cli.report import refuse
from handcalc.cli.visible import visible

from .sections import CourseNames

_PAIR = re.compile(rf"(?P<id>[\w-]{{1,80}})=(?P<points>{POINTS})")
_EXAMPLE = '--points "1=2 exact-loss=3/2"'


def typed_points(text: str, names: CourseNames) -> Mapping[str, Fraction]:
    """The points of the exercises that are named, in the course's order; the others do not count.

    Errors: refused for what names no exercise, or one twice.
    """
    found: dict[str, Fraction] = {}
    for word in text.replace(",", " ").split():
        pair = _PAIR.fullmatch(word)
        if pair is None:
            _refuse(f"{visible(word)[:60]} is no exercise with its points")
        slug = names.find(pair["id"])
        if slug is None:
            _refuse(f"there is no exercise {pair['id']} in the course")
        if slug in found:
            _refuse(f"{slug} stands in it twice")
        found[slug] = Fraction(pair["points"])
    if not found:
        _refuse("it names no exercise")
    return {slug: found[slug] for slug in names.slugs if slug in found}


def _refuse(why: str) -> NoReturn:
    refuse(f"--points names exercises and what each counts: {why}.", _EXAMPLE)
