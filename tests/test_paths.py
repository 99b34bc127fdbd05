"""A path is a text or a Path, in every Python function that takes one."""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

import exercises
from handcalc.storage.store import LineStore
from tests.sim_runs import SPEC, made_up
from torchsim import figures, storage


@pytest.mark.parametrize("kind", [str, Path])
def test_a_run_is_kept_and_found_by_either(tmp_path: Path, kind: Callable[[Path], Any]) -> None:
    root, folder = kind(tmp_path), kind(tmp_path / "run")
    assert not storage.holds_run(folder)
    storage.start(folder, SPEC, "my-preset")
    with storage.FolderCheckpointer(folder, SPEC) as keeping:
        assert keeping.load() is None
    assert (storage.preset_of(folder), storage.is_finished(folder)) == ("my-preset", False)
    storage.save(made_up(), folder)
    assert storage.load(folder).spec == storage.load_spec(folder) == SPEC
    assert storage.runs(root) == [storage.latest(root)] == [tmp_path / "run"]
    storage.clear(folder)
    assert not storage.holds_run(folder)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_figure_and_a_store_are_written_to_either(
    tmp_path: Path, kind: Callable[[Path], Any]
) -> None:
    figures.write(Figure(figsize=(1, 1)), kind(tmp_path / "picture.png"))
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    with LineStore(kind(tmp_path / "kept.jsonl")) as store:
        store.put({"row": 1}, {"loss": 0.5})
    with LineStore(kind(tmp_path / "kept.jsonl")) as store:
        assert store.get({"row": 1}) == {"loss": 0.5}


@pytest.mark.parametrize("kind", [str, Path])
def test_a_course_is_read_from_either(kind: Callable[[Path], Any]) -> None:
    bank = Path(str(importlib.resources.files("exercises") / "bank"))
    assert exercises.load(1, kind(bank)).id == "perfect-reconstruction"
    assert exercises.grade(1, "1 0; 0 1; 0 0", folder=kind(bank)).status == "partial"
