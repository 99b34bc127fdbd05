"""Progress of several courses in one file: kept apart, merged, forgotten with a copy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exercises import progress
from exercises import progress as progress_file
from exercises.progress import ExerciseRecord, Progress, ProgressStore

records = st.builds(
    ExerciseRecord, st.booleans(), st.integers(0, 9), st.integers(0, 3), st.booleans()
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


def on_disk(folder: Path) -> dict[str, object]:
    found = json.loads((folder / "progress.json").read_bytes())["exercises"]
    assert isinstance(found, dict)
    return found


def test_two_courses_do_not_mix(folder: Path) -> None:
    bank, one, two = (
        ProgressStore(folder),
        ProgressStore(folder, "one-12"),
        ProgressStore(folder, "two-12"),
    )
    bank.attempt("first", "solved")
    one.attempt("first", "wrong")
    assert two.hint("first", 1).records == {"first": ExerciseRecord(hints=1)}
    assert one.read().records == {"first": ExerciseRecord(attempts=1)}
    assert bank.read().records == {"first": ExerciseRecord(solved=True, attempts=1)}
    assert set(on_disk(folder)) == {"first", "one-12/first", "two-12/first"}
    assert set(bank.everything().records) == set(on_disk(folder))


def test_records_are_forgotten_in_one_course_only(folder: Path) -> None:
    bank, one = ProgressStore(folder), ProgressStore(folder, "one-12")
    for store in (bank, one):
        store.attempt("first", "solved")
        store.attempt("second", "wrong")
    before = (folder / "progress.json").read_bytes()
    after = one.forget(["first"])
    assert (after.kept, after.copy) == (True, folder / "progress.before-reset-1.json")
    assert (folder / "progress.before-reset-1.json").read_bytes() == before
    assert set(after.records) == {"second"}
    assert one.forget().records == {}
    assert set(on_disk(folder)) == {"first", "second"}
    assert bank.forget().copy == folder / "progress.before-reset-3.json"
    assert on_disk(folder) == {}


def test_forgetting_nothing_keeps_no_copy(folder: Path) -> None:
    ProgressStore(folder).attempt("first", "wrong")
    assert ProgressStore(folder).forget(["second"]).copy is None
    assert not list(folder.glob("*before-reset*"))


def test_a_merge_loses_nothing(folder: Path) -> None:
    store = ProgressStore(folder)
    store.attempt("first", "solved")
    store.hint("second", 2)
    after = store.merge(
        {"second": ExerciseRecord(attempts=4), "one-12/third": ExerciseRecord(True, 1)}
    )
    assert after.kept
    assert after.records == {
        "first": ExerciseRecord(True, 1),
        "second": ExerciseRecord(attempts=4, hints=2),
    }
    assert ProgressStore(folder, "one-12").read().records == {"third": ExerciseRecord(True, 1)}


@given(records, records)
def test_the_better_of_two_records_counts(one: ExerciseRecord, other: ExerciseRecord) -> None:
    both = one.merged(other)
    assert both == other.merged(one)
    assert both.merged(one) == both
    for record in (one, other):
        assert both.solved >= record.solved
        assert both.solution >= record.solution
        assert both.attempts >= record.attempts
        assert both.hints >= record.hints
    assert both.attempts in (one.attempts, other.attempts)


@given(st.dictionaries(st.text(max_size=20), records, max_size=5))
def test_what_is_written_is_read_back(kept: dict[str, ExerciseRecord]) -> None:
    content = progress_file.decode(progress_file.encode(kept))
    assert (content.records, content.damage, content.newer) == (kept, False, False)


@pytest.mark.parametrize("raw", ['{"format": 2}', '{"format": 1, "exercises": {}, "new": 1}'])
def test_whether_a_change_was_kept(folder: Path, raw: str) -> None:
    folder.mkdir()
    (folder / "progress.json").write_text(raw)
    newer = raw == '{"format": 2}'
    after = ProgressStore(folder).merge({"first": ExerciseRecord(attempts=1)})
    assert after.kept is not newer
    assert (after.records == {}) is newer
    assert ProgressStore(folder).forget().kept is not newer


def test_a_change_that_cannot_be_written_is_not_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ProgressStore(folder)
    store.attempt("first", "wrong")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space")

    monkeypatch.setattr(progress, "write", refuse)
    for after in (store.forget(), store.merge({"first": ExerciseRecord(True)})):
        assert (after.kept, after.records) == (False, {"first": ExerciseRecord(attempts=1)})
        assert "No space" in after.warnings[0]


def test_a_store_that_keeps_nothing(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("HANDCALC_STATE_DIR", str(folder))
    nowhere = progress.store(no_state=True, course="one-12")
    assert nowhere.everything() == nowhere.merge({"first": ExerciseRecord(True)}) == Progress()
    assert progress.store(course="one-12").attempt("first", "wrong").of("first").attempts == 1
    assert set(on_disk(folder)) == {"one-12/first"}


def test_a_key_that_stands_twice_is_a_fault() -> None:
    """JSON's readers keep the last of two, and nobody knows which is meant."""
    entry = '{"solved": true, "attempts": 1, "hints": 0, "solution": false}'
    raw = f'{{"format": 1, "exercises": {{"exact-loss": {entry}, "exact-loss": {entry}}}}}'
    found = progress_file.decode(raw.encode())
    assert found.faults == ('progress.json: the key "exact-loss" stands in it twice.',)
    assert list(found.records) == ["exact-loss"]
