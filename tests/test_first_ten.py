"""docs/first-ten.md is what happens: its commands are run in their order, with one record.

A line "…" stands for lines that are left out. ``python -m tests.test_first_ten`` writes the
outputs anew, for a person to read over: an output keeps as many lines before "…", and begins again
behind it at the line that stands there.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.cli_runs import Shell
from tests.test_readme import FENCE, answer, blocks, tidy, transcript

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "first-ten.md"
TEXT = PAGE.read_text(encoding="utf-8")
LEFT_OUT = "…"
TURNS = [turn for block in blocks(TEXT) for turn in transcript(block.body)]


def shortened(lines: list[str], shown: list[str]) -> list[str]:
    """The lines of an output, with those left out that were left out before."""
    if LEFT_OUT not in shown:
        return lines
    first = shown.index(LEFT_OUT)
    behind = shown[first + 1 :]
    if not behind:
        return [*lines[:first], LEFT_OUT]
    again = len(lines) - 1 - lines[::-1].index(behind[0])
    return [*lines[:first], LEFT_OUT, *lines[again:]]


def test_every_command_answers_as_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    shell = Shell(capsys)
    for command, shown in TURNS:
        program, *arguments = shlex.split(command)
        assert program == "handcalc"
        done = shell(*arguments)
        assert tidy(shown) == shortened(tidy(done.out + done.err), tidy(shown)), command


def test_the_page_is_about_the_first_ten_and_ends_with_all_of_them_solved() -> None:
    answered = [command for command, _ in TURNS if " --W" in command or " --answer" in command]
    found = (re.search(r"exercise (\d+)", command) for command in answered)
    numbers = [int(match[1]) for match in found if match]
    assert sorted(set(numbers)) == list(range(1, 11))
    assert numbers == sorted(numbers)
    assert "10 of 24 exercises solved" in TURNS[-1][1]


def test_in_every_exercise_an_answer_goes_wrong_before_one_is_right() -> None:
    for number in range(1, 11):
        outputs = [out for command, out in TURNS if f"exercise {number} --" in command]
        assert len(outputs) >= 2
        assert all("What happened" in out or "could not be read" in out for out in outputs[:-1])
        assert f"Exercise {number}: solved" in outputs[-1]


def test_a_changed_output_would_be_noticed() -> None:
    shown = ["a", LEFT_OUT, "y", "z"]
    assert shortened(["a", "b", "y", "y", "z"], shown) == shown
    assert shortened(["c", "b", "y", "z"], shown) != shown
    assert shortened(["a", "b", "y", "x"], shown) != shown
    assert shortened(["a", "b"], ["a", LEFT_OUT]) == ["a", LEFT_OUT]


def refreshed(text: str) -> str:
    """The page with every output as the commands answer today."""
    with TemporaryDirectory() as state:

        def again(match: re.Match[str]) -> str:
            turns = []
            for command, shown in transcript(match["body"]):
                lines = shortened(tidy(answer(command, Path(state))), tidy(shown))
                turns.append("\n".join([f"$ {command}", *lines, ""]))
            return "```console\n" + "\n".join(turns) + "```"

        return FENCE.sub(again, text)


if __name__ == "__main__":
    PAGE.write_text(refreshed(TEXT), encoding="utf-8")
