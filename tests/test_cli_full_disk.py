"""A disk that fills up takes nothing away that was worked out: every write in turn fails."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

import torchsim.sweeping
import torchsim.training
from tests.cli_runs import MODULE, Run, Shell, surroundings
from tests.full_disk import filling_up
from torchsim.run import TrainingRun

TRAIN = ("train", "by-hand", "--small", "--restarts=1", "--device=cpu")
SWEEP = ("sweep", "--features=2", "--hidden=1", "--sparsity=1/2", "--restarts=1", "--device=cpu")
BOTH = pytest.mark.parametrize("command", [TRAIN, SWEEP], ids=["train", "sweep"])
SHOWN = re.compile("agreed +held +shape")  # the heads of either table
FULL = "No space left on device"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the files of a process have no names")


def words(text: str) -> str:
    """A text as one line."""
    return " ".join(text.split())


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many models each training had: one entry a training."""
    calls: list[int] = []
    train = torchsim.training.train

    def counted(spec: object, **hooks: object) -> TrainingRun:
        run: TrainingRun = train(spec, **hooks)  # type: ignore[arg-type] # handed on as they came
        calls.append(len(run.trained))
        return run

    monkeypatch.setattr(torchsim.training, "train", counted)
    monkeypatch.setattr(torchsim.sweeping, "train", counted)
    return calls


def every_write_failing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, go: Callable[[Path], Run], stays_full: bool
) -> Iterator[tuple[Run, Path, bool]]:
    """What a command does, in a state folder of its own, where its first, second, … write fails.

    The last one finds room enough for all; it is told by the flag.
    """
    for k in range(1, 60):
        state = tmp_path / f"{k}"
        state.mkdir()
        monkeypatch.setenv("HANDCALC_STATE_DIR", str(state))
        with filling_up(monkeypatch, state, k, stays_full=stays_full) as disk:
            done = go(state)
        yield done, state, disk.writes < k
        if disk.writes < k:
            return
    pytest.fail("there is no end of writes")


@LINUX
@BOTH
@pytest.mark.parametrize("stays_full", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_run_is_shown_and_trained_once(
    shell: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trainings: list[int],
    command: tuple[str, ...],
    stays_full: bool,
) -> None:
    def go(_: Path) -> Run:
        return shell(*command)

    for done, _, _ in every_write_failing(monkeypatch, tmp_path, go, stays_full):
        assert (done.code, bool(SHOWN.search(done.out))) == (0, True), done.err
        not_kept = re.search(r"(The|all of the) run is (not )?kept\.", words(done.err))
        assert ("The run is in" in done.out) != bool(not_kept)
        assert ("The run is in" in done.out) or FULL in words(done.err)
        assert len(trainings) == 1
        trainings.clear()


@pytest.mark.slow
@LINUX
@BOTH
def test_a_run_for_a_folder_of_ones_own_is_shown_and_kept_elsewhere(
    shell: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trainings: list[int],
    command: tuple[str, ...],
) -> None:
    """Refused before the work where its folder cannot be begun; else shown, and exit code 2."""
    home = tmp_path / "home"
    monkeypatch.setenv("HANDCALC_STATE_DIR", str(home))
    ends = set()
    for k in range(1, 60):
        folder = tmp_path / f"{k}" / "run"
        with filling_up(monkeypatch, folder.parent, k) as disk:
            done = shell(*command, f"--out={folder}", "--json")
        data, is_whole = done.json(), disk.writes < k
        ends.add((done.code, len(trainings), "models" in data))
        if done.code:
            assert FULL in data["error"]["message"]
        if done.code and trainings:
            assert data["run"].startswith(str(home))
            assert f"It is kept in {data['run']} instead." in data["error"]["message"]
            assert shell("compare", data["run"], "--no-state").code == 0
        trainings.clear()
        if is_whole:
            break
    assert ends == {(2, 0, False), (2, 1, True), (0, 1, True)}


@pytest.mark.slow
@LINUX
@pytest.mark.parametrize("command", [("compare", "RUN"), ("figure", "RUN")])
def test_what_is_searched_for_is_shown(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Sequence[str]
) -> None:
    run = tmp_path / "run"
    assert shell(*TRAIN, f"--out={run}", "--no-state").code == 0
    named = [str(run) if word == "RUN" else word for word in command]

    def go(state: Path) -> Run:
        monkeypatch.chdir(state)
        return shell(*named)

    for done, state, is_whole in every_write_failing(monkeypatch, tmp_path, go, stays_full=True):
        assert done.code in ((0,) if is_whole or command[0] == "compare" else (0, 2)), done.err
        assert FULL in words(done.err) or list(state.glob("best-known/relu-*.json"))
        if command[0] == "compare":
            assert "Trained, and by hand" in done.out
        elif done.code:
            assert not list(state.glob("*.png*"))  # nor a part of one
        else:
            assert list(state.glob("*.png"))


@pytest.mark.parametrize("page", [("antipodal",), ("best", "--sparsity=1/2")])
def test_a_page_is_shown(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: Sequence[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, FULL)

    file = tmp_path / "arrows.svg"
    monkeypatch.setattr("handcalc.cli.work.outputs.write", full)
    done = shell("show", *page, f"--svg={file}")
    assert done.code == 2
    assert done.out == shell("show", *page).out
    assert FULL in words(done.err)
    assert not file.exists()


@pytest.mark.slow
@LINUX
def test_a_survey_is_shown(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    csv = tmp_path / "points.csv"
    asked = ("phases", "--features=2", "--hidden=1", "--points=3", "--restarts=4", "--jobs=1")
    csv.write_text("what was there before")
    with filling_up(monkeypatch, tmp_path, 4) as disk:
        done = shell(*asked, f"--csv={csv}", "--no-state")
    assert disk.writes >= 4
    assert done.code == 2
    assert "This run took" in done.out
    assert f"points.csv cannot be written: {FULL}." in words(done.err)
    assert csv.read_text() == "what was there before"
    assert [each.name for each in tmp_path.glob("*.part")] == []


@LINUX
def test_a_progress_that_cannot_be_kept_is_said(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def go(_: Path) -> Run:
        return shell("exercise", "1", "--W=1 0; 0 1; 0 -1")

    for done, state, is_whole in every_write_failing(monkeypatch, tmp_path, go, stays_full=True):
        assert done.code in (0, 1)
        assert done.out
        is_kept = (state / "progress.json").exists()
        assert is_kept != (FULL in words(done.err))  # the folder's own fsync, after it, is no loss
        assert is_kept or not is_whole


def limited(*arguments: str, state: Path, most: int) -> subprocess.CompletedProcess[str]:
    """A real process none of whose files may grow beyond so many bytes: writes are cut short."""
    start = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))"
    code = f"{start}; import sys; from handcalc.cli import main; sys.argv[0] = 'handcalc'; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=surroundings(HANDCALC_STATE_DIR=str(state)),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.slow
@LINUX
def test_a_real_process_shows_what_it_cannot_keep(tmp_path: Path) -> None:
    asked = ("train", "by-hand", "--small", "--restarts=2", "--device=cpu")
    done = limited(*asked, state=tmp_path, most=4000)
    assert (done.returncode, "Here it" in done.stdout) == (0, True), done.stderr
    assert "The run is not kept." in done.stderr
    assert "File too large" in words(done.stderr)


@pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0, reason="a small disk is mounted by root alone"
)
@BOTH
def test_a_disk_that_is_really_full(tmp_path: Path, command: tuple[str, ...]) -> None:
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None:
        pytest.skip("there is no mount here")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(disk)],
        capture_output=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        env = surroundings(HANDCALC_STATE_DIR=str(tmp_path / "state"))
        done = subprocess.run(
            [*MODULE, *command, f"--out={disk / 'run'}"],
            env=env, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
    finally:
        subprocess.run([umount, str(disk)], check=False)
    assert (done.returncode, bool(SHOWN.search(done.stdout))) == (2, True), done.stderr
    said = words(done.stderr)
    assert FULL in said
    assert "It is kept in" in said
