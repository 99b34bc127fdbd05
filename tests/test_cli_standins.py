"""ASCII stands in for what an encoding lacks: nothing raises, nothing is lost."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handcalc.cli.visible import encodable
from handcalc.views.ascii import standin

NARROW = ("ascii", "latin-1", "cp1252", "cp437")
ANY = st.integers(0, sys.maxunicode).map(chr)  # lone surrogates too


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("√2/2", "sqrt2/2"),
        ("x̂₂ ≥ −½", "xhat2 >= -1/2"),
        ("Wᵀx → h", "W^T x -> h"),
        ("3² × 4", "3^2 x 4"),
        ("cos(2π/3)", "cos(2pi/3)"),
        ("│ ─ ╭", "| - +"),
        ("★", "<U+2605>"),
        ("\udc80", "<U+DC80>"),
    ],
)
def test_ascii(text: str, shown: str) -> None:
    assert encodable(text, "ascii") == shown


@pytest.mark.parametrize("encoding", NARROW)
def test_what_the_encoding_has_is_kept(encoding: str) -> None:
    assert encodable("plain text: 1/2", encoding) == "plain text: 1/2"
    assert encodable("½", "latin-1") == "½"


@given(st.text(ANY), st.sampled_from(NARROW))
def test_nothing_raises_and_nothing_vanishes(text: str, encoding: str) -> None:
    shown = encodable(text, encoding)
    shown.encode(encoding)
    assert len(shown) >= len(text)


@given(ANY.filter(lambda character: not character.isascii()))
def test_every_standin_is_visible_ascii(character: str) -> None:
    assert standin(character).isascii()
    assert standin(character).strip() or unicodedata.category(character) == "Zs"


def test_utf8_changes_nothing() -> None:
    assert encodable("√½ 漢 ★", "utf-8") == "√½ 漢 ★"
