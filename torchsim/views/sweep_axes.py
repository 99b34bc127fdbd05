"""The values of a setting of a sweep along an axis: in which order, and by which names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isclose, log
from typing import Any

from handcalc.numbers.exact import to_float
from handcalc.views.plots.ticks import indexed, tick_text
from handcalc.views.plots.value_map import MapAxis

NAMES = {
    "features": "features n",
    "hidden": "dimensions m",
    "distribution": "distribution",
    "optimiser": "optimiser",
    "rate": "learning rate",
    "schedule": "schedule of the rate",
    "batch": "batch (inputs a step)",
    "steps": "steps",
    "sparsity": "sparsity S",
    "importance": "importance I",
    "activation": "activation",
    "seed": "seed",
}
"""What stands beside an axis."""

_SAID = {
    "features": "n = {}",
    "hidden": "m = {}",
    "distribution": "{}",
    "optimiser": "{}",
    "schedule": "{}",
    "sparsity": "S = {}",
    "importance": "I = {}",
    "activation": "{}",
    "steps": "{} steps",
    "batch": "batch {}",
}
_ACTIVATIONS = {"relu": "ReLU", "linear": "linear"}
_WITHOUT = {"sparsity": "none"}
_EXACT = "exact"  # of a cell that draws no samples
_EVEN = 1e-3  # so far distances may be from even, for four digits of a range in the logarithm
_LARGE = 1e10  # of numbers from here on powers of ten are shown; seeds are below
_FEW = 4  # numbers of a vector that a label has room for


@dataclass(frozen=True, slots=True)
class AxisValues:
    """The ``values`` in their order, and the ``axis`` that is drawn of them.

    ``feature`` is the only one, from 1, in which several S or Iᵢ differ, else 0.
    """

    name: str
    values: tuple[Hashable, ...]
    axis: MapAxis
    is_uneven: bool = False
    feature: int = 0

    @classmethod
    def of(
        cls, name: str, values: Collection[Any], cells: Sequence[Mapping[str, Any]]
    ) -> AxisValues:
        """Numbers in order, several S or Iᵢ by the one in which they differ, others as they come.

        >>> found = AxisValues.of("rate", {0.1, 0.001, 0.01}, [])
        >>> found.axis.labels, found.axis.is_log, found.said(0.001)
        (('0.001', '0.01', '0.1'), True, 'rate 0.001')
        """
        title, key = NAMES[name], _key(values, cells)
        if key is None:
            first = {each[name]: i for i, each in reversed(list(enumerate(cells)))}
            ordered = tuple(sorted(values, key=lambda value: first[value]))
            labels = tuple(_text(name, value) for value in ordered)
            return cls(name, ordered, MapAxis(title, labels))
        ordered = tuple(sorted(values, key=key.of))
        if key.differing:
            title = f"{'S' if name == 'sparsity' else 'importance'} of feature {key.differing}"
        if key.differing is None:
            each = tuple(_text(name, value) for value in ordered)
            return cls(name, ordered, MapAxis(title, _apart(each, ordered)))
        numbers = tuple(float(key.of(value)[0]) for value in ordered)
        is_even, is_log = _spacing(numbers)
        is_log = is_log or (name == "rate" and not is_even)
        axis = MapAxis(title, number_labels(numbers), numbers, is_log)
        return cls(name, ordered, axis, not any(_spacing(numbers)), key.differing or 0)

    @property
    def labels(self) -> Sequence[str]:
        """What each value is called."""
        return self.axis.labels

    def index(self, value: object) -> int:
        """The place of a value."""
        return self.values.index(value)

    def said(self, value: object) -> str:
        """A value in a sentence."""
        if value is None and self.name in _WITHOUT:
            return "no S"
        said = _SAID.get(self.name, f"{self.name} {{}}").format(self.labels[self.index(value)])
        symbol, equals, rest = said.partition(" =")
        return f"{indexed(symbol, self.feature)}{equals}{rest}" if self.feature else said


@dataclass(frozen=True, slots=True)
class _Key:
    """What values are sorted by.

    ``differing`` is 0 for numbers, of vectors the feature, from 1, in which they differ, and None
    where they differ in several or are no numbers for some cells.
    """

    of: Callable[[Any], tuple[float, ...]]
    differing: int | None


def _key(values: Collection[Any], cells: Sequence[Mapping[str, Any]]) -> _Key | None:
    """None for what is no number."""
    if any(isinstance(value, tuple) for value in values):
        return _vector_key(values, cells)
    if not all(value is None or isinstance(value, (int, float)) for value in values):
        return None
    none = None in values
    return _Key(lambda value: (inf if value is None else float(value),), None if none else 0)


def _vector_key(values: Collection[Any], cells: Sequence[Mapping[str, Any]]) -> _Key:
    sizes = {each["features"] for each in cells}
    longest = max(len(value) for value in values if value is not None)
    fits = None not in values and (longest == 1 or len(sizes) == 1)
    length = max(sizes) if longest > 1 and len(sizes) == 1 else longest

    def floats(value: Any) -> tuple[float, ...]:
        if value is None:
            return (inf,)
        each = tuple(map(to_float, value))
        return each * length if len(each) == 1 else each

    if not fits:
        return _Key(floats, None)
    rows = [floats(value) for value in values]
    differing = [i for i, column in enumerate(zip(*rows, strict=True)) if len(set(column)) > 1]
    if longest == 1:
        return _Key(floats, 0)
    if len(differing) > 1:
        return _Key(floats, None)
    only = differing[0]
    return _Key(lambda value: (floats(value)[only],), only + 1)


def _spacing(numbers: Sequence[float]) -> tuple[bool, bool]:
    """Whether numbers in order stand at equal distances, and whether their logarithms do."""
    found = []
    for each in (list(numbers), [log(n) for n in numbers] if min(numbers) > 0 else []):
        steps = [b - a for a, b in pairwise(each)]
        found.append(bool(steps) and all(isclose(s, steps[0], rel_tol=0.02) for s in steps))
    is_even, is_log = found
    return is_even, is_log and not (is_even and len(numbers) > 2) and max(numbers) >= 4 * min(
        numbers
    )


def number_labels(numbers: Sequence[float]) -> tuple[str, ...]:
    """Three digits, or as many as tell them apart; of small ones the power of ten.

    >>> number_labels([0.0, 0.5]), number_labels([0.999, 0.9999]), number_labels([1e-4, 1000.0])
    (('0', '0.5'), ('0.999', '0.9999'), ('10⁻⁴', '1,000'))
    >>> number_labels([0.001, 1e30])
    ('0.001', '10³⁰')
    """
    if all(n.is_integer() and n < _LARGE for n in numbers):
        return tuple(f"{int(n):,}" for n in numbers)
    for digits in range(3, 18):
        rounded = [float(f"{n:.{digits}g}") for n in numbers]
        exact = all(isclose(a, b, rel_tol=_EVEN) for a, b in zip(rounded, numbers, strict=True))
        apart = len({*rounded, 0.0, 1.0}) == len({*numbers, 0.0, 1.0})
        if apart and exact:
            break
    return tuple(
        tick_text(n) if (0 < abs(n) < 1e-3 or n >= _LARGE) and digits == 3 else f"{n:,.15g}"
        for n in rounded
    )


def _text(name: str, value: Any) -> str:
    if value is None:
        return _WITHOUT.get(name, _EXACT)
    if isinstance(value, tuple):
        each = [f"{to_float(one):.3g}" for one in value]
        return " ".join(each if len(each) <= _FEW else (*each[:2], "…", each[-1]))
    if isinstance(value, float):
        return number_labels([value])[0]
    return _ACTIVATIONS.get(str(value), str(value))


def _apart(labels: tuple[str, ...], values: Sequence[Any]) -> tuple[str, ...]:
    """The labels, or whole vectors where short ones do not tell them apart."""
    if len(set(labels)) == len(labels):
        return labels
    return tuple(
        "none" if value is None else " ".join(f"{to_float(one):.15g}" for one in value)
        for value in values
    )
