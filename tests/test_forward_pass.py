"""The forward pass by hand: numbers, symbols and cases, notes and errors.

Every expected value here was worked out on paper.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence
from dataclasses import FrozenInstanceError
from fractions import Fraction

import pytest
import sympy
from sympy import Max, Rational, Symbol, cos, pi, sqrt, symbols

import handcalc
from handcalc import ToyModel, forward
from handcalc.derivation import Case, Cases, Inequality, Name, Number
from handcalc.errors import InputError
from handcalc.superposition.model.forward_pass import Forward, Parts

x1, x2, x3 = symbols("x1 x2 x3")
HALF, QUARTER = Rational(1, 2), Rational(1, 4)
ANTIPODAL = ToyModel("1 0; 0 1; 0 -1")
LINEAR = ToyModel("1 0; 0 1; 0 -1", activation="linear")


def texts(values: Sequence[object]) -> list[str]:
    return [str(value) for value in values]


# -- numbers --------------------------------------------------------------------------------------

BY_HAND = {
    "orthogonal": ("1 1/4 1/2", "1 1/4", "1 1/4 0", "1 1/4 0", "0 0 -1/2"),
    "interfering": ("1 1/4 1/2", "5/4 1/2", "5/4 1/2 7/8", "5/4 1/2 7/8", "1/4 1/4 3/8"),
    "antipodal": ("1 1/4 1/2", "1 -1/4", "1 -1/4 1/4", "1 -1/4 1/4", "0 -1/2 -1/4"),
    "one-example": ("1 1/4 1/2", "1 1/4", "1 1/4 1/2", "1 1/4 1/2", "0 0 0"),
    "bias-corrected": ("1 1/4 1/2", "1 -1/4", "1 1/4 3/4", "1 1/4 3/4", "0 0 1/4"),
    "relu": ("1 0 1/2", "1 -1/2", "1 -1/2 1/2", "1 0 1/2", "0 0 0"),
    "triangle": ("0 1/2 0", "-1/4 sqrt(3)/4", "-1/4 1/2 -1/4", "0 1/2 0", "0 0 0"),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_the_embeddings_by_hand(name: str) -> None:
    x, h, z, output, difference = BY_HAND[name]
    result = forward(handcalc.embedding(name).model, x)
    assert texts(result.x) == x.split()
    assert texts(result.h) == h.split()
    assert texts(result.z) == z.split()
    assert texts(result.output) == output.split()
    assert texts(result.difference) == difference.split()
    assert result.cases == (None, None, None)
    assert result.notes == ()


def test_the_model_of_the_readme() -> None:
    result = forward(ToyModel("1 0; 0 1; 0 -1", b="0 1/2 1/2"), "1 1/4 1/2")
    assert result.h == (1, -QUARTER)
    assert result.z == (1, QUARTER, Rational(3, 4))
    assert result.output == result.z
    assert result.difference == (0, 0, QUARTER)


def test_an_input_may_be_text_or_a_list() -> None:
    expected = forward(ANTIPODAL, "1 1/4 1/2")
    for x in ([1, "1/4", HALF], (1, Fraction(1, 4), "0.5"), "[1, .25, 1/2]", "x = 1 1/4 1/2"):
        assert forward(ANTIPODAL, x) == expected


def test_one_number_is_the_input_of_every_feature() -> None:
    assert forward(ANTIPODAL, "1/2").x == (HALF, HALF, HALF)
    assert forward(ANTIPODAL, [1]).x == (1, 1, 1)


def test_relu_is_0_at_its_kink() -> None:
    result = forward(ToyModel("1; 1", b="-1 -2"), "1/2 1/2")
    assert result.z == (0, -1)
    assert result.output == (0, 0)


def test_relu_decides_the_sign_of_a_root_that_is_nearly_0() -> None:
    """√2 + √3 − √(5 + 2√6) is 0; a thousandth of a billionth beside it is not."""
    zero = sqrt(2) + sqrt(3) - sqrt(5 + 2 * sqrt(6))
    assert forward(ToyModel([[0]], [zero]), "1").output == (0,)
    tiny = Rational(1, 10**12)
    assert forward(ToyModel([[0]], [zero + tiny]), "1").output == (tiny,)
    assert forward(ToyModel([[0]], [zero - tiny]), "1").output == (0,)


def test_a_heptagon_reads_off_a_single_feature_exactly() -> None:
    W = [[cos(2 * pi * k / 7), sympy.sin(2 * pi * k / 7)] for k in range(7)]
    result = forward(ToyModel(W), [1, 0, 0, 0, 0, 0, 0])
    assert result.h == (1, 0)
    assert result.output[0] == 1
    assert result.output[1] == result.output[6] == cos(2 * pi / 7)
    assert result.output[2:6] == (0, 0, 0, 0)


def test_the_parts_of_z_are_what_is_kept_and_what_the_others_put_on_top() -> None:
    result = forward(ToyModel("1 0; 0 1; 1/2 1/2", b="0 0 1"), "1 1/4 1/2")
    assert result.parts == (
        Parts(1, sympy.Integer(1), ((3, QUARTER),), sympy.Integer(0)),
        Parts(2, QUARTER, ((3, QUARTER),), sympy.Integer(0)),
        Parts(3, QUARTER, ((1, HALF), (2, Rational(1, 8))), sympy.Integer(1)),
    )


def test_what_puts_nothing_on_top_is_left_out() -> None:
    assert forward(ANTIPODAL, "1 0 1/2").parts[1].interference == ((3, -HALF),)
    assert forward(ANTIPODAL, "1 1 0").parts[1].interference == ()


# -- symbols --------------------------------------------------------------------------------------

SYMBOLIC = {
    "orthogonal": ((x1, x2), (x1, x2, 0), (x1, x2, 0), (0, 0, -x3)),
    "interfering": (
        (x1 + x3 / 2, x2 + x3 / 2),
        (x1 + x3 / 2, x2 + x3 / 2, x1 / 2 + x2 / 2 + x3 / 2),
        (x1 + x3 / 2, x2 + x3 / 2, x1 / 2 + x2 / 2 + x3 / 2),
        (x3 / 2, x3 / 2, x1 / 2 + x2 / 2 - x3 / 2),
    ),
    "antipodal": (
        (x1, x2 - x3),
        (x1, x2 - x3, x3 - x2),
        (x1, x2 - x3, x3 - x2),
        (0, -x3, -x2),
    ),
    "one-example": ((x1, x2), (x1, x2, HALF), (x1, x2, HALF), (0, 0, HALF - x3)),
    "bias-corrected": (
        (x1, x2 - x3),
        (x1, x2 - x3 + HALF, x3 - x2 + HALF),
        (x1, x2 - x3 + HALF, x3 - x2 + HALF),
        (0, HALF - x3, HALF - x2),
    ),
    "relu": (
        (x1, x2 - x3),
        (x1, x2 - x3, x3 - x2),
        (x1, Max(0, x2 - x3), Max(0, x3 - x2)),
        (0, Max(0, x2 - x3) - x2, Max(0, x3 - x2) - x3),
    ),
    "triangle": (
        (x1 - x2 / 2 - x3 / 2, sqrt(3) * x2 / 2 - sqrt(3) * x3 / 2),
        (x1 - x2 / 2 - x3 / 2, x2 - x1 / 2 - x3 / 2, x3 - x1 / 2 - x2 / 2),
        tuple(
            Max(0, z) for z in (x1 - x2 / 2 - x3 / 2, x2 - x1 / 2 - x3 / 2, x3 - x1 / 2 - x2 / 2)
        ),
        (
            Max(0, x1 - x2 / 2 - x3 / 2) - x1,
            Max(0, x2 - x1 / 2 - x3 / 2) - x2,
            Max(0, x3 - x1 / 2 - x2 / 2) - x3,
        ),
    ),
}


@pytest.mark.parametrize("name", SYMBOLIC)
def test_the_embeddings_for_any_input(name: str) -> None:
    result = forward(handcalc.embedding(name).model)
    assert result.x == (x1, x2, x3)
    h, z, output, difference = SYMBOLIC[name]
    assert result.h == h
    assert result.z == z
    assert result.output == output
    assert result.difference == difference


def condition(left: str, relation: str, right: str | sympy.Expr) -> Inequality:
    def side(text: str | sympy.Expr) -> Name | Number:
        return Name("x", (int(text[1:]),)) if isinstance(text, str) else Number(text)

    return Inequality(side(left), relation, side(right))


def test_an_undecided_output_is_given_case_by_case() -> None:
    result = forward(ANTIPODAL)
    first, second, third = result.cases
    assert first is None
    assert isinstance(second, Cases)
    assert isinstance(third, Cases)
    assert [case.condition for case in second.branches] == [condition("x2", "≥", "x3"), None]
    assert [case.condition for case in third.branches] == [condition("x3", "≥", "x2"), None]
    assert second.branches[1] == Case(Number(sympy.Integer(0)), None)


CONDITIONS = [
    ("1", "-1/2", condition("x1", "≥", HALF)),
    ("2", "-1", condition("x1", "≥", QUARTER)),
    ("0", "0", None),
    ("1", "0", None),
    ("1", "-1", None),
    ("1", "1", None),
    ("sqrt(2)", "-sqrt(2)", condition("x1", "≥", sqrt(2) / 2)),
]


@pytest.mark.parametrize(("W", "b", "expected"), CONDITIONS)
def test_a_condition_is_the_simplest(W: str, b: str, expected: Inequality | None) -> None:
    (cases,) = forward(ToyModel(W, b)).cases
    assert (None if cases is None else cases.branches[0].condition) == expected


def test_a_condition_can_bound_from_above() -> None:
    """z₁ = −x₂ + 1/2 with W = (1, −1), x₁ = 0."""
    (cases, _) = forward(ToyModel("1; -1", "1/2 0"), "0 x2").cases
    assert cases is not None
    assert cases.branches[0].condition == condition("x2", "≤", HALF)


@pytest.mark.parametrize(
    ("bias", "output"),
    [
        ("1", (x1 - x2 + 1, -x1 + x2 + 1)),  # z ≥ 0 everywhere, 0 at one vertex
        ("-1", (0, 0)),  # z ≤ 0 everywhere, 0 at one vertex
        ("-2", (0, 0)),
        ("-99/100", (Max(0, x1 - x2 - Rational(99, 100)), Max(0, x2 - x1 - Rational(99, 100)))),
        ("99/100", (Max(0, x1 - x2 + Rational(99, 100)), Max(0, x2 - x1 + Rational(99, 100)))),
    ],
)
def test_relu_is_resolved_where_the_sign_is_decided_over_the_box(
    bias: str, output: tuple[sympy.Expr, ...]
) -> None:
    assert forward(ToyModel("1; -1", bias)).output == output


def test_numbers_and_symbols_mix() -> None:
    result = forward(ANTIPODAL, "x1 0 x3")
    assert result.x == (x1, 0, x3)
    assert result.h == (x1, -x3)
    assert result.output == (x1, 0, x3)
    assert result.difference == (0, 0, 0)
    assert result.parts[1].interference == ((3, -x3),)


def test_a_fixed_number_can_leave_a_case_open() -> None:
    result = forward(ANTIPODAL, ["x1", "1/2", "x3"])
    assert result.output[1] == Max(0, HALF - x3)
    assert result.cases[1] is not None
    assert result.cases[1].branches[0].condition == condition("x3", "≤", HALF)


def test_symbols_may_be_sympys() -> None:
    assert forward(ANTIPODAL, [Symbol("x1"), 0, Symbol("x3")]) == forward(ANTIPODAL, "x1 0 x3")


def test_the_linear_model_has_no_cases() -> None:
    assert forward(LINEAR).cases == (None, None, None)
    assert forward(LINEAR).output == forward(LINEAR).z


# -- output_at ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "output"),
    [((1, 0, 1), (1, 0, 1)), ((0, "1/2", "1/4"), (0, QUARTER, 0)), ((1, 1, 1), (1, 0, 0))],
)
def test_numbers_can_be_put_in_afterwards(
    x: tuple[object, ...], output: tuple[sympy.Expr, ...]
) -> None:
    values = {f"x{i}": value for i, value in enumerate(x, 1)}
    assert forward(ANTIPODAL).output_at(values) == output
    assert forward(ANTIPODAL, x).output == output


def test_only_the_symbols_are_asked_for() -> None:
    assert forward(ANTIPODAL, "x1 0 x3").output_at({"x1": 1, "x3": "1/2"}) == (1, 0, HALF)
    assert forward(ANTIPODAL, "1 0 0").output_at({}) == (1, 0, 0)


@pytest.mark.parametrize(
    "values", [{}, {"x1": 1}, {"x1": 1, "x2": 0, "x3": 1}, {"x1": 1, "x4": 1}, {"y": 1}], ids=str
)
def test_every_symbol_and_no_other_needs_a_value(values: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"Values are needed for x1, x3, not for ") as caught:
        forward(ANTIPODAL, "x1 0 x3").output_at(values)
    assert caught.value.code == "unknown_name"


def test_values_are_exact_too() -> None:
    with pytest.raises(InputError, match=r"A float such as 0\.5"):
        forward(ToyModel("1")).output_at({"x1": 0.5})


# -- notes and errors -----------------------------------------------------------------------------


def test_a_value_outside_the_box_is_worked_and_noted() -> None:
    result = forward(ANTIPODAL, "2 -1/2 1")
    assert result.output == (2, 0, Rational(3, 2))
    assert len(result.notes) == 2
    assert "x1 = 2 lies outside [0, 1]" in result.notes[0]
    assert "x2 = -1/2 lies outside [0, 1]" in result.notes[1]


@pytest.mark.parametrize("x", ["0 1 1/2", "x1 x2 x3", ["sqrt(2)/2", "cos(pi/7)", "sqrt(2)-1"]])
def test_values_in_the_box_need_no_note(x: str | list[str]) -> None:
    assert forward(ANTIPODAL, x).notes == ()


def test_a_root_just_past_1_is_noted() -> None:
    near = sqrt(2) - Rational(41421356237, 10**11)
    assert len(forward(ToyModel("1"), [near]).notes) == 1


REFUSED = [
    ("1 2", "wrong_shape", "one value per feature, 3 as W has rows, not 2"),
    ([1, 2, 3, 4], "wrong_shape", "3 as W has rows, not 4"),
    ([], "wrong_shape", "not 0"),
    ("x1 x2 x4", "unknown_name", "."),
    (["x1", "x2", "y"], "unknown_name", "."),
    ([Symbol("y"), 0, 0], "unknown_name", "one of x1 … x3, not y"),
    ([0.5, 0, 0], "float", r"A float such as 0\.5"),
    ([True, 0, 0], "boolean", "not True; type 1"),
    ([pi, 0, 0], "not_exact", "pi is not"),
    ([x1 + 1, 0, 0], "not_exact", "is not"),
    ("", "empty", "."),
]


@pytest.mark.parametrize(("x", "code", "message"), REFUSED, ids=lambda part: str(part)[:20])
def test_what_is_no_input_is_refused(x: str | list[object], code: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        forward(ANTIPODAL, x)
    assert caught.value.code == code


def test_an_input_that_needs_a_larger_field_is_refused() -> None:
    model = ToyModel([[sqrt(p)] for p in (2, 3, 5, 7, 11)])
    with pytest.raises(InputError, match="at most 64") as caught:
        forward(model, [sqrt(13), sqrt(17), 0, 0, 0])
    assert caught.value.code == "too_complicated"


# -- the derivation -------------------------------------------------------------------------------


def test_the_steps_come_in_the_order_of_the_calculation() -> None:
    rules = ["Project", "Reconstruct", "Add the bias", "Activate", "Compare"]
    for x in (None, "1 0 1/2"):
        derivation = forward(ANTIPODAL, x).derivation
        assert [step.rule for step in derivation.steps] == rules
        assert [len(step.lines) for step in derivation.steps] == [2, 3, 3, 3, 3]


def test_each_line_gives_a_quantity_of_the_result() -> None:
    result = forward(ToyModel("1 0; 0 1; 1/2 1/2", b="0 1/3 -1"), "1 1/4 1/2")
    steps = result.derivation.steps
    for step, values in (
        (steps[0], result.h),
        (steps[2], result.z),
        (steps[3], result.output),
        (steps[4], result.difference),
    ):
        assert [line.value for line in step.lines] == [Number(value) for value in values]


# -- a value --------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [None, "1 0 1/2", "x1 1/2 x3"])
def test_a_result_is_a_value(x: str | None) -> None:
    result = forward(ANTIPODAL, x)
    again: list[Forward] = [
        forward(ANTIPODAL, x),
        copy.deepcopy(result),
        pickle.loads(pickle.dumps(result)),  # noqa: S301  # our own
    ]
    for one in again:
        assert one == result
        assert hash(one) == hash(result)


def test_a_result_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'z'"):
        forward(ANTIPODAL).z = ()


def test_a_large_model_is_worked_in_a_moment() -> None:
    rows = [[Fraction((i * j) % 7 - 3, j + 2) for j in range(5)] for i in range(20)]
    model = ToyModel(rows, [Fraction(i - 10, 20) for i in range(20)])
    result = forward(model, [Fraction(i, 20) for i in range(20)])
    G = [[sum(p * q for p, q in zip(a, b, strict=True)) for b in rows] for a in rows]
    z = [
        sum(g * Fraction(j, 20) for j, g in enumerate(row)) + Fraction(i - 10, 20)
        for i, row in enumerate(G)
    ]
    assert [Fraction(int(value.p), int(value.q)) for value in result.z] == z
    assert [Fraction(int(value.p), int(value.q)) for value in result.output] == [
        max(value, Fraction(0)) for value in z
    ]
    assert len(forward(model).cases) == 20
