"""Lectures: listed, and opened in a browser."""

from __future__ import annotations

import click

from handcalc.cli.command import command
from handcalc.cli.options import count_option, lecture_names
from handcalc.cli.report import Report, Session


@command("lecture", example="handcalc lecture 1")
@click.argument("which", metavar="[N]", required=False, shell_complete=lecture_names)
@click.option("--answers", is_flag=True, help="Show all answers at once, as for a hand-out.")
@click.option("--edit", is_flag=True, help="Open a copy, made in this folder, for changes.")
@count_option("--port", "Where this machine serves it; a free port if left out.", 1, 65535)
@click.option("--no-open", is_flag=True, help="Print the address, and open no browser.")
@click.pass_obj
def lecture(
    session: Session,
    /,
    which: str | None,
    answers: bool,
    edit: bool,
    port: int | None,
    no_open: bool,
) -> Report:
    """List the lectures, or open one in the browser.

    N is a number of the list, or a name. A lecture asks before it shows, and has fields and sliders
    to play with; this machine works its numbers out, and no other is asked. Ctrl-C closes it.
    With --json nothing is opened: the object says where its file is.
    """
    from handcalc.cli.work import lectures

    if which is None:
        given = {"answers": answers, "edit": edit, f"port={port}": port, "no-open": no_open}
        return lectures.listing([option for option, value in given.items() if value])
    options = lectures.Opening(answers=answers, edit=edit, port=port, no_open=no_open)
    return lectures.lecture(session, which, options)


PANELS = {"Lectures": (lecture,)}
"""The commands, as the help page lists them."""
