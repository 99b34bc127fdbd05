"""The reader on texts that nobody chose: Hypothesis makes them up."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from handcalc import InputError, equal, parse_input, parse_matrix, parse_scalar, parse_vector
from handcalc.numbers.exact import join_text, to_text
from handcalc.parsing.characters import is_visible, plain
from handcalc.parsing.grammar import parse_cell
from handcalc.parsing.limits import WorkBudget
from handcalc.parsing.table import Cell
from handcalc.parsing.tokens import tokenise
from handcalc.parsing.values import values

PIECES = (
    *("1", "2", "0", "3", "0.5", "1e-2", "½", "²", "√2", "√", "sqrt(", "cos(", "π", "°", "2π/3)"),
    *("+", "-", " - ", " -", "*", "/", "^", "·", " ", "\t", "\n", ",", ", ", ";", "&", "\\\\"),
    *("(", ")", "[", "]", "{", "}", "\\frac", "\\frac12", "\\sqrt", "\\begin{bmatrix}", "$"),
    *("\\end{bmatrix}", "W =", "x1", "array(", ", dtype=float)", '"', "'", "!", "%", "==", "i"),
    *("nan", "True", "a.b", ".", "...", "_", "0x1", "−", "\u200b", "\ufeff", "[1, 0]", "0,5"),
    *('{"W": ', "# a", "|", "0,5;1\n", "e-3", "cos 2", "f(", "Array(["),
)
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
DOORS = st.sampled_from(
    [
        (parse_scalar, ()),
        (parse_vector, ()),
        (parse_vector, (2,)),
        (parse_matrix, ()),
        (parse_matrix, (2, 1)),
        (parse_matrix, (2, 2)),
        (parse_input, (2,)),
    ]
)


@given(TEXTS, DOORS)
def test_any_text_is_read_or_refused_with_a_sentence(
    text: str, call: tuple[Callable[..., Any], tuple[int, ...]]
) -> None:
    door, asked = call
    error = error_of(door, text, *asked)
    if error is not None:
        assert error.message.endswith(".")
        assert all(is_visible(character) for character in error.message)
        assert (error.row is None) == (error.column is None)
        assert error.row is None or error.caret.endswith("^")
        if error.suggestion is not None:
            assert error_of(door, error.suggestion, *asked) is None


def error_of(door: Callable[..., Any], text: str, *asked: int) -> InputError | None:
    try:
        door(text, *asked)
    except InputError as error:
        return error
    return None


BREAK = r" \\ "
NUMBERS = st.sampled_from(
    ["1", "0", "-1/2", "0.25", "√2/2", "-√3", "2√5", "cos(2π/7)", "sin(π/5)", "(1+√5)/2", "1e-3"]
)
EXPRESSIONS = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map("({0[0]}){0[1]}({0[2]})".format),
        st.tuples(inner, st.sampled_from(["2", "-1", "3", "(1/2)"])).map("({0[0]})^{0[1]}".format),
        inner.map("√({})".format),
    ),
    max_leaves=4,
)


@given(EXPRESSIONS)
def test_the_echo_reads_back(text: str) -> None:
    try:
        value = parse_scalar(text)
    except InputError:
        return
    assert equal(parse_scalar(to_text(value)), value)


@given(st.lists(st.lists(EXPRESSIONS, min_size=2, max_size=2), min_size=1, max_size=3))
def test_the_echo_of_a_matrix_reads_back(cells: list[list[str]]) -> None:
    try:
        rows = parse_matrix("; ".join(", ".join(row) for row in cells))
    except InputError:
        return
    again = parse_matrix("; ".join(map(join_text, rows)), len(rows), 2)
    for before, after in zip(rows, again, strict=True):
        assert all(equal(a, b) for a, b in zip(before, after, strict=True))


@given(st.lists(st.lists(NUMBERS, min_size=3, max_size=3), min_size=2, max_size=2))
def test_every_layout_of_the_same_cells_is_the_same_matrix(cells: list[list[str]]) -> None:
    def joined(cell: str, row: str, template: str = "{}") -> str:
        return row.join(template.format(cell.join(line)) for line in cells)

    layouts = [
        joined(" ", "; "),
        joined(", ", "\n"),
        joined(",", ";"),
        joined("\t", "\r\n"),
        f"[{joined(', ', ', ', '[{}]')}]",
        f"[{joined(' ', chr(10) + ' ', '[{}]')}]",
        f"W = np.array([{joined(', ', ', ', '[{}]')}], dtype=float)",
        f"{{{joined(', ', ', ', '{{{}}}')}}}",
        rf"$\begin{{bmatrix}} {joined(' & ', BREAK)} \end{{bmatrix}}$",
    ]
    first, *others = (parse_matrix(layout, 2, 3) for layout in layouts)
    assert all(other == first for other in others)


@given(st.text())
def test_the_plain_text_is_as_long_as_what_was_typed(text: str) -> None:
    shown = "".join(c for c in text if c != "\r" and is_visible(c))
    assert len(plain(shown)) == len(shown)


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6), st.sampled_from(["", " "]))
def test_a_fraction_without_the_grammar_is_that_with_it(top: int, bottom: int, gap: str) -> None:
    tokens = tokenise(f"{top}{gap}/{bottom}")
    assert (
        values([Cell(tuple(tokens))], WorkBudget())
        == [Fraction(top, bottom)]
        == [parse_cell(tokens)]
    )
