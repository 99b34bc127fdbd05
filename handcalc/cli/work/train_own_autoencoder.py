"""``handcalc sae --train``: a sparse autoencoder trained on the h of a W that somebody types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

import handcalc
from handcalc.cli.failures import of_input
from handcalc.cli.report import CommandError, Report, ReportedError, Session, refuse
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import command_again
from handcalc.directions.code_moments import CodeMoments
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.superposition.loss.distribution import without_symbol
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.circuits.text import rendered
from handcalc.views.layout import spaced
from torchsim.autoencoders.run import SaeRun, TrainedSae
from torchsim.autoencoders.specification import SaeSpec, SaeTraining
from torchsim.choices import device_for
from torchsim.views.sae_runs import SAE_RUNS, sae_run_data

from .autoencoders import (
    code_of,
    code_part,
    embedded,
    price_of,
    refusing_ways,
    slopes_part,
    ways_part,
)
from .block_pages import PagePart, require_plot, with_plot
from .giving_away import ask_before_showing
from .model import distribution_of, model_of
from .outputs import Output
from .runs import folder_word, refusing
from .train import run_report, work_of
from .training import FinishedRun, said_folder
from .training import train as train_run

NAME = "sae"
"""What such runs are kept as, in place of a preset."""
_GIVEN = ("dictionary", "encoder", "b_enc", "b_dec", "weighted")
_RESTARTS, _STEPS = 8, 4000


def train(session: Session, asked: Mapping[str, Any], typed: Mapping[str, Any]) -> Report:
    """Train it, or read what was trained before; and work on it what is asked beside."""
    for name in _GIVEN:
        if asked[name]:
            refuse(f"--{name} is for an SAE that is given, and --train finds one: leave it out.")
    output = Output.of("--png", asked["png"])
    require_plot(output)
    model = model_of(asked["W"], rows=asked["rows"])
    spec = _specification(model, asked, typed)
    [configured] = spec.models
    exactly = [name for name in ("x", "gradient", "ways") if asked[name]]
    if exactly and configured.kind != "l1":
        message = f"--{exactly[0]} works on an exact SAE, which has ReLU: that of the kind l1."
        raise CommandError(ReportedError("usage", message, suggestion="--kind l1"))
    h = _checked_beside(model, configured, asked)
    usual = {"device": "auto", "distribution": "independent"}
    again = command_again("handcalc sae", {**asked, **typed}, usual)
    done = train_run(session, work_of(NAME, spec, typed, again))
    run = cast("SaeRun", done.run)  # what an SaeTraining comes to
    with _saying_where(done):
        parts = _parts(model, run.trained[0], asked, h)
    found = [block for part in parts for block in part.page]

    def page(terminal: Terminal) -> Any:
        more = [rendered(found, terminal.notation)] if found else []
        where = said_folder(replace(done, latest=False), NAME)
        return spaced(SAE_RUNS.page(run, terminal.notation), *more, *where)

    def content() -> Mapping[str, object]:
        more = {key: value for part in parts for key, value in part.data().items()}
        return {**sae_run_data(run), **more}

    return with_plot(output, run.trained[0], run_report(done, content, page))


def _specification(
    model: ToyModel, asked: Mapping[str, Any], typed: Mapping[str, Any]
) -> SaeTraining:
    kind = typed["kind"] or "l1"
    if typed["k"] is not None and kind != "topk":
        refuse("--k is for the kind topk: say --kind topk, too, or leave it out.", "--kind topk")
    if asked["l1"] is not None and kind == "topk":
        refuse("--l1 is a price of activations, and the kind topk has none: leave it out.")
    price = price_of(asked["l1"])
    kinds = {name: asked[name] for name in ("distribution", "sparsity", "sets")}
    drawn = distribution_of(model.n, **kinds)
    try:
        drawn = without_symbol(drawn, model.n, "--train draws inputs at one sparsity")
    except InputError as error:
        raise CommandError(replace(of_input(error), suggestion="--sparsity=1/2")) from error
    with refusing():
        configured = SaeSpec.of(
            model,
            typed["latents"] or model.n,
            price,
            distribution=drawn,
            kind=kind,
            k=typed["k"],
            steps=typed["steps"] or _STEPS,
            seed=typed["seed"] or 0,
            decoder_bias=typed["decoder_bias"],
        )
        device = device_for(typed["device"])
        return SaeTraining((configured,), typed["restarts"] or _RESTARTS, device)


def _checked_beside(
    model: ToyModel, configured: SaeSpec, asked: Mapping[str, Any]
) -> Vector | None:
    """Refuse before the training what is asked beside and cannot be worked; the h of --x, if any.

    What can be is a matter of sizes and fields, so any SAE with as many latents stands for the one
    that is to be trained.
    """
    drawn, price = configured.distribution, configured.l1
    rows = [[int(k == 0) for k in range(model.m)]] * configured.latents
    stand_in = handcalc.SparseAutoencoder.of_dictionary(rows, price)
    h = None if asked["x"] is None else embedded(model, asked["x"])
    if h is not None:
        code_of(stand_in, h, price, weighted=False)
    worked = [stand_in] if asked["gradient"] or asked["ways"] else []
    with refusing_ways():
        if asked["ways"]:
            handcalc.sparsest_loss(model, drawn)
            worked.append(handcalc.SparseAutoencoder.of_features(model, price))
        for each in worked:
            CodeMoments.of(each, model, drawn, price, weighted=False)
    return h


@contextmanager
def _saying_where(done: FinishedRun) -> Iterator[None]:
    """What fails after the training says that the run is there, and how to see it."""
    try:
        yield
    except (InputError, CommandError) as error:
        problem = of_input(error) if isinstance(error, InputError) else error.problem
        if done.folder is not None:
            problem = replace(
                problem,
                message=f"{problem.message} The SAE is trained, and kept: this shows it.",
                suggestion=f"handcalc runs {folder_word(done.folder)}",
            )
        raise CommandError(problem) from error


def _parts(
    model: ToyModel, trained: TrainedSae, asked: Mapping[str, Any], h: Vector | None
) -> list[PagePart]:
    """What is asked beside, of the trained one in fractions: a code, slopes, the ways out."""
    if not any(asked[name] for name in ("x", "gradient", "ways")):
        return []
    made, configured = trained.exact(), trained.model
    given = {"distribution": configured.distribution, "l1": configured.l1}
    parts = []
    if h is not None:
        code = code_of(made, h, configured.l1, weighted=False)
        ask_before_showing(codes=(code,))
        parts.append(code_part(model, code, asked["x"]))
    if asked["gradient"]:
        parts.append(slopes_part(made, model, given))
    if asked["ways"]:
        parts.append(ways_part(model, given, made))
    return parts
