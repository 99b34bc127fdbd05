"""The skip-trigram bug as theorems: what wanted effects force, and what one head must pay.

One head, and every other token writes nothing: the effect of source a on output c at destination b
is E(b, c) = A(b → a)·OV[a, c], of rank one, with A > 0. ``source_effect`` has E of any model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias

import sympy

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.head import Head
from handcalc.circuits.log_sums import LogSum, total
from handcalc.circuits.run import run_circuit
from handcalc.derivation import (
    Applied,
    Derivation,
    Difference,
    Expression,
    Line,
    Name,
    Number,
    Product,
    Ratio,
    Step,
    Sum,
)
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector, read_vector, read_whole
from handcalc.numbers.exact import elements, exact, to_text

NamedCells: TypeAlias = Mapping[tuple[str, str], int]

# -- theorem 1: cross effects ----------------------------------------------------------------------


def cross_effects(wanted: object, weights: object) -> tuple[Vector, Derivation]:
    """E(b, c′) and E(b′, c) of one head that has E(b, c) and E(b′, c′), and A(b), A(b′).

    OV[a, c] = E(b, c)/A(b) is shared by both destinations, and so is OV[a, c′]. The two cross
    effects multiply to what the wanted ones multiply to, so the larger of them is at least the
    geometric mean of those. Errors: ``weights`` unless both are above 0 and at most 1; ``effects``
    unless there are two.

    >>> cross_effects("4 3", "1/2 1/4")[0]
    (6, 2)
    """
    effects, A = read_vector(wanted, "the wanted effects"), read_vector(weights, "the weights")
    if (len(effects), len(A)) != (2, 2):
        raise InputError("effects", "Two wanted effects and two weights are asked for.")
    _, (e1, e2, a1, a2) = elements(*effects, *A)
    if not all(each.sign() > 0 and (1 - each).sign() >= 0 for each in (a1, a2)):
        raise InputError(
            "weights", f"A weight is above 0 and at most 1, not {', '.join(map(to_text, A))}."
        )
    rows = tuple(each.to_sympy() for each in (e1 / a1, e2 / a2))
    crossed = tuple(each.to_sympy() for each in (a1 * e2 / a2, a2 * e1 / a1))
    names = [Name("A", (k,)) for k in (1, 2)], [Name("E", (k, k)) for k in (1, 2)]
    shared = tuple(
        Line(Name("v", (k,)), Ratio(E, a), Ratio(Number(effect), Number(weight)), Number(row))
        for k, (a, E, effect, weight, row) in enumerate(
            zip(*names, effects, A, rows, strict=True), 1
        )
    )
    forced = tuple(
        Line(
            Name("E", (k, 3 - k)),
            Product((Name("A", (k,)), Name("v", (3 - k,)))),
            Product((Number(A[k - 1]), Number(rows[2 - k]))),
            Number(crossed[k - 1]),
        )
        for k in (1, 2)
    )
    steps = (
        Step(
            "Divide attention out",
            "The OV row of the source is the same for both destinations.",
            Name("v"),
            Ratio(Name("E"), Name("A")),
            shared,
        ),
        Step(
            "Multiply by the other attention",
            "Each destination gets the other's output too.",
            Name("E"),
            Product((Name("A"), Name("v"))),
            forced,
        ),
    )
    return crossed, Derivation(steps)


# -- theorem 2: the price --------------------------------------------------------------------------

_BASE = 3  # in units of log 3 the best logits are whole: σ(1) = 3/4
_CONTEXTS = ("keep in", "keep at", "<s> in", "<s> at")


@dataclass(frozen=True, repr=False)
class BugPrice:
    """inf loss of one head on four equally frequent contexts, against what they allow.

    keep in → mind, keep at → bay, and without keep a coin. ``price`` is the infimum of one head
    whose destinations write nothing, with any direct path; ``allowed`` the entropy, which two heads
    approach, or one that attends to itself; ``without_direct`` the infimum without a direct path
    and without the contexts of the coin. None is attained.
    """

    price: LogSum
    allowed: LogSum
    without_direct: LogSum

    @cached_property
    def derivation(self) -> Derivation:
        """The contexts with in; the one number that is left for at; the price."""
        return Derivation(_price_steps(self), (_SIDES, _CURES))

    def __repr__(self) -> str:
        return f"<BugPrice {self.price.to_text()} = {self.price.to_float():.7f}>"


def bug_price() -> BugPrice:
    """¼(5 log 2 − (3/2) log 3): the least mean loss that one head can come near.

    With δ = L_mind − L_bay and e what keep writes of it, δ_keep(b) = δ_none(b) + A_b·e. Let e ≥ 0.
    The contexts with in can come to 0 and log 2. Of at, with u = −δ_none(at), the two contexts cost
    at least −(3/2) log σ(u) − ½ log(1 − σ(u)), which is least at σ(u) = ¾.

    Source: derived here.

    >>> bug_price()
    <BugPrice 5/4*log(2) - 3/8*log(3) = 0.4544544>
    """
    two = LogSum.log(2)
    at = cost_of_at(Fraction(3, 4))
    return BugPrice((two + at) * Fraction(1, 4), two * Fraction(1, 2), two * Fraction(1, 2))


def cost_of_at(sigma: Fraction) -> LogSum:
    """−(3/2) log σ − ½ log(1 − σ): the two contexts with at, where one number must serve both.

    >>> cost_of_at(Fraction(3, 4))
    <LogSum 4*log(2) - 3/2*log(3)>
    """
    return LogSum.log(sigma) * Fraction(-3, 2) - LogSum.log(1 - sigma) * Fraction(1, 2)


def slope_of_at(sigma: Fraction) -> Fraction:
    """Its derivative, −3/(2σ) + 1/(2(1 − σ)), which grows with σ: the only zero is the minimum.

    >>> slope_of_at(Fraction(3, 4))
    Fraction(0, 1)
    """
    return Fraction(-3, 2) / sigma + Fraction(1, 2) / (1 - sigma)


def near_the_price(strength: object) -> AttentionOnly:
    """One head whose loss is the price and ¼ log(1 + 3^−strength), in units of log 3.

    Attention is hard: in looks at keep, at does not. Errors: ``strength``.

    >>> loss_on_contexts(near_the_price(2))
    <LogSum 3/2*log(2) + 1/4*log(5) - 7/8*log(3)>
    """
    s = read_whole(strength, "strength", "strength")
    if s < 1:
        raise InputError("strength", f"The strength is at least 1, not {s}.")
    look, write = {("in", "keep"): 1, ("at", "keep"): -1}, {("keep", "mind"): s}
    words = "<s> keep in at mind bay"
    return by_tables(words, [(look, write)], {("at", "bay"): 1}, softmax="hard")


def loss_on_contexts(model: AttentionOnly) -> LogSum:
    """The mean loss on the four contexts, of σ(δ) = 1/(1 + 3^−δ) with whole δ = L_mind − L_bay.

    Errors: ``whole`` where a difference of logits is no whole number.
    """
    answers: Mapping[str, tuple[int, ...]] = {"keep in": (1,), "keep at": (-1,)}
    costs = []
    for context in _CONTEXTS:
        mind, bay = run_circuit(model, context).last_logits[-2:]
        delta = exact(mind - bay)
        if not isinstance(delta, sympy.Integer):
            raise InputError("whole", "The differences of logits are to be whole numbers here.")
        signs = answers.get(context, (1, -1))
        each = [_log_of_one_and_power(-sign * int(delta)) for sign in signs]
        costs.append(total(each) * Fraction(1, len(signs)))
    return total(costs) * Fraction(1, len(_CONTEXTS))


def _log_of_one_and_power(exponent: int) -> LogSum:
    return LogSum.log(1 + Fraction(_BASE) ** exponent)


# -- the steps -------------------------------------------------------------------------------------

_SIDES = (
    "If e is negative, in and at change places. Nothing attains the infimum: it wants A(at → keep) "
    "= 0 and a preference without bound after keep in."
)
_CURES = (
    "Two heads, or one whose destinations write something themselves, come near ½ log 2: see the "
    "circuits skip-trigram-mended and attention-steals."
)


def _price_steps(found: BugPrice) -> tuple[Step, ...]:
    e, log2 = Name("e"), _logs(LogSum.log(2))
    at = _logs(cost_of_at(Fraction(3, 4)))
    sigma: Expression = Name("σ")
    cost = Sum((_times(Fraction(-3, 2), _log(sigma)), _times(Fraction(-1, 2), _log(_less(sigma)))))
    three, one = Number(sympy.Rational(3, 4)), Number(sympy.Rational(1, 4))
    put_in = Sum((_times(Fraction(-3, 2), _log(three)), _times(Fraction(-1, 2), _log(one))))
    slope = Difference(_over_two(1, _less(sigma)), _over_two(3, sigma))
    slope_in = Difference(_over_two(1, one), _over_two(3, three))
    quarter = sympy.Rational(1, 4)
    named = Product((Number(quarter), Sum((Name("in"), Name("at")))))
    price_in = Product((Number(quarter), Sum((log2, at))))
    return (
        Step(
            "What keep changes",
            "One head, and no other token writes: both destinations get the same e, times their "
            "attention.",
            Applied("δ", Name("keep")),
            Sum((Applied("δ", Name("none")), Product((Name("A"), e)))),
            (),
        ),
        Step(
            "The contexts with in",
            "Let e be positive. After keep in the loss can come to 0; without keep a coin costs "
            "log 2.",
            Name("in"),
            Sum((_number(0), log2)),
            (),
        ),
        Step(
            "The contexts with at",
            "keep moves at towards mind, the wrong way, so at best not at all: one number serves "
            "both contexts. σ is the probability of bay.",
            Name("at"),
            cost,
            (
                Line(Name("slope"), slope, slope_in, _number(slope_of_at(Fraction(3, 4)))),
                Line(Name("at"), cost, put_in, at),
            ),
        ),
        Step(
            "The price",
            f"About {found.price.to_float():.7f}, where {found.allowed.to_float():.7f} is allowed.",
            Name("loss"),
            named,
            (Line(Name("loss"), named, price_in, _logs(found.price)),),
        ),
    )


def _log(of: Expression) -> Applied:
    return Applied("log", of)


def _logs(value: LogSum) -> Expression:
    """A sum of logarithms as views render it, what is added before what is taken away."""
    parts = sorted(value.terms, key=lambda term: term[1] < 0)
    terms = tuple(
        _log(_number(prime)) if power == 1 else _times(power, _log(_number(prime)))
        for prime, power in parts
    )
    return Sum(terms) if len(terms) > 1 else terms[0]


def _less(sigma: Expression) -> Expression:
    """1 − σ."""
    return Difference(_number(1), sigma)


def _over_two(top: int, below: Expression) -> Expression:
    return Ratio(_number(top), Product((_number(2), below)))


def _times(factor: Fraction, of: Expression) -> Expression:
    return Product((_number(factor), of))


def _number(value: int | Fraction) -> Number:
    return Number(exact(value))


# -- models made of their tables ------------------------------------------------------------------


def by_tables(
    vocabulary: str,
    heads: Sequence[tuple[NamedCells, NamedCells]],
    direct: NamedCells,
    softmax: str = "base 2",
) -> AttentionOnly:
    """One layer whose tables are given: QK [destination, source] and OV [source, out] of each head.

    Tokens have a coordinate each, and outputs others, so that the direct path is a table of its
    own. Cells that are not given are 0. Softmax is "base 2", or as given.

    >>> from handcalc.circuits.tables import ov_circuit, qk_circuit
    >>> model = by_tables("x y", [({("x", "y"): 1}, {("y", "x"): 3})], {})
    >>> qk_circuit(model, 1, 1).cells, ov_circuit(model, 1, 1).cells
    (((0, 1), (0, 0)), ((0, 0), (3, 0)))
    """
    words = vocabulary.split()
    n = len(words)

    def block(cells: NamedCells, right: int, below: int) -> list[list[int]]:
        """The table, moved so many columns to the right, with so many rows of 0 below."""
        rows = [[cells.get((a, b), 0) for b in words] for a in words]
        return [[*[0] * right, *row, *[0] * (n - right)] for row in rows] + [[0] * 2 * n] * below

    itself = {(word, word): 1 for word in words}
    unembed = [[cells.get((a, b), 0) for b in words] for cells in (direct, itself) for a in words]
    layer = [Head.of_circuits(block(qk, 0, n), block(ov, n, n)) for qk, ov in heads]
    return AttentionOnly(block(itself, 0, 0), unembed, [layer], vocabulary=words, softmax=softmax)
