"""Experiments of kinds with one trainer: what training attention-only models and SAEs shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType

from handcalc.cli.report import CommandError, Report, ReportedError, Session
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import command_again
from handcalc.views.layout import Paragraph, spaced
from handcalc.views.text import heading
from torchsim.choices import device_for
from torchsim.kinds import AnySpec
from torchsim.presets import AnyOneTrainer
from torchsim.views.one_by_one import tried

from .runs import refusing
from .train import USUAL, claim_holds, run_report, work_of
from .training import FinishedRun, said_folder
from .training import train as train_run

_FAILED = "Here it does not hold: more steps, or another seed, may come closer."


def train_experiment(
    session: Session, chosen: AnyOneTrainer, asked: Mapping[str, Any]
) -> FinishedRun:
    """Train an experiment, or read what was trained before."""
    start = f"handcalc train {chosen.name}"
    spec = _spec(chosen, asked)
    quicker = None
    if not asked["small"]:
        less = {**asked, "small": True, "restarts": None, "steps": None, "out": None, "name": None}
        quicker = _spec(chosen, less), command_again(start, less, USUAL)
    work = work_of(chosen.name, spec, asked, command_again(start, asked, USUAL), quicker)
    return train_run(session, work)


def _spec(chosen: AnyOneTrainer, asked: Mapping[str, Any]) -> AnySpec:
    refuse_toy_options(asked, chosen.name, f"handcalc train {chosen.name}")
    with refusing():
        spec: AnySpec = chosen.spec(
            asked["small"],
            restarts=asked["restarts"],
            device=device_for(asked["device"]),
            steps=asked["steps"],
            seed=asked["seed"],
        )
    return spec


def refuse_toy_options(asked: Mapping[str, Any], name: str, again: str) -> None:
    """Refuse what chooses between the trainers of toy models."""
    for option in ("trainer", "kernel"):
        if asked[option] != "auto":
            message = f"--{option} is for toy models; {name} is trained in one way."
            raise CommandError(ReportedError("usage", message, suggestion=again))


def experiment_report(
    chosen: AnyOneTrainer,
    done: FinishedRun,
    data: Callable[[], Mapping[str, object]],
    table: Callable[[Terminal], RenderableType],
    written: Callable[[Terminal], Sequence[RenderableType]] = lambda _: (),
) -> Report:
    """The story, the table, and whether the claim came out; ``written`` is told at the end."""
    run: Any = done.run
    holds = claim_holds(chosen, run)
    claim = {"sentence": chosen.claim.sentence, "holds": holds}
    named = {"preset": chosen.name, "title": chosen.title}

    def page(terminal: Terminal) -> RenderableType:
        title = heading(chosen.title, terminal.notation)
        said = f"What is known: {chosen.claim.sentence} {'Here it holds.' if holds else _FAILED}"
        more = written(terminal)
        return spaced(
            Group(title, Paragraph(terminal.plain(chosen.story))),
            table(terminal),
            Paragraph(terminal.plain(tried(run))),
            Paragraph(terminal.plain(said)),
            *([Group(*more)] if more else []),
            *said_folder(done, chosen.name),
        )

    return run_report(done, lambda: {**named, **data(), "claim": claim}, page)
