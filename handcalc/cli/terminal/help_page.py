"""Help pages, drawn by rich-click; it is imported for nothing else, which keeps answers quick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handcalc.cli.report import ReadyReport, Report, Session

if TYPE_CHECKING:
    import click
    from rich.console import RenderableType
    from rich_click import RichCommand

    from .terminal import Terminal


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


def answer_with_help(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    """The callback of ``--help``: the page is an answer like any other, and can go into JSON."""
    if not asked or ctx.resilient_parsing:
        return
    page, example = _page(ctx), ctx.command.epilog or ""

    def text(_: Terminal) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        from handcalc.views.layout import to_type

        return Group(Text.from_ansi(page), to_type(example, " "))

    raise ReadyReport(Report(data=lambda: {"help": f"{page}\n {example}".rstrip()}, text=text))


def _page(ctx: click.Context) -> str:
    """The page of the command that is being called, without its example: that is to be copied.

    It is as wide as the terminal; JSON has no colour.
    """
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
        "add_help_option": False,
    }
    if isinstance(command, Group):
        bare = command.invoke_without_command
        return RichGroup(commands=command.commands, invoke_without_command=bare, **common)
    return RichCommand(**common)
