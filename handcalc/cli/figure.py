"""The command that draws a training run: ``figure``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .commands import command
from .completion import preset_names
from .report import Problem, RefusalError, Report, Session
from .run_options import with_torch
from .run_work import Work, train
from .runs import folder_for, loaded, refusing, run_folder
from .training import find_preset

if TYPE_CHECKING:
    from rich.console import RenderableType

    from torchsim.figures import Kind
    from torchsim.presets import Preset
    from torchsim.run import TrainingRun

    from .terminal import Terminal

__all__ = ["KINDS", "figure"]

# known without importing torch; a test compares them with their home
KINDS = ("embeddings", "gram", "phases", "losses")
_SUFFIXES = (".png", ".svg")


@command("figure", example="handcalc figure by-hand --out by-hand.png")
@click.argument("preset", shell_complete=preset_names)
@click.option(
    "--kind", type=click.Choice(KINDS), help="What is drawn; what shows most if left out."
)
@click.option("--run", "which", metavar="RUN", help="Another run than the latest of the preset.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A .png or .svg file; PRESET-KIND.png here if left out.",
)
@click.option("--dark", is_flag=True, help="For a dark slide.")
@click.pass_obj
def figure(
    session: Session,
    /,
    preset: str,
    kind: Kind | None,
    which: str | None,
    out: Path | None,
    dark: bool,
) -> Report:
    """Draw a training run beside what is exact.

    embeddings: the arrows, trained and best on top of each other. gram: W Wᵀ with the lengths of
    the rows. phases: what becomes of the last feature. losses: along the training, with the best
    as a line. PRESET is one of those that handcalc train lists; its latest run is drawn, and where
    there is none its small version is trained first.
    """
    with_torch()
    from handcalc.extras import require

    require("sim", "matplotlib")
    chosen = find_preset(preset)
    _refuse_early(out)
    run, folder, notes = _run(session, chosen, which)
    with refusing():
        return _drawn(run, folder, chosen, (kind, out, dark), notes)


def _refuse_early(out: Path | None) -> None:
    """What would fail in the end fails before the work."""
    if out is None:
        return
    if out.suffix.lower() not in _SUFFIXES:
        message = f"--out: a figure is written to a .png or .svg file, not to {out.name}."
        suggestion = f"--out={out.with_suffix('.png')}"
        raise RefusalError(Problem("suffix", message, suggestion=suggestion))
    if not out.parent.is_dir():
        message = f"--out: the file {out} cannot be written: there is no folder {out.parent}."
        raise RefusalError(Problem("unwritable_file", message))


def _run(
    session: Session, chosen: Preset, which: str | None
) -> tuple[TrainingRun, Path | None, tuple[str, ...]]:
    """The run to draw, where it is kept, and what there is to say about it."""
    if which is not None:
        folder = run_folder(which)
        return loaded(folder), folder, ()
    try:
        folder = run_folder(chosen.name)
    except RefusalError:
        return _small(session, chosen)
    return loaded(folder), folder, ()


def _small(session: Session, chosen: Preset) -> tuple[TrainingRun, Path | None, tuple[str, ...]]:
    from torchsim.presets.choices import device_for

    note = (
        f"There was no run of {chosen.name}, so its small version was trained; for the full one, "
        f"type handcalc train {chosen.name} first."
    )
    spec = chosen.spec(small=True, device=device_for("auto"))
    again = f"handcalc figure {chosen.name}"
    done = train(session, Work(chosen.name, spec, folder_for(chosen.name, spec), again))
    return done.run, done.folder, (note, *done.warnings)


def _drawn(
    run: TrainingRun,
    folder: Path | None,
    chosen: Preset,
    asked: tuple[Kind | None, Path | None, bool],
    notes: tuple[str, ...],
) -> Report:
    from torchsim.figures import draw, kinds, write

    kind, out, dark = asked
    named = kinds(run)[0] if kind is None else kind
    path = Path(f"{chosen.name}-{named}.png") if out is None else out
    verb = "Replaced" if path.exists() else "Wrote"
    picture = draw(named, run, dark)
    try:
        write(picture, path)
    except OSError as error:
        message = f"The file {path} cannot be written: {error.strerror or error}."
        raise RefusalError(Problem("unwritable_file", message)) from error
    sentence = str(picture.get_label())
    return Report(
        data=lambda: _data(named, path, sentence, folder, chosen),
        text=lambda terminal: _page(sentence, f"{verb} {path}.", terminal),
        warnings=notes,
    )


def _data(
    kind: str, path: Path, sentence: str, folder: Path | None, chosen: Preset
) -> Mapping[str, object]:
    return {
        "preset": chosen.name,
        "kind": kind,
        "file": str(path),
        "sentence": sentence,
        "run": None if folder is None else str(folder),
    }


def _page(sentence: str, note: str, terminal: Terminal) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    from handcalc.views.layout import Paragraph

    return Group(Paragraph(terminal.plain(sentence)), Text(), Text(terminal.plain(note)))
