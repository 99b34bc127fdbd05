"""The command that lays a training run beside what is exact: ``compare``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from .commands import command
from .completion import PRESETS
from .report import Report
from .run_options import with_torch
from .runs import loaded, named, refusing, run_folder

if TYPE_CHECKING:
    from rich.console import RenderableType

    from torchsim.comparison import Comparison

    from .terminal import Terminal

__all__ = ["compare"]


def _runs(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Presets that begin so, and folders."""
    presets = [CompletionItem(name) for name in PRESETS if name.startswith(incomplete)]
    return [*presets, CompletionItem(incomplete, type="dir")]


@command("compare", example="handcalc compare by-hand")
@click.argument("run", required=False, shell_complete=_runs)
def compare(run: str | None) -> Report:
    """Lay a training run beside the hand calculation.

    For each trained model: its exact loss and how far that is above the best one known, its shape,
    the nearest named embedding, and what one could have written by hand instead. RUN is a folder
    or a preset's name; the latest run if left out.
    """
    with_torch()
    folder = run_folder(run)
    trained = loaded(folder)
    from torchsim.comparison import compare as compared

    with refusing():
        found = compared(trained)
    return Report(
        data=lambda: _data(found, folder),
        text=lambda terminal: _page(found, folder, terminal),
    )


def _data(found: Comparison, folder: Path) -> Mapping[str, object]:
    from .comparison_views import comparison_data

    return {**comparison_data(found), "run": str(folder)}


def _page(found: Comparison, folder: Path, terminal: Terminal) -> RenderableType:
    from .comparison_views import comparison_page

    return comparison_page(found, named(folder), terminal)
