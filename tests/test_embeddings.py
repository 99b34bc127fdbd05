"""The seven named embeddings: the published facts of the by-hand walk, and claims that hold.

Every claim is checked against plain forward passes on a grid of inputs.
"""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Iterator
from itertools import product

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Rational, sqrt

import handcalc
from handcalc import (
    Embedding,
    ToyModel,
    embedding,
    embeddings,
    equal,
    exact,
    forward,
    sign,
    strategies,
)
from handcalc.derivation import Claim, Inequality, Number
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.superposition.model.embeddings import findings
from handcalc.views.notation import ASCII
from tests.expression_values import at, holds
from tests.sampling import FEWER

HALF, QUARTER = Rational(1, 2), Rational(1, 4)
QUARTERS = [Rational(k, 4) for k in range(5)]
GRID = list(product(QUARTERS, repeat=3))

MODELS = {
    "orthogonal": ToyModel("1 0; 0 1; 0 0", activation="linear"),
    "interfering": ToyModel("1 0; 0 1; 1/2 1/2", activation="linear"),
    "antipodal": ToyModel("1 0; 0 1; 0 -1", activation="linear"),
    "one-example": ToyModel("1 0; 0 1; 0 0", b="0 0 1/2", activation="linear"),
    "bias-corrected": ToyModel("1 0; 0 1; 0 -1", b="0 1/2 1/2", activation="linear"),
    "relu": ToyModel("1 0; 0 1; 0 -1"),
    "triangle": ToyModel([[1, 0], [-HALF, sqrt(3) / 2], [-HALF, -sqrt(3) / 2]]),
}
NAMES = tuple(MODELS)


def missed(name: str, x: Vector) -> list[int]:
    """The features (from 1) that do not come out exactly."""
    difference = forward(embedding(name).model, x).difference
    return [i for i, value in enumerate(difference, 1) if value != 0]


def every(name: str) -> Iterator[tuple[Vector, Vector]]:
    """Inputs on a grid, with what comes out."""
    model = embedding(name).model
    return ((x, forward(model, x).output) for x in GRID)


# -- the list -------------------------------------------------------------------------------------


def test_there_are_seven_in_the_order_of_the_walk() -> None:
    assert tuple(found.name for found in embeddings()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_models_are_those_of_the_walk(name: str) -> None:
    found = embedding(name)
    assert found.model == MODELS[name]
    assert found in embeddings()
    assert len(found.example) == 3
    assert all(0 <= value <= 1 for value in found.example)


@pytest.mark.parametrize("name", NAMES)
def test_each_has_a_page_s_worth_of_words(name: str) -> None:
    found = embedding(name)
    assert len(found.story.split()) >= 40
    assert found.title
    assert found.source
    assert found.findings == findings(found.model)


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [("antipodel", "antipodal"), ("Triangle", "triangle"), ("biascorrected", "bias-corrected")],
)
def test_a_misspelt_name_is_answered_with_the_nearest(name: str, suggestion: str) -> None:
    with pytest.raises(InputError, match=f"no embedding named '{name}'; the names are ") as caught:
        embedding(name)
    assert caught.value.code == "unknown_embedding"
    assert caught.value.suggestion == suggestion


def test_a_name_like_no_other_gets_no_suggestion() -> None:
    with pytest.raises(InputError, match="no embedding named") as caught:
        embedding("zzzzzz" * 100)
    assert caught.value.suggestion is None
    assert len(caught.value.message) < 250


# -- published facts, on a grid of inputs ---------------------------------------------------------


def test_orthogonal_keeps_two_and_loses_the_third() -> None:
    for x, output in every("orthogonal"):
        assert output == (x[0], x[1], 0)


def test_interfering_shows_all_three_with_positive_interference() -> None:
    for x, output in every("interfering"):
        assert output == (x[0] + x[2] / 2, x[1] + x[2] / 2, (x[0] + x[1] + x[2]) / 2)
    gram = handcalc.geometry(embedding("interfering").model).gram
    assert gram[0][1] == 0
    assert gram[0][2] == gram[1][2] == HALF


def test_antipodal_spares_feature_1_and_cancels_the_others() -> None:
    for x, output in every("antipodal"):
        assert output == (x[0], x[1] - x[2], x[2] - x[1])


def test_the_linear_pair_is_exact_only_where_both_are_off() -> None:
    for x in GRID:
        assert (missed("antipodal", x) == []) == (x[1] == x[2] == 0)


def test_one_example_is_exact_wherever_x3_has_its_value() -> None:
    for x in GRID:
        assert (missed("one-example", x) == []) == (x[2] == HALF)


def test_the_corrected_pair_is_exact_only_where_both_are_one_half() -> None:
    for x in GRID:
        assert (missed("bias-corrected", x) == []) == (x[1] == x[2] == HALF)


def test_the_bias_brings_a_feature_closer_where_the_other_is_over_a_quarter() -> None:
    """Feature 2 is closer on an input iff x₃ > ¼, and the other way round."""
    before, after = embedding("antipodal").model, embedding("bias-corrected").model
    for x in GRID:
        old, new = (forward(model, x).difference for model in (before, after))
        for i, other in ((1, 2), (2, 1)):
            assert (abs(new[i]) < abs(old[i])) == (x[other] > QUARTER)


def test_relu_is_exact_where_one_of_the_pair_is_off() -> None:
    for x in GRID:
        assert (missed("relu", x) == []) == (x[1] * x[2] == 0)


def test_the_triangle_reads_single_features_exactly() -> None:
    for x in GRID:
        if sum(value != 0 for value in x) <= 1:
            assert missed("triangle", x) == []
    gram = handcalc.geometry(embedding("triangle").model).gram
    assert gram == tuple(tuple(1 if i == j else -HALF for j in range(3)) for i in range(3))


# -- what is claimed ------------------------------------------------------------------------------

SHARES = (
    "All 3 features are embedded in 2 dimensions. Each brings itself into its own output, times "
    "{}; what the others add or take there comes on top."
)
CLAIMED = {
    "orthogonal": (
        [
            "Features 1 and 2 come out exactly, whatever the input.",
            "Every input with feature 3 off comes out exactly.",
        ],
        ["Feature 3 comes out as 0, whatever it was."],
    ),
    "interfering": (
        [SHARES.format("1, 1, 1/2")],
        [
            "Feature 1 is off by 1/2*x3.",
            "Feature 2 is off by 1/2*x3.",
            "Feature 3 is off by 1/2*x1 + 1/2*x2 - 1/2*x3.",
        ],
    ),
    "antipodal": (
        [
            "Feature 1 comes out exactly, whatever the input.",
            SHARES.format("1, 1, 1"),
        ],
        ["Feature 2 is off by -x3.", "Feature 3 is off by -x2."],
    ),
    "one-example": (
        [
            "Features 1 and 2 come out exactly, whatever the input.",
            "Every input with feature 3 at 1/2 comes out exactly, whatever the others are.",
            "Feature 3 comes out closer than with b = 0 where x3 > 1/4.",
        ],
        [
            "Feature 3 comes out as 1/2, whatever it was.",
            "Feature 3 comes out further off than with b = 0 where x3 < 1/4.",
        ],
    ),
    "bias-corrected": (
        [
            "Feature 1 comes out exactly, whatever the input.",
            SHARES.format("1, 1, 1"),
            "Feature 2 comes out closer than with b = 0 where x3 > 1/4.",
            "Feature 3 comes out closer than with b = 0 where x2 > 1/4.",
        ],
        [
            "Feature 2 is off by 1/2 - x3.",
            "Feature 3 is off by 1/2 - x2.",
            "Feature 2 comes out further off than with b = 0 where x3 < 1/4.",
            "Feature 3 comes out further off than with b = 0 where x2 < 1/4.",
        ],
    ),
    "relu": (
        [
            "Feature 1 comes out exactly, whatever the input.",
            "Every input with feature 2 or 3 off comes out exactly.",
            SHARES.format("1, 1, 1"),
        ],
        [
            "Feature 2 is off by -x3 where x2 >= x3, and by -x2 elsewhere.",
            "Feature 3 is off by -x2 where x3 >= x2, and by -x3 elsewhere.",
        ],
    ),
    "triangle": (
        [
            "Every input with a single active feature comes out exactly.",
            SHARES.format("1, 1, 1"),
        ],
        [
            "Feature 1 is off by -1/2*x2 - 1/2*x3 where ",
            "Feature 2 is off by -1/2*x1 - 1/2*x3 where ",
            "Feature 3 is off by -1/2*x1 - 1/2*x2 where ",
        ],
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_claimed_is_true_and_complete(name: str) -> None:
    found = embedding(name).findings
    gained, lost = CLAIMED[name]
    assert [ASCII.claim(claim) for claim in found.gained] == gained
    for claim, start in zip(found.lost, lost, strict=True):
        assert ASCII.claim(claim).startswith(start)


def test_a_perfect_model_has_nothing_to_lose() -> None:
    found = findings(ToyModel("1 0; 0 1"))
    assert [claim.sentence for claim in found.gained] == ["Every input comes out exactly."]
    assert found.lost == ()


def test_a_face_away_from_0_is_found() -> None:
    """b₃ = √2/2 fixes x₃ for good."""
    found = findings(ToyModel("1 0; 0 1; 0 0", b="0 0 sqrt(2)/2"))
    assert ASCII.claim(found.gained[1]) == (
        "Every input with feature 3 at sqrt(2)/2 comes out exactly, whatever the others are."
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_differences_shown_are_those_of_the_forward_pass(name: str) -> None:
    """Every "off by" sentence, evaluated on the grid."""
    model = embedding(name).model
    symbolic = forward(model)
    for x in GRID[::7]:
        numbers = dict(zip(symbolic.x, map(exact, x), strict=True))
        expected = forward(model, x).difference
        for shown, value in zip(symbolic.difference, expected, strict=True):
            assert sign(sympy.expand(shown.xreplace(numbers).doit() - value)) == 0


# -- claims about any model -----------------------------------------------------------------------

ALL, ONE_ON = "Every input comes out exactly.", "Every input with a single active feature comes out"


def inputs_named(sentence: str, claim: Claim, x: Vector) -> Vector:
    """The input, moved to where the sentence says that it should be."""
    if sentence.startswith(ONE_ON):
        return (x[0], *[sympy.Integer(0)] * (len(x) - 1))
    fixed = re.match(r"Every input with feature ([\d, or]+) (off|at)", sentence)
    if fixed is None:
        return x
    j = int(re.findall(r"\d+", fixed[1])[-1])
    (value,) = claim.values or (Number(sympy.Integer(0)),)
    assert isinstance(value, Number)
    return tuple(value.value if i == j else cell for i, cell in enumerate(x, 1))


@FEWER
@given(strategies.toy_models(), st.data())
def test_what_is_gained_holds_for_every_model(model: ToyModel, data: st.DataObject) -> None:
    for claim in findings(model).gained:
        sentence = claim.sentence
        x = inputs_named(sentence, claim, data.draw(strategies.inputs(model.n)))
        difference = forward(model, x).difference
        if sentence.startswith("Every input"):
            assert not any(difference)
        elif sentence.startswith("Feature") and "whatever the input" in sentence:
            named = map(int, re.findall(r"\d+", sentence))
            assert not any(difference[i - 1] for i in named)


@FEWER
@given(strategies.toy_models(), st.data())
def test_what_is_lost_holds_for_every_model(model: ToyModel, data: st.DataObject) -> None:
    x = data.draw(strategies.inputs(model.n))
    result, values = forward(model, x), dict(zip(forward(model).x, x, strict=True))
    lost = findings(model).lost
    named = {int(claim.sentence.split()[1]) for claim in lost}
    assert named == {i for i, d in enumerate(forward(model).difference, 1) if d != 0}
    for claim in lost:
        i = int(claim.sentence.split()[1]) - 1
        match claim.values:
            case (Inequality(),):
                continue
            case (first, Inequality() as condition, second):
                expected = at(first if holds(condition, values) else second, values)
            case (only,):
                expected = at(only, values)
        is_output = "comes out as" in claim.sentence
        assert equal(expected, (result.output if is_output else result.difference)[i])


@FEWER
@given(strategies.toy_models(activation="linear"), st.data())
def test_closer_and_further_are_where_they_are_said_to_be(
    model: ToyModel, data: st.DataObject
) -> None:
    x = data.draw(strategies.inputs(model.n))
    values = dict(zip(forward(model).x, x, strict=True))
    bare = ToyModel(model.W, activation="linear")
    with_b, without = forward(model, x).difference, forward(bare, x).difference
    found = findings(model)
    for claim in (*found.gained, *found.lost):
        if "with b = 0" not in claim.sentence:
            continue
        i = int(claim.sentence.split()[1]) - 1
        (condition,) = claim.values
        assert isinstance(condition, Inequality)
        closer = sign(exact(without[i] ** 2 - with_b[i] ** 2))
        wanted = 1 if "closer" in claim.sentence else -1
        assert holds(condition, values) == (closer == wanted)


# -- a value --------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", embeddings(), ids=NAMES)
def test_an_embedding_is_a_value(found: Embedding) -> None:
    assert copy.deepcopy(found) == found
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  # our own
    assert hash(embedding(found.name)) == hash(found)
    assert found.title in found._repr_markdown_()
