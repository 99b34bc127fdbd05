"""What is kept of a proof: the search as bytes, and the file that holds it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handcalc import InputError, optimum
from handcalc.storage.kept_file import KeptFile
from handcalc.superposition.certificates.claim import CertifiedClaim
from handcalc.superposition.certificates.proving import begin
from handcalc.superposition.certificates.search.covering import OPEN, Search
from handcalc.superposition.certificates.search.kept import from_bytes, to_bytes
from handcalc.superposition.loss.problem import Problem

ROUNDS = 11


def begun(hidden: int = 1) -> Search:
    best = optimum(hidden + 1, hidden, "1/2")
    return begin(CertifiedClaim(Problem.of(hidden + 1, hidden, "1/2")), best.model)


def run(search: Search, rounds: int) -> None:
    """So many rounds more, of few boxes each."""
    left = iter([False] * rounds + [True])
    search.run(1, lambda: next(left), lambda _: None)


@cache
def stopped() -> Search:
    search = begun()
    run(search, ROUNDS)
    assert len(search.numbers) > 1
    return search


def arrays_of(search: Search) -> dict[str, Any]:
    with np.load(BytesIO(to_bytes(search))) as arrays:
        return {name: arrays[name] for name in arrays.files}


def packed(arrays: dict[str, Any]) -> bytes:
    content = BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


@pytest.mark.parametrize("hidden", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_what_is_kept_is_gone_on_with(hidden: int) -> None:
    search = begun(hidden)
    run(search, ROUNDS)
    found = from_bytes(to_bytes(search), begun(hidden))
    for name in ("numbers", "low", "high", "known"):
        assert np.array_equal(getattr(found, name), getattr(search, name))
    assert np.array_equal(found.nodes, search.nodes[: search.count])
    for each in (found, search):
        run(each, 3)
    assert to_bytes(found) == to_bytes(search)


def test_a_search_that_has_only_begun_and_one_that_has_ended() -> None:
    assert from_bytes(to_bytes(begun()), begun()).count == 1
    search = begun()
    search.run(1, lambda: False, lambda _: None)
    assert from_bytes(to_bytes(search), begun()).is_done


def read_or_refused(content: bytes, first: Search) -> bytes | None:
    """What is read, as bytes; None where it is refused, as it should be."""
    try:
        return to_bytes(from_bytes(content, first))
    except InputError:
        return None


def test_bytes_that_are_damaged() -> None:
    """Wherever a byte is flipped, it is refused, or nothing of what is read has changed."""
    whole, first = to_bytes(stopped()), begun()
    refused = 0
    for place in range(0, len(whole), 37):
        content = bytearray(whole)
        content[place] ^= 255
        found = read_or_refused(bytes(content), first)
        assert found in (None, whole)
        refused += found is None
    assert refused > len(whole) // 37 // 2
    for end in (0, 1, len(whole) // 2, len(whole) - 1):
        with pytest.raises(InputError, match="damaged"):
            from_bytes(whole[:end], first)


def changed(name: str, change: Any) -> bytes:
    arrays = arrays_of(stopped())
    arrays[name] = change(arrays[name])
    return packed(arrays)


def with_entry(place: int, value: int) -> Any:
    def change(array: Any) -> Any:
        array[place] = value
        return array

    return change


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("first", with_entry(0, 0)),  # a box that is a half of itself
        ("first", with_entry(2, 1)),  # a half of two boxes
        ("first", with_entry(0, 1 << 40)),
        ("code", with_entry(0, 200)),  # halved along no entry
        ("code", with_entry(0, 7)),
        ("code", with_entry(0, 2)),  # too long a row, where there is none
        ("code", with_entry(-1, 0)),
        ("numbers", with_entry(0, 0)),
        ("numbers", lambda numbers: numbers[:-1]),
        ("numbers", lambda numbers: numbers.astype(np.float64)),
        ("known", lambda known: known.astype(np.float32)),
        ("known", lambda known: known[:-1]),
        ("margin", lambda margins: margins[:-1]),
        ("touch", lambda touches: touches.astype(np.int64)),
        ("code", lambda codes: codes[:0]),
        ("code", lambda _: np.array([OPEN, None], object)),  # which only pickle could read
    ],
)
def test_a_state_that_is_none(name: str, change: Any) -> None:
    with pytest.raises(InputError, match=r"^It is damaged\.$"):
        from_bytes(changed(name, change), begun())


def test_a_state_of_another_question() -> None:
    other = begun()
    other = replace(other, most=(other.most[0] + 2**-40,))
    with pytest.raises(InputError, match="another question, or another version"):
        from_bytes(to_bytes(stopped()), other)


# -- the file -------------------------------------------------------------------------------------


def test_the_newest_state_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "proofs" / "state.npz"
    with KeptFile(path) as kept:
        assert kept.get() is None
        kept.put(b"first")
        kept.put(b"second")
        assert (kept.get(), kept.trouble) == (b"second", None)
    with KeptFile(path) as kept:
        assert kept.get() == b"second"
        assert kept.set_aside() == path.with_suffix(".damaged")
        assert kept.get() is None
        assert kept.set_aside() is None


def test_one_run_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "state.npz"
    refused = pytest.raises(InputError, match=r"Another run is at work on .*Wait for it")
    with KeptFile(path), refused as error, KeptFile(path):
        pass
    assert (error.value.code, error.value.suggestion) == ("busy", "--no-state")
    with KeptFile(path):
        pass


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(InputError, match=r"What is worked out cannot be kept in .*file"),
        KeptFile(tmp_path / "file" / "state.npz"),
    ):
        pass


def test_without_a_file_nothing_is_kept() -> None:
    with KeptFile() as kept:
        kept.put(b"state")
        assert (kept.get(), kept.set_aside(), kept.trouble) == (None, None, None)
