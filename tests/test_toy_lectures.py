"""The lectures on toy models: what a reader types, slides or drags is what the engine works out."""

from __future__ import annotations

import pytest

import handcalc
from tests.lecture_runs import played, refusals, untouched

pytestmark = pytest.mark.slow  # with the wider searches: minutes of work for what seldom changes


def test_arrows_of_the_reader_are_worked_and_turned() -> None:
    _, defined = played("by-hand", rows="1 0; 0 1; 3/5 4/5", inputs="0 0 1", degrees=90)
    assert defined["work"].output == handcalc.parse_vector("3/5 4/5 1")
    assert defined["table"].gram[2] == handcalc.parse_vector("3/5 4/5 1")
    assert defined["turned"].h == handcalc.parse_vector("-4/5 3/5")
    assert defined["turned"].output == defined["work"].output


def test_without_an_input_letters_are_worked() -> None:
    _, defined = played("by-hand", rows="1 0; 1 0", inputs=" ")
    assert str(defined["work"].output) == "(x1 + x2, x1 + x2)"


def test_what_is_dragged_is_told_of_all_inputs() -> None:
    figure = handcalc.widget(handcalc.embedding("relu").model)
    shown, _ = played("by-hand", figure=figure)
    assert "Every input with feature 2 or 3 off comes out exactly." in shown
    assert "Every input with feature 2 or 3 off" not in untouched("by-hand")


@pytest.mark.parametrize(
    ("name", "controls"),
    [
        ("by-hand", {"rows": "1 0; x", "inputs": ""}),
        ("by-hand", {"rows": "1 0; 0 1; 1 1", "inputs": "1 2"}),
        ("by-hand", {"rows": "", "inputs": ""}),
        ("by-hand", {"rows": "1 0 0 1; 0 1 1 1", "inputs": ""}),
        ("by-hand", {"rows": "1; -1", "inputs": "1/2 1"}),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(next(iter(value.values()))),
)
def test_what_cannot_be_read_is_told(name: str, controls: dict[str, object]) -> None:
    shown, _ = played(name, **controls)
    assert refusals(shown) > refusals(untouched(name))
