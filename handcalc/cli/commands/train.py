"""The command that trains an experiment of the literature: ``train``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from handcalc.cli.command import command
from handcalc.cli.failures import of_input
from handcalc.cli.import_guard import require_our_torchsim
from handcalc.cli.long_runs.folders import folder_for, refusing
from handcalc.cli.long_runs.training import FinishedRun, TrainingWork, said_folder
from handcalc.cli.long_runs.training import train as train_run
from handcalc.cli.options.completion import preset_names
from handcalc.cli.options.training import (
    SEEDS,
    said_again,
    steps_explained,
    training_options,
    with_torch,
)
from handcalc.cli.report import CommandError, Report, Session, with_trouble
from handcalc.errors import InputError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from handcalc.cli.terminal.terminal import Terminal
    from torchsim.presets import Preset
    from torchsim.specification import TrainingSpec


_FAILED = {
    "exact": "Here it does not hold: the best of more restarts may come closer.",
    "sampled": "Here it does not hold: the best of more restarts, or of more steps, may come "
    "closer.",
}


@command("train", example="handcalc train by-hand")
@click.argument("preset", required=False, shell_complete=preset_names)
@click.option("--small", is_flag=True, help="A quick look: fewer models, fewer restarts.")
@click.option("--seed", type=click.IntRange(0, SEEDS), metavar="N", help="Which random numbers.")
@training_options
@click.pass_obj
def train(session: Session, /, preset: str | None, **asked: Any) -> Report:
    """List the experiments, or train one.

    PRESET is one of those on the list. Its models are trained by descent on the exact loss, or on
    samples as in the paper, from several starts each, and the best of each is shown, with what the
    experiment is known for and whether that came out.

    Ctrl-C keeps what is done, and the same command goes on from there. To see how close training
    came to the best, type handcalc compare.
    """
    require_our_torchsim()
    if preset is None:
        return _listing()
    chosen = find_preset(preset)
    with_torch()
    done = train_run(session, _work(chosen, asked))
    report = Report(
        data=lambda: _data(chosen, done),
        text=lambda terminal: _page(chosen, done, terminal),
        warnings=done.warnings,
    )
    return with_trouble(report, done.unkept)


def find_preset(name: str) -> Preset:
    """The experiment of that name; an unknown one is refused with the nearest."""
    from torchsim.presets import preset

    try:
        return preset(name)
    except InputError as error:
        near = error.suggestion
        suggestion = "handcalc train" if near is None else f"handcalc train {near}"
        raise CommandError(replace(of_input(error), suggestion=suggestion)) from error


def preset_spec(chosen: Preset, asked: Mapping[str, Any], *, small: bool) -> TrainingSpec:
    """What is to be trained, by what was typed."""
    from torchsim.presets.experiment import device_for

    with refusing(), steps_explained():
        return chosen.spec(
            small,
            asked["trainer"],
            asked["restarts"],
            device_for(asked["device"]),
            steps=asked["steps"],
            seed=asked["seed"],
        )


def _work(chosen: Preset, asked: Mapping[str, Any]) -> TrainingWork:
    spec = preset_spec(chosen, asked, small=asked["small"])
    own = asked["out"] is None
    folder = asked["out"]
    if own and not asked["no_state"]:
        folder = folder_for(chosen.name, spec)
    start = f"handcalc train {chosen.name}"
    again = said_again(start, _typed(asked))
    quicker = None
    if not asked["small"]:
        less = {**asked, "small": True, "restarts": None, "steps": None, "out": None}
        quicker = preset_spec(chosen, less, small=True), said_again(start, _typed(less))
    remembered = not asked["no_state"]
    fresh = asked["fresh"]
    return TrainingWork(
        chosen.name, spec, folder, again, own, fresh, quicker, remembered=remembered
    )


def _typed(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from what is meant anyway."""
    usual = {"trainer": "auto", "device": "auto"}
    return {name: value for name, value in asked.items() if value != usual.get(name)}


def _listing() -> Report:
    from torchsim.presets import presets

    known = presets()

    def page(terminal: Terminal) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        from handcalc.views.layout import to_type
        from handcalc.views.text import heading

        width = max(len(each.name) for each in known)
        lines = (Text(f"   {each.name:<{width}}  {each.title}") for each in known)
        title = heading("Experiments to train", terminal.notation)
        ending = to_type("handcalc train by-hand --small", "   ", "bold")
        return Group(title, *lines, "", "Have a quick look at one; it takes some seconds:", ending)

    return Report(
        data=lambda: {"presets": [{"name": each.name, "title": each.title} for each in known]},
        text=page,
    )


def _data(chosen: Preset, done: FinishedRun) -> Mapping[str, object]:
    from torchsim.views.runs import run_data

    claim = {"sentence": chosen.claim.sentence, "holds": chosen.claim.holds(done.run)}
    folder = None if done.folder is None else str(done.folder)
    return {
        "preset": chosen.name,
        "title": chosen.title,
        **run_data(done.run),
        "claim": claim,
        "run": folder,
        "read_from_disk": done.before,
    }


def _page(chosen: Preset, done: FinishedRun, terminal: Terminal) -> RenderableType:
    from rich.console import Group

    from handcalc.views.layout import Paragraph, spaced
    from handcalc.views.text import heading
    from torchsim.views.runs import tried

    holds = "Here it holds." if chosen.claim.holds(done.run) else _FAILED[done.run.spec.trainer]
    title = heading(chosen.title, terminal.notation)
    return spaced(
        Group(title, Paragraph(terminal.plain(chosen.story))),
        *_results(chosen, done, terminal),
        Paragraph(terminal.plain(tried(done.run))),
        Paragraph(terminal.plain(f"What is known: {chosen.claim.sentence} {holds}")),
        *said_folder(done, chosen.name),
    )


def _results(chosen: Preset, done: FinishedRun, terminal: Terminal) -> Iterator[RenderableType]:
    """A table of the models, or for a phase diagram a picture of each."""
    from rich.text import Text

    from handcalc.views.layout import Paragraph
    from torchsim.views.runs import legend, phase_lines, phase_sentence, run_table

    if chosen.name != "phase-change":
        yield run_table(done.run, terminal.notation)
        yield Paragraph(legend(done.run))
        return
    from torchsim.presets.phase_change import phase_grids

    for grid in phase_grids(done.run):
        yield Text("\n".join(phase_lines(grid)))
        yield Paragraph(phase_sentence(grid))
