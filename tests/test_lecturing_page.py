"""docs/lecturing.md is what happens: its commands are run in their order, in one folder."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli_runs import ROOT, Shell

PAGE = (ROOT / "docs" / "lecturing.md").read_text(encoding="utf-8")


def test_its_commands_do_what_it_says(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^\$ handcalc (.+)$", PAGE, re.MULTILINE)
    done = [shell(*shlex.split(command)) for command in commands]
    assert [(each.code, each.err) for each in done] == [(0, "")] * 4
    assert (tmp_path / "antipodal.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "<script" in (tmp_path / "triangle.html").read_text(encoding="utf-8")
    assert "read, and not graded" in done[-1].out


def test_its_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([a-z-]+\.md)", PAGE):
        assert (ROOT / "docs" / link).is_file()
    extras = set(re.findall(r"handcalc\[([a-z,]+)\]", PAGE))
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert all(f"\n{name} = [" in text for each in extras for name in each.split(","))
