"""The same model up to rotation, reflection and permutation: found, named, and told apart."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction
from itertools import permutations, product

import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st
from sympy import Rational, cos, pi, sin, sqrt

from handcalc import ToyModel, equal, exact, same_model, strategies
from handcalc.inputs.arguments import Matrix
from handcalc.strategies import permuted, rotated
from handcalc.superposition.model.same_model import Sameness
from tests.sampling import FEWER

ANTIPODAL = ToyModel("1 0; 0 1; 0 -1")
TRIANGLE = ToyModel("1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2")
HALF = Rational(1, 2)


def turn(turns: sympy.Expr) -> Matrix:
    """Row vectors times this turn counter-clockwise by that fraction of a full turn."""
    angle = 2 * pi * turns
    return ((cos(angle), sin(angle)), (-sin(angle), cos(angle)))


def mirror(turns: sympy.Expr) -> Matrix:
    """The reflection in the line at that fraction of a full turn."""
    angle = 4 * pi * turns
    return ((cos(angle), sin(angle)), (sin(angle), -cos(angle)))


def leads_from(A: ToyModel, B: ToyModel, found: Sameness) -> bool:
    """Whether B's rows and biases are A's, in the order said and turned by the Q said."""
    moved = permuted(A, [i - 1 for i in found.permutation])
    return (rotated(moved, found.Q) if found.Q is not None else moved) == B


def is_orthogonal(Q: Matrix) -> bool:
    return all(
        equal(sum(a * b for a, b in zip(p, q, strict=True)), int(i == j))
        for i, p in enumerate(Q)
        for j, q in enumerate(Q)
    )


# -- found, and what leads there ------------------------------------------------------------------


@FEWER
@given(strategies.same_models())
def test_a_copy_is_found(pair: tuple[ToyModel, ToyModel]) -> None:
    found = same_model(*pair)
    assert found
    assert found.same
    assert found.sentence.startswith("The same model")


@FEWER
@given(strategies.same_models())
def test_the_permutation_and_q_lead_from_one_to_the_other(
    pair: tuple[ToyModel, ToyModel],
) -> None:
    A, B = pair
    found = same_model(A, B)
    assert sorted(found.permutation) == list(range(1, A.n + 1))
    if found.motion in ("rotation", "reflection"):
        assert found.Q is not None
        assert is_orthogonal(found.Q)
    if found.Q is not None or found.motion == "none":
        assert leads_from(A, B, found)


@FEWER
@given(strategies.same_models())
def test_sameness_goes_both_ways(pair: tuple[ToyModel, ToyModel]) -> None:
    A, B = pair
    assert same_model(B, A)
    assert same_model(A, A).sentence == "The same model, to the number."


@FEWER
@given(strategies.same_models(m=2), st.integers(0, 3))
def test_a_model_with_another_bias_is_another(pair: tuple[ToyModel, ToyModel], which: int) -> None:
    A, B = pair
    i = which % B.n
    b = [*B.b[:i], B.b[i] + Rational(1, 10**20), *B.b[i + 1 :]]
    assert not same_model(A, ToyModel(B.W, b, B.activation))


@FEWER
@given(strategies.same_models(), st.integers(0, 3))
def test_a_model_with_another_length_is_another(
    pair: tuple[ToyModel, ToyModel], which: int
) -> None:
    A, B = pair
    i = which % B.n
    assume(any(B.W[i]))
    longer = tuple(cell * (1 + Rational(1, 10**20)) for cell in B.W[i])
    found = same_model(A, ToyModel([*B.W[:i], longer, *B.W[i + 1 :]], B.b, B.activation))
    assert not found
    assert found.sentence == "Not the same model: the lengths of the embeddings differ."


# -- named ----------------------------------------------------------------------------------------

NAMED = [
    (ANTIPODAL, ANTIPODAL, (1, 2, 3), "none", None, "The same model, to the number."),
    (
        ANTIPODAL,
        rotated(ANTIPODAL, turn(Rational(1, 4))),
        (1, 2, 3),
        "rotation",
        Fraction(1, 4),
        "The same model: rotated by 90°.",
    ),
    (
        ANTIPODAL,
        rotated(ANTIPODAL, turn(Rational(1, 12))),
        (1, 2, 3),
        "rotation",
        Fraction(1, 12),
        "The same model: rotated by 30°.",
    ),
    (
        ANTIPODAL,
        rotated(ANTIPODAL, turn(Rational(-1, 8))),
        (1, 2, 3),
        "rotation",
        Fraction(7, 8),
        "The same model: rotated by 315°.",
    ),
    (
        TRIANGLE,
        rotated(TRIANGLE, mirror(Rational(1, 4))),
        (1, 2, 3),
        "reflection",
        Fraction(1, 4),
        "The same model: reflected in the line at 90°.",
    ),
    (
        ANTIPODAL,
        rotated(ANTIPODAL, mirror(Rational(1, 8))),
        (1, 2, 3),
        "reflection",
        Fraction(1, 8),
        "The same model: reflected in the line at 45°.",
    ),
    (
        ANTIPODAL,
        rotated(ANTIPODAL, ((Rational(3, 5), Rational(4, 5)), (Rational(-4, 5), Rational(3, 5)))),
        (1, 2, 3),
        "rotation",
        None,
        "The same model: rotated.",
    ),
    (
        ToyModel("1 0; 0 2; 0 0"),
        ToyModel("0 2; 1 0; 0 0"),
        (2, 1, 3),
        "none",
        None,
        "The same model: features 1 and 2 swapped.",
    ),
    (
        ToyModel("1 0; 0 2; 3 3"),
        ToyModel("3 3; 1 0; 0 2"),
        (3, 1, 2),
        "none",
        None,
        "The same model: features 3, 1 and 2 renamed 1, 2 and 3.",
    ),
    (
        ToyModel("1 0; 0 2"),
        ToyModel("2 0; 0 1"),
        (2, 1),
        "reflection",
        Fraction(1, 8),
        "The same model: features 1 and 2 swapped, then reflected in the line at 45°.",
    ),
    (
        ToyModel("1; 2"),
        ToyModel("-1; -2"),
        (1, 2),
        "reflection",
        None,
        "The same model: reflected.",
    ),
    (
        ToyModel("1 0 0; 0 1 0"),
        ToyModel("0 0 1; 1 0 0"),
        (1, 2),
        "either",
        None,
        "The same model: rotated or reflected.",
    ),
    (
        ToyModel("1 0; 0 1; 0 -1"),
        ToyModel("1 0 0; 0 1 0; 0 -1 0"),
        (1, 2, 3),
        "either",
        None,
        "The same model: in 3 hidden dimensions instead of 2.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("A", "B", "permutation", "motion", "turns", "sentence"), NAMED)
def test_what_leads_from_one_to_the_other_is_named(
    A: ToyModel,
    B: ToyModel,
    permutation: tuple[int, ...],
    motion: str,
    turns: Fraction | None,
    sentence: str,
) -> None:
    found = same_model(A, B)
    assert found.sentence == sentence
    assert (found.permutation, found.motion, found.turns) == (permutation, motion, turns)
    if A.m == B.m and found.motion != "either":
        assert leads_from(A, B, found)


@pytest.mark.parametrize("turns", [Rational(k, 60) for k in range(1, 60)], ids=str)
def test_a_rotation_is_named_by_its_angle(turns: Rational) -> None:
    model = ToyModel("1 0; 1 1; 0 3", b="1 2 3")
    found = same_model(model, rotated(model, turn(turns)))
    assert (found.motion, found.turns) == ("rotation", Fraction(turns.p, turns.q))
    assert found.sentence == f"The same model: rotated by {360 * turns}°."


@pytest.mark.parametrize("turns", [Rational(k, 24) for k in range(12)], ids=str)
def test_a_reflection_is_named_by_its_line(turns: Rational) -> None:
    model = ToyModel("1 0; 1 1; 0 3", b="1 2 3")
    found = same_model(model, rotated(model, mirror(turns)))
    assert (found.motion, found.turns) == ("reflection", Fraction(turns.p, turns.q))


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_features_are_told_by_their_biases(order: tuple[int, ...]) -> None:
    model = ToyModel("1 0; 1 0; 1 0", b="1 2 3")
    found = same_model(model, permuted(model, order))
    assert found.permutation == tuple(i + 1 for i in order)


def test_features_keep_their_numbers_if_they_can() -> None:
    hexagon = ToyModel([[cos(pi * k / 3), sin(pi * k / 3)] for k in range(6)])
    found = same_model(hexagon, rotated(hexagon, turn(Rational(1, 6))))
    assert found.permutation == (1, 2, 3, 4, 5, 6)
    assert found.turns == Fraction(1, 6)


# -- told apart -----------------------------------------------------------------------------------

APART = [
    (ANTIPODAL, ToyModel("1 0; 0 1; 0 -1", activation="linear"), "one is relu, the other linear"),
    (ANTIPODAL, ToyModel("1 0; 0 1"), "one has 3 features, the other 2"),
    (ANTIPODAL, TRIANGLE, "lengths and biases agree, but no numbering of the features"),
    (ANTIPODAL, ToyModel("1 0; 0 1; 0 -2"), "the lengths of the embeddings differ"),
    (ANTIPODAL, ToyModel("1 0; 0 1; 0 -1", b="0 0 1"), "the biases differ"),
    (
        ToyModel("1 0; 0 2", b="1 0"),
        ToyModel("1 0; 0 2", b="0 1"),
        "lengths and biases agree, but no numbering of the features",
    ),
    (
        ToyModel([[sqrt(p)] for p in (2, 3, 5, 7)]),
        ToyModel([[sqrt(p)] for p in (11, 13, 17, 19)]),
        "the lengths of the embeddings differ",
    ),
]


@pytest.mark.parametrize(("A", "B", "reason"), APART)
def test_what_differs_is_said(A: ToyModel, B: ToyModel, reason: str) -> None:
    found = same_model(A, B)
    assert not found
    assert found.sentence.startswith("Not the same model: ")
    assert reason in found.sentence
    assert (found.permutation, found.Q, found.turns) == ((), None, None)


def test_equal_overlaps_in_another_arrangement_are_another_model() -> None:
    """Two triangles and a ring of six: every feature meets the same overlaps in both."""
    two_triangles = ToyModel(
        [[cos(2 * pi * k / 3), sin(2 * pi * k / 3), 0, 0] for k in range(3)]
        + [[0, 0, cos(2 * pi * k / 3), sin(2 * pi * k / 3)] for k in range(3)]
    )
    ring = [
        [1 if i == j else -HALF if (i - j) % 6 in (1, 5) else 0 for j in range(6)] for i in range(6)
    ]
    model = ToyModel(square_root_of(ring))
    assert [sorted(map(str, row)) for row in gram(two_triangles)] == [
        sorted(map(str, row)) for row in gram(model)
    ]
    assert not same_model(two_triangles, model)


def gram(model: ToyModel) -> list[list[sympy.Expr]]:
    return [
        [exact(sum(p * q for p, q in zip(a, b, strict=True))) for b in model.W] for a in model.W
    ]


def square_root_of(G: list[list[sympy.Expr]]) -> list[list[sympy.Expr]]:
    """W with W Wᵀ = G, by Cholesky's algorithm."""
    size = len(G)
    W = [[sympy.Integer(0)] * size for _ in range(size)]
    for i, j in product(range(size), range(size)):
        if j > i:
            continue
        rest = exact(G[i][j] - sum(W[i][k] * W[j][k] for k in range(j)))
        if i == j:
            W[i][j] = exact(sqrt(rest))
        elif W[j][j] != 0:
            W[i][j] = exact(rest / W[j][j])
    return W


# -- large and symmetrical ------------------------------------------------------------------------


@pytest.mark.parametrize("k", [8, 12, 20])
def test_a_regular_polygon_is_itself_turned(k: int) -> None:
    rows = [[cos(2 * pi * i / k), sin(2 * pi * i / k)] for i in range(k)]
    found = same_model(ToyModel(rows), ToyModel([*rows[3:], *rows[:3]]))
    assert found
    assert found.turns == Fraction(3, k)


@pytest.mark.parametrize("n", [4, 8, 12, 16])
def test_the_search_does_not_explode(n: int) -> None:
    """Pairs of opposite axes, named anew: n!! numberings, one of which is found at once."""
    rows = [[s if i == j else 0 for j in range(n // 2)] for i in range(n // 2) for s in (1, -1)]
    assert same_model(ToyModel(rows), ToyModel(rows[::-1]))
    assert same_model(ToyModel(rows), ToyModel(rows[::2] + rows[1::2]))


def rings(*sizes: int) -> ToyModel:
    """Features that each share one dimension with the next in their ring: all look alike."""
    starts = [sum(sizes[:k]) for k in range(len(sizes))]
    rows = []
    for start, size in zip(starts, sizes, strict=True):
        for i in range(size):
            ends = {start + i, start + (i + 1) % size}
            rows.append([int(j in ends) for j in range(sum(sizes))])
    return ToyModel(rows)


RINGS = [
    ((18,), (9, 9), False),
    ((3, 3, 3, 3, 6), (3, 3, 12), False),
    ((3, 3, 3, 3, 3, 3, 6), (3, 3, 3, 3, 12), False),
    ((3, 3, 3, 3, 3, 3), (3, 3, 3, 3, 3, 3), True),
    ((4, 5, 9), (9, 4, 5), True),
]


@pytest.mark.parametrize(("one", "other", "expected"), RINGS, ids=str)
def test_clusters_that_look_alike_are_sorted_out_at_once(
    one: tuple[int, ...], other: tuple[int, ...], expected: bool
) -> None:
    assert bool(same_model(rings(*one), rings(*other))) == expected


def test_a_result_is_a_value() -> None:
    found = same_model(ANTIPODAL, rotated(ANTIPODAL, turn(Rational(1, 8))))
    assert found == same_model(ANTIPODAL, rotated(ANTIPODAL, turn(Rational(1, 8))))
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  # our own
    assert copy.deepcopy(found) == found
    assert "rotated by 45°" in found._repr_markdown_()
    assert exact(found.Q[0][0]) == sqrt(2) / 2 if found.Q else False
