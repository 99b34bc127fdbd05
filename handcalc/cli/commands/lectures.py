"""Lectures: listed, and opened in a browser."""

from __future__ import annotations

from typing import Any

import click

from handcalc.cli.command import command
from handcalc.cli.names import lecture_names
from handcalc.cli.options import count_option, output_option
from handcalc.cli.report import Report, Session


@command("lecture", example="handcalc lecture 1")
@click.argument("which", metavar="[N]", required=False, shell_complete=lecture_names)
@click.option("--list", "listed", is_flag=True, help="List them, as without N.")
@click.option("--answers", is_flag=True, help="Show all answers at once, as for a hand-out.")
@click.option("--edit", is_flag=True, help="Open a copy, made in this folder, for changes.")
@count_option("--port", "Where this machine serves it; a free port if left out.", 1, 65535)
@click.option("--no-open", is_flag=True, help="Print the address, and open no browser.")
@output_option("--export", "Write it as a Jupyter notebook, .ipynb, and open nothing.")
@click.pass_obj
def lecture(session: Session, /, which: str | None, **asked: Any) -> Report:
    """List the lectures, or open one in the browser.

    N is a number of the list, or a name. A lecture asks before it shows, and has fields and sliders
    to play with; this machine works its numbers out, and no other is asked. Ctrl-C closes it.
    With --json nothing is opened: the object says where its file is.
    """
    from handcalc.cli.work import lectures

    return lectures.lecture(session, which, lectures.Asked(**asked))


PANELS = {"Lectures": (lecture,)}
"""The commands, as the help page lists them."""
