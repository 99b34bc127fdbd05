"""Graded practice on top of handcalc: exercises, exact checks, and what to try next.

Every name below is imported when it is first used, so that ``import exercises`` costs next to
nothing.

>>> import exercises
>>> exercise = exercises.load("perfect-reconstruction")
>>> exercises.grade(exercise, W="1 0; 0 1; 0 0", b="0 0 0").status
'partial'
"""

from __future__ import annotations

TYPE_CHECKING = (
    False  # type checkers take it as true; importing typing would cost more than all else
)
if TYPE_CHECKING:
    from .grading import Grade as Grade
    from .grading import grade as grade
    from .loading import load as load
    from .loading import load_all as load_all
    from .specification import Exercise as Exercise

__all__ = ["Exercise", "Grade", "grade", "load", "load_all"]

# the public names by the module that defines them, the same as the imports for type checkers above
_HOMES = {
    "grading": ("Grade", "grade"),
    "loading": ("load", "load_all"),
    "specification": ("Exercise",),
}


def __getattr__(name: str) -> object:
    """Import a public name from the module that defines it, and keep it (PEP 562)."""
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f"{__name__}.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
