"""What a heat map of a sweep shows: which settings along its axes, and the best cell at each place.

``torchsim.figures`` draws all panels on one page, ``handcalc.plot.heatmap`` into axes of yours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, prod
from typing import Literal, TypeAlias, get_args

from handcalc.errors import InputError
from handcalc.views.plots.ticks import number
from handcalc.views.plots.value_map import Place, ValueMap, ValueScale
from handcalc.wording import brief, counted, joined
from torchsim.comparison import gap_percent
from torchsim.comparison.best_known import one_each
from torchsim.comparison.best_store import KnownBest
from torchsim.comparison.chosen_models import checked_numbers, nothing_left
from torchsim.run import Trained
from torchsim.sweeps.run import NOT_TRAINED, SweepCell, SweepRun
from torchsim.sweeps.specification import coordinates
from torchsim.views.specifications import in_common
from torchsim.views.sweep_layout import MapLayout, check_panels
from torchsim.views.sweeps import SETTING

Value: TypeAlias = Literal["loss", "gap", "held", "dimensionality"]
VALUES: tuple[Value, ...] = get_args(Value)
_FEW_PLACES = 24  # that are told each
_MOST_COLUMNS = 6  # that a table has; of more values of x, each has a row
_FEW_COUNTS = 5  # of features held, that are told each
_WIDELY = 20  # times the lowest: from there on the logarithm is shown

SCALES = {
    "loss": "loss L",
    "gap": "% above the best known",
    "held": "features held",
    "dimensionality": "mean dimensionality Dᵢ of the features held",
}


# --------------------------------------------------------------------------------------------------
# What stands at each place.


@dataclass(frozen=True, slots=True, eq=False)
class SweepMaps:
    """The panels, all on one scale, and in words what they show: a claim, and how to read it.

    ``rows`` are the same as a table, heads first: of one panel its values, as they stand there, of
    several the lowest and the highest of each; none where one panel has too many.
    """

    layout: MapLayout
    value: Value
    panels: tuple[ValueMap, ...]
    title: str
    how: str
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def of(
        cls,
        run: SweepRun,
        *,
        models: Sequence[int] | None = None,
        x: object = None,
        y: object = None,
        value: object = "loss",
        best: Sequence[KnownBest | None] | None = None,
    ) -> SweepMaps:
        """The cells of a sweep, or those of some numbers.

        ``best`` has for the gap what is known of each cell that did not fail; else it is worked
        out. Errors: ``axis``, ``value``, ``panels`` for more than a slide holds, ``models``,
        ``failed``, ``wrong_shape``.
        """
        if value not in VALUES:
            words = joined([f'"{each}"' for each in VALUES], "or")
            raise InputError("value", f"value is {words}, not {brief(value)}.")
        numbers = None if models is None else checked_numbers(run, models)
        cells = list(run.cells() if numbers is None else map(run.cell, numbers))
        places = [coordinates(cell.model, cell.spec) for cell in cells]
        layout = MapLayout.of(places, x, y)
        check_panels(layout, places)
        measured = _measured(cells, value, best)
        if not measured:
            raise nothing_left(run, run.failed)
        return _Placed(layout, value, cells, measured).maps()


@dataclass(frozen=True, slots=True)
class _Measured:
    """A cell that came to something: its loss, and what is drawn of it, None if that is nothing."""

    loss: float
    drawn: float | None
    count: tuple[int, int]


def _measured(
    cells: Sequence[SweepCell], value: Value, best: Sequence[KnownBest | None] | None
) -> dict[int, _Measured]:
    """By their numbers the cells that did not fail."""
    left = {cell.number: cell.trained for cell in cells if cell.trained is not None}
    known: Sequence[KnownBest | None] = [None] * len(left)
    if value == "gap":
        known = one_each(best, tuple(left.values()))
    found = {}
    for (number_, trained), lowest in zip(left.items(), known, strict=True):
        loss = float(trained.loss[trained.best])
        drawn = loss if value == "loss" else _drawn(trained, loss, value, lowest)
        if drawn is not None and not isfinite(drawn):
            drawn = None
        found[number_] = _Measured(loss, drawn, (len(trained.held), trained.model.features))
    return found


def _drawn(trained: Trained, loss: float, value: Value, best: KnownBest | None) -> float | None:
    if value == "gap":
        return gap_percent(loss, best, trained.model)
    held = trained.held
    if value == "held":
        return float(len(held))
    return float(trained.dimensionality[[i - 1 for i in held]].mean()) if held else 0.0


class _Placed:
    """The cells at their places, of several at one place that with the lowest loss."""

    def __init__(
        self,
        layout: MapLayout,
        value: Value,
        cells: Sequence[SweepCell],
        measured: Mapping[int, _Measured],
    ) -> None:
        self._layout, self._value, self._measured = layout, value, measured
        self._cells = {cell.number: (cell, coordinates(cell.model, cell.spec)) for cell in cells}
        self._at: dict[tuple[tuple[int, ...], Place], list[int]] = {}
        for number_, (_, at) in self._cells.items():
            self._at.setdefault((layout.panel(at), layout.place(at)), []).append(number_)
        self._lowest = {
            key: min(left, key=lambda k: measured[k].loss)
            for key, numbers in self._at.items()
            if (left := [k for k in numbers if k in measured])
        }
        sizes = {measured[k].count[1] for k in self._lowest.values()}
        self._as_part = value == "held" and len(sizes) > 1
        self._n = sizes.pop() if len(sizes) == 1 else None

    def maps(self) -> SweepMaps:
        """The panels and their words."""
        scale = self._scale()
        keys = sorted({key for key, _ in self._at})
        panels = tuple(self._panel(panel, scale) for panel in keys)
        how = " ".join(self._how())
        rows = self._ends(keys) if len(keys) > 1 else self._values(keys[0])
        return SweepMaps(self._layout, self._value, panels, self._title(), how, tuple(rows))

    def _drawn(self, number_: int) -> float | None:
        found = self._measured[number_]
        return found.count[0] / found.count[1] if self._as_part else found.drawn

    def _scale(self) -> ValueScale:
        known = [v for k in self._lowest.values() if (v := self._drawn(k)) is not None]
        low, high, name = min(known, default=0.0), max(known, default=1.0), SCALES[self._value]
        if self._value == "dimensionality":
            return ValueScale(name, 0.0, max(1.0, high), marks=(0, 0.25, 0.5, 0.75, 1))
        if self._value == "held":
            name = f"{name}, of {self._n}" if self._n else f"part of the {name}"
            top = self._n or 1
            marks = range(top + 1) if 1 < top <= 12 else ()
            return ValueScale(name, 0.0, float(top), marks=tuple(map(float, marks)))
        if self._value == "gap":
            return ValueScale(name, min(0.0, low), high)
        return ValueScale(name, low, high, is_log=low > 0 and high >= _WIDELY * low)

    def _panel(self, panel: tuple[int, ...], scale: ValueScale) -> ValueMap:
        layout = self._layout
        places = {place: numbers for (key, place), numbers in self._at.items() if key == panel}
        lowest = {place: k for (key, place), k in self._lowest.items() if key == panel}
        first = self._cells[next(iter(places.values()))[0]][1]
        name = layout.said(first, layout.panels)
        return ValueMap(
            name=name,
            words=" ".join(filter(None, [self._title(panel), *self._listed(lowest)])),
            x=layout.varying[layout.x].axis,
            y=None if layout.y is None else layout.varying[layout.y].axis,
            values={place: self._drawn(k) for place, k in lowest.items()},
            failed=frozenset(
                place
                for place, numbers in places.items()
                if place not in lowest and any(self._why(k) != NOT_TRAINED for k in numbers)
            ),
            scale=scale,
        )

    def _why(self, number_: int) -> str | None:
        return self._cells[number_][0].failed

    # -- in words ---------------------------------------------------------------------------------

    def _text(self, number_: int) -> str:
        """The value of a cell."""
        found, drawn = self._measured[number_], self._drawn(number_)
        if self._value == "held":
            return f"{found.count[0]} of {found.count[1]}"
        if drawn is None:
            return "none"
        if self._value == "gap":
            return f"{number(drawn)} %".replace("-", "−")
        return number(drawn)

    def _where(self, number_: int, *, in_panel: bool = False) -> str:
        layout = self._layout
        panels = () if in_panel else layout.panels
        names = [layout.x, *([] if layout.y is None else [layout.y]), *panels]
        return layout.said(self._cells[number_][1], names)

    def _known(self, panel: tuple[int, ...] | None = None) -> dict[int, float]:
        """What is drawn of each cell that is shown, of one panel or of all."""
        return {
            k: value
            for (key, _), k in self._lowest.items()
            if panel in (None, key) and (value := self._drawn(k)) is not None
        }

    def _ends_of(self, known: Mapping[int, float]) -> list[int]:
        """The cells with the lowest and the highest value; none of none.

        Of those that show the same value the first: what is beyond the digits that are shown is
        rounding, which is not the same on all machines.
        """
        if not known:
            return []
        ends = (self._text(choose(known, key=lambda k: known[k])) for choose in (min, max))
        return [next(k for k in known if self._text(k) == text) for text in ends]

    def _title(self, panel: tuple[int, ...] | None = None) -> str:
        """From which value to which, and where these are; of one panel or of all."""
        known = self._known(panel)
        what = {
            "loss": "The loss",
            "gap": "The gap to the best known",
            "held": "The number of features held",
            "dimensionality": "The mean dimensionality of the features held",
        }[self._value]
        if not known:
            return f"{what} is known nowhere."
        if self._value == "held" and self._n:
            counts = Counter(self._measured[k].count[0] for k in known)
            if len(counts) <= _FEW_COUNTS:
                least, *more = sorted(counts)
                said = [
                    f"{least} of {counted(self._n, 'feature')} at {counted(counts[least], 'place')}"
                ]
                said += [f"{held} at {counts[held]:,}" for held in more]
                return f"The best models hold {joined(said)}."
        low, high = self._ends_of(known)
        if self._text(low) == self._text(high):
            return f"{what} is {self._text(low)} everywhere."
        from_, to = (self._where(k, in_panel=panel is not None) for k in (low, high))
        return f"{what} goes from {self._text(low)} ({from_}) to {self._text(high)} ({to})."

    def _ends(self, keys: Sequence[tuple[int, ...]]) -> Iterator[tuple[str, ...]]:
        """The lowest and the highest of each panel, and where these are."""
        yield "panel", "lowest", "at", "highest", "at"
        for key in keys:
            known = self._known(key)
            at = next(at for at in self._at.items() if at[0][0] == key)[1][0]
            name = self._layout.said(self._cells[at][1], self._layout.panels)
            ends = [(self._text(k), self._where(k, in_panel=True)) for k in self._ends_of(known)]
            if len({text for text, _ in ends}) < 2:  # one value, or none
                text = ends[0][0] if ends else "none"
                ends = [(text, "everywhere"), (text, "everywhere")]
            yield name, *(text for end in ends for text in end)

    def _values(self, key: tuple[int, ...]) -> Iterator[tuple[str, ...]]:
        """The values of a panel where they are few, the highest y first, as it is drawn."""
        at = {place: k for (panel, place), k in self._lowest.items() if panel == key}
        if len(at) > _FEW_PLACES:
            return
        x = self._layout.varying[self._layout.x]
        if self._layout.y is None:
            yield x.axis.name, SCALES[self._value]
            yield from (
                (label, self._text(at[i, 0])) for i, label in enumerate(x.labels) if (i, 0) in at
            )
            return
        y = self._layout.varying[self._layout.y]
        rows = [("", *map(x.said, x.values))]
        for j in reversed(range(len(y.values))):
            each = (at.get((i, j)) for i in range(len(x.values)))
            rows.append((y.said(y.values[j]), *("-" if k is None else self._text(k) for k in each)))
        yield from rows if len(x.values) <= _MOST_COLUMNS else zip(*rows, strict=True)

    def _listed(self, lowest: Mapping[Place, int]) -> Iterator[str]:
        """Each value, where they are few."""
        if len(lowest) <= _FEW_PLACES:
            names = [self._layout.x, *([] if self._layout.y is None else [self._layout.y])]
            each = (
                f"{self._layout.said(self._cells[k][1], names)}: {self._text(k)}"
                for _, k in sorted(lowest.items())
            )
            yield f"{'; '.join(each)}."

    def _how(self) -> Iterator[str]:
        """What stands at a place, and what is missing."""
        one = "dot" if self._layout.y is None else "square"
        several = [numbers for numbers in self._at.values() if len(numbers) > 1]
        if several:
            seeds = len(self._layout.varying["seed"].labels) if self._reduces_seeds() else 0
            what = f"of up to {max(map(len, several)):,} cells at its place"
            if seeds and max(map(len, several)) <= seeds:
                what = f"of {counted(seeds, 'seed')}"
            yield f"Each {one} is the cell with the lowest loss {what}."
        if self._value == "dimensionality":
            yield "1: a dimension each; ½: antipodal pairs; 0: none is held."
        if self._value == "held":
            yield "A feature is held from a length of ½ on."
        yield from self._missing(one)
        layout = self._layout
        uneven = [
            each.axis.name
            for name in (layout.x, layout.y)
            if name is not None and (each := layout.varying[name]).is_uneven
        ]
        if uneven and layout.y is not None:
            yield f"Values of {joined(uneven)} stand in their order, at equal distances."
        models = [cell.model for cell, _ in self._cells.values()]
        yield in_common(models, [SETTING[name] for name in layout.varying if name in SETTING])

    def _reduces_seeds(self) -> bool:
        return "seed" in self._layout.varying and "seed" not in (self._layout.x, self._layout.y)

    def _missing(self, one: str) -> Iterator[str]:
        why = [self._why(k) for k in self._cells]
        left = why.count(NOT_TRAINED)
        failed = sum(each is not None for each in why) - left
        if failed:
            gone = sum(
                key not in self._lowest and any(self._why(k) != NOT_TRAINED for k in numbers)
                for key, numbers in self._at.items()
            )
            crossed = "" if gone == failed else f", at {counted(gone, 'place')} all"
            yield f"Crossed out: {counted(failed, 'cell')} failed{crossed}."
        if left:
            are = "is" if left == 1 else "are"
            yield f"Empty: {counted(left, 'cell')} {are} {NOT_TRAINED}."
        panels = len({key for key, _ in self._at})
        layout = self._layout
        axes = [layout.x, *([] if layout.y is None else [layout.y])]
        places = panels * prod(len(layout.varying[name].labels) for name in axes)
        if places > len(self._at):
            none = places - len(self._at)
            yield f"Empty: {counted(none, 'place')} {'has' if none == 1 else 'have'} no cell."
        unknown = sum(self._drawn(k) is None for k in self._lowest.values())
        if unknown:
            mark = "Marked below" if self._layout.y is None else "Hatched"
            said = "no best above 0 is known" if self._value == "gap" else "there is no number"
            yield f"{mark}: {said} of {counted(unknown, one)}."
