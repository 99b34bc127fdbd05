"""Training from the command line: kept as it goes, a bar, a guess at the time, Ctrl-C."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rich.console import Group, RenderableType

import torchsim.kinds
from handcalc.cli.failures import GOES_ON, LOST, interruption
from handcalc.cli.names import TOY_PRESETS
from handcalc.cli.report import ReportedError, Session
from handcalc.cli.terminal import NOTHING_YET, ProgressBar
from handcalc.errors import InputError, require
from handcalc.processes.signals import stop_asked
from handcalc.superposition.numeric import compile_losses
from handcalc.views.layout import to_type
from torchsim.kinds import AnyRun, AnySpec, KeptRun
from torchsim.one_by_one import OneByOne
from torchsim.specification import TrainingSpec
from torchsim.storage import (
    FolderCheckpointer,
    clear,
    finish,
    holds_run,
    is_finished,
    load,
    load_spec,
    save,
)

from .run_names import free_name, give_name
from .runs import folder_for, folder_word, own_name, refusing, remember
from .waiting import LONG, compile_aloud, duration


@dataclass(frozen=True, slots=True)
class TrainingWork:
    """What is to be trained, in which folder it is kept (None for nowhere), and how to go on.

    ``name`` is the preset's. ``again`` is the command that goes on after a stop, ``anew`` the one
    that begins anew (``again`` with ``--fresh`` if empty). ``own`` says that the folder is one of
    handcalc's, not one that a person chose; ``remembered``, that the run is to be the latest one.
    ``called`` is the name that a person gives the run.
    ``quicker`` is a smaller specification with the command for it, where there is one.
    """

    name: str
    spec: AnySpec
    folder: Path | None
    again: str
    own: bool = True
    fresh: bool = False
    quicker: tuple[AnySpec, str] | None = None
    anew: str = ""
    remembered: bool = True
    called: str | None = None


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run, the folder that holds it, whether it was there before, and what went wrong.

    ``latest`` says that ``compare`` finds it without being told where it is; ``unkept``, why it is
    not where it was to go.
    """

    run: KeptRun
    folder: Path | None
    before: bool = False
    warnings: tuple[str, ...] = ()
    latest: bool = False
    unkept: ReportedError | None = None


def said_folder(done: FinishedRun, name: str) -> list[RenderableType]:
    """Where a run is, and what to type next, each on a line; ``name`` is the preset's."""
    if done.folder is None:
        return []
    before = "It was trained before; the run was read from" if done.before else "The run is in"
    where = folder_word(done.folder)
    which = "" if done.latest else f" {where}"
    picture = f"handcalc figure {name if done.latest else where}"
    is_exact = isinstance(done.run.spec, OneByOne)
    close = "Beside what is exact:   " if is_exact else "How close to the best:  "
    return [
        Group(
            to_type(where, f"{before} "),
            to_type(f"handcalc compare{which}", close),
            to_type(picture, "A picture of it:        "),
            *(
                [to_type(f"handcalc code {name}", "The training in torch:  ")]
                if name in TOY_PRESETS
                else ()
            ),
        )
    ]


def train(session: Session, work: TrainingWork) -> FinishedRun:
    """Train, or go on with it, or read what is done already; it may then be the latest run.

    A folder that a person chose is refused, where it cannot be written to, before the work. What
    fails later takes nothing away: the run is there, and ``unkept`` says why it is not in a folder.
    """
    gc.enable()  # this can take a while, and leaves much behind
    with refusing(work.anew or f"{work.again} --fresh"):
        folder = work.folder
        if folder is None:
            return FinishedRun(_train_with_bar(session, work, None), None)
        if work.called is not None:
            free_name(work.called, folder)
        if work.fresh and holds_run(folder):
            if work.own:  # the name of before stays
                work = replace(work, called=work.called or own_name(folder))
            clear(folder)
        if is_finished(folder) and load_spec(folder) == work.spec:
            _call(work, folder)
            done = FinishedRun(load(folder), folder, before=True)
        else:  # a run of another specification there is refused as the folder is opened
            with ExitStack() as stack:  # which holds the folder's lock until the run is written
                keeping, warnings = _open_folder(work, folder, stack)
                run = _train_with_bar(session, work, keeping)
                done = _write(work, run, keeping, warnings)
    if done.folder is None:
        return done
    return replace(done, latest=work.remembered and remember(done.folder))


def _open_folder(
    work: TrainingWork, folder: Path, stack: ExitStack
) -> tuple[FolderCheckpointer | None, tuple[str, ...]]:
    """Who keeps the run; None, with what to say of it, where handcalc's own folder cannot be."""
    try:
        keeping = stack.enter_context(FolderCheckpointer(folder, work.spec, preset=work.name))
        keeping.start()
    except InputError as error:
        if error.code != "unwritable" or not work.own:
            raise
        return None, (f"The run is not kept. {error.message}",)
    _call(work, folder)
    return keeping, ()


def _call(work: TrainingWork, folder: Path) -> None:
    if work.called is not None:
        give_name(work.called, folder)


def _write(
    work: TrainingWork,
    run: AnyRun,
    keeping: FolderCheckpointer | None,
    warnings: tuple[str, ...],
) -> FinishedRun:
    """A run written down; where its folder is full, in handcalc's own, if it may be there."""
    if keeping is None:
        return FinishedRun(run, None, warnings=warnings)
    trouble = finish(run, keeping)
    if trouble is None:
        return FinishedRun(run, keeping.folder, warnings=warnings)
    if work.own:
        return FinishedRun(run, None, warnings=(f"The run is not kept. {trouble.message}",))
    message = f"The run is not in {keeping.folder}. {trouble.message}"
    other = _keep_elsewhere(work, run)
    if other is not None:
        message += f" It is kept in {folder_word(other)} instead."
    return FinishedRun(
        run, other, unkept=ReportedError("unwritable", message, suggestion=work.again)
    )


def _keep_elsewhere(work: TrainingWork, run: AnyRun) -> Path | None:
    """handcalc's own folder for a run, where it is now or was before; None where it cannot be."""
    if not work.remembered:
        return None
    folder = folder_for(work.name, run.spec)
    try:
        if not is_finished(folder):
            save(run, folder, work.name)
    except InputError:
        return None
    return folder


def _train_with_bar(
    session: Session, work: TrainingWork, keeping: FolderCheckpointer | None
) -> AnyRun:
    bar = ProgressBar(session, "Training", time_left=True)
    try:
        if not session.json:
            compile_loops(session, work.spec)
            if keeping is None or keeping.load() is None:
                _forewarn(session, work)
            else:
                session.terminal.complain("Going on from where it was stopped.", "")
        with bar, stop_asked() as asked:
            return torchsim.kinds.train(
                work.spec,
                on_progress=lambda progress: bar(progress.done, progress.total),
                keeping=keeping,
                should_stop=asked,
            )
    except KeyboardInterrupt as stop:
        descends = isinstance(work.spec, TrainingSpec) and work.spec.trainer == "exact"
        unit = "descents" if descends else "steps"
        done = bar.so_far(f"{{}} {unit} are done")
        if keeping is None:
            raise interruption(session, stop, done, LOST) from None
        kept = GOES_ON
        if keeping.trouble is None:  # what is kept can be less than what the bar saw
            total = work.spec.length_before(len(work.spec.groups))
            done = f"{keeping.done:,} of {total:,} {unit} are done" if keeping.done else NOTHING_YET
        else:
            last = "from the last state that was kept" if keeping.holds_state else "from the start"
            kept = f"that could not be kept, and the same command goes on {last}. "
            kept += keeping.trouble.message.rstrip(".")
        raise interruption(session, stop, done, kept, work.again) from None


def compile_loops(session: Session, spec: AnySpec) -> None:
    """Have the loops compiled that a run takes; where that takes a while, say so."""
    if not isinstance(spec, TrainingSpec) or spec.device != "cpu":
        return
    if spec.kernel == "fused":
        require("sim", "numba")
        from torchsim.training.fused import compile_loop

        work: Callable[[], float] = partial(compile_loop, spec.dtype)
        loops = "loop of the steps"
    elif spec.trainer == "exact":
        work, loops = compile_losses, "loops of the loss"
    else:
        return

    compile_aloud(session, work, loops)


def _forewarn(session: Session, work: TrainingWork) -> None:
    """Say how long it takes on a CPU, where that is long, and what would be quicker."""
    if work.spec.device != "cpu":
        return
    seconds = torchsim.kinds.estimate(work.spec)
    if seconds < LONG:
        return
    said = f"This takes {duration(seconds)} on this CPU."
    if work.folder is not None:
        said += " Ctrl-C keeps what is done, and the same command goes on from there."
    quicker: list[RenderableType] = []
    if work.quicker is not None:
        spec, command = work.quicker
        said += f" A quick look takes {duration(torchsim.kinds.estimate(spec))}:"
        quicker.append(to_type(command, "   "))
    session.terminal.complain(session.terminal.plain(said), *quicker, "")
