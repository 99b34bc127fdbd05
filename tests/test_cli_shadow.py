"""Another package named exercises is noticed, named with its path, and never run."""

from __future__ import annotations

from pathlib import Path

import pytest

from handcalc.cli.command import require_our_exercises
from handcalc.cli.report import CommandError
from tests.cli_runs import outside


def test_ours_is_fine(tmp_path: Path) -> None:
    require_our_exercises()  # raises nothing
    assert outside("exercise", "1", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("name", ["exercises/__init__.py", "exercises.py"])
def test_another_one_is_named_with_its_path(tmp_path: Path, name: str) -> None:
    theirs = tmp_path / name
    theirs.parent.mkdir(exist_ok=True)
    theirs.write_text("raise SystemExit('this must not run')")
    done = outside("exercise", "1", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == b""
    said = done.stderr.decode()
    assert "another package named exercises" in said
    assert str(theirs) in said.replace("\n", "")


def test_a_folder_that_is_no_package_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "exercises").mkdir()
    assert outside("exercise", "1", cwd=tmp_path).returncode == 0


def test_none_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handcalc.cli.command.find_spec", lambda _: None)
    with pytest.raises(CommandError, match="exercises that belongs to handcalc is not at"):
        require_our_exercises()
