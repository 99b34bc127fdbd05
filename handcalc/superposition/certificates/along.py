"""Proofs along S: where one embedding, as S changes, is the best of all at every S of an interval.

The S between two ends are covered by intervals, each with a certificate of its own, whose leaves
are bounded in all corner cases. An interval that is too wide for a proof is halved; one that cannot
be halved any more is left open: there two embeddings may lose the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from time import monotonic

from handcalc.errors import InputError, require
from handcalc.inputs.arguments import read_number
from handcalc.processes.cores import cores
from handcalc.superposition.best.optimum import optimum
from handcalc.superposition.certificates.certificate import Certificate
from handcalc.superposition.certificates.checker.checking import conclude
from handcalc.superposition.certificates.claim import CertifiedClaim, to_fraction
from handcalc.superposition.certificates.proving import begin, finish
from handcalc.superposition.loss.problem import Problem

_HOPELESS = 16  # a box so many times smaller than a region, and not bounded yet, ends a try
_EACH = 120.0  # seconds for one interval


@dataclass(frozen=True, slots=True)
class ProvedStretch:
    """S from ``low`` to ``high``, covered by ``certificates`` one after the other, or by none.

    ``family`` is that of the models around which the best embeddings lie; None without a proof.
    """

    low: Fraction
    high: Fraction
    family: str | None
    certificates: tuple[Certificate, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ProvedAlong:
    """Stretches of S, ascending, that meet end to end."""

    features: int
    hidden: int
    stretches: tuple[ProvedStretch, ...]
    seconds: float

    def __repr__(self) -> str:
        said = ", ".join(
            f"{float(each.low):.6g} to {float(each.high):.6g} {each.family or 'open'}"
            for each in self.stretches
        )
        return f"<ProvedAlong: {said}>"


def certify_along(  # noqa: PLR0913 - each is a part of the question, named when asked for
    features: int,
    hidden: int,
    low: object,
    high: object,
    importance: object = None,
    *,
    widest: object = "1/20",
    narrowest: object = "1/2000",
    on_progress: Callable[[Fraction, Fraction], None] | None = None,
) -> ProvedAlong:
    """Where along S the best embeddings are proved to lie around one model, and where that is open.

    At every S of a proved stretch all best embeddings lie in small regions, in each of which the
    loss is strictly convex and has one minimum; the regions are around the copies of a model of one
    family, the best in the middle of an interval. A symmetry that takes a region to itself leaves
    its minimum where it is, so that the best two like features on a line are back to back, and of
    one length, if the model is.

    Args:
        features: n, as for ``certify``; all features have the same S.
        hidden: m.
        low: The lower end of S, a fraction.
        high: The upper end.
        importance: As for ``certify``.
        widest: How wide an interval is tried first.
        narrowest: Intervals are not halved below this.
        on_progress: Hears how far the stretches reach, and where they end.

    Returns:
        The stretches; neighbours of one family are one.

    Raises:
        InputError: ``interval`` for ends that are not 0 ≤ low < high ≤ 1; those of ``certify``.

    Source: derived here.

    Examples:
        >>> found = certify_along(2, 1, "9/10", "19/20")
        >>> [(str(each.low), str(each.high), each.family) for each in found.stretches]
        [('9/10', '19/20', 'antipodal')]
    """
    require("optimum", "numpy", "numba")
    began = monotonic()
    start, end, most, least = (
        to_fraction(read_number(each)) for each in (low, high, widest, narrowest)
    )
    if not 0 <= start < end <= 1:
        message = f"S goes from a lower to a higher end in [0, 1], not from {start} to {end}."
        raise InputError("interval", message)
    waiting, found = [(start, end)], []
    while waiting:
        left, right = waiting.pop()
        stretch = None if right - left > most else _try(features, hidden, left, right, importance)
        if stretch is None and right - left > least:
            middle = (left + right) / 2
            waiting += [(middle, right), (left, middle)]
            continue
        found.append(stretch or ProvedStretch(left, right, None, ()))
        if on_progress is not None:
            on_progress(right, end)
    return ProvedAlong(features, hidden, tuple(_merge(found)), monotonic() - began)


def _try(
    features: int, hidden: int, low: Fraction, high: Fraction, importance: object
) -> ProvedStretch | None:
    """A proof for an interval; None where it fails."""
    middle = str((low + high) / 2)
    best = optimum(features, hidden, middle, importance)
    claim = CertifiedClaim(Problem.of(features, hidden, middle, importance), (low, high))
    search = begin(claim, best.model)
    if not search.regions:
        return None
    region = search.regions[0]
    smallest = float((region.high - region.low).max()) / _HOPELESS
    late = monotonic() + _EACH

    def is_hopeless() -> bool:
        sides = (search.high - search.low).max((1, 2))
        return monotonic() > late or float(sides.min(initial=smallest)) < smallest

    search.run(cores(), is_hopeless, lambda _: None)
    if not search.is_done or search.margin <= 0:
        return None
    certificate = finish(search, best.model, cores())
    if not conclude(certificate).is_proved:
        return None
    return ProvedStretch(low, high, best.family.name, (certificate,))


def _merge(found: list[ProvedStretch]) -> list[ProvedStretch]:
    """Neighbours of one family as one."""
    merged: list[ProvedStretch] = []
    for each in found:
        last = merged[-1] if merged else None
        if last is not None and last.family == each.family:
            certificates = last.certificates + each.certificates
            merged[-1] = ProvedStretch(last.low, each.high, each.family, certificates)
        else:
            merged.append(each)
    return merged
