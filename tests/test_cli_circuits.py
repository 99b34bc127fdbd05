"""``handcalc circuit``: what it answers, draws, writes and refuses."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len
from safetensors.numpy import save_file

import handcalc
from handcalc.cli.names import CIRCUITS
from tests.cli_runs import ROOT, Shell, outside
from tests.test_readme import Block, answer, blocks, tidy, transcript

OWN = ("--W_E=1 0; 0 1; 1 1", "--W_U=1 0 0; 0 1 0")
HEAD = "--head=1: W_Q=1; 1; W_K=1; 0; W_V=1; 2; W_O=1 -1"


# -- the named ones --------------------------------------------------------------------------------


def test_the_names_that_complete_are_the_circuits(shell: Shell) -> None:
    assert tuple(found.name for found in handcalc.circuits()) == CIRCUITS
    listed = shell("circuit", "--json").json()["circuits"]
    assert [each["name"] for each in listed] == list(CIRCUITS)
    assert all(name in shell("circuit").out for name in CIRCUITS)


@pytest.mark.parametrize("name", CIRCUITS)
def test_a_page_can_be_read_alone(shell: Shell, name: str) -> None:
    done = shell("circuit", name)
    assert (done.code, done.err) == (0, "")
    assert max(map(cell_len, done.out.splitlines())) <= 80
    for part in ("The model", "Head 1.1" if name not in CIRCUITS[:2] else "W_E", "A sentence"):
        assert part in done.out
    for part in ("Logits, and the next token", "step by step", "What is gained", "What fails"):
        assert part in done.out


@pytest.mark.slow
@pytest.mark.parametrize("columns", ["40", "300"])
@pytest.mark.parametrize("name", ["induction-compact", "skip-trigram-mended"])
def test_a_page_fits_terminals_of_any_width(name: str, columns: str) -> None:
    done = outside("circuit", name, env={"COLUMNS": columns, "NO_COLOR": "1"})
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0
    assert max(map(cell_len, lines)) <= int(columns)
    assert b"\x1b" not in done.stdout


@pytest.mark.slow
def test_ascii_has_a_stand_in_for_everything() -> None:
    plain = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for name in ("induction", "induction-compact", "zero-layer"):
        done = outside("circuit", name, env=plain)
        assert done.stdout.isascii()
        assert b"<U+" not in done.stdout


def test_the_sentence_is_worked_as_json_says(shell: Shell) -> None:
    found = shell("circuit", "induction", "--tokens=a b c a", "--json").json()
    assert (found["vocabulary"], found["tokens"]) == (list("abcd"), list("abca"))
    assert len(found["residual"]) == 3
    assert [len(layer) for layer in found["layers"]] == [1, 1]
    assert set(found["layers"][0][0]) == {"scores", "pattern", "output"}
    assert found["layers"][1][0]["pattern"][3] == ["0", "1", "0", "0"]
    assert found["logits"][3] == ["1", "2", "0", "0"]
    assert found["predictions"][3] == ["b"]


def test_paths_sum_to_the_logits(shell: Shell) -> None:
    found = shell("circuit", "skip-trigram", "--terms", "--json").json()
    assert [term["path"] for term in found["terms"]] == ["direct", "1.1"]
    sums = [
        [str(sum(map(handcalc.parse_scalar, cells))) for cells in zip(*rows, strict=True)]
        for rows in zip(*(term["logits"] for term in found["terms"]), strict=True)
    ]
    assert sums == found["logits"]
    assert "The path expansion" in shell("circuit", "skip-trigram", "--terms").out


def test_a_proof_is_counted_as_in_the_reference(shell: Shell) -> None:
    found = shell("circuit", "induction", "--prove=4", "--json").json()["proved"]
    assert (found["up_to"], found["sequences"], found["failures"]) == (4, 4 + 28 + 124, 0)
    assert (found["margin"], found["counterexample"]) == ("1", None)
    assert "Proved: 156 sequences" in shell("circuit", "induction", "--prove=4").out


def test_columns_are_the_papers_form(shell: Shell) -> None:
    rows = shell("circuit", *OWN, HEAD).out
    columns = shell("circuit", *OWN, HEAD, "--columns").out
    assert "W_U = ⎡ 1   0   0 ⎤" in rows
    assert "W_U = ⎢ 0   1 ⎥" in columns
    assert "rows current, columns next" in rows
    assert "rows next, columns current" in columns


# -- one's own -------------------------------------------------------------------------------------


def test_a_model_is_typed(shell: Shell) -> None:
    found = shell("circuit", *OWN, HEAD, "--tokens=abc", "--json").json()
    assert found["layers"][0][0]["pattern"] == [
        ["1", "0", "0"],
        ["2/3", "1/3", "0"],
        ["4/9", "1/9", "4/9"],
    ]
    tables = shell("circuit", *OWN, HEAD, "--json").json()["tables"]
    assert next(table["name"] for table in tables) == "W_E W_U"


def test_heads_are_typed_one_after_another(shell: Shell) -> None:
    heads = (HEAD, HEAD, HEAD.replace("1:", "2:", 1))
    found = shell("circuit", *OWN, *heads, "--tokens=abc", "--json").json()
    assert [len(layer) for layer in found["layers"]] == [2, 1]


TOML = """\
vocabulary = "a b <s>"
W_E = "1 0; 0 1; 1 1"
W_U = [[1, 0, 0.5], [0, "1", 0]]
[[heads]]
layer = 1
W_Q = "1; 1"
W_K = "1; 0"
W_V = "1; 2"
W_O = "1 -1"
"""


def test_a_model_is_read_from_toml_and_json(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(TOML, encoding="utf-8")
    head = {"W_Q": "1; 1", "W_K": "1; 0", "W_V": "1; 2", "W_O": "1 -1"}
    content = {"W_E": "1 0; 0 1; 1 1", "W_U": [[1, 0, 0.5], [0, 1, 0]], "layers": [[head]]}
    content["vocabulary"] = ["a", "b", "<s>"]
    (tmp_path / "own.json").write_text(json.dumps(content), encoding="utf-8")
    answers = [
        shell("circuit", f"--file={tmp_path / name}", "--tokens=a b <s>", "--json").json()
        for name in ("own.toml", "own.json")
    ]
    assert answers[0] == answers[1]
    assert answers[0]["logits"][2] == ["3", "-1", "3/2"]


def arrays(**more: Any) -> dict[str, Any]:
    generator = np.random.default_rng(0)

    def whole(*shape: int) -> Any:
        return generator.integers(-2, 3, shape).astype("f4")

    found = {"embed.W_E": whole(3, 4), "unembed.W_U": whole(4, 3), "pos_embed.W_pos": whole(5, 4)}
    for name in ("W_Q", "W_K", "W_V"):
        found[f"blocks.0.attn.{name}"] = whole(2, 4, 4)
    found["blocks.0.attn.W_O"] = whole(2, 4, 4)
    found["blocks.0.attn.b_Q"] = np.zeros((2, 4), "f4")
    found["blocks.0.attn.mask"] = np.ones((5, 5), bool)
    return found | more


def test_a_model_is_read_under_the_names_of_transformerlens(shell: Shell, tmp_path: Path) -> None:
    """Scores are over √d_head and softmax is exp there: exactly, and near what floats say."""
    held = arrays()
    file = tmp_path / "model.safetensors"
    save_file(held, file)
    found = shell("circuit", f"--file={file}", "--tokens=abca", "--json").json()
    assert found["softmax"] == "exp"
    tokens = [0, 1, 2, 0]
    x = held["embed.W_E"][tokens].astype(float) + held["pos_embed.W_pos"][:4]
    written = x.copy()
    for h in range(2):
        W_Q, W_K, W_V, W_O = (held[f"blocks.0.attn.W_{n}"][h].astype(float) for n in "QKVO")
        scores = np.where(np.tri(4), (x @ W_Q) @ (x @ W_K).T / 2, -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        written += weights / weights.sum(axis=1, keepdims=True) @ x @ W_V @ W_O
    logits = written @ held["unembed.W_U"]
    shown = [[number(cell) for cell in row] for row in found["logits"]]
    assert np.allclose(shown, logits)


def number(cell: Any) -> float:
    """A number as JSON has it, checked against its own terms."""
    if isinstance(cell, str):
        return float(handcalc.parse_scalar(cell))
    assert set(cell) == {"exponentials", "over", "base", "value"}
    base = np.e if cell["base"] == "e" else float(handcalc.parse_scalar(cell["base"]))

    def total(terms: Any) -> float:
        return sum(number(a) * base ** number(x) for a, x in terms)

    assert np.isclose(total(cell["exponentials"]) / total(cell["over"]), cell["value"])
    return float(cell["value"])


def test_a_model_in_a_file_is_worked_whenever_it_is_saved(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "model.toml"
    file.write_text(TOML, encoding="utf-8")
    edits, looks = [TOML, "W_E = oops", TOML.replace('"1 -1"', '"2 -2"')], iter(range(9))

    def edit(_: float) -> None:
        """Each stands for two looks, because a file is read once it has stood still."""
        if next(looks) % 2 == 0:
            if not edits:
                raise KeyboardInterrupt
            file.write_text(edits.pop(0), encoding="utf-8")

    monkeypatch.setattr("handcalc.cli.work.practice.sleep", edit)
    done = shell("circuit", f"--watch={file}", "--tokens=a b")
    assert done.code == 130
    assert done.out.count("Your model") == 2
    assert "It is no TOML" in done.out
    assert "W_O = [ 2   −2 ]" in done.out
    assert shell("circuit", "induction", f"--watch={file}").code == 2
    assert shell("circuit", f"--watch={file}", "--json").json()["error"]["code"] == "usage"


# -- what is refused -------------------------------------------------------------------------------

LN, MLP = np.ones(4, "f4"), np.ones((4, 8), "f4")
REFUSED = [
    (["induktion"], 2, "unknown_circuit", "handcalc circuit induction"),
    (["induction", "--tokens=a b x"], 3, "token", None),
    (["induction", "--tokens="], 3, "empty", None),
    (["induction", "--tokens=" + "a " * 41], 3, "too_long", None),
    (["induction-compact", "--prove=12"], 2, "too_long", "--prove=8"),
    (["induction", "--prove=9"], 2, "too_many", "--prove=8"),
    (["zero-layer", "--prove=30"], 2, "too_many", "--prove=10"),
    (["--tokens=a"], 2, "usage", "handcalc circuit induction"),
    (["copying", "--softmax=hard"], 2, "size", None),
    (["--W_E=1 0; 0 1"], 2, "usage", None),
    ([*OWN, "--head=W_Q=1"], 3, "head", None),
    ([*OWN, "--head=1: W_Q=1; 1"], 3, "head", None),
    ([*OWN, "--head=9: W_QK=1 0; 0 1; W_OV=1 0; 0 1"], 3, "layers", None),
    ([*OWN, "--head=1: W_QK=1 0; 0 1; W_OV=1 0 0; 0 1 0"], 3, "wrong_shape", None),
    ([*OWN, "--head=1: W_Q=1 1; W_K=1 0; W_V=1 2; W_O=1; -1"], 3, "transposed", None),
    ([*OWN, f"{HEAD[:-4]}1; -1"], 3, "transposed", HEAD.removeprefix("--head=")),
    (["--W_E=1 0; 0 1", "--W_U=1 0; 0 oops"], 3, "unknown_name", None),
    ([*OWN, "--softmax=base 4"], 3, "perfect_power", "base 2"),
    ([*OWN, "--vocabulary=a b"], 3, "vocabulary", None),
    ([*OWN, "--vocabulary=a b \x1b[2J"], 3, "vocabulary", None),
    (["induction", "--svg=/nowhere/x.svg"], 2, "unwritable_file", None),
    (["--file=nowhere.toml"], 2, "missing_file", None),
]


@pytest.mark.parametrize(("arguments", "code", "name", "suggestion"), REFUSED)
def test_a_refusal_says_what_must_hold(
    shell: Shell, arguments: list[str], code: int, name: str, suggestion: str | None
) -> None:
    done = shell("circuit", *arguments, "--json")
    found = done.json()
    assert (done.code, found["error"]["code"]) == (code, name), found["error"]
    assert suggestion is None or suggestion in (found["error"]["suggestion"] or "")
    text = shell("circuit", *arguments)
    assert "fault of handcalc" not in text.err
    assert "Traceback" not in text.err
    assert "\x1b[2J" not in text.err


FILES = [
    ("", "not_a_model"),
    ("{", "not_a_model"),
    ("[1, 2]", "not_a_model"),
    ("[" * 20_000, "not_a_model"),
    ('{"W_E": 1, "W_E": 2}', "not_a_model"),
    ("W_E = 3", "not_a_model"),
    ('W_E = "1"\nW_U = "1"\nwhat = 1', "not_a_model"),
    ('W_E = "1"\nW_U = "1"\nheads = 3', "layers"),
    ('W_E = "1"\nW_U = "1"\nlayers = [[1]]', "layers"),
    ('W_E = "1"\nW_U = "1"\nlayers = []\nheads = []', "layers"),
    ('W_E = "1"\nW_U = "1"\nheads = [{layer = true}]', "head"),
    ('W_E = "1"\nW_U = "1"\nheads = [{layer = -1}]', "head"),
    ('W_E = "1"\nW_U = "1"\nheads = [{layer = 1, W_QK = "1"}]', "head"),
    ('W_E = "1"\nW_U = "1"\nscale = 3', "scale"),
    ('W_E = "1"\nW_U = "1"\nsoftmax = 3', "softmax"),
    ('W_E = "1"\nW_U = "1"\nvocabulary = [""]', "vocabulary"),
    ('W_E = [[1], [2, 3]]\nW_U = "1"', None),
    ('W_E = {a = 1}\nW_U = "1"', None),
    ("W_E = nan\nW_U = inf", None),
]


@pytest.mark.parametrize(("text", "code"), FILES, ids=lambda value: str(value)[:30])
def test_a_hostile_file_is_told(shell: Shell, tmp_path: Path, text: str, code: str | None) -> None:
    file = tmp_path / "model"
    file.write_text(text, encoding="utf-8")
    done = shell("circuit", f"--file={file}", "--json")
    assert done.code in (2, 3)
    error = done.json()["error"]
    assert error["code"] == code or (code is None and error["code"] != "internal"), error
    assert error["message"].endswith((".", "?"))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"blocks.0.attn.b_Q": np.ones((2, 4), "f4")}, "bias"),
        ({"blocks.0.ln1.w": LN}, "layer_norm"),
        ({"blocks.0.mlp.W_in": MLP}, "mlp"),
        ({"blocks.2.attn.W_Q": np.ones((2, 4, 4), "f4")}, "layers"),
        ({"blocks.1.attn.W_Q": np.ones((2, 4, 4), "f4")}, "head"),
        ({"blocks.0.attn.W_Q": np.ones((4, 4), "f4")}, "wrong_shape"),
        ({"embed.W_E": np.ones((3, 4, 4), "f4")}, "wrong_shape"),
        ({"embed.W_E": np.full((3, 4), np.nan, "f4")}, "not_finite"),
        ({"other": LN}, "not_a_model"),
        ({"embed.W_E": np.ones((400, 400), "f4")}, "too_large"),
    ],
)
def test_arrays_that_are_no_such_model_are_told(
    shell: Shell, tmp_path: Path, more: dict[str, Any], code: str
) -> None:
    file = tmp_path / "model.safetensors"
    save_file(arrays(**more), file)
    done = shell("circuit", f"--file={file}", "--json")
    assert (done.code, done.json()["error"]["code"]) == (3, code)


# -- drawings -------------------------------------------------------------------------------------


def test_a_drawing_says_in_words_what_it_shows(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "induction.svg"
    assert shell("circuit", "induction", f"--svg={file}", "--json").json()["svg"] == str(file)
    root = ET.parse(file).getroot()  # noqa: S314  # our own file
    space = "{http://www.w3.org/2000/svg}"
    described = root.findtext(f"{space}desc") or ""
    assert "4 a attends to 2 b" in described
    assert described.endswith("The next token is b.")
    assert len(root.findall(f".//{space}rect[@class='cell']")) == 2 * 10
    texts = [each.text for each in root.iter(f"{space}text")]
    assert shell("circuit", *OWN, HEAD, f"--svg={file}").code == 0
    assert file.read_text(encoding="utf-8").count('class="cell"') == 3 * 9
    assert {"embed", "unembed", "head 1.1", "head 2.1"} <= set(texts)


# -- the page in docs ------------------------------------------------------------------------------

PAGE = (ROOT / "docs" / "circuits.md").read_text(encoding="utf-8")
CONSOLE = [block for block in blocks(PAGE) if block.language == "console"]


@pytest.mark.parametrize("block", CONSOLE, ids=lambda block: f"line-{block.line}")
def test_the_page_shows_what_commands_print(block: Block, tmp_path: Path) -> None:
    for command, output in transcript(block.body):
        assert tidy(answer(command, tmp_path)) == tidy(output), command


def test_the_file_that_the_page_shows_is_read(shell: Shell, tmp_path: Path) -> None:
    (text,) = (block.body for block in blocks(PAGE) if block.language == "toml")
    file = tmp_path / "model.toml"
    file.write_text(text, encoding="utf-8")
    found = shell("circuit", f"--file={file}", "--tokens=abc", "--json").json()
    assert found["logits"][2] == ["3", "-1", "0"]
