"""What is known of the best embedding of a problem, with the certificate that it rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypedDict

from handcalc.display import Displayed
from handcalc.superposition.best.optimum import Optimum
from handcalc.superposition.certificates.certificate import Certificate, Status
from handcalc.superposition.certificates.checked import Checked, rounded_down, rounded_up

if TYPE_CHECKING:
    from handcalc.superposition.certificates.search.covering import Search


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Proof(Displayed):
    """What is known of the best embedding of a problem.

    ``status`` is "proved" where nothing but the copies of ``optimum`` is as good, "bounded" where
    the loss is at least ``lower``, and "unfinished" where halves of its boxes still wait to be
    looked at: ``waiting`` of them. ``seconds`` is how long the proof took, without the search for
    the best.
    """

    optimum: Optimum
    certificate: Certificate
    checked: Checked
    status: Status
    seconds: float
    waiting: int = 0

    def __repr__(self) -> str:
        return f"<Proof: {self.sentence}>"

    @property
    def lower(self) -> Fraction:
        """No embedding loses less."""
        return self.checked.lower

    @property
    def gap(self) -> float:
        """How much less than the best found any embedding may lose."""
        return self.checked.gap

    @property
    def sentence(self) -> str:
        """What is claimed, in words."""
        boxes = f"{self.certificate.cover.boxes:,} boxes"
        if self.status == "proved":
            return (
                f"Proved, by {boxes}: no embedding loses less, and none but its copies, turned, "
                "reflected or with like features exchanged, loses as little."
            )
        found = "Bounded, by" if self.status == "bounded" else "Not finished, after"
        return f"{found} {boxes}: {bound_words(self)}."


def bound_words(proof: Proof) -> str:
    """The bound, and how far it is below the best found; neither says more than is known.

    >>> from types import SimpleNamespace as Shown
    >>> bound_words(Shown(lower=Fraction(1, 3), checked=Shown(loss=Fraction(1, 2))))
    'no embedding loses less than 0.3333333333, at most 0.167 below the best found'
    """
    if not proof.lower:
        return "this run has not ruled out yet that an embedding loses less than the best found"
    gap = rounded_up(proof.checked.loss - proof.lower)
    low = rounded_down(proof.lower)
    return f"no embedding loses less than {low:g}, at most {gap:g} below the best found"


class CertifyOptions(TypedDict, total=False):
    """How long a proof may take, and who hears of it."""

    seconds: float | None
    threads: int | None
    on_progress: Callable[[str, int, int], None] | None
    should_stop: Callable[[], bool] | None
    search: Search | None
    on_round: Callable[[Search], None] | None
