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

from handcalc.cli.options import lecture_names
from handcalc.cli.work import lectures
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
        assert f"{number}  {each.title} ({each.minutes} minutes)" in page
    assert page.index("Lectures: Circuits") < page.index(LECTURES[0].title)
    assert "handcalc lecture 1" in page.splitlines()[-1]


@pytest.mark.parametrize("which", ["2", "two-layers"])
def test_one_is_opened_by_number_or_name(
    shell: Shell, commands: list[list[str]], which: str
) -> None:
    done = shell("lecture", which, "--no-open", "--port=2800", "--answers")
    assert done.code == 0
    assert done.out.splitlines()[0] == f"{LECTURES[1].title}: close it with Ctrl-C."
    (ran,) = commands
    assert ran[:5] == [sys.executable, "-m", "marimo", "run", str(LECTURES[1].file)]
    assert ran[5:] == ["--port", "2800", "--headless", "--", "--answers"]


def test_to_be_changed_it_is_copied_once(
    shell: Shell, commands: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "Copied to one_layer.py" in shell("lecture", "1", "--edit").out
    copy = tmp_path / "one_layer.py"
    assert copy.read_bytes() == LECTURES[0].file.read_bytes()
    copy.write_text("mine", encoding="utf-8")
    assert "in this folder already" in shell("lecture", "1", "--edit").out
    assert copy.read_text(encoding="utf-8") == "mine"
    assert [ran[3:6] for ran in commands] == [["edit", "--skip-update-check", "one_layer.py"]] * 2


def test_for_programs_nothing_is_opened(shell: Shell, commands: list[list[str]]) -> None:
    found = shell("lecture", "one-layer", "--json").json()["lecture"]
    assert (found["number"], found["file"]) == (1, str(LECTURES[0].file))
    assert Path(found["file"]).is_file()
    assert commands == []


@pytest.mark.parametrize(
    ("typed", "said", "instead"),
    [
        (["0"], "Lectures have the numbers 1 to 2", "handcalc lecture"),
        (["one-layr"], "'one-layr' is none of them", "handcalc lecture one-layer"),
        (["--edit"], "--edit is about one lecture", "handcalc lecture 1 --edit"),
        (["--port=9"], "--port is about one lecture", "handcalc lecture 1 --port=9"),
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
    assert lecture_names(None, None, "") == ["1", "2", "one-layer", "two-layers"]  # type: ignore[arg-type]  # neither is looked at
    assert lecture_names(None, None, "tw") == ["two-layers"]  # type: ignore[arg-type]  # neither is looked at
