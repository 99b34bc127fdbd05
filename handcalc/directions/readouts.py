"""What a ReLU reads off h, and what could be read off it: input by input, and in expectation.

The toy model reads x̂ = ReLU(W h + b). The sparsest-x decoder answers with the sparsest x ≥ 0 that
has this h. It is no bound: least of all loses the mean of x given h, which need not be sparse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

import sympy

from handcalc.directions.decoding import (
    ShortestInputs,
    SparseInputs,
    basis_pursuit,
    sparsest,
)
from handcalc.directions.kernels import (
    MOST_FEATURES,
    Cells,
    IndependentSet,
    dependences,
    refuse_many,
)
from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.export import Exported, Tabular
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.numbers.exact import exact, listed_text, sign, to_text
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import Rows
from handcalc.superposition.loss.distribution import Distribution, distribution_of
from handcalc.superposition.loss.expected_loss import loss_value
from handcalc.superposition.model.forward_pass import forward
from handcalc.superposition.model.toy_model import ToyModel

PatternFate: TypeAlias = Literal["recovered", "lost", "several", "open"]


@dataclass(frozen=True, slots=True, repr=False)
class Readouts(Displayed, Exported):
    """One input x ≥ 0: its h = Wᵀx, what the model's ReLU makes of it, and what could be.

    ``sparsest`` are the sparsest x ≥ 0 with this h, ``l1`` those of least Σxᵢ. Losses are
    ‖x̂ − x‖²; ``sparsest_loss`` is that of the sparsest-x decoder, None where it has several to
    choose from.
    """

    model: ToyModel
    x: Vector
    h: Vector
    relu: Vector
    sparsest: SparseInputs
    l1: ShortestInputs

    @property
    def relu_loss(self) -> sympy.Expr:
        """‖ReLU(Wh + b) − x‖²."""
        return _distance(self.relu, self.x)

    @property
    def sparsest_loss(self) -> sympy.Expr | None:
        """What the sparsest-x decoder loses; None where it cannot tell which input it was."""
        return _distance(self.sparsest.inputs[0], self.x) if self.sparsest.unique else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What is unusual about x, as ``forward`` says it."""
        return forward(self.model, self.x).notes

    def __repr__(self) -> str:
        x, relu, found = map(listed_text, (self.x, self.relu, self.sparsest.inputs[0]))
        more = "" if self.sparsest.unique else f" and {len(self.sparsest.inputs) - 1} more"
        return abridged(f"<Readouts: x={x}, relu={relu}, sparsest={found}{more}>")

    def arrays(self) -> dict[str, Vector | Matrix]:
        """x, h, the ReLU's output, and the sparsest-x decoder's and ℓ₁'s inputs, a row each."""
        return {
            "x": self.x,
            "h": self.h,
            "relu": self.relu,
            "sparsest": self.sparsest.inputs,
            "l1": self.l1.inputs,
        }


def readouts(model: ToyModel | object, x: object) -> Readouts:
    """What the ReLU reads off h = Wᵀx, beside the sparsest x ≥ 0 and that of least Σxᵢ.

    Args:
        model: A model, or W alone (n × m), for zeros as b and ReLU.
        x: The input, n numbers ≥ 0, as ``forward`` takes it.

    Returns:
        h, the model's output, the sparsest inputs with this h, those of least norm, and what the
        model and the sparsest-x decoder lose.

    Raises:
        InputError: ``negative`` for an entry below 0; ``symbolic`` where one is no number; those of
            ``sparsest``.

    Examples:
        >>> shown = readouts("1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", "1 1/2 0")
        >>> shown.relu, shown.sparsest.inputs
        ((3/4, 0, 0), ((1, 1/2, 0),))
        >>> shown.relu_loss, shown.sparsest_loss
        (5/16, 0)
    """
    model = ToyModel.of(model)
    result = forward(model, x)
    for i, value in enumerate(result.x, 1):
        if isinstance(value, sympy.Symbol):
            raise InputError("symbolic", f"x{i} is no number: give x of numbers, such as 1/2.")
        if sign(value) < 0:
            raise InputError(
                "negative", f"Features are ≥ 0 here, and x{i} is {to_text(value)}: give x ≥ 0."
            )
    return Readouts(
        model=model,
        x=result.x,
        h=result.h,
        relu=result.output,
        sparsest=sparsest(model, result.h),
        l1=basis_pursuit(model, result.h, nonnegative=True),
    )


def _distance(a: Vector, b: Vector) -> sympy.Expr:
    return exact(sympy.Add(*((p - q) ** 2 for p, q in zip(a, b, strict=True))))


# -- in expectation --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PatternLoss:
    """What becomes of the inputs with one set of active features, from 1; of almost all of them.

    They are ``recovered``; ``lost``, with the expected ``loss``; the sparsest-x decoder has
    ``several`` to choose from, always; or it is ``open``: several for some of these inputs, and not
    worked out. ``loss`` is None for the last two.
    """

    active: tuple[int, ...]
    probability: sympy.Expr
    fate: PatternFate
    loss: sympy.Expr | None


@dataclass(frozen=True, slots=True, repr=False)
class SparsestLoss(Displayed, Tabular, Exported):
    """E‖x̂ − x‖² of the sparsest-x decoder, and that of the model's ReLU, exactly.

    Either can be the larger, and the decoder that loses least, E[x | h], can lose less than both.

    ``value`` is None where some pattern of active features that occurs has ``several`` sparsest
    inputs or is ``open``; then ``at_least`` is what is lost for certain, in the other patterns.
    ``relu`` is the model's own expected loss. Numbers, or polynomials in S.
    """

    model: ToyModel
    distribution: Distribution
    patterns: tuple[PatternLoss, ...]
    at_least: sympy.Expr
    relu: sympy.Expr

    @property
    def undecided(self) -> tuple[PatternLoss, ...]:
        """The patterns in which the sparsest input is not the only one."""
        return tuple(each for each in self.patterns if each.loss is None)

    @property
    def value(self) -> sympy.Expr | None:
        """What the sparsest-x decoder loses; None where that is not known."""
        return None if self.undecided else self.at_least

    def __repr__(self) -> str:
        value = f"at least {self.at_least}" if self.value is None else str(self.value)
        return abridged(f"<SparsestLoss: sparsest x {value}, ReLU {self.relu}>")

    def arrays(self) -> dict[str, sympy.Expr]:
        """What the sparsest-x decoder loses at least, and the ReLU."""
        return {"at_least": self.at_least, "relu": self.relu}

    def columns(self) -> dict[str, Sequence[object]]:
        """A row a pattern of active features."""
        return {
            "active": [" ".join(map(str, each.active)) for each in self.patterns],
            "probability": [each.probability for each in self.patterns],
            "fate": [each.fate for each in self.patterns],
            "loss": [sympy.nan if each.loss is None else each.loss for each in self.patterns],
        }


def sparsest_loss(
    model: ToyModel | object, distribution: Distribution | object = None
) -> SparsestLoss:
    """The expected loss of the sparsest-x decoder, which answers with the sparsest x ≥ 0 of an h.

    Which patterns of active features come back is decided by the circuits: a generic input of a
    pattern has one sparsest x if every circuit that can be added to it, or taken from it, has all
    signs alike; then each circuit v inside the pattern takes v·min xᵢ/vᵢ away.

    Args:
        model: A model, or W alone (n × m), for zeros as b and ReLU; at most 8 features.
        distribution: As ``expected_loss`` takes it; None leaves S a symbol.

    Returns:
        The loss, or what it is at least; the model's own; and what becomes of each pattern.

    Raises:
        InputError: ``too_large`` for more than 8 features; those of ``expected_loss``.

    Source: derived here.

    Examples:
        >>> lost = sparsest_loss("1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", "1/2")
        >>> lost.value, [each.active for each in lost.patterns if each.loss != 0]
        (3/80, [(1, 2, 3)])
    """
    model = ToyModel.of(model)
    if model.n > MOST_FEATURES:
        raise InputError(
            "too_large",
            f"The sparsest-x decoder's expected loss is worked out for at most {MOST_FEATURES} "
            f"features, not {model.n}: leave features out.",
        )
    rows = model.elements()[0].W
    refuse_many(rows, "The sparsest-x decoder's loss")
    given = distribution_of(distribution)
    circuits = dependences(rows)
    patterns = []
    for pattern in given.patterns(model.n):
        fate, loss = _fate(rows, circuits, frozenset(i - 1 for i in pattern.active))
        patterns.append(PatternLoss(pattern.active, pattern.probability, fate, loss))
    known = (each.probability * each.loss for each in patterns if each.loss is not None)
    return SparsestLoss(
        model=model,
        distribution=given,
        patterns=tuple(patterns),
        at_least=_tidy(sympy.Add(*known)),
        relu=loss_value(model, given),
    )


def _fate(
    rows: Rows, circuits: Sequence[Cells], active: frozenset[int]
) -> tuple[PatternFate, sympy.Expr | None]:
    """What becomes of a generic x ≥ 0 with these features on, and what it loses."""
    # An x' that is as sparse has its features in the span of these, but for few x. Every such
    # x' ≥ 0 is x and a sum of circuits that are ≥ 0 where x is 0. If those that are have all signs
    # alike, none of them overlap inside the pattern: what two have in common could be eliminated,
    # which leaves a circuit of two signs. Then x has one corner below it, which is the sparsest:
    # all that can be taken away is taken away.
    size, span = _span(rows, active)
    within = []
    for v in (v for v in circuits if all(i in span for i, cell in enumerate(v) if cell)):
        for signed in (v, tuple(-cell for cell in v)):
            signs = [cell.sign() for cell in signed]
            if any(s < 0 and i not in active for i, s in enumerate(signs)):
                continue
            if 1 in signs and -1 in signs:
                return ("several" if size == len(active) else "open"), None
            if -1 in signs:
                within.append([-cell for cell in signed])
    loss = sum((_lost_along(v) for v in within), rows[0][0] * 0)
    return ("lost" if within else "recovered"), loss.to_sympy()


def _span(rows: Rows, active: frozenset[int]) -> tuple[int, frozenset[int]]:
    """The dimension that some features span, and all features in their span."""
    chosen = IndependentSet((), ())
    for i in sorted(active):
        if any(chosen.taken_apart(rows[i])[0]):
            chosen = chosen.extended(i, rows[i])
    inside = (i for i, row in enumerate(rows) if not any(chosen.taken_apart(row)[0]))
    return len(chosen.members), frozenset(inside)


def _lost_along(v: Sequence[Element]) -> Element:
    """‖v‖²·E[t²] for t = min xᵢ/vᵢ, xᵢ uniform: E[t²] = ∫ 2t·Π(1 − t·vᵢ) dt up to 1/max v."""
    zero = v[0] * 0
    entries = [cell for cell in v if cell]
    product = [zero + 1]
    for cell in entries:
        product = [a - cell * b for a, b in zip([*product, zero], [zero, *product], strict=True)]
    most = entries[0]
    for cell in entries:
        most = cell if (cell - most).sign() > 0 else most
    end = 1 / most
    terms = (
        coefficient * Fraction(2, k + 2) * end ** (k + 2) for k, coefficient in enumerate(product)
    )
    return sum((cell * cell for cell in entries), zero) * sum(terms, zero)


def _tidy(value: sympy.Expr) -> sympy.Expr:
    return sympy.expand(value) if value.free_symbols else exact(value)
