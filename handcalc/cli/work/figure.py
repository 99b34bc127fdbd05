"""A training run drawn beside what is exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from handcalc.cli.names import PRESETS
from handcalc.cli.report import CommandError, Report, ReportedError, Session, with_trouble
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import command_again, reading
from handcalc.views.layout import Paragraph, Sized, columns, fitting, spaced
from handcalc.wording import joined, option_words, word
from torchsim.choices import device_for
from torchsim.comparison.best_store import KnownBest
from torchsim.comparison.chosen_models import ChosenModels
from torchsim.figures import (
    KINDS,
    SUFFIXES,
    Kind,
    check,
    draw,
    kinds,
    picked,
    rendered,
    shows_best,
)
from torchsim.kinds import KeptRun, OneTrainerRun
from torchsim.presets import AnyPreset, Preset
from torchsim.storage import preset_of
from torchsim.sweeps.run import SweepRun
from torchsim.views.sweep_maps import VALUES, SweepMaps
from torchsim.views.sweeps import left_out

from .compare import known_best, refuse_models
from .model import read_wholes
from .outputs import Output, write_all
from .presets import find_preset
from .runs import (
    SWEEP,
    folder_for,
    folder_word,
    is_run,
    load_run,
    refusing,
    run_folder,
)
from .training import TrainingWork, train

_FILES = ("png", "svg", "out")  # out is the older name of the others
_OF_HEATMAP = ("x", "y", "value")
_LOOK = ("kind", "models", *_OF_HEATMAP, "tokens", "png", "svg", "out", "dark", "no_state")


def figure(session: Session, preset: str | None, asked: Mapping[str, Any]) -> Report:
    """The figure of a run, written to a file."""
    if preset is None:
        raise CommandError(_nothing_named(asked))
    _refuse_early(preset, asked)
    look = {name: asked[name] for name in _LOOK}
    found = _found(session, preset, asked["which"], look)
    with refusing():
        return _draw(session, found, look)


def _nothing_named(asked: Mapping[str, Any]) -> ReportedError:
    """What to type where no run is named, or only by ``--run``."""
    if asked["which"] is not None:
        which = word(asked["which"])
    else:
        try:  # the latest run, as the command takes it; an experiment where there is none
            folder = run_folder(None)
            with refusing():
                own = preset_of(folder)
            which = own if own in (*PRESETS, SWEEP) else folder_word(folder)
        except CommandError:
            which = "by-hand"
    message = "Which run is to be drawn? PRESET is a preset, sweep, or the folder of a run."
    look = {name: asked[name] for name in _LOOK}
    return ReportedError(
        "usage", message, suggestion=command_again(f"handcalc figure {which}", look)
    )


def _refuse_early(preset: str, look: Mapping[str, Any]) -> None:
    """What would fail in the end fails before the work."""
    out = look["out"]
    if out is not None and out.suffix.lower() not in SUFFIXES:
        other = f"not to {out.name}" if out.name else "and here is no name"
        message = f"--out: a figure is written to a .png or .svg file, {other}."
        named = out if out.name else Path("figure")
        suggestion = option_words("--out", str(named.with_suffix(".png")))
        raise CommandError(ReportedError("suffix", message, suggestion=suggestion))
    is_named = any(look[name] is not None for name in _FILES)
    if is_named or preset in PRESETS:
        for output in _outputs(preset, look["kind"] or KINDS[0], look):
            output.refuse_early()


def _outputs(name: str, kind: Kind, look: Mapping[str, Any]) -> Mapping[Output, str]:
    """The files of a figure, each with its format: those that were asked for, or one here."""
    asked = {option: look[option] for option in _FILES if look[option] is not None}
    if not asked:
        asked = {"png": Path(f"{name}-{kind}.png")}
    return {
        Output.at(f"--{option}", path): f".{option}" if option != "out" else path.suffix
        for option, path in asked.items()
    }


@dataclass(frozen=True, slots=True)
class _Found:
    """The run to draw, what it is called, where it is kept, and what there is to say about it."""

    run: KeptRun
    name: str
    folder: Path | None
    notes: tuple[str, ...] = ()


def _found(session: Session, asked: str, which: str | None, look: Mapping[str, Any]) -> _Found:
    """The run that is meant by the argument and by ``--run``; ``look`` is to be said again."""
    # Presets and sweep are names before they are folders: a folder that is called like a preset is
    # still to be had by a path, as in ./by-hand.
    again = command_again(f"handcalc figure {word(asked)}", look)
    if asked not in (*PRESETS, SWEEP) and is_run(asked):
        if which is not None:
            message = f"{asked} is a run, and --run={which} names another: give one of them."
            raise CommandError(ReportedError("usage", message, suggestion=again))
        name, folder = None, run_folder(asked)
    elif asked == SWEEP:
        name, folder = SWEEP, run_folder(which or SWEEP)
    else:
        chosen = find_preset(asked)
        name = chosen.name
        try:
            folder = run_folder(which or name)
        except CommandError:
            if which is not None:
                raise
            return _small(session, chosen, again, no_state=look["no_state"])
    return _kept(folder, name)


def _kept(folder: Path, name: str | None) -> _Found:
    """A run from its folder, under the name of its own preset, which is to be ``name`` if given."""
    with refusing():
        own = preset_of(folder)
    if name is not None and name != own:
        what = "no preset" if own is None else own
        message = f"The run in {folder_word(folder)} is one of {what}, not of {name}."
        suggestion = f"handcalc figure {folder_word(folder)}"
        raise CommandError(ReportedError("other_preset", message, suggestion=suggestion))
    return _Found(load_run(folder), own or "run", folder)


def _small(session: Session, chosen: AnyPreset, again: str, *, no_state: bool) -> _Found:
    note = (
        f"There was no run of {chosen.name}, so its small version was trained; for the full one, "
        f"type handcalc train {chosen.name} first."
    )
    spec = chosen.spec(small=True, device=device_for("auto"))
    anew = f"handcalc train {chosen.name} --small --fresh"
    folder = None if no_state else folder_for(chosen.name, spec)
    work = TrainingWork(chosen.name, spec, folder, again, anew=anew, remembered=not no_state)
    done = train(session, work)
    return _Found(done.run, chosen.name, done.folder, (note, *done.warnings))


def _draw(session: Session, found: _Found, look: Mapping[str, Any]) -> Report:
    models = None if look["models"] is None else read_wholes(look["models"])
    if isinstance(found.run, OneTrainerRun):
        refuse_models(look["models"], found.run)
    shown: Kind = look["kind"] or _usual_kind(found, models)
    outputs = _outputs(found.name, shown, look)
    for output in outputs:
        output.refuse_early()
    check(shown, found.run, models)
    _refuse_ignored(shown, look)
    asked = {name: look[name] for name in _OF_HEATMAP}
    is_gap = asked["value"] == "gap"  # which is searched for after all else is checked
    maps = _maps(found.run, shown, {**asked, "value": None} if is_gap else asked, models)
    numbers = picked(shown, found.run, models)
    best: Sequence[KnownBest | None] | None = None
    unkept: tuple[str, ...] = ()
    if not isinstance(found.run, OneTrainerRun) and shows_best(shown, look["value"]):
        chosen = ChosenModels.of(found.run, numbers)
        best, unkept = known_best(session, chosen.trained, no_state=look["no_state"])
        maps = _maps(found.run, shown, asked, models, best)
    tokens = look["tokens"]
    sentence = None if tokens is None else tokens.text
    with reading(tokens):
        picture = draw(
            shown, found.run, look["dark"], models=numbers, best=best, tokens=sentence, **asked
        )
    notes, trouble = write_all(
        (output, partial(rendered, picture, suffix)) for output, suffix in outputs.items()
    )
    files = [str(output.path) for output in outputs]
    label = str(picture.get_label())
    told = [label] if maps is None else [f"{maps.title} {maps.how}"]
    said = [*told, *_which(found.run, numbers, models)]
    report = Report(
        data=lambda: {
            "preset": found.name,
            "kind": shown,
            "file": files[0],
            **({"files": files} if len(files) > 1 else {}),
            **({} if numbers is None else {"models": list(numbers)}),
            **({} if maps is None else _map_data(maps, look["value"])),
            "sentence": label,
            "run": None if found.folder is None else str(found.folder),
        },
        text=lambda terminal: spaced(
            *(Paragraph(terminal.plain(each)) for each in said),
            *([] if maps is None else _map_table(maps, terminal)),
            *(Paragraph(terminal.plain(each)) for each in notes),
        ),
        warnings=(*found.notes, *unkept),
    )
    return with_trouble(report, trouble)


def _usual_kind(found: _Found, models: Sequence[int] | None) -> Kind:
    """The kind that the experiment names, if it suits what is drawn, else the first that suits."""
    suited = kinds(found.run, models)
    named = find_preset(found.name) if found.name in PRESETS else None
    own = [kind for kind in suited if isinstance(named, Preset) and kind == named.figure]
    return (*own, *suited)[0]


def _refuse_ignored(kind: Kind, look: Mapping[str, Any]) -> None:
    """Refuse what is said for another kind of figure."""
    for name, other in (("tokens", "attention"), *((name, "heatmap") for name in _OF_HEATMAP)):
        if look[name] is not None and kind != other:
            what = "figures of attention" if other == "attention" else "heat maps"
            message = f"--{name} is for {what} alone, not for {kind}."
            raise CommandError(ReportedError("usage", message))


def _maps(
    run: KeptRun,
    kind: Kind,
    asked: Mapping[str, Any],
    models: Sequence[int] | None,
    best: Sequence[KnownBest | None] | None = None,
) -> SweepMaps | None:
    """What a heat map shows, None of other figures."""
    if kind != "heatmap" or not isinstance(run, SweepRun):
        return None
    along, value = {name: asked[name] for name in ("x", "y")}, asked["value"] or VALUES[0]
    return SweepMaps.of(run, models=models, value=value, best=best, **along)


def _map_table(maps: SweepMaps, terminal: Terminal) -> Iterator[RenderableType]:
    """The values of one panel, or the ends of each of several, as far as there is room."""

    def fitted(width: int) -> Text:
        return Text(terminal.plain(columns(fitting(maps.rows, width, ("at",)), width)))

    if maps.rows:
        yield Sized(fitted)


def _map_data(maps: SweepMaps, value: str | None) -> Mapping[str, object]:
    """What a heat map shows along which axes."""
    layout = maps.layout
    return {
        "x": layout.x,
        "y": layout.y,
        "value": value or VALUES[0],
        "panels": [panel.name for panel in maps.panels],
    }


def _which(
    run: KeptRun, numbers: Sequence[int] | None, asked: Sequence[int] | None
) -> Iterator[str]:
    """Which cells of a sweep are shown where nobody said, and how to say it."""
    if not isinstance(run, SweepRun) or asked is not None or numbers is None:
        return
    yield from left_out(run.failed)
    if len(numbers) < len(run) - len(run.failed):
        yield (
            f"Shown are the cells {joined(numbers)} of {len(run):,}. To show others, say which, as "
            'in --models "1 3 5..9".'
        )
