"""Options that several commands share.

Where one decorator adds many options, it adds the last first. Nothing here imports sympy.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from handcalc.storage.files import at_home
from handcalc.wording import joined

from .report import refuse
from .typed_text import command_again, file_option, text_option

Function = TypeVar("Function", bound=Callable[..., Any])

DISTRIBUTIONS = ("independent", "one-active", "correlated", "anticorrelated")
SETS = "1 2; 3 4"
STUDENT = "HANDCALC_STUDENT"  # the variable that stands for --student
TRAINERS = ("auto", "sampled", "exact")
DEVICES = ("auto", "cpu", "cuda")
KERNELS = ("auto", "plain", "fused")
NETWORK_TASKS = ("identity", "absolute")  # those of handcalc.networks; a test compares them
SEEDS = (1 << 32) - 1


def count_option(
    name: str, about: str, least: int = 1, most: int | None = None, **more: Any
) -> Callable[[Function], Function]:
    """An option that takes a whole number."""
    kind = click.IntRange(least, most)
    return click.option(name, type=kind, metavar="K", help=about, **more)


rows_option = click.option(
    "--rows",
    type=click.Choice(["features", "dimensions"]),
    help="What the rows of W stand for: features, as everywhere here, or hidden dimensions, as in "
    "the paper, whose W is then transposed.",
)


def jobs_options(function: Function) -> Function:
    """``--jobs`` and ``--scheduler``: ``open_executor`` makes an executor of them."""
    words = "A Dask scheduler, HOST:PORT, whose workers share it instead."
    function = click.option("--scheduler", metavar="ADDRESS", help=words)(function)
    words = "How many processes share the work; one a core if left out."
    return count_option("--jobs", words)(function)


def refuse_both(command: str, jobs: int | None, scheduler: str | None) -> None:
    """Refuse ``--jobs`` with ``--scheduler``."""
    if jobs is not None and scheduler is not None:
        context = click.get_current_context()
        typed = {
            name: value
            for name, value in context.params.items()
            if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        }
        again = command_again(command, typed | {"jobs": None})
        refuse(
            "--jobs are processes of this machine, and --scheduler has workers of its own: leave "
            "one of the two out.",
            f"{again} --fresh" if typed.get("fresh") else again,
        )


def output_option(name: str, about: str) -> Callable[[Function], Function]:
    """An option that names a file to write; the command gets a path or None."""
    kind = click.Path(dir_okay=False, path_type=Path)
    return click.option(name, type=kind, metavar="FILE", help=about)


ANYWAY = "handcalc.anyway"
"""Where the context keeps that --anyway was typed."""


def drawing_options(function: Function) -> Function:
    """``--draw`` and ``--svg``: the work makes a ``Drawing`` of them."""
    written = "Write the drawing to a file, with arrows, b and ReLU."
    return _drawing("Draw the arrows here, and b and ReLU beside them.", written)(function)


def arrow_options(function: Function) -> Function:
    """The same, for a W that stands alone."""
    return _drawing("Draw the arrows here.", "Write the drawing of the arrows to a file.")(function)


def _drawing(here: str, written: str) -> Callable[[Function], Function]:
    def added(function: Function) -> Function:
        function = output_option("--svg", written)(function)
        return click.option("--draw", is_flag=True, help=here)(function)

    return added


def anyway_option(function: Function) -> Function:
    """``--anyway``, for commands that may show the answer to an exercise; the context has it."""

    def keep(ctx: click.Context, _: click.Parameter, anyway: bool) -> None:
        ctx.meta[ANYWAY] = anyway

    words = "Do not ask first where this gives an exercise away that you have not solved."
    option = click.option("--anyway", is_flag=True, expose_value=False, callback=keep, help=words)
    return option(function)


def no_state_option(function: Function) -> Function:
    """``--no-state``, for the commands that keep a record."""
    words = "Keep no record, and look at none."
    return click.option("--no-state", is_flag=True, help=words)(function)


def fresh_option(function: Function) -> Function:
    """``--fresh``, for the commands that go on from where they were stopped."""
    words = "Begin anew, whatever was kept."
    return click.option("--fresh", is_flag=True, help=words)(function)


def distribution_options(function: Function) -> Function:
    """Which inputs a model meets, for the commands that can leave S a symbol."""
    about = "S, one for all or one each; S stays a symbol if left out."
    return text_option("--sparsity", about=about)(kind_options(function))


def kind_options(function: Function) -> Function:
    """The two of them that are not about S."""
    about = f'Sets of features, for correlated and anticorrelated ones, such as "{SETS}".'
    function = text_option("--sets", about=about)(function)
    kinds = click.Choice(DISTRIBUTIONS)
    words = f"How features come to be active together: {joined(DISTRIBUTIONS, 'or')}."
    settings: dict[str, Any] = {"metavar": "KIND", "type": kinds, "default": DISTRIBUTIONS[0]}
    return click.option("--distribution", help=words, **settings)(function)


def course_options(*, student: bool = False, state: bool = True) -> Callable[[Function], Function]:
    """``--course``; with ``student``, whose numbers; with ``state``, ``--no-state``.

    The work makes a ``CourseContext`` of them.
    """

    def decorated(function: Function) -> Function:
        if state:
            function = no_state_option(function)
        folders = click.Path(file_okay=False)
        course = click.option("--course", metavar="DIR", type=folders, help="A course in a folder.")
        function = course(function)
        if student:
            words = "The numbers of student “seed N”."
            seeds = click.IntRange(min=0)
            function = click.option("--seed", type=seeds, metavar="N", help=words)(function)
            words = f"Whose numbers: any name. {STUDENT} in the environment does the same."
            function = click.option("--student", metavar="NAME", help=words)(function)
        return function

    return decorated


def answer_options(function: Function) -> Function:
    """``--W``, ``--b``, ``--answer`` and ``--file``: the work makes ``AnswerOptions`` of them."""
    words = "A file with W = ... and b = ... in it, or arrays; or with what --answer takes."
    function = file_option(words)(function)
    words = "Your answer, where it is no W and b."
    function = text_option("--answer", about=words)(function)
    words = "Your b: one number per feature. Zeros if left out."
    function = text_option("--b", about=words)(function)
    words = "Your W: one row per feature, with `;` between rows."
    return text_option("--W", about=words)(function)


steps_option = count_option(
    "--steps", "How many steps on samples; the experiment's own if left out."
)


def name_option(function: Function) -> Function:
    """``--name``, for the commands that train what is kept in handcalc's own folder."""
    words = "What to call the run, for compare, figure and runs."
    return click.option("--name", metavar="NAME", help=words)(function)


def run_options(restarts: str) -> Callable[[Function], Function]:
    """How to train toy models, too, and what ``kept_options`` has."""
    kernel = "What takes the steps on samples; auto if left out: fused on a CPU."
    trainer = "auto if left out: exact up to 8 features, else on samples."
    return _together(
        kept_options(restarts),
        _choice("--kernel", KERNELS, kernel),
        _choice("--trainer", TRAINERS, trainer),
    )


def kept_options(restarts: str) -> Callable[[Function], Function]:
    """How often to train, on what, and where the results go; ``restarts`` says how many."""
    folders = click.Path(file_okay=False, path_type=Path)
    words = "Where the results go; handcalc's own folder if left out."
    device = "What it runs on; auto if left out: a GPU where there is one."
    return _together(
        no_state_option,
        fresh_option,
        click.option(
            "--out",
            type=folders,
            metavar="DIR",
            help=words,
            callback=lambda _, __, value: None if value is None else at_home(value),
        ),
        _choice("--device", DEVICES, device),
        count_option("--restarts", f"How many starts for each model; {restarts} if left out."),
    )


def _together(*options: Callable[[Function], Function]) -> Callable[[Function], Function]:
    def add(function: Function) -> Function:
        for option in options:
            function = option(function)
        return function

    return add


def _choice(name: str, choices: tuple[str, ...], about: str) -> Callable[[Function], Function]:
    return click.option(name, type=click.Choice(choices), default="auto", help=about)
