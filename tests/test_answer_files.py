"""Answers in files, as people write them: read as they are meant, or refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from exercises.answers import answer_parts
from exercises.exercise import ChoiceAnswer, IntervalAnswer, ModelAnswer, NumberAnswer
from handcalc.errors import InputError
from handcalc.parsing import parse_matrix, parse_vector
from handcalc.parsing.named_texts import named_texts
from tests.cli_runs import Shell
from tests.practice_runs import records

ASKED = ModelAnswer(3, 2, "relu")
W, B = parse_matrix("1 0; 0 1; 0 0"), parse_vector("0 0 1/4")

READ = {
    "comments": "# Ada, exercise 1\nW = 1 0; 0 1; 0 0  # rows\n# W = 1 1; 1 1; 1 1\n"
    "b = 0 0 1/4 # b",
    "MATLAB": "% Ada\nclear\nW = [1 0; 0 1; 0 0]; % rows\nb = [0 0 1/4];\n",
    "C++": "// Ada\nW = 1 0; 0 1; 0 0 // rows\nb = 0 0 1/4",
    "a Markdown page": "# Exercise 1\n\nMy answer:\n\n```text\nW = 1 0; 0 1; 0 0\nb = 0 0 1/4\n"
    "```\nAda\n",
    "two fences": "~~~\nW = 1 0; 0 1; 0 0\n~~~\nand\n~~~\nb = 0 0 1/4\n~~~",
    "a fence left open": "```\nW = 1 0; 0 1; 0 0\nb = 0 0 1/4",
    "an HTML comment": "<!-- W = 2 2;\n2 2 -->\nW = 1 0; 0 1; 0 0\nb = 0 0 1/4",
    "Markdown's letters": "- **W** = 1 0; 0 1; 0 0\n- **b** = 0 0 1/4",
    "a numbered list": "1. W = 1 0; 0 1; 0 0\n2. b = 0 0 1/4",
    "a quoted mail": "> W = 1 0; 0 1; 0 0\n> b = 0 0 1/4",
    "JavaScript": "const W = [[1,0],[0,1],[0,0]];\nconst b = [0,0,0.25];",
    "blanks of a web page": "W\u00a0=\u00a01 0; 0 1; 0 0\nb\uff1d0 0 1/4",
    "other letters": "w = 1 0; 0 1; 0 0\nB = 0 0 1/4\n",
    "one line, comma": "W = 1 0; 0 1; 0 0, b = 0 0 1/4",
    "one line, semicolon": "W=1 0;0 1;0 0;b=0 0 1/4",
    "one line, MATLAB": "W = [1 0; 0 1; 0 0]; b = [0 0 1/4];",
    "one line, and": "W = 1 0; 0 1; 0 0 and b = 0 0 1/4",
    "b first": "b = 0, 0, 1/4, W = [[1, 0], [0, 1], [0, 0]]",
    "JSON": '{"W": [[1, 0], [0, 1], [0, 0]], "b": [0, 0, 0.25]}',
    "JSON of texts": '{\n  "W": "1 0; 0 1; 0 0",\n  "b": "0 0 1/4"\n}\n',
    "JSON, an answer": '{"answer": {"b": ["0", "0", "1/4"], "W": "1 0\\n0 1\\n0 0"}}',
    "JSON with comments": '{\n // Ada\n "W": [[1,0],[0,1],[0,0]], // rows\n "b": [0,0,0.25],\n}',
    "Python, a dict": "{'W': [[1, 0], [0, 1], [0, 0]], 'b': [0, 0, 1/4]}",
    "Python, a name": "answer = dict(W=[[1, 0], [0, 1], [0, 0]], b=[0, 0, 1/4])\n",
    "Python, code": "import numpy as np\n\nW = np.array([[1, 0],\n              [0, 1],\n"
    "              [0, 0]])\n"
    "b = np.array([0, 0, 1/4])  # exact\n",
    "Python, strings": 'W = """\n1 0\n0 1\n0 0\n"""\nb = "0 0 1/4"\n',
    "Python, a session": ">>> W = [[1, 0], [0, 1], [0, 0]]\n>>> b = [0, 0, 1/4]\n",
    "torch": "OrderedDict([('W', tensor([[1., 0.],\n        [0., 1.],\n        [0., 0.]])), "
    "('b', tensor([0.0000, 0.0000, 0.2500]))])",
    "torch, notebook": "Out[5]: OrderedDict([('b', tensor([0., 0., 0.25])),\n"
    "             ('W', tensor([[1., 0.], [0., 1.], [0., 0.]], requires_grad=True))])",
    "torch, newer": "OrderedDict({'W': tensor([[1., 0.], [0., 1.], [0., 0.]]), "
    "'b': tensor([0., 0., 0.25])})",
    "YAML, flow": "---\nW: [[1, 0], [0, 1], [0, 0]]\nb: [0, 0, 0.25]\n",
    "YAML, text": "answer:\n  W: |\n    1 0\n    0 1\n    0 0\n  b: 0 0 1/4\n",
    "TOML": "# Ada\nW = [\n  [1, 0],\n  [0, 1],\n  [0, 0],\n]\nb = [0, 0, 0.25]\n",
    "Octave": "W =\n\n   1   0\n   0   1\n   0   0\n\nb =\n\n        0        0   0.2500\n\n",
    "LaTeX": "$\\mathbf{W} = \\begin{pmatrix}1 & 0 \\\\ 0 & 1 \\\\ 0 & 0\\end{pmatrix}, \\quad "
    "\\boldsymbol{b} = \\begin{pmatrix} 0 \\\\ 0 \\\\ \\frac14\\end{pmatrix}$",
    "LaTeX, aligned": "\\begin{align*}\nW &= \\begin{pmatrix}1 & 0 \\\\ 0 & 1 \\\\ 0 & 0"
    "\\end{pmatrix} \\\\\n"
    "b &= \\begin{pmatrix} 0 & 0 & 1/4\\end{pmatrix}\n\\end{align*}",
    "a picture": "    ⎡ 1   0 ⎤   feature 1\nW = ⎢ 0   1 ⎥   feature 2\n"
    "    ⎣ 0   0 ⎦   feature 3\nb = (0, 0, 1/4)",
    "a picture in ASCII": "    [1 0]\nW = [0 1]\n    [0 0]\nb = 0 0 1/4",
    "SymPy": "    ⎡1  0⎤\n    ⎢    ⎥\nW = ⎢0  1⎥\n    ⎢    ⎥\n    ⎣0  0⎦\n\nb = 0 0 1/4",
    "a session that goes on": ">>> W = [[1, 0], [0, 1],\n...      [0, 0]]\n>>> b = [0, 0, 1/4]\n",
    "Windows": "\ufeffW =\r\n1 0\r\n0 1\r\n0 0\r\n\r\nb: 0, 0, 1/4\r\n",
}

REFUSED = {
    "two W": ("W = 1 0; 0 1; 0 0\nw = 1 0; 0 1; 0 0", "W = … stands twice in it"),
    "two W in JSON": ('{"W": "1 0", "w": "1 0"}', "W = … stands twice in it"),
    "three b": ("W = 1 0\nb = 0\nb = 0\nb = 0", "b = … stands 3 times in it"),
    "no W": ("b = 0 0 1/4", "there is no W = … in it"),
    "a name": ("Ada Lovelace\nW = 1 0; 0 1; 0 0", "it must begin with W = … or b = …"),
    "a named name": ("Name: Ada\nW = 1 0; 0 1; 0 0", "Name = … in line 1 is neither. Leave out"),
    "another name": ("W = 1 0; 0 1; 0 0\nc = 0 0 1/4", "c = … in line 2 is neither"),
    "another in JSON": ('{"W": "1 0; 0 1; 0 0", "bias": [0]}', "bias = … in line 1 is neither"),
    "transposed": ("Wᵀ = 1 0 0; 0 1 0\nb = 0", "Wᵀ = … in line 1 is W transposed"),
    "transposed, LaTeX": ("W^\\top = 1 0 0; 0 1 0", "is W transposed"),
    "transposed, MATLAB": ("W' = 1 0 0; 0 1 0", "W' = … in line 1 is W transposed"),
    "row by row": ("W(1,:) = [1 0]\nW(2,:) = [0 1]", "W(1,:) = … in line 1 is neither"),
    "twice equal": ("W == 1 0; 0 1; 0 0", "one equals sign is enough"),
    "no name in braces": ('{"W": [[1, 0]], 7}', "every value has a name"),
    "an element": ("W = 1 0; 0 1; 0 0\nW[2, 1] = -1", "W[2, 1] = … in line 2 is neither"),
    "an element, one line": ("W = [1 0; 0 1; 0 0]; W(3,2) = 1", "W(3,2) = … in line 1 is neither"),
    "two times W": ("2 W = 1 0; 0 1; 0 0", "it must begin with W = … or b = …"),
    "a word on its line": ("b = 0\nnot W = 1 0; 0 1; 0 0", '"not" stands before W ='),
    "rounded": ("W ≈ 0.5 0; 0 1; 0 0", "W ≈ says that the numbers are rounded"),
    "numbers beside a fence": ("W = 1 0\n```\nW = 0 1; 0 0\n```", "beside the fenced block"),
    "beside a fence": ("W = 1 0\n```\nb = 0\n```", "stands beside the fenced block"),
}


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_a_model_is_read(text: str) -> None:
    parts = answer_parts(text, ASKED)
    assert parse_matrix(parts["W"], 3, 2) == W
    assert parse_vector(parts["b"], 3) == B


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_model_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=r"line|it") as refused:
        answer_parts(text, ASKED)
    assert said in refused.value.message
    assert refused.value.code == "not_an_answer"
    assert refused.value.suggestion == "W = 1 1; 0 2; 0 0\nb = 0 0 0"


@pytest.mark.parametrize(
    "text",
    [
        "W = 1 0\n...\n0 1\n0 0\nb = 0 0 1/4",
        "W = [[1 0]\n ...\n [0 0]]\nb = 0 0 1/4",
        "W = [1 0]\n    [0 1]\n0 0\nb = 0 0 1/4",
        "W = 1 0; 0 1; 0 0\nb = 0 0 1/4\nThanks, Ada",
        "W = [1 0; 0 1; 0 0\nb = 0 0 1/4",
        "W =",
    ],
)
def test_what_remains_over_is_refused_by_the_reader(text: str) -> None:
    parts = answer_parts(text, ASKED)
    with pytest.raises(InputError, match=r"\."):
        (parse_matrix(parts["W"], 3, 2), parse_vector(parts["b"], 3))


NUMBERS = [
    "1/12",
    "# Ada\n1/12",
    "answer = 1/12",
    '{"answer": "1/12"}',
    "L: 1/12 % mine",
    "```\n1/12\n```",
]


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_read(text: str) -> None:
    parts = answer_parts(text, NumberAnswer("L"))
    assert parts["answer"].strip() == "1/12"


def test_percent_and_strokes_behind_numbers_are_no_comments() -> None:
    for text in ("50 %", "50 % 25 %", "1 // 2"):
        assert answer_parts(text, NumberAnswer("L")) == {"answer": text}


@pytest.mark.parametrize("text", ["W = 1/12", "b = 1/12", "L = 1/12\nM = 2", "1/12\nL = 3"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no part of it"):
        answer_parts(text, NumberAnswer("L"))


def test_b_is_an_answer_where_it_is_asked_for() -> None:
    assert answer_parts("b = 1 2", IntervalAnswer("b"))["answer"].strip() == "1 2"
    asked = ChoiceAnswer(("Yes.", "No."), ("It is.",))
    for text in ("b: 1", "answer: b 1", "# Ada\nb 1"):
        assert answer_parts(text, asked)["answer"].strip() in ("b: 1", "b 1")


def test_an_error_has_its_place_in_the_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "a.txt"
    file.write_text("# Ada\nW = [1 0; 0 1; 0 0]; b = 0 0 1!\n", encoding="utf-16")
    done = Shell(capsys)("exercise", "1", f"--file={file}", "--json")
    error = done.json()["error"]
    assert (done.code, error["row"], error["column"]) == (3, 2, 31)
    assert error["option"] == f"b in --file={file}"


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_no_attempt_is_used(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "a.txt"
    file.write_text(text, encoding="utf-8")
    done = Shell(capsys)("exercise", "1", f"--file={file}", "--json")
    assert done.code == 3
    assert said in done.json()["error"]["message"]
    assert records() == {}


@pytest.mark.parametrize("text", ["a = 1\n" * 9_000, "a = 1, " * 9_000, "W = [1]\n" * 9_000])
def test_a_file_of_names_alone_is_refused_before_it_is_taken_apart(text: str) -> None:
    with pytest.raises(InputError, match="there are too many names"):
        named_texts(text)
    members = ", ".join(f'"k{k}": 1' for k in range(9_000))
    with pytest.raises(InputError, match="one item more than 100 stands between braces"):
        named_texts("{" + members + "}")
