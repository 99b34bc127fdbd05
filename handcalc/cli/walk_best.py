"""The page ``show best``: the best embedding of three features in two dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from handcalc.shell_words import option_words

from .outputs import Output, write_all
from .report import Problem, RefusalError, Report, with_trouble
from .text_options import Given, reading

if TYPE_CHECKING:
    from rich.console import RenderableType

    from handcalc.superposition.closed_forms.three_in_two import Change, ThreeInTwo

    from .terminal import Terminal

__all__ = ["EXAMPLE", "TITLE", "refuse_sparsity", "walk_best"]

EXAMPLE = "handcalc show best --sparsity=1/2"
TITLE = "The best of all for random inputs, at a sparsity"

_TENTHS = 10


def walk_best(x: Given | None, drawing: Output | None, sparsity: Given | None) -> Report:
    """The page at one sparsity or, without one, the story for all of them."""
    _refuse_input(x)
    if sparsity is None:
        return _along(drawing)
    from handcalc.superposition.closed_forms.three_in_two import change_of_best, three_in_two

    with reading(sparsity):
        result = three_in_two(sparsity.text)
    if drawing is not None:
        drawing.refuse_early()
    change = change_of_best()
    notes, trouble = write_all([(drawing, lambda: _best_drawn(result))])
    report = Report(
        data=lambda: _best_data(result, change, drawing),
        text=lambda terminal: _best_page(result, change, notes, terminal),
    )
    return with_trouble(report, trouble)


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


def _along(drawing: Output | None) -> Report:
    if drawing is not None:
        message = "--svg draws the best embedding at one sparsity: give it with --sparsity."
        raise RefusalError(
            Problem(
                "usage", message, suggestion=f"{EXAMPLE} {option_words('--svg', str(drawing.path))}"
            )
        )
    from handcalc.superposition.closed_forms.three_in_two import change_of_best, three_in_two
    from handcalc.views.json import best as best_data
    from handcalc.views.text.best import best_along

    results = [three_in_two(f"{tenth}/{_TENTHS}") for tenth in range(_TENTHS)]
    change = change_of_best()
    return Report(
        data=lambda: best_data.best_along(results, change),
        text=lambda terminal: best_along(results, change, terminal.notation),
    )


def _best_drawn(result: ThreeInTwo) -> str:
    from handcalc.views import svg
    from handcalc.views.notation import ASCII
    from handcalc.views.rounding import RoundedNotation

    return svg.arrows(result.best.model, RoundedNotation(ASCII, 6))


def _best_data(result: ThreeInTwo, change: Change, drawing: Output | None) -> Mapping[str, object]:
    from handcalc.views.json import best as best_data

    written = {} if drawing is None else {"svg": str(drawing.path)}
    return {**best_data.best(result, change), **written}


def _best_page(
    result: ThreeInTwo, change: Change, notes: Sequence[str], terminal: Terminal
) -> RenderableType:
    from rich.console import Group

    from handcalc.views.text.best import best

    parts: list[RenderableType] = [best(result, change, terminal.notation)]
    parts += [terminal.plain(f"\n{note}") for note in notes]
    return Group(*parts)
