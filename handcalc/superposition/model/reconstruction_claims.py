"""What an embedding gains and what it loses, over all inputs in [0, 1]ⁿ: computed, not told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy

from handcalc.derivation import Cases, Claim, Number
from handcalc.numbers.exact import in_unit_interval
from handcalc.superposition.model.affine import Affine
from handcalc.superposition.model.forward_pass import Forward, forward
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import joined

_ZERO = sympy.Integer(0)


@dataclass(frozen=True, slots=True)
class Findings:
    """Claims about a model that hold for every input that they name."""

    gained: tuple[Claim, ...]
    lost: tuple[Claim, ...]


def findings(model: ToyModel) -> Findings:
    """Which features and which inputs come out exactly, and how far off the others are.

    Each claim is decided by the symbolic forward pass, on the whole box or on a face of it.

    >>> found = findings(ToyModel("1 0; 0 1; 0 -1"))
    >>> found.gained[0].sentence
    'Feature 1 comes out exactly, whatever the input.'
    >>> found.gained[1].sentence
    'Every input with feature 2 or 3 off comes out exactly.'
    """
    result = forward(model)
    nearer, further = _bias_claims(model, result)
    gained = (*_exact_features(result), *_exact_inputs(result), *_all_embedded(model), *nearer)
    lost = (_loss(result, i) for i in range(model.n) if result.difference[i] != 0)
    return Findings(gained, (*lost, *further))


def _exact_features(result: Forward) -> Iterator[Claim]:
    exact = [i for i, difference in enumerate(result.difference, 1) if difference == 0]
    if len(exact) == result.model.n:
        yield Claim("Every input comes out exactly.")
    elif exact:
        come = "comes" if len(exact) == 1 else "come"
        yield Claim(f"{_features(exact)} {come} out exactly, whatever the input.")


def _exact_inputs(result: Forward) -> Iterator[Claim]:
    """The faces xⱼ = c of the box on which every feature comes out exactly."""
    model = result.model
    fixed = [
        (j, output)
        for j, output in enumerate(result.output, 1)
        if not output.free_symbols and in_unit_interval(output) and _all_exact(model, {j: output})
    ]
    off = [j for j in range(1, model.n + 1) if _all_exact(model, {j: _ZERO})]
    if off and any(result.difference):
        yield Claim(f"Every input with {_features(off, 'or').lower()} off comes out exactly.")
    rest = ", whatever the others are" if model.n > 1 else ""
    for j, value in fixed:
        if j not in off:
            yield Claim(
                f"Every input with feature {j} at {{}} comes out exactly{rest}.",
                (Number(value),),
            )
    features = range(1, model.n + 1)
    alone = ({j: _ZERO for j in features if j != i} for i in features)
    if not off and not fixed and model.n > 1 and all(_all_exact(model, rest) for rest in alone):
        yield Claim("Every input with a single active feature comes out exactly.")


def _all_embedded(model: ToyModel) -> Iterator[Claim]:
    entries, _ = model.elements()
    kept = tuple(row[i] for i, row in enumerate(entries.gram))
    if model.n > model.m and all(kept):
        shares = ", ".join(["{}"] * model.n)
        room = f"{model.m} dimensions" if model.m > 1 else "one dimension"
        yield Claim(
            f"All {model.n} features are embedded in {room}; "
            f"they keep these shares of themselves: {shares}.",
            tuple(Number(share.to_sympy()) for share in kept),
        )


def _bias_claims(model: ToyModel, result: Forward) -> tuple[list[Claim], list[Claim]]:
    """Where the bias brings a linear output closer to its feature than b = 0 does, and where not.

    With d the difference, |d| < |d − b| exactly if b(b − 2d) > 0.
    """
    nearer: list[Claim] = []
    further: list[Claim] = []
    if model.activation != "linear":
        return nearer, further
    work = result.linear_pass
    for i, (b, z, x) in enumerate(zip(work.elements.b, work.z, work.x, strict=True), 1):
        gain = (Affine(b) - (z - x).scaled(2)).scaled(b.sign())
        if gain.sign() is None:
            start = f"Feature {i} comes out"
            nearer.append(Claim(f"{start} closer than with b = 0 where {{}}.", (gain.positive(),)))
            worse = gain.scaled(-1).positive()
            further.append(Claim(f"{start} further off than with b = 0 where {{}}.", (worse,)))
    return nearer, further


def _loss(result: Forward, i: int) -> Claim:
    output, shown = result.output[i], result.derivation.steps[-1].lines[i].value
    if not output.free_symbols:
        return Claim(f"Feature {i + 1} comes out as {{}}, whatever it was.", (Number(output),))
    if isinstance(shown, Cases):
        (first, condition), (second, _) = ((case.value, case.condition) for case in shown.branches)
        if condition is not None:
            return Claim(
                f"Feature {i + 1} is off by {{}} where {{}}, and by {{}} elsewhere.",
                (first, condition, second),
            )
    return Claim(f"Feature {i + 1} is off by {{}}.", (shown,))


def _all_exact(model: ToyModel, fixed: dict[int, sympy.Expr]) -> bool:
    x = [fixed.get(j, sympy.Symbol(f"x{j}")) for j in range(1, model.n + 1)]
    return not any(forward(model, x).difference)


def _features(numbers: list[int], conjunction: str = "and") -> str:
    plural = len(numbers) > 1 and conjunction == "and"
    return f"Feature{'s' if plural else ''} {joined(numbers, conjunction)}"
