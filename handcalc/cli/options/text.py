"""Options that take text: as it stands, from ``@file``, or from standard input with ``-``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from handcalc.cli.failures import of_input
from handcalc.cli.report import CommandError, Exit, ReportedError
from handcalc.errors import InputError

from .files import read_file, read_standard_input, read_value, read_value_from_input

Function = TypeVar("Function", bound=Callable[..., Any])
_READER = "handcalc: the option that reads standard input"


@dataclass(frozen=True, slots=True)
class Given:
    """A text and where it came from: "--W", "--W=@file" or "--W=-"."""

    text: str
    where: str


@contextmanager
def reading(given: Given | None) -> Iterator[None]:
    """Name the option in whatever ``InputError`` comes out of the block."""
    try:
        yield
    except InputError as error:
        where = given.where if given else None
        raise CommandError(of_input(error, where), Exit.UNREADABLE) from error


def text_option(name: str, *, about: str, required: bool = False) -> Callable[[Function], Function]:
    """An option such as ``--W`` that takes text; the command gets a ``Given`` or None as ``W``."""
    return click.option(
        name,
        name.lstrip("-"),
        required=required,
        metavar="TEXT",
        callback=_text,
        help=about,
    )


def file_option(about: str) -> Callable[[Function], Function]:
    """The option ``--file``: a path, or ``-`` for standard input; the value is the text in it."""
    return click.option(
        "--file", metavar="FILE", callback=_text_of_file, shell_complete=file_names, help=about
    )


def _text(ctx: click.Context, param: click.Parameter, value: str | None) -> Given | None:
    """Take the text, or read it from where the value says."""
    option = param.opts[0]
    if value is None or ctx.resilient_parsing:  # the shell only wants to know what could follow
        return None
    if value == "-" or value.startswith("-:"):
        _take_standard_input(option, ctx)
        return Given(read_value_from_input(option, value[2:]), f"{option}={value}")
    if value.startswith("@"):
        return Given(read_value(value[1:], option), f"{option}={value}")
    _refuse_option_as_value(value, option, ctx)
    return Given(value, option)


def _text_of_file(ctx: click.Context, param: click.Parameter, value: str | None) -> Given | None:
    option = param.opts[0]
    if value is None or ctx.resilient_parsing:
        return None
    if value == "-":
        _take_standard_input(option, ctx)
        return Given(read_standard_input(option), f"{option}={value}")
    return Given(read_file(value, option), f"{option}={value}")


def file_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete file names."""
    return [CompletionItem(incomplete, type="file")]


def _take_standard_input(option: str, ctx: click.Context) -> None:
    """Keep standard input for one option only: the second would find nothing left."""
    first = ctx.meta.setdefault(_READER, option)
    if first != option:
        message = f"{first} reads standard input already; {option} cannot read it too."
        raise CommandError(ReportedError("usage", message))


def _refuse_option_as_value(value: str, option: str, ctx: click.Context) -> None:
    """``--W --b "0 0"``: the value was forgotten, and click took the next option for it."""
    names = {name for param in ctx.command.params for name in param.opts}
    if value.partition("=")[0] in names:
        raise CommandError(ReportedError("usage", f"{option} needs a value; {value} is an option."))
