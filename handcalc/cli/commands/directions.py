"""Directions of features: how close they stand, what comes back, and how many fit."""

from __future__ import annotations

from typing import Any

import click

from handcalc.cli.command import command
from handcalc.cli.options import (
    anyway_option,
    count_option,
    direction_names,
    distribution_options,
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


@command("sae", example='handcalc sae --W="1 0; 0 1; 0 -1" --dictionary="1 0; 0 1; 0 -1"')
@text_option("--W", required=True, about="The features: one row each, with ; between rows.")
@text_option("--dictionary", about="W_dec: one row per latent. The features at length 1 if absent.")
@text_option("--encoder", about="W_enc: one row per latent; the dictionary itself if left out.")
@text_option("--b_enc", about="One for all latents or one each; -l1/2 if --encoder is left out.")
@text_option("--b_dec", about="One number per dimension; zeros if left out.")
@text_option("--l1", about="The price of an activation; 1/5 if left out.")
@rows_option
@distribution_options
@click.option("--weighted", is_flag=True, help="Pay each activation by its row's length.")
@text_option("--x", about="One input: its code, beside the best code of this dictionary.")
@click.option("--gradient", is_flag=True, help="The slopes in the weights, too.")
@click.option("--ways", is_flag=True, help="Three ways out of superposition in one table, too.")
@output_option("--png", "Write a picture: the dictionary beside the features.")
@anyway_option
def sae(**asked: Any) -> Report:
    """Work the loss of a sparse autoencoder on h out, exactly.

    The reconstruction and the price, each latent's mean and how often it is on, dead latents, how
    near the dictionary is to the features, and what no encoder of this dictionary can beat.
    """
    from handcalc.cli.work import autoencoders as work

    return work.sae(**asked)


PANELS = {"Directions": (directions, sae)}
"""The commands, as the help page lists them."""
