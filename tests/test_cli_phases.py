"""``phases --diagram``: what it answers, what it keeps between runs, and Ctrl-C in the middle."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from handcalc.cli.commands import calculations
from handcalc.cli.terminal import Terminal
from handcalc.cli.work import phases
from handcalc.storage.store import LineStore
from handcalc.superposition.phases import diagram_survey, phase_map
from tests.cli_runs import Run, Shell, interruptible

DIAGRAM = ["phases", "--diagram", "--features=2", "--hidden=1", "--restarts=4"]
SMALL = [*DIAGRAM, "--grid=3"]


def kept_files() -> list[Path]:
    folder = Path(os.environ["HANDCALC_STATE_DIR"]) / "phases"
    return sorted(folder.glob("*.jsonl"))


def answered(done: Run) -> dict[str, Any]:
    """The object, without what differs from run to run."""
    assert done.code == 0
    found = done.json()
    return {key: found[key] for key in found if key not in ("wall_seconds", "kept")}


def test_the_limits_are_those_of_the_survey() -> None:
    assert calculations.GRIDS == (2, diagram_survey.LARGEST)
    assert calculations.POINTS == (3, phase_map.LARGEST)
    assert calculations.CHANGE_DIGITS == (1, phase_map.MOST_DIGITS)


def test_text(shell: Shell) -> None:
    done = shell(*SMALL, "--no-state")
    assert (done.code, done.err) == (0, "")
    assert "  10 DSS" in done.out
    assert "Feature 2 is not represented at 1 of 9 points" in done.out
    assert "This run took" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_json(shell: Shell) -> None:
    found = shell(*SMALL, "--no-state", "--json").json()
    assert (found["command"], found["status"], found["kept"]) == ("phases", "ok", 0)
    assert found["importances"] == ["0.1", "1", "10"]
    assert found["densities"] == ["0.01", "0.1", "1"]
    assert found["worst_slope"] < 1e-50
    assert found["wall_seconds"] > 0
    assert len(found["points"]) == 9
    assert found["points"][6]["textbook"] == "Feature 2 is dropped."


def test_the_map_along_S(shell: Shell, tmp_path: Path) -> None:
    asked = ["phases", "--features=2", "--hidden=1", "--points=4", "--digits=12", "--jobs=1"]
    files = [f"--{kind}={tmp_path / f'map.{kind}'}" for kind in ("svg", "csv")]
    done = shell(*asked, *files)
    assert (done.code, done.err) == (0, "")
    assert "At S = 0.293596307327 antipodal (equal lengths) overtakes" in done.out
    assert (tmp_path / "map.svg").read_bytes().startswith(b"<?xml")
    rows = (tmp_path / "map.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) >= 5
    found = shell(*asked, "--json").json()
    assert (found["command"], found["status"], found["kept"]) == ("phases", "ok", len(rows) - 1)


def test_files(shell: Shell, tmp_path: Path) -> None:
    files = {kind: tmp_path / f"diagram.{kind}" for kind in ("png", "svg", "csv")}
    arguments = [f"--{kind}={path}" for kind, path in files.items()]
    found = shell(*SMALL, *arguments, "--json").json()
    assert {kind: found[kind] for kind in files} == {kind: str(p) for kind, p in files.items()}
    assert files["png"].read_bytes().startswith(b"\x89PNG")
    assert b"Feature 2 is not represented at 1 of 9 points" in files["svg"].read_bytes()
    with files["csv"].open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["fate"] for row in rows] == [point["fate"] for point in found["points"]]
    said = shell(*SMALL, arguments[2]).out
    assert "Replaced" in said.replace("\n", " ")


@pytest.mark.parametrize("kind", ["png", "csv"])
def test_a_file_that_cannot_be_written_is_refused_first(
    shell: Shell, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phases, "run_survey", None)
    done = shell(*SMALL, f"--{kind}={tmp_path / 'nowhere' / 'file'}")
    assert (done.code, done.out) == (2, "")
    assert f"--{kind}: the file" in done.err
    assert "there is no folder" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--diagram", "--points=9"], "--points belongs to the map along S, without --diagram."),
        (["--diagram", "--importance=1 2 3"], "--importance belongs to the map along S"),
        (["--grid=9"], "--grid belongs to --diagram."),
    ],
)
def test_the_map_and_the_diagram_are_not_mixed(
    shell: Shell, arguments: list[str], said: str
) -> None:
    done = shell("phases", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err.replace("\n", " ")


def test_as_many_dimensions_as_features_are_refused(shell: Shell) -> None:
    done = shell("phases", "--diagram", "--features=2", "--hidden=2")
    assert (done.code, done.out) == (2, "")
    assert "there must be 1 to 1 hidden dimensions, not 2" in done.err.replace("\n", " ")


# -- what is kept ---------------------------------------------------------------------------------


def test_the_next_run_has_nothing_left_to_do(shell: Shell) -> None:
    first = answered(shell(*SMALL, "--json"))
    assert len(kept_files()) == 1
    assert shell(*SMALL, "--json").json()["kept"] == 9
    assert "9 points were there already, from earlier runs" in shell(*SMALL).out
    fresh = shell(*SMALL, "--fresh", "--json").json()
    assert fresh["kept"] == 0
    assert fresh["points"] == first["points"]


def test_no_state_keeps_nothing(shell: Shell) -> None:
    assert shell(*SMALL, "--no-state").code == 0
    assert kept_files() == []


def test_two_runs_at_once(shell: Shell) -> None:
    assert shell(*SMALL).code == 0
    with LineStore(kept_files()[0]):
        done = shell(*SMALL)
    assert done.code == 2
    assert "Another run is at work on" in done.err
    assert done.err.endswith(f"Try: handcalc {' '.join(SMALL)} --no-state\n")


def test_a_state_folder_that_cannot_be_is_a_warning(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HANDCALC_STATE_DIR", str(tmp_path / "file"))
    done = shell(*SMALL)
    assert done.code == 0
    assert "cannot be kept" in done.err
    assert "Feature 2 is not represented" in done.out


# -- while it runs --------------------------------------------------------------------------------


class Drawn:
    """A bar and its one task, which write down what they show."""

    def __init__(self, doing: str, seen: list[str]) -> None:
        self.doing, self.seen = doing, seen

    def update(self, _: Drawn, completed: int, total: int) -> None:
        self.seen.append(f"{self.doing} {completed}/{total}")

    def stop(self) -> None:
        self.seen.append("gone")


def test_each_stage_has_a_bar(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def bar(_: Terminal, doing: str, *, time_left: bool) -> tuple[Drawn, Drawn]:
        assert not time_left
        drawn = Drawn(doing, seen)
        return drawn, drawn

    monkeypatch.setattr(Terminal, "bar", bar)
    monkeypatch.setattr("handcalc.cli.terminal._PATIENCE", 0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert shell(*SMALL, "--no-state").code == 0
    doings = ("Searching", "Comparing", "Polishing")
    stages = [[f"{doing} 0/9", f"{doing} 9/9", "gone"] for doing in doings]
    assert seen == [step for stage in stages for step in stage]


def interrupted(*arguments: str, by: int = signal.SIGINT) -> tuple[int, str]:
    """The exit code and the complaint after Ctrl-C at the terminal, once something is kept.

    A signal goes to all processes, as from a terminal, a container's end or a batch system.
    """
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "start_new_session": 1}
    with interruptible(*arguments, **pipes) as process:
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline and not any(p.stat().st_size for p in kept_files()):
            time.sleep(0.02)
        os.killpg(process.pid, by)
        out, err = process.communicate(timeout=240)
    assert out == b""
    return process.returncode, " ".join(err.decode().split())


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent here in POSIX's way")
def test_ctrl_c_keeps_what_is_done(shell: Shell) -> None:
    asked = [*DIAGRAM, "--grid=8"]
    code, said = interrupted(*asked, "--jobs=2")
    assert code == 130
    assert said.startswith("Interrupted: ")
    assert said.endswith(
        "the same command goes on from there. Try: handcalc phases --diagram --features 2 "
        "--hidden 1 --grid 8 --restarts 4 --jobs 2"
    )
    resumed = shell(*asked, "--json")
    assert resumed.json()["kept"] >= 20
    whole = shell(*asked, "--no-state", "--json")
    assert answered(resumed) == answered(whole)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("name", "code"), [("SIGTERM", 143), pytest.param("SIGHUP", 129, marks=pytest.mark.slow)]
)
def test_other_signals_keep_what_ctrl_c_keeps(shell: Shell, name: str, code: int) -> None:
    asked = [*DIAGRAM, "--grid=8"]
    left, said = interrupted(*asked, "--jobs=2", by=getattr(signal, name))
    assert left == code
    assert said.startswith(f"Stopped by {name}: ")
    assert "the same command goes on from there. Try: handcalc phases --diagram" in said
    assert shell(*asked, "--json").json()["kept"] >= 20
