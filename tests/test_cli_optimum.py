"""``optimum`` at the terminal, in JSON, and in a notebook."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import sympy
from rich.cells import cell_len
from sympy import Rational

from handcalc import Optimum, ToyModel, expected_loss, optimum, parse_matrix, parse_vector
from handcalc.cli.commands.calculations import DIGITS, MOST_DIMENSIONS, MOST_FEATURES
from handcalc.cli.report import Session
from handcalc.cli.terminal import ProgressBar, Terminal
from handcalc.cli.work.model import LARGEST
from handcalc.numbers.exact import to_float
from handcalc.superposition.best import optimum as optimisation
from handcalc.superposition.loss import problem
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.views import markdown, text
from handcalc.views.notation import ASCII, UNICODE, RoundedNotation
from tests.cli_runs import Shell, outside
from tests.view_cases import rendered

PAIR = ["optimum", "--features=3", "--hidden=2", "--sparsity=1/2", "--restarts=16"]


@cache
def asked(*more: object) -> Optimum:
    """An optimum for the views, of few restarts."""
    return optimum(*more, restarts=16)  # type: ignore[arg-type]  # whatever optimum takes


# -- JSON -----------------------------------------------------------------------------------------


def test_json_has_the_answer_and_how_sure_it_is(shell: Shell) -> None:
    found = shell(*PAIR, "--json").json()
    assert (found["command"], found["status"], found["error"]) == ("optimum", "ok", None)
    assert found["loss"].startswith("0.07628244698956357")
    assert found["value"] == pytest.approx(0.0762824469895636, abs=1e-16)
    assert (found["family"], found["restarts"]) == ("antipodal", 16)
    assert 0 < found["agreed"] <= 16
    assert found["minima"][0] == {
        "loss": pytest.approx(found["value"], abs=1e-14),
        "family": "antipodal",
        "restarts": found["agreed"],
    }
    assert [part["kind"] for part in found["parts"]] == ["pair", "dedicated"]
    assert found["parts"][0]["features"] == [2, 3]
    assert found["slope"] < 1e-30
    assert "not a proof" in found["sentence"]


def test_the_numbers_of_the_json_have_the_loss_that_it_states(shell: Shell) -> None:
    found = shell(*PAIR, "--json").json()
    assert found["W"][0] == ["1", "0"]
    assert len(found["W"][1][1]) > 35
    W = parse_matrix("; ".join(" ".join(row) for row in found["W"]))
    model = ToyModel(W, parse_vector(" ".join(found["b"])))
    assert to_float(expected_loss(model, SparseUniform("1/2")).value) == found["value"]


def test_json_has_the_closed_form(shell: Shell) -> None:
    found = shell(*PAIR, "--json").json()
    pair, lone = found["closed_form"]["parts"]
    assert found["closed_form"]["loss"] == found["loss"] == pair["loss"]
    assert found["W"][1][1].startswith(pair["length"][:29])
    assert (lone["length"], lone["biases"], lone["loss"]) == ("1", ["0"], "0")
    beta = Rational(pair["beta"])
    assert Rational(pair["between"][0]) < beta < Rational(pair["between"][1])
    at_beta = {
        symbol: sympy.parse_expr(pair[symbol].replace("beta", "x")).subs("x", beta)
        for symbol in ("polynomial", "B", "C")
    }
    assert abs(at_beta["polynomial"]) < 1e-27
    loss = 2 * (Rational(1, 6) - at_beta["B"] ** 2 / at_beta["C"])
    assert abs(loss - Rational(found["loss"])) < 1e-29


def test_json_without_a_search(shell: Shell) -> None:
    found = shell("optimum", "--features=2", "--sparsity=sqrt(2)/2", "--json").json()
    assert (found["loss"], found["value"]) == ("0", 0)
    assert (found["W"], found["b"]) == ([["1", "0"], ["0", "1"]], ["0", "0"])
    assert (found["restarts"], found["agreed"], found["minima"]) == (0, 0, [])


@pytest.mark.parametrize(
    ("arguments", "family"),
    [
        (["--distribution=one-active", "--features=5"], "pentagon"),
        (["--distribution=correlated", "--sets=1 2", "--sparsity=1/2", "--hidden=1"], "mixed"),
        (["--distribution=anticorrelated", "--sets=1 2 3", "--sparsity=1/2"], "antipodal"),
        (["--sparsity=0 1/2 9/10"], "antipodal"),
        (["--sparsity=1/2", "--importance=1 1 1/100", "--hidden=1"], "antipodal"),
    ],
)
def test_every_kind_of_input(shell: Shell, arguments: list[str], family: str) -> None:
    done = shell("optimum", *arguments, "--restarts=16", "--json")
    assert done.code == 0
    assert done.json()["family"] == family


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "give a sparsity from 0 to 1.\nTry: handcalc optimum --sparsity=1/2\n"),
        (["--distribution=correlated", "--sets=1 2"], 2, '--sets="1 2" --sparsity=1/2\n'),
        (["--features=11", "--sparsity=0"], 2, "11 is not in the range 1<=x<=10"),
        (["--hidden=0", "--sparsity=0"], 2, "0 is not in the range"),
        (["--digits=29", "--sparsity=0"], 2, "29 is not in the range 30<=x<=60"),
        (["--restarts=0", "--sparsity=0"], 2, "0 is not in the range x>=1"),
        (["--hidden=4", "--sparsity=0", "--svg=a.svg"], 2, "Arrows in 4 dimensions"),
        (["--sparsity=0", "--svg=nowhere/a.svg"], 2, "there is no folder nowhere"),
        (["--sparsity=oops"], 3, "--sparsity could not be read, row 1, character 1"),
        (["--sparsity=2"], 3, "from 0 to 1, not 2"),
        (["--sparsity=1 1"], 3, "one for each of the 3 features, not 2"),
        (["--sparsity=0", "--importance=-1"], 3, "--importance could not be read"),
        (["--sparsity=0", "--importance=1 2"], 3, "--importance could not be read"),
    ],
)
def test_what_is_refused(shell: Shell, arguments: list[str], code: int, said: str) -> None:
    done = shell("optimum", *arguments)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    found = shell("optimum", *arguments, "--json").json()
    assert found["status"] == ("unreadable" if code == 3 else "error")


def test_a_missing_extra_is_exit_code_2(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handcalc.errors.find_spec", lambda _: None)
    done = shell(*PAIR)
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith('not installed.\nTry: pip install "handcalc[optimum]"\n')
    error = shell(*PAIR, "--json").json()["error"]
    assert (error["code"], error["suggestion"]) == (
        "missing_extra",
        'pip install "handcalc[optimum]"',
    )


def test_the_bounds_are_those_of_the_search() -> None:
    assert problem.MAX_FEATURES == MOST_FEATURES
    assert (optimisation.MIN_DIGITS, optimisation.MAX_DIGITS) == DIGITS
    assert LARGEST == MOST_DIMENSIONS


# -- text -----------------------------------------------------------------------------------------


def test_a_page_for_people(shell: Shell) -> None:
    done = shell(*PAIR)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert lines[0] == "3 features in 2 dimensions"
    assert "Expected loss L = 0.0762824469895636" in lines
    assert any(
        line.startswith("W ≈ ⎢ 0") and "0.968969991305 ⎥   feature 2" in line for line in lines
    )
    assert "    ⎣ 0   −0.968969991305 ⎦   feature 3" in lines
    assert "b ≈ (0, 0.097682681411, 0.097682681411)" in lines
    assert "antipodal: Features 2 and 3 are an antipodal pair" in done.out
    assert "feature 2 points up with length about 0.968970" in " ".join(done.out.split())
    assert "of 16 restarts ended here." in done.out


@pytest.mark.parametrize("notation", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("width", [80, 60, 40])
def test_pages_fit_their_width(notation: Any, width: int) -> None:
    for best in (asked(3, 2, 0), asked(5, 2, "9/10"), asked(2, 1, "1/2"), asked(3, 3, 0)):
        page = rendered(text.optimum(best, notation), width)
        assert max(map(cell_len, page.splitlines())) <= width
        assert notation.unicode or page.isascii()
        assert best.family.name in page


def test_the_closed_form_is_written_out() -> None:
    page = rendered(text.optimum(asked(3, 2, "1/2"), ASCII))
    root = "0 = beta^7 - 12*beta^6 - 21*beta^5 + 70*beta^4 + 9*beta^3 + 24*beta^2 + 55*beta - 6"
    assert root in page
    assert "B = 1/96*beta^4 - 1/24*beta^3 + 1/16*beta^2 + 5/24*beta + 11/96" in page
    assert "L = 2*(1/6 - B^2/C)" in page
    assert "β⁷ − 12·β⁶" in rendered(text.optimum(asked(3, 2, "1/2"), UNICODE))
    assert "too long for a page" in rendered(text.optimum(asked(5, 2, "9/10"), ASCII))
    assert "exactly" not in rendered(text.optimum(asked(2, 1, 0), ASCII))


def test_importances_are_told_where_they_differ() -> None:
    page = rendered(text.optimum(asked(2, 1, "1/2", "1 6561/10000"), ASCII))
    assert "The features' importances are 1, 6561/10000." in page
    assert "importances" not in rendered(text.optimum(asked(2, 1, "1/2"), ASCII))


def test_other_minima_are_listed() -> None:
    page = rendered(text.optimum(asked(3, 2, 0), ASCII))
    row = next(line for line in page.splitlines() if "3.0e-06" in line)
    assert row.split()[:2] == ["0.0830925939", "3.0e-06"]
    hits = sum(minimum.hits for minimum in asked(3, 2, 0).minima[1:])
    assert row.split()[-1] == str(hits)


def test_the_lowest_five_of_many_others_are_listed() -> None:
    best = asked(3, 2, 0)
    other = replace(best.minima[1], hits=1)
    many = [replace(other, loss=other.loss + k / 100) for k in range(8)]
    families = (best.families[0], *[best.families[1]] * 8)
    page = rendered(
        text.optimum(replace(best, minima=(best.minima[0], *many), families=families), ASCII)
    )
    assert "0.1230925939" in page
    assert "0.1330925939" not in page
    assert "And 3 more, up to 0.1530925939." in page


def test_a_minimum_in_which_no_restart_ended_is_not_listed() -> None:
    best = asked(3, 2, 0)
    first, second = best.minima
    families = (*best.families, best.families[1])
    varied = replace(second, loss=0.0987654321, hits=0)
    both = replace(best, minima=(first, second, varied), families=families)
    alone = replace(best, minima=(first, varied))
    for page in (rendered(text.optimum(both, ASCII)), markdown.optimum(both)):
        assert "Other minima in which restarts ended:" in page
        assert "0.0987654321" not in page
        assert f"{second.loss:.10f}" in page
    for page in (rendered(text.optimum(alone, ASCII)), markdown.optimum(alone)):
        assert "Other minima" not in page


def test_it_says_how_well_the_numbers_are_known() -> None:
    best = asked(3, 2, "1/2")
    assert (
        "worked out to 30 digits, 12 decimals are shown. The steepest slope of the loss there is"
        in (rendered(text.optimum(best, ASCII)))
    )
    rough = rendered(text.optimum(replace(best, slope=1e-9), ASCII))
    assert (
        "could not be worked out to 30 digits. The steepest slope of the loss there is 1.0e-09"
        in rough
    )


def test_rounding_keeps_what_is_short_and_knows_no_negative_zero() -> None:
    near = RoundedNotation(UNICODE, 4)
    assert near.number(parse_vector("-1/3")[0]) == "−1/3"
    assert near.number(parse_vector("0.12345678")[0]) == "0.1235"
    assert near.number(parse_vector("-1e-20")[0]) == "0.0000"
    assert near.number(parse_vector("sqrt(2)/2")[0]) == "0.7071"


def test_print_and_notebook() -> None:
    best = asked(3, 2, "1/2")
    assert "Expected loss L = 0.0762824469895636" in str(best)
    shown = best._repr_markdown_()
    assert shown == markdown.optimum(best)
    assert shown.count("$$") % 2 == 0
    for part in (
        "**antipodal**",
        r"0 &= \beta^{7} - 12 \cdot",
        "0.968969991305",
        "$L = 0.0762824469895636$",
        "a certificate that comes with the package",
    ):
        assert part in shown


def test_the_drawing_is_written(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "best.svg"
    assert "".join(f"Wrote {file}.".split()) in "".join(shell(*PAIR, f"--svg={file}").out.split())
    drawing = ET.fromstring(file.read_text(encoding="utf-8"))  # noqa: S314  # our own text
    words = next(part.text or "" for part in drawing if part.tag.endswith("desc"))
    assert words.startswith(
        "Feature 1 points right with length 1; feature 2 points up with length about 0.968970"
    )
    assert shell(*PAIR, f"--svg={file}", "--json").json()["svg"] == str(file)


def test_an_ascii_terminal_without_colour() -> None:
    done = outside(*PAIR, env={"PYTHONIOENCODING": "ascii", "NO_COLOR": "1"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert b"\x1b" not in done.stdout
    assert b"[ 0   -0.968969991305 ]   feature 3" in done.stdout


def test_an_interruption(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("handcalc.superposition.best.multistart.search", interrupted)
    assert shell(*PAIR).code == 130
    assert shell(*PAIR, "--json").json()["error"]["code"] == "interrupted"


# -- the bar --------------------------------------------------------------------------------------


class Screen(io.StringIO):
    """Standard error where somebody looks at it."""

    def isatty(self) -> bool:
        return True


def looked_at(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Standard error from here on; in a fixture it would be pytest's own again by the test."""
    monkeypatch.setenv("TERM", "xterm-256color")
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    return screen


def test_a_bar_for_those_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = looked_at(monkeypatch)
    with ProgressBar(Session(Terminal(), json=False), "Descending") as bar:
        bar(3, 8)
        assert screen.getvalue() == ""  # not for less than a second
        monkeypatch.setattr("handcalc.cli.terminal._PATIENCE", 0)
        bar(8, 8)
    assert "Descending" in screen.getvalue()
    assert "8/8" in screen.getvalue()


def test_no_bar_in_json_or_where_nobody_looks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("handcalc.cli.terminal._PATIENCE", 0)
    with ProgressBar(Session(Terminal(), json=False), "Descending") as bar:
        bar(8, 8)
    assert capsys.readouterr().err == ""
    screen = looked_at(monkeypatch)
    with ProgressBar(Session(Terminal(), json=True), "Descending") as bar:
        bar(8, 8)
    assert screen.getvalue() == ""
