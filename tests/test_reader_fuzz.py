"""The reader under fuzzed texts: a small run here, and the record of the large one."""

from __future__ import annotations

import json
from itertools import islice

import pytest

from tests import reader_fuzz

RECORD = json.loads(reader_fuzz.RECORD.read_text(encoding="utf-8"))


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_comes_out_but_a_number_or_an_input_error(seed: int) -> None:
    found = reader_fuzz.fuzz(1200, seed)
    assert found["failures"] == []
    assert found["outcomes"]["read"] > 50
    assert len(found["outcomes"]) > 20


def test_an_exception_of_another_kind_would_be_seen() -> None:
    def broken(text: str) -> object:
        return int(text[9])

    outcome, _ = reader_fuzz.timed(broken, "1")
    assert outcome == "raised IndexError: string index out of range"


def test_the_same_seed_draws_the_same_texts() -> None:
    first, second, other = (list(islice(reader_fuzz.texts(seed), 200)) for seed in (1, 1, 2))
    assert first == second
    assert first != other
    assert len(set(first)) > 150


def test_the_record_of_the_large_run() -> None:
    """No exception but InputError, memory bounded."""
    assert RECORD["texts"] >= 1_000_000
    assert RECORD["read"] + sum(RECORD["refused"].values()) == RECORD["texts"]
    assert RECORD["failures"] == []
    assert RECORD["slowest"]["text"]
    assert RECORD["peak_mib"] < 300
    assert set(RECORD["doors"]) == set(reader_fuzz.DOORS)
