"""What people type is read to the right value or refused with the right code.

The texts lie in tests/data, written by tests/oracles/make_corpus.py, which shares nothing with the
reader. Their values are built here by a small evaluator of its own, never by the reader.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from operator import add, mul, sub, truediv
from pathlib import Path
from typing import Any

import mpmath
import pytest
import sympy

from handcalc import InputError, equal, parse_input, parse_matrix, parse_scalar, parse_vector
from handcalc.numbers.exact import join_text

HERE = Path(__file__).resolve().parent
ACCEPTED: list[dict[str, Any]] = json.loads((HERE / "data/accepted.json").read_text("ascii"))
REFUSED: list[dict[str, Any]] = json.loads((HERE / "data/refused.json").read_text("ascii"))
PATIENCE = 120  # seconds of the processor, after which a call that never ends is given up

DOORS: dict[str, Callable[..., Any]] = {
    "scalar": parse_scalar,
    "vector": parse_vector,
    "matrix": parse_matrix,
    "input": parse_input,
}
LENGTH_NAMES = {"vector": "length", "input": "features"}
FUNCTIONS = {"sqrt": sympy.sqrt, "cos": sympy.cos, "sin": sympy.sin}
OPERATIONS = {"+": add, "-": sub, "*": mul, "/": truediv}


@pytest.fixture(autouse=True)
def _no_call_runs_for_ever() -> Iterator[None]:
    """Where the system has alarms, a call that hangs fails its own test and no other."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def give_up(*_: object) -> None:
        pytest.fail(f"no answer in {PATIENCE} s")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def whole_text(text: str | list[Any]) -> str:
    """A stored text, with its repetitions written out."""
    parts = [text] if isinstance(text, str) else text
    return "".join(
        part if isinstance(part, str) else part["repeat"][0] * part["repeat"][1] for part in parts
    )


def shape(entry: dict[str, Any]) -> dict[str, int]:
    """The shape asked for, by the names that the door uses."""
    names = {"rows": "rows", "columns": "columns", "length": LENGTH_NAMES.get(entry["door"], "")}
    return {names[key]: entry[key] for key in names if key in entry}


def label(entry: dict[str, Any]) -> str:
    """The id and the beginning of the text, in ASCII."""
    text = entry["text"] if isinstance(entry["text"], str) else json.dumps(entry["text"])
    return f"{entry['id']} {text[:40]!a}"


# ── values in plain notation ────────────────────────────────────────────────────────────────────


def plain(text: str) -> sympy.Expr:
    """The sympy number of a text in plain notation: the last operation splits it in two."""
    text = text.strip()
    if text.isdigit():
        return sympy.Integer(int(text))
    if text == "pi":
        return sympy.pi
    for signs in ("+-", "*/"):
        place = last_outside(text, signs)
        if place is not None:
            first, second = plain(text[:place]), plain(text[place + 1 :])
            return OPERATIONS[text[place]](first, second)
    if text.startswith("-"):
        return -plain(text[1:])
    name, inner = text[:-1].split("(", 1)
    return FUNCTIONS[name](plain(inner)) if name else plain(inner)


def last_outside(text: str, signs: str) -> int | None:
    """The place of the last such sign that stands between two operands, outside parentheses."""
    depth = 0
    for place in range(len(text) - 1, 0, -1):
        depth += (text[place] == ")") - (text[place] == "(")
        between = text[:place].rstrip()[-1:] not in ("", *"+-*/(")
        if depth == 0 and text[place] in signs and between:
            return place
    return None


def cells(value: Any) -> list[str]:
    """The cells of a stored value in reading order."""
    if isinstance(value, str):
        return [value]
    return [cell for part in value for cell in cells(part)]


def leaves(value: Any) -> list[Any]:
    """The numbers of what was read, in reading order."""
    return (
        [leaf for part in value for leaf in leaves(part)] if isinstance(value, tuple) else [value]
    )


def layout(value: Any) -> list[int]:
    """The length of each row, or of the one vector; nothing for a single number."""
    if isinstance(value, str | sympy.Basic):
        return []
    return [len(row) if isinstance(row, list | tuple) else -1 for row in value]


def agrees(found: Any, cell: str) -> bool:
    if re.fullmatch(r"x\d+", cell):
        return bool(isinstance(found, sympy.Symbol) and found.name == cell)
    return equal(found, plain(cell))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-1/2", sympy.Rational(-1, 2)),
        ("1/4 - sqrt(5)/4 - 1", sympy.Rational(-3, 4) - sympy.sqrt(5) / 4),
        ("sqrt(2 + sqrt(2))", sympy.sqrt(2 + sympy.sqrt(2))),
        ("-(1 - 2*3)", sympy.Integer(5)),
        ("cos(-2*pi/7)", sympy.cos(2 * sympy.pi / 7)),
    ],
)
def test_plain_notation_is_evaluated(text: str, value: sympy.Expr) -> None:
    assert plain(text) == value


# ── the texts ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("entry", ACCEPTED, ids=label)
def test_an_accepted_text_has_its_value(entry: dict[str, Any]) -> None:
    text = whole_text(entry["text"])
    door = DOORS[entry["door"]]
    for asked in (shape(entry), {}):
        found = door(text, **asked)
        assert layout(found) == layout(entry["value"])
        for number, cell in zip(leaves(found), cells(entry["value"]), strict=True):
            assert agrees(number, cell), f"{text!r} has {cell}, but {number} was read"


@pytest.mark.parametrize("entry", REFUSED, ids=label)
def test_a_refused_text_has_its_code(entry: dict[str, Any]) -> None:
    text = whole_text(entry["text"])
    door, asked = DOORS[entry["door"]], shape(entry)
    with pytest.raises(InputError, match=r"\w") as caught:
        door(text, **asked)
    error = caught.value
    assert error.code in entry["code"].split("|"), error.message
    assert error.message.strip()
    assert_inside(error, text)
    assert error.row == entry.get("row", error.row)
    assert error.column == entry.get("column", error.column)


def assert_inside(error: InputError, text: str) -> None:
    """Row and column are both missing, or a place in the text or just behind a line of it."""
    if error.row is None or error.column is None:
        assert error.row is None
        assert error.column is None
        return
    lines = re.split(r"\r\n|\r|\n", text)
    assert 1 <= error.row <= len(lines)
    assert 1 <= error.column <= len(lines[error.row - 1]) + 1


@pytest.mark.parametrize(
    "entry", [entry for entry in REFUSED if entry["code"] == "invisible_character"], ids=label
)
def test_what_cannot_be_seen_is_named(entry: dict[str, Any]) -> None:
    text = whole_text(entry["text"])
    line = text.split("\n")[entry["row"] - 1]
    with pytest.raises(InputError, match=rf"U\+{ord(line[entry['column'] - 1]):04X}"):
        DOORS[entry["door"]](text, **shape(entry))


@pytest.mark.parametrize("entry", ACCEPTED, ids=label)
def test_the_echo_of_an_accepted_text_reads_back(entry: dict[str, Any]) -> None:
    found = DOORS[entry["door"]](whole_text(entry["text"]), **shape(entry))
    for number in leaves(found):
        if not isinstance(number, sympy.Symbol):
            assert equal(parse_scalar(join_text((number,))), number), join_text((number,))


# ── random expressions ──────────────────────────────────────────────────────────────────────────


def random_expressions() -> list[dict[str, str]]:
    """Random texts with their values to 60 digits, from a program of its own."""
    script = HERE / "oracles" / "random_expressions.py"
    words = [sys.executable, str(script), "--expressions", "400", "--seed", "7"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def near(found: sympy.Expr, decimals: str) -> bool:
    """Whether two numbers agree to 45 digits, after the decimal point for the small ones."""
    context = mpmath.MPContext()
    context.dps = 70
    value, stored = context.mpf(str(sympy.N(found, 60))), context.mpf(decimals)
    return bool(abs(value - stored) <= context.mpf(10) ** -45 * (1 + abs(stored)))


def read_or_none(text: str) -> sympy.Expr | None:
    """The number, or None where it is too complicated or too large to be taken."""
    try:
        return parse_scalar(text)
    except InputError as error:
        if error.code not in {"too_complicated", "too_large"}:
            raise
        return None


def test_random_expressions_have_their_values_and_read_back() -> None:
    expressions = random_expressions()
    found = [(entry, read_or_none(entry["text"])) for entry in expressions]
    taken = [(entry, number) for entry, number in found if number is not None]
    for entry, number in taken:
        assert near(number, entry["value"]), f"{entry['text']} was read as {number}"
        echo = join_text((number,))
        assert equal(parse_scalar(echo), number), f"{entry['text']} echoes as {echo}"
    assert len(expressions) == 400
    assert len(taken) >= 340


# ── hard numbers ────────────────────────────────────────────────────────────────────────────────

NEAR_FACTORS = (10**19 + 33) * (10**19 + 51)
HARD = [
    f"sqrt({NEAR_FACTORS})",
    f"sqrt(1/{NEAR_FACTORS})",
    "sqrt(2^64*3^64*5^60)",
    "1/cos(pi/59)",
    "(cos(pi/59))^64",
    "1/(1+cos(pi/60))^10",
    "(sqrt(3-cos(pi/59)))^5",
    "1/sqrt(7/3-cos(pi/59))",
    "1/sqrt(cos(pi/59)+1/2)",
    "(sqrt(1/cos(pi/59)))^5",
    "5+sqrt(1/(6+sqrt(cos(pi/60))))",
    "sqrt(1/sqrt(cos(pi/60)+123456789))",
    "1/sqrt(sqrt(sqrt(2)-cos(pi/60))^5)",
    "1/sqrt(3+1/sqrt(3+1/sqrt(3+1/sqrt(3+1/sqrt(2)))))",
    "sqrt(1/(cos(2*pi/7)*sin(pi/8)+1/sqrt(2)))^10",
    "sqrt(1/3^4)+(1/99+sqrt(sin(pi/8)+cos(2*pi/7)))^10",
    "(cos(pi/7)+cos(2*pi/7)*√2)^40",
    "sqrt(5)-1sqrt(5)-1/sqrt(4sqrt(5)-1/sqrt(4sqrt(5)-1/sqrt(4sqrt(5)-1/sqrt(4))))",
]


@pytest.mark.parametrize("text", HARD, ids=lambda text: text[:60])
def test_a_hard_number_is_read_or_refused(text: str) -> None:
    """It comes to an end, within the patience above; test_parsing_limits.py counts the work."""
    with suppress(InputError):
        assert parse_scalar(text) is not None


# ── the corpus itself ───────────────────────────────────────────────────────────────────────────

CODES = (
    "empty too_long cell_too_long too_deep too_many_tokens too_many_digits exponent_too_large "
    "power_too_large too_large too_complicated unknown_name unknown_call attribute quoted boolean "
    "hexadecimal underscore nan infinite division_by_zero negative_root decimal_comma factorial "
    "ragged wrong_shape transposed ambiguous_minus ambiguous invisible_character unbalanced "
    "missing comparison percent imaginary angle unexpected"
)


def test_there_are_enough_texts_of_every_kind() -> None:
    formats = Counter(entry["format"].split("/")[0] for entry in ACCEPTED)
    refusals = Counter(entry["refusal"] for entry in REFUSED)
    for title, table in (("accepted", formats), ("refused", refusals)):
        print(f"\n{title}: {sum(table.values())}")
        print("\n".join(f"  {name:<24}{count:>4}" for name, count in sorted(table.items())))
    assert sum(formats.values()) >= 150
    assert sum(refusals.values()) >= 150
    assert {code: refusals[code] for code in CODES.split() if refusals[code] < 3} == {}


def test_the_files_are_what_the_script_writes() -> None:
    script = HERE / "oracles" / "make_corpus.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "script", sorted((HERE / "oracles").glob("*.py")), ids=lambda path: path.name
)
def test_no_oracle_imports_what_it_judges(script: Path) -> None:
    source = script.read_text(encoding="utf-8")
    assert not re.search(r"^\s*(?:import|from)\s+handcalc", source, flags=re.MULTILINE)
