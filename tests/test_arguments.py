"""Numbers from Python: every kind of container through every door, taken exactly or refused."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sympy
import torch
from hypothesis import example, given
from hypothesis import strategies as st

import exercises
import handcalc
from handcalc import InputError, OneActive, SparseUniform, ToyModel
from handcalc.inputs.containers import as_int, as_lists
from torchsim import ModelSpec, train

ROWS = [[1, 0], [0, 1], [0, -1]]
MODEL = ToyModel(ROWS)
Build = Callable[[list[Any]], Any]

# how a library holds the given integers, nested or not
EXACT: dict[str, Build] = {
    "lists": list,
    "a deque": deque,
    "a generator": lambda cells: (cell for cell in cells),
    "numpy": np.array,
    "numpy, 8 bits": lambda cells: np.array(cells, dtype=np.int8),
    "numpy, of fractions": lambda cells: np.array(cells, dtype=object) * Fraction(1),
    "numpy, of texts": lambda cells: np.array(cells).astype(str),
    "a list of numpy's": lambda cells: [np.asarray(cell) for cell in cells],
    "torch": torch.tensor,
    "torch, sparse": lambda cells: torch.tensor(cells).to_sparse(),
    "pandas": pd.DataFrame,
    "pandas, nullable": lambda cells: pd.DataFrame(cells).astype("Int64"),
    "sympy": sympy.Matrix,
    "sympy, immutable": sympy.ImmutableMatrix,
    "sympy, an array": sympy.Array,
    "decimals": lambda cells: np.array(cells, dtype=object) * Decimal(1),
}
MATRICES: dict[str, Build] = EXACT | {
    "flint, integers": flint.fmpz_mat,
    "flint, fractions": flint.fmpq_mat,
    "scipy, sparse": lambda cells: scipy.sparse.csr_array(np.array(cells)),
    "a masked array": np.ma.array,
}

# how a library holds floats
FLOATS: dict[str, Build] = {
    "lists": list,
    "numpy": np.array,
    "numpy, 32 bits": lambda cells: np.array(cells, dtype=np.float32),
    "numpy, 16 bits": lambda cells: np.array(cells, dtype=np.float16),
    "numpy, long doubles": lambda cells: np.array(cells, dtype=np.longdouble),
    "torch": torch.tensor,
    "torch, with gradients": lambda cells: torch.tensor(cells, requires_grad=True),
    "torch, bfloat16": lambda cells: torch.tensor(cells, dtype=torch.bfloat16),
    "a parameter": lambda cells: torch.nn.Parameter(torch.tensor(cells)),
    "pandas": pd.DataFrame,
    "sympy": sympy.Matrix,
}

# every door for so many numbers: what it makes of [1, 0, 1], which the text says too
DOORS: dict[str, Callable[[Any], Any]] = {
    "b": lambda values: ToyModel(ROWS, values).b,
    "x": lambda values: handcalc.forward(MODEL, values).x,
    "a sparsity": SparseUniform,
    "a sparsity for a distribution": lambda values: handcalc.expected_loss(MODEL, values).value,
    "the sparsity of a gradient": lambda values: handcalc.loss_gradient(MODEL, values).b,
    "the sparsity of an optimum": lambda values: handcalc.optimum(3, 3, values).problem,
    "the sparsity of a specification": lambda values: ModelSpec.of(3, 2, values),
    "importance": lambda values: handcalc.expected_loss(MODEL, "1/2", values).importance,
    "the importance of a specification": lambda values: ModelSpec.of(3, 2, 0, values),
    "the b of an answer": lambda values: exercises.grade(1, ROWS, values).answer.value,
}


@pytest.mark.parametrize("kind", EXACT)
@pytest.mark.parametrize("door", DOORS)
def test_exact_vectors_are_taken_by_every_door(door: str, kind: str) -> None:
    assert DOORS[door](EXACT[kind]([1, 0, 1])) == DOORS[door]("1 0 1")


@pytest.mark.parametrize("kind", MATRICES)
def test_exact_matrices_are_taken_by_every_door(kind: str) -> None:
    build = MATRICES[kind]
    assert ToyModel(build(ROWS)) == MODEL
    assert ToyModel.from_floats(build(ROWS)) == MODEL
    assert handcalc.geometry(build(ROWS)).model == MODEL
    assert handcalc.same_model(build(ROWS), MODEL)
    assert exercises.grade(1, build(ROWS)).answer.model == MODEL


# doors to training, which take floats as the short fractions that they stand for
NEARLY = [door for door in DOORS if "specification" in door]


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("door", NEARLY)
def test_training_takes_floats(door: str, kind: str) -> None:
    assert DOORS[door](FLOATS[kind]([0.5, 0.0, 1.0])) == DOORS[door]("1/2 0 1")


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("door", [door for door in DOORS if door not in NEARLY])
def test_floats_are_refused_with_what_to_type(door: str, kind: str) -> None:
    values = FLOATS[kind]([0.5, 0.0, 1.0])
    if "answer" in door:
        error = exercises.grade(1, ROWS, values).error
        assert error is not None
    else:
        with pytest.raises(InputError, match=r"A float such as 0\.5") as caught:
            DOORS[door](values)
        error = caught.value
    assert error.code == "float"
    assert error.suggestion == "1/2 0 1"
    DOORS[door](error.suggestion)
    assert ("ToyModel.from_floats" in error.message) == door.startswith(("b", "the b"))


@pytest.mark.parametrize("kind", FLOATS)
def test_floats_of_a_matrix_are_sent_to_the_door_for_trained_weights(kind: str) -> None:
    weights = FLOATS[kind]([[0.5, 0.0], [0.0, -1.0]])
    with pytest.raises(InputError, match=r"ToyModel\.from_floats\(W, b\)") as caught:
        ToyModel(weights)
    assert caught.value.suggestion == "1/2 0; 0 -1"
    assert ToyModel.from_floats(weights) == ToyModel("1/2 0; 0 -1")
    assert ToyModel.from_floats([[1, 0.0]], FLOATS[kind]([0.25])).b == (sympy.Rational(1, 4),)


NUMBERS = [
    np.int64(3),
    np.array(3),
    torch.tensor(3),
    Decimal(3),
    Fraction(3),
    flint.fmpz(3),
    flint.fmpq(3),
    sympy.Integer(3),
    "3",
]


@pytest.mark.parametrize("value", NUMBERS, ids=lambda value: type(value).__name__)
def test_one_number_of_any_library_is_a_number(value: object) -> None:
    assert handcalc.exact(value) == 3
    assert handcalc.sign(value) == 1
    assert handcalc.equal(value, "6/2")
    assert handcalc.forward(MODEL, value).x == (3, 3, 3)


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        (0.5, "1/2"),
        (0.9, "9/10"),
        (1 / 3, "1/3"),
        (0.1 + 0.2, "3/10"),
        (np.float32(0.1), "1/10"),
        (np.float32(1 / 3), "1/3"),
        (0.123456789, "0.123456789"),
        (2.0, "2"),
        (-0.25, "-1/4"),
        (1e-30, "1e-30"),
        (sympy.Float("0.5"), "1/2"),
        (torch.tensor(0.5), "1/2"),
    ],
)
def test_what_to_type_for_a_float_is_that_float(value: Any, typed: str) -> None:
    for door in (handcalc.exact, handcalc.sign, SparseUniform):
        with pytest.raises(
            InputError, match=f'is only near a number; type "{typed}" instead'
        ) as it:
            door(value)
        assert it.value.suggestion == typed
    assert float(handcalc.exact(typed)) == pytest.approx(float(value), rel=1e-7)


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(2.0**-149)  # the least float32, which has one digit as a float32
def test_what_is_suggested_for_a_float_is_read_as_that_float(value: float) -> None:
    with pytest.raises(InputError, match="only near") as caught:
        handcalc.exact(value)
    assert caught.value.suggestion is not None
    try:
        read = handcalc.exact(caught.value.suggestion)
    except InputError as error:  # a power of ten that is too large to be written out
        assert error.code in {"too_large", "too_complicated"}  # noqa: PT017 - the rest is above
    else:
        assert float(read) == pytest.approx(value, rel=1e-7, abs=1e-300)


def endless() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


REFUSED: dict[str, tuple[Any, str, str]] = {
    "a boolean": (np.array([[True]]), "boolean", "Row 1, column 1 of W: .* not True; type 1"),
    "none": ([[1], [None]], "not_exact", "Row 2, column 1 of W: .* not a NoneType"),
    "a missing value": (pd.DataFrame([[1, None]], dtype="Int64"), "not_exact", "column 2 of W"),
    "a masked value": (np.ma.array([[1, 2]], mask=[[0, 1]]), "not_exact", "column 2 of W"),
    "a complex number": (np.array([[1j]]), "not_exact", "not a complex"),
    "nan": (np.array([[np.nan]]), "float", r"nan \(row 1, column 1 of W\) is no number"),
    "infinity": ([[float("inf")]], "float", "inf .* is no number"),
    "a batch": (np.zeros((7, 5, 2), dtype=int), "wrong_shape", r"7 models of 5 × 2: .*W\[6\]"),
    "a batch of one": (torch.zeros(1, 5, 2), "wrong_shape", r"1 model of 5 × 2: .*W\[0\]"),
    "a vector": (np.arange(3), "wrong_shape", "one list per feature"),
    "a number": (np.array(3), "wrong_shape", "not a ndarray"),
    "a dictionary": ({"a": [1]}, "wrong_shape", "in their order"),
    "bytes": (b"1 0", "array", "not bytes; decode it"),
    "row labels": (pd.DataFrame([[0, 1]], columns=["index", "a"]), "labels", 'column "index"'),
    "no data": (torch.empty(2, 2, device="meta"), "array", "cannot be read"),
    "symbols": (sympy.MatrixSymbol("A", 2, 2), "not_exact", r"A\[0, 0\] is not"),
    "nothing": (np.zeros((2, 0), dtype=int), "empty", "W has no numbers"),
    "dates": (np.array([["2020-01-01"]], dtype="datetime64[D]"), "not_exact", "not a date"),
    "a text in it": ([[1], ["1/0"]], "division_by_zero", "Row 2, column 1 of W: "),
    "a list in itself": (endless(), "wrong_shape", "W: Lists lie too deep in one another"),
    "a signalling nan": ([[Decimal("sNaN")]], "float", "sNaN .* is no number"),
    "no end": ((1 for _ in iter(int, 1)), "too_large", "At most"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_matrix_is_refused_with_its_place(case: str) -> None:
    value, code, sentence = REFUSED[case]
    with pytest.raises(InputError, match=sentence) as caught:
        ToyModel(value)
    assert caught.value.code == code


def test_weights_that_are_not_finite_are_named_by_their_place() -> None:
    weights = torch.tensor([[1.0, 0.5], [float("nan"), 0]])
    with pytest.raises(InputError, match=r"not nan \(row 2, column 1 of W\)"):
        ToyModel.from_floats(weights)
    with pytest.raises(InputError, match=r"not inf \(place 2 of b\)"):
        ToyModel.from_floats([[1], [2]], [0, float("inf")])
    with pytest.raises(InputError, match=r"7 models of 5 × 2: take one of them"):
        ToyModel.from_floats(np.zeros((7, 5, 2)))
    with pytest.raises(InputError, match="A text is exact: type ToyModel"):
        ToyModel.from_floats("1 0; 0 1")


def test_the_paper_s_w_is_recognised_by_its_b() -> None:
    W = np.array(ROWS).T
    for build in (lambda: ToyModel(W, [0, 0, 1]), lambda: ToyModel.from_floats(W, np.zeros(3))):
        with pytest.raises(InputError, match=r"looks transposed: give W\.T") as caught:
            build()
        assert caught.value.code == "transposed"
    with pytest.raises(InputError, match='type "1 0; 0 1; 0 -1"'):
        ToyModel("1 0 0; 0 1 -1", "0 0 1")


def test_a_model_s_layer_in_torch_is_taken() -> None:
    layer = torch.nn.Linear(2, 3)
    model = ToyModel.from_floats(layer.weight, layer.bias, 10**6)
    assert np.allclose(model.to_numpy().W, layer.weight.detach().numpy(), atol=1e-6)


def test_one_value_stands_for_all() -> None:
    for one in (
        "1/2",
        Fraction(1, 2),
        [Fraction(1, 2)],
        np.array(["1/2"]),
        sympy.Matrix([["1/2"]]),
    ):
        assert (
            ToyModel(ROWS, one).b == handcalc.forward(MODEL, one).x == (sympy.Rational(1, 2),) * 3
        )


def test_a_distribution_and_a_sparsity_are_taken_for_one_another() -> None:
    sparse = SparseUniform("9/10")
    assert handcalc.expected_loss(MODEL, "9/10") == handcalc.expected_loss(MODEL, sparse)
    assert ModelSpec.of(3, 2, sparse) == ModelSpec.of(3, 2, distribution="9/10")
    first, second = (handcalc.optimum(2, 1, sparse), handcalc.optimum(2, 1, distribution="9/10"))
    assert first.problem == second.problem == handcalc.optimum(2, 1, "9/10").problem
    for build in (handcalc.optimum, ModelSpec.of):
        with pytest.raises(InputError, match="give one of the two"):
            build(2, 1, "1/2", distribution=OneActive(2))


def test_w_alone_or_a_result_stands_for_a_model() -> None:
    text = "1 0; 0 1; 0 -1"
    assert handcalc.geometry(text) == handcalc.geometry(MODEL)
    assert handcalc.forward(text, "1 0 0") == handcalc.forward(MODEL, "1 0 0")
    walk = handcalc.embedding("relu")
    assert handcalc.expected_loss(walk, "1/2") == handcalc.expected_loss(walk.model, "1/2")
    assert handcalc.geometry(handcalc.forward(text)).gram == handcalc.geometry(text).gram


WHOLE: dict[str, tuple[Callable[[Any], object], str]] = {
    "features": (lambda value: handcalc.optimum(value, 1, "1/2"), "size"),
    "restarts": (lambda value: handcalc.optimum(2, 2, "1/2", restarts=value), "restarts"),
    "a seed": (lambda value: handcalc.optimum(2, 2, "1/2", seed=value), "seed"),
    "digits": (lambda value: handcalc.optimum(2, 2, "1/2", digits=value), "digits"),
    "points": (lambda value: handcalc.phase_map(2, 1, points=value), "points"),
    "steps": (lambda value: handcalc.phase_diagram(2, 1, value), "size"),
    "a specification's features": (lambda value: ModelSpec.of(value, 1, "1/2"), "size"),
    "a denominator": (
        lambda value: ToyModel.from_floats([[1]], max_denominator=value),
        "max_denominator",
    ),
}


@pytest.mark.parametrize("value", ["3", 2.5, True, [3]], ids=repr)
@pytest.mark.parametrize("door", WHOLE)
def test_whole_numbers_are_asked_for(door: str, value: object) -> None:
    build, code = WHOLE[door]
    with pytest.raises(InputError, match="whole number") as caught:
        build(value)
    assert caught.value.code == code


@pytest.mark.parametrize("build", [int, np.int64, np.uint8, sympy.Integer, torch.tensor])
def test_whole_numbers_of_any_library_are_taken(build: Callable[[int], Any]) -> None:
    best = handcalc.optimum(build(2), build(2), "1/2", digits=build(31))
    assert (best.problem.features, best.digits, type(best.digits)) == (2, 31, int)
    assert OneActive(build(3)) == OneActive(3)
    assert handcalc.Correlated([(build(1), build(2))], "1/2").sets == ((1, 2),)
    assert as_int(build(3)) == 3


def test_sets_are_taken_as_arrays_and_as_sets() -> None:
    expected = handcalc.Correlated([(1, 2), (3, 4)], "1/2")
    for sets in (np.array([[1, 2], [3, 4]]), torch.tensor([[1, 2], [3, 4]]), [{2, 1}, {3, 4}]):
        assert handcalc.Correlated(sets, "1/2") == expected


def test_ints_beside_floats_in_a_frame_stay_ints() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [0.5, 1.0]})
    assert as_lists(frame) == [[1, 0.5], [2, 1.0]]
    assert isinstance(as_lists(frame)[0][0], int)  # type: ignore[index]  # the line above says it is a list


def test_a_whole_model_is_an_answer() -> None:
    asked = exercises.load(1).answer.activation  # type: ignore[union-attr]  # exercise 1 asks for a model
    model = ToyModel("1 0; 0 1; 0 -1", "0 1/2 1/2", asked)
    assert exercises.grade(1, model).answer.model == model
    other = ToyModel(model.W, model.b, "linear" if asked == "relu" else "relu")
    for found, code in (
        (exercises.grade(1, other), "activation"),
        (exercises.grade(1, model, "0 0 0"), "unused_argument"),
    ):
        assert found.status == "unreadable"
        assert found.error is not None
        assert found.error.code == code


def test_weights_of_several_models_are_no_model() -> None:
    run = train(ModelSpec.of(2, 1, "1/2"), restarts=2)
    with pytest.raises(InputError, match=r"not a Trained.*from_floats\(W\[0\], b\[0\]\)"):
        handcalc.geometry(run.trained[0])
    with pytest.raises(InputError, match=r"2 models of 2 × 1: take one"):
        ToyModel.from_floats(run.trained[0].W)
    with pytest.raises(InputError, match=r"table of 2 × 2; take a row of it, as in b\[0\]"):
        ToyModel.from_floats(run.trained[0].W[0], run.trained[0].b)


@pytest.mark.parametrize("value", [sympy.Float(0.5) * sympy.Symbol("x1"), 0.5 * sympy.I])
def test_floats_beside_symbols_are_refused_too(value: sympy.Expr) -> None:
    with pytest.raises(InputError, match="only near a number"):
        handcalc.forward("1 0; 0 1", [value, 0])
