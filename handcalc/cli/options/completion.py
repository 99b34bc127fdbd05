"""Names for the shell's Tab key, found without importing sympy; nothing here may fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handcalc.cli.report import CommandError
from handcalc.cli.requirements import require_our_exercises

if TYPE_CHECKING:
    import click


# the names of handcalc.embeddings(), which would cost a second to ask; a test compares the two
EMBEDDINGS = (
    "orthogonal",
    "interfering",
    "antipodal",
    "one-example",
    "bias-corrected",
    "relu",
    "triangle",
)
BEST = "best"  # the page beside them

# the names of torchsim's presets, which would cost a second to ask; a test compares the two
PRESETS = ("by-hand", "introduction", "demonstrating", "demonstrating-large", "phase-change")


def embedding_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The named embeddings that begin so, and the best one."""
    return [name for name in (*EMBEDDINGS, BEST) if name.startswith(incomplete)]


def preset_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The experiments to train that begin so."""
    return [name for name in PRESETS if name.startswith(incomplete)]


def exercise_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The positions and slugs of exercises that begin so, of the course that ``--course`` names."""
    slugs = _slugs(ctx)
    positions = [str(position) for position in range(1, len(slugs) + 1)]
    return [name for name in (*slugs, *positions) if name.startswith(incomplete)]


def _slugs(ctx: click.Context) -> list[str]:
    """The manifest's list; an empty one where it cannot be read: completion stays silent."""
    import tomllib
    from importlib.resources import files
    from pathlib import Path

    try:
        require_our_exercises()
        course = ctx.params.get("course")
        folder = Path(course).expanduser() if course else files("exercises").joinpath("bank")
        text = folder.joinpath("manifest.toml").read_text(encoding="utf-8")
        slugs = tomllib.loads(text)["exercises"]
    except (CommandError, OSError, ValueError, KeyError, RuntimeError):
        return []
    return [slug for slug in slugs if isinstance(slug, str)]
