"""The command that draws a training run: ``figure``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .commands import command
from .completion import PRESETS, preset_names
from .report import Problem, RefusalError, Report, Session
from .run_options import with_torch
from .run_work import Work, train
from .runs import SWEEP, folder_for, loaded, named, refusing, run_folder
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
    there is none its small version is trained first. PRESET may also be sweep, or a run's folder.
    """
    with_torch()
    from handcalc.extras import require

    require("sim", "matplotlib")
    _refuse_early(out)
    found = _found(session, preset, which)
    with refusing():
        return _drawn(found, (kind, out, dark))


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


@dataclass(frozen=True, slots=True)
class _Found:
    """The run to draw, what it is called, where it is kept, and what there is to say about it."""

    run: TrainingRun
    name: str
    folder: Path | None
    notes: tuple[str, ...] = ()


def _found(session: Session, asked: str, which: str | None) -> _Found:
    """The run that is meant by the argument and by ``--run``."""
    if asked != SWEEP and _is_run(asked):
        if which is not None:
            message = f"{asked} is a run, and --run={which} names another: give one of them."
            raise RefusalError(Problem("usage", message, suggestion=f"handcalc figure {asked}"))
        name, folder = None, run_folder(asked)
    elif asked == SWEEP:
        name, folder = SWEEP, run_folder(which or SWEEP)
    else:
        chosen = find_preset(asked)
        name = chosen.name
        try:
            folder = run_folder(which or name)
        except RefusalError:
            if which is not None:
                raise
            return _small(session, chosen)
    return _kept(folder, name)


def _is_run(asked: str) -> bool:
    from torchsim.storage import holds_run

    return asked not in PRESETS and holds_run(Path(asked).expanduser())


def _kept(folder: Path, name: str | None) -> _Found:
    """A run from its folder, under the name of its own preset, which is to be ``name`` if given."""
    from torchsim.storage import preset_of

    with refusing():
        own = preset_of(folder)
    if name is not None and name != own:
        what = "no preset" if own is None else own
        message = f"The run in {named(folder)} is one of {what}, not of {name}."
        suggestion = f"handcalc figure {named(folder)}"
        raise RefusalError(Problem("other_preset", message, suggestion=suggestion))
    return _Found(loaded(folder), own or "run", folder)


def _small(session: Session, chosen: Preset) -> _Found:
    from torchsim.presets.choices import device_for

    note = (
        f"There was no run of {chosen.name}, so its small version was trained; for the full one, "
        f"type handcalc train {chosen.name} first."
    )
    spec = chosen.spec(small=True, device=device_for("auto"))
    again = f"handcalc figure {chosen.name}"
    anew = f"handcalc train {chosen.name} --small --fresh"
    folder = folder_for(chosen.name, spec)
    done = train(session, Work(chosen.name, spec, folder, again, anew=anew))
    return _Found(done.run, chosen.name, done.folder, (note, *done.warnings))


def _drawn(found: _Found, asked: tuple[Kind | None, Path | None, bool]) -> Report:
    from torchsim.figures import draw, kinds, write

    kind, out, dark = asked
    shown = kinds(found.run)[0] if kind is None else kind
    path = Path(f"{found.name}-{shown}.png") if out is None else out
    verb = "Replaced" if path.exists() else "Wrote"
    picture = draw(shown, found.run, dark)
    try:
        write(picture, path)
    except OSError as error:
        message = f"The file {path} cannot be written: {error.strerror or error}."
        raise RefusalError(Problem("unwritable_file", message)) from error
    sentence = str(picture.get_label())
    return Report(
        data=lambda: _data(shown, path, sentence, found),
        text=lambda terminal: _page(sentence, f"{verb} {path}.", terminal),
        warnings=found.notes,
    )


def _data(kind: str, path: Path, sentence: str, found: _Found) -> Mapping[str, object]:
    return {
        "preset": found.name,
        "kind": kind,
        "file": str(path),
        "sentence": sentence,
        "run": None if found.folder is None else str(found.folder),
    }


def _page(sentence: str, note: str, terminal: Terminal) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    from handcalc.views.layout import Paragraph

    return Group(Paragraph(terminal.plain(sentence)), Text(), Text(terminal.plain(note)))
