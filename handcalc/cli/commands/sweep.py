"""The command that trains every combination of some settings: ``sweep``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import click

from handcalc.cli.command import command
from handcalc.cli.long_runs.folders import SWEEP, folder_for, refusing
from handcalc.cli.long_runs.training import FinishedRun, TrainingWork, said_folder
from handcalc.cli.long_runs.training import train as train_run
from handcalc.cli.options.text import Given, reading, text_option
from handcalc.cli.options.training import (
    SEEDS,
    said_again,
    steps_explained,
    training_options,
    with_torch,
)
from handcalc.cli.report import CommandError, Exit, Report, ReportedError, Session, with_trouble

if TYPE_CHECKING:
    from rich.console import RenderableType

    from handcalc.cli.terminal.terminal import Terminal
    from handcalc.inputs.arguments import Vector
    from handcalc.superposition.model.toy_model import Activation
    from torchsim.specification import ModelSpec, TrainingSpec


_EXAMPLE = 'handcalc sweep --features 4 --hidden 2 --sparsity="0 1/2 9/10" --seeds 3'
_S = 'One S a model: "0 1/2 9/10" are three models; each S is for all features.'
_I = 'With ; between models, each with one importance for all or one each: "1; 1 1 1/2".'


@command("sweep", example=_EXAMPLE)
@click.option("--features", type=click.IntRange(1), required=True, metavar="N", help="How many.")
@click.option(
    "--hidden", type=click.IntRange(1), required=True, metavar="M", help="In how many dimensions."
)
@text_option("--sparsity", about=_S, required=True)
@text_option("--importance", about=_I)
@click.option(
    "--activation",
    type=click.Choice(("relu", "linear", "both")),
    default="relu",
    help="Of the output; relu if left out.",
)
@click.option(
    "--seeds",
    type=click.IntRange(1, SEEDS + 1),
    default=1,
    metavar="K",
    help="Seeds 0 to K - 1; each is a model of its own.",
)
@training_options
@click.pass_obj
def sweep(session: Session, /, **asked: Any) -> Report:
    """Train every combination of sparsities, importances, activations and seeds.

    They are one run: they are trained together, and kept together. Ctrl-C keeps what is done, and
    the same command goes on from there.
    """
    with_torch()
    done = train_run(session, _work(asked))
    report = Report(
        data=lambda: _data(done),
        text=lambda terminal: _page(done, terminal),
        warnings=done.warnings,
    )
    return with_trouble(report, done.unkept)


def _work(asked: Mapping[str, Any]) -> TrainingWork:
    spec = _spec(asked)
    own = asked["out"] is None
    folder = asked["out"]
    if own and not asked["no_state"]:
        folder = folder_for(SWEEP, spec)
    usual = {"trainer": "auto", "device": "auto", "activation": "relu", "seeds": 1}
    typed = {name: value for name, value in asked.items() if value != usual.get(name)}
    again = said_again("handcalc sweep", typed)
    remembered = not asked["no_state"]
    return TrainingWork(SWEEP, spec, folder, again, own, asked["fresh"], remembered=remembered)


def _spec(asked: Mapping[str, Any]) -> TrainingSpec:
    from torchsim.presets.experiment import device_for, specified

    models = _models(asked)
    with refusing(), steps_explained():
        return specified(
            models,
            asked["trainer"],
            asked["restarts"],
            steps=asked["steps"],
            device=device_for(asked["device"]),
        )


def _models(asked: Mapping[str, Any]) -> tuple[ModelSpec, ...]:
    from torchsim.sweeping import grid

    n = asked["features"]
    sparsities = list(_sparsities(asked["sparsity"]))
    importances = list(_importances(asked["importance"], n))
    kinds = _kinds(asked["activation"])
    with refusing():
        return grid(
            features=[n],
            hidden=[asked["hidden"]],
            sparsity=sparsities,
            importance=importances,
            activation=kinds,
            seed=range(asked["seeds"]),
        )


def _kinds(activation: Activation | Literal["both"]) -> list[Activation]:
    return ["relu", "linear"] if activation == "both" else [activation]


def _sparsities(given: Given) -> Iterator[object]:
    from handcalc.parsing import parse_vector
    from handcalc.superposition.loss.distribution import SparseUniform

    with reading(given):
        for value in parse_vector(given.text):
            SparseUniform(value)  # a probability, or refused under the option's name
            yield value


def _importances(given: Given | None, n: int) -> Iterator[Vector | None]:
    """One vector a model; None stands for 1 each."""
    from handcalc.superposition.loss.expected_loss import importances

    if given is None:
        yield None
        return
    parts = [part for part in given.text.replace("\n", ";").split(";") if part.strip()]
    if not parts:
        problem = ReportedError("empty", "--importance has no numbers.", suggestion='"1; 1 1 1/2"')
        raise CommandError(problem, Exit.UNREADABLE)
    with reading(given):
        for part in parts:
            yield importances(part, n)


def _data(done: FinishedRun) -> Mapping[str, object]:
    from torchsim.views.runs import run_data

    folder = None if done.folder is None else str(done.folder)
    return {**run_data(done.run), "run": folder, "read_from_disk": done.before}


def _page(done: FinishedRun, terminal: Terminal) -> RenderableType:
    from handcalc.views.layout import spaced
    from torchsim.views.runs import run_page

    return spaced(
        run_page(done.run, terminal.notation, "Every combination, the best of its restarts"),
        *said_folder(done, SWEEP),
    )
