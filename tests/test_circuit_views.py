"""Results of circuits as they are shown, whatever tokens are called: text, Markdown, LaTeX, SVG."""

from __future__ import annotations

from typing import Any

import pytest

import handcalc
from handcalc.display import latex_of
from handcalc.views.circuits import svg
from handcalc.views.json import circuits as data
from handcalc.views.latex import LATEX

SIGNS = ["{", "}", "|", "$", "`", "*"]
IDENTITY = [[int(i == j) for j in range(6)] for i in range(6)]


def odd_model() -> handcalc.AttentionOnly:
    head = handcalc.Head.of_circuits(IDENTITY, IDENTITY)
    return handcalc.AttentionOnly(IDENTITY, IDENTITY, [[head]], vocabulary=SIGNS)


ODD = [
    lambda model: model,
    lambda model: handcalc.run_circuit(model, ["{", "|", "$", "`"]),
    lambda model: handcalc.path_expansion(model, ["{", "$"]),
    handcalc.bigram_table,
    lambda model: handcalc.copying(model, 1, 1),
    lambda model: handcalc.source_effect(model, "{", ["|", "$"], ["{", "}"], rest="*"),
    lambda _: handcalc.best_bigrams(["{", "|", "$", "{", "`", "|"]),
]


@pytest.mark.parametrize("made", ODD)
def test_names_are_no_signs_of_markdown(made: Any) -> None:
    shown = made(odd_model())
    assert max(map(len, str(shown).splitlines())) <= 80
    for block in shown._repr_markdown_().split("\n\n"):
        if block.startswith("|"):
            assert len({line.count("|") for line in block.splitlines()}) == 1
        if "$$" not in block:
            assert block.replace("\\$", "").count("$") % 2 == 0


def copied(W_OV: str) -> str:
    size = W_OV.count(";") + 1
    identity = [[int(i == j) for j in range(size)] for i in range(size)]
    head = handcalc.Head.of_circuits([[0] * size] * size, W_OV)
    return str(handcalc.copying(handcalc.AttentionOnly(identity, identity, [[head]]), 1, 1))


@pytest.mark.parametrize(
    ("W_OV", "eigenvalues", "score"),
    [
        ("0 1 0; 0 0 1; 1 0 0", "1, −1/2 + √3/2·i, −1/2 − √3/2·i", "0"),
        ("2 1 0; 0 2 1; 1 0 2", "3, 3/2 + √3/2·i, 3/2 − √3/2·i", "−6 + 4√3"),
        ("2 1; 1 1", "3/2 + √5/2, 3/2 − √5/2", "1"),
        ("1 0; 0 0", "1, 0", "1"),
    ],
)
def test_eigenvalues_are_written_out(W_OV: str, eigenvalues: str, score: str) -> None:
    """Section 6 of the reference on circuits."""
    page = copied(W_OV)
    assert f"Eigenvalues: {eigenvalues}." in page
    assert f"Copying score Σλ/Σ|λ|: {score}." in page


def test_no_eigenvalue_has_no_score() -> None:
    assert "no copying score" in copied("0 1; 0 0")


def test_a_sum_of_exponentials_is_shown_with_its_decimal() -> None:
    value = handcalc.ExponentialSum.of({1: 1}, over={0: 1, 1: 1})
    assert isinstance(value, handcalc.ExponentialSum)
    assert str(value) == "e/(1 + e), about 0.731059"
    assert "frac" in value._repr_markdown_()
    assert data.number(value) == {
        "exponentials": [["1", "1"]],
        "over": [["1", "0"], ["1", "1"]],
        "base": "e",
        "value": 0.7310585786300049,
    }


def test_formulas_for_a_paper() -> None:
    found = handcalc.circuit("induction-compact")
    assert latex_of(handcalc.bigram_table(odd_model())).startswith(r"\begin{array}{lrrrrrr}")
    assert r"\text{\{}" in latex_of(handcalc.bigram_table(odd_model()))
    assert "W_{QK}^{1.1} = " in latex_of(found.model)
    assert r"x_{5} \cdot W_{QK}" in latex_of(found.run())
    assert "$" not in latex_of(found.run())


def test_the_index_of_a_matrix_stands_below_whole() -> None:
    step = handcalc.circuit("induction-compact").run().derivation.steps[1]
    assert LATEX.expression(step.formula) == "xW_{QK}"


def test_a_wide_row_is_a_sum_of_unit_rows() -> None:
    page = str(handcalc.circuit("induction").run())
    assert "u₁ + 2·u₂ + u₈ + u₁₄" in page
    assert "0, 0, 0, 0, 0, 0" not in page


def test_a_heat_map_has_a_cell_for_each_number() -> None:
    drawn = svg.heat_map(handcalc.bigram_table(odd_model()))
    assert drawn.count('class="cell"') == 36
    assert "<desc>W_E W_U. {: largest at {; " in drawn
