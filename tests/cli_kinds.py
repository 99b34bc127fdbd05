"""What holds of every kind with one trainer at the command line, and is asked of each."""

from __future__ import annotations

from collections.abc import Sequence

from tests.cli_runs import Shell
from torchsim.presets import preset


def words(text: str) -> str:
    return " ".join(text.split())


def is_trained_kept_listed_and_compared(
    shell: Shell, name: str, short: Sequence[str], trainer: str
) -> None:
    done = shell("train", name, *short)
    assert (done.code, done.err) == (0, "")
    assert all(len(line) <= 80 for line in done.out.splitlines() if "runs/" not in line)
    assert words(preset(name).title) in words(done.out)
    assert words(preset(name).story) in words(done.out)
    assert "It was trained before" in shell("train", name, *short).out
    [listed] = [each for each in shell("runs", "--json").json()["runs"] if each["preset"] == name]
    assert (listed["finished"], listed["latest"], listed["trainers"]) == (True, True, [trainer])
    assert "Beside what is exact" in words(shell("runs", listed["name"]).out)
    page = shell("compare")
    assert page.code == 0
    assert all(len(line) <= 80 for line in page.out.splitlines() if "runs/" not in line)


def is_refused(shell: Shell, arguments: Sequence[str], said: str, suggestion: str) -> None:
    done = shell(*arguments)
    assert done.code == 2
    assert words(said) in words(done.err)
    assert suggestion in done.err
    assert "Traceback" not in done.err
