"""When two embeddings are the same model: up to rotation, reflection and permutation.

The model depends on W only through G = W Wᵀ, so W and WQ with orthogonal Q are the same model; and
permuting features permutes the rows of W and the entries of b together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import atan2, isclose, tau
from typing import Literal, TypeAlias

import sympy

from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.export import Exported
from handcalc.inputs.arguments import Matrix
from handcalc.numbers.exact import equal, product, to_rational
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import Rows, determinant, solve
from handcalc.superposition.model.geometry import clusters
from handcalc.superposition.model.toy_model import Elements, ToyModel
from handcalc.wording import joined

# --------------------------------------------------------------------------------------------------
# What leaves a model the same.


def rotated(model: ToyModel, Q: Sequence[Sequence[sympy.Expr]]) -> ToyModel:
    """The model with W Q in the place of W; b and the activation stay.

    >>> rotated(ToyModel("1 0; 0 1"), ((0, 1), (-1, 0)))
    ToyModel("0 1; -1 0", b="0 0", activation="relu")
    """
    return ToyModel(product(model.W, Q), model.b, model.activation)


def permuted(model: ToyModel, order: Sequence[int]) -> ToyModel:
    """The model whose feature i is feature ``order[i]`` of the given one, both counted from 0.

    >>> permuted(ToyModel("1 0; 0 1; 0 0", b="1 2 3"), (2, 0, 1))
    ToyModel("0 0; 1 0; 0 1", b="3 1 2", activation="relu")
    """
    W, b = [model.W[i] for i in order], [model.b[i] for i in order]
    return ToyModel(W, b, model.activation)


# --------------------------------------------------------------------------------------------------
# Which feature of one model each feature of another can be: lengths, overlaps and biases agree.


@dataclass(frozen=True, slots=True)
class Invariants:
    """W, b and G of a model in a field shared with another, and a colour for each feature.

    Features of different colours cannot be matched: a colour is refined from length and bias by
    the colours of all features, each with its overlap.
    """

    W: Rows
    b: Sequence[Element]
    gram: Rows
    colours: Sequence[Hashable]

    @classmethod
    def of(cls, A: ToyModel, B: ToyModel) -> tuple[Invariants, Invariants]:
        """The invariants of two models, with their numbers in one field."""
        numbers = [value for row in (*B.W, B.b) for value in row]
        first, others = A.elements(*numbers)
        n, m = B.n, B.m
        W = tuple(others[i * m : (i + 1) * m] for i in range(n))
        return cls._of(first), cls._of(Elements(first.field, W, others[n * m :]))

    @classmethod
    def _of(cls, model: Elements) -> Invariants:
        gram, b = model.gram, model.b
        # Two rounds of colour refinement (Weisfeiler and Leman). Colours only spare the search
        # hopeless tries: what it finds is compared entry by entry, so that two are enough.
        colours: list[Hashable] = [hash((gram[i][i], b[i])) for i in range(len(b))]
        for _ in range(2):
            colours = [
                hash((colours[i], frozenset(Counter(zip(row, colours, strict=True)).items())))
                for i, row in enumerate(gram)
            ]
        return cls(model.W, b, gram, colours)


def matching(first: Invariants, second: Invariants) -> tuple[int, ...] | None:
    """For each feature of the second the feature of the first that it can be, or None.

    Features that overlap, directly or through others, form clusters. A cluster may take any free
    cluster that fits it, as what fits one thing fits alike: no choice is ever taken back.
    """
    if Counter(first.colours) != Counter(second.colours):
        return None
    # Between clusters all overlaps are 0, so each is matched by itself. The first candidate that
    # fits is as good as any: being matched is an equivalence, so another cluster that could take it
    # can also take whatever this one would have had instead. Only inside a cluster is there a
    # search, and there every next feature is tied to one that has its image already.
    free, order = _clusters(first.gram), [0] * len(second.b)
    for cluster in _clusters(second.gram):
        free.sort(key=lambda candidate: set(candidate) != set(cluster))
        for candidate in free:
            images = next(_images(first, second, cluster, candidate, ()), None)
            if images is not None:
                break
        else:
            return None
        free.remove(candidate)
        for i, j in zip(cluster, images, strict=True):
            order[i] = j
    return tuple(order)


def _clusters(gram: Rows) -> list[tuple[int, ...]]:
    return clusters(range(len(gram)), lambda i, j: bool(gram[i][j]))


def _images(
    first: Invariants,
    second: Invariants,
    cluster: tuple[int, ...],
    candidate: tuple[int, ...],
    taken: tuple[int, ...],
) -> Iterator[tuple[int, ...]]:
    """The ways to match a cluster's features, in its order, with those of a candidate."""
    if len(cluster) != len(candidate):
        return
    if len(taken) == len(cluster):
        yield taken
        return
    i = cluster[len(taken)]
    # Every feature after the first overlaps one before it, so that few j fit; its own number comes
    # first, for features to keep theirs where they can.
    for j in sorted(set(candidate) - set(taken), key=lambda j: (j != i, j)):
        if (
            first.b[j] == second.b[i]
            and first.colours[j] == second.colours[i]
            and all(
                first.gram[j][there] == second.gram[i][here]
                for here, there in zip((*cluster[: len(taken)], i), (*taken, j), strict=True)
            )
        ):
            yield from _images(first, second, cluster, candidate, (*taken, j))


Motion: TypeAlias = Literal["none", "rotation", "reflection", "either"]
_MAX_TURN_DENOMINATOR = 120  # angles are fractions of π with denominators up to 60
_LENGTHS = "the lengths of the embeddings differ"


@dataclass(frozen=True, slots=True, repr=False)
class Sameness(Displayed, Exported):
    """Whether B is A with its features permuted and its hidden space turned: W_B = P W_A Q.

    ``permutation`` names for each feature of B the feature of A that it is (from 1). ``motion`` is
    what Q does ("either" where W leaves a rotation and a reflection open) and ``Q`` the orthogonal
    matrix itself, or None where W leaves it open. ``turns`` is, for a rotation of the plane, its
    angle counter-clockwise and, for a reflection of the plane, the angle of its mirror line, as a
    fraction of a full turn, where that is simple. ``sentence`` says it all. The record counts as
    true exactly if ``same``.
    """

    same: bool
    sentence: str
    permutation: tuple[int, ...] = ()
    motion: Motion = "none"
    Q: Matrix | None = None
    turns: Fraction | None = None

    def __repr__(self) -> str:
        return abridged(f"<Sameness: {self.same}. {self.sentence}>")

    def __bool__(self) -> bool:
        return self.same

    def arrays(self) -> dict[str, Matrix]:
        """Q; error ``no_matrix`` where there is none, or more than one."""
        if self.Q is None:
            raise InputError("no_matrix", f"There is no single Q to give. {self.sentence}")
        return {"Q": self.Q}


def same_model(A: ToyModel | object, B: ToyModel | object) -> Sameness:
    """Whether G_B = P G_A Pᵀ and b_B = P b_A for a permutation P, and how B comes from A.

    Different numbers of hidden dimensions are compared too, as one of them may lie idle. Where
    several ways lead from A to B, features keep their numbers if they can.

    Args:
        A: A model, or W alone.
        B: The other one.

    Returns:
        True or false, as ``bool`` has it, with the permutation, the orthogonal Q and a sentence.

    Raises:
        InputError: That of a model that could not be taken.

    Examples:
        >>> result = same_model(ToyModel("1 0; 0 1; 0 -1"), ToyModel("-1 0; 0 1; 1 0"))
        >>> bool(result), result.permutation, result.turns
        (True, (2, 1, 3), Fraction(1, 4))
        >>> result.sentence
        'The same model: features 1 and 2 swapped, then rotated by 90°.'
    """
    A, B = ToyModel.of(A), ToyModel.of(B)
    if A.activation != B.activation:
        return _different(f"one is {A.activation}, the other {B.activation}")
    if A.n != B.n:
        return _different(f"one has {A.n} features, the other {B.n}")
    if _lengths(A) != _lengths(B):
        return _different(_LENGTHS)
    first, second = Invariants.of(A, B)
    order = matching(first, second)
    if order is None:
        return _different(_reason(first, second))
    permutation = tuple(i + 1 for i in order)
    motion, Q = _motion([first.W[i] for i in order], second.W)
    turns = _turns(motion, Q)
    sentence = _sentence(permutation, motion, turns, (A.m, B.m))
    plain = None if Q is None else tuple(tuple(q.to_sympy() for q in row) for row in Q)
    return Sameness(True, sentence, permutation, motion, plain, turns)


def _motion(start: Rows, end: Rows) -> tuple[Motion, Rows | None]:
    """The orthogonal Q with start · Q = end, for rows with equal overlaps."""
    if [tuple(row) for row in start] == [tuple(row) for row in end]:
        return "none", None
    if len(start[0]) != len(end[0]):
        return "either", None
    # The overlaps agree, so an orthogonal Q exists. Rows that span the space leave no other, and
    # elimination finds it. Rows on one line of the plane leave a rotation and a reflection, of
    # which the rotation is told; in more dimensions what they leave open is left open.
    Q = solve(start, end)
    if not Q and len(start[0]) == 2:
        (a, b), (c, d) = next((p, q) for p, q in zip(start, end, strict=True) if any(p))
        square = a * a + b * b
        cosine, sine = (a * c + b * d) / square, (a * d - b * c) / square
        Q = [[cosine, sine], [-sine, cosine]]
    if not Q:
        return "either", None
    return ("rotation" if determinant(Q).sign() > 0 else "reflection"), Q


def _turns(motion: Motion, Q: Rows | None) -> Fraction | None:
    if Q is None or len(Q) != 2:
        return None
    # Floats guess the angle, exact numbers prove it: cos(2π·turns) must be the entry of Q itself.
    angle = atan2(Q[0][1].to_float(), Q[0][0].to_float()) / tau
    near = Fraction(angle).limit_denominator(_MAX_TURN_DENOMINATOR) % 1
    cosine = sympy.cos(2 * sympy.pi * to_rational(near))
    near_enough = isclose(angle % 1, near, abs_tol=1e-12)
    if not (near_enough and equal(Q[0][0].to_sympy(), cosine)):
        return None
    return near if motion == "rotation" else near / 2


def _different(reason: str) -> Sameness:
    return Sameness(False, f"Not the same model: {reason}.")


def _lengths(model: ToyModel) -> list[float]:
    """‖Wᵢ‖² as the nearest floats, in order: where these differ, no shared field is needed."""
    entries, _ = model.elements()
    return sorted(row[i].to_float() for i, row in enumerate(entries.gram))


def _reason(first: Invariants, second: Invariants) -> str:
    def lengths(model: Invariants) -> Counter[Element]:
        return Counter(row[i] for i, row in enumerate(model.gram))

    if lengths(first) != lengths(second):
        return _LENGTHS
    if Counter(first.b) != Counter(second.b):
        return "the biases differ"
    return "lengths and biases agree, but no numbering of the features makes all overlaps agree"


_MOVED: dict[Motion, str] = {
    "none": "", "rotation": "rotated", "reflection": "reflected", "either": "rotated or reflected",
}  # fmt: skip


def _sentence(
    permutation: tuple[int, ...],
    motion: Motion,
    turns: Fraction | None,
    sizes: tuple[int, int],
) -> str:
    renamed = ""
    if moved := [(i, j) for i, j in enumerate(permutation, 1) if i != j]:
        new, old = (joined([pair[k] for pair in moved]) for k in (0, 1))
        renamed = f"features {new} swapped" if len(moved) == 2 else f"features {old} renamed {new}"
    moved_by = _MOVED[motion]
    if turns is not None:
        degrees = turns * 360
        angle = f"{degrees}°" if degrees.denominator == 1 else f"{turns} of a full turn"
        moved_by += f" by {angle}" if motion == "rotation" else f" in the line at {angle}"
    changes = [renamed, moved_by]
    if sizes[0] != sizes[1]:
        changes[1] = f"in {sizes[1]} hidden dimensions instead of {sizes[0]}"
    said = [change for change in changes if change]
    return f"The same model: {', then '.join(said)}." if said else "The same model, to the number."
