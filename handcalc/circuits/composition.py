"""The residual stream as a channel: who reads what was written, what is free, what can be said.

What a later head reads of an earlier one, for two heads by composition scores and for two matrices
by their product; the head that deletes, and the dimensions left; and which tokens some residual can
predict: those whose column of W_U no others surround.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from handcalc.circuits.attention_only import AttentionOnly, HeadElements, check_model
from handcalc.circuits.head import multiplied
from handcalc.circuits.softmax import Row, Sparse, chain, dense, sparse, turned
from handcalc.display import Displayed
from handcalc.errors import EngineError, InputError
from handcalc.export import Plotted
from handcalc.inputs.arguments import Matrix, read_matrix, read_vector, read_whole
from handcalc.inputs.named_matrices import check_shape, matrix_text
from handcalc.numbers.exact import elements
from handcalc.numbers.field import Element, Field
from handcalc.wording import counted

_MOST_PIVOTS = 10_000


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
class HeadCompositions(Displayed, Plotted):
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


# -- what is read of what was written, what is deleted, what is left -------------------------------


@dataclass(frozen=True, repr=False)
class VirtualWeight:
    """W_O W_I, of shape (d_write, d_read): what is read by x W_I of what was written as y W_O.

    ``disjoint`` says that nothing is. That is a fact about the product, and not about which
    coordinates are used.
    """

    W_O: Matrix
    W_I: Matrix
    product: Matrix

    @property
    def disjoint(self) -> bool:
        """Whether the product is 0."""
        return not any(cell for row in self.product for cell in row)

    @property
    def shared_coordinates(self) -> tuple[int, ...]:
        """The coordinates, counted from 1, that one writes and the other reads."""
        writes = [any(column) for column in zip(*self.W_O, strict=True)]
        pairs = enumerate(zip(writes, map(any, self.W_I), strict=True), 1)
        return tuple(k for k, (written, read) in pairs if written and read)

    def __repr__(self) -> str:
        return f"<VirtualWeight {matrix_text(self.product)}>"


def virtual_weight(W_O: object, W_I: object) -> VirtualWeight:
    """W_O W_I for a writer of shape (d_write, d_model) and a reader of shape (d_model, d_read).

    Errors: ``wrong_shape``, ``transposed``, those of a number.

    Source: Elhage et al. 2021, "Virtual Weights and the Residual Stream as a Communication
    Channel"; the paper's W_I² W_O¹ is the transpose.

    >>> virtual_weight("1 2 0 0", "2; -1; 3; 0").disjoint
    True
    """
    writer, reader = read_matrix(W_O, "W_O"), read_matrix(W_I, "W_I")
    d_model = len(writer[0])
    why = f"W_O writes {counted(d_model, 'dimension')}"
    check_shape("W_I", reader, (d_model, len(reader[0])), why)
    return VirtualWeight(writer, reader, multiplied(writer, reader))


def deleting_matrix(direction: object) -> Matrix:
    """−P, with P = uᵀu/(uuᵀ) the projection on a direction u: the W_OV that deletes it.

    A head with this W_OV must attend to its own position with weight 1; with weight A it leaves
    1 − A of the direction. Errors: ``zero``, those of a number.

    >>> deleting_matrix("1 2")
    ((-1/5, -2/5), (-2/5, -4/5))
    """
    row = read_vector(direction, "the direction")
    if not any(row):
        raise InputError("zero", "A direction has at least one number that is not 0.")
    field, u = elements(*row)
    norm = sum((x * x for x in u), field.rational(0))
    return tuple(tuple((-(x * y) / norm).to_sympy() for y in u) for x in u)


def room_left(d_model: int, writers: Sequence[object]) -> int:
    """d_model − Σ rank(W_O): the dimensions left where no message may disturb another.

    A negative number says that they cannot all be apart. Each writer is a W_O of shape (…,
    d_model). Errors: ``wrong_shape``, those of a number.

    >>> room_left(4, ["1 2 0 0", "0 0 1 0; 0 0 2 0"])
    2
    """
    read = [read_matrix(each, "W_O") for each in writers]
    for matrix in read:
        why = f"the stream has {counted(d_model, 'dimension')}"
        check_shape("W_O", matrix, (len(matrix), d_model), why)
    return d_model - sum(int(sympy.Matrix(matrix).rank()) for matrix in read)


# -- which tokens can be predicted -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether some residual x gives a token the largest logit, and no other as large a one.

    Either ``residual`` is such an x, of length d_model, or ``mixture`` has weights > 0 that sum to
    1, by token, of other columns of W_U whose mean is the token's own: for every x one of their
    logits is at least as large.
    """

    token: str
    residual: tuple[sympy.Expr, ...] | None
    mixture: tuple[tuple[str, sympy.Expr], ...] | None


def reach(model: AttentionOnly) -> tuple[Reach, ...]:
    """For each token y: an x with x·u_y > x·u_k for all others, or weights with Σ λₖuₖ = u_y.

    Exactly one of the two exists (Farkas), and an exact simplex method finds it.

    Source: Cover 1967; Demeter et al. 2020, "Stolen Probability"; Grivas et al. 2022.

    >>> model = AttentionOnly("1; 0; -1", "1 0 -1")
    >>> [each.residual for each in reach(model)][::2], reach(model)[1].mixture
    ([(1,), (-1,)], (('a', 1/2), ('c', 1/2)))
    """
    check_model(model)
    numbers, V, d = model.elements(), model.d_vocab, model.d_model
    zero = numbers.field.rational(0)
    columns = [
        [cell for cell in dense(cells, d, zero) if isinstance(cell, Element)] + [zero + 1]
        for cells in turned(numbers.W_U, V)
    ]
    found = []
    for y, name in enumerate(model.vocabulary):
        others = [k for k in range(V) if k != y]
        weights, direction = _mixture([columns[k] for k in others], columns[y])
        if weights is None:
            residual = tuple(cell.to_sympy() for cell in direction[:d])
            found.append(Reach(name, residual, None))
        else:
            pairs = zip(others, weights, strict=True)
            mixture = tuple((model.vocabulary[k], w.to_sympy()) for k, w in pairs if w)
            found.append(Reach(name, None, mixture))
    return tuple(found)


def _mixture(
    columns: Sequence[Sequence[Element]], target: Sequence[Element]
) -> tuple[list[Element] | None, list[Element]]:
    """λ ≥ 0 with Σ λₖcₖ = t; else None, and a π with π·t > 0 and π·cₖ ≤ 0 for all k.

    The first phase of the simplex method: one more variable for each row, whose sum is made as
    small as it goes. By Bland's rule, the first column and the first row that will do, it ends.
    """
    n, rows = len(columns), range(len(target))
    one = target[-1] * 0 + 1
    signs = [one if target[i].sign() >= 0 else -one for i in rows]
    table = [
        [column[i] * signs[i] for column in columns]
        + [one * (i == j) for j in rows]
        + [target[i] * signs[i]]
        for i in rows
    ]
    basis = [n + i for i in rows]
    costs = [-sum((row[k] for row in table), one * 0) for k in range(n)]
    costs += [one * 0 for _ in rows] + [-sum((row[-1] for row in table), one * 0)]
    for _ in range(_MOST_PIVOTS):
        entering = next((k for k in range(n) if costs[k].sign() < 0), None)
        if entering is None:
            break
        leaving = _leaving(table, basis, entering)
        top = table[leaving] = [cell / table[leaving][entering] for cell in table[leaving]]
        basis[leaving] = entering
        for row in (*(row for i, row in enumerate(table) if i != leaving), costs):
            factor = row[entering]
            if factor:
                row[:] = [cell - factor * above for cell, above in zip(row, top, strict=True)]
    else:
        raise EngineError("circuits", "The simplex method did not end.")
    if costs[-1]:
        return None, [(1 - costs[n + i]) * signs[i] for i in rows]
    weights = [one * 0 for _ in range(n)]
    for i, k in enumerate(basis):
        if k < n:
            weights[k] = table[i][-1]
    return weights, []


def _leaving(table: Sequence[Sequence[Element]], basis: Sequence[int], entering: int) -> int:
    """The row that is 0 first as the entering variable grows; the first variable of several."""
    best: tuple[Element, int] | None = None
    for i, row in enumerate(table):
        if row[entering].sign() <= 0:
            continue
        ratio = row[-1] / row[entering]
        order = 1 if best is None else (best[0] - ratio).sign()
        if best is None or order > 0 or (order == 0 and basis[i] < basis[best[1]]):
            best = ratio, i
    if best is None:
        raise EngineError("circuits", "The simplex method found no row to leave.")
    return best[1]
