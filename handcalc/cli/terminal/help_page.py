"""Help pages, drawn by rich-click; it is imported for nothing else, which keeps answers quick."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Group
from rich.text import Text
from rich_click import RichCommand, RichContext, RichGroup

from handcalc.cli.report import Report, Session
from handcalc.views.layout import to_type

_PANELS = [
    {"name": "Worked calculations", "commands": ["show", "forward", "geometry", "loss"]},
    {"name": "The best embedding", "commands": ["optimum", "phases"]},
    {
        "name": "Practice",
        "commands": ["exercises", "next", "exercise", "hint", "solution", "progress", "reset"],
    },
    {"name": "Training", "commands": ["train", "compare", "figure", "sweep", "runs"]},
    {"name": "For lecturers and authors", "commands": ["grade", "dev"]},
]


def help_report(ctx: click.Context) -> Report:
    """The page of the command that is being called: an answer like any other, also as JSON."""
    page, example = _page(ctx), ctx.command.epilog or ""
    return Report(
        data=lambda: {"help": f"{page}\n {example}".rstrip()},
        text=lambda _: Group(Text.from_ansi(page), to_type(example, " ")),
    )


def _page(ctx: click.Context) -> str:
    """The page of the command that is being called, without its example: that is to be copied.

    It is as wide as the terminal; JSON has no colour.
    """
    session: Session = ctx.find_root().obj
    looks: dict[str, Any] = {
        "command_groups": {"handcalc": _PANELS},
        "commands_before_options": True,
        "width": session.terminal.width,
    }
    if session.json:
        looks |= {"color_system": None, "force_terminal": False}
    twin = _twin(ctx.command)
    with RichContext(
        twin, info_name=ctx.info_name, parent=ctx.parent, rich_help_config=looks
    ) as rich_context:
        return twin.get_help(rich_context)


def _twin(command: click.Command) -> RichCommand:
    """The same command as one that rich-click can draw."""
    common: dict[str, Any] = {
        "name": command.name,
        "params": command.params,
        "help": command.help,
        "add_help_option": False,
    }
    if isinstance(command, click.Group):
        bare = command.invoke_without_command
        return RichGroup(commands=command.commands, invoke_without_command=bare, **common)
    return RichCommand(**common)
