"""Every combination of some settings trained, by as many processes or machines as there are."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, cast

from handcalc.cli.failures import GOES_ON, LOST, interruption
from handcalc.cli.report import CommandError, Exit, Report, ReportedError, Session, with_trouble
from handcalc.cli.terminal import ProgressBar
from handcalc.cli.typed_text import Given, command_again, reading
from handcalc.errors import InputError, WorkLostError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import to_float
from handcalc.parsing.ranges import parse_values, parse_vectors
from handcalc.processes.jobs import Processes
from handcalc.processes.signals import stop_asked
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.loss.expected_loss import importances
from handcalc.views.layout import Paragraph, spaced
from handcalc.wording import counted
from torchsim.choices import device_for
from torchsim.storage import clear, holds_run, is_finished
from torchsim.storage.sweeps import ShardStore, load_finished
from torchsim.sweeping import SweepProgress, run_shards
from torchsim.sweeps.grid import ON_SAMPLES, SweepGrid
from torchsim.sweeps.run import SweepRun
from torchsim.sweeps.specification import SweepSpec
from torchsim.views.sweeps import sweep_data, sweep_page

from .executors import check_scheduler, open_executor
from .model import read_sets, read_wholes
from .run_names import asked_name, free_name, give_name
from .runs import SWEEP, folder_for, folder_word, own_name, refusing, remember
from .tables import asked_tables, write_tables
from .train import USUAL, kernel_of
from .training import FinishedRun, compile_loops, said_folder
from .waiting import duration

_FEW = 8.0  # seconds of work that are sooner done here than by processes of their own
_LONG = 20.0


def sweep(session: Session, asked: Mapping[str, Any]) -> Report:
    """Train the grid that the options span, or read what was trained before."""
    tables = asked_tables(asked)
    check_scheduler(asked["scheduler"])
    spec = SweepSpec((_grid(asked),))
    done = _sweep(session, spec, asked)
    run = cast("SweepRun", done.run)
    notes, trouble = write_tables(tables, run)
    folder = None if done.folder is None else str(done.folder)
    report = Report(
        data=lambda: {**sweep_data(run), "run": folder, "read_from_disk": done.before},
        text=lambda terminal: spaced(
            sweep_page(run, terminal.notation),
            *(Paragraph(terminal.plain(note)) for note in notes),
            *said_folder(done, SWEEP),
        ),
        warnings=done.warnings,
    )
    if run.failed:  # the others are there, and a script is told that not all are
        report = replace(report, status="partial", exit_code=Exit.NOT_SOLVED)
    return with_trouble(with_trouble(report, done.unkept), trouble)


# --------------------------------------------------------------------------------------------------
# The sweep: read, gone on with, or begun.


def _sweep(session: Session, spec: SweepSpec, asked: Mapping[str, Any]) -> FinishedRun:
    gc.enable()  # this can take a while, and leaves much behind
    own, folder = asked["out"] is None, asked["out"]
    if own and not asked["no_state"]:
        folder = folder_for(SWEEP, spec)
    again = command_again("handcalc sweep", asked, {**USUAL, "seeds": 1})
    name = asked_name(asked)
    with refusing(f"{again} --fresh"):
        if name is not None:
            free_name(name, folder)
        if folder is not None and asked["fresh"] and holds_run(folder):
            name = name or (own_name(folder) if own else None)
            clear(folder)
        kept = None if folder is None else load_finished(folder, spec)
        if kept is not None:
            if name is not None:
                give_name(name, folder)
            done = FinishedRun(kept, folder, before=True)
        else:
            done = _train(session, spec, folder, own, {**asked, "name": name}, again)
    if done.folder is None:
        return done
    return replace(done, latest=not asked["no_state"] and remember(done.folder))


def _train(
    session: Session,
    spec: SweepSpec,
    folder: Path | None,
    own: bool,
    asked: Mapping[str, Any],
    again: str,
) -> FinishedRun:
    with ExitStack() as stack:
        store, warnings = _open_store(stack, spec, folder, own)
        if own and asked["name"] is not None and store.folder is not None:
            give_name(asked["name"], store.folder)
        left = spec.seconds() * (1 - sum(len(p.cells) for p in store.kept()) / len(spec))
        stack.enter_context(_stop_told(session, store, again))
        opened = open_executor(session, asked["jobs"], asked["scheduler"], few=left < _FEW)
        executor = stack.enter_context(opened)
        # a cluster's workers compile loops of their own, and nobody knows how much they do at once
        if not session.json and asked["scheduler"] is None:
            compile_loops(session, spec.training(next(spec.shards())))
            _forewarn(session, left / getattr(executor, "workers", 1), store)
        run = _with_bar(session, store, executor)
        return _written(store, run, own, warnings, asked, again)


def _written(
    store: ShardStore,
    run: SweepRun,
    own: bool,
    warnings: tuple[str, ...],
    asked: Mapping[str, Any],
    again: str,
) -> FinishedRun:
    """The sweep as it is kept; where its folder is full, in handcalc's own, if it may be."""
    if store.trouble is None:
        return FinishedRun(run, store.folder, warnings=warnings)
    message = f"Not all of the run is kept. {store.trouble.message}"
    if own:
        return FinishedRun(run, None, warnings=(*warnings, message))
    other = None if asked["no_state"] else _keep_elsewhere(store)
    if other is not None:
        message += f" It is kept in {folder_word(other)} instead."
    return FinishedRun(run, other, unkept=ReportedError("unwritable", message, suggestion=again))


def _keep_elsewhere(store: ShardStore) -> Path | None:
    """handcalc's own folder for a sweep, where it is now or was before; None where it cannot be."""
    folder = folder_for(SWEEP, store.spec)
    try:
        if is_finished(folder):
            return folder
        with ShardStore(store.spec, folder, SWEEP) as other:
            other.start()
            left = store.kept() - store.again - other.kept()
            for place in sorted(left, key=store.spec.first_cell):
                other.put(place, store.sealed(place))
            other.finish()
            return folder if other.trouble is None else None
    except InputError:
        return None


def _open_store(
    stack: ExitStack, spec: SweepSpec, folder: Path | None, own: bool
) -> tuple[ShardStore, tuple[str, ...]]:
    """Who keeps the shards; in memory, with what to say of it, where our own folder cannot be."""
    store = stack.enter_context(ShardStore(spec, folder, SWEEP))
    try:
        store.start()
    except InputError as error:
        if error.code != "unwritable" or not own:
            raise
        return ShardStore(spec), (f"The run is not kept. {error.message}",)
    return store, tuple(store.set_aside)


def _forewarn(session: Session, seconds: float, store: ShardStore) -> None:
    """Say about how long it takes, where that is long, or that it goes on."""
    if store.kept():
        session.terminal.complain("Going on from where it was stopped.", "")
    elif seconds > _LONG:
        said = f"This takes {duration(seconds)}."
        if store.folder is not None:
            said += " Ctrl-C keeps what is done, and the same command goes on from there."
        session.terminal.complain(session.terminal.plain(said), "")


def _with_bar(session: Session, store: ShardStore, executor: Executor | None) -> SweepRun:
    bar = ProgressBar(session, "Training", time_left=True)
    failed = 0

    def tell(now: SweepProgress) -> None:
        nonlocal failed
        if now.failed > failed:
            failed = now.failed
            bar.begin(f"Training ({counted(failed, 'cell')} failed)")
        bar(now.done, now.total)

    def on_stop() -> None:
        if not session.json:
            is_here = isinstance(executor, Processes)
            said = "What is begun is finished first; Ctrl-C again stops at once."
            said = said if is_here else "What is begun on the cluster is given up."
            session.terminal.complain(session.terminal.plain(said))

    with bar, stop_asked() if executor is None else nullcontext() as should_stop:
        return run_shards(store, executor, tell, should_stop, on_stop)


@contextmanager
def _stop_told(session: Session, store: ShardStore, again: str) -> Iterator[None]:
    """Whenever the block is stopped, say what is kept and how to go on."""
    try:
        yield
    except (KeyboardInterrupt, WorkLostError) as stop:
        kept = sum(len(place.cells) for place in store.kept())  # the bar counts what is begun, too
        done = f"{kept:,} of {len(store.spec):,} cells are done"
        if store.folder is None:
            raise interruption(session, stop, done, LOST) from None
        where = GOES_ON
        if store.trouble is not None:
            where = f"not all of it is kept. {store.trouble.message.rstrip('.')}"
        raise interruption(session, stop, done, where, again) from None


# --------------------------------------------------------------------------------------------------
# The grid that the options span.


def _grid(asked: Mapping[str, Any]) -> SweepGrid:
    features = _wholes(asked["features"], "3..8") or []
    axes: dict[str, Any] = {
        "features": features,
        "hidden": _wholes(asked["hidden"], "1..3"),
        "sparsity": _sparsities(asked["sparsity"]),
        "importance": _importances(asked["importance"], features) or "1",
        "distribution": _words(asked["distribution"]) or SparseUniform.name,
        "sets": _sets(asked["sets"]),
        "activation": _activations(asked["activation"]),
        "seed": range(asked["seeds"]),
        "batch": _wholes(asked["batch"], "256 1024 4096"),
        "steps": _wholes(asked["steps"], "1000 10000"),
        "rate": _floats(asked["rate"]),
        "optimiser": _words(asked["optimiser"]),
        "schedule": _words(asked["schedule"]),
    }
    with refusing(), _ignored_explained(asked):
        return SweepGrid.of(
            **axes,
            trainer=asked["trainer"],
            restarts=asked["restarts"],
            device=device_for(asked["device"]),
            kernel=kernel_of(asked),
        )


def _wholes(given: Given | None, example: str) -> list[int] | None:
    return None if given is None else read_wholes(given, example)


def _floats(given: Given | None) -> list[float] | None:
    if given is None:
        return None
    with reading(given):
        return list(map(to_float, parse_values(given.text, example="1e-4..1e-2 in 5 log")))


def _words(given: Given | None) -> list[str] | None:
    return None if given is None else given.text.replace(",", " ").split()


def _activations(given: Given | None) -> list[str]:
    """Names of activations; both are those that exact models have."""
    found = _words(given) or ["relu"]
    return ["relu", "linear"] if found == ["both"] else found


def _sparsities(given: Given | None) -> list[Vector] | None:
    """One S a cell; with ``;`` between cells, each has one for all features or one each."""
    if given is None:
        return None
    with reading(given):
        if ";" in given.text:
            found = _vectors(given, "0 1/2..9/10 by 1/10")
        else:
            found = [(value,) for value in parse_values(given.text)]
        for vector in found:
            SparseUniform(vector)  # probabilities, or refused under the option's name
        return found


def _importances(given: Given | None, features: list[int]) -> list[Vector] | None:
    """With ``;`` between cells, each has one importance for all features or one each."""
    if given is None:
        return None
    with reading(given):
        found = _vectors(given, "1 1 1/10..10 in 9 log")
        for vector, n in product(found, features):
            importances(vector, n)
        return found


def _vectors(given: Given, example: str) -> list[Vector]:
    """Those that stand between the semicolons, or on the lines, of a text."""
    parts = [part for part in given.text.replace("\n", ";").split(";") if part.strip()]
    if not parts:
        option = given.where.partition("=")[0]
        problem = ReportedError(
            "empty", f"{option} has no numbers.", suggestion=f'{option}="1; 1 1 1/2"'
        )
        raise CommandError(problem, Exit.UNREADABLE)
    try:
        return [vector for part in parts for vector in parse_vectors(part, example)]
    except InputError as error:
        if len(parts) > 1:  # what is suggested is one of the parts alone
            error.suggestion = None
        raise


def _sets(given: Given | None) -> list[list[tuple[int, ...]]] | None:
    """Lists of sets, with ``|`` between lists."""
    if given is None:
        return None
    return [read_sets(Given(part, given.where)) for part in given.text.split("|")]


@contextmanager
def _ignored_explained(asked: Mapping[str, Any]) -> Iterator[None]:
    """What is for samples alone is refused by the name of its option."""
    try:
        yield
    except InputError as error:
        if error.code != "ignored":
            raise
        named = [name for name in (*ON_SAMPLES, "kernel") if asked[name] not in (None, "auto")]
        if not named:
            raise
        message = (
            f"--{named[0]} belongs to the trainer on samples; the exact one, which up to 8 "
            "features is taken where none is named, stops by itself."
        )
        raise CommandError(
            ReportedError("usage", message, suggestion="--trainer sampled")
        ) from error
