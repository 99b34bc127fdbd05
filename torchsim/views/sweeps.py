"""Sweeps, for people and for programs: a grid, and its cells as they were trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.views.layout import Paragraph, Sized, columns, fitting, spaced
from handcalc.views.markdown import joined as joined_blocks
from handcalc.views.markdown import prose, table
from handcalc.views.notation import PlainNotation
from handcalc.views.text import heading
from handcalc.wording import counted, joined, lasted
from torchsim.presets.experiment import shape
from torchsim.sweeps.grid import ON_SAMPLES, SweepGrid
from torchsim.sweeps.run import NOT_TRAINED
from torchsim.sweeps.specification import SweepSpec, cell_count
from torchsim.views.runs import held_sentence, loss_text, trained_data
from torchsim.views.specifications import (
    MOST_LINES,
    how_trained,
    in_common,
    model_data,
    model_settings,
    setting_text,
)

if TYPE_CHECKING:
    from torchsim.specification import TrainingSpec
    from torchsim.sweeps.run import SweepCell, SweepRun

TITLE = "The cells of the sweep, each the best of its restarts"
SETTING = {  # of a model, by the axes along which it changes
    "features": "size",
    "hidden": "size",
    "distribution": "inputs",
    "sparsity": "S",
    "importance": "importance",
    "activation": "kind",
    "seed": "seed",
}
_MOST_FAILED = 5  # that are told each


def sweep_data(run: SweepRun) -> Mapping[str, object]:
    """Every cell with the best of its restarts, or why it failed."""
    return {
        "cells": len(run),
        "varying": list(run.spec.varying),
        "models": [_cell_data(cell) for cell in run.cells()],
        "failed": [{"cell": number, "why": why} for number, why in run.failed.items()],
        "wall_seconds": run.wall_seconds,
        "device_name": joined(run.devices),
    }


def _cell_data(cell: SweepCell) -> Mapping[str, object]:
    told = {"cell": cell.number, **cell.settings}
    if cell.trained is None:
        return {**told, **model_data(cell.model), "failed": cell.failed}
    return {**told, **trained_data(cell.trained, cell.agreed), "failed": None}


def sweep_page(run: SweepRun, notation: PlainNotation) -> RenderableType:
    """The first cells in a table, what they have in common, what failed, and how long it took."""
    some = list(islice(run.cells(), MOST_LINES))
    rows = _rows(run, some)
    rest = len(run) - len(some)

    def lines(width: int) -> Text:
        text = columns(fitting(rows, width, ("held", "agreed")), width)
        left = f"\n… and {rest:,} more: --csv FILE has them all." if rest else ""
        return Text(notation.words(text + left))

    return spaced(
        Group(heading(TITLE, notation), Sized(lines)),
        *(Paragraph(notation.words(text)) for text in _said(run, some)),
    )


def sweep_markdown(run: SweepRun) -> str:
    """The same as Markdown."""
    some = list(islice(run.cells(), MOST_LINES))
    heads, *rows = _rows(run, some)
    rest = len(run) - len(some)
    return joined_blocks(
        f"**{TITLE}**",
        table(heads, rows),
        f"… and {rest:,} more, in `run.to_frame()`." if rest else "",
        *map(prose, _said(run, some)),
    )


def _rows(run: SweepRun, some: Sequence[SweepCell]) -> list[list[str]]:
    """What tells the cells apart, the loss, how many restarts agreed, the shape; heads first."""
    named = _labels(run.spec, some)
    cells = zip(*named.values(), strict=True) if named else ([()] * len(some))
    rows = [["cell", *named, "loss", "agreed", "held", "shape"]]
    for cell, labelled in zip(some, cells, strict=True):
        trained = cell.trained
        results = ["-", "-", "-", NOT_TRAINED if cell.failed == NOT_TRAINED else "failed"]
        if trained is not None:
            agreed = f"{cell.agreed} of {len(trained.loss)}"
            held = f"{len(trained.held)} of {trained.model.features}"
            results = [loss_text(trained), agreed, held, shape(trained).name]
        rows.append([str(cell.number), *labelled, *results])
    return rows


def _labels(spec: SweepSpec, some: Sequence[SweepCell]) -> dict[str, list[str]]:
    """A column for each setting in which the cells of a sweep differ, for some of them."""
    settings = model_settings([cell.model for cell in some])
    named = {name: settings[name] for axis in spec.varying if (name := SETTING.get(axis, ""))}
    return named | {
        axis: [setting_text(cell.settings[axis]) for cell in some]
        for axis in spec.varying
        if axis not in SETTING
    }


def _said(run: SweepRun, some: Sequence[SweepCell]) -> Iterator[str]:
    """What is common, what the columns count, what failed, how the cells were trained."""
    differing = [SETTING[axis] for axis in run.spec.varying if axis in SETTING]
    yield in_common([cell.model for cell in some], differing)
    yield held_sentence()
    if len(run.failed) > run.left:
        yield failures(run.failed)
    yield from _how(run, some[0].spec)


def _how(run: SweepRun, spec: TrainingSpec) -> Iterator[str]:
    """How cells were trained, as far as all were in the same way, and what it took."""
    where = f", on {joined(run.devices)}" if run.devices else ""
    some = f"{len(run) - run.left:,} of " if run.left else ""
    left = f" The others are {NOT_TRAINED}." if run.left else ""
    work = f"{lasted(run.wall_seconds)} of work{where}"
    done = f"{some}{counted(len(run), 'cell')} in {work}.{left}"
    if {"features", *ON_SAMPLES}.isdisjoint(run.spec.varying):
        yield f"{how_trained(spec)} {done}"
    else:
        yield done


def left_out(failed: Mapping[int, str], what: str = "cell") -> Iterator[str]:
    """Which cells came to nothing, and why: those that failed, and how many were never trained.

    ``what`` they are is "cell", or "model" of a run.

    >>> list(left_out({3: "The loss ran off.", 4: NOT_TRAINED}))
    ['1 cell failed. Cell 3: The loss ran off.', '1 cell is not trained yet.']
    """
    left = sum(why == NOT_TRAINED for why in failed.values())
    if left < len(failed):
        yield failures(failed, what)
    if left:
        yield f"{counted(left, 'cell')} {'is' if left == 1 else 'are'} {NOT_TRAINED}."


def failures(failed: Mapping[int, str], what: str = "cell") -> str:
    """How many cells failed, and of some of them why.

    >>> failures({3: "The loss ran off."})
    '1 cell failed. Cell 3: The loss ran off.'
    """
    failed = {number: why for number, why in failed.items() if why != NOT_TRAINED}
    told = list(islice(failed.items(), _MOST_FAILED))
    each = " ".join(f"{what.capitalize()} {number}: {why}" for number, why in told)
    rest = len(failed) - len(told)
    more = f" And {rest:,} more." if rest else ""
    return f"{counted(len(failed), what)} failed. {each}{more}"


# --------------------------------------------------------------------------------------------------
# What is to be swept.


def grid_text(grid: SweepGrid | SweepSpec, notation: PlainNotation) -> RenderableType:
    """How many cells, and what they differ in."""
    return Paragraph(notation.words(grid_sentence(grid)))


def grid_markdown(grid: SweepGrid | SweepSpec) -> str:
    """The same for a notebook."""
    return prose(grid_sentence(grid))


def grid_sentence(grid: SweepGrid | SweepSpec) -> str:
    """How many cells there are, along which axes, with how many values each.

    >>> grid_sentence(SweepGrid.of(2, 1, ["0", "1/2"], seed=range(3)))
    '6 cells: 2 values of sparsity, 3 values of seed.'
    """
    parts = grid.parts if isinstance(grid, SweepSpec) else (grid,)
    total = counted(sum(map(cell_count, parts)), "cell")
    if len(parts) > 1:
        return f"{total} in {len(parts)} parts, which differ in {joined(SweepSpec(parts).varying)}."
    [part] = parts
    if not isinstance(part, SweepGrid) or not part.varying:
        return f"{total}."
    axes = (f"{len(values)} values of {name}" for name, values in part.varying.items())
    return f"{total}: {', '.join(axes)}."
