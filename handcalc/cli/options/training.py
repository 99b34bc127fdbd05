"""The options that training commands share, and the command that says them again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from handcalc.cli.command import no_state_option
from handcalc.cli.import_guard import require_our_torchsim
from handcalc.cli.report import CommandError, ReportedError
from handcalc.errors import InputError
from handcalc.shell_words import option_words
from handcalc.storage.files import at_home

from .text import Given

TRAINERS = ("auto", "sampled", "exact")
SEEDS = (1 << 32) - 1
_DEVICES = ("auto", "cpu", "cuda")

Function = TypeVar("Function", bound=Callable[..., Any])


def training_options(function: Function) -> Function:
    """How to train, on what, and where the results go; last on the help page first."""
    folders = click.Path(file_okay=False, path_type=Path)
    words = "Where the results go; handcalc's own folder if left out."
    for option in (
        no_state_option,
        click.option("--fresh", is_flag=True, help="Begin anew, whatever was kept."),
        click.option("--out", type=folders, metavar="DIR", help=words, callback=_at_home),
        _choice("--device", _DEVICES, "What it runs on; auto is a GPU where there is one."),
        _count("--steps", "How many steps on samples."),
        _count("--restarts", "How many starts for each model."),
        _choice("--trainer", TRAINERS, "auto: exact up to 8 features, else on samples."),
    ):
        option(function)
    return function


def with_torch() -> None:
    """Refuse, before any work, where torchsim or what it needs is not to be had.

    To be called before torch is imported: its threads then wait for work asleep. By default they
    wait busily, and where something else wants the cores training takes ten times as long.
    """
    from handcalc.errors import require

    require_our_torchsim()
    require("sim", "torch", "safetensors", "numpy", "array_api_compat")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@contextmanager
def steps_explained() -> Iterator[None]:
    """Steps of the trainer that takes none are refused by the name of their option."""
    try:
        yield
    except InputError as error:
        if error.code != "ignored":
            raise
        message = "--steps belongs to the trainer on samples; the exact one stops by itself."
        raise CommandError(
            ReportedError("usage", message, suggestion="--trainer sampled")
        ) from error


def said_again(start: str, asked: Mapping[str, Any]) -> str:
    """The command that goes on from where this one stopped: the same, without ``--fresh``.

    >>> said_again("handcalc train by-hand", {"small": True, "restarts": 4, "fresh": True})
    'handcalc train by-hand --small --restarts 4'
    """
    words = [start]
    for name, value in asked.items():
        option = f"--{name.replace('_', '-')}"
        if value is None or value is False or name == "fresh":
            continue
        text = value.where.partition("=")[2] or value.text if isinstance(value, Given) else value
        words.append(option if value is True else option_words(option, str(text)))
    return " ".join(words)


def _at_home(_: click.Context, __: click.Parameter, value: Path | None) -> Path | None:
    return None if value is None else at_home(value)


def _choice(name: str, choices: tuple[str, ...], about: str) -> Callable[[Function], Function]:
    return click.option(name, type=click.Choice(choices), default="auto", help=about)


def _count(name: str, about: str) -> Callable[[Function], Function]:
    return click.option(name, type=click.IntRange(1), metavar="K", help=about)
