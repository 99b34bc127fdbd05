"""What is kept of a long run: nothing lost, nothing half read, nothing written twice at once."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from handcalc.errors import InputError
from handcalc.storage import store as stores
from handcalc.storage.store import LineStore
from handcalc.superposition.phases import diagram_survey
from handcalc.superposition.phases.diagram import PhaseDiagram, phase_diagram
from handcalc.superposition.phases.diagram_survey import Task

KEY = {"row": 1, "seed": 0}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "kept.jsonl"


def filled(path: Path, count: int) -> bytes:
    """A file of so many records, as its bytes."""
    with LineStore(path) as store:
        for row in range(count):
            store.put({"row": row}, {"loss": row / 3})
    return path.read_bytes()


def known(path: Path, count: int) -> list[int]:
    """Which of so many records a new run finds."""
    with LineStore(path) as store:
        return [row for row in range(count) if store.get({"row": row}) == {"loss": row / 3}]


def test_what_is_put_is_there_in_the_next_run(path: Path) -> None:
    with LineStore(path) as store:
        assert store.get(KEY) is None
        store.put(KEY, {"loss": 1 / 3})
        store.put({"row": 2, "seed": 0}, {"loss": 1})
        store.put(KEY, {"loss": 0.1 + 0.2})
    with LineStore(path) as store:
        assert store.get({"seed": 0, "row": 1}) == {"loss": 0.1 + 0.2}
        assert store.get({"row": 1}) is None


def test_a_line_cut_short_anywhere_is_dropped_and_the_next_run_goes_on(path: Path) -> None:
    whole = filled(path, 3)
    start = whole[:-1].rindex(b"\n") + 1
    for cut in range(start, len(whole)):
        path.write_bytes(whole[:cut])
        with LineStore(path) as store:
            assert store.get({"row": 2}) is None
            store.put({"row": 3}, {"loss": 1.0})
        assert known(path, 4) == [0, 1, 3]
        assert all(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize(
    "damage", [b"", b"no json", b'{"key": 1, "record": {}}', b"[]", b'{"key": {}}', b"\xff\x00"]
)
def test_a_damaged_line_costs_no_other(path: Path, damage: bytes) -> None:
    first, second, third = filled(path, 3).splitlines()
    path.write_bytes(b"\n".join([first, damage, third, b""]))
    assert known(path, 3) == [0, 2]
    assert second != damage


def test_two_runs_do_not_write_one_file(path: Path) -> None:
    with LineStore(path) as store:
        store.put(KEY, {"loss": 1})
        with (
            pytest.raises(InputError, match="Another run is at work on") as refused,
            LineStore(path),
        ):
            pass
        assert (refused.value.code, refused.value.suggestion) == ("busy", "--no-state")
        store.put({"row": 2}, {"loss": 2})
    with LineStore(path) as store:
        assert store.get(KEY) == {"loss": 1}
        assert store.get({"row": 2}) == {"loss": 2}


def test_fresh_forgets(path: Path) -> None:
    filled(path, 2)
    with LineStore(path, fresh=True) as store:
        assert store.get({"row": 0}) is None
        store.put({"row": 1}, {"loss": 1 / 3})
    assert known(path, 2) == [1]


def test_without_a_path_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with LineStore() as store:
        store.put(KEY, {"loss": 1})
        assert store.get(KEY) == {"loss": 1}
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(InputError, match=r"cannot be kept in .*HANDCALC_STATE_DIR") as refused,
        LineStore(tmp_path / "file" / "kept.jsonl"),
    ):
        pass
    assert refused.value.code == "unwritable_state"


def test_a_disk_that_fills_up_stops_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with LineStore(path) as store:
        store.put({"row": 0}, {"loss": 0.0})
        monkeypatch.setattr(stores.os, "write", full)
        store.put({"row": 1}, {"loss": 1 / 3})
        store.put({"row": 2}, {"loss": 2 / 3})
        assert store.trouble is not None
        assert "No space left" in store.trouble
        assert store.get({"row": 2}) == {"loss": 2 / 3}
    assert known(path, 3) == [0]


# -- a survey that is interrupted -----------------------------------------------------------------


@pytest.fixture
def few_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagram_survey, "_TOGETHER", 3)


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The points that are searched while the test runs."""
    found: list[int] = []
    really = diagram_survey.search_places

    def search_places(task: Task) -> list[object]:
        found.extend(task.numbers)
        return really(task)

    monkeypatch.setattr(diagram_survey, "search_places", search_places)
    return found


def small(store: LineStore | None = None, on: Callable[..., None] | None = None) -> PhaseDiagram:
    return phase_diagram(2, 1, 3, restarts=4, store=store, on_progress=on)


@pytest.mark.slow
@pytest.mark.usefixtures("few_together")
def test_ctrl_c_anywhere_and_the_next_run_ends_the_same(path: Path, searched: list[int]) -> None:
    uninterrupted = small()
    assert searched == list(range(9))
    stages: list[str] = []
    for run in range(4):
        left = 3

        def told(stage: str, done: int, total: int) -> None:
            nonlocal left
            assert 0 <= done <= total == 9
            stages.append(stage)
            left -= 1
            if left < 0:
                raise KeyboardInterrupt("^C")

        with LineStore(path) as store, pytest.raises(KeyboardInterrupt, match="C"):
            small(store, told)
        assert stages[-1] == ["searched", "compared", "polished", "polished"][run], run
    with LineStore(path) as store:
        assert small(store) == uninterrupted
    assert searched[9:] == list(range(9))  # each point once, over all runs


@pytest.mark.slow
def test_everything_that_matters_is_in_the_key(path: Path, searched: list[int]) -> None:
    with LineStore(path) as store:
        small(store)
        searched.clear()
        small(store)
        assert searched == []
        for other in ({"restarts": 5}, {"seed": 1}, {"features": 3}, {"size": 2}):
            asked = {"features": 2, "hidden": 1, "size": 3, "restarts": 4, "seed": 0} | other
            phase_diagram(**asked, store=store)  # type: ignore[arg-type]  # each of its own kind
            assert searched, other
            searched.clear()
