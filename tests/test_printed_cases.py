"""What programs print is read to the numbers that they were given: tests/data/printed.jsonl.

The records are made by tests/oracles/printed.py, which runs the programs and never the reader. A
text is refused only where it can be read in two ways; which ones is asserted here.
"""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy

from handcalc import InputError, parse_matrix, parse_vector

RECORDS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).resolve().parent / "data/printed.jsonl")
    .read_text("utf-8")
    .splitlines()
]


def label(record: dict[str, Any]) -> str:
    return f"{record['program']} {record['how']}"


def number(text: str) -> sympy.Rational:
    value = Fraction(text)
    return sympy.Rational(value.numerator, value.denominator)


def value(written: Any) -> Any:
    return number(written) if isinstance(written, str) else tuple(map(value, written))


def read(record: dict[str, Any]) -> Any:
    """A matrix, or a vector where one was printed."""
    is_matrix = isinstance(record["value"][0], list)
    return parse_matrix(record["text"]) if is_matrix else parse_vector(record["text"])


# pandas leaves columns out where the screen is too narrow for them
REFUSED = {
    "pandas print(frame of wide)": "unexpected",
    "pandas print(named frame of wide)": "unexpected",
}


@pytest.mark.parametrize("record", RECORDS, ids=label)
def test_what_a_program_prints_is_read(record: dict[str, Any]) -> None:
    code = REFUSED.get(label(record))
    if code is None:
        assert read(record) == value(record["value"])
        return
    with pytest.raises(InputError, match=r"\.$") as caught:
        read(record)
    assert caught.value.code == code


def test_there_are_records_of_every_program() -> None:
    """The counts by program and version, which ``-s`` shows."""
    counts = Counter((record["program"], record["version"]) for record in RECORDS)
    print()
    for (program, version), count in sorted(counts.items()):
        print(f"{program:<14}{version:<24}{count:>4}")
    assert len(RECORDS) >= 200
    assert {program for program, _ in counts} >= {
        *("R", "Octave", "pandoc", "Julia", "Typst", "MATLAB", "Mathematica", "MathType"),
        *("numpy", "torch", "jax", "tensorflow", "pandas", "polars", "sympy", "IPython", "PyYAML"),
    }
    assert len(REFUSED) <= 0.05 * len(RECORDS)
    assert REFUSED.keys() <= set(map(label, RECORDS))
