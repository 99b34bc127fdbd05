"""Runs merged: one sweep of all their cells, whose shards are copied and not trained again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from handcalc.errors import InputError
from handcalc.storage.files import at_home
from handcalc.wording import brief
from torchsim.kinds import OneTrainerRun
from torchsim.run import TrainingRun
from torchsim.storage import delete, holds_run, load
from torchsim.storage.records import versions_of
from torchsim.storage.sweeps import ShardStore, load_finished, load_sweep, shard_bytes
from torchsim.sweeps.run import SweepRun
from torchsim.sweeps.specification import ShardPlace, SweepPart, SweepSpec
from torchsim.training.divergence import failures_of_cells, without_lost

Mergeable: TypeAlias = "SweepRun | TrainingRun | str | PathLike[str]"

_OTHERS = ("busy", "finished", "not_empty", "other_run")  # the folder is another's, and stays


def merge(runs: Sequence[Mergeable], *, keep: str | PathLike[str] | None = None) -> SweepRun:
    """One sweep of all cells of some sweeps and runs of toy models, in the order given.

    Nothing is trained again: the shards are copied as they are, each checked by its checksum, and a
    run of toy models is a shard of its own. A cell that two of them have stands there twice.

    Args:
        runs: Sweeps and runs, or the folders that they are kept in.
        keep: A folder for the sweep, as that of ``torchsim.sweep``. A merge that fails takes away
            what it began there; of one that was killed the same call makes a whole one.

    Returns:
        The sweep.

    Raises:
        InputError: ``sweep`` for other kinds than toy models, for no runs, and where two
            have the same cells trained in the same way; ``unfinished``; those of ``torchsim.load``;
            with ``keep``, ``other_run``, ``not_empty``, ``busy``, ``unwritable``.

    Examples:
        >>> from torchsim import ModelSpec, SweepGrid, sweep, train
        >>> one = train(ModelSpec.of(2, 1, "1/3"), restarts=4)
        >>> both = merge([sweep(SweepGrid.of(2, 1, ["0", "1/2"], restarts=4)), one])
        >>> [round(loss, 4) for loss in both.columns()["loss"]]
        [0.0833, 0.0763, 0.1066]
    """
    return merged(sources_of(runs), None if keep is None else at_home(keep))


def merged(
    sources: Sequence[Source], folder: Path | None = None, preset: str | None = None
) -> SweepRun:
    """The same, as a run of a ``preset`` in its folder. Errors: those of ``merge``."""
    spec = merged_spec(sources)
    kept = None if folder is None else load_finished(folder, spec)
    if kept is not None:
        return kept
    is_new = folder is not None and not holds_run(folder)
    with ShardStore(spec, folder, preset) as store:
        try:
            store.start(any_version=True)
            _copy(sources, store)
        except BaseException as error:  # Ctrl-C, too
            if is_new and not (isinstance(error, InputError) and error.code in _OTHERS):
                _take_away(store)
            raise
    return store.run() if folder is None else load_sweep(folder, spec)


@dataclass(frozen=True, slots=True)
class Source:
    """A run to be merged: what it is called, its parts, and the file of each of its shards."""

    called: str
    parts: tuple[SweepPart, ...]
    sealed: Callable[[ShardPlace], bytes]


def sources_of(runs: object, names: Sequence[str] | None = None) -> list[Source]:
    """What is to be merged, read as far as need be; what is refused is called by its name.

    Errors: those of ``merge``.
    """
    no_list = (str, bytes, SweepRun, Set, Mapping)
    if not isinstance(runs, Iterable) or isinstance(runs, no_list) or hasattr(runs, "tolist"):
        message = f"torchsim.merge takes a list of runs and folders, not {brief(runs)}."
        raise InputError("sweep", message)
    found = [
        _source(each, f"run {k}" if names is None else f"the run {names[k - 1]}", names is None)
        for k, each in enumerate(runs, start=1)
    ]
    if not found:
        raise InputError("sweep", "At least one run is merged; none is given.")
    return found


def merged_spec(sources: Sequence[Source]) -> SweepSpec:
    """The sweep of all parts. Errors: ``sweep`` where two of them are the same."""
    first: dict[SweepPart, str] = {}
    for source in sources:
        for part in source.parts:
            if part in first:
                raise InputError("sweep", _twice(first[part], source.called))
            first[part] = source.called
    return SweepSpec(tuple(first))


def _source(given: object, called: str, by_folder: bool) -> Source:
    found, by = given, None
    if isinstance(given, (str, PathLike)):
        folder = at_home(given)
        called = f"the run in {folder}" if by_folder else called
        found = load(folder)
        if isinstance(found, TrainingRun):
            by = versions_of(folder)
    if isinstance(found, SweepRun):
        return Source(called, found.spec.parts, found.shards.sealed)
    if isinstance(found, TrainingRun):
        run = found
        run.refuse_unkept()
        left, failed = without_lost(run), failures_of_cells(run)
        return Source(
            called, (run.spec,), lambda _: shard_bytes(run.spec, left, failed, run.wall_seconds, by)
        )
    if isinstance(found, OneTrainerRun):
        what = f"{called[0].upper()}{called[1:]} has {found.called}"
        message = f"{what}, and a sweep has toy models alone: leave it out."
        raise InputError("sweep", message)
    message = f"torchsim.merge takes sweeps, runs of toy models and folders, not {brief(given)}."
    raise InputError("sweep", message)


def _twice(one: str, other: str) -> str:
    if one == other:
        return f"{one[0].upper()}{one[1:]} is given twice: give each once."
    return (
        f"{one[0].upper()}{one[1:]} and {other} have the same cells, trained in the same way: "
        "leave one of them out."
    )


def _copy(sources: Sequence[Source], store: ShardStore) -> None:
    """Have a store keep all shards, each under the number of its part there, and its record."""
    there = store.kept()
    for place, source, own in _places(sources):
        if place not in there:
            store.put(place, source.sealed(own))
        if store.trouble is not None:
            break
    else:
        store.finish()
    if store.trouble is not None:
        raise store.trouble


def _places(sources: Sequence[Source]) -> Iterator[tuple[ShardPlace, Source, ShardPlace]]:
    """Where each shard goes, and where it is from."""
    before = 0
    for source in sources:
        for own in SweepSpec(source.parts).shards():
            yield ShardPlace(before + own.part, own.cells), source, own
        before += len(source.parts)


def _take_away(store: ShardStore) -> None:
    """Delete what was begun; what cannot be is a sweep that is not finished."""
    if store.folder is not None:
        with suppress(InputError, OSError):
            delete(store.folder)
