"""Bigram tables W_E W_U with fewer dimensions than the best one needs.

Nobody knows a closed form for them, so a descent from several starts looks for one. Its factors are
rounded to decimals, and what is said of the loss is proved of just these decimals: the infimum
with d_model = d lies between the entropy and it. Where a theorem gives the infimum, that is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from flint import arb, ctx

from handcalc.circuits.log_sums import LogSum, total
from handcalc.circuits.terms import BUDGET_BITS, precisions
from handcalc.errors import EngineError, InputError, require

Weights: TypeAlias = Sequence[Sequence[Fraction]]
"""N(x, y) + add, [current, next]."""
Decimals: TypeAlias = tuple[tuple[Fraction, ...], ...]
OnProgress: TypeAlias = Callable[[int, int], None]

PLACES = 6  # decimals of W_E and W_U
_MOST_NUMBERS = 600  # in W_E and W_U together


@dataclass(frozen=True, slots=True, repr=False)
class LowRank:
    """The best table of d dimensions that was found: W_E (d_vocab, d), W_U (d, d_vocab), its loss.

    The factors are decimals of six places, and ``loss`` is the float nearest to the loss of just
    these. ``agreed`` of ``starts`` descents ended within a millionth of it, which is no proof.
    Proved is that the infimum over all tables of d dimensions lies from ``entropy`` to ``loss``;
    ``infimum`` is that number where a theorem has it, and ``reason`` the theorem; else None and "".
    ``attained`` says whether a table of d dimensions reaches the infimum; None is not known.
    """

    dimensions: int
    W_E: Decimals
    W_U: Decimals
    loss: float
    entropy: LogSum
    infimum: LogSum | None
    reason: str
    attained: bool | None
    starts: int
    agreed: int

    @property
    def gap(self) -> float | None:
        """How far the loss is above the entropy, in per cent of it; None where that is 0."""
        least = self.entropy.to_float()
        return 100 * (self.loss - least) / least if least else None

    def __repr__(self) -> str:
        return f"<LowRank: d_model {self.dimensions}, best found {self.loss:.7f}>"


def best_of_rank(
    weights: Weights, entropy: LogSum, d: int, on_progress: OnProgress | None = None
) -> LowRank:
    """The least Σ w(x, y)(log Σ_z e^T_xz − T_xy)/Σ w of T = W_E W_U with d dimensions, as found.

    ``entropy`` is the infimum over all T. Errors: ``dimensions``, ``missing_extra`` without numpy.

    >>> weights = [[Fraction(k) for k in row] for row in ((2, 2, 2), (3, 1, 1), (1, 2, 1))]
    >>> best_of_rank(weights, LogSum.log(3), 1)
    <LowRank: d_model 1, best found 1.0422329>
    """
    numbers = 2 * len(weights) * d
    if numbers > _MOST_NUMBERS:
        raise InputError(
            "dimensions",
            f"The best table is searched for with at most {_MOST_NUMBERS} numbers in W_E and W_U, "
            f"not {numbers}; {len(weights)} tokens may have at most "
            f"{_MOST_NUMBERS // (2 * len(weights))} dimensions.",
        )
    require("optimum", "numpy")
    from handcalc.circuits.low_rank_search import search

    infimum, reason = proved_infimum(weights, entropy, d)
    found = search([[float(cell) for cell in row] for row in weights], d, on_progress)
    W_E, W_U = _decimals(found.W_E), _decimals(found.W_U)
    return LowRank(
        dimensions=d,
        W_E=W_E,
        W_U=W_U,
        loss=loss_of_factors(weights, W_E, W_U),
        entropy=entropy,
        infimum=infimum,
        reason=reason,
        attained=_is_attained(weights, d),
        starts=found.starts,
        agreed=found.agreed,
    )


_ANY = "Any table is, up to a constant for each row, a W_E W_U of so many dimensions."
_POLYGON = (
    "In two dimensions the next tokens can be the corners of a polygon: in its own direction each "
    "is ahead of all others, and the more so the longer W_E is."
)
_LINE = (
    "On a line the two tokens at the ends can win. As those further out on one side weigh at least "
    "as much, the next two get at most 1/2, the two after them 1/3, and so on."
)


def proved_infimum(weights: Weights, entropy: LogSum, d: int) -> tuple[LogSum | None, str]:
    """The infimum over all tables of d dimensions and why, where it is known; else None and "".

    It is the entropy, if d is at least V − 1 or the number of rows that occur. Where every token
    has one next token, it is 0 for d ≥ 2. For d = 1 it is then Σ pₖ log ⌈k/2⌉, with pₖ the shares
    of these next tokens, the largest first: the rarest stand in the middle.

    >>> cycle = [[Fraction(k) for k in row] for row in ((0, 1, 0), (0, 0, 1), (1, 0, 0))]
    >>> proved_infimum(cycle, LogSum(), 1)[0]
    <LogSum 1/3*log(2)>
    """
    seen = [row for row in weights if any(row)]
    if d >= min(len(weights) - 1, len(seen)):
        return entropy, _ANY
    if not _is_deterministic(seen):
        return None, ""
    if d > 1:
        return LogSum(), _POLYGON
    often = sorted(share for column in zip(*seen, strict=True) if (share := sum(column)))
    costs = (LogSum.log(k // 2 + 1) * share for k, share in enumerate(reversed(often)))
    return total(costs) * (1 / Fraction(sum(often))), _LINE


def _is_attained(weights: Weights, d: int) -> bool | None:
    """Whether a table reaches the infimum; None where it is not known."""
    seen = [row for row in weights if any(row)]
    if all(map(all, seen)):
        return True  # logits that grow without end lose without end
    known = d >= min(len(weights) - 1, len(seen)) or _is_deterministic(seen)
    return False if known else None


def _is_deterministic(seen: Weights) -> bool:
    return all(sum(map(bool, row)) == 1 for row in seen)


def loss_of_factors(weights: Weights, W_E: Decimals, W_U: Decimals) -> float:
    """The float nearest to the loss of T = W_E W_U, by intervals around it.

    >>> one, nought = Fraction(1), Fraction(0)
    >>> loss_of_factors([[one, nought], [nought, one]], ((one,), (nought,)), ((nought, nought),))
    0.6931471805599453
    """
    columns = list(zip(*W_U, strict=True))
    table = [[_dot(row, column) for column in columns] for row in W_E]
    often = [_dot(seen, [Fraction(1)] * len(seen)) for seen in weights]
    wanted = sum((_dot(*pair) for pair in zip(weights, table, strict=True)), Fraction(0))
    for bits in precisions(BUDGET_BITS):
        with ctx.workprec(bits):
            sums = (sum((_ball(t).exp() for t in row), arb(0)) for row in table)
            parts = (_ball(n) * each.log() for n, each in zip(often, sums, strict=True))
            found = (sum(parts, arb(0)) - _ball(wanted)) / _ball(sum(often, Fraction(0)))
            low, high = float(found.lower()), float(found.upper())
        if low == high:
            return low
    raise EngineError("circuits", "The float nearest to the loss of a table was not found.")


def _dot(row: Sequence[Fraction], column: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(row, column, strict=True)), Fraction(0))


def _ball(number: Fraction) -> arb:
    return arb(number.numerator) / number.denominator


def _decimals(rows: Sequence[Sequence[float]]) -> Decimals:
    return tuple(tuple(round(Fraction(cell), PLACES) for cell in row) for row in rows)
