"""The calculations with directions that a table ``[engine]`` can name."""

from __future__ import annotations

from typing import TypeAlias

import sympy

from exercises.authoring.calculation import TaggedCalculation, compare
from exercises.tables import TableError, Text
from handcalc.directions.best_code import best_code
from handcalc.directions.closed_forms import sae_closed_form
from handcalc.directions.decoding import basis_pursuit, sparsest
from handcalc.directions.fitting import how_many, least_coherence
from handcalc.directions.recovery import recovery
from handcalc.inputs.arguments import Vector, read_whole
from handcalc.parsing import parse_scalar, parse_vector
from handcalc.superposition.model.toy_model import ToyModel


class _Welch(TaggedCalculation, kw_only=True, tag="welch"):
    """What Welch's bound says that μ of so many rows in so many dimensions is at least."""

    directions: Text
    dimensions: Text

    def disagreement(self, value: Vector) -> str | None:
        n, d = (
            read_whole(parse_scalar(text), f"number of {name}", "size")
            for name, text in (("directions", self.directions), ("dimensions", self.dimensions))
        )
        return compare((least_coherence(n, d).welch,), value)


class _PlaneLines(TaggedCalculation, kw_only=True, tag="plane-lines"):
    """How many lines of the plane have |cos| ≤ ``coherence`` between any two."""

    coherence: Text

    def disagreement(self, value: Vector) -> str | None:
        lines = how_many(2, parse_scalar(self.coherence)).lines
        return compare((sympy.Integer(lines),), value)


class _Readouts(TaggedCalculation, kw_only=True, tag="readouts"):
    """The output ReLU(Wh) for one h, and then the only sparsest x ≥ 0 that has it."""

    W: Text
    h: Text

    def disagreement(self, value: Vector) -> str | None:
        model = ToyModel(self.W)
        h = parse_vector(self.h, model.m)
        found = sparsest(model, h)
        output = [
            sympy.Max(0, sympy.Add(*(w * a for w, a in zip(row, h, strict=True))))
            for row in model.W
        ]
        return compare((*output, *_only(found.inputs, "sparsest x ≥ 0")), value)


class _LeastNorm(TaggedCalculation, kw_only=True, tag="least-norm"):
    """The only x of least ‖x‖₁ that has this h."""

    W: Text
    h: Text

    def disagreement(self, value: Vector) -> str | None:
        found = basis_pursuit(ToyModel(self.W), parse_vector(self.h))
        return compare(_only(found.inputs, "x of least ‖x‖₁"), value)


class _Recovery(TaggedCalculation, kw_only=True, tag="recovery"):
    """Up to how many features every x is the only one with its h: x ≥ 0, then with any signs."""

    W: Text

    def disagreement(self, value: Vector) -> str | None:
        found = recovery(self.W)
        numbers = (found.unique_nonnegative, found.unique)
        return compare(tuple(map(sympy.Integer, numbers)), value)


class _SaeCode(TaggedCalculation, kw_only=True, tag="sae-code"):
    """One latent for one feature: its best activation at ``x``; and the λ from which it is dead."""

    l1: Text
    x: Text

    def disagreement(self, value: Vector) -> str | None:
        known = sae_closed_form("one-feature", parse_scalar(self.l1))
        found = best_code(known.sae, parse_vector(self.x, 1), known.l1)
        return compare((*found.code, known.dead_from), value)


class _SaeLoss(TaggedCalculation, kw_only=True, tag="sae-loss"):
    """The least loss of one latent for one feature."""

    l1: Text
    sparsity: Text

    def disagreement(self, value: Vector) -> str | None:
        at = parse_scalar(self.l1), parse_scalar(self.sparsity)
        return compare((sae_closed_form("one-feature", *at).loss,), value)


class _SaeBias(TaggedCalculation, kw_only=True, tag="sae-bias"):
    """The best b_dec of one latent for one feature."""

    l1: Text
    sparsity: Text

    def disagreement(self, value: Vector) -> str | None:
        at = parse_scalar(self.l1), parse_scalar(self.sparsity)
        return compare((sae_closed_form("free-bias", *at).bias,), value)


DirectionCalculation: TypeAlias = (
    _Welch | _PlaneLines | _Readouts | _LeastNorm | _Recovery | _SaeCode | _SaeLoss | _SaeBias
)


def _only(inputs: tuple[Vector, ...], what: str) -> Vector:
    if len(inputs) > 1:
        raise TableError("wrong_value", "h", f"there are {len(inputs)} {what} with this h.")
    return inputs[0]
