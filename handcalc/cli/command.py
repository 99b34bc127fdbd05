"""How a command of ``handcalc`` is made: its ``--json``, its ``--help``, its example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from .report import Report
from .terminal.help_page import answer_with_help

Function = TypeVar("Function", bound=Callable[..., Any])


def command(name: str, *, example: str) -> Callable[[Callable[..., Report]], click.Command]:
    """Make a function that returns a report a command; its docstring is the help page."""

    def made(function: Callable[..., Report]) -> click.Command:
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
    page: dict[str, Any] = {"is_eager": True, "callback": answer_with_help}
    return [
        click.Option(["--json"], help="Print one JSON object and nothing else.", **flag),
        click.Option(["-h", "--help"], help="Show this page.", **page, **flag),
    ]


def no_state_option(function: Function) -> Function:
    """``--no-state``, for the commands that keep a record."""
    words = "Keep no record, and look at none."
    return click.option("--no-state", is_flag=True, help=words)(function)
