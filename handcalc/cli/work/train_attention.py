"""Attention-only models trained: an experiment with losses, scores, and its claim."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from rich.console import Group, RenderableType

from handcalc.circuits.attention_only import letters
from handcalc.cli.report import CommandError, Report, ReportedError, Session, with_trouble
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import command_again
from handcalc.views.layout import Paragraph, spaced, to_type
from handcalc.views.text import heading
from handcalc.wording import option_words
from torchsim.attention.run import AttentionRun
from torchsim.attention.specification import AttentionTraining
from torchsim.choices import device_for
from torchsim.presets import AttentionPreset
from torchsim.storage import weights_bytes
from torchsim.views.attention_runs import (
    attention_run_data,
    attention_run_table,
    attention_tried,
)

from .outputs import Output, write_all
from .runs import refusing
from .train import USUAL, run_report, work_of
from .training import FinishedRun, said_folder
from .training import train as train_run

_FAILED = "Here it does not hold: more steps, or another seed, may come closer."


def train(session: Session, chosen: AttentionPreset, asked: Mapping[str, Any]) -> Report:
    """Train an experiment, or read what was trained before; and write its last model down."""
    output = Output.of("--weights", asked["weights"])
    if output is not None:
        output.refuse_early()
    start = f"handcalc train {chosen.name}"
    spec = _spec(chosen, asked)
    quicker = None
    if not asked["small"]:
        less = {**asked, "small": True, "restarts": None, "steps": None, "out": None, "name": None}
        quicker = _spec(chosen, less), command_again(start, less, USUAL)
    work = work_of(chosen.name, spec, asked, command_again(start, asked, USUAL), quicker)
    done = train_run(session, work)
    run = cast("AttentionRun", done.run)  # what an AttentionTraining comes to
    notes, trouble = write_all([(output, partial(weights_bytes, run.trained[-1]))])
    claim = {"sentence": chosen.claim.sentence, "holds": chosen.claim.holds(run)}
    named = {"preset": chosen.name, "title": chosen.title}
    file = None if output is None or trouble is not None else str(output.path)
    report = run_report(
        done,
        lambda: {**named, **attention_run_data(run), "claim": claim, "weights": file},
        lambda terminal: _page(chosen, done, run, terminal, notes, file),
    )
    return with_trouble(report, trouble)


def _spec(chosen: AttentionPreset, asked: Mapping[str, Any]) -> AttentionTraining:
    for name in ("trainer", "kernel"):
        if asked[name] != "auto":
            message = f"--{name} is for toy models; {chosen.name} is trained in one way."
            problem = ReportedError("usage", message, suggestion=f"handcalc train {chosen.name}")
            raise CommandError(problem)
    with refusing():
        return chosen.spec(
            asked["small"],
            restarts=asked["restarts"],
            device=device_for(asked["device"]),
            steps=asked["steps"],
            seed=asked["seed"],
        )


def _page(
    chosen: AttentionPreset,
    done: FinishedRun,
    run: AttentionRun,
    terminal: Terminal,
    notes: tuple[str, ...],
    file: str | None,
) -> RenderableType:
    holds = "Here it holds." if chosen.claim.holds(run) else _FAILED
    written: list[RenderableType] = [Paragraph(terminal.plain(note)) for note in notes]
    if file is not None:
        circuit = f"handcalc circuit {option_words('--file', file)}"
        vocabulary = run.trained[-1].model.data.vocabulary
        if vocabulary != letters(len(vocabulary)):
            circuit += f" {option_words('--vocabulary', ' '.join(vocabulary))}"
        written.append(to_type(circuit, "Its heads, worked exactly: "))
    return spaced(
        Group(heading(chosen.title, terminal.notation), Paragraph(terminal.plain(chosen.story))),
        attention_run_table(run, terminal.notation),
        Paragraph(terminal.plain(attention_tried(run))),
        Paragraph(terminal.plain(f"What is known: {chosen.claim.sentence} {holds}")),
        *([Group(*written)] if written else []),
        *said_folder(done, chosen.name),
    )
