"""Public names of a package that are imported when they are first used (PEP 562)."""

from __future__ import annotations

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
