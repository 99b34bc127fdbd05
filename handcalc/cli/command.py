"""How a command of ``handcalc`` is made, and what must be installed before it does its work."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import click

from handcalc.errors import require

from .report import CommandError, ReadyReport, Report, ReportedError


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


class Program(click.Group):
    """All commands, in the panels in which the help page lists them."""

    def __init__(
        self, name: str, panels: Mapping[str, Sequence[click.Command]], **settings: Any
    ) -> None:
        """A group of every command of every panel."""
        listed = [command for panel in panels.values() for command in panel]
        super().__init__(name, listed, **settings)
        self.panels = panels


def common_options() -> list[click.Option]:
    """What every command has, last on its help page: ``--json`` and ``--help``.

    The program takes ``--json`` and ``--typeset`` out of the arguments before click reads them,
    wherever they stand; these are for the help page, and refuse ``--json=value``. ``--typeset`` is
    for pages, and not on the help page.
    """
    flag: dict[str, Any] = {"is_flag": True, "expose_value": False}
    page: dict[str, Any] = {"is_eager": True, "callback": _answer_with_help}
    return [
        click.Option(["--json"], help="Print one JSON object and nothing else.", **flag),
        click.Option(["--typeset"], hidden=True, **flag),
        click.Option(["-h", "--help"], help="Show this page.", **page, **flag),
    ]


def _answer_with_help(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from .console import help_report

        raise ReadyReport(help_report(ctx))


# --------------------------------------------------------------------------------------------------
# What a command needs to be installed: asked before its work imports it.


def require_our_exercises() -> None:
    """Refuse, with the path, if ``import exercises`` would find somebody else's package.

    Nothing of that package is run: Python is only asked where it would look.
    """
    _require_ours("exercises")


def require_our_torchsim() -> None:
    """The same for ``torchsim``: on PyPI there is another package of that name."""
    _require_ours("torchsim")


def require_torch(*modules: str) -> None:
    """Refuse where torchsim or what it needs is not to be had; ``modules`` are needed, too.

    To be called before torch is imported: its threads then wait for work asleep. By default they
    wait busily, and where something else wants the cores training takes ten times as long.
    """
    require_our_torchsim()
    require("sim", "torch", "safetensors", "numpy", "array_api_compat", *modules)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _require_ours(name: Literal["exercises", "torchsim"]) -> None:
    found = _where_python_looks(name)
    ours = Path(__file__).resolve().parent.parent.parent / name
    if found is None:
        message = f"The package {name} that belongs to handcalc is not at {ours}."
        raise CommandError(
            ReportedError("missing_package", message, suggestion="pip install handcalc")
        )
    if found.resolve().parent != ours:  # whether as source or as bytecode alone
        message = (
            f"Python finds another package named {name} first, {found}, and it hides the one of "
            f"that name that belongs to handcalc. Rename it, or run handcalc from another folder."
        )
        raise CommandError(ReportedError("shadowed", message))


def _where_python_looks(name: str) -> Path | None:
    try:
        spec = find_spec(name)
    except ValueError:  # a module made by hand, without a place
        return None
    if spec is None:
        return None
    places = [spec.origin] if spec.origin else list(spec.submodule_search_locations or ())
    return Path(places[0]) if places else None
