"""One process writes at a time, on disks that have locks and on those that have none."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from exercises.progress import ExerciseRecord, ProgressStore
from handcalc.errors import InputError
from handcalc.storage import BusyError, locked, take_lock
from handcalc.storage import store as phases
from tests.cli_runs import ROOT, Shell
from tests.practice_runs import records
from torchsim.storage import folders

NO_LOCKS = sorted({errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK})


@pytest.fixture(params=[None, *NO_LOCKS], ids=lambda code: errno.errorcode.get(code, "locks"))
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int | None:
    """What ``flock`` fails with on this disk, or None where it works."""
    code: int | None = request.param
    if code is not None:
        break_flock(monkeypatch, code)
    return code


def break_flock(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    fcntl = pytest.importorskip("fcntl", reason="Windows locks in another way")

    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)


def test_one_holds_it_at_a_time(disk: int | None, tmp_path: Path) -> None:
    file = tmp_path / "some.lock"
    with locked(file):
        with pytest.raises(BusyError, match=r"Another process holds .*some\.") as busy:
            take_lock(file)
        assert busy.value.file == (file if disk is None else tmp_path / "some.held")
        assert busy.value.file.exists()
    take_lock(file).release()


@pytest.mark.usefixtures("disk")
def test_a_process_may_take_it_again(tmp_path: Path) -> None:
    file = tmp_path / "some.lock"
    busy = pytest.raises(BusyError, match="Another process holds")
    with locked(file, again=True), locked(file, again=True), busy:
        take_lock(file)  # who does not ask for it again does not get it
    take_lock(file).release()


def test_another_fault_of_the_disk_is_no_reason_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_flock(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        take_lock(tmp_path / "some.lock")


@pytest.mark.usefixtures("disk")
def test_what_a_killed_process_held_is_free(tmp_path: Path) -> None:
    """The marker of a process that is gone is not waited for."""
    pytest.importorskip("fcntl", reason="Windows locks in another way")
    file = tmp_path / "some.lock"
    code = (
        "import errno, fcntl, os, sys, pathlib; from handcalc.storage import take_lock\n"
        "def refuse(*_): raise OSError(errno.ENOSYS, 'no locks')\n"
        "fcntl.flock = refuse\n"
        "held = take_lock(pathlib.Path(sys.argv[1])); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(file)], cwd=ROOT, check=True, timeout=60)
    assert (tmp_path / "some.held").exists()
    take_lock(file).release()


@pytest.mark.usefixtures("disk")
def test_progress_is_kept_and_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    done = Shell(capsys)("exercise", "1", "--W=1 0; 0 1; 0 0", "--b=0 0 1/4")
    assert (done.code, done.err) == (0, "")
    assert records()["perfect-reconstruction"]["solved"] is True


def test_a_marker_in_the_way_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    break_flock(monkeypatch, errno.ENOSYS)
    monkeypatch.setattr("exercises.progress._PATIENCE", 0.1)
    ProgressStore(tmp_path).attempt("one", "wrong")
    (tmp_path / "progress.held").write_text("1\nanother-machine\n", encoding="utf-8")
    found = ProgressStore(tmp_path).attempt("one", "solved")
    assert "delete progress.held there" in found.warnings[0]
    assert found.records == {"one": ExerciseRecord(attempts=1)}


@pytest.mark.usefixtures("disk")
def test_two_runs_never_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "phases.jsonl"
    with (
        phases.LineStore(path),
        pytest.raises(InputError, match="Another run is at work"),
        phases.LineStore(path),
    ):
        pass
    with phases.LineStore(path) as store:
        store.put({"row": 1}, {"loss": 0.5})


@pytest.mark.usefixtures("disk")
def test_a_folder_that_is_locked_may_be_begun(tmp_path: Path) -> None:
    from torchsim.specification import ModelSpec, TrainingSpec

    spec = TrainingSpec((ModelSpec.of(2, 1, "1/2"),))
    with folders.locked(tmp_path):
        folders.start(tmp_path, spec)
    assert folders.load_spec(tmp_path) == spec
    assert {file.name for file in tmp_path.iterdir()} == {"run.lock", "spec.json"}
