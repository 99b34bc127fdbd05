"""Attention-only models trained: an experiment with losses, scores, and its claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

from rich.console import RenderableType

from handcalc.circuits.attention_only import letters
from handcalc.cli.report import Report, Session, with_trouble
from handcalc.cli.terminal import Terminal
from handcalc.views.layout import Paragraph, to_type
from handcalc.wording import option_words
from torchsim.attention.run import AttentionRun
from torchsim.presets import AttentionPreset
from torchsim.storage import weights_bytes
from torchsim.views.attention_runs import ATTENTION_RUNS, attention_run_data

from .one_trainer import experiment_report, train_experiment
from .outputs import Output, write_all


def train(session: Session, chosen: AttentionPreset, asked: Mapping[str, Any]) -> Report:
    """Train an experiment, or read what was trained before; and write its last model down."""
    output = Output.of("--weights", asked["weights"])
    if output is not None:
        output.refuse_early()
    done = train_experiment(session, chosen, asked)
    run = cast("AttentionRun", done.run)  # what an AttentionTraining comes to
    notes, trouble = write_all([(output, partial(weights_bytes, run.trained[-1]))])
    file = None if output is None or trouble is not None else str(output.path)
    report = experiment_report(
        chosen,
        done,
        lambda: {**attention_run_data(run), "weights": file},
        lambda terminal: ATTENTION_RUNS.table(run, terminal.notation),
        lambda terminal: _written(run, terminal, notes, file),
    )
    return with_trouble(report, trouble)


def _written(
    run: AttentionRun, terminal: Terminal, notes: Sequence[str], file: str | None
) -> list[RenderableType]:
    """What was written, and who works it."""
    written: list[RenderableType] = [Paragraph(terminal.plain(note)) for note in notes]
    if file is not None:
        circuit = f"handcalc circuit {option_words('--file', file)}"
        vocabulary = run.trained[-1].model.data.vocabulary
        if vocabulary != letters(len(vocabulary)):
            circuit += f" {option_words('--vocabulary', ' '.join(vocabulary))}"
        written.append(to_type(circuit, "Its heads, worked exactly: "))
    return written
