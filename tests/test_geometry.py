"""The geometry of embeddings: published dimensionalities, Gram matrices, and arrows in words."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction
from itertools import product

import pytest
import sympy
from hypothesis import given
from sympy import Rational, cos, pi, sin, sqrt

import handcalc
from handcalc import ToyModel, equal, exact, geometry, sign, strategies
from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.superposition.model.geometry import arrows, described
from handcalc.views.notation import ASCII
from tests.sampling import FEWER

# -- polygons and solids, by their corners --------------------------------------------------------


def k_gon(k: int) -> ToyModel:
    return ToyModel([[cos(2 * pi * i / k), sin(2 * pi * i / k)] for i in range(k)])


def octahedron() -> list[list[int]]:
    return [[s if i == j else 0 for j in range(3)] for i in range(3) for s in (1, -1)]


def simplex(m: int) -> ToyModel:
    """m + 1 corners in m dimensions, built up one dimension at a time."""
    corners: list[list[sympy.Expr]] = [[sympy.Integer(1)], [sympy.Integer(-1)]]
    for d in range(2, m + 1):
        flat = sqrt(Rational(d * d - 1, d * d))
        corners = [[Rational(-1, d), *(flat * cell for cell in corner)] for corner in corners]
        corners.insert(0, [sympy.Integer(1), *[sympy.Integer(0)] * (d - 1)])
    return ToyModel(corners)


PUBLISHED = {
    "one feature": (ToyModel("5"), 1),
    "digon": (ToyModel("1; -1"), Rational(1, 2)),
    "triangle": (k_gon(3), Rational(2, 3)),
    "square": (k_gon(4), Rational(1, 2)),
    "pentagon": (k_gon(5), Rational(2, 5)),
    "hexagon": (k_gon(6), Rational(1, 3)),
    "heptagon": (k_gon(7), Rational(2, 7)),
    "nonagon": (k_gon(9), Rational(2, 9)),
    "17-gon": (k_gon(17), Rational(2, 17)),
    "tetrahedron": (ToyModel("1 1 1; 1 -1 -1; -1 1 -1; -1 -1 1"), Rational(3, 4)),
    "octahedron": (ToyModel(octahedron()), Rational(1, 2)),
    "cube": (ToyModel(list(product([1, -1], repeat=3))), Rational(3, 8)),
    "simplex in 4": (simplex(4), Rational(4, 5)),
    "simplex in 5": (simplex(5), Rational(5, 6)),
    "orthonormal": (ToyModel("1 0 0; 0 1 0; 0 0 1"), 1),
}


@pytest.mark.parametrize(("model", "expected"), PUBLISHED.values(), ids=PUBLISHED)
def test_published_dimensionalities(model: ToyModel, expected: sympy.Expr) -> None:
    """Elhage et al. 2022; tight frames reach the bound Σ D = rank."""
    found = geometry(model)
    assert found.dimensionality == (expected,) * model.n
    assert found.capacity == model.m


def test_the_golden_ratio_shows_in_the_pentagon_s_overlaps() -> None:
    gram = geometry(k_gon(5)).gram
    near, far = (sqrt(5) - 1) / 4, (-sqrt(5) - 1) / 4
    for i, row in enumerate(gram):
        assert [exact(cell - row[i]) for cell in row].count(0) == 1
        assert row[(i + 1) % 5] == exact(near)
        assert row[(i + 2) % 5] == exact(far)


def test_the_antipodal_embedding() -> None:
    found = geometry(handcalc.embedding("antipodal").model)
    assert found.gram == ((1, 0, 0), (0, 1, -1), (0, -1, 1))
    assert found.norms == (1, 1, 1)
    assert found.interference == (0, 1, 1)
    assert found.dimensionality == (1, Rational(1, 2), Rational(1, 2))
    assert found.capacity == 2


def test_the_interfering_embedding() -> None:
    """G₃₃ = ½ and G₁₃ = G₂₃ = ½: D₁ = 1/(1 + ¼), D₃ = ¼/(¼ + ¼ + ¼)."""
    found = geometry(handcalc.embedding("interfering").model)
    half = Rational(1, 2)
    assert found.gram == ((1, 0, half), (0, 1, half), (half, half, half))
    assert found.norms == (1, 1, sqrt(2) / 2)
    assert found.interference == (Rational(1, 4), Rational(1, 4), 1)
    assert found.dimensionality == (Rational(4, 5), Rational(4, 5), Rational(1, 3))
    assert found.capacity == Rational(29, 15)


def test_a_feature_that_is_not_embedded_has_no_share() -> None:
    found = geometry(handcalc.embedding("orthogonal").model)
    assert found.norms == (1, 1, 0)
    assert found.interference == (0, 0, 0)
    assert found.dimensionality == (1, 1, 0)
    assert found.capacity == 2


def test_a_model_of_zeros_has_no_capacity() -> None:
    assert geometry(ToyModel("0 0; 0 0")).capacity == 0


def test_roots_come_out_in_their_plain_form() -> None:
    found = geometry(ToyModel([[1, 1], [sqrt(2), sqrt(3)], [1 + sqrt(2), 0]]))
    assert found.norms == (sqrt(2), sqrt(5), 1 + sqrt(2))
    assert found.gram[1][2] == 2 + sqrt(2)


def test_a_length_may_need_a_root_of_its_own() -> None:
    assert geometry(ToyModel([[1, sqrt(2) + 1]])).norms == (sqrt(4 + 2 * sqrt(2)),)


def test_a_length_past_the_largest_field_is_refused() -> None:
    """The field of ‖W‖² has degree 64, that of ‖W‖ twice as much."""
    model = ToyModel([[1, 1 + sum(sqrt(p) for p in (2, 3, 5, 7, 11, 13))]])
    with pytest.raises(InputError, match="at most 64") as caught:
        geometry(model)
    assert caught.value.code == "too_complicated"


def test_the_largest_field_still_has_a_geometry() -> None:
    model = ToyModel([[sum(sqrt(p) for p in (2, 3, 5, 7, 11, 13))]])
    assert geometry(model).dimensionality == (1,)
    assert geometry(model).norms == model.W[0]


def test_twenty_features_in_five_dimensions() -> None:
    rows = [[Fraction((i * j) % 7 - 3, j + 2) for j in range(5)] for i in range(20)]
    found = geometry(ToyModel(rows))
    gram = [[sum(p * q for p, q in zip(a, b, strict=True)) for b in rows] for a in rows]
    for i, row in enumerate(gram):
        squares = sum(g * g for g in row)
        expected = row[i] ** 2 / squares if squares else Fraction(0)
        assert found.dimensionality[i] == exact(expected)
    assert sign(5 - found.capacity) >= 0


# -- laws -----------------------------------------------------------------------------------------


def rank(model: ToyModel) -> int:
    """By elimination, in the field of the model's numbers."""
    found, _ = model.elements()
    rows, size = [list(row) for row in found.W], 0
    for column in range(model.m):
        pivot = next((row for row in rows[size:] if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows.insert(size, pivot)
        for k in range(size + 1, len(rows)):
            factor = rows[k][column] / pivot[column]
            rows[k] = [a - factor * b for a, b in zip(rows[k], pivot, strict=True)]
        size += 1
    return size


@FEWER
@given(strategies.toy_models())
def test_the_capacity_is_at_most_the_rank(model: ToyModel) -> None:
    assert sign(rank(model) - geometry(model).capacity) >= 0


@FEWER
@given(strategies.toy_models())
def test_a_share_lies_between_0_and_1(model: ToyModel) -> None:
    found = geometry(model)
    for share, row in zip(found.dimensionality, model.W, strict=True):
        assert sign(share) == (1 if any(row) else 0)
        assert sign(1 - share) >= 0


@FEWER
@given(strategies.toy_models())
def test_the_parts_fit_together(model: ToyModel) -> None:
    """‖Wᵢ‖² = Gᵢᵢ, and Dᵢ = ‖Wᵢ‖²/(‖Wᵢ‖² + interference)."""
    found = geometry(model)
    for i, norm in enumerate(found.norms):
        square = found.gram[i][i]
        assert equal(norm**2, square)
        assert sign(norm) >= 0
        share = found.dimensionality[i]
        assert equal(share * (square + found.interference[i]), square)
    assert found.gram == tuple(zip(*found.gram, strict=True))
    assert equal(sum(found.dimensionality), found.capacity)


@FEWER
@given(strategies.same_models())
def test_the_same_model_has_the_same_geometry(pair: tuple[ToyModel, ToyModel]) -> None:
    one, other = (geometry(model) for model in pair)
    assert equal(one.capacity, other.capacity)
    for name in ("norms", "interference", "dimensionality"):
        mine, theirs = (sorted(getattr(found, name), key=to_float) for found in (one, other))
        assert all(equal(a, b) for a, b in zip(mine, theirs, strict=True))


def test_a_result_is_a_value() -> None:
    found = geometry(k_gon(5))
    assert found == geometry(k_gon(5))
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  # our own
    assert copy.deepcopy(found) == found
    assert "| 1 |" in found._repr_markdown_()


# -- arrows ---------------------------------------------------------------------------------------

IN_WORDS = {
    "1 0; 0 1; 0 -1": (
        "Feature 1 points right with length 1; feature 2 points up with length 1; feature 3 points "
        "down with length 1. Back to back: features 2 and 3. At a right angle: features 1 and 2, "
        "1 and 3."
    ),
    "1 0; 0 0": (
        "Feature 1 points right with length 1; feature 2 has no arrow: its row of W is zero."
    ),
    "1; -2": (
        "Feature 1 points right with length 1; feature 2 points left with length 2. "
        "Back to back: features 1 and 2."
    ),
    "1 1": "Feature 1 points at 45° with length sqrt(2).",
    "1 2": "Feature 1 points at about 63.4° with length sqrt(5).",
}


@pytest.mark.parametrize(("W", "words"), IN_WORDS.items())
def test_arrows_in_words(W: str, words: str) -> None:
    assert ASCII.claim(described(ToyModel(W))) == words


def test_arrows_know_where_they_end() -> None:
    first, second, third = arrows(handcalc.embedding("triangle").model)
    assert (first.x, first.y, first.direction) == (1.0, 0.0, 0.0)
    assert second.direction == pytest.approx(120)
    assert third.direction == pytest.approx(240)
    assert [arrow.feature for arrow in (first, second, third)] == [1, 2, 3]
    assert second.length == 1


def test_a_zero_row_has_no_direction() -> None:
    assert arrows(ToyModel("0 0"))[0].direction is None


def test_arrows_are_drawn_in_a_plane_only() -> None:
    assert arrows(ToyModel("1 0 0")) == ()
    assert "right angle" in ASCII.claim(described(ToyModel("1 0 0; 0 1 0")))


def test_a_right_angle_and_an_opposite_are_decided_exactly() -> None:
    """W₂ is W₁ turned back but for 10⁻³⁰, W₃ at a right angle but for 10⁻³⁰."""
    near = Rational(1, 10**30)
    words = ASCII.claim(described(ToyModel([[1, 0], [-1, near], [near, 1]])))
    assert "Back to back" not in words
    assert "At a right angle: features 2 and 3." in words
