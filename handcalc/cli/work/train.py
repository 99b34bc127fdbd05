"""An experiment of the literature, trained; and what all training has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.cli.report import CommandError, Exit, Report, ReportedError, Session, with_trouble
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import command_again
from handcalc.errors import InputError
from handcalc.views.layout import Paragraph, spaced
from handcalc.views.text import heading
from torchsim.choices import device_for
from torchsim.kinds import AnyRun, AnySpec
from torchsim.presets import AnyPreset, Preset
from torchsim.presets.phase_change import phase_grids
from torchsim.run import TrainingRun
from torchsim.specification import Kernel, TrainingSpec
from torchsim.training.divergence import lost_models
from torchsim.views.runs import (
    divergences,
    legend,
    phase_lines,
    phase_sentence,
    run_data,
    run_table,
    tried,
)

from .run_names import asked_name
from .runs import folder_for, refusing
from .training import FinishedRun, TrainingWork, said_folder
from .training import train as train_run

USUAL = {"trainer": "auto", "device": "auto", "kernel": "auto"}
_FAILED = {
    "exact": "Here it does not hold: the best of more restarts may come closer.",
    "sampled": "Here it does not hold: the best of more restarts, or of more steps, may come "
    "closer.",
}


# --------------------------------------------------------------------------------------------------
# An experiment of the literature.


def train(session: Session, chosen: Preset, asked: Mapping[str, Any]) -> Report:
    """Train an experiment, or read what was trained before."""
    refuse_weights(chosen, asked, "trains toy models, whose W and b are")
    spec = _preset_spec(chosen, asked)
    start, quicker = f"handcalc train {chosen.name}", None
    if not asked["small"]:
        less = {**asked, "small": True, "restarts": None, "steps": None, "out": None, "name": None}
        quicker = _preset_spec(chosen, less), command_again(start, less, USUAL)
    again = command_again(start, asked, USUAL)
    done, run = _trained(session, work_of(chosen.name, spec, asked, again, quicker))
    claim = {"sentence": chosen.claim.sentence, "holds": claim_holds(chosen, run)}
    named = {"preset": chosen.name, "title": chosen.title}
    return run_report(
        done,
        lambda: {**named, **run_data(run), "claim": claim},
        lambda terminal: _page(chosen, done, run, terminal),
    )


def refuse_weights(chosen: AnyPreset, asked: Mapping[str, Any], what: str) -> None:
    """Refuse ``--weights`` where no attention-only models are trained, but ``what``."""
    if asked["weights"] is None:
        return
    message = (
        f"--weights is for attention-only models; {chosen.name} {what} in --json and in the folder "
        "of the run."
    )
    again = command_again(f"handcalc train {chosen.name}", {**asked, "weights": None}, USUAL)
    raise CommandError(ReportedError("usage", message, suggestion=again))


def _trained(session: Session, work: TrainingWork) -> tuple[FinishedRun, TrainingRun]:
    """The run, trained or read, and where it is."""
    done = train_run(session, work)
    return done, cast("TrainingRun", done.run)  # what a TrainingSpec comes to


def _preset_spec(chosen: Preset, asked: Mapping[str, Any]) -> TrainingSpec:
    with refusing(), _ignored_explained(asked):
        return chosen.spec(
            asked["small"],
            asked["trainer"],
            asked["restarts"],
            device_for(asked["device"]),
            steps=asked["steps"],
            seed=asked["seed"],
            kernel=kernel_of(asked),
        )


def _page(
    chosen: Preset, done: FinishedRun, run: TrainingRun, terminal: Terminal
) -> RenderableType:
    holds = "Here it holds." if claim_holds(chosen, run) else _FAILED[run.spec.trainer]
    title = heading(chosen.title, terminal.notation)
    return spaced(
        Group(title, Paragraph(terminal.plain(chosen.story))),
        *_results(chosen, run, terminal),
        Paragraph(terminal.plain(tried(run))),
        Paragraph(terminal.plain(f"What is known: {chosen.claim.sentence} {holds}")),
        *said_folder(done, chosen.name),
    )


def claim_holds(chosen: AnyPreset, run: AnyRun) -> bool:
    """Whether what is known came out; of models that came to nothing it did not."""
    of_run: Any = chosen.claim
    return not lost_models(run) and bool(of_run.holds(run))


def _results(chosen: Preset, run: TrainingRun, terminal: Terminal) -> Iterator[RenderableType]:
    """A table of the models, or for a phase diagram a picture of each."""
    if chosen.name != "phase-change":
        yield run_table(run, terminal.notation)
        yield Paragraph(legend(run))
        yield from (Paragraph(terminal.plain(text)) for text in divergences(run))
        return
    for shown in phase_grids(run):
        yield Text("\n".join(phase_lines(shown)))
        yield Paragraph(phase_sentence(shown))


# --------------------------------------------------------------------------------------------------
# What all that is trained has.


def work_of(
    name: str,
    spec: AnySpec,
    asked: Mapping[str, Any],
    again: str,
    quicker: tuple[AnySpec, str] | None = None,
) -> TrainingWork:
    """What is to be trained, kept where ``--out`` says, or in handcalc's own folder."""
    own, folder = asked["out"] is None, asked["out"]
    if own and not asked["no_state"]:
        folder = folder_for(name, spec)
    return TrainingWork(
        name,
        spec,
        folder,
        again,
        own,
        asked["fresh"],
        quicker,
        remembered=not asked["no_state"],
        called=asked_name(asked),
    )


def kernel_of(asked: Mapping[str, Any]) -> Kernel | None:
    """The kernel that was asked for; None leaves it to torchsim."""
    return None if asked["kernel"] == "auto" else asked["kernel"]


@contextmanager
def _ignored_explained(asked: Mapping[str, Any]) -> Iterator[None]:
    """Steps or a kernel for the exact trainer are refused by the name of their option."""
    try:
        yield
    except InputError as error:
        if error.code != "ignored":
            raise
        steps = "--steps belongs to the trainer on samples; the exact one stops by itself."
        kernel = "--kernel belongs to the trainer on samples; the exact one has none."
        message = kernel if asked["steps"] is None else steps
        raise CommandError(
            ReportedError("usage", message, suggestion="--trainer sampled")
        ) from error


def run_report(
    done: FinishedRun,
    data: Callable[[], Mapping[str, object]],
    page: Callable[[Terminal], RenderableType],
) -> Report:
    """A run, where it is kept, and what went wrong in keeping it."""
    folder = None if done.folder is None else str(done.folder)
    report = Report(
        data=lambda: {**data(), "run": folder, "read_from_disk": done.before},
        text=page,
        warnings=done.warnings,
    )
    if lost_models(done.run):  # as a sweep with cells that failed
        report = replace(report, status="partial", exit_code=Exit.NOT_SOLVED)
    return with_trouble(report, done.unkept)
