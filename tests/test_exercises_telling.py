"""Does a hint tell the answer? Does a stored number agree with the engine? For the check-up."""

from __future__ import annotations

import pytest

from exercises import load
from exercises.authoring.engine_check import disagreement
from exercises.authoring.hint_leaks import leaked_answer
from exercises.tables import FileTable
from handcalc.errors import AuthorError
from handcalc.parsing import parse_vector

# -- hints ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "text", "tells"),
    [
        ("best-bias-dense", "Is it ½?", "1/2"),
        ("best-bias-dense", "Is it 0.50?", "1/2"),
        ("best-bias-dense", "Is it 1/2 or 1/3?", "1/2"),
        ("best-bias-dense", "Is it 11/2 or 1/20?", None),
        ("best-bias-dense", "Take 1 and 2.", None),
        ("half-helps-linear", "From 0 to 1/2?", "0 1/2"),
        ("half-helps-linear", "From 1/2 to 1?", None),
        ("half-helps-relu", "Is it 0.2079?", "2079/10000"),
        ("half-helps-relu", "Is it at 1/4?", None),
        ("dimensionality", "1/2, then 2/3, then 2/5?", "1/2 2/3 2/5"),
        ("dimensionality", "1/2, then 3/4?", None),
        ("one-feature-at-a-time", "(1, 0), (0, 1), (−1, 0), (0, −1)?", "1 0 0 1 -1 0 0 -1"),
        ("one-feature-at-a-time", "b = (0, 0, 0)?", None),
        ("perfect-reconstruction", "b = (0, 0, 1/4)?", "0 0 1/4"),
        ("which-inputs-come-back", "Is it C 2?", "c 2"),
        ("which-inputs-come-back", "Are 2 of them on?", None),
        ("best-bias-dense", "Is it 1 / 2?", "1/2"),
        ("best-bias-dense", "Is it .5?", "1/2"),
        ("best-bias-dense", r"Is it \\frac{1}{2}?".replace("\\\\", "\\"), "1/2"),
        ("best-bias-dense", "Is it one half?", "1/2"),
        ("best-bias-dense", "Is it 50 per cent?", "1/2"),
        ("half-helps-relu", "Is it (23 − 2√103)/13?", "23/13 - 2*sqrt(103)/13"),
        ("which-inputs-come-back", "Is claim c right?", "c 2"),
        ("which-inputs-come-back", "Is it c, because of reason 2?", "c 2"),
        (
            "keep-two-drop-one",
            "Row 1 is (1, 0), row 2 is (0, 1), row 3 is (0, 0)?",
            "1 0 0 1 0 0",
        ),
        ("best-bias-dense", "Is it 1 over 2?", "1/2"),
        ("which-inputs-come-back", "Is it (c), reason 2?", "c 2"),
        ("which-inputs-come-back", "Is it c2?", "c 2"),
        ("which-inputs-come-back", "Is it reason 2 and claim (c)?", "c 2"),
        ("which-inputs-come-back", "Are (c) and (d) alike? Of 2 features", None),
        ("best-at-three-tenths", "Is b = 0.32 enough?", "8/25"),
        ("five-in-two", "Why b = -0.21?", "-21/100"),
        ("half-helps-linear", "With b = (0, 1/2, 1/2), what is output 2?", None),
        ("half-helps-linear", "At x = (0, 1/2, 1/4), what is output 2?", None),
        ("the-same-model-turned", "Does b = (0, 0, 1/4) change?", None),
        ("the-same-model-turned", "Is it (0, 1), (-1, 0), (1/2, 1/2)?", "0 1 -1 0 1/2 1/2"),
        ("what-linear-cannot", "In a 2-dimensional plane, what is left?", None),
        ("what-linear-cannot", "Take a 2 × 2 corner of G: what is it?", None),
        ("what-linear-cannot", "Is there a reason 2 features should share?", None),
        ("what-linear-cannot", "What is the answer a linear model gives?", None),
        ("what-linear-cannot", "Is it (a) 2?", "a 2"),
        ("what-linear-cannot", "Is it a, 2?", "a 2"),
        ("what-linear-cannot", "Is it a because of reason 2?", "a 2"),
        ("what-linear-cannot", "Is it a, reason 2?", "a 2"),
        ("what-linear-cannot", "Does claim a hold?", "a 2"),
    ],
)
def test_what_tells_an_answer(slug: str, text: str, tells: str | None) -> None:
    assert leaked_answer(text, load(slug)) == tells


# -- the engine -----------------------------------------------------------------------------------

PAIR = {"W": "1 0; 0 1; 0 -1", "b": "0"}
ENGINE = [
    ({"kind": "output", "W": "1; -1", "x": "1 1/2"}, "1/2 0", None),
    ({"kind": "output", "W": "1; -1", "x": "1 1/2", "feature": 1}, "1/2", None),
    ({"kind": "output", "W": "1; -1", "x": "1 1/2"}, "1/2 1", "the engine gives 1/2, 0"),
    ({"kind": "output", "W": "1; -1", "x": "1 1/2"}, "1/2", "the engine gives 1/2, 0"),
    ({"kind": "loss", "W": "1; -1", "sparsity": "0", "importance": "1 0"}, "1/6", None),
    ({"kind": "loss", "W": "1; -1", "sparsity": "0", "activation": "linear"}, "2/3", None),
    ({"kind": "geometry", "W": "1; -1", "what": "capacity"}, "1", None),
    ({"kind": "geometry", "W": "1; -1", "what": "gram", "features": "2 3"}, "-1 -1", None),
    (
        {"kind": "best-bias", "W": "1; 0", "b": "0 answer", "feature": 2, "sparsity": "0"},
        "1/2",
        None,
    ),
    (
        {"kind": "best-bias", "W": "1; 0", "b": "0 answer", "feature": 2, "sparsity": "0"},
        "1/3",
        "the engine gives the slope -1/3 there, and not 0",
    ),
    (
        {
            "kind": "equal-loss",
            **PAIR,
            "other_W": "1 0; 0 1; 0 -1",
            "other_b": "0 1/2 1/2",
            "activation": "linear",
        },
        "0 1/2",
        None,
    ),
    (
        {
            "kind": "equal-loss",
            **PAIR,
            "other_W": "1 0; 0 1; 0 -1",
            "other_b": "0 1/2 1/2",
            "activation": "linear",
        },
        "0 0",
        "the engine gives the losses 2/3 and 1/6 there, 0.5 apart",
    ),
]


@pytest.mark.parametrize(("keys", "value", "said"), ENGINE)
def test_a_stored_number_against_the_engine(
    keys: dict[str, object], value: str, said: str | None
) -> None:
    assert disagreement(FileTable("one.toml", keys, "engine"), parse_vector(value)) == said


ROOT = {
    "kind": "equal-loss",
    "W": "1 0; 0 1; 0 0",
    "b": "0 0 7/20",
    "other_W": "1 0; 0 1; 0 -1",
    "other_b": "0",
}
CROSSING = "0.418266945024420"
"""(127 + 20S)/1200 = (1 − S)²/3 at S = (41 − √589)/40 = 0.41826694502442015…, to 15 places."""


def test_a_rounded_number_is_known_to_its_last_place() -> None:
    table = FileTable("one.toml", ROOT, "engine")
    assert disagreement(table, parse_vector(CROSSING), 15) is None
    assert disagreement(table, parse_vector(CROSSING)) is not None
    off = f"{CROSSING[:-1]}5"
    said = disagreement(table, parse_vector(off), 15)
    assert said == "the engine gives the losses 0.112804 and 0.112804 there, 2e-15 apart"


@pytest.mark.parametrize(
    ("keys", "key", "code"),
    [
        ({"kind": "lost"}, "engine.kind", "wrong_value"),
        ({"kind": "loss", "W": "1; -1"}, "engine.sparsity", "missing_key"),
        ({"kind": "loss", "W": "1; ?", "sparsity": "0"}, "engine.kind", "unreadable"),
        ({"kind": "output", "W": "1; -1", "x": "x1 0"}, "engine.x", "unreadable"),
        (
            {"kind": "output", "W": "1; -1", "x": "1 0", "feature": 3},
            "engine.feature",
            "wrong_value",
        ),
        ({"kind": "geometry", "W": "1", "what": "size"}, "engine.what", "wrong_value"),
        (
            {"kind": "geometry", "W": "1", "what": "norms", "features": "a"},
            "engine.features",
            "wrong_value",
        ),
        ({"kind": "loss", "W": "1", "sparsity": "0", "seed": "1"}, "engine.seed", "unknown_key"),
    ],
)
def test_an_engine_table_that_cannot_be_right(keys: dict[str, object], key: str, code: str) -> None:
    with pytest.raises(AuthorError, match=r"one\.toml") as caught:
        disagreement(FileTable("one.toml", keys, "engine"), parse_vector("1"))
    assert (caught.value.key, caught.value.code) == (key, code)
