"""Graded practice on top of handcalc: exercises, exact checks, and what to try next.

Every name below is imported when it is first used, so that ``import exercises`` costs next to
nothing.

>>> import exercises
>>> exercise = exercises.load("perfect-reconstruction")
>>> exercises.grade(exercise, W="1 0; 0 1; 0 0", b="0 0 0").status
'partial'
>>> exercises.grade("best-bias-sparse", "3/10", student="ada").status
'solved'
"""

from __future__ import annotations

from handcalc.lazy import importer

TYPE_CHECKING = (
    False  # type checkers take it as true; importing typing would cost more than all else
)
if TYPE_CHECKING:
    from .asking import answer as answer
    from .asking import ask as ask
    from .course import load as load
    from .course import load_all as load_all
    from .course_list import Listed as Listed
    from .course_list import Listing as Listing
    from .course_list import listing as listing
    from .exercise import Exercise as Exercise
    from .grading import Grade as Grade
    from .grading import grade as grade

__all__ = [
    "Exercise",
    "Grade",
    "Listed",
    "Listing",
    "answer",
    "ask",
    "grade",
    "listing",
    "load",
    "load_all",
]

# the public names by the module that defines them, the same as the imports for type checkers above
_HOMES = {
    "asking": ("answer", "ask"),
    "course_list": ("Listed", "Listing", "listing"),
    "grading": ("Grade", "grade"),
    "course": ("load", "load_all"),
    "exercise": ("Exercise",),
}


if not TYPE_CHECKING:  # a type checker refuses a name that is not imported above
    __getattr__ = importer(__name__, _HOMES, globals())


def __dir__() -> list[str]:
    return sorted(__all__)
