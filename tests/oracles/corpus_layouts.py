"""The same 3 × 2 matrix in every layout, for every spelling of its cells."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from typing import Any

from plain_values import cosine, root, sine

__all__ = ["LAYOUTS", "SPELLINGS", "lay_out"]

Rows = list[list[str]]
Layout = Callable[[Rows], str]


def _joined(rows: Rows, between_cells: str, between_rows: str) -> str:
    return between_rows.join(between_cells.join(row) for row in rows)


def _bracketed(rows: Rows, between_cells: str, between_rows: str, pair: str = "[]") -> str:
    inner = (pair[0] + between_cells.join(row) + pair[1] for row in rows)
    return pair[0] + between_rows.join(inner) + pair[1]


def _quoted(rows: Rows) -> Rows:
    return [[f'"{cell}"' for cell in row] for row in rows]


def _called(name: str, between_rows: str, option: str = "") -> Layout:
    return lambda rows: f"{name}({_bracketed(rows, ', ', between_rows)}{option})"


def _environment(name: str, columns: str = "") -> Layout:
    return lambda rows: (
        rf"\begin{{{name}}}{columns} " + _joined(rows, " & ", r" \\ ") + rf" \end{{{name}}}"
    )


# Spellings marked LaTeX are written only in the layouts that hold LaTeX.
LAYOUTS: dict[str, Layout] = {
    "matlab-bare": lambda rows: _joined(rows, " ", "; "),
    "matlab-brackets": lambda rows: f"[{_joined(rows, ' ', '; ')}]",
    "matlab-commas": lambda rows: f"[{_joined(rows, ', ', '; ')}]",
    "nested-list": lambda rows: _bracketed(rows, ", ", ", "),
    "nested-tight": lambda rows: _bracketed(rows, ",", ","),
    "nested-lines": lambda rows: _bracketed(rows, ", ", ",\n "),
    "numpy-print": lambda rows: _bracketed(rows, " ", "\n "),
    "numpy-repr": _called("array", ",\n       "),
    "numpy-call": _called("np.array", ", ", ", dtype=float"),
    "torch-repr": _called("tensor", ",\n        "),
    "sympy-repr": _called("Matrix", ", "),
    "lines-blanks": lambda rows: _joined(rows, " ", "\n"),
    "lines-crlf": lambda rows: _joined(rows, "  ", "\r\n") + "\r\n",
    "csv": lambda rows: _joined(rows, ",", "\n") + "\n",
    "csv-crlf-bom": lambda rows: "\ufeff" + _joined(rows, ",", "\r\n") + "\r\n",
    "tsv": lambda rows: _joined(rows, "\t", "\n") + "\n",
    "json-quoted": lambda rows: _bracketed(_quoted(rows), ", ", ", "),
    "tuples": lambda rows: _bracketed(rows, ", ", ", ", "()"),
    "braces": lambda rows: _bracketed(rows, ", ", ", ", "{}"),
    "name-first": lambda rows: "W = " + _joined(rows, " ", "; "),
}
LATEX_LAYOUTS: dict[str, Layout] = {
    "latex-bmatrix": _environment("bmatrix"),
    "latex-pmatrix": _environment("pmatrix"),
    "latex-array": _environment("array", "{cc}"),
    "latex-dollars": lambda rows: f"${_environment('bmatrix')(rows)}$",
}

# A spelling is six cells, their plain values, and their values worked out, row by row.
Spelling = tuple[list[str], list[str], list[Any]]
SPELLINGS: dict[str, Spelling] = {
    "integers": (
        ["1", "0", "0", "1", "-2", "-1"],
        ["1", "0", "0", "1", "-2", "-1"],
        [1, 0, 0, 1, -2, -1],
    ),
    "fractions": (
        ["1/2", "-1/3", "0", "2/7", "-5/4", "3"],
        ["1/2", "-1/3", "0", "2/7", "-5/4", "3"],
        [F(1, 2), F(-1, 3), 0, F(2, 7), F(-5, 4), 3],
    ),
    "decimals": (
        ["0.5", "-.25", "1.", "0", "1e-3", "-2.50"],
        ["1/2", "-1/4", "1", "0", "1/1000", "-5/2"],
        [F(1, 2), F(-1, 4), 1, 0, F(1, 1000), F(-5, 2)],
    ),
    "surds": (
        ["sqrt(2)/2", "-sqrt(3)/2", "1/sqrt(2)", "0", "2*sqrt(3)", "(sqrt(5)-1)/4"],
        ["sqrt(2)/2", "-sqrt(3)/2", "sqrt(2)/2", "0", "2*sqrt(3)", "sqrt(5)/4 - 1/4"],
        [root(F(1, 2)), -root(F(3, 4)), root(F(1, 2)), 0, root(12), cosine(2, 5)],
    ),
    "root-signs": (
        ["√2/2", "-√3/2", "1", "0", "2√3", "-√2"],
        ["sqrt(2)/2", "-sqrt(3)/2", "1", "0", "2*sqrt(3)", "-sqrt(2)"],
        [root(F(1, 2)), -root(F(3, 4)), 1, 0, root(12), -root(2)],
    ),
    "angles": (
        ["cos(0)", "sin(0)", "cos(2*pi/3)", "sin(2*pi/3)", "cos(4π/7)", "-sin(4π/7)"],
        ["1", "0", "-1/2", "sqrt(3)/2", "cos(4*pi/7)", "-sin(4*pi/7)"],
        [1, 0, F(-1, 2), root(F(3, 4)), cosine(4, 7), -sine(4, 7)],
    ),
    "one-character": (
        ["½", "-¼", "2²", "0", "-¾", "10⁻¹"],
        ["1/2", "-1/4", "4", "0", "-3/4", "1/10"],
        [F(1, 2), F(-1, 4), 4, 0, F(-3, 4), F(1, 10)],
    ),
    "powers": (
        ["2^3", "2**-1", "(1/2)^2", "0", "-2^2", "0.9^2"],
        ["8", "1/2", "1/4", "0", "-4", "81/100"],
        [8, F(1, 2), F(1, 4), 0, -4, F(81, 100)],
    ),
    "look-alikes": (
        ["\u22121", "0", "1\u20442", "\u22121\u22152", "\u20133", "2\u00d73"],
        ["-1", "0", "1/2", "-1/2", "-3", "6"],
        [-1, 0, F(1, 2), F(-1, 2), -3, 6],
    ),
}
LATEX_SPELLINGS: dict[str, Spelling] = {
    "latex-braces": (
        [r"\frac{1}{2}", r"-\frac{\sqrt{3}}{2}", "1", "0", r"-\frac{1}{3}", r"\sqrt{2}"],
        ["1/2", "-sqrt(3)/2", "1", "0", "-1/3", "sqrt(2)"],
        [F(1, 2), -root(F(3, 4)), 1, 0, F(-1, 3), root(2)],
    ),
    "latex-short": (
        [r"\frac12", r"-\frac34", "0", "1", r"\sqrt2", r"\cos(2\pi/3)"],
        ["1/2", "-3/4", "0", "1", "sqrt(2)", "-1/2"],
        [F(1, 2), F(-3, 4), 0, 1, root(2), F(-1, 2)],
    ),
}


def _rows(cells: list[Any]) -> list[list[Any]]:
    return [cells[0:2], cells[2:4], cells[4:6]]


def lay_out() -> list[tuple[str, str, list[list[str]], list[list[Any]]]]:
    """Every layout of every spelling that people write in it: format, text, value, by hand."""
    plain = [(layout, SPELLINGS) for layout in LAYOUTS.items()]
    latex = [(layout, LATEX_SPELLINGS) for layout in LATEX_LAYOUTS.items()]
    both = {name: SPELLINGS[name] for name in ("integers", "fractions", "decimals")}
    mixed = [(layout, both) for layout in LATEX_LAYOUTS.items()]
    return [
        (f"{name}/{spelling}", write(_rows(cells)), _rows(values), _rows(numbers))
        for (name, write), spellings in plain + latex + mixed
        for spelling, (cells, values, numbers) in spellings.items()
    ]
