"""Exercises from files: one TOML an exercise, and manifest.toml for their order.

A folder of such files is a course; the one inside the package is the bank.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from importlib import resources
from typing import TYPE_CHECKING, cast

from exercises.specification import Example, Exercise, ModelAnswer, ReconstructsInput, Solution
from exercises.tables import Table, read_table
from handcalc.errors import AuthorError, InputError
from handcalc.parsing import parse_vector

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from handcalc.superposition.toy_model import Activation, Vector

__all__ = ["load", "load_all"]

_MANIFEST = "manifest.toml"
_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_KEYS = ("title", "statement", "typing", "answer", "check", "example", "hints", "solutions", "why")


def load(which: int | str, folder: Traversable | None = None) -> Exercise:
    """The exercise at a position, counted from 1, or with a slug.

    ``folder`` is a course; without it, the bank. Errors: ``InputError`` with code
    ``unknown_exercise``; ``AuthorError`` for a file that is not as it must be.

    >>> load("1") == load("perfect-reconstruction")
    True
    """
    course = _bank() if folder is None else folder
    slugs = _slugs(course)
    position = _position(str(which).strip(), slugs)
    return _exercise(course, slugs[position - 1], position)


def load_all(folder: Traversable | None = None) -> tuple[Exercise, ...]:
    """All exercises of a course, or of the bank, in the manifest's order.

    Errors: ``AuthorError`` for a file that is not as it must be, and for one that the manifest
    does not list.

    >>> [exercise.position for exercise in load_all()][:1]
    [1]
    """
    course = _bank() if folder is None else folder
    slugs = _slugs(course)
    unlisted = sorted(_on_disk(course) - set(slugs))
    if unlisted:
        raise AuthorError(
            "unlisted_file",
            f'{unlisted[0]}.toml: {_MANIFEST} does not list "{unlisted[0]}".',
            file=_MANIFEST,
            key="exercises",
        )
    return tuple(_exercise(course, slug, i) for i, slug in enumerate(slugs, 1))


def _bank() -> Traversable:
    return resources.files("exercises").joinpath("bank")


def _on_disk(course: Traversable) -> set[str]:
    names = {file.name for file in course.iterdir()} - {_MANIFEST}
    return {name.removesuffix(".toml") for name in names if name.endswith(".toml")}


def _slugs(course: Traversable) -> tuple[str, ...]:
    manifest = read_table(course.joinpath(_MANIFEST))
    manifest.only("exercises")
    slugs = manifest.texts("exercises")
    for i, slug in enumerate(slugs, 1):
        if not _SLUG.fullmatch(slug):
            raise manifest.fault(
                "wrong_value",
                f"exercises[{i}]",
                "a slug is lower-case letters and digits with single hyphens between, "
                f'such as "two-arrows", not "{slug}".',
            )
        if slug in slugs[: i - 1]:
            raise manifest.fault(
                "duplicate", f"exercises[{i}]", f'"{slug}" already names an exercise.'
            )
    return slugs


def _position(which: str, slugs: tuple[str, ...]) -> int:
    if which in slugs:
        return slugs.index(which) + 1
    if which.isdecimal() and len(which) < 6 and 1 <= int(which) <= len(slugs):
        return int(which)
    near = get_close_matches(which, slugs, n=1)
    name, last = (near or slugs)[0], len(slugs)
    positions = f'type a position from 1 to {last} or a name such as "{name}"'
    if last == 1:
        positions = f'there is one so far: type 1 or "{name}"'
    raise InputError(
        "unknown_exercise",
        f'There is no exercise "{which[:40]}"; {positions}.',
        suggestion=name,
    )


def _exercise(course: Traversable, slug: str, position: int) -> Exercise:
    table = read_table(course.joinpath(f"{slug}.toml"))
    table.only(*_KEYS)
    answer = _answer(table.table("answer"))
    return Exercise(
        id=slug,
        position=position,
        title=table.text("title"),
        statement=table.text("statement"),
        typing=table.text("typing"),
        answer=answer,
        check=_check(table.table("check"), answer),
        example=_example(table.table("example")),
        hints=table.texts("hints", least=2),
        solutions=tuple(_solution(entry) for entry in table.tables("solutions", least=1)),
        why=table.text("why"),
    )


def _answer(table: Table) -> ModelAnswer:
    table.only("kind", "features", "dimensions", "activation")
    table.choice("kind", ("model",))
    activation = cast("Activation", table.choice("activation", ("relu", "linear")))
    return ModelAnswer(table.whole("features"), table.whole("dimensions"), activation)


def _check(table: Table, answer: ModelAnswer) -> ReconstructsInput:
    table.only("kind", "x")
    table.choice("kind", ("reconstructs-input",))
    return ReconstructsInput(_vector(table, "x", answer.features))


def _example(table: Table) -> Example:
    table.only("W", "b")
    return Example(table.text("W"), table.text("b"))


def _solution(table: Table) -> Solution:
    table.only("title", "W", "b", "reasoning")
    return Solution(table.text("title"), table.text("W"), table.text("b"), table.text("reasoning"))


def _vector(table: Table, key: str, length: int) -> Vector:
    try:
        return parse_vector(table.text(key), length)
    except InputError as error:
        raise table.fault("unreadable", key, error.message) from error
