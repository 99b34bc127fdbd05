"""Up to how many active features an input comes back from h = Wᵀx, decided by the circuits of W.

Every statement about all k-sparse x is one about all kernel vectors of Wᵀ, and these are sums of
circuits that nowhere cancel: so it is enough to look at the circuits, which are finitely many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias

from handcalc.directions.coherence import Coherence, coherence
from handcalc.directions.decoding import shortest
from handcalc.directions.kernels import Cells, Dependence, dependences, refuse_many, shown
from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.export import Exported, Plotted
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.numbers.exact import elements
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import Rows
from handcalc.superposition.model.toy_model import ToyModel

QuestionName: TypeAlias = Literal["unique", "l1", "unique_nonnegative", "l1_nonnegative"]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """An input ``x`` with ``k`` active features that does not come back, and what has its h too.

    For uniqueness ``others`` is one that is as sparse; for ℓ₁ it is what ℓ₁ returns: one, or the
    corners of all of least norm. In a tie x is among these.
    """

    k: int
    x: Vector
    others: Matrix
    is_tie: bool


@dataclass(frozen=True, slots=True, repr=False)
class Recovery(Displayed, Exported, Plotted):
    """The largest k for which every k-sparse x comes back from h = Wᵀx, for four questions.

    ``unique``: x is the only k-sparse input with its h. ``l1``: x has the least ‖x‖₁, alone.
    ``unique_nonnegative`` and ``l1_nonnegative``: the same among x ≥ 0. Each is n where the rows of
    W are independent. ``spark`` is the size of the smallest circuit, None where there is none.
    ``counterexamples`` has a witness for k + 1, None where there is no more to ask. ``enough`` is
    the largest k < (1 + 1/μ)/2, for which coherence alone promises ``unique``, and ``l1`` where all
    rows have one length; None where a row is zero or W has one.
    """

    model: ToyModel
    spark: int | None
    circuits: tuple[Dependence, ...]
    unique: int
    l1: int
    unique_nonnegative: int
    l1_nonnegative: int
    counterexamples: Mapping[QuestionName, Counterexample | None]
    coherence: Coherence | None

    @property
    def enough(self) -> int | None:
        """The largest k < (1 + 1/μ)/2, at most n: then every k-sparse x is the only one."""
        return None if self.coherence is None else _enough(self.coherence)

    @property
    def has_equal_lengths(self) -> bool:
        """Whether all rows have one length: only then ``enough`` is enough for ℓ₁ too."""
        gram = self.model.elements()[0].gram
        return all(row[i] == gram[0][0] for i, row in enumerate(gram))

    def most(self, question: QuestionName) -> int:
        """The largest k by the name of the question."""
        found: int = getattr(self, question)
        return found

    def __repr__(self) -> str:
        each = ", ".join(f"{name}={self.most(name)}" for name in QUESTIONS)
        return abridged(f"<Recovery: spark={self.spark}, {each}>")

    def arrays(self) -> dict[str, Matrix]:
        """The circuits, a row each."""
        return {"circuits": tuple(circuit.entries for circuit in self.circuits)}


def recovery(W: ToyModel | object) -> Recovery:
    """Spark, circuits, and up to which k all k-sparse x come back from h = Wᵀx.

    Args:
        W: The embedding (n × m), as ``coherence`` takes it; zero rows are taken too.

    Returns:
        The largest k for four questions, a witness for each k + 1 that fails, and the k that
        coherence promises, which is enough and not needed.

    Raises:
        InputError: ``too_large`` for more than some thousand sets of independent rows; those of a W
            that could not be taken.

    Source: Donoho, Elad 2003 (spark); Gribonval, Nielsen 2003 (null space property); Bruckstein,
    Elad, Zibulevsky 2008 and Donoho, Tanner 2005 (x ≥ 0). That circuits decide all four is derived
    here, by conformal decomposition.

    Examples:
        >>> triangle = recovery("1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2")
        >>> triangle
        <Recovery: spark=3, unique=1, l1=1, unique_nonnegative=2, l1_nonnegative=2>
        >>> found = triangle.counterexamples["unique_nonnegative"]
        >>> found.x, found.others
        ((1, 1, 1), ((0, 0, 0),))
    """
    model = ToyModel.of(W)
    rows = model.elements()[0].W
    refuse_many(rows, "A recovery")
    circuits = dependences(rows)
    found = {name: _decided(name, circuits, rows) for name in QUESTIONS}
    most = {name: model.n if fails is None else fails.k - 1 for name, fails in found.items()}
    return Recovery(
        model=model,
        spark=sum(map(bool, circuits[0])) if circuits else None,
        circuits=tuple(map(shown, circuits)),
        **most,
        counterexamples=MappingProxyType(found),
        coherence=_coherence(model),
    )


# -- the four questions ----------------------------------------------------------------------------


class _Break(NamedTuple):
    """A kernel vector that breaks a question from ``k`` on: x has the entries at ``features``.

    The other input with the same h is x − v. ``excess`` is by how much x is longer than it.
    """

    k: int
    vector: Cells
    features: tuple[int, ...]
    excess: Element


def _any_signs(v: Cells) -> Iterator[_Break]:
    """Half of the support is one input, the other half, with the sign changed, another."""
    support = [i for i, cell in enumerate(v) if cell]
    k = ceil(len(support) / 2)
    yield _Break(k, v, tuple(support[:k]), v[0] * 0)


def _nonnegative(v: Cells) -> Iterator[_Break]:
    """The positive entries are one input, the negative ones another."""
    up, down = _by_sign(v)
    yield _Break(max(len(up), len(down)), v, tuple(up), v[0] * 0)


def _shortest(v: Cells) -> Iterator[_Break]:
    """The largest entries, as soon as they are half of ‖v‖₁ or more."""
    sizes = [cell * cell.sign() if cell else cell for cell in v]
    total = sum(sizes, v[0] * 0)
    order, taken = _descending(sizes), v[0] * 0
    for k, i in enumerate(order, 1):
        taken = taken + sizes[i]
        excess = 2 * taken - total
        if excess.sign() >= 0:
            yield _Break(k, v, tuple(order[:k]), excess)
            return


def _shortest_nonnegative(v: Cells) -> Iterator[_Break]:
    """The positive entries, if they sum to as much as the negative ones or more."""
    for signed in (v, tuple(-cell for cell in v)):
        up, _ = _by_sign(signed)
        excess = sum(signed, v[0] * 0)
        if up and excess.sign() >= 0:
            yield _Break(len(up), signed, tuple(up), excess)


class _Question(NamedTuple):
    """What breaks a question, whether x ≥ 0, and whether ℓ₁ is asked for what it returns."""

    breaks: Callable[[Cells], Iterator[_Break]]
    nonnegative: bool
    by_norm: bool


QUESTIONS: Mapping[QuestionName, _Question] = MappingProxyType(
    {
        "unique": _Question(_any_signs, False, False),
        "l1": _Question(_shortest, False, True),
        "unique_nonnegative": _Question(_nonnegative, True, False),
        "l1_nonnegative": _Question(_shortest_nonnegative, True, True),
    }
)
"""The four questions by the names of their answers."""


def _decided(name: QuestionName, circuits: Sequence[Cells], rows: Rows) -> Counterexample | None:
    """The first k that fails, with a witness; None where all x come back."""
    question = QUESTIONS[name]
    breaks = [found for v in circuits for found in question.breaks(v)]
    if not breaks:
        return None
    k = min(found.k for found in breaks)
    first, *others = (found for found in breaks if found.k == k)
    for found in others:  # the plainest failure is the one in which x is longest
        if (found.excess - first.excess).sign() > 0:
            first = found
    zero = rows[0][0] * 0
    x = tuple(cell if i in first.features else zero for i, cell in enumerate(first.vector))
    if question.by_norm:
        columns = range(len(rows[0]))
        h = [sum((x[i] * row[c] for i, row in enumerate(rows)), zero) for c in columns]
        returned, _ = shortest(rows, h, nonnegative=question.nonnegative)
    else:
        returned = [tuple(a - b for a, b in zip(x, first.vector, strict=True))]
    plain = tuple(tuple(cell.to_sympy() for cell in each) for each in returned)
    is_tie = question.by_norm and not first.excess
    return Counterexample(k, tuple(cell.to_sympy() for cell in x), plain, is_tie)


def _by_sign(v: Cells) -> tuple[list[int], list[int]]:
    """Where it is positive, and where negative."""
    signs = [cell.sign() for cell in v]
    return [i for i, s in enumerate(signs) if s > 0], [i for i, s in enumerate(signs) if s < 0]


def _descending(sizes: Cells | list[Element]) -> list[int]:
    """Their places, the largest first."""
    order: list[int] = []
    for i, size in enumerate(sizes):
        place = next((k for k, j in enumerate(order) if (size - sizes[j]).sign() > 0), len(order))
        order.insert(place, i)
    return order


# -- what coherence promises -----------------------------------------------------------------------


def _coherence(model: ToyModel) -> Coherence | None:
    try:
        return coherence(model)
    except InputError as error:
        if error.code in ("zero_row", "one_row", "too_large"):
            return None
        raise


def _enough(shown: Coherence) -> int:
    """The largest k with (2k − 1)μ < 1, at most n."""
    _, (mu,) = elements(shown.coherence)
    k = 0
    while k < shown.model.n and ((2 * k + 1) * mu - 1).sign() < 0:
        k += 1
    return k
