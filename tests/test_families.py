"""Families: named from exact numbers and from floats, and the same whichever way W is turned."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, hypot, pi, sin
from random import Random

import pytest
import sympy
from sympy import Rational

from handcalc import ToyModel, embedding
from handcalc.errors import InputError
from handcalc.superposition.model.families import Family, Part, family

POLYGONS = {3: "triangle", 5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon", 9: "9-gon"}
_TETRAHEDRON = "1 1 1; 1 -1 -1; -1 1 -1; -1 -1 1"

SHAPES = {
    "0 0; 0 0": ("dropped", "Features 1 and 2 are dropped."),
    "0; 2": ("orthogonal", "Feature 2 has a dimension of its own; feature 1 is dropped."),
    "1 1; 3 -3": ("orthogonal", "Features 1 and 2 have dimensions of their own."),
    "1 0; 0 1; 0 -1/2": (
        "antipodal",
        "Features 2 and 3 are an antipodal pair; feature 1 has a dimension of its own.",
    ),
    "1 2; -2 1; -1/3 -2/3; 4 -2": (
        "antipodal",
        (
            "Features 1 and 3 are an antipodal pair; features 2 and 4 are an antipodal pair; "
            "these pairs point to the corners of a square."
        ),
    ),
    "1 0; 2 0; 0 1": (
        "mixed",
        ("Features 1 and 2 point one way along one line; feature 3 has a dimension of its own."),
    ),
    "1; -1; 1": (
        "mixed",
        "Features 1 and 3 and, the other way, feature 2 share one line.",
    ),
    "1 0; -1 1; 0 -1": (
        "mixed",
        (
            "Features 1, 2 and 3 share 2 dimensions, with lengths from 1 to 1.41; their angles "
            "take two values: 90° and 135° (2 times)."
        ),
    ),
    "1 0; 1/2 sqrt(3)/2; -1/2 sqrt(3)/2": (
        "mixed",
        (
            "Features 1, 2 and 3 share 2 dimensions, all equally long; their angles take two "
            "values: 60° (2 times) and 120°."
        ),
    ),
    _TETRAHEDRON: (
        "tetrahedron",
        "Features 1, 2, 3 and 4 point to the corners of a regular tetrahedron.",
    ),
    "1 -1 0; 0 1 -1; -1 0 1; 0 0 0": (
        "triangle",
        "Features 1, 2 and 3 point to the corners of a regular triangle; feature 4 is dropped.",
    ),
    "1 -1 0 0; 0 2 -2 0; -1 0 1 0; 0 0 0 1; 0 0 0 -1": (
        "mixed",
        (
            "Features 1, 2 and 3 point to the corners of a regular triangle; "
            "features 4 and 5 are an antipodal pair."
        ),
    ),
}


def exact_polygon(k: int, step: int) -> ToyModel:
    """Rows at 2π·step·i/k, of the lengths 1, 2, …, k."""
    turns = [2 * sympy.pi * Rational(step * i, k) for i in range(k)]
    return ToyModel([[(i + 1) * sympy.cos(t), (i + 1) * sympy.sin(t)] for i, t in enumerate(turns)])


def floats(model: ToyModel) -> list[list[float]]:
    return [[float(cell) for cell in row] for row in model.W]


def out_of_shape(k: int, random: Random, by: float) -> list[list[float]]:
    """A k-gon with angles off by up to ``by`` and lengths from 0.8 to 1.3."""
    rows = []
    for i in range(k):
        angle, length = 2 * pi * i / k + random.uniform(-by, by), random.uniform(0.8, 1.3)
        rows.append([length * cos(angle), length * sin(angle)])
    return rows


def moved(rows: Sequence[Sequence[float]], order: Sequence[int], turn: float) -> list[list[float]]:
    """The rows in another order, each turned in the plane of its first two dimensions."""
    c, s = cos(turn), sin(turn)
    return [[c * p - s * q, s * p + c * q, *rest] for p, q, *rest in (rows[i] for i in order)]


@pytest.mark.parametrize("text", SHAPES)
def test_a_shape_has_its_name_and_sentence_from_exact_numbers_and_from_floats(text: str) -> None:
    model = ToyModel(text)
    found = family(model)
    assert (found.name, found.sentence) == SHAPES[text]
    assert family(floats(model)) == found


@pytest.mark.parametrize("k", POLYGONS)
def test_a_regular_polygon_is_named_by_its_directions_in_the_order_around_it(k: int) -> None:
    step = 2 if k % 2 else 1
    found = family(exact_polygon(k, step))
    around = tuple(i * pow(step, -1, k) % k + 1 for i in range(k))
    back = (around[0], *around[:0:-1])
    assert found.parts == (Part("k-gon", min(around, back), 2),)
    assert found.name == POLYGONS[k]
    assert family(floats(exact_polygon(k, step))) == found


def test_a_square_is_two_pairs() -> None:
    assert family(exact_polygon(4, 1)).parts == (Part("pair", (1, 3), 1), Part("pair", (2, 4), 1))


def test_exact_numbers_near_a_polygon_are_not_taken_for_one() -> None:
    near = ToyModel.from_floats(floats(exact_polygon(5, 1)), max_denominator=10**12)
    assert family(near).name == "mixed"
    assert family(floats(near)).name == "pentagon"


def test_the_named_embeddings_have_their_families() -> None:
    expected = {"orthogonal": "orthogonal", "antipodal": "antipodal", "triangle": "triangle"}
    assert {name: family(embedding(name).model).name for name in expected} == expected


@pytest.mark.parametrize("seed", range(10))
def test_a_coarse_tolerance_names_what_is_out_of_shape(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw, no secret
    rows = [*out_of_shape(5, random, 0.04), [0.03, -0.04]]
    assert family(rows, tolerance=0.1).name == "pentagon"
    assert family(rows, tolerance=1e-6).name == "mixed"
    assert family(out_of_shape(5, random, 0.3), tolerance=0.01).name == "mixed"


def test_rows_and_angles_are_compared_with_the_tolerance() -> None:
    def name(length: float, angle: float) -> str:
        rows = [[1.0, 0.0], [-cos(angle), sin(angle)], [0.0, 0.0], [0.0, 0.0]]
        rows[2] = [length * sin(angle), length * cos(angle)]
        return family(rows[:3], tolerance=1e-3).name

    assert name(9e-4, 9e-4) == "antipodal"
    assert name(9e-4, 1.1e-3) == "mixed"
    assert name(1.1e-3, 9e-4) == "antipodal"
    assert family([[1.0], [1.1e-3]], tolerance=1e-3).name == "mixed"


def relabelled(found: Family, order: Sequence[int]) -> set[tuple[str, frozenset[int], int]]:
    """The parts, with each feature under the number that it has before ``order``."""
    return {(p.kind, frozenset(order[i - 1] + 1 for i in p.features), p.rank) for p in found.parts}


@pytest.mark.parametrize("text", [text for text in SHAPES if " " in text.split(";")[0]])
def test_the_family_goes_with_its_features_and_does_not_turn(text: str) -> None:
    random = Random(text)  # noqa: S311 - a repeatable draw, no secret
    rows = floats(ToyModel(text))
    order = random.sample(range(len(rows)), len(rows))
    found = family(moved(rows, order, random.uniform(0, 6)))
    assert found.name == SHAPES[text][0]
    assert relabelled(found, order) == relabelled(family(rows), range(len(rows)))


def test_parts_span_no_more_dimensions_than_there_are() -> None:
    random = Random(7)  # noqa: S311 - a repeatable draw, no secret
    for _ in range(50):
        n, m = random.randint(1, 8), random.randint(1, 4)
        rows = [[random.choice([-1.0, 0.0, 1.0]) for _ in range(m)] for _ in range(n)]
        found = family(rows)
        assert sorted(i for part in found.parts for i in part.features) == [*range(1, n + 1)]
        assert sum(part.rank for part in found.parts) <= m
        zero = tuple(i for i, row in enumerate(rows, 1) if hypot(*row) == 0)
        assert [part.features for part in found.parts if part.rank == 0] == ([zero] if zero else [])


@pytest.mark.parametrize(
    ("rows", "tolerance", "code", "told"),
    [
        ([[1.0]], 0.3, "tolerance", r"from 1e-12 to 0\.25 in radians, not 0\.3"),
        ([[1.0]], 0.0, "tolerance", r"not 0\.0"),
        ([[1.0], [1.0, 2.0]], 1e-6, "ragged", "as many numbers as the first"),
        ([], 1e-6, "empty", "one row of floats for each feature"),
        ([[float("nan")]], 1e-6, "not_finite", "there is a nan or infinity"),
    ],
)
def test_what_is_no_embedding_is_refused(
    rows: list[list[float]], tolerance: float, code: str, told: str
) -> None:
    with pytest.raises(InputError, match=told) as caught:
        family(rows, tolerance)
    assert caught.value.code == code
