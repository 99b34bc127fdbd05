"""Shapes by name in any dimension, exactly and to a tolerance, and one name wherever it is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product
from math import cos, hypot, sin
from pathlib import Path
from random import Random

import pytest
import sympy

import torchsim
from handcalc import ToyModel, optimum
from handcalc.superposition.model.families import TOLERANCE, Family, family
from tests.preset_runs import Rows, written
from torchsim import comparison
from torchsim.figures import embeddings as arrows_figure
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.views.comparisons import comparison_data
from torchsim.views.runs import run_data
from torchsim.views.shown import Shown

Exact = Sequence[Sequence[object]]


def polygon(k: int, step: int = 1) -> Exact:
    turns = [2 * sympy.pi * sympy.Rational(step * i, k) for i in range(k)]
    return [[sympy.cos(turn), sympy.sin(turn)] for turn in turns]


def simplex(k: int) -> Exact:
    """The corners of a regular simplex in k − 1 of k dimensions."""
    return [[(k if i == j else 0) - 1 for j in range(k)] for i in range(k)]


def rings(k: int, twist: object, height: object) -> Exact:
    """Two regular polygons of radius 4 above each other, the lower one turned by a twist."""
    rows = []
    for side, start in ((1, 0), (-1, twist)):
        turns = [start + 2 * sympy.pi * sympy.Rational(i, k) for i in range(k)]
        rows += [[4 * sympy.cos(turn), 4 * sympy.sin(turn), side * height] for turn in turns]
    return rows


def beside(*parts: Exact) -> Exact:
    """Each part in dimensions of its own."""
    width = sum(len(part[0]) for part in parts)
    rows, start = [], 0
    for part in parts:
        rest = width - start - len(part[0])
        rows += [[*[0] * start, *row, *[0] * rest] for row in part]
        start += len(part[0])
    return rows


PAIR = [[1], [-1]]
CUBE = list(product((1, -1), repeat=3))
ANTIPRISM = rings(4, sympy.pi / 4, 3)
SHAPES: dict[str, tuple[Exact, str, str]] = {
    "triangle": (simplex(3), "triangle", "corners of a regular triangle"),
    "tetrahedron": (simplex(4), "tetrahedron", "corners of a regular tetrahedron"),
    "5-cell": (
        simplex(5),
        "4-simplex",
        "a regular simplex in 4 dimensions (4-simplex, the 5-cell)",
    ),
    "8 in 7": (simplex(8), "7-simplex", "a regular simplex in 7 dimensions (7-simplex)"),
    "square": (beside(PAIR, PAIR), "antipodal", "corners of a square"),
    "octahedron": (beside(PAIR, PAIR, PAIR), "antipodal", "corners of an octahedron"),
    "16-cell": (beside(PAIR, PAIR, PAIR, PAIR), "antipodal", "corners of a 16-cell"),
    "cube": (CUBE, "cube", "corners of a cube"),
    "antiprism": (
        ANTIPRISM,
        "square antiprism",
        "their angles take four values: 68.9° (8 times), 84.7°",
    ),
    "prism": (rings(3, 0, 2), "triangular prism", "a triangular prism"),
    "pentagon": (beside(polygon(5), [[1]]), "pentagon", "dimension of its own"),
    "heptagon": (polygon(7, 3), "heptagon", "regular heptagon, in this order"),
    "tetrahedron, pair": (beside(simplex(4), PAIR), "mixed", "regular tetrahedron; features"),
    "triangles": (beside(simplex(3), polygon(3)), "mixed", "regular triangle; features"),
    "icosahedron": (
        [
            row[turn:] + row[:turn]
            for turn in range(3)
            for row in (
                [0, side, tip * (1 + sympy.sqrt(5)) / 2] for side in (1, -1) for tip in (1, -1)
            )
        ],
        "mixed",
        "all equally long; their angles take three values: 63.4° (30 times), 116.6° (30 times)",
    ),
}


def reflected(rows: Exact) -> Exact:
    """W(1 − 2vvᵀ/‖v‖²) with v = (1, 2, 3, …), an exact orthogonal matrix."""
    size = len(rows[0])
    v = sympy.Matrix(range(1, size + 1))
    Q = sympy.eye(size) - 2 * v * v.T / (v.T * v)[0]
    moved: Exact = (sympy.Matrix(rows) * Q).applyfunc(sympy.expand).tolist()
    return moved


def floats(rows: Exact) -> list[list[float]]:
    return [[float(sympy.sympify(cell)) for cell in row] for row in rows]


def makeup(found: Family) -> list[tuple[str, int, int]]:
    return sorted((part.kind, len(part.features), part.rank) for part in found.parts)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_keeps_its_name_reflected_and_reordered(shape: str) -> None:
    rows, name, said = SHAPES[shape]
    found = family(ToyModel([list(row) for row in rows]))
    assert found.name == name
    assert said in found.sentence
    assert found.off == 0
    order = Random(shape).sample(range(len(rows)), len(rows))  # noqa: S311 - a repeatable draw
    moved = [reflected(rows)[i] for i in order]
    again = family(ToyModel([list(row) for row in moved]))
    near = family(floats(moved))
    assert again.name == near.name == name
    assert makeup(again) == makeup(near) == makeup(found)
    assert again.parts == near.parts
    assert said in again.sentence
    assert said in near.sentence


@pytest.mark.parametrize("shape", ["cube", "antiprism", "prism", "5-cell", "heptagon"])
def test_what_is_nearly_a_shape_is_none_exactly(shape: str) -> None:
    near = [[round(cell * 10**9) for cell in row] for row in floats(SHAPES[shape][0])]
    if shape not in ("cube", "5-cell"):  # these two have whole numbers
        assert family(ToyModel(near)).name == "mixed"
    near[0][0] += 7
    assert family(ToyModel(near)).name == "mixed"
    assert family([[float(cell) for cell in row] for row in near]).name == SHAPES[shape][1]


@pytest.mark.parametrize("shape", ["octahedron", "pentagon", "antiprism", "5-cell"])
@pytest.mark.parametrize("power", [-400, -300, 200, 400])
def test_an_exact_shape_may_be_past_the_range_of_floats(shape: str, power: int) -> None:
    rows, name, _ = SHAPES[shape]
    scale = sympy.Integer(10) ** power
    scaled = [[scale * cell for cell in row] for row in rows]  # type: ignore[operator]  # sympy's
    assert family(ToyModel(scaled)).name == name


def towards(rows: list[list[float]], i: int, j: int, by: float) -> list[list[float]]:
    """Arrow i, turned by so many radians towards arrow j."""
    u, v = ([cell / hypot(*rows[k]) for cell in rows[k]] for k in (i, j))
    along = sum(p * q for p, q in zip(u, v, strict=True))
    across = [q - along * p for p, q in zip(u, v, strict=True)]
    size = hypot(*across)
    turned = [cos(by) * p + sin(by) * q / size for p, q in zip(u, across, strict=True)]
    return [turned if k == i else row for k, row in enumerate(rows)]


@pytest.mark.parametrize(
    "shape", ["triangle", "tetrahedron", "5-cell", "cube", "heptagon", "octahedron", "pentagon"]
)
def test_the_tolerance_is_that_of_every_angle(shape: str) -> None:
    exact, name, _ = SHAPES[shape]
    rows = floats(exact)
    j = 2 if shape in ("octahedron", "heptagon") else 1
    inside = family(towards(rows, 0, j, 0.999 * TOLERANCE))
    assert inside.name == name
    assert inside.off == pytest.approx(0.999 * TOLERANCE)
    assert inside.sentence.endswith("Angles are off by up to 5.7°.")
    assert family(towards(rows, 0, j, 1.001 * TOLERANCE)).name == "mixed"


def test_parts_are_no_more_than_there_is_room_for() -> None:
    rows = floats(simplex(13))  # its angles are within the tolerance of 90°
    thirteen = [row[:12] for row in floats(reflected_to_fewer(13))]
    assert family(thirteen).name == "12-simplex"
    assert family(rows).name == "orthogonal"  # in 13 dimensions it is nearly that as well


def reflected_to_fewer(k: int) -> Exact:
    """A regular simplex whose last coordinate is 0."""
    size = sympy.sqrt(k)
    v = sympy.Matrix([1] * k) / size - sympy.Matrix([0] * (k - 1) + [1])
    Q = sympy.eye(k) - 2 * v * v.T / (v.T * v)[0]
    moved: Exact = (sympy.Matrix(simplex(k)) * Q).evalf(20).tolist()
    return moved


@pytest.mark.parametrize("seed", range(8))
def test_what_has_no_name_is_not_denied_one(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw, no secret
    n, m = random.randint(4, 8), random.randint(2, 4)
    found = family([[random.gauss(0, 1) for _ in range(m)] for _ in range(n)], 1e-3)
    assert found.name == "mixed"
    assert re.search(rf"share {m} dimensions, with lengths from .* to .*, at \d+ different angles "
                     r"from .*° to .*°", found.sentence)  # fmt: skip
    assert not re.search(r"\b(no|not|ir)\W?regular", found.sentence)


def test_no_text_denies_a_shape() -> None:
    home = Path(torchsim.__file__).parents[1]
    read = [path for package in ("handcalc", "torchsim") for path in (home / package).rglob("*.py")]
    assert len(read) > 200
    assert [path.name for path in read if "no regular shape" in path.read_text("utf-8")] == []


# -- one name for one model -----------------------------------------------------------------------

ASKED = [
    (3, 2, "1/5", "1"),
    (3, 2, "1/2", "1"),
    (4, 3, "1/5", "1"),
    (5, 2, "19/20", "1 9/10 81/100 729/1000 6561/10000"),  # a pentagon, up to 2.5° off
    (3, 2, "3/10", "1 1/2 1/4"),
]


@pytest.fixture
def nothing_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could be written by hand takes long, and has no part in a name."""
    monkeypatch.setattr(comparison, "by_hand", lambda *_: None)


@pytest.mark.usefixtures("nothing_by_hand")
@pytest.mark.parametrize(("n", "m", "sparsity", "importance"), ASKED)
def test_a_model_has_one_name_everywhere(n: int, m: int, sparsity: str, importance: str) -> None:
    found = optimum(n, m, sparsity, importance, restarts=4)
    names = said_of(ModelSpec.of(n, m, sparsity, importance), floats(found.model.W))
    assert names == {found.family.name}


@pytest.mark.usefixtures("nothing_by_hand")
@pytest.mark.parametrize("by", [0.0, 0.99, 1.01, 1.4, 1.6])
def test_a_model_near_the_tolerance_has_one_name_everywhere(by: float) -> None:
    rows = towards(floats(polygon(5)), 0, 1, by * TOLERANCE)
    names = said_of(ModelSpec.of(5, 2, "1/2"), rows)
    assert names == {"pentagon" if by < 1 else "mixed"}


def said_of(model: ModelSpec, rows: Rows) -> set[str]:
    """The names that train, compare, and the title of a figure have for weights."""
    run = written(TrainingSpec((model,), restarts=2), lambda _: rows)
    found = comparison.compare(run, best=[None])
    title = arrows_figure.described(Shown.of(run, [None]))
    return {
        str(run_data(run)["models"][0]["family"]),  # type: ignore[index]  # JSON
        str(comparison_data(found)["models"][0]["family"]),  # type: ignore[index]  # JSON
        str(re.search(r": ([\w -]+) \(", title)[1]),  # type: ignore[index]  # it is there
    }
