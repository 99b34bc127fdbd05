"""Training, and what became of it: train, sweep, compare, figure, runs."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from handcalc.cli.command import command, require_our_torchsim, require_torch
from handcalc.cli.names import kept_names, preset_names, run_names
from handcalc.cli.options import (
    DISTRIBUTIONS,
    SEEDS,
    SETS,
    jobs_options,
    name_option,
    no_state_option,
    output_option,
    refuse_both,
    run_options,
    steps_option,
)
from handcalc.cli.report import Report, Session, refuse
from handcalc.cli.typed_text import Given, text_option
from handcalc.wording import joined

# known without importing torch; a test compares both with their homes
KINDS = (
    "embeddings",
    "gram",
    "dimensionality",
    "phases",
    "losses",
    "dynamics",
    "vulnerability",
    "heatmap",
    "attention",
    "tables",
    "dictionary",
    "neurons",
    "decoders",
    "points",
)
VALUES = ("loss", "gap", "held", "dimensionality")

models_option = text_option(
    "--models", about='Which models, or cells of a sweep, by number: "1 3 5..9".'
)


_SEED = "Which random numbers; the experiment's own if left out."


@command("train", example="handcalc train by-hand")
@click.argument("preset", required=False, shell_complete=preset_names)
@click.option("--small", is_flag=True, help="A quick look: fewer models, fewer restarts.")
@click.option("--seed", type=click.IntRange(0, SEEDS), metavar="N", help=_SEED)
@output_option("--weights", "Write the last attention-only model, for handcalc circuit --file.")
@steps_option
@name_option
@run_options("the experiment's own")
@click.pass_obj
def train(session: Session, /, preset: str | None, **asked: Any) -> Report:
    """List the experiments, or train one.

    PRESET is one of those on the list. Its toy models are trained by descent on the exact loss, or
    on samples as in the paper, its attention-only models on sequences, its sparse autoencoders on
    the h of toy models, its networks with neurons on samples, its models on data sets on all of a
    set in every step; from several starts each. The best of each is shown, with what the experiment
    is known for and whether that came out.

    Ctrl-C keeps what is done, and the same command goes on from there. To see how close training
    came to the best, type handcalc compare.
    """
    require_our_torchsim()
    from handcalc.cli.work import presets

    if preset is None:
        _refuse_options()
        return presets.listing()
    chosen = presets.find_preset(preset)
    require_torch()
    from torchsim.presets import AttentionPreset, DatasetPreset, NetworkPreset, SaePreset

    if isinstance(chosen, AttentionPreset):
        from handcalc.cli.work import train_attention

        return train_attention.train(session, chosen, asked)
    if isinstance(chosen, SaePreset | NetworkPreset | DatasetPreset):
        from handcalc.cli.work import train_others

        return train_others.train(session, chosen, asked)
    from handcalc.cli.work import train as work

    return work.train(session, chosen, asked)


def _refuse_options() -> None:
    """Refuse what was typed for a training, where no experiment is named."""
    context = click.get_current_context()
    typed = [
        each.opts[-1]
        for each in context.command.params
        if context.get_parameter_source(each.name or "") is ParameterSource.COMMANDLINE
    ]
    typed = [name for name in typed if name not in ("--json", "--no-state")]
    if typed:
        said = "is for an experiment: say" if len(typed) == 1 else "are for an experiment: say"
        refuse(f"{joined(typed)} {said} which, by its name on the list.", "handcalc train")


@command("sweep", example='handcalc sweep --features 4 --hidden 2 --sparsity "0..9/10 in 7"')
@text_option("--features", about="How many: 5, or several, such as 3..8.", required=True)
@text_option("--hidden", about="In how many dimensions, or several.", required=True)
@text_option(
    "--sparsity",
    about='One S a cell: "0 1/2 9/10", "0..9/10 by 1/10", "0..9/10 in 10". With ; between cells '
    'each has one for all features or one each: "1/2; 0 1/2 9/10".',
)
@text_option(
    "--importance",
    about='1 if left out. With ; between cells, each one for all or one each: "1; 1 1 1/2"; a '
    'range stands for many: "1 1 1/10..10 in 9 log".',
)
@text_option(
    "--distribution",
    about=f"One or several of {', '.join(DISTRIBUTIONS)}; {DISTRIBUTIONS[0]} if left out.",
)
@text_option("--sets", about=f'Sets of features, "{SETS}"; with | between lists of them.')
@text_option(
    "--activation",
    about="relu (if left out), linear, both; on samples any of torch's, such as gelu; or several.",
)
@click.option(
    "--seeds",
    type=click.IntRange(1, SEEDS + 1),
    default=1,
    metavar="K",
    help="Seeds 0 to K - 1, each a cell of its own; seed 0 alone if left out.",
)
@text_option("--steps", about="How many steps on samples, or several; 10000 if left out.")
@text_option("--batch", about="How many inputs a step, or several; 1024 if left out.")
@text_option(
    "--rate", about='The learning rate, or several: "1e-4..1e-2 in 5 log"; 1e-3 if left out.'
)
@text_option("--optimiser", about="adam, adamw, or both; adamw if left out.")
@text_option(
    "--schedule", about="Of the rate: constant, linear, cosine, or several; constant if left out."
)
@output_option("--csv", "Write a row for each cell as comma-separated values.")
@output_option("--parquet", "Write the same as Parquet.")
@jobs_options
@name_option
@run_options("32 exact, 8 on samples")
@click.pass_obj
def sweep(session: Session, /, **asked: Any) -> Report:
    """Train every combination of the values given: of each a model, and how it is trained.

    The cells are trained in shards, by the processes of --jobs or the workers of a Dask scheduler,
    and each shard is kept as soon as it is there. Ctrl-C keeps what is done, and the same command
    goes on from there, by whoever does the work, to the same numbers. A cell that fails is told,
    and the others go on.
    """
    refuse_both("handcalc sweep", asked["jobs"], asked["scheduler"])
    if asked["sparsity"] is None and asked["distribution"] is None:
        refuse("A sweep needs at least one sparsity, from 0 to 1.", '--sparsity "0 1/2 9/10"')
    require_torch()
    from handcalc.cli.work import sweep as work

    return work.sweep(session, asked)


@command("compare", example="handcalc compare by-hand")
@click.argument("run", required=False, shell_complete=run_names)
@models_option
@no_state_option
@click.pass_obj
def compare(session: Session, /, run: str | None, models: Given | None, no_state: bool) -> Report:
    """Compare a training run with the best known and hand-made models.

    For each toy model: its exact loss and how far that is above the best one known, its shape,
    the nearest named embedding, and what one could have written by hand instead. The best models
    found are kept, and not searched for again. For each attention-only model: its loss beside what
    is exact, what its heads do, and the nearest named circuit. For each sparse autoencoder: its
    exact loss beside that of the features as the dictionary, and the best code. For each network
    with neurons: its loss beside that of neurons of one feature each, exactly. Of a sweep every
    cell is compared, by its number, and cells that failed are told. RUN is a run's name or folder,
    a preset's name, or sweep; the latest run if left out.
    """
    require_torch()
    from handcalc.cli.work import compare as work

    return work.compare(session, run, models, no_state=no_state)


@command("figure", example="handcalc figure by-hand --png by-hand.png")
@click.argument("preset", required=False, metavar="PRESET", shell_complete=run_names)
@click.option(
    "--kind",
    metavar="KIND",
    type=click.Choice(KINDS),
    help=f"What is drawn, {joined(KINDS, 'or')}; what shows most if left out.",
)
@models_option
@click.option("--x", metavar="AXIS", help="What a heat map has along x, such as sparsity or rate.")
@click.option("--y", metavar="AXIS", help="And along y; those with the most values if left out.")
@click.option(
    "--value",
    type=click.Choice(VALUES),
    metavar="VALUE",
    help=f"What its colours show: {joined(VALUES, 'or')}; loss if left out.",
)
@text_option("--tokens", about="The sentence that attention is drawn on, such as a b c a.")
@click.option(
    "--run",
    "which",
    metavar="RUN",
    shell_complete=run_names,
    help="Another run than the latest of the preset.",
)
@output_option("--png", "Write the figure as a picture; PRESET-KIND.png here if left out.")
@output_option("--svg", "Write the figure as a drawing.")
@output_option("--out", "The older name of both: a .png or .svg file.")
@click.option("--dark", is_flag=True, help="For a dark slide.")
@no_state_option
@click.pass_obj
def figure(session: Session, /, preset: str | None, **asked: Any) -> Report:
    """Draw a training run beside what is exact, or a sweep.

    embeddings: the arrows, trained and best on top of each other. gram: W Wᵀ with the lengths of
    the rows. dimensionality: how many dimensions each feature takes, beside those of named shapes.
    phases: what becomes of the last feature. losses: along the training, with the best
    as a line, and the scores of heads. heatmap: the cells of a sweep over two settings, a panel for
    each of the others, and of several seeds the best. attention: where heads look. tables: what
    comes after what and what heads copy, by token. PRESET is one of those that handcalc train
    lists; its latest run is drawn, and where there is none its small version is trained first.
    PRESET may also be sweep, or a run's name or folder.
    """
    require_torch("matplotlib")
    from handcalc.cli.work import figure as work

    return work.figure(session, preset, asked)


@command("runs", example="handcalc runs --merge first --merge second --name both")
@click.argument("run", required=False, shell_complete=kept_names)
@click.option("--name", metavar="NAME", help="Call RUN so; of --merge, the new run.")
@click.option(
    "--merge",
    multiple=True,
    metavar="RUN",
    shell_complete=kept_names,
    help="Make a sweep of this run and others; stands before each, in their order.",
)
@click.option(
    "--delete",
    "names",
    multiple=True,
    metavar="NAME",
    shell_complete=kept_names,
    help="Delete a run of the list, or best-known; may stand several times.",
)
@output_option("--csv", "Write a row for each model of RUN as comma-separated values.")
@output_option("--parquet", "Write the same as Parquet.")
def runs(run: str | None, **asked: Any) -> Report:
    """List, name, merge and delete training runs; with RUN, look at one.

    RUN is a run's name or folder, or a preset's name for its latest run. A sweep that is not
    finished can be looked at, too, and written as a table.

    --merge copies what the runs have, toy models alone, into a new one. Nothing is trained again,
    and the runs stay; a model that two of them have is there twice.

    The best models that compare and figure have searched for are kept beside the runs, so that
    nothing is searched for twice; --delete best-known forgets them. A run is deleted for good.
    """
    require_torch()
    from handcalc.cli.work import manage_runs as work

    return work.runs(run, asked)


PANELS = {"Training": (train, compare, figure, sweep, runs)}
"""The commands, as the help page lists them."""
