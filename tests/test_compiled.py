"""Compiled loops: where they are kept, what a change to their sources does, and how they round."""

from __future__ import annotations

from pathlib import Path

from numba import config

from handcalc.compiled import Compiler, writable_folder


def test_a_loop_runs_where_nothing_compiled_can_be_kept(tmp_path: Path) -> None:
    """The first folder that can be written to is taken; without one, a loop is compiled anew."""
    (tmp_path / "file").touch()
    below_a_file, fine = tmp_path / "file" / "folder", tmp_path / "folder"
    assert writable_folder(below_a_file, fine) == str(fine)
    assert list(fine.iterdir()) == []
    assert Compiler(writable_folder(below_a_file)).exactly(_doubled)(1.5) == 3.0


def test_what_is_compiled_is_kept_by_all_its_sources(tmp_path: Path) -> None:
    """In a folder of our own, and whatever else is compiled by numba keeps its own place."""
    before = config.CACHE_DIR
    assert Compiler(str(tmp_path)).exactly(_doubled)(1.5) == 3.0
    assert [file.suffix for file in sorted(tmp_path.rglob("*.nb?"))] == [".nbc", ".nbi"]
    assert before == config.CACHE_DIR


def test_a_changed_source_has_a_folder_of_its_own(tmp_path: Path) -> None:
    loops = tmp_path / "loops"
    loops.mkdir()
    (loops / "first.py").write_text("1")
    (loops / "second.py").write_text("2")
    before = Compiler.of(loops).folder
    assert Path(before).parent == loops / "__pycache__"
    assert Compiler.of(loops).folder == before
    (loops / "second.py").write_text("3")
    assert Compiler.of(loops).folder != before


def test_only_what_may_round_once_does() -> None:
    """a·b + c of numbers whose product is no float: with two roundings nothing is left of it."""
    a, b = 1 + 2.0**-30, 1 - 2.0**-30
    assert Compiler("").exactly(_left_over)(a, b, -1.0) == 0
    assert Compiler("").fused(_left_over)(a, b, -1.0) in (0, -(2.0**-60))


def _doubled(x: float) -> float:
    return 2 * x


def _left_over(a: float, b: float, c: float) -> float:
    return a * b + c
