"""docs/grading.md keeps its word: its transcript, its options, its tables."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

from handcalc.cli.program import program
from handcalc.cli.work.grading.gradebook import UNJUDGED
from handcalc.cli.work.grading.late import read_rule
from handcalc.cli.work.grading.roster import COLUMNS
from tests.cli_runs import ROOT, Shell
from tests.course_class import write_files

PAGE = (ROOT / "docs" / "grading.md").read_text(encoding="utf-8")
DIGEST = re.compile(r"@[0-9a-f]{12}\b")


def test_the_transcript(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for file, cell in re.findall(r"^\| `([\w/.-]+\.\w+)` \| (.*) \|$", PAGE, re.MULTILINE):
        lines = "\n".join(re.findall(r"`([^`]+)`", cell))
        write_files(tmp_path, {file: f"{lines}\n".encode()})
    (block,) = re.findall(r"^```console\n\$ (.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    command, _, expected = block.partition("\n")
    done = shell(*shlex.split(command)[1:], "--jobs=1")
    assert DIGEST.sub("@", done.out) == DIGEST.sub("@", expected)
    assert (tmp_path / "grades.csv").exists()


def test_every_option_is_on_the_page() -> None:
    common = {"--json", "--typeset", "--help", "--student-from-name"}
    options = {
        max(each.opts, key=len)
        for each in program.commands["grade"].params
        if isinstance(each, click.Option)
    }
    assert {option for option in options - common if option not in PAGE} == set()
    named = set(re.findall(r"`?(--[a-z][a-z-]+)", PAGE))
    assert named - options - {"--json", "--file", "--student", "--export", "--no-index",
                              "--find-links"} == set()  # fmt: skip


def test_rules_statuses_and_columns_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `(1/[^`]+)` \|", PAGE, re.MULTILINE)
    assert len(rows) == 4
    for rule in rows:
        assert read_rule(rule).share > 0
    table = PAGE.split("## Nothing passes by mistake")[1].split("## Grading again")[0]
    statuses = set(re.findall(r"`([a-z]+)`", table.split("| status | |")[1].split("\n\n")[0]))
    assert statuses == {"solved", "partial", "wrong", *UNJUDGED}
    assert all(f"`{column}`" in PAGE for column in COLUMNS)


def test_the_scripts_are_scripts() -> None:
    scripts = re.findall(r"^```sh\n(#!.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        done = subprocess.run(["bash", "-n"], input=script.encode(), check=False)  # noqa: S607 - where bash is
        assert done.returncode == 0


def test_readme_leads_to_the_page() -> None:
    assert "(docs/grading.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
