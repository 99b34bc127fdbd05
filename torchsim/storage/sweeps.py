"""A sweep on the disk: a sealed file for each shard as soon as it is there, a record at the end.

Without a folder, and where a disk is full, shards are held in memory in the same form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from handcalc.errors import InputError
from torchsim.run import TrainingRun
from torchsim.specification import TrainingSpec
from torchsim.storage.checkpoints import refuse_other_versions, versions
from torchsim.storage.documents import (
    Document,
    make_folder,
    read,
    read_document,
    rename,
    unlink,
    write,
    write_document,
)
from torchsim.storage.folders import RECORD, SHARDS, is_finished, load_spec, locked, preset_of
from torchsim.storage.held_folders import FolderHolder
from torchsim.storage.sealed import Header, TensorFile, refuse_damaged, seal, unseal
from torchsim.storage.specifications import spec_digest
from torchsim.storage.tensors import run_of, run_tensors
from torchsim.sweeps.run import NOT_TRAINED, Shard, SweepRun
from torchsim.sweeps.specification import ShardPlace, SweepSpec

_ANEW = "To begin anew, sweep with --fresh or in another folder."


class ShardHeader(Header, frozen=True, kw_only=True):
    """Of which specification a shard is, by its digest, how it was trained, and what failed.

    ``failed`` has the places, from 0, of cells that came to nothing, with the reason.
    """

    spec: str
    wall_seconds: float
    device: str
    versions: dict[str, str]
    failed: dict[str, str]


class SweepRecord(Document, frozen=True, kw_only=True):
    """``record.json`` of a sweep: that every shard is there, and what it came to."""

    preset: str | None
    finished: str
    cells: int
    failed: dict[str, str]
    wall_seconds: float
    devices: tuple[str, ...]
    versions: dict[str, str]


def shard_bytes(
    spec: TrainingSpec,
    run: TrainingRun | None,
    failed: Mapping[int, str],
    wall_seconds: float,
    by: dict[str, str] | None = None,
) -> bytes:
    """A shard as its file: the tensors of the cells that did not fail, and why others did.

    ``by`` are the versions that it was trained with, those of now if left out.
    """
    header = {
        "spec": spec_digest(spec),
        "wall_seconds": wall_seconds,
        "device": "" if run is None else run.device,
        "versions": versions() if by is None else by,
        "failed": {str(i): why for i, why in failed.items()},
    }
    return seal({} if run is None else run_tensors(run), header)


class ShardStore(FolderHolder):
    """Keeps the shards of a sweep, in a folder or in memory.

    ``start`` begins the folder, or checks that it is of the same sweep, and locks it until
    ``close`` or the end of a ``with`` block. A disk that fills up stops nothing: ``trouble`` then
    says what could not be kept, and those shards are in memory. Nor does a shard that is damaged:
    its file is renamed, as ``set_aside`` says, and it is trained again.
    """

    def __init__(
        self, spec: SweepSpec, folder: Path | None = None, preset: str | None = None
    ) -> None:
        self.spec, self.folder, self.preset = spec, folder, preset
        self.trouble: InputError | None = None
        self.set_aside: list[str] = []
        self.failed: dict[int, str] = {}
        self.wall_seconds = 0.0
        self._devices: dict[str, None] = {}
        self._held: dict[ShardPlace, bytes] = {}
        self._lost: dict[ShardPlace, str] = {}
        self.again: set[ShardPlace] = set()

    def start(self, *, any_version: bool = False) -> None:
        """Begin the folder, or take up what it has; with ``any_version`` whoever wrote it.

        Errors: those of ``torchsim.storage.start``; ``other_version`` where shards of now would
        not be like those that are there; ``schema`` and ``run_file`` of a shard.
        """
        if self.folder is None or not self.hold(self.folder, self.spec, self.preset):
            return
        make_folder(self.folder / SHARDS)
        for place in sorted(self.kept(), key=self.spec.first_cell):
            found = self._header(place)
            if isinstance(found, str):
                self._rename(place)
                continue
            if not any_version:
                refuse_other_versions(self._source(place)[0], found.versions, _ANEW)
            self._count(place, found)

    def look(self) -> None:
        """Take up what the folder has, which another process may be at work on, to read it.

        What is not there yet, or damaged, counts as failed: ``NOT_TRAINED``, or what is wrong with
        it. Errors: ``schema`` and ``run_file`` of a shard.
        """
        there = self.kept()
        for place in self.spec.shards():
            found = self._header(place) if place in there else NOT_TRAINED
            if isinstance(found, str):
                self.lose(place, found)
            else:
                self._count(place, found)

    def is_whole(self) -> bool:
        """Whether every shard is there as it was written. Errors: those of ``look``."""
        places = frozenset(self.spec.shards())
        return self.kept() == places and not any(isinstance(self._header(p), str) for p in places)

    def kept(self) -> frozenset[ShardPlace]:
        """The shards that are there."""
        there = set(self._held)
        if self.folder is not None:
            names = {each.name for each in (self.folder / SHARDS).glob("*.safetensors")}
            there |= {place for place in self.spec.shards() if _name(place) in names}
        return frozenset(there)

    def put(self, place: ShardPlace, raw: bytes, *, again: bool = False) -> None:
        """Keep a shard; one that is to be trained ``again`` the next time is in no file."""
        if again:
            self.again.add(place)
        file = self._file(place)
        if file is None or again:
            self._held[place] = raw
        else:
            try:
                write(file, raw)
            except InputError as error:
                self.trouble = error
                self._held[place] = raw
        self._count(place, unseal(Path(_name(place)), ShardHeader, raw).data)

    def lose(self, place: ShardPlace, why: str) -> None:
        """Give a shard up, for now: all its cells failed, and it is not kept."""
        self._lost[place] = why
        first = self.spec.first_cell(place)
        self.failed |= dict.fromkeys(range(first, first + len(place.cells)), why)

    def get(self, place: ShardPlace) -> Shard:
        """A shard. Errors: ``damaged``, ``no_file``, ``schema``, ``run_file``."""
        spec = self.spec.training(place)
        if place in self._lost:
            return Shard(spec, None, dict.fromkeys(range(len(spec.models)), self._lost[place]))
        file, raw = self._source(place)
        found = _opened(file, raw, spec)
        failed = {int(i): why for i, why in found.data.failed.items()}
        left = tuple(model for i, model in enumerate(spec.models) if i not in failed)
        if not left:
            return Shard(spec, None, failed)
        run = run_of(
            file,
            replace(spec, models=left),
            found.tensors,
            found.data.wall_seconds,
            found.data.device,
        )
        return Shard(spec, cast("TrainingRun", run), failed)

    def sealed(self, place: ShardPlace) -> bytes:
        """The file of a shard, whole. Errors: those of ``get``; ``unfinished``."""
        if place in self._lost or place in self.again:
            first = self.spec.first_cell(place)
            last = first + len(place.cells) - 1
            why = next(self.failed[k] for k in range(first, last + 1) if k in self.failed)
            raise InputError(
                "unfinished",
                f"Cells {first} to {last} of the sweep did not come to their end: {why}"
                f"{'' if why.endswith('.') else '.'} Sweep them again.",
            )
        file, raw = self._source(place)
        _opened(file, raw, self.spec.training(place))
        return raw

    def run(self) -> SweepRun:
        """All of it."""
        failed = dict(sorted(self.failed.items()))
        return SweepRun(self.spec, self, failed, self.wall_seconds, tuple(self._devices))

    def finish(self) -> None:
        """Write the record, if every shard is on the disk; ``trouble`` says why it cannot be."""
        if self.folder is None or self._held or self.kept() != frozenset(self.spec.shards()):
            return
        record = SweepRecord(
            preset=preset_of(self.folder),
            finished=datetime.now(UTC).isoformat(),
            cells=len(self.spec),
            failed={str(cell): why for cell, why in sorted(self.failed.items())},
            wall_seconds=self.wall_seconds,
            devices=tuple(self._devices),
            versions=versions(),
        )
        try:
            write_document(self.folder / RECORD, record)
        except InputError as error:
            self.trouble = error

    def _count(self, place: ShardPlace, header: ShardHeader) -> None:
        first = self.spec.first_cell(place)
        self.failed |= {first + int(i): why for i, why in header.failed.items()}
        self.wall_seconds += header.wall_seconds
        if header.device:
            self._devices[header.device] = None

    def _rename(self, place: ShardPlace) -> None:
        """Set the file of a damaged shard aside."""
        file, _ = self._source(place)
        aside = file.with_name(f"{file.name}.damaged")
        rename(file, aside)
        what = f"{file} was damaged: it is now {aside.name}, and its cells are trained again."
        self.set_aside.append(what)

    def _header(self, place: ShardPlace) -> ShardHeader | str:
        """What a shard's file says of it; what is wrong with the file, where it is damaged."""
        file, raw = self._source(place)
        try:
            return _opened(file, raw, self.spec.training(place)).data
        except InputError as error:
            if error.code != "damaged":
                raise
            return error.message

    def _source(self, place: ShardPlace) -> tuple[Path, bytes]:
        """Where a shard is from, and its bytes."""
        if place in self._held:
            return Path(_name(place)), self._held[place]
        file = self._file(place)
        if file is None:
            raise InputError("no_file", f"The shard {_name(place)} is not there.")
        return file, read(file)

    def _file(self, place: ShardPlace) -> Path | None:
        return None if self.folder is None else self.folder / SHARDS / _name(place)


def load_sweep(folder: Path, spec: SweepSpec) -> SweepRun:
    """The finished sweep in a folder; its shards are read as they are asked for.

    Errors: those of a record that is not whole; later those of its shards.
    """
    record = read_document(folder / RECORD, SweepRecord)
    failed = {int(cell): why for cell, why in record.failed.items()}
    store = ShardStore(spec, folder)
    return SweepRun(spec, store, failed, record.wall_seconds, record.devices)


def load_finished(folder: Path, spec: SweepSpec) -> SweepRun | None:
    """The sweep in a folder, if it is this one, finished and whole.

    One that was finished, and of which a shard is damaged or gone, is so no longer: its record is
    deleted, so that it can be gone on with. Errors: those of ``load_spec``, ``busy``.
    """
    if not (is_finished(folder) and load_spec(folder) == spec):
        return None
    if ShardStore(spec, folder).is_whole():
        return load_sweep(folder, spec)
    with locked(folder):
        unlink(folder / RECORD)
    return None


def load_part(folder: Path, spec: SweepSpec) -> SweepRun:
    """What there is of the sweep in a folder; the other cells count as failed, ``NOT_TRAINED``.

    Errors: those of its shards.
    """
    store = ShardStore(spec, folder)
    store.look()
    return store.run()


def _opened(file: Path, raw: bytes, spec: TrainingSpec) -> TensorFile[ShardHeader]:
    """A shard's file, which is to be that of a specification."""
    found = unseal(file, ShardHeader, raw)
    if found.data.spec != spec_digest(spec):
        refuse_damaged(file, "it is a shard of another sweep")
    return found


def _name(place: ShardPlace) -> str:
    """A shard's file: the number of its part, and of its first cell there, both from 1."""
    return f"{place.part + 1}-{place.cells.start + 1}.safetensors"
