"""``handcalc sae``: its page, its JSON, its picture, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import handcalc
from tests.cli_runs import Shell, outside

W = "--W=1 0; 0 1; 0 -1"
SETTING = (W, "--l1=1/10", "--sparsity=1/2")
KEYS = ("loss", "reconstruction", "sparsity", "dead", "mmcs")


def test_the_keys_of_an_sae(shell: Shell) -> None:
    found = shell("sae", *SETTING, "--dictionary=1 0; 0 1; 0 -1", "--json").json()
    assert {key: found[key] for key in KEYS} == {
        "loss": "212239/3840000",
        "reconstruction": "3841/1280000",
        "sparsity": "50179/960000",
        "dead": [],
        "mmcs": "1",
    }
    assert found["bound"]["loss"] == "212239/3840000"
    assert found["bound"]["value"] == pytest.approx(212239 / 3840000)
    assert found["bound"]["is_exact"] is True
    # without a dictionary it is that of the features
    assert shell("sae", *SETTING, "--json").json() == found | {"command": "sae"}


def test_the_page_fits_a_terminal(shell: Shell) -> None:
    done = shell("sae", *SETTING, "--gradient", "--ways", "--x=9/10 1/2 0")
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 80
    for said in (
        "Loss L = 212239/3840000, about 0.05527057",
        "The encoder here",
        "No latent is dead",
        "short by 1/20",
        "Three ways out of superposition",
        "Take means of pairs",
        "The encoder reaches the best code here.",
        "in W_enc  dimension 1  dimension 2",
    ):
        assert said in done.out, said


def test_a_symbol_gives_a_polynomial(shell: Shell) -> None:
    found = shell("sae", "--W=1; -1", "--json").json()
    assert found["loss"] == "(1 - S)*(7401*S + 3439)/60000"
    assert found["value"] is None


def test_other_inputs_and_weights(shell: Shell) -> None:
    one = shell("sae", W, "--distribution=one-active", "--json").json()
    assert one["loss"] == "271/3000"
    sets = ("--distribution=correlated", "--sets=2 3", "--sparsity=1/2")
    found = shell("sae", W, *sets, "--encoder=1 0; 0 1", "--dictionary=1 0; 0 1",
                  "--b_enc=-1/4", "--b_dec=1/8 0", "--json").json()  # fmt: skip
    sae = handcalc.SparseAutoencoder("1 0; 0 1", "1 0; 0 1", "-1/4", "1/8 0")
    distribution = handcalc.Correlated([(2, 3)], "1/2")
    assert found["loss"] == str(handcalc.sae_loss(sae, W[4:], distribution).value)


def test_json_has_what_is_asked_beside(shell: Shell) -> None:
    done = shell("sae", *SETTING, "--gradient", "--ways", "--x=1 0 0", "--json").json()
    assert done["gradient"]["W_enc"] == [["0", "0"]] * 3
    assert done["code"]["code"] == ["19/20", "0", "0"]
    assert [way["name"] for way in done["ways"]] == [
        "superposition", "orthogonal", "dictionary", "decoder",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((W, "--dictionary=1 1; 0 1"), "row 1 has"),
        ((W, "--dictionary=1 1; 0 1"), "--weighted"),
        ((W, "--dictionary=1 0 0"), "2 dimensions"),
        ((W, "--dictionary=1 0", "--encoder=1; 0"), "--encoder"),
        ((W, "--b_dec=1 2 3"), "--b_dec"),
        ((W, "--b_enc=1 2"), "--b_enc"),
        ((W, "--l1=-1"), "--l1"),
        ((W, "--l1=cheap"), "--l1"),
        ((W, "--ways"), "--sparsity=1/2"),
        ((W, "--sparsity=2"), "--sparsity"),
        ((W, "--x=1 x2 0"), "give x in numbers"),
        (("--W=0 0",), "0 all over"),
    ],
)
def test_what_cannot_be_taken_is_said(shell: Shell, arguments: tuple[str, ...], says: str) -> None:
    done = shell("sae", *arguments)
    assert done.code != 0
    assert says in " ".join(done.err.split())
    assert "Traceback" not in done.err
    assert not Path("x.png").exists()


def test_a_picture_is_written(shell: Shell, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    three = "--W=1 0 0; 0 1 0; 0 0 1; 1 1 1"
    for name, rows in (("two", W), ("one", "--W=1; -1"), ("three", three)):
        file = tmp_path / f"{name}.png"
        done = shell("sae", rows, "--sparsity=1/2", f"--png={file}")
        assert done.code == 0
        assert file.read_bytes().startswith(b"\x89PNG")


def test_ascii_has_no_other_letters() -> None:
    done = outside("sae", *SETTING, "--ways", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    "typed",
    [
        ("--dictionary=1 0; 0 1; 0 -1",),
        ("--encoder=1 0; 0 1; 0 -1",),
        ("--b_enc=0 1/10 1/10",),
        ("--b_dec=0 1/10",),
        ("--dictionary=2 0; 0 1; 0 -1", "--weighted"),
        ("--encoder=1 0; 0 1; 0 -1", "--weighted"),
    ],
)
def test_whatever_weight_is_typed_the_sae_has_its_way(shell: Shell, typed: tuple[str, ...]) -> None:
    asked = ("sae", W, "--sparsity=1/2", "--l1=1/10", "--ways", *typed)
    assert shell(*asked, "--json").json()["ways"][-1]["name"] == "given"
    assert "That of your SAE" in shell(*asked).out


def test_a_dead_latent_is_dead_for_what_is_drawn(shell: Shell) -> None:
    """Never both features on: (3, 4)/5 sees 9/10 or less, and 7/5 where both are."""
    asked = ("sae", "--W=1 0; 0 1", "--dictionary=3/5 4/5", "--encoder=3/5 4/5", "--b_enc=-9/10")
    asked = (*asked, "--distribution=one-active", "--x=1 1")
    page = " ".join(shell(*asked).out.split())
    assert "Latent 1 is dead: 0 for every input that is drawn, which is proved." in page
    assert shell(*asked, "--json").json()["code"]["encoded"] == ["1/2"]


def test_an_input_outside_the_cube_is_noted(shell: Shell) -> None:
    asked = ("sae", W, "--sparsity=1/2", "--x=1 -2 0")
    said = "x2 = -2 lies outside [0, 1], where features live; it is worked all the same."
    assert said in " ".join(shell(*asked).out.replace("−", "-").split())
    assert shell(*asked, "--json").json()["code"]["notes"] == [said]


def test_a_size_that_is_refused_is_no_fault_of_a_text(shell: Shell) -> None:
    many = "--W=" + "; ".join(f"1 {k}" for k in range(10))
    for more in ((), ("--dictionary=" + "; ".join(["3/5 4/5", "1 0"] * 6),)):
        done = shell("sae", many, "--sparsity=1/2", *more)
        assert done.code == 2
        assert "could not be read" not in done.err
        assert "faces of cubes" in " ".join(done.err.split())
    assert shell("sae", W, "--dictionary=1 1").code == 3


def test_tables_write_polynomials_as_sentences_do(shell: Shell) -> None:
    """No * and no ** of Python on a page, and in Markdown formulas."""
    page = shell("sae", W, "--gradient").out
    assert "81/200·(1 − S)" in page
    assert "*" not in page
    found = handcalc.sae_loss(handcalc.SparseAutoencoder.of_features("1; -1", "1/5"), "1; -1")
    table = [line for line in found._repr_markdown_().splitlines() if line.startswith("|")]
    assert not any("*(" in line or "**2" in line for line in table)
    assert any(r"\left(1 - S\right)" in line for line in table), table
