"""Circuits as formulas for a paper: no dollar signs, no prose."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.corpus import Bigrams
from handcalc.circuits.head import Head
from handcalc.circuits.log_sums import LogSum
from handcalc.circuits.low_rank import PLACES
from handcalc.circuits.run import CircuitRun
from handcalc.circuits.tables import TokenTable
from handcalc.numbers.exact import to_rational
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


def bigrams(shown: Bigrams) -> str:
    """The counts, the entropy, and W_E and W_U, where there are any; then those that were found."""
    parts = [_bracketed("N", shown.counts), f"H = {_log(shown.entropy)}"]
    if shown.W_E is not None and shown.W_U is not None and shown.dimensions:
        parts += [_bracketed("W_{E}", shown.W_E), _bracketed("W_{U}", shown.W_U)]
    if shown.found is not None:
        found = _bracketed("W_{E}", shown.found.W_E, PLACES)
        parts += [
            rf"\text{{best found: }} {found}",
            _bracketed("W_{U}", shown.found.W_U, PLACES),
            rf"L \approx {shown.found.loss:.{PLACES}f}",
        ]
    return _SPACE.join(parts)


_SPACE = r", \quad "


def _bracketed(
    name: str, rows: Sequence[Sequence[LogSum | Fraction | int]], places: int = 0
) -> str:
    """A matrix of fractions and logarithms, or of decimals of so many places."""

    def text(cell: LogSum | Fraction | int) -> str:
        if isinstance(cell, LogSum):
            return _log(cell)
        return f"{float(cell):.{places}f}" if places else LATEX.exactly(to_rational(Fraction(cell)))

    lines = r" \\ ".join(" & ".join(map(text, row)) for row in rows)
    return rf"{name} = \begin{{bmatrix}} {lines} \end{{bmatrix}}"


def _log(value: LogSum) -> str:
    r"""A sum of logarithms.

    >>> _log(LogSum.log(3) * Fraction(1, 2) - LogSum.log(2))
    '\\frac{1}{2} \\log 3 - \\log 2'
    """
    text = ""
    for prime, power in sorted(value.terms, key=lambda term: term[1] < 0):
        sign = (" - " if text else "-") if power < 0 else " + " if text else ""
        factor = "" if abs(power) == 1 else f"{LATEX.exactly(to_rational(abs(power)))} "
        text += rf"{sign}{factor}\log {prime}"
    return text or "0"


def _head(shown: Head, raised: str) -> str:
    parts = shown.matrices if shown.factored else {"W_QK": shown.W_QK, "W_OV": shown.W_OV}
    return _SPACE.join(
        latex.matrix(rows, name=matrix_name(name) + raised) for name, rows in parts.items()
    )


def _words(text: Sequence[str]) -> str:
    return rf"\text{{{''.join(_SIGNS.get(sign, sign) for sign in text)}}}"
