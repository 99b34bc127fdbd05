"""``handcalc lecture``: the list, and what is run, refused and copied, without marimo's server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from handcalc.cli.names import lecture_names
from handcalc.cli.work import lectures
from handcalc.lectures.exporting import exported
from handcalc.lectures.listing import LECTURES
from tests.cli_runs import ROOT, Shell


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would be run, with marimo installed whole."""
    ran: list[list[str]] = []
    monkeypatch.setattr(lectures, "_served", lambda command: ran.append([*command]) or 0)
    monkeypatch.setattr(lectures, "distribution", lambda name: name)
    return ran


def test_without_a_number_they_are_listed(shell: Shell) -> None:
    listed = shell("lecture", "--json").json()["lectures"]
    assert [each["name"] for each in listed] == [each.name for each in LECTURES]
    assert [each["number"] for each in listed] == [*range(1, len(LECTURES) + 1)]
    page = shell("lecture").out
    for number, each in enumerate(LECTURES, 1):
        assert f"{number:4}  {each.title} ({each.minutes} minutes)" in page.splitlines()
    assert page.index("Lectures: Toy models of superposition") < page.index(LECTURES[0].title)
    assert page.index("Lectures: Circuits") < page.index("One head and one layer")
    assert page.index("Two layers and induction") < page.index("Lectures: Directions")
    assert "handcalc lecture 1" in page.splitlines()[-1]


def test_the_list_can_be_asked_for_by_name(shell: Shell) -> None:
    assert shell("lecture", "--list").out == shell("lecture").out
    assert shell("lecture", "--list", "--json").json() == shell("lecture", "--json").json()


def test_the_page_on_lectures_lists_them() -> None:
    page = (ROOT / "docs" / "lectures.md").read_text(encoding="utf-8")
    rows = [f"| {k} | {each.title} | {each.minutes} |" for k, each in enumerate(LECTURES, 1)]
    assert [line[: len(row)] for line, row in zip(table_of(page), rows, strict=True)] == rows


def table_of(page: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith("| ")][1:]


@pytest.mark.parametrize("which", ["1", "by-hand"])
def test_one_is_opened_by_number_or_name(
    shell: Shell, commands: list[list[str]], which: str
) -> None:
    done = shell("lecture", which, "--no-open", "--port=2800", "--answers")
    assert done.code == 0
    assert done.out.splitlines()[0] == f"{LECTURES[0].title}: close it with Ctrl-C."
    (ran,) = commands
    assert ran[:5] == [sys.executable, "-m", "marimo", "run", str(LECTURES[0].file)]
    assert ran[5:] == ["--port", "2800", "--headless", "--", "--answers"]


def test_to_be_changed_it_is_copied_once(
    shell: Shell, commands: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "Copied to by_hand.py" in shell("lecture", "1", "--edit").out
    copy = tmp_path / "by_hand.py"
    assert copy.read_bytes() == LECTURES[0].file.read_bytes()
    copy.write_text("mine", encoding="utf-8")
    assert "in this folder already" in shell("lecture", "1", "--edit").out
    assert copy.read_text(encoding="utf-8") == "mine"
    assert [ran[3:6] for ran in commands] == [["edit", "--skip-update-check", "by_hand.py"]] * 2


def test_for_programs_nothing_is_opened(shell: Shell, commands: list[list[str]]) -> None:
    found = shell("lecture", "by-hand", "--json").json()["lecture"]
    assert (found["number"], found["file"]) == (1, str(LECTURES[0].file))
    assert Path(found["file"]).is_file()
    assert commands == []


@pytest.mark.parametrize(
    ("typed", "said", "instead"),
    [
        (["0"], f"Lectures have the numbers 1 to {len(LECTURES)}", "handcalc lecture"),
        (["one-layr"], "'one-layr' is none of them", "handcalc lecture one-layer"),
        (["--edit"], "--edit is about one lecture", "handcalc lecture 1 --edit"),
        (["--port=9"], "--port is about one lecture", "handcalc lecture 1 --port=9"),
        (["--answers"], "--answers is about one lecture", "handcalc lecture 1 --answers"),
        (["--list", "--edit"], "--edit is about one lecture", "handcalc lecture 1 --edit"),
        (["1", "--list"], "--list lists all lectures", "handcalc lecture --list"),
        (
            ["--export=a.ipynb"],
            "--export is about one lecture",
            "handcalc lecture 1 --export a.ipynb",
        ),
    ],
)
def test_what_cannot_be_opened(
    shell: Shell, commands: list[list[str]], typed: list[str], said: str, instead: str
) -> None:
    done = shell("lecture", *typed, "--json")
    assert done.code == 2
    assert said in done.json()["error"]["message"]
    assert done.json()["error"]["suggestion"] == instead
    assert commands == []


def test_a_notebook_is_written(
    shell: Shell, commands: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shell("lecture", "1", "--export", "one.ipynb").out == "Wrote one.ipynb.\n"
    folded = Path("one.ipynb").read_text(encoding="utf-8")
    assert folded == exported(LECTURES[0])
    again = shell("lecture", "by-hand", "--export", "one.ipynb", "--answers")
    assert again.out == "Replaced one.ipynb.\n"
    assert Path("one.ipynb").read_text(encoding="utf-8") == exported(LECTURES[0], answers=True)
    told = shell("lecture", "2", "--export", "two.IPYNB", "--json").json()
    assert (told["lecture"]["number"], told["export"]) == (2, "two.IPYNB")
    assert Path("two.IPYNB").read_text(encoding="utf-8") == exported(LECTURES[1])
    assert commands == []


def test_for_a_notebook_marimo_need_not_be_here(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handcalc.errors.find_spec", lambda _: None)
    assert shell("lecture", "1", "--export", str(tmp_path / "one.ipynb")).code == 0


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (["--export=one.txt"], "suffix", "not to one.txt"),
        (["--export=one"], "suffix", "not to one"),
        (["--export=mine.ipynb"], "file_exists", "is no notebook of a lecture"),
        (["--export=no/one.ipynb"], "unwritable_file", "there is no folder no"),
        (["--export=one.ipynb", "--edit"], "usage", "--edit is about opening"),
        (["--export=one.ipynb", "--port=9"], "usage", "--port is about opening"),
        (["--export=one.ipynb", "--no-open"], "usage", "--no-open is about opening"),
    ],
)
def test_where_no_notebook_is_written(
    shell: Shell,
    typed: list[str],
    code: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "mine.ipynb"
    mine.write_text('{"cells": [], "metadata": {}}', encoding="utf-8")
    error = shell("lecture", "1", *typed, "--json").json()["error"]
    assert (error["code"], said in error["message"]) == (code, True)
    if code in ("suffix", "usage"):
        assert "--export one.ipynb" in error["suggestion"]
    assert mine.read_text(encoding="utf-8") == '{"cells": [], "metadata": {}}'
    assert [*tmp_path.iterdir()] == [mine]


@pytest.mark.parametrize("lacking", ["marimo", "its pages"])
def test_without_the_extra_it_says_what_to_install(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    def no_distribution(_: str) -> None:
        raise PackageNotFoundError

    monkeypatch.setattr(lectures, "distribution", no_distribution)
    if lacking == "marimo":
        monkeypatch.setattr("handcalc.errors.find_spec", lambda _: None)
    done = shell("lecture", "1")
    assert done.code == 2
    assert 'pip install "handcalc[lecture]"' in done.err
    said = "needs marimo" if lacking == "marimo" else "has no pages"
    assert said in done.err


def test_where_marimo_fails_it_is_said(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        lectures, "_command", lambda *_: [sys.executable, "-c", "raise SystemExit(7)"]
    )
    monkeypatch.setattr(lectures, "distribution", lambda name: name)
    done = shell("lecture", "1")
    assert done.code == 2
    assert "could not serve the lecture, and ended with code 7" in done.err


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no signals to send")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_a_signal_closes_marimo_too(tmp_path: Path, number: int, code: int) -> None:
    mark = tmp_path / "marimo"
    serves = f"pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(60)"
    serving = f"import os, pathlib, time; {serves}"
    program = (
        "import sys; from handcalc.cli.work import lectures; from handcalc.cli import main; "
        f"lectures._command = lambda *_: [sys.executable, '-c', {serving!r}]; "
        "lectures.distribution = str; sys.argv = ['handcalc', 'lecture', '1']; main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.DEVNULL
    ) as parent:
        try:
            until = time.monotonic() + 60
            while not (mark.exists() and mark.read_text()) and time.monotonic() < until:
                time.sleep(0.05)
            child = int(mark.read_text())
            parent.send_signal(number)
            if number == signal.SIGINT:  # a terminal sends it to both
                os.kill(child, number)
            assert parent.wait(timeout=30) == code
        finally:
            parent.kill()
    with pytest.raises(ProcessLookupError, match="No such process"):
        os.kill(child, 0)


def test_names_are_completed() -> None:
    names = [each.name for each in LECTURES]
    numbers = [str(k) for k, _ in enumerate(names, 1)]
    assert lecture_names(None, None, "") == [*numbers, *names]  # type: ignore[arg-type]  # neither is looked at
    assert lecture_names(None, None, "tw") == ["two-layers"]  # type: ignore[arg-type]  # neither is looked at
