"""The prompt draws one's own arrows where they fit, and says where there are none to be drawn."""

from __future__ import annotations

import pytest

from tests.cli_runs import Shell
from tests.practice_runs import flat, typing


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return typing(monkeypatch)


def test_arrows_stand_beside_the_verdict(
    shell: Shell, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As large as there is room for, and not at all where the verdict would leave the screen."""
    found = {}
    for height in (12, 24, 60):
        monkeypatch.setenv("LINES", str(height))
        lines += ["1 0; 0 1; 0 1/2", "", "q"]
        out = shell("exercise", "1", "--no-state").out
        shown = out[out.index("Enter for zeros): ") : out.index("Try again")]
        found[height] = "⣿" in shown, "The dotted circle" in flat(shown)
        assert height != 24 or len(shown.splitlines()) <= 22
    assert found == {12: (False, False), 24: (True, False), 60: (True, True)}


@pytest.mark.parametrize("width", [40, 80, 100, 300])
def test_no_letter_is_lost_beside_a_drawing(
    shell: Shell, lines: list[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("LINES", "40")
    lines += ["1 0; 0.8660254 1/3; 123456789/1000000007 sqrt(1234567)/1000", "0 1/7 1/9", "q"]
    out = flat(shell("exercise", "1", "--no-state").out)
    for part in ("123456789/1000000007", "What happened", "What to try"):
        assert part in out


def test_a_key_for_models_is_explained_where_there_is_none(shell: Shell, lines: list[str]) -> None:
    lines += ["w", "d", "1 1 1", "work"]
    done = shell("exercise", "3")
    assert done.out.count("The answer here is no model: there is nothing to work through.") == 2
    assert done.out.count("The answer here is no model: there is nothing to be drawn.") == 1


def test_other_numbers_are_for_one_exercise(shell: Shell, lines: list[str]) -> None:
    lines += ["3/10", "a", "n", "q"]
    done = shell("exercise", "7", "--student", "ada")
    assert done.out.endswith("Come back with: handcalc exercise 8 --student ada\n")
