"""What is given along the axes of a grid, read as their values, and refused where it is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from functools import partial
from itertools import islice
from math import prod
from typing import Any, TypeAlias, get_args

from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector, read_vector
from handcalc.inputs.containers import kind as kind_of
from handcalc.inputs.floats import short_fractions
from handcalc.numbers.exact import join_text
from handcalc.superposition.loss.distribution import (
    KINDS,
    Distribution,
    DistributionName,
    OneActive,
    SparseUniform,
)
from torchsim.settings import (
    check_activation,
    check_choice,
    read_count,
    read_positive,
    read_seed,
)
from torchsim.specification import WIDEST, Optimiser, Schedule

MOST_CELLS = 1 << 24
"""So many cells a grid has at most."""

_Read: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, repr=False)
class InputKind:
    """How features come to be active together: a distribution without its S, by its name.

    ``sets`` are those of correlated and anticorrelated features, from 1, and None for the others.
    """

    name: DistributionName
    sets: tuple[tuple[int, ...], ...] | None = None

    def __str__(self) -> str:
        return " ".join([self.name, *(f"{{{', '.join(map(str, s))}}}" for s in self.sets or ())])

    __repr__ = __str__

    def distribution(self, n: int, sparsity: Vector | None) -> Distribution:
        """The distribution over n features. Errors: those of its class."""
        kind: Any = KINDS[self.name]
        if self.name == OneActive.name:
            made: Distribution = kind(n)
        else:
            made = kind(sparsity) if self.sets is None else kind(self.sets, sparsity)
        return made


def shortest(values: Vector) -> Vector:
    """One value, where it is the same for all features.

    >>> shortest((1, 1)), shortest((1, 2))
    ((1,), (1, 2))
    """
    return values[:1] if len(set(values)) == 1 else values


def values_of(name: str, given: object) -> Sequence[Any]:
    """One value of an axis or several, as a sequence; whatever gives them is read once.

    Errors: ``sweep`` for what has no order.

    >>> values_of("seed", (7 * k for k in range(3))), values_of("sparsity", "1/2")
    ((0, 7, 14), ('1/2',))
    """
    if isinstance(given, (Set, Mapping)):
        raise InputError(
            "sweep",
            f"The cells of a sweep follow the order of the values of {name}, and a "
            f"{kind_of(given)} has none: give a list.",
        )
    if hasattr(given, "tolist"):  # an array of numbers
        given = given.tolist()
    if isinstance(given, (str, bytes, bytearray)) or not isinstance(given, Iterable):
        return (given,)
    if isinstance(given, Sequence):
        return given
    return tuple(islice(given, MOST_CELLS + 1))  # some never end


def input_kinds(distribution: object, sets: object) -> tuple[InputKind, ...]:
    """Each kind by itself, or with each of the lists of sets that it is given."""
    found: list[InputKind] = []
    several = _several_sets(sets)
    for name in values_of("distribution", distribution):
        check_choice("distribution", name, tuple(KINDS))
        kind: Any = KINDS[name]
        has_sets = "sets" in {field.name for field in fields(kind)}
        if has_sets and not several:
            raise InputError(
                "sets",
                f"{name.capitalize()} features come in sets, such as features 1 and 2, and 3 and "
                "4; none are given.",
                suggestion="sets=[(1, 2), (3, 4)]",
            )
        if has_sets:
            found += [InputKind(name, kind(each).sets) for each in several]
        else:
            found.append(InputKind(name))
    if several and all(kind.sets is None for kind in found):
        raise InputError(
            "ignored", "Sets belong to correlated and anticorrelated features; none are asked for."
        )
    return tuple(found)


def _several_sets(sets: object) -> Sequence[Any]:
    """Lists of sets: of one list, that one."""
    if sets is None:
        return ()
    listed = values_of("sets", sets)
    try:  # [(1, 2), (3, 4)] is one list of sets, [[(1, 2)], [(3, 4)]] are two
        nested = bool(listed) and all(not isinstance(i, int) for each in listed for i in each)
    except TypeError:
        nested = False  # which the distribution refuses in its own words
    return listed if nested else (listed,)


def read_values(name: str, values: Sequence[Any]) -> tuple[Any, ...]:
    """The values of an axis. Errors: those of a number or text that cannot be taken."""
    return tuple(map(_READ[name], values))


def _one_of(name: str, choices: Sequence[str], value: Any) -> Any:
    check_choice(name, value, choices)
    return value


def _activation(value: Any) -> str:
    check_activation("activation", value)
    return str(value)


def _sparsity(value: Any) -> Vector | None:
    read = None if value is None else SparseUniform(short_fractions(value, "sparsity")).sparsity
    return None if read is None else shortest(read)


def _importance(value: Any) -> Vector:
    given = "1" if value is None else short_fractions(value, "importance")
    read: Vector = read_vector(given, "importance")
    return shortest(read)


_READ: dict[str, _Read] = {
    "features": lambda value: read_count("number of features", value, WIDEST),
    "hidden": lambda value: read_count("number of hidden dimensions", value, WIDEST),
    "activation": _activation,
    "optimiser": partial(_one_of, "optimiser", get_args(Optimiser)),
    "rate": partial(read_positive, "rate"),
    "schedule": partial(_one_of, "schedule", get_args(Schedule)),
    "batch": partial(read_count, "number of inputs a step"),
    "steps": partial(read_count, "number of steps"),
    "seed": read_seed,
    "sparsity": _sparsity,
    "importance": _importance,
}


# --------------------------------------------------------------------------------------------------
# Refusals.


def check_once(name: str, values: Sequence[Any]) -> None:
    """Refuse a value that an axis has twice. Errors: ``sweep``."""
    first: dict[Any, int] = {}
    for i, value in enumerate(values, start=1):
        if value in first:
            said = join_text(value) if isinstance(value, tuple) else value
            raise InputError(
                "sweep",
                f"Values {first[value]} and {i} of {name} are the same, {said}. Give each value "
                "once; for another start, give another seed.",
            )
        first[value] = i


def check_count(axes: Mapping[str, Sequence[object]]) -> None:
    """Refuse an axis without values, and more cells than a grid holds. Errors: ``sweep``."""
    for name, values in axes.items():
        if not values:
            raise InputError("sweep", f"A sweep takes at least one {name}; none is given.")
    many = prod(map(len, axes.values()))
    if many > MOST_CELLS:
        longest = max(axes, key=lambda name: len(axes[name]))
        length = len(axes[longest])
        sizes = " x ".join(f"{len(each)} {name}" for name, each in axes.items() if len(each) > 1)
        fitting = MOST_CELLS * length // many
        advice = (
            f"give at most {fitting} values of {longest} instead of {length}"
            if fitting
            else f"give fewer values of {longest} ({length} here) and of the others"
        )
        raise InputError(
            "sweep",
            f"A sweep holds up to {MOST_CELLS} cells, not {many} ({sizes}): {advice}, "
            "or train several sweeps.",
        )
