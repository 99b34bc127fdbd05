"""Models and results as arrays, tensors, sympy matrices, LaTeX and data frames."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import handcalc
from handcalc import InputError, ToyModel, strategies
from handcalc.export import Exported, Tabular
from tests.known_maps import two_in_one
from torchsim import ModelSpec, TrainingSpec, compare, train

ANTIPODAL = ToyModel("1 0; 0 1; 0 -1", b="0 1/2 1/2")
TURNED = ToyModel("1 0; 0 -1; 0 1", b="0 1/2 1/2")
ONE_HEAD = handcalc.AttentionOnly(
    "1 0; 0 1; 1 1", "1 0 0; 0 1 0", [[handcalc.Head("1; 1", "1; 0", "1; 2", "1 -1")]]
)
HEAD = {"W_Q": (2, 1), "W_K": (2, 1), "W_V": (2, 1), "W_O": (1, 2)}
SIZES = {"W_E": (3, 2), "W_U": (2, 3)}

# every result with arrays: how to get one, and the shapes by name
RESULTS: dict[str, tuple[Callable[[], Any], dict[str, tuple[int, ...]]]] = {
    "ToyModel": (lambda: ANTIPODAL, {"W": (3, 2), "b": (3,)}),
    "Forward": (
        lambda: handcalc.forward(ANTIPODAL, "1 1/4 1/2"),
        {"x": (3,), "h": (2,), "z": (3,), "output": (3,), "difference": (3,)},
    ),
    "Geometry": (
        lambda: handcalc.geometry(ANTIPODAL),
        {
            "gram": (3, 3),
            "norms": (3,),
            "interference": (3,),
            "dimensionality": (3,),
            "capacity": (),
        },
    ),
    "ExpectedLoss": (
        lambda: handcalc.expected_loss(ANTIPODAL, "9/10"),
        {"value": (), "per_feature": (3,), "costs": (3, 3), "together": (3,)},
    ),
    "LossGradient": (
        lambda: handcalc.loss_gradient(ANTIPODAL, "9/10"),
        {"W": (3, 2), "b": (3,)},
    ),
    "Optimum": (lambda: handcalc.optimum(2, 1, "1/2"), {"W": (2, 1), "b": (2,), "loss": ()}),
    "Sameness": (lambda: handcalc.same_model(ANTIPODAL, TURNED), {"Q": (2, 2)}),
    "Embedding": (
        lambda: handcalc.embedding("triangle"),
        {"W": (3, 2), "b": (3,), "example": (3,)},
    ),
    "AttentionOnly": (lambda: ONE_HEAD, {**SIZES, **{f"{k}_1_1": s for k, s in HEAD.items()}}),
    "Head": (lambda: ONE_HEAD.layers[0][0], HEAD),
    "CircuitRun": (
        lambda: handcalc.run_circuit(ONE_HEAD, "a b"),
        {"residual": (2, 2, 2), "logits": (2, 3), "probabilities": (2, 3), "pattern_1_1": (2, 2)},
    ),
    "TokenTable": (lambda: handcalc.qk_circuit(ONE_HEAD, 1, 1), {"cells": (3, 3)}),
    "Bigrams": (
        lambda: handcalc.best_bigrams("abaabcbaccacbbaa", dimensions=1),
        {
            "counts": (3, 3),
            "entropy": (),
            "W_E": (3, 2),
            "W_U": (2, 3),
            "W_E_found": (3, 1),
            "W_U_found": (1, 3),
        },
    ),
    "Coherence": (
        lambda: handcalc.coherence("1 0; 0 1; 1 1"),
        {"coherence": (), "signed": (), "welch": ()},
    ),
    "Recovery": (lambda: handcalc.recovery("1 0; 0 1; 1 1"), {"circuits": (1, 3)}),
    "SparseInputs": (
        lambda: handcalc.sparsest("1 0; 0 1; 1 1", "2 1"),
        {"h": (2,), "inputs": (2, 3)},
    ),
    "ShortestInputs": (
        lambda: handcalc.basis_pursuit("1 0; 0 1; 1 1", "2 1"),
        {"h": (2,), "inputs": (1, 3), "norm": ()},
    ),
    "Readouts": (
        lambda: handcalc.readouts("1; -1", "1 1/2"),
        {"x": (2,), "h": (1,), "relu": (2,), "sparsest": (1, 2), "l1": (1, 2)},
    ),
    "SparsestLoss": (lambda: handcalc.sparsest_loss("1; -1", "1/2"), {"at_least": (), "relu": ()}),
    "DirectionSet": (lambda: handcalc.direction_set("triangle"), {"W": (3, 2)}),
    "Analogy": (
        lambda: handcalc.analogy({"a": "1 0", "b": "0 1"}, "a - b"),
        {"vectors": (2, 2), "result": (2,)},
    ),
    "ReluNetwork": (
        lambda: handcalc.ReluNetwork("1 -1 1; 0 1 1"),
        {"W_in": (2, 3), "W_out": (2, 3), "b": (2,)},
    ),
    "NetworkPass": (
        lambda: handcalc.network_pass(handcalc.ReluNetwork("1 -1 1"), "absolute", "-1/3"),
        {"x": (1,), "h": (3,), "output": (1,), "target": (1,), "difference": (1,)},
    ),
    "NetworkLoss": (
        lambda: handcalc.network_loss(handcalc.ReluNetwork("1; -1"), "identity", "1/3", "1 1/2"),
        {"value": (), "per_feature": (2,)},
    ),
    "NamedNetwork": (
        lambda: handcalc.network("shared-neuron"),
        {"W_in": (3, 2), "W_out": (3, 2), "b": (3,), "example": (3,)},
    ),
    "PhaseMap": (
        two_in_one,
        {"sparsity": (6,), "loss": (6,), "W": (6, 2, 1), "b": (6, 2)},
    ),
    "PhaseDiagram": (
        lambda: handcalc.phase_diagram(2, 1, 3),
        {"importances": (3,), "densities": (3,), "loss": (3, 3), "W": (3, 3, 2, 1), "b": (3, 3, 2)},
    ),
}


@pytest.fixture(scope="module", params=RESULTS)
def result(request: pytest.FixtureRequest) -> tuple[Any, dict[str, tuple[int, ...]]]:
    build, shapes = RESULTS[request.param]
    return build(), shapes


def test_every_public_result_is_here() -> None:
    public = (getattr(handcalc, name) for name in handcalc.__all__)
    exported = {c.__name__ for c in public if isinstance(c, type) and issubclass(c, Exported)}
    others = {
        "Sameness",
        "TokenTable",
        "SparseInputs",
        "ShortestInputs",
        "Readouts",
        "SparsestLoss",
    }
    assert exported | others == set(RESULTS)


def test_arrays_have_their_shapes_and_the_nearest_floats(
    result: tuple[Any, dict[str, tuple[int, ...]]],
) -> None:
    shown, shapes = result
    arrays, tensors = shown.to_numpy(), shown.to_torch()
    assert {name: array.shape for name, array in arrays._asdict().items()} == shapes
    assert {name: tuple(t.shape) for name, t in tensors._asdict().items()} == shapes
    for name, exact in shown.to_sympy()._asdict().items():
        array, tensor = getattr(arrays, name), getattr(tensors, name)
        assert (array.dtype, tensor.dtype) == (np.float64, torch.float64)
        assert np.array_equal(array, tensor.numpy())
        flat = (
            [exact]
            if isinstance(exact, sympy.Expr) and not exact.is_Matrix
            else list(sympy.flatten(exact.tolist()))
        )
        assert array.ravel().tolist() == [float(value.evalf(40)) for value in flat]


def test_latex_has_balanced_braces_and_no_dollars(
    result: tuple[Any, dict[str, tuple[int, ...]]],
) -> None:
    text = result[0].latex()
    assert text.count("{") == text.count("}") > 0
    assert text.count(r"\left") == text.count(r"\right")
    assert "$" not in text


def test_latex_says_where_a_loss_is_rounded() -> None:
    network = handcalc.network("asymmetric").network
    wide = "1 0; 0 1; 1/2 1/2"
    for shown in (
        handcalc.network_loss(network, "absolute", "19/20"),
        handcalc.expected_loss(wide, "12345/23456"),
        handcalc.sparsest_loss(wide, "12345/23456"),
    ):
        assert r"\approx 0." in shown.latex(), shown
    assert handcalc.network_loss(network, "absolute", "0").latex().endswith(r"= \frac{2143}{3840}")


def test_tables_are_frames_of_numbers_and_names(
    result: tuple[Any, dict[str, tuple[int, ...]]],
) -> None:
    shown, _ = result
    if not isinstance(shown, Tabular):
        return
    frame = shown.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert len(frame) == len(next(iter(shown.columns().values()))) > 0
    assert not any(isinstance(cell, sympy.Basic | Fraction) for cell in frame.to_numpy().ravel())


def test_what_stands_in_the_tables() -> None:
    loss = handcalc.expected_loss(ANTIPODAL, "9/10").to_frame()
    parts = loss[["from 1", "from 2", "from 3", "together"]].sum(axis=1)
    assert np.allclose(parts, loss["loss"], rtol=1e-12)
    worked = handcalc.forward(ANTIPODAL, "1 1/4 1/2").to_frame()
    assert worked.index.name == "feature"
    assert (worked["kept"] + worked["interference"] + worked["bias"]).equals(worked["z"])
    best = handcalc.optimum(2, 1, "1/2").to_frame()
    assert best["family"].tolist()[0] == "antipodal"


def test_a_kink_has_no_derivative() -> None:
    found = handcalc.loss_gradient("1 0; 0 1; 0 0", "9/10")
    assert np.isnan(found.to_numpy().b).tolist() == [False, False, True]
    assert found.to_sympy().b[2] is sympy.nan
    assert found.to_frame().loc["b3"].tolist() == [0.0, -0.1]


SYMBOLIC = {
    "an input": (lambda: handcalc.forward(ANTIPODAL), "x depends on x1"),
    "a loss": (lambda: handcalc.expected_loss(ANTIPODAL), "depends on S.*give a sparsity"),
    "a gradient": (lambda: handcalc.loss_gradient(ANTIPODAL), "depends on S.*give a sparsity"),
}


@pytest.mark.parametrize("case", SYMBOLIC)
@pytest.mark.parametrize("door", ["to_numpy", "to_torch", "to_frame"])
def test_symbols_are_no_floats(case: str, door: str) -> None:
    build, sentence = SYMBOLIC[case]
    shown: Any = build()
    assert shown.to_sympy()
    with pytest.raises(InputError, match=sentence) as caught:
        getattr(shown, door)()
    assert caught.value.code == "symbolic"


def test_models_that_differ_have_no_matrix() -> None:
    with pytest.raises(InputError, match="no single Q to give"):
        handcalc.same_model(ANTIPODAL, ToyModel("1 0; 0 1")).to_numpy()


@settings(max_examples=30)
@given(strategies.toy_models())
def test_what_goes_out_comes_in_again(model: ToyModel) -> None:
    assert ToyModel(*model.to_sympy(), model.activation) == model


@given(st.integers(-(10**60), 10**60), st.integers(1, 10**60))
def test_fractions_are_rounded_correctly(p: int, q: int) -> None:
    assert ToyModel([[Fraction(p, q)]]).to_numpy().W[0, 0] == p / q


@given(st.lists(st.fractions(-2, 2, max_denominator=1000), min_size=6, max_size=6))
def test_the_floats_of_a_model_of_fractions_give_it_again(cells: list[Fraction]) -> None:
    model = ToyModel([cells[:2], cells[2:4]], cells[4:])
    assert ToyModel.from_floats(*model.to_numpy()) == model
    assert ToyModel.from_floats(*model.to_torch()) == model


@pytest.mark.parametrize(
    ("door", "module", "extra"),
    [
        ("to_frame", "pandas", "frame"),
        ("to_torch", "torch", "sim"),
        ("to_numpy", "numpy", "optimum"),
    ],
)
def test_what_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, door: str, module: str, extra: str
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "handcalc.errors.find_spec", lambda name: None if name == module else found(name)
    )
    with pytest.raises(InputError, match=f"needs {module}, which is not installed") as caught:
        getattr(ANTIPODAL, door)()
    assert caught.value.suggestion == f'pip install "handcalc[{extra}]"'


def test_training_runs_and_comparisons_are_tables() -> None:
    models = (ModelSpec.of(2, 1, "9/10"), ModelSpec.of(3, 2, "1/2 1/2 0", "1 9/10 1/2"))
    run = train(TrainingSpec(models, restarts=4))
    frame, compared = run.to_frame(), compare(run).to_frame()
    assert frame["sparsity"].tolist() == [0.9, "1/2 1/2 0"]
    assert frame["loss"].tolist() == [float(each.loss.min()) for each in run.trained]
    assert compared["family"].tolist()[0] == "antipodal"
    assert np.allclose(compared["loss"], frame["loss"], rtol=1e-9)
    W, b, loss = run.trained[1].to_numpy()
    assert (W.shape, b.shape, loss.shape) == ((4, 3, 2), (4, 3), (4,))
    assert np.array_equal(W, run.trained[1].W.numpy())
    assert run.trained[0].latex().startswith(r"W \approx \begin{bmatrix}")
