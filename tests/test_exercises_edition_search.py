"""What a student edition must not hold is found in its files, wherever it stands in them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import exercises
from exercises.authoring import student_edition as made
from exercises.authoring.edition_search import EditionSearch
from exercises.authoring.student_edition import StudentEdition, toml
from exercises.authoring.student_edition import student_edition as make_edition
from tests.cli_runs import Shell
from tests.leaks import flat


@cache
def student_edition() -> StudentEdition:
    return make_edition()


@cache
def search() -> EditionSearch:
    return EditionSearch()


SOLUTION = exercises.load("perfect-reconstruction").key().solutions[0]
HIDDEN = [
    ("best-bias-sparse", "# 3/8"),
    ("best-bias-sparse", "# b = 0.375"),
    ("best-bias-sparse", 'why = "37.5 %"'),
    ("best-bias-sparse", '[[variants]]\nn1 = "9/10"\nb = "1/20"'),
    ("best-bias-sparse", 'diagnosis = "mean-when-on"'),
    ("importance", f'hints = ["{flat(exercises.load("importance").hint(2))}"]'),
    ("importance", exercises.load("importance").key().why),
    ("perfect-reconstruction", f'W = "{SOLUTION.typed["W"]}"'),
    ("perfect-reconstruction", f"# {SOLUTION.typed['W'].replace('; ', '], [').replace(' ', ', ')}"),
    ("perfect-reconstruction", f"# {SOLUTION.reasoning}"),
    ("exact-loss", f"# {exercises.load('exact-loss').key().wrong[0].typed['answer']}"),
    ("how-much-weight", 'value = "2 4"'),
    ("how-much-weight", "# 2,4"),
    ("never-the-argmax", exercises.load("never-the-argmax").key().solutions[0].reasoning),
]


@pytest.mark.parametrize(("slug", "hidden"), HIDDEN, ids=lambda text: text[:24])
@pytest.mark.parametrize("other", [False, True], ids=["in its file", "in another"])
def test_what_is_left_in_is_found(slug: str, hidden: str, other: bool) -> None:
    files = student_edition().files
    file = "manifest.toml" if other else f"{slug}.toml"
    found = list(search().leaks({file: f"{files[file]}\n{hidden}\n"}))
    assert slug in {leak.exercise for leak in found}
    assert {leak.file for leak in found} == {file}
    assert list(search().leaks({file: files[file]})) == []


# -- the search of what the command has written ----------------------------------------------------


def leaves_in(key: str) -> Any:
    """``SHOWN`` with one key more than students are to see."""
    return lambda patch: patch.setattr(made, "SHOWN", (*made.SHOWN, key))


def keeps_numbers(patch: pytest.MonkeyPatch) -> None:
    """All numbers of each variant, those that stand in no text too."""
    shown = made.shown_part
    patch.setattr(
        made, "shown_part", lambda table: {**shown(table), "variants": table.get("variants", [])}
    )


def comments(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(made, "toml", lambda table: f"{toml(table)}\n# 3/8\n")


def changes_on_the_disk(patch: pytest.MonkeyPatch) -> None:
    write = Path.write_text
    patch.setattr(
        Path,
        "write_text",
        lambda self, text, **how: write(
            self, text + ("# 37.5 %\n" if self.name == "importance.toml" else ""), **how
        ),
    )


@pytest.mark.parametrize(
    "plants",
    [
        *map(leaves_in, ("hints", "why", "wrong", "check")),
        keeps_numbers,
        comments,
        changes_on_the_disk,
    ],
)
def test_an_edition_that_holds_more_is_not_released(
    tmp_path: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch, plants: Any
) -> None:
    plants(monkeypatch)
    done = shell("dev", "release", f"--dir={tmp_path}/out", "--json")
    error = done.json()["error"]
    assert (done.code, error["code"]) == (2, "leak")
    assert re.search(r"\.toml held “.*”, which belongs to", error["message"])
    assert list((tmp_path / "out").iterdir()) == []
