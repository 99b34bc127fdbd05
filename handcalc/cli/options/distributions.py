"""The distribution that ``--distribution``, ``--sparsity`` and ``--sets`` name together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from handcalc.cli.report import CommandError, Exit, ReportedError

from .text import Given, reading, text_option

if TYPE_CHECKING:
    from handcalc.superposition.loss.distribution import Distribution


Function = TypeVar("Function", bound=Callable[..., Any])
_KINDS = ("independent", "one-active", "correlated", "anticorrelated")
_SETS = "1 2; 3 4"


def distribution_options(function: Function) -> Function:
    """The three options, for every command that asks which inputs a model meets."""
    about = "S, one for all or one each; S stays a symbol if left out."
    return text_option("--sparsity", about=about)(kind_options(function))


def kind_options(function: Function) -> Function:
    """The two of them that are not about S."""
    about = f'Sets of features for the last two, such as "{_SETS}".'
    function = text_option("--sets", about=about)(function)
    kinds = click.Choice(_KINDS)
    words = "How features come to be active together."
    return click.option("--distribution", type=kinds, default=_KINDS[0], help=words)(function)


def distribution_of(
    n: int, distribution: str, sparsity: Given | None, sets: Given | None
) -> Distribution:
    """The distribution over n features; a refusal names the option at fault."""
    import handcalc

    grouped = distribution in ("correlated", "anticorrelated")
    if grouped and sets is None:
        example = _SETS if n > 3 else "1 2"
        _refuse(f"{distribution} features come in sets.", f'--sets="{example}"')
    if sets is not None and not grouped:
        _refuse(f"--sets belongs to correlated and anticorrelated features, not to {distribution}.")
    if distribution == "one-active":
        if sparsity is not None:
            _refuse("Where exactly one feature is active there is no sparsity to choose.")
        return handcalc.OneActive(n)
    text = sparsity.text if sparsity else None
    if sets is None:
        with reading(sparsity):
            return _fitting(handcalc.SparseUniform(text), n)
    kind = handcalc.Correlated if distribution == "correlated" else handcalc.Anticorrelated
    members = _members(sets)
    with reading(sets):
        _fitting(kind(members), n)
    with reading(sparsity):
        return _fitting(kind(members, text), n)


def _fitting(made: Distribution, n: int) -> Distribution:
    """The distribution, if it has blocks over n features; else its own error."""
    made.blocks(n)
    return made


def _members(sets: Given) -> list[tuple[int, ...]]:
    """Features by number, with `;` between sets."""
    parts = [part.replace(",", " ").split() for part in sets.text.split(";")]
    if not all(cell.isascii() and cell.isdigit() for part in parts for cell in part):
        message = "Sets are features by number, with ; between sets."
        problem = ReportedError("sets", message, suggestion=_SETS, where=sets.where)
        raise CommandError(problem, Exit.UNREADABLE)
    return [tuple(map(int, part)) for part in parts if part]


def _refuse(message: str, suggestion: str | None = None) -> NoReturn:
    raise CommandError(ReportedError("usage", message, suggestion=suggestion))
