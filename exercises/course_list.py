"""The list of a course: every exercise by its position, id, title and state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from exercises.course import course_mark, load_all
from exercises.progress import ExerciseRecord, store
from handcalc.display import Displayed

if TYPE_CHECKING:
    from exercises.course import Folder
    from exercises.exercise import Exercise


@dataclass(frozen=True, slots=True)
class Listed:
    """An exercise in the list; ``state`` is "new", "tried", "solved" or "solution seen".

    ``part`` is the title of the part that it stands in, None in a course of one list.
    """

    position: int
    id: str
    title: str
    state: str
    part: str | None = None


Placed = TypeVar("Placed", Listed, "Exercise")


def by_part(course: Iterable[Placed]) -> dict[str | None, list[Placed]]:
    """The exercises of each part, by its title; all of them under None in a course of one list.

    >>> list(by_part([Listed(1, "one", "One", "new", "Arrows")]))
    ['Arrows']
    """
    found: dict[str | None, list[Placed]] = {}
    for one in course:
        found.setdefault(one.part, []).append(one)
    return found


class Listing(Displayed, list[Listed]):
    """The exercises of a course in their order; ``print`` shows them as the terminal does."""

    __slots__ = ()


def listing(
    folder: Folder | None = None, *, student: str | None = None, no_state: bool = False
) -> Listing:
    """The exercises of a course, or of the bank, and what was done in each.

    Args:
        folder: A course; None is the bank.
        student: Whose numbers, by a name.
        no_state: Look at no record: every exercise is new.

    Returns:
        Position, id, title, state and part of each. What was done is read where the command line
        keeps it, in the folder HANDCALC_STATE_DIR or else the user's.

    Raises:
        InputError: Those of ``load_all``.
        AuthorError: Those of ``load_all``.

    Examples:
        >>> listing(no_state=True)[17].title
        'When one feature matters less'
    """
    done = store(no_state, course_mark(folder)).read()
    return listed(load_all(folder, student=student), done.records)


def listed(exercises: Iterable[Exercise], records: Mapping[str, ExerciseRecord]) -> Listing:
    """The list of some exercises, with what was done in each by its id."""
    return Listing(
        Listed(
            each.position,
            each.id,
            each.title,
            records.get(each.id, ExerciseRecord()).state,
            each.part,
        )
        for each in exercises
    )
