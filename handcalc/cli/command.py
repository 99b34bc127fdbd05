"""How a command of ``handcalc`` is made: its ``--json``, its ``--help``, its example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from .report import ReadyReport, Report


def command(name: str, *, example: str) -> Callable[[Callable[..., Report]], click.Command]:
    """Make a function that returns a report a command; its docstring is the help page.

    The function imports what does the work (``handcalc.cli.work``) when it is called, so that its
    options can be read, completed, explained and refused without that.
    """

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
    page: dict[str, Any] = {"is_eager": True, "callback": _answer_with_help}
    return [
        click.Option(["--json"], help="Print one JSON object and nothing else.", **flag),
        click.Option(["-h", "--help"], help="Show this page.", **page, **flag),
    ]


def _answer_with_help(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from .terminal.help_page import help_report

        raise ReadyReport(help_report(ctx))
