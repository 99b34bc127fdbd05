"""The held features of a trained model by themselves, as shapes at right angles to each other."""

from __future__ import annotations

import torchsim
from tests.preset_runs import Rows, polygon, written
from torchsim.comparison.held_parts import counted_shapes, held_parts, shapes_sentence
from torchsim.run import Trained
from torchsim.specification import ModelSpec, TrainingSpec


def only(rows: Rows) -> Trained:
    model = ModelSpec.of(len(rows), len(rows[0]), "9/10")
    return written(TrainingSpec((model,), "sampled", restarts=1), lambda _: rows).trained[0]


def placed(block: Rows, first: int, m: int) -> list[list[float]]:
    """Rows on axes of their own, from the ``first`` on."""
    return [[0.0] * first + list(row) + [0.0] * (m - first - len(row)) for row in block]


def test_short_rows_count_as_nothing() -> None:
    pairs = [row for k in range(3) for row in placed([[1.0], [-1.0]], k, 7)]
    triangle, pentagon = placed(polygon(3), 3, 7), placed(polygon(5), 5, 7)
    noise = [[0.1 * (-1) ** (i + j) for j in range(7)] for i in range(20)]
    trained = only([*pairs, *noise, *triangle, *pentagon])
    assert counted_shapes(trained) == {"pair": 3, "triangle": 1, "pentagon": 1, "dropped": 20}
    assert shapes_sentence(trained) == "1 triangle, 1 pentagon and 3 pairs"
    assert {part.rank for part in held_parts(trained).parts} == {0, 1, 2}
    assert "The held features by themselves: 1 triangle, 1 pentagon and 3 pairs." in " ".join(
        str(trained).split()
    )


def test_what_stands_alone_and_what_has_no_name() -> None:
    alone = only([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.7, 0.72], [0.0, 0.1, 0.1]])
    told = "1 group without a name and 1 feature in a dimension of its own"
    assert shapes_sentence(alone) == told
    assert shapes_sentence(only([[0.1, 0.0], [0.0, 0.1]])) == "no feature is held"


def test_a_trained_one() -> None:
    run = torchsim.train(TrainingSpec((ModelSpec.of(4, 2, "9/10"),), restarts=8))
    assert counted_shapes(run.trained[0]) == {"pair": 2}
