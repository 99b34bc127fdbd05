"""Networks with a hidden ReLU: what they make of an input, and what they lose."""

from __future__ import annotations

from typing import Any

import click

from handcalc.cli.command import command
from handcalc.cli.names import network_names
from handcalc.cli.options import NETWORK_TASKS, anyway_option, distribution_options
from handcalc.cli.report import Report
from handcalc.cli.typed_text import text_option


@command("network", example="handcalc network asymmetric --sparsity=19/20")
@click.argument("name", required=False, shell_complete=network_names)
@text_option("--W_in", about="What each feature does to the neurons: one row per feature.")
@text_option("--W_out", about="What each output reads: one row per feature; W_in if left out.")
@text_option("--b", about="One for all outputs or one each; zeros if left out.")
@click.option(
    "--task",
    type=click.Choice(NETWORK_TASKS),
    help="What is asked for: x itself, of features in [0, 1], or |x|, of features in [-1, 1]. "
    "identity if left out, or that of the named network.",
)
@text_option("--x", about="One input, worked through.")
@distribution_options
@text_option("--importance", about="One for all features or one each; 1 if left out.")
@anyway_option
def network(**asked: Any) -> Report:
    """Work a network with a ReLU on its neurons out, exactly.

    h = ReLU(W_in^T x), and outputs ReLU(W_out h + b): one input step by step, and the expected
    loss over random sparse inputs. Named networks are worked the same way; without arguments they
    are listed.
    """
    from handcalc.cli.work import networks as work

    return work.network(**asked)


PANELS = {"Networks": (network,)}
"""The command, as the help page lists it."""
