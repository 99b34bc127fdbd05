"""Help pages, drawn by rich-click; it is imported for nothing else, which keeps answers quick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .report import Done, Report, Session

if TYPE_CHECKING:
    import click
    from rich.text import Text
    from rich_click import RichCommand

    from .terminal import Terminal

__all__ = ["answer_with_help"]

_PANELS = [
    {"name": "Worked calculations", "commands": ["show", "forward", "geometry", "loss"]},
    {"name": "The best embedding", "commands": ["optimum", "phases"]},
    {
        "name": "Practice",
        "commands": ["exercises", "next", "exercise", "hint", "solution", "progress", "reset"],
    },
    {"name": "Training", "commands": ["train", "compare", "figure", "sweep"]},
    {"name": "For lecturers and authors", "commands": ["grade", "dev"]},
]


def answer_with_help(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    """The callback of ``--help``: the page is an answer like any other, and can go into JSON."""
    if not asked or ctx.resilient_parsing:
        return
    page = _page(ctx)

    def text(_: Terminal) -> Text:
        from rich.text import Text

        return Text.from_ansi(page)

    raise Done(Report(data=lambda: {"help": page}, text=text))


def _page(ctx: click.Context) -> str:
    """The page of the command that is being called, as wide as the terminal; JSON has no colour."""
    from rich_click import RichContext

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
    from click import Group
    from rich_click import RichCommand, RichGroup

    common: dict[str, Any] = {
        "name": command.name,
        "params": command.params,
        "help": command.help,
        "epilog": command.epilog,
        "add_help_option": False,
    }
    if isinstance(command, Group):
        bare = command.invoke_without_command
        return RichGroup(commands=command.commands, invoke_without_command=bare, **common)
    return RichCommand(**common)
