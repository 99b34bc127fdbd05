"""Does what is shown of directions give a stored number away? Against the calculation behind it."""

from __future__ import annotations

from collections.abc import Mapping
from math import acos, degrees
from typing import Any

from handcalc.directions.best_code import BestCode
from handcalc.directions.fitting import Fitting, LeastCoherence
from handcalc.directions.recovery import Recovery, recovery
from handcalc.directions.sae_loss import SaeLoss
from handcalc.numbers.exact import equal, to_float
from handcalc.parsing import parse_scalar, parse_vector
from handcalc.superposition.model.forward_pass import Forward
from handcalc.superposition.model.toy_model import ToyModel

_FAR = 1  # degrees between two angles: what fits with the one says less of the other


def has_the_bound(shown: LeastCoherence, engine: Mapping[str, Any], _: object) -> bool:
    """Whether the bounds are those of as many directions in as many dimensions."""
    asked = [parse_scalar(engine[name]) for name in ("directions", "dimensions")]
    return asked == [shown.directions, shown.dimensions]


def has_the_angle(shown: Fitting, engine: Mapping[str, Any], _: object) -> bool:
    """Whether it is counted how many fit into the plane, with nearly this angle."""
    asked = degrees(acos(to_float(parse_scalar(engine["coherence"]))))
    return shown.dimensions == 2 and abs(float(shown.degrees) - asked) < _FAR


def has_the_code(work: Forward, engine: Mapping[str, Any], _: object) -> bool:
    """Whether this W reads its output off the h in question, whatever the input was."""
    model = ToyModel(engine["W"])
    asked = parse_vector(engine["h"], model.m)
    return work.model.W == model.W and all(map(equal, work.h, asked))


def has_the_rows(shown: Recovery, engine: Mapping[str, Any], _: object) -> bool:
    """Whether it is this W, whose counterexample is the input in question or a multiple of it."""
    return bool(shown.model.W == ToyModel(engine["W"]).W)


def has_the_kernel(shown: Recovery, engine: Mapping[str, Any], _: object) -> bool:
    """Whether as many rows depend on each other in the same way, so that the same comes back."""
    asked = recovery(engine["W"])
    if shown.model.n != asked.model.n or len(shown.circuits) != len(asked.circuits):
        return False
    return all(
        all(map(equal, one.entries, other.entries))
        for one, other in zip(shown.circuits, asked.circuits, strict=True)
    )


def has_the_activation(shown: BestCode, engine: Mapping[str, Any], _: object) -> bool:
    """Whether one latent is worked out for one number, at this price."""
    asked = [parse_scalar(engine[name]) for name in ("x", "l1")]
    return len(shown.code) == 1 and [*shown.h, shown.l1] == asked


def has_the_price(shown: SaeLoss, engine: Mapping[str, Any], _: object) -> bool:
    """Whether it is one feature's loss at this price: for another S it is a multiple."""
    return shown.model.n == 1 and shown.l1 == parse_scalar(engine["l1"])
