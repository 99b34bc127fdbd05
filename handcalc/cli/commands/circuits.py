"""Attention-only transformers: the named circuits and one's own, and the bigrams of a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from handcalc.cli.command import command
from handcalc.cli.names import circuit_names
from handcalc.cli.options import anyway_option, count_option, output_option
from handcalc.cli.report import Report, Session
from handcalc.cli.typed_text import Given, corpus_argument, file_names, text_option


@command("circuit", example='handcalc circuit induction --tokens "a b c a"')
@click.argument("name", required=False, shell_complete=circuit_names)
@text_option("--tokens", about="The sentence: tokens with blanks between, such as a b c a.")
@click.option("--columns", is_flag=True, help="Matrices and tables as in the paper: transposed.")
@click.option("--terms", is_flag=True, help="The path expansion: what each path adds.")
@count_option("--prove", "Check the claims on every sequence of up to so many tokens.")
@click.option("--steps", is_flag=True, help="Work every position, not the last alone.")
@click.option(
    "--V",
    "V",
    type=click.IntRange(1),
    metavar="K",
    help="Of a named circuit: how many tokens it has.",
)
@count_option("--n", "Of a named circuit: how many places.")
@count_option("--strength", "Of a named circuit: how loudly it writes.")
@count_option("--sharpness", "Of a named circuit: how far its scores stand apart.")
@text_option("--W_E", about="Of your own model: one row per token, with ; between rows.")
@text_option("--W_U", about="One row per dimension, one column per token.")
@text_option("--W_pos", about="One row per position; no positions if left out.")
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="TEXT",
    help='A head by its layer: "1: W_Q=1; 1; W_K=1; 0; W_V=1; 2; W_O=1 -1", or with W_QK and W_OV. '
    "Once for each head.",
)
@text_option("--vocabulary", about="Names of the tokens; a, b, c, ... if left out.")
@click.option(
    "--softmax",
    metavar="NAME",
    help='hard, exp or "base 2", which is it if left out; of a named circuit too.',
)
@click.option("--scale", type=click.Choice(["sqrt"]), help="Divide scores by the root of d_head.")
@click.option(
    "--file",
    metavar="FILE",
    shell_complete=file_names,
    help="The model from a file: TOML or JSON, or .safetensors and .npz with TransformerLens's "
    "names.",
)
@click.option(
    "--watch",
    metavar="FILE",
    shell_complete=file_names,
    help="Work the model in a file of TOML or JSON again whenever you save it.",
)
@output_option(
    "--svg", "Write patterns and the residual stream as a drawing; without --tokens, tables."
)
@output_option("--png", "Write the same as a picture.")
@anyway_option
@click.option("--all", "everything", is_flag=True, help="Show all of it at once, and ask nothing.")
@click.pass_obj
def circuit(session: Session, /, watch: str | None, **asked: Any) -> Report:
    """List the named circuits, or work one through; or a model of your own.

    NAME is one of those on the list. Its page tells the story, shows the matrices and a worked
    sentence, and says what is gained and what fails, with proofs by enumeration. At a terminal it
    asks a question before the work is shown.

    A model of your own is typed with --W_E, --W_U and a --head for each head, or read from --file.
    """
    from handcalc.cli.work import circuits

    if watch is not None:
        return circuits.watched(session, watch, asked)
    return circuits.circuit(session, **asked)


@command("bigrams", example="handcalc bigrams abaabcbaccacbbaa")
@click.argument("corpus", metavar="TEXT", callback=corpus_argument)
@text_option("--add", about="What is added to every count, such as 1; nothing if left out.")
@count_option(
    "--dimensions",
    "Whether so many are enough; if not, the best table found.",
)
@output_option("--svg", "Write the table as a heat map.")
@output_option("--png", "Write the same as a picture.")
@anyway_option
@click.pass_obj
def bigrams(
    session: Session,
    /,
    corpus: Given,
    add: Given | None,
    dimensions: int | None,
    svg: Path | None,
    png: Path | None,
) -> Report:
    """Work out the best bigram table of a text, its entropy, and the width that it needs.

    TEXT without blanks is a corpus of characters, else of words; @FILE and - (standard input) work
    too.
    """
    from handcalc.cli.work import circuits

    return circuits.bigrams(session, corpus, add, dimensions, (svg, png))


PANELS = {"Circuits": (circuit, bigrams)}
"""The commands, as the help page lists them."""
