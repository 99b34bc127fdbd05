"""An option means the same in every command that has it."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from handcalc.cli.program import program
from tests.cli_runs import Shell


def options() -> Iterator[tuple[str, str, click.Option]]:
    """Every command with each of its options."""
    for name, command in program.commands.items():
        for each in command.params:
            if isinstance(each, click.Option):
                yield name, max(each.opts, key=len), each


# what stands behind an option; where a command differs, it is said why
TAKES = {
    "--svg": "FILE",
    "--png": "FILE",
    "--csv": "FILE",
    "--file": "FILE",
    "--out": "DIR",
    "--course": "DIR",
    "--W": "TEXT",
    "--b": "TEXT",
    "--x": "TEXT",
    "--sparsity": "TEXT",
    "--importance": "TEXT",
    "--features": "N",
    "--hidden": "M",
    "--seed": "N",
    "--restarts": "K",
}
OLDER = {
    ("figure", "--out"): "FILE",  # before --png and --svg; its page says that it is the older name
    ("optimum", "--features"): "N",
    ("phases", "--features"): "K",
    ("phases", "--hidden"): "K",
    ("figure", "--x"): "AXIS",  # of a heat map; elsewhere an input
    ("sweep", "--features"): "TEXT",  # several, and ranges
    ("sweep", "--hidden"): "TEXT",
    ("optimum", "--seed"): "K",
    ("phases", "--seed"): "K",
}


def test_an_option_takes_the_same_in_every_command() -> None:
    found = {(name, option): each.metavar for name, option, each in options() if option in TAKES}
    assert found == {key: OLDER.get(key, TAKES[key[1]]) for key in found}


def test_flags_are_flags_and_values_are_values_everywhere() -> None:
    kinds: dict[str, set[bool]] = {}
    for _, option, each in options():
        kinds.setdefault(option, set()).add(each.is_flag)
    # of exercise, --steps works an answer through; of train and sweep it counts those of a descent;
    # of circuit, --prove says up to which length, and of optimum there is no such thing to say
    assert {option for option, found in kinds.items() if len(found) > 1} == {"--steps", "--prove"}


def test_files_that_a_command_writes_are_written_in_the_same_words() -> None:
    said: dict[str, set[str]] = {}
    for name, option, each in options():
        if option in ("--png", "--svg") and (name, option) not in OLDER:
            said.setdefault(option, set()).add(str(each.help).split()[0])
    assert said == {"--png": {"Write"}, "--svg": {"Write"}}


def test_the_older_name_says_so(shell: Shell) -> None:
    assert "The older name of both" in " ".join(
        shell("figure", "--help", "--json").json()["help"].replace("│", " ").split()
    )


@pytest.mark.parametrize("option", ["--no-state", "--json", "--help", "--linear", "--fresh"])
def test_a_flag_says_the_same_on_every_page(option: str) -> None:
    assert len({each.help for _, name, each in options() if name == option}) == 1
