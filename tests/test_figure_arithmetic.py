"""The figure counts in the browser by itself: what it gets is what the engine gets, exactly."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sympy

import handcalc
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.html.page import figure_data

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="the figure is JavaScript, and node runs it")

State = dict[str, Any]


def worked_by_figure(states: list[State]) -> list[Mapping[str, Any]]:
    """What the figure makes of states."""
    script = Path(__file__).with_name("figure_states.mjs")
    done = subprocess.run(
        [str(NODE), str(script)],
        input=json.dumps(states),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[Mapping[str, Any]] = json.loads(done.stdout)
    return found


def read(text: Any) -> Any:
    """The numbers that the figure wrote, ``3√2/4`` among them."""
    return [read(each) for each in text] if isinstance(text, list) else handcalc.exact(text)


def number(given: Any) -> sympy.Expr:
    """A number of a state: "3/4", or ["1/4", "1/2", "3"] for 1/4 + √3/2."""
    if isinstance(given, str):
        return sympy.Rational(given)
    a, b, d = map(sympy.Rational, given)
    return a + b * sympy.sqrt(d)


def worked_by_engine(state: State) -> dict[str, Any]:
    """The same by the engine."""
    W = [[number(cell) for cell in row] for row in state["W"]]
    b, x = ([number(cell) for cell in state[name]] for name in ("b", "x"))
    model = ToyModel(W, b, "relu" if state["relu"] else "linear")
    passed = handcalc.forward(model, x)
    shape = handcalc.geometry(model)
    loss = handcalc.expected_loss(model, state["S"])
    return {
        "gram": shape.gram,
        "interference": shape.interference,
        "h": passed.h,
        "z": passed.z,
        "output": passed.output,
        "difference": passed.difference,
        "loss": loss.value,
        "losses": loss.per_feature,
        "costs": loss.costs,
        "together": loss.together,
    }


def flat(value: Any) -> list[Any]:
    """Numbers in one list, by rows."""
    if isinstance(value, list | tuple):
        return [number for part in value for number in flat(part)]
    return [value]


def assert_same(states: list[State]) -> None:
    for state, found in zip(states, worked_by_figure(states), strict=True):
        expected = worked_by_engine(state)
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            ours, theirs = flat(read(found[name])), flat(value)
            assert len(ours) == len(theirs), (name, state)
            for one, other in zip(ours, theirs, strict=True):
                assert handcalc.exact(one - other) == 0, (name, state)


def random_state(random: Random, most: int = 5) -> State:
    """A state as a reader makes it: arrows on hundredths, biases, inputs and S on twentieths."""
    n = random.randint(1, most)
    far = random.choice([2, 10, 150])
    step = random.choice([1, 5, 25, 50])

    def ends(count: int) -> str:
        return str(sympy.Rational(step * count, 100))

    most_steps = max(1, far // step)
    return {
        "W": [[ends(random.randint(-most_steps, most_steps)) for _ in range(2)] for _ in range(n)],
        "b": [
            str(sympy.Rational(random.choice([0, random.randint(-20, 20)]), 20)) for _ in range(n)
        ],
        "x": [str(sympy.Rational(random.randint(0, 20), 20)) for _ in range(n)],
        "S": str(sympy.Rational(random.randint(0, 20), 20)),
        "relu": random.random() < 0.8,
        "name": None,
    }


def test_random_states_are_worked_as_the_engine_works_them() -> None:
    random = Random(1)  # noqa: S311 - a draw of test cases
    assert_same([random_state(random) for _ in range(300)])


@pytest.mark.slow
def test_five_thousand_random_states() -> None:
    random = Random(2)  # noqa: S311 - a draw of test cases
    assert_same([random_state(random) for _ in range(5000)])


def test_six_features_at_once() -> None:
    random = Random(3)  # noqa: S311 - a draw of test cases
    states = [random_state(random, 6) for _ in range(40)]
    assert_same([state for state in states if len(state["W"]) == 6])


@pytest.mark.parametrize("name", [each.name for each in handcalc.embeddings()])
@pytest.mark.parametrize("sparsity", ["0", "7/20", "9/10", "1"])
def test_every_named_embedding_surds_included(name: str, sparsity: str) -> None:
    known = handcalc.embedding(name)
    data = figure_data(known.model, known.example, sparsity=sympy.Rational(sparsity), name=name)
    state = data["state"]
    assert isinstance(state, dict)
    assert_same([state])


def test_surds_that_do_not_cancel() -> None:
    root, minus = ["0", "1/2", "3"], ["1/4", "-1/2", "3"]
    state = {"W": [["1", root], [minus, "1/3"], ["0", root]], "b": [root, "0", minus]}
    more = {"x": ["1/4", "1", "1/2"], "S": "3/10", "relu": True, "name": None}
    assert_same([state | more, state | more | {"relu": False}])
