"""docs/writing-exercises.md names everything that there is to write, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from exercises import checks
from exercises.authoring.engine_check import Calculation
from exercises.course_files import ExerciseFile
from exercises.exercise import AnswerKind

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "writing-exercises.md").read_text(encoding="utf-8")
SOURCES = [
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "exercises").rglob("*.py"))
    if path.name != "progress.py"
]


def kinds(tables: Any) -> list[str]:
    """The tags of the tables of a union, or of one table."""
    return [table.__struct_config__.tag for table in get_args(tables) or (tables,)]


CHECKS = sorted({kind for tables in checks.TABLES.values() for kind in kinds(tables)})


@pytest.mark.parametrize("kind", CHECKS)
def test_every_check_is_described(kind: str) -> None:
    assert f"| `{kind}` |" in PAGE


@pytest.mark.parametrize("kind", kinds(Calculation))
def test_every_calculation_is_described(kind: str) -> None:
    assert f"| `{kind}` |" in PAGE


@pytest.mark.parametrize("kind", kinds(AnswerKind))
def test_every_kind_of_answer_is_described(kind: str) -> None:
    assert f'| `kind = "{kind}"` |' in PAGE


def test_the_full_exercise_has_every_table_that_a_number_can_have() -> None:
    toml = PAGE.split("```toml\n")[1].split("```")[0]
    keys = {field.name for field in msgspec.structs.fields(ExerciseFile)} - {"circuit"}
    for key in sorted(keys):
        assert re.search(rf"^(\[*{key}\]*$|{key} = )", toml, re.MULTILINE), key
    assert len(toml.splitlines()) < 75


def test_the_diagnoses_that_have_a_name_are_those_of_the_code() -> None:
    named = PAGE.split("## Wrong answers")[1].split("## Hints")[0].split("already:")[1]
    names = set(re.findall(r"`([a-z-]+)`", named))
    assert len(names) > 20
    everything = "\n".join(SOURCES)
    missing = [n for n in names if f'"{n}"' not in everything and n not in _SIZES]
    assert missing == []


_SIZES = {"too-small", "too-large"}  # made of two words in the code


def test_links_lead_somewhere() -> None:
    headings = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    anchors = [re.sub(r"[^a-z ]", "", heading.lower()).replace(" ", "-") for heading in headings]
    assert re.findall(r"\]\(#([a-z-]+)\)", PAGE) == anchors
