"""Forward passes: the numbers of a head three ways, and every pass beside plain torch."""

from __future__ import annotations

import math
import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
import torch

from handcalc import InputError
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.exponential_sum import ExponentialSum
from handcalc.circuits.head import Head
from handcalc.circuits.positions import next_position
from handcalc.circuits.run import run_circuit
from handcalc.derivation import Number, RowVector
from tests.circuit_cases import random_model, tensor, twin

HEAD_1 = Head(W_Q="1; 1", W_K="1; 0", W_V="1; 2", W_O="1 -1")
HEAD_2 = Head(W_Q="0; 1", W_K="1; -1", W_V="1; 0", W_O="0 1")
PAPERS = Head("1 1", "1 0", "1 2", "1; -1")  # which is one of a model of width 1 here
X = "1 0; 0 1; 1 1"
PAGE = AttentionOnly(X, "1 0 0; 0 1 0", [[HEAD_1, HEAD_2]])


def rows(text: str) -> tuple[tuple[sympy.Rational, ...], ...]:
    return tuple(tuple(map(sympy.Rational, row.split())) for row in text.split(";"))


# -- section 3, all numbers -----------------------------------------------------------------------


def test_a_head_three_ways() -> None:
    run = run_circuit(PAGE, "a b c")
    assert run.scores[0] == (rows("1 0 1; 1 0 1; 2 0 2"), rows("0 0 0; 1 -1 0; 1 -1 0"))
    assert run.pattern[0][0] == rows("1 0 0; 2/3 1/3 0; 4/9 1/9 4/9")
    assert run.pattern[0][1] == rows("1 0 0; 4/5 1/5 0; 4/7 1/7 2/7")
    assert run.values[0] == (rows("1; 2; 3"), rows("1; 0; 1"))
    assert run.results[0] == (rows("1; 4/3; 2"), rows("1; 4/5; 6/7"))
    assert run.head_outputs[0][0] == rows("1 -1; 4/3 -4/3; 2 -2")
    assert run.head_outputs[0][1] == rows("0 1; 0 4/5; 0 6/7")
    assert run.residual == (rows(X), rows("2 0; 4/3 7/15; 3 -1/7"))
    assert rows("1 -1; 2 -2") == HEAD_1.W_OV
    assert rows("0 1; 0 0") == HEAD_2.W_OV


def test_concatenating_results_is_adding_outputs() -> None:
    run = run_circuit(PAGE, "a b c")
    joined = sympy.Matrix([a + b for a, b in zip(*run.results[0], strict=True)])
    stacked = sympy.Matrix([*HEAD_1.W_O, *HEAD_2.W_O])
    assert joined == sympy.Matrix(rows("1 1; 4/3 4/5; 2 6/7"))
    assert joined * stacked == sympy.Matrix(rows("1 0; 4/3 -8/15; 2 -8/7"))
    total = sympy.Matrix(run.head_outputs[0][0]) + sympy.Matrix(run.head_outputs[0][1])
    assert joined * stacked == total


def test_the_steps_have_the_numbers() -> None:
    steps = {step.rule: step for step in run_circuit(PAGE, "a b c").derivation.steps}
    assert list(steps)[:3] == ["Embed", "Head 1.1: queries", "Head 1.1: keys"]
    assert list(steps)[-3:] == ["Layer 1: add", "Unembed", "Predict"]

    def values(rule: str) -> list[tuple[Any, ...]]:
        found = []
        for line in steps[rule].lines:
            assert isinstance(line.value, RowVector)
            found.append(tuple(each.value for each in line.value.entries))  # type: ignore[union-attr]  # numbers
        return found

    assert values("Head 1.1: weights")[2] == rows("4/9 1/9 4/9")[0]
    assert tuple(values("Head 1.2: results")) == rows("1; 4/5; 6/7")
    assert tuple(values("Layer 1: add")) == rows("2 0; 4/3 7/15; 3 -1/7")
    scores = [line.value for line in steps["Head 1.1: scores"].lines]
    assert scores == [Number(sympy.Integer(k)) for k in (1, 1, 0, 2, 0, 2)]


def test_a_run_prints_its_steps() -> None:
    shown = str(run_circuit(PAGE, "a b c").derivation)
    assert "A₂ = softmax(s₂) = (2^1, 2^0)/(2^1 + 2^0) = (2/3, 1/3)" in shown
    assert "r₂ = A₂₁·v₁ + A₂₂·v₂ = 2/3·(1) + 1/3·(2) = (4/3)" in shown


# -- beside plain torch ---------------------------------------------------------------------------

SHAPES = [(), (1,), (2,), (3,), (1, 1), (2, 1), (2, 2), (1, 1, 1)]


def close(exact: Any, floats: torch.Tensor) -> bool:
    return torch.allclose(tensor(exact), floats, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("mode", ["hard", "base 2", "base 3/2", "exp"])
@pytest.mark.parametrize("layers", SHAPES, ids=str)
def test_every_pass_agrees_with_plain_torch(layers: tuple[int, ...], mode: str) -> None:
    tokens = [2, 0, 1, 0, 2] if layers != (2, 2) else [2, 0, 1, 0]
    model = random_model(len(layers) + 7, layers, softmax=mode)
    run, floats = run_circuit(model, tokens), twin(model, tokens)
    assert close(run.logits, floats["logits"])
    assert close(run.probabilities, floats["probabilities"])
    for exact, expected in zip(run.residual, floats["residual"], strict=True):
        assert close(exact, expected)
    for exact_heads, heads in zip(run.pattern, floats["pattern"], strict=True):
        for one, other in zip(exact_heads, heads, strict=True):
            assert close(one, other)
    for exact_heads, heads in zip(run.head_outputs, floats["outputs"], strict=True):
        for one, other in zip(exact_heads, heads, strict=True):
            assert close(one, other)


@pytest.mark.parametrize("layers", [(1, 1), (2, 1), (1, 2)], ids=str)
def test_exponentials_behind_exponentials_agree_with_plain_torch(layers: tuple[int, ...]) -> None:
    model = random_model(3, layers, softmax="exp", d_model=2, d_head=1)
    tokens = [1, 0, 2]
    run, floats = run_circuit(model, tokens), twin(model, tokens)
    assert close(run.logits, floats["logits"])
    assert close(run.pattern[1][0], floats["pattern"][1][0])
    names = model.vocabulary
    best = [names[k] for k in floats["logits"].argmax(-1)]
    assert [each[0] for each in run.predictions] == best


def test_scores_over_the_root_of_the_head_width() -> None:
    model = random_model(5, (2,), d_head=2, scale="sqrt", softmax="exp")
    run, floats = run_circuit(model, [0, 1, 2]), twin(model, [0, 1, 2])
    assert close(run.logits, floats["logits"])
    plain = run_circuit(random_model(5, (2,), d_head=2, softmax="exp"), [0, 1, 2])
    assert plain.scores[0][0][1][0] == sympy.sqrt(2) * run.scores[0][0][1][0]


def test_a_base_behind_a_soft_layer_has_rational_exponents() -> None:
    run = run_circuit(random_model(8, (1, 1)), "a b c")
    found = [cell for row in run.logits for cell in row if isinstance(cell, ExponentialSum)]
    assert found
    for cell in found:
        assert all(isinstance(x, sympy.Rational) for x, _ in (*cell.terms, *cell.over))


# -- frozen patterns, prefixes, errors ------------------------------------------------------------


def test_a_frozen_pattern_is_the_one_that_was_given() -> None:
    model = random_model(11, (2, 1))
    free = run_circuit(model, "a b c a")
    again = run_circuit(model, "a b c a", patterns=free.pattern)
    assert [float(x) for x in again.logits[-1]] == [float(x) for x in free.logits[-1]]
    one = run_circuit(model, "a b c", patterns={(1, 2): "1 0 0; 1 0 0; 1 0 0"})
    assert one.pattern[0][1] == rows("1 0 0; 1 0 0; 1 0 0")
    assert one.pattern[0][0] == run_circuit(model, "a b c").pattern[0][0]
    assert one.head_outputs[0][1][2] == one.head_outputs[0][1][0]
    assert one.derivation.notes


@pytest.mark.parametrize(
    ("patterns", "said"),
    [
        ({(1, 1): "1 0; 1 1"}, "must be 3 × 3 for 3 tokens, not 2 × 2"),
        ({(1, 1): "1 1 0; 0 1 0; 0 0 1"}, "looks ahead"),
        ({(2, 1): "1 0 0; 0 1 0; 0 0 1"}, "no head 1 of layer 2"),
        ([[None, None]], "not \\[2\\]"),
        ("1 0 0", "a list with a list for each of 1 layer"),
    ],
)
def test_patterns_that_do_not_fit_are_refused(patterns: object, said: str) -> None:
    model = AttentionOnly(X, "1 0 0; 0 1 0", [[HEAD_1]])
    with pytest.raises(InputError, match=said):
        run_circuit(model, "a b c", patterns=patterns)


def test_a_row_depends_on_what_came_before_alone() -> None:
    model = random_model(2, (2, 1))
    long, short = run_circuit(model, "a b c b"), run_circuit(model, "a b")
    assert long.residual[-1][:2] == short.residual[-1]
    before = short.positions
    assert next_position(model, before, 2).residual == long.positions[2].residual


def test_a_run_is_a_value() -> None:
    run = run_circuit(PAGE, "abc")
    assert run == run_circuit(PAGE, ["a", "b", 2])
    again = pickle.loads(pickle.dumps(run))  # noqa: S301 - our own bytes
    assert again == run
    assert again.logits == run.logits
    assert {run: 1}[again] == 1
    assert repr(run) == "<CircuitRun: a b c → a a a>"


@pytest.mark.parametrize(
    ("tokens", "code", "said"),
    [
        ("a b x", "token", "'x' is not in the vocabulary: a b c"),
        ("", "empty", "At least one token"),
        ([0, 3], "token", "3 is not in the vocabulary"),
        (7, "token", "Tokens are a text"),
        ([["a"]], "token", "is not in the vocabulary"),
    ],
)
def test_tokens_that_are_none_are_refused(tokens: object, code: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        run_circuit(PAGE, tokens)
    assert refused.value.code == code


def test_a_sentence_longer_than_its_places_is_refused() -> None:
    with pytest.raises(InputError, match="each of 2 positions") as refused:
        run_circuit(random_model(1, (), positions=2), "a b c")
    assert refused.value.code == "too_long"


# -- models ---------------------------------------------------------------------------------------


def test_low_rank_factors_are_kept() -> None:
    assert HEAD_1.factored
    assert HEAD_1.d_head == 1
    whole = Head.of_circuits(HEAD_1.W_QK, HEAD_1.W_OV)
    assert whole.W_QK == HEAD_1.W_QK
    assert whole.W_OV == HEAD_1.W_OV
    assert whole != HEAD_1
    model = AttentionOnly(X, "1 0 0; 0 1 0", [[whole, HEAD_2]])
    assert run_circuit(model, "a b c").residual == run_circuit(PAGE, "a b c").residual
    rules = [step.rule for step in run_circuit(model, "a b c").derivation.steps]
    assert "Head 1.1: keys" not in rules


def test_models_are_equal_by_their_numbers() -> None:
    half = [[Fraction(1, 2), 0], [0, "1/2"]]
    one = AttentionOnly("1/2 0; 0 1/2", "1 0; 0 1", vocabulary="x y")
    other = AttentionOnly(half, [[1, 0], [0, 1]], vocabulary=["x", "y"])
    assert one == other
    assert hash(one) == hash(other)
    assert one != AttentionOnly(half, "1 0; 0 1", vocabulary="x z")
    assert one != AttentionOnly(half, "1 0; 0 1", vocabulary="x y", softmax="hard")
    assert eval(repr(one), {"AttentionOnly": AttentionOnly}) == one  # noqa: S307 - our own text
    assert pickle.loads(pickle.dumps(PAGE)) == PAGE  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("1; 1", "1; 0", "1; 2", "1; -1"), 'paper\'s W_O, .* type "1 -1"'),
        (("1; 1", "1 0", "1; 2", "1 -1"), 'paper\'s W_K, .* type "1; 0"'),
        (("1; 1", "1; 0", "1 2", "1 -1"), 'paper\'s W_V, .* type "1; 2"'),
        (("1 0; 0 1", "1; 0", "1; 2", "1 -1"), "W_Q and W_K have one shape"),
        (("1; 1", "1; 0", "1; 2", "1 -1 0"), "W_O must be 1 × 2, not 1 × 3"),
        (("1; 1", "1; 0", "1; 0.5", [[1, 0.5]]), "float"),
    ],
)
def test_a_head_of_the_wrong_shape_says_what_to_type(given: tuple[object, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Head(*given)


@pytest.mark.parametrize(
    ("W_U", "options", "said"),
    [
        (X, {}, 'This looks like the paper\'s W_U, .* type "1 0 1; 0 1 1"'),
        ("1 0; 0 1", {}, "W_U must be 2 × 3, not 2 × 2: W_E has 3 tokens of 2 numbers"),
        ("1 0 0; 0 1 0", {"W_pos": "1 0 0; 0 1 0"}, "This looks like the paper's W_pos"),
        ("1 0 0; 0 1 0", {"W_pos": "1 0 0"}, "W_pos must be 1 × 2, not 1 × 3"),
        ("1 0 0; 0 1 0", {"layers": [HEAD_1]}, "a list with a list of heads"),
        ("1 0 0; 0 1 0", {"layers": "none"}, "a list with a list of heads"),
        ("1 0 0; 0 1 0", {"layers": [[Head.of_circuits("1", "1")]]}, "reads 1 dimension"),
        ("1 0 0; 0 1 0", {"layers": [[PAPERS]]}, "This looks like the paper's head"),
        ("1 0 0; 0 1 0", {"vocabulary": "a b"}, "a name for each row of W_E, 3, not 2"),
        ("1 0 0; 0 1 0", {"vocabulary": "a b a"}, "a name of its own"),
        ("1 0 0; 0 1 0", {"vocabulary": ["a", "b", "c d"]}, "no blank"),
        ("1 0 0; 0 1 0", {"vocabulary": 3}, "as a text or a list"),
        ("1 0 0; 0 1 0", {"scale": "root"}, '"sqrt" or None'),
        ("1 0 0; 0 1 0", {"softmax": "base 4"}, "write base 2"),
    ],
)
def test_a_model_that_does_not_fit_says_why(W_U: str, options: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        AttentionOnly(X, W_U, **options)


@pytest.mark.parametrize("mode", ["base 2", "exp"])
def test_models_and_runs_leave_exactness_as_arrays(mode: str) -> None:
    model = random_model(4, (2, 1), softmax=mode)
    run, floats = run_circuit(model, "a b c"), twin(model, [0, 1, 2])
    arrays, tensors, exact = run.to_numpy(), run.to_torch(), run.to_sympy()
    assert arrays.residual.shape == (3, 3, 3)
    assert np.allclose(arrays.logits, floats["logits"])
    assert torch.allclose(tensors.pattern_1_2, floats["pattern"][0][1])
    assert float(exact.logits[2, 0]) == pytest.approx(float(arrays.logits[2, 0]), rel=1e-12)
    assert model.to_torch().W_O_1_2.tolist() == tensor(model.head(1, 2).W_O).tolist()
    assert model.to_numpy()._fields[:3] == ("W_E", "W_U", "W_pos")
    assert sympy.Matrix([1, 2]) == HEAD_1.to_sympy().W_V


def test_trained_weights_become_the_nearest_fractions() -> None:
    exact = random_model(4, (1,))
    (head,) = exact.layers[0]
    near = Head.from_floats(*(tensor(W) + 1e-6 for W in head.matrices.values()), max_denominator=50)
    assert near == head
    found = AttentionOnly.from_floats(
        tensor(exact.W_E) - 1e-7,
        tensor(exact.W_U),
        [[near]],
        W_pos=None if exact.W_pos is None else tensor(exact.W_pos),
        softmax="base 2",
    )
    assert found == exact
    with pytest.raises(InputError, match=r"not inf \(row 1, column 1 of W_O\)"):
        Head.from_floats([[1.0]], [[1.0]], [[1.0]], [[math.inf]])
    with pytest.raises(InputError, match=r"Head\.from_floats"):
        Head([[0.5]], "1", "1", "1")
    with pytest.raises(InputError, match=r"AttentionOnly\.from_floats"):
        AttentionOnly([[0.5]], "1")
    with pytest.raises(InputError, match="W_K: "):
        Head("1", "1 x", "1", "1")


def test_heads_are_counted_from_one() -> None:
    assert PAGE.head(1, 2) == HEAD_2
    for layer, head in ((0, 1), (1, 0), (1, 3), (2, 1), ("1", 1)):
        with pytest.raises(InputError, match="count from 1"):
            PAGE.head(layer, head)  # type: ignore[arg-type]  # the refusal is what is tested
    with pytest.raises(InputError, match="no layers"):
        AttentionOnly("1", "1").head(1, 1)
