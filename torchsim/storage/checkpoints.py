"""Checkpoints in a run's folder: the last state of the run, in one file that is whole or absent."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import torch

import handcalc
from handcalc.errors import InputError
from handcalc.wording import brief
from torchsim.kinds import AnySpec
from torchsim.storage.documents import write
from torchsim.storage.folders import CHECKPOINT
from torchsim.storage.held_folders import FolderHolder
from torchsim.storage.sealed import Header, seal, unseal
from torchsim.storage.specifications import spec_digest
from torchsim.training.checkpoint import State


def versions() -> dict[str, str]:
    """The versions that a run's numbers depend on.

    >>> sorted(versions())
    ['handcalc', 'torch']
    """
    return {"handcalc": handcalc.__version__, "torch": str(torch.__version__)}


def refuse_other_versions(file: Path, then: dict[str, str], anew: str) -> None:
    """Refuse to go on from what other versions wrote; ``anew`` says how to begin anew.

    Errors: ``other_version``.
    """
    now = versions()
    if then != now:
        raise InputError(
            "other_version",
            f"{file} was written by {_told(then)}; under {_told(now)} the run would not go on as "
            f"it began. Go on with those versions. {anew}",
        )


class CheckpointHeader(Header, frozen=True, kw_only=True):
    """Whose state it is, by the digest of its specification, and where training stands."""

    spec: str
    versions: dict[str, str]
    group: int
    step: int
    numbers: dict[str, Any]


class FolderCheckpointer(FolderHolder):
    """Keeps the state of one run in a folder, no oftener than ``every`` so many seconds.

    A ``Checkpointer``: ``load`` begins the folder, or checks that it is of the same specification,
    and gives the state to go on from, or None. From then on the folder is locked, until ``close``,
    the end of a ``with`` block, or that of the process. ``every`` is at least 0, which means
    always. A disk that fills up later stops nothing: ``trouble`` then says what could not be kept.
    ``done`` is how many steps or descents of the run are on the disk.

    >>> from tempfile import TemporaryDirectory
    >>> from torchsim.specification import ModelSpec, TrainingSpec
    >>> spec = TrainingSpec((ModelSpec.of(2, 1, "1/2"),))
    >>> with TemporaryDirectory() as root, FolderCheckpointer(Path(root), spec, every=0) as keeping:
    ...     fresh = keeping.load()
    ...     keeping.save(State(0, 7, {"b": torch.ones(2)}, {"rate": 0.5}))
    ...     kept = keeping.load()
    >>> fresh, kept.step, kept.numbers
    (None, 7, {'rate': 0.5})
    """

    def __init__(
        self,
        folder: str | Path,
        spec: AnySpec,
        every: float = 30.0,
        preset: str | None = None,
    ) -> None:
        if not every >= 0:
            message = f"A checkpoint is kept every so many seconds, from 0, not {brief(every)}."
            raise InputError("every", message, suggestion="30")
        self.folder = Path(folder)
        self.spec = spec
        self.every = every
        self.preset = preset
        self.trouble: InputError | None = None
        self.done = 0
        self._digest = spec_digest(spec)
        self._last = time.monotonic()

    def start(self) -> None:
        """Begin the folder, or check that it is of this run, and lock it, once.

        Errors: those of ``torchsim.storage.start``.
        """
        self.hold(self.folder, self.spec, self.preset)

    @property
    def holds_state(self) -> bool:
        """Whether there is a state to go on from."""
        return (self.folder / CHECKPOINT).exists()

    def load(self) -> State | None:
        """The state to go on from, or None to begin.

        Errors: those of ``start``; ``damaged``, ``schema`` for a checkpoint that is not whole or
        not of this run, ``other_version`` where going on would not give what the unbroken run
        gives.
        """
        self.start()
        self._last = time.monotonic()
        file = self.folder / CHECKPOINT
        if not file.exists():
            return None
        found = unseal(file, CheckpointHeader)
        anew = "To begin anew, delete it or train in another folder."
        if found.data.spec != self._digest:
            raise InputError("damaged", f"{file} was written by another run. {anew}")
        refuse_other_versions(file, found.data.versions, anew)
        state = State(found.data.group, found.data.step, found.tensors, found.data.numbers)
        self.done = self.spec.length_before(state.group) + state.step
        return state

    def save(self, state: State) -> None:
        """Keep this state instead of the one before; it is on the disk when this returns.

        Where it cannot be written the one before still stands, and there is ``trouble`` until a
        later one can be. Errors: those of ``start``.
        """
        self.start()
        data = {"spec": self._digest, "versions": versions(), "group": state.group}
        rest = {"step": state.step, "numbers": state.numbers}
        self.trouble = None
        try:
            write(self.folder / CHECKPOINT, seal(state.tensors, {**data, **rest}))
        except InputError as error:
            self.trouble = error
        else:
            self.done = self.spec.length_before(state.group) + state.step
        self._last = time.monotonic()

    def due(self) -> bool:
        """Whether ``every`` so many seconds went by since the last state was kept or read."""
        return time.monotonic() - self._last >= self.every


def _told(versions: dict[str, str]) -> str:
    return " and ".join(f"{name} {version}" for name, version in versions.items())
