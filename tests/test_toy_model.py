"""The toy model: what is taken and refused, and a frozen value that copies, pickles and keys."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError
from fractions import Fraction
from types import SimpleNamespace

import pytest
import sympy
from hypothesis import given
from sympy import Integer, Rational, cos, pi, sqrt

from handcalc import strategies
from handcalc.errors import InputError
from handcalc.superposition.model.toy_model import ToyModel
from tests.sampling import FEWER

ANTIPODAL = ToyModel("1 0; 0 1; 0 -1", "0 1/2 1/2")

# -- what is taken --------------------------------------------------------------------------------

SPELLINGS = {
    "text": ToyModel("1 0; 0 1; 0 -1", "0 1/2 1/2"),
    "decimals": ToyModel("1 0; 0 1; 0 -1", "0 .5 0.5"),
    "nested text": ToyModel("[[1, 0], [0, 1], [0, -1]]", "[0, 1/2, 1/2]"),
    "lists": ToyModel([[1, 0], [0, 1], [0, -1]], [0, Fraction(1, 2), Rational(1, 2)]),
    "tuples": ToyModel(((1, 0), (0, 1), (0, -1)), (0, "1/2", "cos(pi/3)")),
    "strings": ToyModel([["1", "0"], ["0", "1"], ["0", "-1"]], ["0", "1/2", "2/4"]),
    "roots": ToyModel([[cos(0), 0], [0, sqrt(1)], [0, -1]], [0, sqrt(Rational(1, 4)), cos(pi / 3)]),
    "floats": ToyModel.from_floats([[1.0, 0.0], [0.0, 0.9999], [0.0, -1.0]], [0, 0.5, 0.5], 100),
    "named": ToyModel(W="1 0; 0 1; 0 -1", b="0 1/2 1/2", activation="relu"),
}


@pytest.mark.parametrize("model", SPELLINGS.values(), ids=SPELLINGS)
def test_spellings_of_one_model_are_equal(model: ToyModel) -> None:
    assert model == ANTIPODAL
    assert hash(model) == hash(ANTIPODAL)
    assert model.W == ((1, 0), (0, 1), (0, -1))
    assert model.b == (0, Rational(1, 2), Rational(1, 2))
    assert (model.n, model.m) == (3, 2)


def test_entries_become_exact_numbers() -> None:
    model = ToyModel([[sqrt(8), 1 / (1 + sqrt(2))]])
    expected = (2 * sqrt(2), sqrt(2) - 1)
    assert model.W[0] == expected
    assert all(isinstance(cell, sympy.Expr) for cell in (*model.W[0], *model.b))


def test_the_bias_is_zero_if_none_is_given() -> None:
    assert ToyModel("1; 2").b == (0, 0)
    assert ToyModel("1; 2") == ToyModel("1; 2", "0 0")


def test_one_number_of_text_is_the_bias_of_every_feature() -> None:
    assert ToyModel("1 0; 0 1; 0 -1", b="1/2").b == (Rational(1, 2),) * 3


def test_the_activation_is_relu_unless_said() -> None:
    assert ToyModel("1").activation == "relu"
    assert ToyModel("1", activation="linear").activation == "linear"


def test_a_model_may_be_large() -> None:
    rows = [[Fraction(i - j, j + 1) for j in range(5)] for i in range(20)]
    model = ToyModel(rows, [Fraction(i, 20) for i in range(20)])
    assert (model.n, model.m) == (20, 5)
    assert ToyModel(rows) != model


# -- what is refused ------------------------------------------------------------------------------

REFUSED = [
    ([], None, "empty", 'type one row per feature, as in "1 0; 0 1"'),
    ([[]], None, "empty", "W has no numbers"),
    ([[], []], None, "empty", "W has no numbers"),
    ("", None, "empty", "."),
    ([[1, 0], [0]], None, "ragged", r"as many numbers as the first, 2; row 2 has 1\."),
    ([[1], [0], [1, 2]], None, "ragged", "row 3 has 2"),
    ("1 0; 0", None, "ragged", "."),
    ([1, 0], None, "wrong_shape", r"a list of rows, one list per feature.* not a list with 1 in"),
    (["1 0", "0 1"], None, "wrong_shape", r"not a list with '1 0' in"),
    ("1 0; 0 1", "1 2 3", "wrong_shape", "one number per feature, 2 as W has rows, not 3"),
    ("1 0; 0 1; 1 1", [1, 2, 3, 4], "wrong_shape", "3 as W has rows, not 4"),
    ("1 0; 0 1", [], "wrong_shape", "2 as W has rows, not 0"),
    ([[0.5]], None, "float", r"A float such as 0\.5"),
    ([[1]], [0.5], "float", r"A float such as 0\.5"),
    ([[True]], None, "boolean", "not True; type 1 instead"),
    ([["x1"]], None, "unknown_name", "."),
    ([[pi]], None, "not_exact", "pi is not"),
    ([[None]], None, "not_exact", "not a NoneType"),
    ([["1/0"]], None, "division_by_zero", "."),
    ([[cos(pi / 61)]], None, "too_complicated", "denominator of at most 60"),
    ([[sqrt(p) for p in (2, 3, 5, 7, 11, 13, 17)]], None, "too_complicated", "at most 64"),
    ([[sqrt(p)] for p in (2, 3, 5, 7, 11, 13)], [sqrt(17)] * 6, "too_complicated", "at most 64"),
]


@pytest.mark.parametrize(("W", "b", "code", "message"), REFUSED, ids=lambda part: str(part)[:24])
def test_what_is_no_model_is_refused(W: object, b: object, code: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        ToyModel(W, b)
    assert caught.value.code == code


@pytest.mark.parametrize(("columns", "suggestion"), [(3, "1 1; 1 1; 1 1"), (300, None)])
def test_what_is_transposed_is_turned_where_that_is_short(
    columns: int, suggestion: str | None
) -> None:
    W = "; ".join([" ".join("1" * columns)] * 2)
    with pytest.raises(InputError, match="W looks transposed: type ") as caught:
        ToyModel(W, "1 " * columns)
    assert caught.value.suggestion == suggestion
    assert len(caught.value.message) < 300


def test_what_holds_weights_is_no_model_yet() -> None:
    trained = SimpleNamespace(W=[[0.5, 1.0]], b=[0.0])
    with pytest.raises(
        InputError, match=r"not a SimpleNamespace: .*with ToyModel\.from_floats\(W, b\)"
    ):
        ToyModel.of(trained)


@pytest.mark.parametrize("activation", ["ReLU", "", None, "gelu", 1])
def test_there_are_two_activations(activation: object) -> None:
    with pytest.raises(InputError, match='"relu" or "linear", not ') as caught:
        ToyModel("1", activation=activation)
    assert caught.value.code == "activation"


# -- trained weights ------------------------------------------------------------------------------


def test_floats_become_the_nearest_simple_fractions() -> None:
    model = ToyModel.from_floats([[0.3333, -0.75], [1e-9, 2.5]], [0.1, -0.2], max_denominator=10)
    assert model.W[0] == (Rational(1, 3), Rational(-3, 4))
    assert model.W[1] == (0, Rational(5, 2))
    assert model.b == (Rational(1, 10), Rational(-1, 5))
    assert model.activation == "relu"


def test_floats_keep_their_value_under_a_large_denominator() -> None:
    model = ToyModel.from_floats([[0.1]], max_denominator=2**60)
    assert model.W[0][0] == Rational(*(0.1).as_integer_ratio())
    assert model.b == (0,)


def test_floats_can_make_a_linear_model() -> None:
    assert ToyModel.from_floats([[1.0]], activation="linear").activation == "linear"


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_weights_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(InputError, match=f"finite number, not {bad}") as caught:
        ToyModel.from_floats([[1.0], [bad]])
    assert caught.value.code == "not_finite"
    with pytest.raises(InputError, match=f"finite number, not {bad}"):
        ToyModel.from_floats([[1.0]], [bad])


@pytest.mark.parametrize("bound", [0, -3])
def test_a_denominator_is_at_least_1(bound: int) -> None:
    with pytest.raises(InputError, match=f"at least 1, not {bound}") as caught:
        ToyModel.from_floats([[1.0]], max_denominator=bound)
    assert caught.value.code == "max_denominator"


def test_ragged_weights_are_refused() -> None:
    with pytest.raises(InputError, match="row 2 has 1"):
        ToyModel.from_floats([[1.0, 2.0], [1.0]])


# -- a value --------------------------------------------------------------------------------------


@FEWER
@given(strategies.toy_models())
def test_a_model_s_text_makes_the_model_again(model: ToyModel) -> None:
    again = eval(repr(model), {"ToyModel": ToyModel})  # noqa: S307  # the text is our own
    assert again == model
    assert hash(again) == hash(model)


@FEWER
@given(strategies.toy_models())
def test_copies_and_pickles_are_the_model(model: ToyModel) -> None:
    for again in (pickle.loads(pickle.dumps(model)), copy.copy(model), copy.deepcopy(model)):  # noqa: S301  # our own
        assert again == model
        assert (again.W, again.b, again.activation) == (model.W, model.b, model.activation)


def test_a_model_is_shown_as_it_is_typed() -> None:
    assert repr(ANTIPODAL) == 'ToyModel("1 0; 0 1; 0 -1", b="0 1/2 1/2", activation="relu")'
    golden = ToyModel([[(sqrt(5) - 1) / 4, 0]], activation="linear")
    assert repr(golden) == 'ToyModel("-1/4+sqrt(5)/4 0", b="0", activation="linear")'


@pytest.mark.parametrize("name", ["W", "b", "activation"])
def test_a_model_is_frozen(name: str) -> None:
    with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{name}'"):
        setattr(ANTIPODAL, name, ())


def test_a_model_serves_as_a_key() -> None:
    seen = {ToyModel([[cos(pi / 5)]]): "found"}
    assert seen[ToyModel("1/4+sqrt(5)/4")] == "found"
    assert ToyModel("1/4") not in seen


DIFFERENT = {
    "W": ToyModel("1 0; 0 1; 0 1", "0 1/2 1/2"),
    "b": ToyModel("1 0; 0 1; 0 -1", "0 1/2 0"),
    "activation": ToyModel("1 0; 0 1; 0 -1", "0 1/2 1/2", "linear"),
    "the order": ToyModel("1 0; 0 -1; 0 1", "0 1/2 1/2"),
    "n": ToyModel("1 0; 0 1", "0 1/2"),
    "m": ToyModel("1 0 0; 0 1 0; 0 -1 0", "0 1/2 1/2"),
    "by a little": ToyModel([[1 + Fraction(1, 10**100), 0], [0, 1], [0, -1]], "0 1/2 1/2"),
}


@pytest.mark.parametrize("other", DIFFERENT.values(), ids=DIFFERENT)
def test_models_that_differ_are_not_equal(other: ToyModel) -> None:
    assert other != ANTIPODAL


def test_a_model_is_not_equal_to_what_is_no_model() -> None:
    assert ANTIPODAL != "1 0; 0 1; 0 -1"
    assert ANTIPODAL != ANTIPODAL.W


def test_models_whose_numbers_share_no_field_are_told_apart() -> None:
    one, other = (
        ToyModel([[sqrt(p) for p in primes]]) for primes in ((2, 3, 5, 7), (11, 13, 17, 19))
    )
    assert one != other


def test_equal_numbers_in_different_fields_are_equal() -> None:
    nested = sqrt(sqrt(2) + sqrt(6)) / 2
    one = ToyModel([[nested, sqrt(5)]])
    other = ToyModel([[sqrt(cos(pi / 12)), sqrt(5)]])
    assert one == other
    assert hash(one) == hash(other)


def test_a_model_s_numbers_come_in_one_field() -> None:
    found, (other,) = ToyModel([[sqrt(2)], [sqrt(3)]], ["1", "2"]).elements(sqrt(6))
    assert found.W[0][0] * found.W[1][0] == other == found.gram[0][1]
    assert found.b == (1, 2)
    assert found.field.degree == 4


def test_a_model_keeps_its_elements_and_what_it_is_asked_leaves_no_trace() -> None:
    model = ToyModel([[sqrt(2)], [1]])
    before = pickle.dumps(model)
    kept, _ = model.elements()
    beside, _ = model.elements(sqrt(3), sqrt(5))
    assert (beside.field.degree, kept.field.degree) == (8, 2)
    assert model.elements(Rational(1, 3))[0] is kept
    assert pickle.dumps(model) == before
    for copied in (copy.deepcopy(model), pickle.loads(before)):  # noqa: S301  # our own
        assert copied == model
        assert copied.elements()[0].W[0][0] ** 2 == 2


def test_a_notebook_shows_the_matrix() -> None:
    shown = ANTIPODAL._repr_markdown_()
    assert shown.startswith("$$")
    assert r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \\ 0 & -1 \end{bmatrix}" in shown
    assert Integer(1) == ANTIPODAL.W[0][0]
