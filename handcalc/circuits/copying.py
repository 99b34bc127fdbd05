"""Whether a head copies: the eigenvalues of its OV table, and the rows that favour themselves."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import sympy

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.softmax import chain, largest
from handcalc.circuits.spectrum import Spectrum, spectrum
from handcalc.circuits.tables import TokenTable, ov_circuit, ov_rows
from handcalc.display import Displayed
from handcalc.numbers.exact import to_text
from handcalc.numbers.field import Element


@dataclass(frozen=True, repr=False)
class Copying(Displayed):
    """Eigenvalues of M = W_E W_OV W_U, the score Σλ/Σ|λ|, and the top-1 test: two views of copying.

    ``top1`` are the tokens whose row of M, [source, out], has its only largest entry at themselves.
    Neither implies the other: a score of 1 says that all λ are real and ≥ 0.
    """

    table: TokenTable
    spectrum: Spectrum
    top1: tuple[str, ...]

    @property
    def eigenvalues(self) -> tuple[sympy.Expr | complex, ...]:
        """Those that are not 0; exact where square roots write them, else floats to look at."""
        return self.spectrum.eigenvalues

    @property
    def score(self) -> sympy.Expr | None:
        """Σλ/Σ|λ|, None where square roots do not write it, or where every λ is 0."""
        return self.spectrum.score

    @property
    def score_float(self) -> float | None:
        """The same as a float."""
        return self.spectrum.score_float

    @cached_property
    def share(self) -> Fraction:
        """The share of tokens that pass the top-1 test."""
        return Fraction(len(self.top1), len(self.table.row_tokens))

    def __repr__(self) -> str:
        about = f"about {self.score_float}"
        score = to_text(self.score) if self.score is not None else about
        score = "none, every eigenvalue is 0" if self.score_float is None else score
        return f"<Copying: score {score}, top-1 {self.share}>"


def copying(model: AttentionOnly, layer: int, head: int) -> Copying:
    """λ of M = W_E W_OV W_U, the score Σλ/Σ|λ|, and the rows of M whose largest entry is their own.

    The λ ≠ 0 are those of the smaller matrix W_O W_U W_E W_V. The score is 1 exactly where all of
    them are real and positive, which Sturm's chain decides.

    Args:
        model: An attention-only model.
        layer: The layer of the head, counted from 1.
        head: Its place in the layer, counted from 1.

    Returns:
        The table, its eigenvalues, the score and the tokens that pass the top-1 test.

    Raises:
        InputError: ``head`` for one that is not there.

    Source: Elhage et al. 2021, "Detecting Copying Behavior" (the eigenvalues and the score).

    Examples:
        >>> from handcalc.circuits.head import Head
        >>> odd = Head.of_circuits("0 0; 0 0", "30 40; -9 -10")
        >>> copying(AttentionOnly("1 0; 0 1", "1 0; 0 1", [[odd]]), 1, 1)
        <Copying: score 1, top-1 0>
    """
    table = ov_circuit(model, layer, head)
    rows = ov_rows(model, layer, head)
    numbers, V, d = model.elements(), model.d_vocab, model.d_model
    factors = numbers.layers[layer - 1][head - 1]
    width = factors.widths[1]
    small = rows
    if width < V:
        chained = [(factors.W_O, d), (numbers.W_U, V), (numbers.W_E, d), (factors.W_V, width)]
        small = chain(chained, numbers.field.rational(0))
    cells = [[cell for cell in row if isinstance(cell, Element)] for row in small]
    own = tuple(name for k, name in enumerate(model.vocabulary) if largest(rows[k]) == (k,))
    return Copying(table, spectrum(cells, V), own)
