"""``handcalc directions``: pages, JSON, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import handcalc
from handcalc.cli.names import DIRECTIONS
from tests.cli_runs import Shell, outside_together

TRIANGLE = "--W=1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2"
KEYS = (
    "coherence", "welch", "spark", "circuits", "unique", "l1", "unique_nonnegative",
    "l1_nonnegative",
)  # fmt: skip


def test_the_keys_of_a_w(shell: Shell) -> None:
    found = shell("directions", TRIANGLE, "--json").json()
    assert {key: found[key] for key in KEYS} == {
        "coherence": "1/2",
        "welch": "1/2",
        "spark": 3,
        "circuits": [["1", "1", "1"]],
        "unique": 1,
        "l1": 1,
        "unique_nonnegative": 2,
        "l1_nonnegative": 2,
    }
    failing = found["counterexamples"]["unique_nonnegative"]
    assert failing == {"k": 3, "x": ["1"] * 3, "others": [["0"] * 3], "tie": False}


def test_an_input_and_the_mean(shell: Shell) -> None:
    asked = ("directions", TRIANGLE, "--x=1 1/2 0", "--sparsity=1/2")
    found = shell(*asked, "--json").json()
    assert (found["readouts"]["output"], found["readouts"]["sparsest"]) == (
        ["3/4", "0", "0"],
        [["1", "1/2", "0"]],
    )
    assert found["on_average"]["sparsest_loss"] == "3/80"
    page = shell(*asked).out
    assert "the model                  3/4    0   0" in page
    assert "The sparsest-x decoder, which answers with the sparsest x ≥ 0 that has this h," in page
    assert "loses 3/80. That is no bound" in page
    symbolic = shell("directions", "triangle", "--x=1", "--sparsity=0", "--json").json()
    assert symbolic["on_average"]["sparsest_loss"] == "3/10"


SLOW = ("even-signs",)  # sixteen rows: ten seconds a page


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in DIRECTIONS],
)
def test_every_name_has_a_page(shell: Shell, name: str) -> None:
    done = shell("directions", name)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{name}: ")
    assert max(map(len, done.out.splitlines())) <= 80
    assert shell("directions", name, "--json").json()["name"] == name


def test_the_list_has_every_name(shell: Shell) -> None:
    listed = shell("directions", "--json").json()
    names = [each["name"] for each in (*listed["sets"], *listed["analogies"])]
    assert names == list(DIRECTIONS)
    assert all(name in shell("directions").out for name in DIRECTIONS)


def test_how_many_fit(shell: Shell) -> None:
    found = shell("directions", "--dimensions=100", "--degrees=89", "--json").json()
    assert (found["welch"], found["at_most"]) == ("103", "103")
    assert (
        "at most, by Welch                103"
        in shell("directions", "--dimensions=100", "--degrees=89").out
    )
    least = shell("directions", "--directions=10000", "--dimensions=100", "--json").json()
    assert least["welch"] == "sqrt(101)/101"
    needed = shell("directions", "--directions=10000", "--coherence=1/10", "--json").json()
    assert needed["distances"] == "7895"
    plane = shell("directions", "--dimensions=2", "--coherence=4/5").out
    assert "4 lines fit" in plane
    assert "9 vectors" in plane


def test_a_wide_w_is_asked_about(shell: Shell) -> None:
    wide = "--W=1 0 1/2; 0 1 1/2"
    assert "add --rows dimensions" in " ".join(shell("directions", wide).out.split())
    turned = shell("directions", wide, "--rows=dimensions", "--json").json()
    assert (turned["circuits"], turned["notes"]) == ([["1", "1", "-2"]], [])
    assert shell("directions", "triangle", "--rows=dimensions").code == 2


def test_a_terminal_with_ascii_alone() -> None:
    asked = [
        ["directions", *words]
        for words in ([], ["icosahedron"], ["five-in-four"], ["--dimensions=3", "--coherence=1/2"])
    ]
    for done in outside_together([(each, {"PYTHONIOENCODING": "ascii"}) for each in asked]):
        assert done.returncode == 0
        assert b"<U+" not in done.stdout


def test_a_zero_row_leaves_the_rest(shell: Shell) -> None:
    done = shell("directions", "--W=1 0; 0 0; 0 1")
    assert done.code == 0
    assert "Row 2 of W has no direction" in done.out
    found = shell("directions", "--W=1 0; 0 0; 0 1", "--json").json()
    assert (found["coherence"], found["spark"]) == (None, 1)
    assert "zero" in found["no_coherence"]
    assert set(found) == set(shell("directions", TRIANGLE, "--json").json())
    assert (found["degrees"], found["pairs"], found["met"]) == (None, None, None)


def test_a_large_w_keeps_its_coherence(shell: Shell) -> None:
    rows = "; ".join(" ".join(map(str, row)) for row in handcalc.direction_set("e8").model.W)
    found = shell("directions", f"--W={rows}", "--json").json()
    assert (found["coherence"], found["spark"]) == ("1/2", None)
    assert found["unique"] is found["circuits"] is found["counterexamples"] is None
    small = shell("directions", "--W=1 0; 0 1", "--json").json()
    assert (small["spark"], small["not_worked_out"], small["unique"]) == (None, None, 2)
    assert set(found) == set(small)
    assert "leave features out" in found["not_worked_out"]


def test_an_angle_is_a_number_and_a_whole_number_a_text(shell: Shell) -> None:
    asked = (["--directions=10000"], ["--dimensions=100"], ["--degrees=84"])
    least, needed, fit = (
        shell("directions", *asked[a], *asked[b], "--json").json()
        for a, b in ((0, 1), (0, 2), (1, 2))
    )
    assert all(isinstance(found["degrees"], float) for found in (least, needed, fit))
    assert least["degrees"] == min(filter(None, least["degrees_by_bound"].values()))
    assert all(isinstance(needed[key], str) for key in ("at_least", "welch"))


def test_a_picture(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "recovery.png"
    done = shell("directions", "five-in-four", f"--png={file}")
    assert done.code == 0
    assert file.read_bytes().startswith(b"\x89PNG")
    refused = shell("directions", "half-signs", f"--png={file}2")
    assert refused.code == 2
    assert "at most 8 features" in refused.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["icosahedrn"], 2, "Try: handcalc directions icosahedron"),
        (["--x=1"], 2, "--x needs a W, or the name of a set."),
        (["--W=1; -1", "--b=9 9"], 2, "--b counts where an input is read"),
        (["triangle", "--b=9 9 9"], 2, "--b counts where an input is read"),
        (["triangle", "--W=1"], 2, "triangle has a W of its own"),
        (["triangle", "--degrees=60"], 2, "leave --degrees out"),
        (["king", "--x=1"], 2, "--x goes with a set of directions"),
        (["--W=1 0", "--degrees=60"], 2, "--degrees is about how many fit"),
        (["--dimensions=3"], 2, "give two"),
        (["--dimensions=3", "--directions=4", "--degrees=60"], 2, "give two"),
        (["--dimensions=3", "--degrees=60", "--coherence=1/2"], 2, "give one of them"),
        (["--dimensions=3", "--degrees=100"], 3, "--degrees could not be read"),
        (["--dimensions=3", "--coherence=1"], 3, "from 0 to below 1"),
        (["--dimensions=1000000", "--degrees=60"], 2, "from 1 to 100,000"),
        ([TRIANGLE, "--x=1 -1 0"], 3, "give x ≥ 0"),
        ([TRIANGLE, "--x=1 x2 0"], 3, "x2 is no number"),
        ([TRIANGLE, "--sparsity=2"], 3, "from 0 to 1"),
        (["--W=1 oops"], 3, "oops"),
    ],
)
def test_what_is_refused(shell: Shell, arguments: list[str], code: int, said: str) -> None:
    done = shell("directions", *arguments)
    assert done.code == code
    assert said in " ".join(done.err.split())
    assert "Traceback" not in done.err
    assert shell("directions", *arguments, "--json").json()["error"] is not None


def test_what_is_too_large_leaves_the_rest_of_the_page(shell: Shell) -> None:
    nine = "--W=" + "; ".join(f"1 {k}" for k in range(9))
    for option, key in (("--sparsity=1/2", "on_average"),):
        done = shell("directions", nine, option)
        assert (done.code, done.err) == (0, "")
        assert "What is lost on average is not worked out." in done.out
        assert "at most 8 features, not 9" in " ".join(done.out.split())
        assert "Coherence μ" in done.out
        found = shell("directions", nine, option, "--json").json()
        assert "at most 8 features" in found[key]["not_worked_out"]
        assert found["spark"] == 3
    read = shell("directions", "e8", "--x=1", "--json").json()
    assert "independent rows" in read["readouts"]["not_worked_out"]


def test_a_picture_that_is_too_large_is_no_unreadable_name(shell: Shell, tmp_path: Path) -> None:
    done = shell("directions", "e8", f"--png={tmp_path / 'e8.png'}")
    assert done.code == 2
    assert "could not be read" not in done.err
    assert "independent rows" in " ".join(done.err.split())


def test_an_unknown_name_is_laid_beside_all_that_are_known(shell: Shell) -> None:
    done = shell("directions", "kin")
    said = " ".join(done.err.split())
    assert done.code == 2
    assert all(name in said for name in DIRECTIONS)
    assert said.endswith("handcalc directions king")
    with pytest.raises(handcalc.InputError, match="no set of directions named 'E8'") as refused:
        handcalc.direction_set("E8")
    assert refused.value.suggestion == "e8"


def test_an_input_outside_the_cube_is_noted(shell: Shell) -> None:
    asked = ("directions", "--W=1 0; 0 1; 1 1", "--x=2 1/2 0")
    said = "x1 = 2 lies outside [0, 1], where features live; it is worked all the same."
    assert said in " ".join(shell(*asked).out.split())
    assert shell(*asked, "--json").json()["readouts"]["notes"] == [said]
    assert shell(*asked[:2], "--x=1 0 1", "--json").json()["readouts"]["notes"] == []
