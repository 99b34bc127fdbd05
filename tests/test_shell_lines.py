"""Lines typed into five shells, without quotes or with the wrong ones, and what is said of them.

``python -m tests.test_shell_lines`` writes the table of docs/shells.md anew.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli_runs import ROOT, Shell
from tests.shell_rules import SHELLS, ShellError

COMPLAINS = "the shell complains"
READ = "read as meant"


@dataclass(frozen=True, slots=True)
class Line:
    """What was typed behind ``handcalc``, in which shells, and what is to come of it.

    ``comes`` is a mended command (its words behind ``handcalc``), COMPLAINS, or READ.
    """

    typed: str
    shells: str
    comes: str


POSIX = "bash zsh fish"
ALL = f"{POSIX} PowerShell cmd"
W = "1 0; 0 1; 0 -1"
LINES = [
    # whole values without quotes: a ; ends the command everywhere but in cmd
    Line(f"exercise 1 --W={W}", f"{POSIX} PowerShell", 'exercise 1 --W="1 0; …"'),
    Line(f"exercise 1 --W={W}", "cmd", f'exercise 1 --W="{W}"'),
    Line(f"exercise 1 --W {W}", f"{POSIX} PowerShell", 'exercise 1 --W="1 0; …"'),
    Line(f"exercise --W={W}", f"{POSIX} PowerShell", 'exercise --W="1 0; …"'),
    Line(f"geometry --W=[{W}]", "bash fish PowerShell", 'geometry --W="1 0; …"'),
    Line(f"geometry --W=[{W}]", "cmd", f'geometry --W="[{W}]"'),
    Line("geometry --W=[[1, 0], [0, 1]]", "bash fish PowerShell cmd",
         'geometry --W="[[1, 0], [0, 1]]"'),
    Line("geometry --W=[[1,0],[0,1]]", "zsh", COMPLAINS),
    Line("geometry --W=[[1,0],[0,1]]", "bash fish PowerShell cmd", READ),
    Line("forward --W={{1,0},{0,1}}", POSIX, ""),
    Line("forward --W={{1,0},{0,1}}", "PowerShell", COMPLAINS),
    Line("exercise 7 --answer={1,2}", POSIX, 'exercise 7 --answer="{1, 2}"'),
    # all numbers of W without a ; and answers without their option
    Line("forward --W=1 0 0 1 0 0", ALL, 'forward --W="1 0; 0 1; 0 0"'),
    Line("exercise 7 3/8", ALL, "exercise 7 --answer=3/8"),
    Line("exercise 3 0 3/4 -1/4 --steps", ALL, 'exercise 3 --answer="0 3/4 -1/4" --steps'),
    Line("exercise 1 1 0 0 1 0 0", ALL, 'exercise 1 --W="1 0; 0 1; 0 0"'),
    Line("exercise 1 1 0 0 1 0 0 0 0 1", ALL, 'exercise 1 --W="1 0; 0 1; 0 0" --b="0 0 1"'),
    # vectors have no ;, so all of them arrives
    Line(f'forward --W="{W}" --x=1 1/4 1/2', ALL, f'forward --W="{W}" --x="1 1/4 1/2"'),
    Line(f'forward --W="{W}" --b=0 -1/2 0 --x="1 1 0"', ALL,
         f'forward --W="{W}" --b="0 -1/2 0" --x="1 1 0"'),
    Line("show antipodal --x=1 1/4 1/2", ALL, 'show antipodal --x="1 1/4 1/2"'),
    Line("exercise 8 --answer=0.6 0.8", ALL, 'exercise 8 --answer="0.6 0.8"'),
    Line("exercise 7 --answer=1 / 2", ALL, 'exercise 7 --answer="1 / 2"'),
    Line("exercise 13 --answer=b 2", ALL, 'exercise 13 --answer="b 2"'),
    Line(f'loss --W="{W}" --sparsity=1/2 1/2 1/4', ALL,
         f'loss --W="{W}" --sparsity="1/2 1/2 1/4"'),
    # one word behind a value that is an exercise's ID
    Line("exercise --answer=1/2 7", ALL, READ),
    # what the shell itself refuses
    Line("exercise 7 --answer=sqrt(3)/2", f"{POSIX} PowerShell", COMPLAINS),
    Line("exercise 7 --answer=sqrt(3)/2", "cmd", READ),
    Line("exercise 7 --answer=(1/2)", f"{POSIX} PowerShell", COMPLAINS),
    Line("exercise 7 --answer='1/2", POSIX, COMPLAINS),
    # quotes of another shell, or of a word processor
    Line(f"exercise 1 --W='{W}'", "cmd", f'exercise 1 --W="{W}"'),
    Line(f"exercise 1 --W=“{W}”", "bash zsh fish", 'exercise 1 --W="1 0; …"'),
    Line(f"exercise 1 --W=“{W}”", "cmd", f'exercise 1 --W="{W}"'),
    Line(f"exercise 1 --W=“{W}”", "PowerShell", READ),
    # dashes and blanks
    Line(f'exercise 1 —W="{W}"', ALL, f'exercise 1 --W="{W}"'),
    Line(f'exercise 1 -W="{W}"', ALL, f'exercise 1 --W="{W}"'),
    Line(f'exercise 1 W="{W}"', ALL, f'exercise 1 --W="{W}"'),
    Line(f'exercise 1 --W = "{W}"', ALL, f'exercise 1 --W="{W}"'),
    Line(f'exercise 1 --W= "{W}"', ALL, f'exercise 1 --W="{W}"'),
    Line(f'exercise 1 --W ="{W}"', ALL, f'exercise 1 --W="{W}"'),
    # as it should be
    Line(f'exercise 1 --W="{W}"', ALL, READ),
    Line(f"exercise 1 --W='{W}'", f"{POSIX} PowerShell", READ),
    Line(f"exercise 1 '--W={W}'", f"{POSIX} PowerShell", READ),
    Line(f'exercise 1 "--W={W}"', ALL, READ),
    Line('exercise 7 --answer="sqrt(3)/2"', ALL, READ),
]  # fmt: skip
CASES = [(shell, line) for line in LINES for shell in line.shells.split()]
REAL = [name for name in ("bash", "sh") if shutil.which(name)]


@pytest.mark.parametrize(("name", "line"), CASES, ids=[f"{n}: {c.typed}" for n, c in CASES])
def test_what_comes_of_a_line(
    shell: Shell, name: str, line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        words = SHELLS[name](line.typed)
    except ShellError:
        assert line.comes == COMPLAINS
        return
    done = shell(*words)
    assert "Traceback" not in done.out + done.err
    if line.comes == READ:
        assert done.code in (0, 1), done.out + done.err
    elif line.comes:
        assert done.code == 2
        assert done.err.splitlines()[-1] == f"Try: handcalc {line.comes}"
    else:
        assert done.code == 2
    if line.comes not in (READ, "") and '"unquoted"' in shell(*words, "--json").out:
        for each in ("bash", "zsh", "fish", "PowerShell", "cmd"):
            assert each in done.err


@pytest.mark.parametrize("line", {line.comes: line for line in LINES}.values())
def test_the_mended_command_is_read_in_every_shell(shell: Shell, line: Line) -> None:
    if line.comes in (READ, COMPLAINS, "") or "…" in line.comes:
        return
    words = {tuple(split(line.comes)) for split in SHELLS.values()}
    assert words == {tuple(shlex.split(line.comes))}
    done = shell(*words.pop())
    assert "without quotes" not in done.err
    assert "no option" not in done.err


@pytest.mark.skipif(not REAL, reason="neither bash nor sh is here")
@pytest.mark.parametrize("name", REAL)
def test_the_rules_are_those_of_the_shell_itself(name: str, tmp_path: Path) -> None:
    printed = (
        f"{shlex.quote(sys.executable)} -c 'import json, sys; print(json.dumps(sys.argv[1:]))'"
    )
    for line in LINES:
        if name == "sh" and "{" in line.typed:
            continue  # braces are bash's own
        done = subprocess.run(
            [name, "-c", f'handcalc() {{ {printed} "$@"; }}\nhandcalc {line.typed}'],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        try:
            expected = SHELLS["bash"](line.typed)
        except ShellError:
            assert done.returncode != 0, line.typed
            continue
        assert json.loads(done.stdout.splitlines()[0]) == expected, line.typed


def test_files_that_a_star_named(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("answer.txt", "b", "notes"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    done = shell("exercise", "7", "--answer=1", "answer.txt", "b", "notes", "2")
    assert done.err.endswith('Try: handcalc exercise 7 --answer="1 * 2"\n')


def test_a_value_that_was_forgotten_is_not_taken_apart(shell: Shell) -> None:
    assert "--W needs a value; --b is an option" in shell("forward", "--W", "--b", "1").err


def test_both_values_are_mended_at_once(shell: Shell) -> None:
    done = shell(*SHELLS["cmd"](f"exercise 1 --W={W} --b=0 1/2 0"))
    assert done.err.endswith(f'Try: handcalc exercise 1 --W="{W}" --b="0 1/2 0"\n')


def table() -> str:
    """The lines above as a table for people."""
    rows = ["| typed behind `handcalc` | in | what comes |", "|---|---|---|"]
    for line in LINES:
        comes = {READ: READ, COMPLAINS: COMPLAINS, "": "told how to quote"}.get(line.comes)
        shells = ", ".join(line.shells.split()) if line.shells != ALL else "all five"
        rows.append(f"| `{line.typed}` | {shells} | {comes or f'`{line.comes}`'} |")
    return "\n".join(rows)


PAGE = ROOT / "docs" / "shells.md"
MARKED = re.compile(r"(?<=<!-- table -->\n).*?(?=\n<!-- end -->)", re.DOTALL)


def test_the_page_for_people_has_this_table() -> None:
    found = MARKED.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    assert found[0] == table()


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(MARKED.sub(lambda _: table(), text), encoding="utf-8")
