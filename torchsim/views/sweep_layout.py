"""Which settings of a sweep go along the axes of a heat map, and which make panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from handcalc.errors import InputError
from handcalc.views.plots.value_map import Place
from handcalc.wording import brief, joined
from torchsim.sweeps.grid import AXES
from torchsim.views.sweep_axes import AxisValues

MOST_PANELS = 12
_FIRST = ("sparsity",)  # along x, where it varies


@dataclass(frozen=True, slots=True)
class MapLayout:
    """The settings along ``x`` and ``y``, None for a line, and those with a panel for each value.

    ``varying`` has the values of every setting in which the cells differ, in their order.
    """

    x: str
    y: str | None
    panels: tuple[str, ...]
    varying: Mapping[str, AxisValues]

    @classmethod
    def of(
        cls, cells: Sequence[Mapping[str, Any]], x: object = None, y: object = None
    ) -> MapLayout:
        """What is asked for, else the two settings with the most values, seeds aside.

        Errors: ``axis`` for a setting that does not vary.
        """
        varying = {
            name: AxisValues.of(name, {each[name] for each in cells}, cells)
            for name in AXES
            if len({each[name] for each in cells} - {None}) > 1
        }
        if not varying:
            raise InputError(
                "axis", "The cells differ in no setting, so there is nothing to draw them along."
            )
        for which, asked in (("x", x), ("y", y)):
            if asked is not None and asked not in varying:
                _refuse_axis(which, asked, varying)
        if x is not None and x == y:
            raise InputError("axis", f"x and y are two settings, not both {x}.")
        across, up = _chosen(varying, x, y)
        left = (name for name in varying if name not in (across, up, "seed"))
        return cls(across, up, tuple(left), varying)

    def panel(self, at: Mapping[str, Any]) -> tuple[int, ...]:
        """Which panel a cell is in."""
        return tuple(self.varying[name].index(at[name]) for name in self.panels)

    def place(self, at: Mapping[str, Any]) -> Place:
        """Where it is there."""
        x, y = self.varying[self.x], self.y
        return x.index(at[self.x]), 0 if y is None else self.varying[y].index(at[y])

    def said(self, at: Mapping[str, Any], names: Sequence[str]) -> str:
        """The values of some settings in words."""
        return ", ".join(self.varying[name].said(at[name]) for name in names)


def _chosen(varying: Mapping[str, AxisValues], x: object, y: object) -> tuple[str, str | None]:
    free = [name for name in varying if name not in (x, y, "seed")]
    free.sort(key=lambda name: -len(varying[name].labels))
    if x is not None and y is not None:
        return str(x), str(y)
    if x is not None:
        return str(x), free[0] if free else None
    if y is not None:
        if not free:
            raise InputError(
                "axis", f"The cells differ in {y} alone: it goes along x.", suggestion=f"--x {y}"
            )
        return free[0], str(y)
    if not free:
        return "seed", None
    two = sorted(free[:2], key=lambda name: name not in _FIRST)
    return two[0], two[1] if len(two) > 1 else None


def _refuse_axis(which: str, asked: object, varying: Mapping[str, AxisValues]) -> None:
    names = joined(list(varying), "or")
    known = f"{asked} is the same in all cells" if asked in AXES else f"not {brief(asked)}"
    raise InputError(
        "axis",
        f"{which} is a setting in which the cells differ, {names}; {known}.",
        suggestion=f"--{which} {next(iter(varying))}",
    )


def check_panels(layout: MapLayout, each: Sequence[Mapping[str, Any]]) -> None:
    """Refuse more panels than a slide holds. Errors: ``panels``."""
    count = len({layout.panel(at) for at in each})
    if count <= MOST_PANELS:
        return
    names = [name for name in layout.varying if name != "seed"]
    pairs = {
        pair: len({tuple(at[n] for n in names if n not in pair) for at in each})
        for pair in combinations(names, 2)
    }
    fewest = min(pairs, key=lambda pair: pairs[pair])
    fits = pairs[fewest] <= MOST_PANELS
    others = f"choose x and y among {joined(names)}, or " if fits else ""
    raise InputError(
        "panels",
        f"There would be {count:,} panels, one for each {joined(layout.panels)}, and a slide holds "
        f"{MOST_PANELS}: {others}name the cells to draw.",
        suggestion=f"--x {fewest[0]} --y {fewest[1]}" if fits else "--models 1..9",
    )
