"""Tables of checks, and the models into which answers are put: what is read, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

import exercises
from exercises.checking import decide
from exercises.circuit_checks import Induces, allows_multiples
from exercises.circuit_frame import CircuitFrame, frame_of
from exercises.circuit_tables import Surroundings
from exercises.exercise import MatricesAnswer, NamedMatrix
from exercises.matrices import NamedMatrices
from exercises.reporting.prose import said
from exercises.tables import FileTable
from handcalc import circuit
from handcalc.errors import AuthorError
from handcalc.parsing import parse_matrix
from handcalc.views.notation import ASCII
from tests.test_exercises_circuit_checks import ASK, written


@pytest.mark.parametrize(
    ("slug", "old", "new", "key", "code"),
    [
        ("second-layer", "up_to = 4", "up_to = 7", "check.up_to", "wrong_value"),
        ("second-layer", "up_to = 4", "up_to = 12", "check.up_to", "wrong_value"),
        ("second-layer", "up_to = 4", "up_to = 0", "check.up_to", "wrong_value"),
        ("second-layer", "up_to = 4\n", "", "check.up_to", "missing_key"),
        ("second-layer", 'before = "<s>"', 'before = "x"', "check.before", "wrong_value"),
        ("second-layer", '"induction-compact"', '"induction"', "circuit", "unreadable"),
        ("second-layer", '"induction-compact"', '"compact"', "circuit.name", "unknown_name"),
        ("second-layer", "layer = 2", "layer = 3", "circuit.replace[1].layer", "wrong_value"),
        ("second-layer", '"W_QK"\nwith', '"W_Q"\nwith', "circuit.replace[1].matrix", "wrong_value"),
        ("second-layer", 'name = "induction', 'sizes = { V = 9 }\nname = "induction',
         "circuit.name", "unknown_name"),
        ("previous-position", "up_to = 7", "up_to = 8", "check.up_to", "wrong_value"),
        ("previous-position", "back = 1", "back = 7", "check.back", "wrong_value"),
        ("previous-position", "back = 1", 'head = "2.1"', "check.head", "wrong_value"),
        ("mended-effects", 'source = "keep"\n', "", "check.source", "missing_key"),
        ("mended-effects", 'source = "keep"', 'source = "held"', "check.source", "wrong_value"),
        ("mended-effects", 'of = "effects"', 'of = "direct"', "check.source", "unknown_key"),
        ("mended-effects", 'of = "effects"', 'of = "effect"', "check.of", "wrong_value"),
        ("mended-effects", 'row = "in"', 'row = "on"', "check.entries[1].row", "wrong_value"),
        ("mended-effects", 'row = "in"', 'row = "in at"', "check.entries[1].row", "wrong_value"),
        ("mended-effects", 'source = "keep"', 'source = "keep in"', "check.source", "wrong_value"),
        ("exclusive-or", 'next = "mind" }', 'next = "mind bay" }', "check.predicts[1].next",
         "wrong_value"),
        ("second-layer", 'name = "induction', 'sizes = { name = "x" }\nname = "induction',
         "circuit.sizes.name", "unknown_key"),
        ("copying-head", '{ name = "W_OV"', '{ name = "Exercise"', "answer.matrices[1].name",
         "wrong_value"),
        ("mended-effects", ', at_least = "4"', "", "check.entries[1].at_least", "missing_key"),
        ("mended-effects", 'at_least = "4"', 'at_least = "4", equals = "4"',
         "check.entries[1].equals", "unknown_key"),
        ("mended-effects", 'at_least = "4"', 'at_least = "4", at_most = "3"',
         "check.entries[1].at_most", "wrong_value"),
        ("mended-effects", 'at_least = "4"', 'at_least = "four"',
         "check.entries[1].at_least", "unreadable"),
        ("mended-effects", '"0 0 0 0 answer K_1"', '"0 0 0 answer K_1"', "circuit", "unreadable"),
        ("mended-effects", '"0 0 0 0 answer K_1"', '"0 0 0 0 x answer K_1"',
         "circuit.heads[1].W_O", "unreadable"),
        ("exclusive-or", '"answer S; 0 0; 0 0; 0 0"', '"1 answer S; 0 0; 0 0"',
         "circuit", "unreadable"),
        ("exclusive-or", '"answer S; 0 0; 0 0; 0 0"', '"answer S; 0 0; 0 0; 0 0;;"',
         "circuit.heads[1].W_Q", "unreadable"),
        ("exclusive-or", 'of = "predictions"', 'of = "qk"', "check.entries", "missing_key"),
        ("exclusive-or", "<s> keep in", "<s> kept in", "check.predicts[1].tokens", "wrong_value"),
        ("exclusive-or", '= "mind"', '= "minds"', "check.predicts[1].next", "wrong_value"),
        ("score-without-copying", "never_on_top = true", 'at_least = "2"', "check.at_least",
         "wrong_value"),
        ("rank-one-table", "at_most = 1", "at_most = 1\nat_least = 2", "check.at_most",
         "wrong_value"),
        ("rank-one-table", "at_most = 1", "at_least = 3", "check.at_least", "wrong_value"),
        ("rank-one-table", '"W_1 W_2^T"', '"W_1 W_3"', "check.product", "wrong_value"),
        ("rank-one-table", '"W_2", rows = 2, columns = 2', '"W_2", rows = 2, columns = 3',
         "check.product", "wrong_value"),
        ("delete-a-direction", '"1 2"\nkeeps', '"1 2 3"\nkeeps', "check.direction", "wrong_value"),
        ("delete-a-direction", '"1 2"\nkeeps', '"0 0"\nkeeps', "check.direction", "wrong_value"),
        ("delete-a-direction", 'keeps = "rest"', 'keeps = "all"', "check.keeps", "wrong_value"),
        ("delete-a-direction", 'keeps = "rest"', 'product = "W"', "check.product", "wrong_value"),
        ("copying-head", 'kind = "copies"', 'kind = "copies"\nhead = "first"', "check.head",
         "wrong_value"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_right_is_refused(
    tmp_path: Path, slug: str, old: str, new: str, key: str, code: str
) -> None:
    course = written(tmp_path, slug, (old, new))
    with pytest.raises(AuthorError, match=rf"{slug}\.toml, ") as refused:
        exercises.load_all(course)
    assert (refused.value.key, refused.value.code) == (key, code)


ONE_ROW = ("rows = 2, columns = 2", "rows = 1, columns = 2")
SOFT = ('softmax = "hard"', 'softmax = "base 2"')
TWO_LAYERS = (
    "[check]",
    '[[circuit.heads]]\nlayer = 2\nW_QK = "0 0; 0 0"\nW_OV = "0 0; 0 0"\n\n[check]',
)


def of_head(name: str) -> tuple[str, str]:
    return "back = 1", f'back = 1\nhead = "{name}"'


@pytest.mark.parametrize(
    ("slug", "changes", "free"),
    [
        # beside numbers that do not grow with it
        ("copying-head", [ONE_ROW, ("answer W_OV", "answer W_OV; 0 1")], False),
        ("copying-head", [ONE_ROW, ("answer W_OV", "answer W_OV; 0 0")], True),
        # a head of layer 1 sharpens what layer 2 reads, if its softmax is soft
        ("previous-position", [TWO_LAYERS, SOFT, of_head("2.1")], False),
        ("previous-position", [TWO_LAYERS, SOFT, of_head("1.1")], True),
        ("previous-position", [TWO_LAYERS, of_head("2.1")], True),
    ],
)  # fmt: skip
def test_multiples_are_free_where_all_that_decides_grows_with_the_answer(
    tmp_path: Path, slug: str, changes: list[tuple[str, str]], free: bool
) -> None:
    found = exercises.load(1, written(tmp_path, slug, *changes))
    assert allows_multiples(found.key().check) is free  # type: ignore[arg-type] # a check of a circuit


def test_tokens_may_be_braces() -> None:
    """They are no places of a sentence that are to be filled."""
    model = circuit("induction-compact").model
    (back,), (ask,) = model.layers
    asked = MatricesAnswer((NamedMatrix("W_QK", 4, 4),))
    table = {
        "vocabulary": "<s> { } {x} d", "softmax": "hard",
        "W_E": model.W_E, "W_U": model.W_U, "W_pos": model.W_pos,
        "heads": [
            {"layer": 1, "W_QK": back.W_QK, "W_OV": back.W_OV},
            {"layer": 2, "W_QK": "answer W_QK", "W_OV": ask.W_OV},
        ],
    }  # fmt: skip
    check = Induces(frame_of(FileTable("x.toml", table), asked), 4, ("<s>",))
    itself, right = (
        decide(check, NamedMatrices((("W_QK", parse_matrix(text)),))).feedback.happened
        for text in ("1 0 0 0; 0 1 0 0; 0 0 0 0; 0 0 0 0", ASK)
    )
    assert "<s> { } {: } followed, and { is predicted" in said(itself, ASCII)
    assert said(right, ASCII).endswith("the smallest lead is 1, at { } {.")


def test_the_model_around_an_answer_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[object] = []
    whole = CircuitFrame.model
    monkeypatch.setattr(
        CircuitFrame, "model", lambda frame, answer: built.append(frame) or whole(frame, answer)
    )
    asked = MatricesAnswer((NamedMatrix("W_OV", 2, 2),))
    table = {
        "vocabulary": "a b", "softmax": "hard", "W_E": "1 0; 0 1", "W_U": "1 0; 0 1",
        "heads": [{"layer": 1, "W_QK": "0 0; 0 0", "W_OV": "answer W_OV"}],
    }  # fmt: skip
    around = Surroundings(asked, frame_of(FileTable("x.toml", table), asked))
    built.clear()
    assert around.tokens("a b", "tokens") == ("a", "b")
    assert (around.head(None), around.token("b", "row")) == ((1, 1), "b")
    assert len(built) == 1
