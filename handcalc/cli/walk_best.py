"""The page ``show best``: the best embedding of three features in two dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .outputs import Output
from .quoting import option_words
from .report import Problem, RefusalError, Report
from .text_options import Given, reading

if TYPE_CHECKING:
    from rich.console import RenderableType

    from handcalc.superposition.closed_forms.three_in_two import Change, ThreeInTwo

    from .terminal import Terminal

__all__ = ["EXAMPLE", "TITLE", "refuse_sparsity", "walk_best"]

EXAMPLE = "handcalc show best --sparsity=1/2"
TITLE = "The best of all for random inputs, at a sparsity"

_TENTHS = 10


def walk_best(x: Given | None, svg: Path | None, sparsity: Given | None) -> Report:
    """The page at one sparsity or, without one, the story for all of them."""
    _refuse_input(x)
    if sparsity is None:
        return _along(svg)
    from handcalc.superposition.closed_forms.three_in_two import change_of_best, three_in_two

    with reading(sparsity):
        result = three_in_two(sparsity.text)
    change = change_of_best()
    note = _drawn(result, svg) if svg else None
    return Report(
        data=lambda: _data(result, change, svg),
        text=lambda terminal: _page(result, change, note, terminal),
    )


def refuse_sparsity(name: str, sparsity: Given | None) -> None:
    """For every other name: it is worked for inputs, and not for how often they are met."""
    if sparsity is not None:
        message = f"--sparsity belongs to best; {name} is worked through for single inputs."
        raise RefusalError(Problem("usage", message, suggestion=EXAMPLE))


def _refuse_input(x: Given | None) -> None:
    if x is not None:
        message = (
            "best is about all inputs at once, so --x does not go with it. Its page gives W and b; "
            "handcalc forward takes them with an input."
        )
        raise RefusalError(Problem("usage", message, suggestion=EXAMPLE))


def _along(svg: Path | None) -> Report:
    if svg is not None:
        message = "--svg draws the best embedding at one sparsity: give it with --sparsity."
        raise RefusalError(
            Problem("usage", message, suggestion=f"{EXAMPLE} {option_words('--svg', str(svg))}")
        )
    from handcalc.superposition.closed_forms.three_in_two import change_of_best, three_in_two
    from handcalc.views import best_data
    from handcalc.views.text.best import best_along

    results = [three_in_two(f"{tenth}/{_TENTHS}") for tenth in range(_TENTHS)]
    change = change_of_best()
    return Report(
        data=lambda: best_data.best_along(results, change),
        text=lambda terminal: best_along(results, change, terminal.notation),
    )


def _drawn(result: ThreeInTwo, path: Path) -> str:
    """Write the drawing, and say so."""
    from handcalc.views import svg
    from handcalc.views.plain import ASCII
    from handcalc.views.rounded import RoundedNotation

    drawing = svg.arrows(result.best.model, RoundedNotation(ASCII, 6))
    return Output("--svg", path).write(drawing)


def _data(result: ThreeInTwo, change: Change, svg: Path | None) -> Mapping[str, object]:
    from handcalc.views import best_data

    written = {} if svg is None else {"svg": str(svg)}
    return {**best_data.best(result, change), **written}


def _page(
    result: ThreeInTwo, change: Change, note: str | None, terminal: Terminal
) -> RenderableType:
    from rich.console import Group

    from handcalc.views.text.best import best

    parts: list[RenderableType] = [best(result, change, terminal.notation)]
    if note:
        parts.append(terminal.plain(f"\n{note}"))
    return Group(*parts)
