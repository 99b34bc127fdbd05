"""Results of circuits as they are shown, whatever tokens are called: text, Markdown, LaTeX, SVG."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sympy

import handcalc
from handcalc.display import latex_of
from handcalc.views.circuits import named, results, svg
from handcalc.views.circuits import text as circuit_text
from handcalc.views.circuits.blocks import Page
from handcalc.views.circuits.in_words import greatest
from handcalc.views.circuits.named import listing
from handcalc.views.json import circuits as data
from handcalc.views.latex import LATEX
from handcalc.views.notation import UNICODE
from tests.view_cases import rendered

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
        ("0 1; -1 0", "i, −i", "0"),
        ("0 2; -2 0", "2·i, −2·i", "0"),
        ("1 1; -1 1", "1 + i, 1 − i", "√2/2"),
    ],
)
def test_eigenvalues_are_written_out(W_OV: str, eigenvalues: str, score: str) -> None:
    """Section 6 of the reference on circuits."""
    page = copied(W_OV)
    assert f"Eigenvalues: {eigenvalues}." in page
    assert f"Copying score Σλ/Σ|λ|: {score}." in page


@pytest.mark.parametrize(
    ("W_OV", "expected"),
    [
        ("1 2 3 4; 2 1 1 1; 0 1 2 1; 1 1 1 5", 0),
        ("0 0 1; 1 0 -9; 0 1 6", 0),
        ("0 0 2; 1 0 0; 0 1 0", 2),
        ("0 0 0 -1; 1 0 0 0; 0 1 0 -3; 0 0 1 0", 4),
    ],
)
def test_only_what_is_not_real_has_an_imaginary_part(W_OV: str, expected: int) -> None:
    """x⁴ + 3x² + 1, the last, has its four roots on the imaginary axis."""
    page = " ".join(copied(W_OV).split())
    told = page[page.index("Eigenvalues: ") : page.index("Copying score")]
    assert len(re.findall(r"i[,.]", told)) == expected
    assert "e−" not in told
    if expected == 4:
        assert "about 1.61803·i, about −1.61803·i, about 0.618034·i" in told


def test_the_legend_of_paths_names_every_head() -> None:
    zero = [[0] * 6] * 6
    heads = [handcalc.Head.of_circuits(zero, IDENTITY) for _ in range(3)]
    one = handcalc.AttentionOnly(IDENTITY, IDENTITY, [heads[:2]])
    page = " ".join(str(handcalc.path_expansion(one, "ab")).split())
    assert "2 terms through 1 head each" in page
    assert "1.1 and 1.2 what the head of that name moves." in page
    two = handcalc.AttentionOnly(IDENTITY, IDENTITY, [heads[:1], heads[1:2]])
    page = " ".join(str(handcalc.path_expansion(two, "ab")).split())
    assert "1 term through 2 heads" in page
    assert "1.1 → 2.1 what head 2.1 moves of what 1.1 wrote" in page.replace("\u00a0", " ")


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


# -- what a page says of itself --------------------------------------------------------------------


def test_every_head_shows_its_matrices_though_another_has_the_same() -> None:
    page = str(handcalc.circuit("two-back"))
    assert page.count("W_QK (15 × 15): row 5 is u₄") == 2
    assert page.count("uₖ is the row that is 1 in place k") == 1


def test_no_step_multiplies_long_rows_of_zeros() -> None:
    for name in ("induction", "two-back", "skip-trigram"):
        assert "0, 0, 0, 0, 0, 0, 0, 0" not in handcalc.circuit(name).run().latex()


def test_sums_of_exponentials_stand_in_one_way() -> None:
    head = handcalc.Head("1; 1", "1; 0", "1; 2", "1 -1")
    parts = ("1 0; 0 1; 1 1", "1 0 0; 0 1 0", [[head]])
    model = handcalc.AttentionOnly(*parts, softmax="exp")
    short = str(handcalc.run_circuit(model, "a b"))
    assert "2 b       e/(e + 1)  1/(e + 1)" in short
    assert not any("\n\n\n" in page for page in (short, str(handcalc.circuit("one-head"))))
    long = str(handcalc.run_circuit(model, "a b c"))
    pattern = long[: long.index("The residual stream")]
    assert "2 b       0.731059  0.268941" in pattern
    assert "e/(e + 1)" not in pattern


@pytest.mark.parametrize(
    ("softmax", "said"),
    [
        ("hard", "Softmax: hard, the largest scores share all the weight."),
        ("exp", "Softmax: exp, powers of e over their sum."),
        ("base 1", "Softmax: base 1, every score weighs the same."),
        ("base 3", "powers of 3 over their sum: scores are in units of log 3."),
    ],
)
def test_a_softmax_says_in_which_units_scores_are(softmax: str, said: str) -> None:
    assert said in str(handcalc.AttentionOnly("1 0; 0 1", "1 0; 0 1", softmax=softmax))


@pytest.mark.parametrize(
    ("name", "said", "unsaid"),
    [
        ("zero-layer", "by itself.", "1.1"),
        ("one-head", "1.1 what head 1.1 moves.", "held fixed"),
        ("induction", "2.1 what head 2.1 moves of what 1.1 wrote.", "nothing of the kind"),
    ],
)
def test_paths_are_explained_that_there_are(name: str, said: str, unsaid: str) -> None:
    found = handcalc.circuit(name)
    page = " ".join(str(handcalc.path_expansion(found.model, found.example)).split())
    assert said in page
    assert unsaid not in page


def test_the_list_has_the_layers_of_each() -> None:
    page = rendered(circuit_text.rendered(listing(handcalc.circuits()), UNICODE), 80)
    listed = {words[0]: words[1] for line in page.splitlines() if len(words := line.split()) > 2}
    assert (listed["zero-layer"], listed["copying"], listed["induction"]) == ("0", "1", "2")


def test_a_long_sum_is_said_once_and_a_negative_power_has_a_sign() -> None:
    long = handcalc.ExponentialSum.of(
        dict.fromkeys(range(9), 1), over=dict.fromkeys(range(1, 12), 2)
    )
    assert str(long).count("about") == 1
    negative = handcalc.ExponentialSum.of({-1: -1})
    assert str(negative).startswith("−e^(−1), about −0.36")
    assert "1·" not in str(handcalc.ExponentialSum.of({-1: -1, 2: -1, 0: 3}))


def test_with_columns_the_table_is_named_in_their_order() -> None:
    model = handcalc.AttentionOnly("1 0; 0 1", "1 2; 3 4")
    table = handcalc.bigram_table(model)
    assert "W_U W_E: rows next, columns current" in read_page(results.table(table, columns=True))
    assert "W_E W_U: rows current, columns next" in read_page(results.table(table))


def test_with_columns_it_is_said_that_steps_keep_rows() -> None:
    found = handcalc.circuit("one-head")
    said = "From here on vectors are rows again"
    assert said in read_page(named.circuit(found, columns=True))
    assert said not in read_page(named.circuit(found))


def read_page(page: Page) -> str:
    return " ".join(rendered(circuit_text.rendered(page, UNICODE), 80).split())


def test_a_token_that_nothing_follows_has_the_row_of_the_factors() -> None:
    page = " ".join(str(handcalc.best_bigrams("aaab")).split())
    assert "−∞" not in page
    assert "Nothing follows b: its row may be anything, and is 0 here." in page
    assert "b 0 0" in page
    assert "Nothing follows" not in str(handcalc.best_bigrams("aaab", add=1))


def test_the_largest_of_exact_numbers_is_told_exactly() -> None:
    one, more = sympy.Integer(10) ** 40, sympy.Integer(10) ** 40 + 1
    assert greatest([one, more, one]) == [1]
    assert greatest([sympy.sqrt(2) + 1, 1 / (sympy.sqrt(2) - 1)]) == [0, 1]
    power = handcalc.ExponentialSum.of({1: 1})
    assert greatest([sympy.Integer(2), power, power]) == [1, 2]
    assert greatest([0.5, 0.25, 0.5]) == [0, 2]


def test_colours_of_numbers_past_floats() -> None:
    huge = f"{10**400} 1; 1 0"
    table = handcalc.bigram_table(handcalc.AttentionOnly("1 0; 0 1", huge))
    assert '="nan' not in svg.heat_map(table)
    assert 'fill-opacity="0.600"' in svg.heat_map(table)


def test_a_proof_names_the_one_length_that_it_concerns() -> None:
    proof = handcalc.circuit("source-xor").claim.prove(up_to=4)
    assert "Proved: 4 sequences of 2 tokens, and none breaks it." in " ".join(str(proof).split())
    several = handcalc.circuit("induction").claim.prove(up_to=4)
    assert "sequences of up to 4 tokens" in " ".join(str(several).split())


def test_every_value_that_a_sum_names_is_shown() -> None:
    """The last place of the sentence looks at one place alone: the sum names them all."""
    found = handcalc.circuit("previous-token")
    page = str(found)
    values = page[page.index("Head 1.1: values") : page.index("Head 1.1: results")]
    places = [f"v{digit}" for digit in "₁₂₃₄₅₆₇₈₉"[: len(found.run().tokens)]]
    assert all(f"{place} =" in values for place in places)
    assert "xᵢ W_QK xⱼᵀ" in page


def test_a_picture_of_one_table_has_its_title_once() -> None:
    pytest.importorskip("matplotlib", reason="pictures are an extra")
    from handcalc.views.plots.circuit_pages import tables_page

    table = handcalc.bigram_table(handcalc.AttentionOnly("1 0; 0 1", "1 2; 3 4"))
    page = tables_page(table)
    titles = [*(axes.get_title(loc="left") for axes in page.axes), page.get_suptitle()]
    assert titles.count("W_E W_U") == 1


def test_a_small_layer_is_shown_three_ways_with_the_numbers_of_section_3() -> None:
    heads = [("1; 1", "1; 0", "1; 2", "1 -1"), ("0; 1", "1; -1", "1; 0", "0 1")]
    layer = [handcalc.Head(*each) for each in heads]
    model = handcalc.AttentionOnly("1 0; 0 1; 1 1", "1 0 0; 0 1 0", [layer])
    page = " ".join(str(handcalc.run_circuit(model, "a b c")).split())
    assert "position 3 gets (2, −2) + (0, 6/7) = (2, −8/7). Side by side" in page
    assert "in one row, (2, 6/7), times their W_O" in page
    assert "vec(X) = (1, 0, 0, 1, 1, 1), times one matrix" in page
    assert "⎢ 2/3 4/3 1/3 2/3 0 0 ⎥" in page
    assert "times vec(X) is (1, −1, 4/3, −4/3, 2, −2)." in page
    assert "times vec(X) is (0, 1, 0, 4/5, 0, 6/7)." in page
    assert "three ways" not in str(handcalc.run_circuit(model, "a b c a a"))  # too wide for a page
