"""The calculations with directions behind stored answers: each can agree, disagree and refuse."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

import exercises
from exercises.authoring.engine_check import disagreement
from exercises.checks import Chosen, Equals
from exercises.course import engine_table, load_variants
from exercises.exercise import ChoiceAnswer
from exercises.tables import FileTable
from handcalc.directions.analogy import ANALOGIES
from handcalc.directions.autoencoder import SparseAutoencoder
from handcalc.directions.fitting import how_many
from handcalc.directions.sae_loss import sae_loss
from handcalc.errors import AuthorError
from handcalc.numbers.exact import to_float
from handcalc.parsing import parse_matrix, parse_scalar, parse_vector

TRIANGLE = "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2"

# each kind with its keys, what it gives, and a wrong number with what is said of it
KINDS = {
    "a bound": (
        {"kind": "welch", "directions": "3", "dimensions": "2"},
        ("1/2", "1/4", "the engine gives 1/2"),
    ),
    "lines": (
        {"kind": "plane-lines", "coherence": "1/2"},
        ("3", "6", "the engine gives 3"),
    ),
    "two readouts": (
        {"kind": "readouts", "W": TRIANGLE, "h": "1/2 0"},
        ("1/2 0 0 1/2 0 0", "1/2 0 0 1 1/2 1/2", "the engine gives 1/2, 0, 0, 1/2, 0, 0"),
    ),
    "least norm": (
        {"kind": "least-norm", "W": "1 0; 0 1; 1 1", "h": "1 2"},
        ("0 1 1", "1 2 0", "the engine gives 0, 1, 1"),
    ),
    "what comes back": (
        {"kind": "recovery", "W": TRIANGLE},
        ("2 1", "1 1", "the engine gives 2, 1"),
    ),
    "an activation": (
        {"kind": "sae-code", "l1": "1/5", "x": "1/2"},
        ("2/5 2", "3/10 1", "the engine gives 2/5, 2"),
    ),
    "a loss": (
        {"kind": "sae-loss", "l1": "1", "sparsity": "0"},
        ("7/24", "1/3", "the engine gives 7/24"),
    ),
    "a bias": (
        {"kind": "sae-bias", "l1": "1", "sparsity": "1/2"},
        ("sqrt(3)-3/2", "1/4", "the engine gives -3/2 + sqrt(3)"),
    ),
}

REFUSED = {
    "half a dimension": (
        {"kind": "welch", "directions": "3", "dimensions": "1/2"},
        "The number of dimensions is a whole number, not 1/2.",
    ),
    "several of least norm": (
        {"kind": "least-norm", "W": "1 0; 0 1; 1/2 1/2", "h": "1 1"},
        "engine.h: there are 2 x of least ‖x‖₁ with this h.",
    ),
    "several that are sparsest": (
        {"kind": "readouts", "W": "1; 1", "h": "1"},
        "engine.h: there are 2 sparsest x ≥ 0 with this h.",
    ),
}


def said(engine: dict[str, object], value: str) -> str | None:
    return disagreement(FileTable("one.toml", engine, "engine"), parse_vector(value))


@pytest.mark.parametrize(("engine", "numbers"), KINDS.values(), ids=KINDS)
def test_a_calculation_agrees_with_its_number_and_with_no_other(
    engine: dict[str, object], numbers: tuple[str, str, str]
) -> None:
    right, wrong, sentence = numbers
    assert said(engine, right) is None
    assert said(engine, wrong) == sentence


@pytest.mark.parametrize(("engine", "message"), REFUSED.values(), ids=REFUSED)
def test_a_calculation_that_cannot_be_made_says_what_is_wrong(
    engine: dict[str, object], message: str
) -> None:
    with pytest.raises(AuthorError, match=r"one\.toml, engine") as refused:
        said(engine, "1 2")
    assert str(refused.value).endswith(message)


# -- the same by another route --------------------------------------------------------------------


def stored(slug: str) -> list[tuple[dict[str, str], list[float]]]:
    """The keys of each variant's calculation, and its stored numbers."""
    found = []
    for exercise in load_variants(slug):
        table, check = engine_table(exercise), exercise.key().check
        assert table is not None
        assert isinstance(check, Equals)
        found.append((dict(table.values), [to_float(number) for number in check.value]))
    return found


def rows(text: str) -> np.ndarray:
    return np.array([[to_float(cell) for cell in row] for row in parse_matrix(text)])


def test_the_bound_makes_the_squares_of_the_table_sum_to_as_much_as_they_must() -> None:
    for engine, (least,) in stored("ten-thousand-directions"):
        n, d = int(engine["directions"]), int(engine["dimensions"])
        assert n + n * (n - 1) * least**2 == pytest.approx(n * n / d, rel=1e-12)


def test_so_many_lines_fit_with_equal_gaps_and_one_more_does_not() -> None:
    for engine, (lines,) in stored("lines-in-the-plane"):
        limit = to_float(parse_vector(engine["coherence"])[0])
        assert np.cos(np.pi / lines) <= limit < np.cos(np.pi / (lines + 1))


def test_the_sparsest_x_has_the_same_h_with_one_feature_off() -> None:
    W = rows(TRIANGLE)
    for engine, numbers in stored("read-off-a-triangle"):
        h = np.array([to_float(number) for number in parse_vector(engine["h"])])
        output, x = np.array(numbers[:3]), np.array(numbers[3:])
        assert np.allclose(np.maximum(0, W @ h), output, atol=1e-12)
        assert np.allclose(x @ W, h, atol=1e-12)
        assert sorted(x)[0] == 0  # of all others with this h, x + t (1, 1, 1), one is negative


def test_least_norm_is_what_a_linear_program_finds() -> None:
    for engine, numbers in stored("least-norm"):
        W = rows(engine["W"])
        h = [to_float(number) for number in parse_vector(engine["h"])]
        found = linprog(np.ones(10), A_eq=np.hstack([W.T, -W.T]), b_eq=h)
        assert np.allclose(found.x[:5] - found.x[5:], numbers, atol=1e-6)
        lengths = np.linalg.norm(W, axis=1)
        assert np.allclose(lengths, 1)
        assert np.allclose(np.array([25, 25, 14, 14, 14]) @ W, 0)
        assert np.linalg.matrix_rank(W) == 4


def test_what_comes_back_follows_from_the_one_dependence() -> None:
    """Inputs x, x + t (1, …, 1): by how many of their entries are on, at the fewest."""
    for engine, (nonnegative, any_signs) in stored("how-many-come-back"):
        W = rows(engine["W"])
        n = len(W)
        assert np.allclose(W.sum(axis=0), 0)
        assert np.linalg.matrix_rank(W) == n - 1
        # x has m times 1, and the other is x − 1, with n − m on; x ≥ 0 both ways for m = n alone
        assert any_signs == min(max(m, n - m) for m in range(n + 1)) - 1
        assert nonnegative == n - 1


def cost(x: np.ndarray, c: float, l1: float) -> np.ndarray:
    """What the best of many activations costs, for each x."""
    f = np.linspace(0, 1, 2001)[:, None]
    return np.min((x - f - c) ** 2 + l1 * f, axis=0)


def test_one_latent_costs_what_the_best_of_many_activations_costs() -> None:
    x = (np.arange(2000) + 0.5) / 2000
    for engine, (loss,) in stored("loss-of-one-latent"):
        l1, S = (to_float(parse_vector(engine[name])[0]) for name in ("l1", "sparsity"))
        assert (1 - S) * cost(x, 0, l1).mean() == pytest.approx(loss, abs=1e-6)
    for engine, (f, dead) in stored("price-of-an-activation"):
        l1, at = (to_float(parse_vector(engine[name])[0]) for name in ("l1", "x"))
        for other in (f - 0.01, f + 0.01):
            assert (at - f) ** 2 + l1 * f < (at - other) ** 2 + l1 * other
        assert cost(np.array([1.0]), 0, dead)[0] == 1
        assert cost(np.array([1.0]), 0, dead - 0.01)[0] < 1


def test_no_bias_near_it_costs_less() -> None:
    ((_, (c,)),) = stored("bias-of-the-decoder")
    x = (np.arange(2000) + 0.5) / 2000

    def loss(bias: float) -> float:
        return float(bias**2 + cost(x, bias, 1).mean()) / 2

    assert loss(c) == pytest.approx(0.1012825, abs=1e-6)
    assert loss(c) < min(loss(c - 0.01), loss(c + 0.01))


def test_king_is_nearest_and_queen_only_where_the_inputs_are_left_out() -> None:
    exercise = exercises.load("king-minus-man")
    assert isinstance(exercise.answer, ChoiceAnswer)
    assert exercise.key().check == Chosen("a", "2")
    shown = ANALOGIES["king"].worked()
    assert shown.nearest == (exercise.answer.claims[0],) == ("king",)
    assert shown.nearest_others == ("queen",)
    for word, vector in zip(shown.words, shown.vectors, strict=True):
        assert f"{word} ({', '.join(map(str, vector))})" in " ".join(exercise.statement.split())
    named = dict(zip(shown.words, map(str, shown.squares), strict=True))
    assert named == {"king": "18/19", "queen": "17/19", "woman": "10/19", "man": "9/19"}


@pytest.mark.parametrize(
    ("slug", "answer", "diagnosis"),
    [
        ("ten-thousand-directions", "0.0175", "almost-right"),
        ("ten-thousand-directions", "0.01745", "almost-right"),
        ("ten-thousand-directions", "0.017452", "almost-right"),
        ("lines-in-the-plane", "9", "arrows"),
        ("lines-in-the-plane", "8", "both-ends"),
        ("price-of-an-activation", "3/5 2", "whole-price-for-one"),
        ("loss-of-one-latent", "81/2000", "price-alone"),
    ],
)
def test_natural_mistakes_are_known(slug: str, answer: str, diagnosis: str) -> None:
    assert exercises.grade(slug, answer).feedback.diagnosis == diagnosis


def wrong_numbers(slug: str, diagnosis: str) -> list[list[float]]:
    """What the wrong answer with this diagnosis is in each variant."""
    return [
        [to_float(parse_scalar(str(wrong.typed["answer"])))]
        for variant in load_variants(slug)
        for wrong in variant.key().wrong
        if wrong.diagnosis == diagnosis
    ]


def test_wrong_numbers_are_those_of_the_mistake() -> None:
    arrows = [
        [how_many(2, parse_scalar(str(engine["coherence"]))).vectors]
        for engine, _ in stored("lines-in-the-plane")
    ]
    assert wrong_numbers("lines-in-the-plane", "arrows") == arrows
    parts = []
    for engine, _ in stored("loss-of-one-latent"):
        l1, S = str(engine["l1"]), str(engine["sparsity"])
        tied = SparseAutoencoder.of_dictionary("1", l1)
        parts.append([to_float(parse_scalar(l1) * sae_loss(tied, "1", S, l1).activity[0])])
    assert wrong_numbers("loss-of-one-latent", "price-alone") == [
        pytest.approx(part) for part in parts
    ]
