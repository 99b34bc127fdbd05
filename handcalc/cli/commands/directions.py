"""Directions of features: how close they stand, what comes back, and how many fit."""

from __future__ import annotations

from typing import Any

import click

from handcalc.cli.command import command
from handcalc.cli.options import (
    anyway_option,
    count_option,
    direction_names,
    output_option,
    rows_option,
)
from handcalc.cli.report import Report
from handcalc.cli.typed_text import text_option


@command("directions", example='handcalc directions --W="1 0; 0 1; 1 1" --x="1 1/2 0"')
@click.argument("name", required=False, shell_complete=direction_names)
@text_option("--W", about="One row per feature, with ; between rows.")
@text_option("--b", about="With --x or --sparsity: the model's b; zeros if left out.")
@text_option("--x", about="An input x >= 0: what is read off it, and what could be.")
@text_option("--sparsity", about="S: what is lost on average, by the embedding and by the ReLU.")
@rows_option
@count_option("--directions", "How many directions are to fit.")
@count_option("--dimensions", "Into how many dimensions.")
@text_option("--coherence", about="The largest |cos| between two of them.")
@text_option("--degrees", about="The least angle between two of them, as lines; or this.")
@output_option("--png", "Write a picture: what comes back, by how many features are on.")
@anyway_option
def directions(**asked: Any) -> Report:
    """Say how close the rows of W stand, and which sparse inputs come back from h.

    With --W: coherence and the bounds on it, the circuits of W, and up to how many features can be
    on so that every input is the only one with its h, or the one of least norm; with a
    counterexample for one more. Named sets are worked the same way; without arguments they are
    listed.

    Two of --directions, --dimensions and an angle say how many fit.
    """
    from handcalc.cli.work import directions as work

    return work.directions(**asked)


PANELS = {"Directions": (directions,)}
"""The commands, as the help page lists them."""
