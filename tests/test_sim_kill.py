"""kill -9 in the middle of a run: every file is whole, and the run goes on as if nothing was."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from handcalc.storage.files import PART
from tests.sim_killed import SPECS
from tests.sim_runs import differences, files_of
from torchsim import storage
from torchsim.run import TrainingRun
from torchsim.training import train
from torchsim.training.checkpoint import State

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="this platform has no signal 9"
)
ROOT = Path(__file__).resolve().parent.parent
KINDS = ["sampled", "exact"]


@cache
def unbroken(kind: str) -> TrainingRun:
    """The run that nobody kills."""
    return train(SPECS[kind])


@dataclass(frozen=True, slots=True)
class Killed:
    """What a killed process had told."""

    lines: list[str]
    every: int

    @property
    def kept(self) -> tuple[int, int] | None:
        """Group and step of the last state that it kept."""
        kept = [line for line in self.lines if line.startswith("kept")]
        return (int(kept[-1].split()[1]), int(kept[-1].split()[2])) if kept else None

    @property
    def lost(self) -> int:
        """How many boundaries it had come past since."""
        since = 0
        for line in self.lines:
            since = 0 if line.startswith("kept") else since + (line == "asked")
        return since


def killed(folder: Path, kind: str, *, every: int, after: int = 0, strike: int = 0) -> Killed:
    """Train in another process until it tells its line number ``after``, or strikes itself."""
    command = [sys.executable, "-m", "tests.sim_killed", str(folder), kind, str(every)]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([*command, str(strike)], text=True, cwd=ROOT, **pipes) as process:
        assert process.stdout is not None
        lines: list[str] = []
        while not strike and len(lines) < after and "trained" not in lines:
            lines.append(process.stdout.readline().strip())
        if not strike:
            process.kill()
        lines += [line.strip() for line in process.stdout]
    assert process.returncode == -signal.SIGKILL, lines
    return Killed(lines, every)


def check(folder: Path, kind: str, told: Killed) -> State | None:
    """All that was left behind is whole, and at most one interval of work is lost."""
    assert told.lost <= told.every
    whole = {name for name in files_of(folder) if not name.endswith(PART)}
    assert whole <= {"spec.json", "checkpoint.safetensors", "weights.safetensors"}
    if "spec.json" in whole:
        assert storage.load_spec(folder) == SPECS[kind]
    with storage.FolderCheckpointer(folder, SPECS[kind]) as keeping:
        state = keeping.load()  # a checkpoint that is not whole would be an error
    if told.kept is not None:
        assert state is not None
        assert (state.group, state.step) >= told.kept
    return state


class Counting(storage.FolderCheckpointer):
    """Counts the boundaries of training that it is asked at."""

    asked = 0

    def due(self) -> bool:
        self.asked += 1
        return super().due()


def resumed(folder: Path, kind: str) -> tuple[TrainingRun, int]:
    """The run, gone on with to its end in this process and read back; boundaries on the way."""
    with Counting(folder, SPECS[kind]) as keeping:
        storage.save(train(SPECS[kind], keeping=keeping), folder)
    assert set(files_of(folder)) == {"spec.json", "record.json", "weights.safetensors"}
    return storage.load(folder), keeping.asked


def boundaries(tmp_path: Path, kind: str) -> int:
    """How many boundaries the unbroken run has; keeping changes nothing in it."""
    run, asked = resumed(tmp_path / "unbroken", kind)
    assert differences(run, unbroken(kind)) == []
    return asked


@pytest.mark.parametrize(
    ("kind", "every", "after"),
    [pytest.param("sampled", 7, 40, marks=pytest.mark.slow), ("exact", 1, 4)],
    ids=KINDS,
)
def test_a_run_that_is_killed_and_killed_again(
    tmp_path: Path, kind: str, every: int, after: int
) -> None:
    """Killed from outside, then in the middle of its first checkpoint, at no chosen moment."""
    whole, folder = boundaries(tmp_path, kind), tmp_path / "run"
    first = check(folder, kind, killed(folder, kind, every=every, after=after))
    assert first is not None
    half = check(folder, kind, killed(folder, kind, every=every, strike=1))
    assert half is not None
    assert (half.group, half.step) >= (first.group, first.step)
    assert any(name.endswith(PART) for name in files_of(folder))  # it was cut off while writing
    run, asked = resumed(folder, kind)
    assert differences(run, unbroken(kind)) == []
    assert asked < whole  # it did not begin anew


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strike", range(1, 13))
def test_killed_at_every_step_of_writing(tmp_path: Path, kind: str, strike: int) -> None:
    """From spec.json, three steps a file, over the first checkpoints."""
    folder = tmp_path / "run"
    check(folder, kind, killed(folder, kind, every=1, strike=strike))
    assert differences(resumed(folder, kind)[0], unbroken(kind)) == []


@pytest.mark.slow
@pytest.mark.parametrize("strike", range(4, 10))
def test_killed_while_the_finished_run_is_written(tmp_path: Path, strike: int) -> None:
    """Without checkpoints: the steps after the three of spec.json are of weights and record."""
    folder = tmp_path / "run"
    told = killed(folder, "exact", every=1 << 30, strike=strike)
    assert told.kept is None
    if storage.is_finished(folder):
        run = storage.load(folder)
    else:
        check(folder, "exact", told)
        run, _ = resumed(folder, "exact")
    assert differences(run, unbroken("exact")) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("kind", "most", "every"), [("sampled", 120, 5), ("exact", 3, 1)])
def test_killed_at_moments_of_chance(
    tmp_path: Path, kind: str, most: int, every: int, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - when to strike is no secret
    folder, last = tmp_path / "run", (0, 0)
    for _ in range(3):
        after = chance.randrange(most)
        state = check(folder, kind, killed(folder, kind, every=every, after=after))
        here = (0, 0) if state is None else (state.group, state.step)
        assert here >= last
        last = here
    assert differences(resumed(folder, kind)[0], unbroken(kind)) == []
