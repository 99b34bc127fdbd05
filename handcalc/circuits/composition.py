"""How much the heads of a layer read what the heads of earlier layers wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from handcalc.circuits.attention_only import AttentionOnly, HeadElements, check_model
from handcalc.circuits.softmax import Row, Sparse, chain, sparse, turned
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.inputs.arguments import read_whole
from handcalc.numbers.field import Element, Field


@dataclass(frozen=True, slots=True)
class HeadComposition:
    """The squares of the Q-, K- and V-composition scores of two heads, counted from 1.

    None stands where one of the two matrices is 0 and there is no score.
    """

    earlier: tuple[int, int]
    later: tuple[int, int]
    Q: sympy.Expr | None
    K: sympy.Expr | None
    V: sympy.Expr | None

    def score(self, kind: str) -> sympy.Expr | None:
        """The score itself, the root of "Q", "K" or "V". Errors: ``kind``."""
        if kind not in ("Q", "K", "V"):
            raise InputError("kind", f'A composition is "Q", "K" or "V", not {kind!r:.40}.')
        square = getattr(self, kind)
        return None if square is None else sympy.sqrt(square)


@dataclass(frozen=True, slots=True, repr=False)
class HeadCompositions(Displayed):
    """A row for each pair of heads in different layers, and what a square is on average.

    ``baseline`` is 1/d_model: the mean of the squares over random orientations of the two matrices,
    for any two of them.
    """

    pairs: tuple[HeadComposition, ...]
    baseline: sympy.Expr

    def __repr__(self) -> str:
        return f"<HeadCompositions: {len(self.pairs)} pairs, baseline {self.baseline}>"

    def between(self, earlier: tuple[int, int], later: tuple[int, int]) -> HeadComposition:
        """One pair of heads. Errors: ``head``."""
        for pair in self.pairs:
            if (pair.earlier, pair.later) == (earlier, later):
                return pair
        raise InputError("head", f"There is no pair of heads {earlier!r:.40} and {later!r:.40}.")


def composition(model: AttentionOnly) -> HeadCompositions:
    """‖W_OV¹ W_QK²‖²/(‖W_OV¹‖²‖W_QK²‖²) for Q, with W_QK²ᵀ for K and W_OV² for V (Frobenius norms).

    Args:
        model: An attention-only model.

    Returns:
        The three squares for each head and each head of an earlier layer, and the baseline
        1/d_model, which is their mean over random orientations, whatever the matrices.

    Raises:
        InputError: ``model`` for anything else.

    Source: Elhage et al. 2021, "Two-Layer Attention-Only Transformers"; the paper's matrices are
    these transposed. The baseline is proved here: E‖A R B‖² = ‖A‖²‖B‖²/d for a random rotation R.

    Examples:
        >>> from handcalc.circuits.head import Head
        >>> first, second = Head.of_circuits("0", "2"), Head.of_circuits("3", "0")
        >>> model = AttentionOnly("1", "1", [[first], [second]])
        >>> composition(model).between((1, 1), (2, 1))
        HeadComposition(earlier=(1, 1), later=(2, 1), Q=1, K=1, V=None)
    """
    check_model(model)
    numbers, d = model.elements(), model.d_model
    zero = numbers.field.rational(0)
    circuits = [[_circuits(head, d, zero) for head in layer] for layer in numbers.layers]
    pairs = []
    for later, heads in enumerate(circuits):
        for b, (W_QK, W_OV) in enumerate(heads):
            kinds = (W_QK, turned(W_QK, d), W_OV)
            pairs += [
                HeadComposition(
                    (earlier + 1, a + 1),
                    (later + 1, b + 1),
                    *(_square(writes, reads, d, zero) for reads in kinds),
                )
                for earlier in range(later)
                for a, (_, writes) in enumerate(circuits[earlier])
            ]
    return HeadCompositions(tuple(pairs), sympy.Rational(1, d))


def mean_cosine(d_model: int) -> sympy.Expr:
    """E|cos| = Γ(d/2)/(√π Γ((d + 1)/2)) of a random direction: the mean score of heads of width 1.

    Their score is |cos| of the direction that one writes and the other reads, with mean square 1/d.
    Errors: ``dimensions``.

    >>> [mean_cosine(d) for d in (2, 3, 4, 8)]
    [2/pi, 1/2, 4/(3*pi), 32/(35*pi)]
    """
    d = read_whole(d_model, "number of dimensions", "dimensions")
    if d < 1:
        raise InputError("dimensions", f"The number of dimensions is at least 1, not {d}.")
    half = sympy.Rational(d, 2)
    return sympy.gamma(half) / (sympy.sqrt(sympy.pi) * sympy.gamma(half + sympy.Rational(1, 2)))


def _circuits(head: HeadElements, d: int, zero: Element) -> tuple[Sparse, Sparse]:
    """W_QK and W_OV."""
    d_head, d_value = head.widths
    W_QK = chain([(head.W_Q, d_head), (turned(head.W_K, d_head), d)], zero)
    W_OV = chain([(head.W_V, d_value), (head.W_O, d)], zero)
    return _algebraic(W_QK), _algebraic(W_OV)


def _algebraic(rows: Sequence[Row]) -> Sparse:
    return sparse([cell for cell in row if isinstance(cell, Element)] for row in rows)


def _square(writes: Sparse, reads: Sparse, d: int, zero: Element) -> sympy.Expr | None:
    """‖A B‖²/(‖A‖²‖B‖²)."""
    below = _norm(writes, zero.field) * _norm(reads, zero.field)
    if not below:
        return None
    product = _algebraic(chain([(writes, d), (reads, d)], zero))
    return (_norm(product, zero.field) / below).to_sympy()


def _norm(matrix: Sparse, field: Field) -> Element:
    """The sum of the squares."""
    return sum((cell * cell for row in matrix for _, cell in row), field.rational(0))
