"""Public names of a package that are imported when they are first used (PEP 562)."""

from __future__ import annotations

import sys
from types import ModuleType

TYPE_CHECKING = False  # as in the packages themselves: importing typing would cost more
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def importer(
    package: str, homes: Mapping[str, Sequence[str]], module: dict[str, object]
) -> Callable[[str], object]:
    """The ``__getattr__`` of a package: imports a name from its module, and keeps it.

    ``homes`` has the names by module, under "" the package's own modules; ``module`` is the
    package's ``globals()``. A name that is not there is an ``AttributeError`` with the nearest one.

    >>> find = importer("handcalc", {"wording": ("joined",)}, {})
    >>> find("joined")([1, 2])
    '1 and 2'
    >>> importer("handcalc", {"": ("wording",)}, {})("wording").joined([1, 2])
    '1 and 2'
    >>> find("joint")
    Traceback (most recent call last):
        ...
    AttributeError: module 'handcalc' has no attribute 'joint'; did you mean 'joined'?
    """

    def find(name: str) -> object:
        from importlib import import_module

        for home, names in homes.items():
            if name in names:
                if home:
                    value: object = getattr(import_module(f"{package}.{home}"), name)
                else:
                    value = import_module(f"{package}.{name}")
                # a package of this name, which its import has put there, stays: handcalc.circuits
                return module.setdefault(name, value)
        message = f"module {package!r} has no attribute {name!r}"
        if not name.startswith("_"):
            from difflib import get_close_matches

            known = [each for names in homes.values() for each in names]
            lowered = {each.lower(): each for each in known}
            nearest = next(iter(get_close_matches(name, known, 1)), lowered.get(name.lower()))
            if nearest is not None:
                message += f"; did you mean {nearest!r}?"
        # without the module as obj, the interpreter adds no second suggestion of its own
        raise AttributeError(message, name=name, obj=None)

    return find


class _Callable(ModuleType):
    """A package that a function has the name of, and that is called in its place."""

    def __call__(self) -> object:
        from importlib import import_module

        return getattr(import_module(f"{self.__name__}.{self.listed_in}"), self.listed_by)()


def make_callable(package: str, listed_in: str) -> None:
    """Let ``handcalc.circuits()`` list what ``handcalc.circuits`` holds, by its function there.

    The function has the package's own name, and stands in its module ``listed_in``.

    >>> import handcalc.networks
    >>> len(handcalc.networks())
    5
    """
    module = sys.modules[package]
    module.__dict__.update(listed_in=listed_in, listed_by=package.rpartition(".")[2])
    module.__class__ = _Callable
