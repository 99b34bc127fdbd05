"""``runs``: training runs listed, looked at, named, merged, written as tables, and deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from handcalc.cli.names import BEST_KNOWN
from handcalc.cli.report import CommandError, Report, ReportedError, refuse, with_trouble
from handcalc.cli.visible import visible
from handcalc.errors import InputError
from handcalc.storage import BusyError
from handcalc.storage.files import reason
from handcalc.wording import counted, joined, option_words, word
from torchsim.comparison.best_store import BestStore
from torchsim.merging import merged, merged_spec, sources_of
from torchsim.run import TrainingRun
from torchsim.storage import delete, load
from torchsim.storage.folders import lock, refuse_clearing
from torchsim.sweeps.run import SweepRun

from .kept_runs import listing, one_run
from .outputs import Output
from .run_names import free_name, give_name
from .runs import (
    SWEEP,
    best_folder,
    folder_for,
    own_name,
    refusing,
    remember,
    run_folder,
    runs_folder,
    runs_meant,
)
from .tables import TABLES, asked_tables, write_tables


def runs(run: str | None, asked: Mapping[str, Any]) -> Report:
    """The list, or what is done with a run or several."""
    _refuse_mixtures(run, asked)
    if asked["names"]:
        return _delete(asked["names"])
    if asked["merge"]:
        return _merge(asked["merge"], asked["name"])
    if asked["name"] is not None:
        return _name(run, asked["name"])
    if run is None:
        return listing()
    folder = run_folder(run)
    tables = asked_tables(asked)
    if tables:
        return _write_tables(run, folder, tables)
    with _refusing():
        return one_run(folder)


def _refuse_mixtures(run: str | None, asked: Mapping[str, Any]) -> None:
    """One thing at a time, and of a table or a name: whose."""
    what = {"--delete": asked["names"], "--merge": asked["merge"]}
    tables = [f"--{name}" for name in TABLES if asked[name] is not None]
    typed = [option for option, given in what.items() if given]
    typed += tables[:1] if typed or asked["name"] is not None else []
    if asked["name"] is not None and typed != ["--merge"]:
        typed.append("--name")
    if len(typed) > 1:
        refuse(f"{joined(typed)} do not go together: give one of them.", "handcalc runs")
    if run is not None and (asked["names"] or asked["merge"]):
        option = typed[0]
        more = option_words(option, run)
        again = " ".join(option_words(option, each) for each in what[option])
        refuse(
            f"{option} stands before each run, and {visible(run)} has none.",
            f"handcalc runs {again} {more}",
        )
    if run is None and (tables or asked["name"] is not None) and not asked["merge"]:
        option = tables[0] if tables else "--name"
        value = asked["name"] if option == "--name" else "FILE"
        refuse(
            f"{option}: which run? Its name stands before the option.",
            f"handcalc runs RUN {option_words(option, value)}",
        )


@contextmanager
def _refusing() -> Iterator[None]:
    """What torchsim refuses, without the other folder that it would train in."""
    try:
        with refusing():
            yield
    except CommandError as error:
        if (error.problem.suggestion or "").startswith("--out"):
            error.problem = replace(error.problem, suggestion=None)
        raise


# --------------------------------------------------------------------------------------------------
# Named.


def _name(run: str | None, name: str) -> Report:
    """Give a run a name; ``--name OLD NEW`` is understood as well as ``OLD --name NEW``."""
    old, new = str(run), name
    if not runs_meant(old) and runs_meant(name):
        old, new = name, str(run)
    folder = run_folder(old)
    if folder.resolve().parent != runs_folder().resolve():
        message = (
            f"--name: {folder} is not in handcalc's own folder, where names are looked for; its "
            "path is its name."
        )
        raise CommandError(ReportedError("name", message))
    folder = runs_folder() / folder.resolve().name
    with _refusing():
        one_run(folder)  # one that cannot be read is refused, and stays as it is
        give_name(new, folder)
        called = own_name(folder)
        said = f"It is called {called} now." if called else "It is called by its folder again."
        return one_run(folder, [said])


# --------------------------------------------------------------------------------------------------
# Merged.


def _merge(runs: Sequence[str], name: str | None) -> Report:
    """One sweep of all cells of some runs, kept beside them."""
    folders = [run_folder(each) for each in runs]
    if len(folders) == 1:
        refuse("--merge: one run is there already; two or more make a new one.")
    places = [folder.resolve() for folder in folders]
    for k, place in enumerate(places):
        if place in places[:k]:
            first = runs[places.index(place)]
            refuse(f"--merge: {visible(first)} and {visible(runs[k])} are the same run.")
    with _refusing():
        sources = sources_of(folders, [*map(visible, runs)])
        folder = folder_for(SWEEP, merged_spec(sources))
        if name is not None:
            name = free_name(name, folder)
        run = merged(sources, folder, SWEEP)
        if name is not None:
            give_name(name, folder)
        remember(folder)
        said = f"Merged {joined([*map(visible, runs)])}: {counted(len(run), 'cell')}."
        report = one_run(folder, [said])
    data = report.data
    return replace(report, data=lambda: {**data(), "merged": [str(each) for each in folders]})


# --------------------------------------------------------------------------------------------------
# As a table.


def _write_tables(typed: str, folder: Path, tables: Mapping[str, Output]) -> Report:
    with _refusing():
        notes, trouble = write_tables(tables, _table(typed, folder))
        report = one_run(folder, notes)
    files = {kind: str(output.path) for kind, output in tables.items()}
    data = report.data
    return with_trouble(replace(report, data=lambda: {**data(), "files": files}), trouble)


def _table(typed: str, folder: Path) -> SweepRun:
    """A run as a sweep, which has a row for each model with how it was trained."""
    run = load(folder, partial=True)
    if isinstance(run, SweepRun):
        return run
    if isinstance(run, TrainingRun):
        return merged(sources_of([folder]))
    message = f"Tables are of toy models, and {visible(typed)} has others; --json has them."
    suggestion = f"handcalc compare {word(typed)} --json"
    raise CommandError(ReportedError("usage", message, suggestion=suggestion))


# --------------------------------------------------------------------------------------------------
# Deleted.


def _delete(names: Sequence[str]) -> Report:
    """The runs of these names deleted: all of them, or, where one is wrong, none."""
    found = {name: best_folder() if name == BEST_KNOWN else _own(name) for name in names}
    with ExitStack() as stack:
        for name, folder in found.items():
            with _explaining(name, folder):
                if name != BEST_KNOWN:
                    refuse_clearing(folder)
                    stack.callback(lock(folder).release)
    for folder, name in {folder: name for name, folder in found.items()}.items():
        with _explaining(name, folder):
            if name == BEST_KNOWN:
                BestStore(folder).clear()
            else:
                delete(folder)
    gone = list(dict.fromkeys(names))
    return listing(f"Deleted: {', '.join(map(visible, gone))}.", gone)


def _own(name: str) -> Path:
    """The run in handcalc's own folder of that name or path."""
    own = runs_folder().resolve()
    found = [each for each in runs_meant(name) if each.resolve().parent == own]
    if len(found) == 1:
        return runs_folder() / found[0].resolve().name
    what = f"there is no run {visible(name)}" if not found else f"{visible(name)} means two runs"
    message = f"--delete: {what} in {runs_folder()}. Nothing was deleted."
    code = "ambiguous" if found else "no_run"
    raise CommandError(ReportedError(code, message, suggestion="handcalc runs"))


@contextmanager
def _explaining(name: str, folder: Path) -> Iterator[None]:
    """Say which run cannot be deleted, and why."""
    try:
        yield
    except (BusyError, InputError, OSError) as error:
        if isinstance(error, OSError):
            code, why = "unwritable", reason(error)
        elif isinstance(error, BusyError) or error.code == "busy":
            code, why = "busy", "another process is at work on it; wait for it or stop it"
        else:
            code, why = error.code, error.message.rstrip(".")
            if code == "not_empty":
                why = "its folder holds other files, too"
        message = f"--delete: {visible(name)} in {folder.parent} cannot be deleted: {why}."
        raise CommandError(ReportedError(code, message)) from error
