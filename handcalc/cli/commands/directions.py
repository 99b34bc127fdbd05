"""Directions of features: how close they stand, what comes back, and how many fit."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from handcalc.cli.command import command, require_torch
from handcalc.cli.names import direction_names
from handcalc.cli.options import (
    SEEDS,
    anyway_option,
    count_option,
    distribution_options,
    kept_options,
    name_option,
    output_option,
    rows_option,
)
from handcalc.cli.report import Report, Session, refuse
from handcalc.cli.typed_text import text_option
from handcalc.wording import joined

SAE_KINDS = ("l1", "topk", "jumprelu")  # known without importing torch; a test compares them


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
@click.option("--train", is_flag=True, help="Train one in torch, in place of one that is given.")
@count_option("--latents", "With --train: how many latents; as many as features if left out.")
@click.option(
    "--kind",
    type=click.Choice(SAE_KINDS),
    metavar="KIND",
    help=f"With --train: {joined(SAE_KINDS, 'or')}; l1 if left out.",
)
@count_option("--k", "With --kind topk: how many latents may be on; 1 if left out.")
@click.option("--decoder-bias", is_flag=True, help="With --train: learn b_dec, too.")
@count_option("--steps", "With --train: how many steps; 4,000 if left out.")
@click.option(
    "--seed",
    type=click.IntRange(0, SEEDS),
    metavar="N",
    help="With --train: which random numbers; seed 0 if left out.",
)
@name_option
@kept_options("8")
@click.pass_obj
def sae(session: Session, /, **asked: Any) -> Report:
    """Work the loss of a sparse autoencoder on h out, exactly.

    The reconstruction and the price, each latent's mean and how often it is on, dead latents, how
    near the dictionary is to the features, and what no encoder of this dictionary can beat.

    With --train one is found by descent on fresh inputs, and kept as the runs of handcalc train
    are; --x, --gradient and --ways then are of the trained one, in fractions.
    """
    typed = {name: asked.pop(name) for name in TRAINING}
    if typed["train"]:
        require_torch()
        from handcalc.cli.work import train_own_autoencoder

        return train_own_autoencoder.train(session, asked, typed)
    _refuse_training()
    from handcalc.cli.work import autoencoders as work

    return work.sae(**asked)


TRAINING = (
    "train", "latents", "kind", "k", "decoder_bias", "steps", "seed", "name", "no_state", "fresh",
    "out", "device", "restarts",
)  # fmt: skip
"""The options of ``handcalc sae`` that are for a training."""


def _refuse_training() -> None:
    """Refuse what was typed for a training, where there is none."""
    context = click.get_current_context()
    for each in context.command.params:
        source = context.get_parameter_source(each.name or "")
        is_typed = source is ParameterSource.COMMANDLINE
        if is_typed and each.name in TRAINING and each.name != "no_state":
            refuse(
                f"{each.opts[0]} is for a training: say --train, too, or leave it out.", "--train"
            )


PANELS = {"Directions": (directions, sae)}
"""The commands, as the help page lists them."""
