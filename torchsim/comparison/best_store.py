"""The best models found so far, by problem: what was searched for once is not searched for again.

A file for each kind of problem (n, m and the sets of the distribution) holds every problem of that
kind by its importances and sparsities, exactly. What is read is not believed: W and b are taken,
and their loss is worked out anew. A loss in a file only ever gets lower.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from handcalc.numbers.exact import to_text
from handcalc.storage import BusyError, locked
from handcalc.storage.files import reason, write
from handcalc.superposition.best.minima import same_loss
from handcalc.superposition.best.objective import BatchObjective
from handcalc.superposition.loss.problem import Problem

_Floats: TypeAlias = NDArray[np.float64]
_Entries: TypeAlias = "dict[str, dict[str, Any]]"

SCHEMA = 1
"""The layout of a file."""

METHOD = 1
"""To be counted up with every change of the search that can find lower losses."""

_LOCK = "best.lock"
_PATIENCE = 10.0  # seconds for another process to finish writing
_TRUE = 1e-9  # so small a part of a loss may rounding make between machines, …
_NOTHING = 1e-15  # … and so small a loss
_DAMAGE = (
    AttributeError, LookupError, OverflowError, RecursionError, TypeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class KnownBest:
    """The model with the lowest loss known: ``W`` (n, m) and ``b`` (n,), and its exact loss.

    ``agreed`` of ``restarts`` descents of the search came as low; both are 0 where there was no
    search. ``proved`` says that nothing can be lower; what a search finds is not proved to be so.
    """

    loss: float
    W: _Floats
    b: _Floats
    restarts: int
    agreed: int
    proved: bool


class BestStore:
    """The best known by problem, in a folder; with no folder, in memory alone.

    Several processes may use one folder at once. Nothing is raised for a folder that cannot be read
    or written, nor for a damaged file: ``trouble`` then says so, and the search is done anew.

    >>> problem = Problem.of(2, 1, sparsity="1/2")
    >>> store = BestStore()
    >>> best = KnownBest(0.1, np.asarray([[1.0], [-1.0]]), np.zeros(2), 8, 8, proved=False)
    >>> store.improve({problem: best})
    >>> store.known([problem])[problem].loss, store.known([Problem.of(2, 1, sparsity=0)])
    (0.1, {})
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.trouble: list[str] = []
        self._memory: dict[Problem, KnownBest] = {}
        self._others: set[Path] = set()  # files of another schema

    def known(self, problems: Iterable[Problem]) -> dict[Problem, KnownBest]:
        """The best of those problems of which one is known by this version of the search."""
        problems = list(problems)
        left = [problem for problem in problems if problem not in self._memory]
        for alike in kinds_of(left):
            entries = self._entries(alike[0])
            now = [one for one in alike if entries.get(_key(one), {}).get("method", 0) >= METHOD]
            self._memory.update(self._true(now, entries))
        return {each: self._memory[each] for each in problems if each in self._memory}

    def improve(self, found: Mapping[Problem, KnownBest]) -> None:
        """Keep what was found, where nothing lower is kept."""
        for problem, best in found.items():
            before = self._memory.get(problem)
            if before is None or best.loss < before.loss:
                self._memory[problem] = best
        if self.folder is None:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / _LOCK, patience=_PATIENCE):
                for alike in kinds_of(found):
                    self._write(alike)
        except BusyError as busy:
            self._tell(
                f"Another process has been writing the best known models in {self.folder} for "
                f"long, so those found now are not kept. If there is none, delete {busy.file}."
            )
        except OSError as error:
            self._tell(
                f"The best known models cannot be kept in {self.folder}: {reason(error)}. They "
                "will be searched for again. To keep them elsewhere, set HANDCALC_STATE_DIR."
            )

    def files(self) -> list[Path]:
        """The files in the folder, one for each kind of problem."""
        return [] if self.folder is None else sorted(self.folder.glob("relu-*-to-*.json"))

    def clear(self) -> None:
        """Forget everything, in the folder and here. Errors: ``OSError``, ``BusyError``."""
        self._memory.clear()
        if self.folder is not None and self.folder.is_dir():
            with locked(self.folder / _LOCK, patience=_PATIENCE):
                for file in self.files():
                    file.unlink()

    def _write(self, alike: Sequence[Problem]) -> None:
        """Put what is lower into the file of one kind."""
        entries = self._entries(alike[0])
        before = self._true(alike, entries)
        for problem in alike:
            best, kept = self._memory[problem], before.get(problem)
            if kept is not None and not is_lower(best.loss, kept.loss):
                best = kept
            self._memory[problem] = best
            counts = {"restarts": best.restarts, "agreed": best.agreed}
            numbers = {"loss": best.loss, "W": best.W.tolist(), "b": best.b.tolist()}
            entries[_key(problem)] = {"method": METHOD, **numbers, **counts}
        first = alike[0]
        kind = {"features": first.features, "hidden": first.hidden, "sets": _sets(first)}
        content = {"schema": SCHEMA, **kind, "problems": entries}
        file = self._file(first)
        if file in self._others:
            file.replace(_aside(file))
            self._others.remove(file)
        write(file, json.dumps(content, allow_nan=False).encode())

    def _true(self, alike: Sequence[Problem], entries: _Entries) -> dict[Problem, KnownBest]:
        """The entries of these problems that lose what they say; others are damaged."""
        there = [problem for problem in alike if _key(problem) in entries]
        bests = [_best(entries[_key(problem)]) for problem in there]
        found = {}
        for problem, best, loss in zip(there, bests, losses_of(there, bests), strict=True):
            if abs(best.loss - loss) <= _TRUE * best.loss + _NOTHING:
                found[problem] = best
            else:
                self._tell_damaged(self._file(problem))
        return found

    def _entries(self, problem: Problem) -> _Entries:
        """All entries of the file of a problem's kind; none where it is damaged or not there."""
        if self.folder is None:
            return {}
        file = self._file(problem)
        try:
            content = json.loads(file.read_bytes())
            if content["schema"] != SCHEMA:
                self._others.add(file)
                self._tell(
                    f"{file} was laid out by another version. Its models are searched for anew; "
                    f"it is kept beside the new file, as {_aside(file).name}."
                )
                return {}
            entries: _Entries = content["problems"]
            shape = problem.features, problem.hidden
            for entry in entries.values():
                _check(entry, shape)
        except FileNotFoundError:
            return {}
        except OSError as error:
            self._tell(f"{file} cannot be read: {reason(error)}. Its models are searched for anew.")
            return {}
        except _DAMAGE:
            self._tell_damaged(file)
            return {}
        return entries

    def _file(self, problem: Problem) -> Path:
        """The file of a problem's kind; the search is for ReLU models alone."""
        digest = sha256(json.dumps(_sets(problem)).encode()).hexdigest()[:8]
        folder = Path() if self.folder is None else self.folder
        return folder / f"relu-{problem.features}-to-{problem.hidden}-{digest}.json"

    def _tell_damaged(self, file: Path) -> None:
        self._tell(f"{file} is damaged; what it should hold is searched for anew.")

    def _tell(self, sentence: str) -> None:
        if sentence not in self.trouble:
            self.trouble.append(sentence)


def _aside(file: Path) -> Path:
    """Where a file of another version is kept, once one of this version takes its place."""
    return file.with_name(f"{file.name}.other")


def kinds_of(problems: Iterable[Problem]) -> Iterator[list[Problem]]:
    """The problems in lists of one kind each: those may be searched, and worked out, together."""
    kinds: dict[object, list[Problem]] = {}
    for problem in problems:
        sets = tuple(block.supports for block in problem.blocks)
        kinds.setdefault((problem.features, problem.hidden, sets), []).append(problem)
    yield from kinds.values()


def losses_of(problems: Sequence[Problem], bests: Sequence[KnownBest]) -> list[float]:
    """The exact loss of a model for each problem, all of one kind.

    >>> pair = KnownBest(0.0, np.asarray([[1.0], [-1.0]]), np.zeros(2), 0, 0, proved=False)
    >>> round(losses_of([Problem.of(2, 1, sparsity=0)], [pair])[0], 10)
    0.3333333333
    """
    if not problems:
        return []
    objective, which = BatchObjective.of(problems, problems[0].hidden), np.arange(len(problems))
    W, b = np.stack([best.W for best in bests]), np.stack([best.b for best in bests])
    with np.errstate(all="ignore"):  # numbers of a damaged file may be too large for a loss
        losses, _ = objective.losses_and_gradients(objective.joined(W, b, which), which)
        exact: list[float] = (losses * objective.unit).tolist()
    return exact


def is_lower(loss: float, than: float) -> bool:
    """Whether a loss is lower by more than rounding and the last steps of a descent can do.

    >>> is_lower(0.1, 0.2), is_lower(0.1, 0.1 + 1e-12)
    (True, False)
    """
    return loss < than and not same_loss(loss, than, 0.0)


def _key(problem: Problem) -> str:
    """All that a problem of its kind depends on, exactly: equal problems have equal keys."""
    sparsities = [to_text(block.sparsity) for block in problem.blocks]
    importances = map(to_text, problem.importance)
    return f"importance {', '.join(importances)}; sparsity {', '.join(sparsities)}"


def _sets(problem: Problem) -> list[object]:
    """The sets of features, from 1, of each block, with how likely each is."""
    return [
        [[[i + 1 for i in support], to_text(q)] for support, q in block.supports]
        for block in problem.blocks
    ]


def _best(entry: Mapping[str, Any]) -> KnownBest:
    W, b = (np.asarray(entry[name], dtype=np.float64) for name in ("W", "b"))
    return KnownBest(entry["loss"], W, b, entry["restarts"], entry["agreed"], proved=False)


def _check(entry: Mapping[str, Any], shape: tuple[int, int]) -> None:
    """Refuse, with ValueError or TypeError, what is no entry."""
    best = _best(entry)
    counts = entry["method"], best.restarts, best.agreed
    numbers = np.concatenate([best.W.ravel(), best.b, [best.loss]])
    if best.W.shape != shape or best.b.shape != shape[:1] or not np.isfinite(numbers).all():
        raise ValueError("not of this shape")
    if not all(type(count) is int for count in counts):
        raise TypeError("counts are whole numbers")
