"""The lectures on toy models: what a reader types, slides or drags is what the engine works out."""

from __future__ import annotations

import pytest
import sympy

import handcalc
from handcalc.lectures.questions.best_embedding import what_is_proved
from handcalc.lectures.questions.interference import QUESTIONS
from handcalc.lectures.workings.best_embedding import MEAN
from handcalc.lectures.workings.interference import errors_of
from handcalc.lectures.workings.sparsity import by_number_on
from handcalc.numbers.exact import to_text
from handcalc.superposition.closed_forms.three_in_two import three_in_two
from tests.lecture_runs import played, refusals, untouched

pytestmark = pytest.mark.slow  # with the wider searches: minutes of work for what seldom changes


def test_arrows_of_the_reader_are_worked_and_turned() -> None:
    _, defined = played("by-hand", rows="1 0; 0 1; 3/5 4/5", inputs="0 0 1", degrees=90)
    assert defined["work"].output == handcalc.parse_vector("3/5 4/5 1")
    assert defined["table"].gram[2] == handcalc.parse_vector("3/5 4/5 1")
    assert defined["turned"].h == handcalc.parse_vector("-4/5 3/5")
    assert defined["turned"].output == defined["work"].output


def test_without_an_input_letters_are_worked() -> None:
    _, defined = played("by-hand", rows="1 0; 1 0", inputs=" ")
    assert str(defined["work"].output) == "(x1 + x2, x1 + x2)"


def test_what_is_dragged_is_told_of_all_inputs() -> None:
    figure = handcalc.widget(handcalc.embedding("relu").model)
    shown, _ = played("by-hand", figure=figure)
    assert "Every input with feature 2 or 3 off comes out exactly." in shown
    assert "Every input with feature 2 or 3 off" not in untouched("by-hand")


# -- interference, importance, bias ----------------------------------------------------------------


def test_an_arrow_is_turned_and_heard() -> None:
    shown, defined = played("interference", degrees=180, length="1/2")
    assert defined["lean"].W[2] == handcalc.parse_vector("-1/2 0")
    assert r"\frac{1}{4}" in shown


def test_one_input_is_weighed() -> None:
    _, defined = played("interference", inputs="1 1/2 1", weights="1 1 4")
    losses = {name: to_text(loss) for name, loss in defined["losses"].items()}
    assert losses == {"orthogonal": "4", "interfering": "3/4", "antipodal": "2"}


def test_the_pair_loses_what_its_answer_says_beside_dropping() -> None:
    answer = QUESTIONS["least weighted"]().answer
    assert "$x_2^2 I_3 + x_3^2 (I_2 - I_3)$ more" in answer
    for x2, x3, I2, I3 in ((1, 1, 1, 1), (0, 1, 3, 3), (0, 1, 1, 4), (1, 2, 2, 5)):
        losses = errors_of([0, sympy.Rational(x2, 2), sympy.Rational(x3, 2)], [1, I2, I3])
        more = sympy.Rational(x2**2 * I3 + x3**2 * (I2 - I3), 4)
        assert losses["antipodal"] - losses["orthogonal"] == more


def test_a_bias_that_is_moved_is_compared_with_none() -> None:
    figure = handcalc.widget(handcalc.embedding("bias-corrected").model, "0 1 1/4")
    shown, _ = played("interference", figure=figure)
    assert "Feature 2 comes out closer than with b = 0 where" in shown
    assert "comes out closer than with b = 0 where" not in untouched("interference")


def test_a_bet_on_values_of_the_reader() -> None:
    _, defined = played("interference", values="0 0 1", bias="0")
    assert (
        "The mean, $\\frac{1}{3}$, loses $\\frac{2}{3}$; you lose $\\frac{1}{3}$" in defined["bet"]
    )


# -- ReLU and sparsity -----------------------------------------------------------------------------


def test_relu_cuts_what_the_reader_types() -> None:
    _, defined = played("sparsity", which="antipodal", inputs="0 1/2 1")
    assert r"$(0, - \frac{1}{2}, \frac{1}{2})$" in defined["outputs"]
    assert r"$(0, 0, \frac{1}{2})$" in defined["outputs"]


def test_chances_and_losses_follow_the_sparsity() -> None:
    _, defined = played("sparsity", many=2, sparsity="3/4")
    assert "At least two at a time: $\\frac{1}{16}$ of all inputs" in defined["often"]
    assert [to_text(loss) for loss in defined["losses"].values()] == [
        "1/12",
        "1/6",
        "1/48",
        "13/512",
    ]


def test_a_dragged_model_is_split_by_how_many_are_on() -> None:
    figure = handcalc.widget(handcalc.embedding("relu").model, sparsity="1/2")
    shown, _ = played("sparsity", figure=figure)
    for_two = r"| 2 | $\frac{3}{8}$ | $\frac{1}{9}$ | $\frac{1}{24}$ |"
    assert by_number_on(figure.model, figure.sparsity).splitlines()[4] == for_two
    assert r"In all <marimo-tex" in shown


# -- the expected loss, and the best embedding -----------------------------------------------------


def test_a_loss_of_the_reader_is_a_polynomial_or_a_number() -> None:
    fields = {"rows": "1 0; 0 1; 0 -1", "biases": "", "sparsity": "", "weights": "1 1 2"}
    _, defined = played("best-embedding", **fields)
    assert str(sympy.factor(defined["loss"].value)) == "(S - 1)**2/2"
    _, defined = played("best-embedding", **(fields | {"sparsity": "3/4"}))
    assert to_text(defined["loss"].value) == "1/32"
    assert defined["steps"].steps[-1].rule == "Add up"


def test_the_parts_follow_bias_and_sparsity() -> None:
    _, defined = played("best-embedding", bias="1/3", at="0", drawn="1/2")
    assert r"| $\frac{1}{3}$ | $\frac{1}{9}$ |" in defined["parts"]
    assert defined["patterns"].count(r"$\frac{1}{8}$") == 8


def test_losses_along_sparsity_are_told_at_one() -> None:
    shown, defined = played("best-embedding", where="0", answers=True)
    losses = {name: to_text(loss) for name, loss in defined["losses"].items()}
    assert losses[MEAN] == "1/12"
    assert losses["antipodal pair"] == "1/3"
    assert "handcalc-on-dark" in shown
    assert "handcalc-on-dark" not in untouched("best-embedding")


def test_what_is_proved_bounds_the_best_from_above() -> None:
    right = what_is_proved().right
    bound = sympy.Rational(right.rpartition(" ")[2])
    loss = three_in_two("1/2").best.values.total
    assert 0 <= bound - loss < sympy.Rational(1, 10**6)


def test_the_slopes_are_those_of_the_dragged_model() -> None:
    figure = handcalc.widget(handcalc.embedding("relu").model, sparsity="1/2")
    _, defined = played("best-embedding", figure=figure)
    assert defined["slopes"].b[1].right == sympy.Rational(-1, 12)


def test_the_best_of_both_shapes_and_of_a_search() -> None:
    shown, defined = played("best-embedding", eighths=2, search=True)
    assert defined["found"].best.name == "triangle"
    assert abs(defined["best"].loss - defined["found"].best.values.total) < sympy.Rational(
        1, 10**20
    )
    assert "not a proof" in shown


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "controls"),
    [
        ("by-hand", {"rows": "1 0; x", "inputs": ""}),
        ("by-hand", {"rows": "1 0; 0 1; 1 1", "inputs": "1 2"}),
        ("by-hand", {"rows": "", "inputs": ""}),
        ("by-hand", {"rows": "1 0 0 1; 0 1 1 1", "inputs": ""}),
        ("by-hand", {"rows": "1; -1", "inputs": "1/2 1"}),
        ("interference", {"degrees": 45, "length": "long"}),
        ("interference", {"inputs": "1 2", "weights": "1"}),
        ("interference", {"inputs": "x1 0 1", "weights": "1"}),
        ("interference", {"inputs": "1 0 1", "weights": "-1"}),
        ("interference", {"values": "", "bias": "1"}),
        ("interference", {"values": "1 2", "bias": "1 2"}),
        ("sparsity", {"which": "relu", "inputs": "1 2"}),
        ("sparsity", {"many": 3, "sparsity": "2"}),
        ("sparsity", {"many": 3, "sparsity": "S"}),
        ("best-embedding", {"drawn": "-1"}),
        ("best-embedding", {"rows": "1 0", "biases": "1 2", "sparsity": "", "weights": "1"}),
        ("best-embedding", {"rows": "1 0", "biases": "", "sparsity": "9", "weights": ""}),
        (
            "best-embedding",
            {"rows": "1 1;" * 6 + "1 1", "biases": "", "sparsity": "", "weights": "1"},
        ),
        ("best-embedding", {"bias": "1/", "at": "1/2"}),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(list(value.values())),
)
def test_what_cannot_be_read_is_told(name: str, controls: dict[str, object]) -> None:
    shown, _ = played(name, **controls)
    assert refusals(shown) > refusals(untouched(name))
