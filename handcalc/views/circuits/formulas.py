"""Circuits as formulas for a paper: no dollar signs, no prose."""

from __future__ import annotations

from collections.abc import Sequence

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.head import Head
from handcalc.circuits.run import CircuitRun
from handcalc.circuits.tables import TokenTable
from handcalc.views import latex
from handcalc.views.circuits.blocks import cells_of, readable_steps
from handcalc.views.circuits.markdown import matrix_name
from handcalc.views.latex import LATEX

_SIGNS = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{sign: f"\\{sign}" for sign in "#$%&_{}"},
}


def model(shown: AttentionOnly) -> str:
    r"""All matrices, those of a head with its layer and number.

    >>> model(AttentionOnly("1", "2"))
    'W_{E} = \\begin{bmatrix} 1 \\end{bmatrix}, \\quad W_{U} = \\begin{bmatrix} 2 \\end{bmatrix}'
    """
    parts = [latex.matrix(shown.W_E, name="W_{E}")]
    if shown.W_pos is not None:
        parts.append(latex.matrix(shown.W_pos, name=matrix_name("W_pos")))
    for a, layer in enumerate(shown.layers, 1):
        parts += [_head(each, f"^{{{a}.{b}}}") for b, each in enumerate(layer, 1)]
    return _SPACE.join([*parts, latex.matrix(shown.W_U, name="W_{U}")])


def head(shown: Head) -> str:
    """Its four matrices, or W_QK and W_OV."""
    return _head(shown, "")


def run(shown: CircuitRun) -> str:
    """The steps of every position, a line each."""
    return latex.derivation(readable_steps(shown.derivation, lambda _, __: True))


def table(shown: TokenTable) -> str:
    """An array under the names of both tokens."""
    texts = [cells_of(row, LATEX).texts for row in shown.cells]
    heads = ["", *map(_words, shown.column_tokens)]
    rows = [[_words(name), *row] for name, row in zip(shown.row_tokens, texts, strict=True)]
    lines = " \\\\\n".join(" & ".join(row) for row in (heads, *rows))
    return f"\\begin{{array}}{{l{'r' * len(shown.column_tokens)}}}\n{lines}\n\\end{{array}}"


_SPACE = r", \quad "


def _head(shown: Head, raised: str) -> str:
    parts = shown.matrices if shown.factored else {"W_QK": shown.W_QK, "W_OV": shown.W_OV}
    return _SPACE.join(
        latex.matrix(rows, name=matrix_name(name) + raised) for name, rows in parts.items()
    )


def _words(text: Sequence[str]) -> str:
    return rf"\text{{{''.join(_SIGNS.get(sign, sign) for sign in text)}}}"
