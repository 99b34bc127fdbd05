"""Progress: never lost, never half written, never in the way."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import filelock
import pytest

from exercises import progress
from exercises import progress as progress_file
from exercises.progress import ExerciseRecord, Progress, ProgressStore
from handcalc.storage import files

ROOT = Path(__file__).resolve().parent.parent
ID = "perfect-reconstruction"
SOUND = {"solved": True, "attempts": 3, "hints": 1, "solution": False}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def store(folder: Path) -> ProgressStore:
    return ProgressStore(folder)


def on_disk(folder: Path) -> dict[str, dict[str, object]]:
    """The records as any program would read them."""
    content = json.loads((folder / "progress.json").read_bytes())
    assert content["format"] == 1
    exercises = content["exercises"]
    assert isinstance(exercises, dict)
    return exercises


def put(folder: Path, raw: bytes | str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "progress.json").write_bytes(raw if isinstance(raw, bytes) else raw.encode())


# -- what is kept -------------------------------------------------------------------------------


def test_nothing_is_known_at_first_and_reading_makes_nothing(
    store: ProgressStore, folder: Path
) -> None:
    assert store.read() == Progress()
    assert store.read().of(ID) == ExerciseRecord()
    assert not folder.exists()


def test_attempts_are_counted_and_solved_stays_solved(store: ProgressStore, folder: Path) -> None:
    states = [
        store.attempt(ID, status).of(ID).state for status in ("wrong", "partial", "solved", "wrong")
    ]
    assert states == ["tried", "tried", "solved", "solved"]
    assert on_disk(folder)[ID] == {"solved": True, "attempts": 4, "hints": 0, "solution": False}
    assert store.read().of(ID) == ExerciseRecord(solved=True, attempts=4)


def test_an_unreadable_answer_changes_nothing(store: ProgressStore, folder: Path) -> None:
    assert store.attempt(ID, "unreadable").of(ID) == ExerciseRecord()
    assert not folder.exists()


def test_the_furthest_hint_is_remembered(store: ProgressStore) -> None:
    assert [store.hint(ID, number).of(ID).hints for number in (1, 2, 1)] == [1, 2, 2]


def test_the_solution_is_remembered(store: ProgressStore) -> None:
    assert store.solution(ID).of(ID) == ExerciseRecord(solution=True)
    assert store.attempt(ID, "wrong").of(ID).state == "solution seen"
    assert store.attempt(ID, "solved").of(ID).state == "solved"


def test_other_exercises_are_left_alone(store: ProgressStore, folder: Path) -> None:
    store.attempt("another", "solved")
    store.attempt(ID, "wrong")
    assert set(on_disk(folder)) == {"another", ID}
    assert store.read().of("another").solved


def test_progress_handed_out_cannot_be_changed(store: ProgressStore) -> None:
    records = store.attempt(ID, "wrong").records
    with pytest.raises(TypeError, match="does not support item assignment"):
        records[ID] = ExerciseRecord()  # type: ignore[index]  # the refusal is what is tested


def test_the_folder_is_the_one_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HANDCALC_STATE_DIR", str(tmp_path / "a" / "b"))
    progress.store().attempt(ID, "solved")
    assert on_disk(tmp_path / "a" / "b")[ID]["solved"] is True


@pytest.mark.parametrize("chosen", [None, ""])
def test_without_it_the_folder_is_the_users(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None
) -> None:
    monkeypatch.delenv("HANDCALC_STATE_DIR")
    if chosen is not None:
        monkeypatch.setenv("HANDCALC_STATE_DIR", chosen)
    folder = progress.store().folder
    assert folder is not None
    assert folder.is_absolute()
    assert "handcalc" in folder.parts


def test_no_state_neither_reads_nor_writes(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("HANDCALC_STATE_DIR", str(folder))
    progress.store().attempt(ID, "solved")
    before = (folder / "progress.json").read_bytes()
    nowhere = progress.store(no_state=True)
    changes = (nowhere.attempt(ID, "wrong"), nowhere.hint(ID, 1), nowhere.solution(ID))
    assert [*changes, nowhere.read()] == [Progress()] * 4
    assert (folder / "progress.json").read_bytes() == before


# -- what can be wrong with the file ------------------------------------------------------------

DAMAGED = {
    "empty": b"",
    "cut short": b'{"format": 1, "exercises": {"perfect',
    "not UTF-8": b"\xff\xfe\x00",
    "zeros": b"\x00" * 512,
    "a list": b"[]",
    "no format": b'{"exercises": {}}',
    "a format that is no number": b'{"format": "1", "exercises": {}}',
    "a truth for a format": b'{"format": true, "exercises": {}}',
    "format 0": b'{"format": 0, "exercises": {}}',
    "no exercises": b'{"format": 1}',
    "exercises that are a list": b'{"format": 1, "exercises": []}',
    "one more key": b'{"format": 1, "exercises": {}, "more": 1}',
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("raw", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_moved_aside_with_a_warning(
    store: ProgressStore, folder: Path, raw: bytes
) -> None:
    put(folder, raw)
    found = store.attempt(ID, "solved")
    (warning,) = found.warnings
    assert "damaged" in warning
    assert str(folder / "progress.damaged-1.json") in warning
    assert (folder / "progress.damaged-1.json").read_bytes() == raw
    assert found.of(ID).solved
    assert store.read() == Progress(found.records)


RECORDS = {
    "a key too few": {"solved": True, "attempts": 3, "hints": 1},
    "a key too many": {**SOUND, "more": 1},
    "a number for a truth": {**SOUND, "solved": 1},
    "a truth for a number": {**SOUND, "attempts": True},
    "a number below 0": {**SOUND, "hints": -1},
    "a text for a number": {**SOUND, "attempts": "3"},
    "no record": None,
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_damaged_record_costs_no_other(
    store: ProgressStore, folder: Path, record: object
) -> None:
    put(folder, json.dumps({"format": 1, "exercises": {"bad": record, ID: SOUND}}))
    found = store.read()
    (warning,) = found.warnings
    assert "progress.json, exercises.bad" in warning
    assert found.records == {ID: ExerciseRecord(solved=True, attempts=3, hints=1)}
    assert on_disk(folder) == {ID: SOUND}
    assert "bad" in (folder / "progress.damaged-1.json").read_text()
    assert store.read().warnings == ()


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('{"solved": true}', 'a/b.attempts: the key "attempts" is missing.'),
        ('{"hints": -1}', 'a/b.hints: "hints" must be at least 0, not -1.'),
        ('{"solved": 1}', 'a/b.solved: "solved" must be true or false, not 1.'),
        ('{"solvd": true}', 'a/b.solvd: there is no key "solvd" here; did you mean "solved"?'),
        ("[]", "a/b: this must be a table, not []."),
    ],
)
def test_a_damaged_record_is_named(entry: str, said: str) -> None:
    raw = f'{{"format": 1, "exercises": {{"a/b": {entry}}}}}'.encode()
    assert progress.decode(raw).faults == (f"progress.json, exercises.{said}",)


def test_a_name_that_is_no_unicode_is_kept() -> None:
    """A course is called after its folder, whose name may be any bytes."""
    kept = {"caf\udce9-1234/first": ExerciseRecord(attempts=1)}
    assert progress.decode(progress.encode(kept)).records == kept


def test_each_damaged_file_gets_a_name_of_its_own(store: ProgressStore, folder: Path) -> None:
    for raw in (b"first", b"second", b"third"):
        put(folder, raw)
        store.read()
    kept = [(folder / f"progress.damaged-{i}.json").read_bytes() for i in (1, 2, 3)]
    assert kept == [b"first", b"second", b"third"]


@pytest.mark.parametrize("content", [{"format": 2, "new": [1]}, {"format": 99, "exercises": {}}])
def test_the_file_of_a_newer_handcalc_is_left_alone(
    store: ProgressStore, folder: Path, content: object
) -> None:
    put(folder, json.dumps(content))
    for found in (store.read(), store.attempt(ID, "solved"), store.hint(ID, 1)):
        (warning,) = found.warnings
        assert "newer handcalc" in warning
        assert found.records == {}
    assert json.loads((folder / "progress.json").read_bytes()) == content
    assert not list(folder.glob("*damaged*"))


# -- what can be wrong with the folder ----------------------------------------------------------


def test_a_folder_that_cannot_be_made_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for store in (ProgressStore(tmp_path / "file"), ProgressStore(tmp_path / "file" / "deeper")):
        found = store.attempt(ID, "solved")
        (warning,) = found.warnings
        assert "Progress cannot be kept in" in warning
        assert "HANDCALC_STATE_DIR" in warning


def test_a_folder_that_cannot_be_read_is_a_warning(folder: Path, store: ProgressStore) -> None:
    (folder / "progress.json").mkdir(parents=True)
    (warning,) = store.read().warnings
    assert "Progress cannot be read in" in warning


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), OSError(28, "No space")]
)
def test_a_failed_write_leaves_the_old_file(
    store: ProgressStore, folder: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    store.attempt(ID, "wrong")
    before = (folder / "progress.json").read_bytes()

    def refuse(_: Path, __: Path) -> Path:
        raise error

    monkeypatch.setattr(Path, "replace", refuse)
    found = store.attempt(ID, "solved")
    (warning,) = found.warnings
    assert str(error.strerror) in warning
    assert found.records == {ID: ExerciseRecord(attempts=1)}
    assert (folder / "progress.json").read_bytes() == before


def test_a_busy_lock_is_waited_for_and_then_a_warning(
    store: ProgressStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.attempt(ID, "wrong")
    monkeypatch.setattr(progress, "_PATIENCE", 0.1)
    with filelock.FileLock(folder / "progress.lock"):
        found = store.attempt(ID, "solved")
    (warning,) = found.warnings
    assert "another handcalc" in warning
    assert found.records == {ID: ExerciseRecord(attempts=1)}
    assert store.attempt(ID, "solved").of(ID).solved


def test_a_reader_in_the_way_of_a_replacement_is_waited_for(
    store: ProgressStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to replace a file while another program has it open."""
    replace, refusals = Path.replace, [PermissionError(13, "in use"), PermissionError(13, "in use")]

    def busy(source: Path, target: Path) -> Path:
        if refusals:
            raise refusals.pop()
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", busy)
    assert store.attempt(ID, "solved").warnings == ()
    assert on_disk(folder)[ID]["solved"] is True


# -- several at once, and killed in the middle --------------------------------------------------

COUNT = """
import sys
from pathlib import Path
from exercises.progress import ProgressStore
store = ProgressStore(Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    assert store.attempt(sys.argv[3], "wrong").warnings == ()
"""


def counting(folder: Path, times: int, exercise: str = ID) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-c", COUNT, str(folder), str(times), exercise]
    return subprocess.Popen(arguments, cwd=ROOT)


def test_many_threads_lose_no_attempt(store: ProgressStore, folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: store.attempt(ID, "wrong"), range(80)))
    assert [each.warnings for each in found] == [()] * 80
    assert on_disk(folder)[ID]["attempts"] == 80


def test_many_processes_lose_no_attempt_and_no_reader_sees_half_a_file(folder: Path) -> None:
    running = [counting(folder, 40, f"exercise-{i % 2}") for i in range(4)]
    seen = 0
    while any(process.poll() is None for process in running):
        if (folder / "progress.json").exists():
            on_disk(folder)
            seen += 1
    assert [process.returncode for process in running] == [0, 0, 0, 0]
    assert seen > 0
    assert {name: entry["attempts"] for name, entry in on_disk(folder).items()} == {
        "exercise-0": 80,
        "exercise-1": 80,
    }


def killed_at(folder: Path, delay: float) -> None:
    """Kill a writer (SIGKILL, where there is one) a little after its first write."""
    before = (folder / "progress.json").read_bytes()
    process = counting(folder, 1_000_000)
    while (folder / "progress.json").read_bytes() == before:
        assert process.poll() is None
    time.sleep(delay)
    process.kill()
    process.wait()


def check_kills(folder: Path, times: int) -> None:
    ProgressStore(folder).solution("another")
    ProgressStore(folder).attempt(ID, "wrong")
    attempts = 1
    for kill in range(times):
        killed_at(folder, kill % 20 / 1000)
        found = ProgressStore(folder).read()
        assert found.warnings == ()
        assert found.of("another") == ExerciseRecord(solution=True)
        assert found.of(ID).attempts > attempts
        attempts = found.of(ID).attempts
    assert ProgressStore(folder).attempt(ID, "solved").of(ID) == ExerciseRecord(
        solved=True, attempts=attempts + 1
    )
    names = {path.name for path in folder.iterdir()}
    assert names <= {"progress.json", "progress.lock", f"progress.json{files.PART}"}


def test_a_killed_writer_leaves_a_whole_file(folder: Path) -> None:
    check_kills(folder, 8)


@pytest.mark.slow
def test_two_hundred_killed_writers_leave_a_whole_file(folder: Path) -> None:
    check_kills(folder, 200)


class Killed(BaseException):
    """Nothing that anyone catches."""


@pytest.mark.parametrize("stop", ["draft", "flush", "replace"])
def test_a_write_that_stops_anywhere_leaves_the_old_file(
    store: ProgressStore, folder: Path, monkeypatch: pytest.MonkeyPatch, stop: str
) -> None:
    """The same, at each step of writing in turn."""
    store.attempt(ID, "wrong")
    before = (folder / "progress.json").read_bytes()

    def die(*_: object, **__: object) -> None:
        raise Killed("in the middle")

    places: dict[str, tuple[object, str, Callable[..., None]]] = {
        "draft": (progress_file.json, "dumps", die),
        "flush": (files.os, "fsync", die),
        "replace": (Path, "replace", die),
    }
    with monkeypatch.context() as patched:
        patched.setattr(*places[stop])
        with pytest.raises(Killed, match="in the middle"):
            store.attempt(ID, "solved")
    assert (folder / "progress.json").read_bytes() == before
    assert store.attempt(ID, "solved").of(ID) == ExerciseRecord(solved=True, attempts=2)
