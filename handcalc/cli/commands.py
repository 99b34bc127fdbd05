"""How a command of ``handcalc`` is made: its help page, its ``--json``, its example."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

from .report import Done, Report

if TYPE_CHECKING:
    from rich.text import Text

    from .terminal import Terminal

__all__ = ["command", "common_options", "no_state_option"]

Function = TypeVar("Function", bound=Callable[..., Any])


def command(name: str, *, example: str) -> Callable[[Callable[..., Report]], click.RichCommand]:
    """Make a function that returns a report a command; its docstring is the help page."""

    def made(function: Callable[..., Report]) -> click.RichCommand:
        epilog = f"Example: {example}"
        new = click.command(name, add_help_option=False, epilog=epilog)(function)
        new.params.extend(common_options())
        return new

    return made


def common_options() -> list[click.Option]:
    """What every command has, last on its help page: ``--json`` and ``--help``.

    The program takes ``--json`` out of the arguments before click reads them, wherever it stands;
    this one is for the help page, and refuses ``--json=value``.
    """
    flag: dict[str, Any] = {"is_flag": True, "expose_value": False}
    return [
        click.Option(["--json"], help="Print one JSON object and nothing else.", **flag),
        click.Option(
            ["-h", "--help"], help="Show this page.", is_eager=True, callback=_help_page, **flag
        ),
    ]


def no_state_option(function: Function) -> Function:
    """``--no-state``, for the commands that keep a record."""
    words = "Keep no record, and look at none."
    return click.option("--no-state", is_flag=True, help=words)(function)


def _help_page(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    """The help page is an answer like any other, so that it too can be put into JSON."""
    if not asked or ctx.resilient_parsing:
        return
    page = ctx.get_help()

    def text(_: Terminal) -> Text:
        from rich.text import Text

        return Text.from_ansi(page)

    raise Done(Report(data=lambda: {"help": page}, text=text))
