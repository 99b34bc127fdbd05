"""The command ``handcalc`` itself, with all others below it."""

from __future__ import annotations

import click

import handcalc

from .authoring import dev
from .best import optimum
from .calculate import forward, geometry, loss
from .class_grading import grade
from .commands import common_options
from .comparing import compare
from .course import next_exercise, progress, reset
from .figure import figure
from .home import home
from .kept_runs import runs
from .phases import phases
from .practice import exercise, exercises, hint, solution
from .report import Done, Report
from .sweep import sweep
from .training import train
from .walk import show

__all__ = ["program"]


def _version(ctx: click.Context, __: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        number = handcalc.__version__
        raise Done(Report(lambda: {"version": number}, lambda _: f"handcalc {number}"))


@click.group(
    "handcalc",
    commands=[
        *(show, forward, geometry, loss, optimum, phases),
        *(exercises, exercise, next_exercise, hint, solution, progress, reset),
        *(train, compare, sweep, figure, runs),
        *(grade, dev),
    ],
    invoke_without_command=True,
    add_help_option=False,
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Print the version.",
)
@click.pass_context
def program(ctx: click.Context) -> Report | None:
    """Toy models of superposition, worked out exactly by hand rules, and exercises on them."""
    return home() if ctx.invoked_subcommand is None else None


program.params.extend(common_options())
