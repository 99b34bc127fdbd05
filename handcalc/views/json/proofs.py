"""Proofs, and what the check of a certificate says, as plain data for JSON."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import sympy

from handcalc.numbers.exact import to_text
from handcalc.superposition.certificates.checked import rounded_down
from handcalc.views.json import Data, nearest, optimum
from handcalc.views.rounding import significant, written_out

if TYPE_CHECKING:
    from handcalc.superposition.certificates.certificate import Certificate
    from handcalc.superposition.certificates.checked import Checked
    from handcalc.superposition.certificates.proof import Proof

_DIGITS = 30


def proof(shown: Proof) -> Data:
    """What ``optimum`` has, and under ``proved`` what is known for certain."""
    best, found = shown.optimum, optimum(shown.optimum)
    sentence = shown.sentence
    if shown.status != "proved":
        sentence = f"{best.sentence} {sentence}"
    return found | {
        "sentence": f"{best.family.sentence} {sentence}",
        "proved": {
            **_bounds(shown.certificate, shown.checked, best.digits),
            "status": shown.status,
            "waiting": shown.waiting,
            "sentence": shown.sentence,
            "seconds": shown.seconds,
        },
    }


def verified(certificate: Certificate, found: Checked, sentence: str, seconds: float) -> Data:
    """What a certificate claims, and under ``proved`` what its check says."""
    problem, interval = certificate.claim.problem, certificate.claim.interval
    model = certificate.model
    return {
        "features": problem.features,
        "hidden": problem.hidden,
        "distribution": problem.distribution.sentence(),
        "importance": [to_text(each) for each in problem.importance],
        "interval": None if interval is None else [str(each) for each in interval],
        "loss": None if interval else significant(_rational(found.loss), _DIGITS),
        "value": None if interval else nearest(_rational(found.loss)),
        "W": [list(map(written_out, row)) for row in model.W],
        "b": list(map(written_out, model.b)),
        "activation": model.activation,
        "proved": {
            **_bounds(certificate, found, _DIGITS),
            "status": "proved" if found.is_proved else "bounded",
            "sentence": sentence,
            "seconds": seconds,
        },
    }


def _bounds(certificate: Certificate, found: Checked, digits: int) -> Data:
    """The bound to ten digits more than the loss, cut and not rounded: it is never too high.

    Along an interval of S nothing is bounded.
    """
    along = found.interval is not None
    return {
        "lower": None if along else f"{rounded_down(found.lower, digits + 10):g}",
        "gap": None if along else found.gap,
        "boxes": certificate.cover.boxes,
        "leaves": found.leaves,
        "regions": len(certificate.regions),
        "convexity": found.convexity,
    }


def _rational(number: Fraction) -> sympy.Rational:
    return sympy.Rational(number.numerator, number.denominator)
