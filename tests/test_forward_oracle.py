"""The forward pass and the geometry, against plain fractions and against mpmath.

The answers come from tests/oracles/forward_fractions.py and forward_decimals.py, run as programs of
their own: neither imports handcalc.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import pytest
import sympy

import handcalc

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MODELS = 480
SEED = 2024
FORWARD = ("h", "z", "output", "difference")
GEOMETRY = ("gram", "interference", "dimensionality", "capacity")
DIGITS = 45  # compared, of 60 that the second route prints
Record = dict[str, Any]


def run(*words: str) -> str:
    """What a program prints, run from the root of the project."""
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def records(script: str, *options: str) -> list[Record]:
    lines = run(str(HERE / "oracles" / script), *options).splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def rational() -> list[Record]:
    """The random models with their answers as fractions."""
    return records("forward_fractions.py", "--models", str(MODELS), "--seed", str(SEED))


def fractions(value: Any) -> Any:
    """Stored texts as fractions, lists as tuples."""
    if isinstance(value, list | tuple):
        return tuple(fractions(item) for item in value)
    return Fraction(value)


def exactly(value: Any) -> Any:
    """The fractions of handcalc's numbers, which must be rational."""
    if isinstance(value, list | tuple):
        return tuple(exactly(item) for item in value)
    assert isinstance(value, sympy.Rational), f"{value!r} is not a fraction"
    return Fraction(int(value.p), int(value.q))


def model_of(record: Record) -> handcalc.ToyModel:
    return handcalc.ToyModel(
        fractions(record["W"]), fractions(record["b"]), activation=record["activation"]
    )


def row_text(cells: list[str]) -> str:
    return " ".join(cells)


def matrix_text(rows: list[list[str]]) -> str:
    return "; ".join(row_text(row) for row in rows)


# ── random models, in fractions ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("index", range(MODELS))
def test_the_forward_pass_is_that_of_plain_fractions(rational: list[Record], index: int) -> None:
    record = rational[index]
    found = handcalc.forward(model_of(record), fractions(record["x"]))
    for name in FORWARD:
        assert exactly(getattr(found, name)) == fractions(record[name]), f"{name} of {record}"


@pytest.mark.parametrize("index", range(MODELS))
def test_the_geometry_is_that_of_plain_fractions(rational: list[Record], index: int) -> None:
    record = rational[index]
    found = handcalc.geometry(model_of(record))
    for name in GEOMETRY:
        assert exactly(getattr(found, name)) == fractions(record[name]), f"{name} of {record}"
    for norm, square in zip(found.norms, fractions(record["squared_norms"]), strict=True):
        assert exactly(sympy.expand(norm**2)) == square
        assert handcalc.sign(norm) == (square > 0)


@pytest.mark.parametrize("index", range(0, MODELS, 16))
def test_models_in_text_are_the_same_models(rational: list[Record], index: int) -> None:
    record = rational[index]
    texts = matrix_text(record["W"]), row_text(record["b"]), record["activation"]
    assert handcalc.ToyModel(texts[0], texts[1], activation=texts[2]) == model_of(record)
    found = handcalc.forward(model_of(record), row_text(record["x"]))
    assert exactly(found.output) == fractions(record["output"])


def test_the_random_models_are_of_every_kind(rational: list[Record]) -> None:
    kinds = Counter(record["kind"] for record in rational)
    shapes = {(len(record["W"]), len(record["W"][0])) for record in rational}
    relu = [record for record in rational if record["activation"] == "relu"]
    at_kink = sum("0" in record["z"] for record in relu if record["kind"] == "kinks")
    clipped = sum(record["output"] != record["z"] for record in relu)
    zero_rows = sum("0" in record["squared_norms"] for record in rational)
    print(f"\n{kinds}; {len(shapes)} shapes")
    print(f"{at_kink} at a kink; {clipped} clipped; {zero_rows} with zero rows")
    assert sum(kinds.values()) >= 400
    assert min(kinds.values()) >= 60
    assert len(shapes) == 7 * 5
    assert min(at_kink, clipped, zero_rows) >= 40


# ── the command line ────────────────────────────────────────────────────────────────────────────


def forward_by_command(record: Record) -> Record:
    words = [
        f"--W={matrix_text(record['W'])}",
        f"--b={row_text(record['b'])}",
        f"--x={row_text(record['x'])}",
        *(["--linear"] if record["activation"] == "linear" else []),
        "--json",
    ]
    answer: Record = json.loads(run("-m", "handcalc", "forward", *words))
    return answer


@pytest.mark.parametrize(
    ("kind", "activation"), [("kinks", "relu"), ("plain", "linear"), ("outside", "relu")]
)
def test_the_command_gives_the_same_numbers(
    rational: list[Record], kind: str, activation: str
) -> None:
    record = next(
        record
        for record in rational
        if (record["kind"], record["activation"]) == (kind, activation) and len(record["W"]) > 1
    )
    found = forward_by_command(record)
    assert (found["schema"], found["status"], found["error"]) == (1, "ok", None)
    for name in FORWARD:
        assert fractions(found[name]) == fractions(record[name])


def test_the_command_on_the_corrected_antipodal_model() -> None:
    asked = {"W": [["1", "0"], ["0", "1"], ["0", "-1"]], "b": ["0", "1/2", "1/2"]}
    found = forward_by_command({**asked, "x": ["1", "1/4", "1/2"], "activation": "relu"})
    by_hand = {
        "h": ["1", "-1/4"],
        "z": ["1", "1/4", "3/4"],
        "output": ["1", "1/4", "3/4"],
        "difference": ["0", "0", "1/4"],
    }
    assert {name: found[name] for name in by_hand} == by_hand


# ── roots and angles, to 45 digits ──────────────────────────────────────────────────────────────

NAMES = (
    "triangle triangle-linear square pentagon pentagon-bias hexagon heptagon octagon two-of-seven "
    "diagonal leaning roots golden nested kink kink-triangle surd-input tetrahedron"
)


@pytest.fixture(scope="module")
def irrational() -> dict[str, Record]:
    """The models with roots and angles, with their answers to 60 digits."""
    return {record["name"]: record for record in records("forward_decimals.py")}


def pairs(found: Any, expected: Any) -> list[tuple[Any, str]]:
    """Each number with its stored decimal, the shapes being the same."""
    if not isinstance(expected, list):
        return [(found, expected)]
    return [pair for a, b in zip(found, expected, strict=True) for pair in pairs(a, b)]


def near(found: sympy.Expr, expected: str) -> bool:
    """Whether two numbers agree to 45 digits, after the decimal point for the small ones."""
    context = mpmath.MPContext()
    context.dps = 70
    value = context.mpf(str(sympy.N(found, 60)))
    stored = context.mpf(expected)
    return bool(abs(value - stored) <= context.mpf(10) ** -DIGITS * (1 + abs(stored)))


def test_every_irrational_model_is_named_here(irrational: dict[str, Record]) -> None:
    assert sorted(irrational) == sorted(NAMES.split())


def irrational_model(record: Record) -> handcalc.ToyModel:
    compact = [[cell.replace(" ", "") for cell in row] for row in record["W"]]
    return handcalc.ToyModel(
        matrix_text(compact), row_text(record["b"]), activation=record["activation"]
    )


@pytest.mark.parametrize("name", NAMES.split(" "))
def test_the_forward_pass_agrees_with_decimals(irrational: dict[str, Record], name: str) -> None:
    record = irrational[name]
    found = handcalc.forward(irrational_model(record), row_text(record["x"]))
    for quantity in FORWARD:
        for number, stored in pairs(getattr(found, quantity), record[quantity]):
            assert near(number, stored), f"{quantity}: {number} is not {stored}"


@pytest.mark.parametrize("name", NAMES.split(" "))
def test_the_geometry_agrees_with_decimals(irrational: dict[str, Record], name: str) -> None:
    record = irrational[name]
    found = handcalc.geometry(irrational_model(record))
    for quantity in (*GEOMETRY, "norms"):
        for number, stored in pairs(getattr(found, quantity), record[quantity]):
            assert near(number, stored), f"{quantity}: {number} is not {stored}"


@pytest.mark.parametrize("name", ["kink", "kink-triangle"])
def test_a_kink_with_roots_is_exactly_zero(irrational: dict[str, Record], name: str) -> None:
    record = irrational[name]
    found = handcalc.forward(irrational_model(record), row_text(record["x"]))
    kinks = [z for z, stored in pairs(found.z, record["z"]) if abs(float(stored)) < 1e-40]
    assert kinks
    assert all(z == 0 for z in kinks)
