"""What there is to say about a right answer: which route it takes, and where else it is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import sympy

from exercises.answers import Value
from exercises.checking.outcome import letters, plain, vector
from exercises.checks import HasGeometry, ReconstructsInput
from exercises.exercise import Exercise
from exercises.feedback.circuit_mistakes import known_way
from exercises.feedback.near_misses import known_solution
from exercises.matrices import NamedMatrices
from handcalc.derivation import Claim, Expression, Inequality, Number
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import sign
from handcalc.numbers.linear_algebra import reduced
from handcalc.superposition.model.affine import Affine
from handcalc.superposition.model.forward_pass import Forward, forward
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.model.worked_steps import LinearPass
from handcalc.wording import joined

# --------------------------------------------------------------------------------------------------
# For which other inputs a model is right: computed from the symbolic forward pass.
#
# Where every feature is on, x̂ = x exactly if z = x: n linear equations in x1 … xn. Solved for one
# letter each, they say where the model is right.


def other_inputs(model: ToyModel, x: Vector) -> tuple[Claim, ...]:
    """Where else a model is right that is right for x, and examples; nothing if a feature is off.

    >>> from handcalc.views.notation import ASCII
    >>> x = tuple(sympy.Rational(1, 2**i) for i in range(3))
    >>> for claim in other_inputs(ToyModel("1 0; 0 1; 0 0", b="0 0 1/4"), x):
    ...     print(ASCII.claim(claim))
    Of all inputs with every feature on, it is right exactly where x3 = 1/4, whatever x1 and x2 are.
    For example, x = (1/2, 1/2, 1/4) comes back as it is and x = (1, 1/2, 1/2) comes back as \
(1, 1/2, 1/4).
    """
    if not all(sign(value) > 0 for value in x):
        return ()
    return right_where(model), _examples(model, x)


def right_where(model: ToyModel) -> Claim:
    """The equations that hold exactly where z = x, solved for one letter each."""
    work = LinearPass.of(model, tuple(sympy.Symbol(f"x{i}") for i in range(1, model.n + 1)))
    equations = solved_form([z - x for z, x in zip(work.z, work.x, strict=True)])
    if not equations:
        return Claim("It is right for every input with every feature on.")
    used = {symbol for equation in equations for symbol, _ in equation.slopes}
    free = [i for i in range(1, model.n + 1) if sympy.Symbol(f"x{i}") not in used]
    if len(equations) == model.n:
        return Claim("Of all inputs with every feature on, it is right for this one alone.")
    conditions = joined(["{} = {}"] * len(equations))
    sides: list[Expression] = []
    for equation in equations:
        slopes = Affine(equation.constant * 0, equation.slopes)
        sides += [slopes.expression(), Number((-equation.constant).to_sympy())]
    names = letters("x", free) if free else None
    be = "is" if len(free) == 1 else "are"
    tail = f", whatever {names.sentence} {be}" if names else ""
    return Claim(
        f"Of all inputs with every feature on, it is right exactly where {conditions}{tail}.",
        (*sides, *(names.values if names else ())),
    )


def solved_form(equations: Sequence[Affine]) -> tuple[Affine, ...]:
    """Equations form = 0 with a common solution, each solved for a letter that no other has."""
    symbols = sorted(
        {x for form in equations for x, _ in form.slopes}, key=lambda x: int(x.name[1:])
    )
    rows = []
    for form in equations:
        slopes, zero = dict(form.slopes), form.constant * 0
        rows.append([*(slopes.get(x, zero) for x in symbols), form.constant])
    solved, pivots, _ = reduced(rows, len(symbols))
    return tuple(
        Affine(row[-1], tuple((x, a) for x, a in zip(symbols, row[:-1], strict=True) if a))
        for row in solved[: len(pivots)]
    )


def _examples(model: ToyModel, x: Vector) -> Claim:
    """A neighbour of x that comes back as it is, if there is one, and one that does not."""
    half, one = sympy.Rational(1, 2), sympy.Integer(1)
    tried = []
    for i, value in enumerate(x):  # one feature changed: to 1/2, or to 1 where it is 1/2 already
        other = one if value == half else half
        tried.append(forward(model, (*x[:i], other, *x[i + 1 :])))
    changed = [work for work in tried if work.missed]
    kept = [work for work in tried if not work.missed]
    said = [_example(work, "as it is") for work in kept[:1]]
    for work in changed[:1]:
        back = vector(work.output)
        said.append(_example(work, f"as {back.sentence}", back.values))
    sentence = joined([claim.sentence for claim in said])
    return Claim(f"For example, {sentence}.", tuple(v for claim in said for v in claim.values))


def _example(work: Forward, how: str, values: tuple[Expression | Inequality, ...] = ()) -> Claim:
    given = vector(work.x)
    return Claim(f"x = {given.sentence} comes back {how}", (*given.values, *values))


def remarks(exercise: Exercise, value: Value) -> tuple[Claim, ...]:
    """Remarks on an answer that passes: its route, and of a model where else it is right.

    >>> from exercises.course import load
    >>> said = remarks(load(1), ToyModel("0 1; -1 0; 0 0", b="0 0 1/4"))
    >>> said[0].sentence
    'This is “The third feature through the bias”, route 1 of the solution, but rotated by 90°.'
    """
    if isinstance(value, NamedMatrices):
        way = known_way(exercise, value)
        return () if way is None else (way,)
    if not isinstance(value, ToyModel):
        return ()
    said: list[Claim] = []
    found = known_solution(exercise, value)
    if found is not None:
        title = exercise.key().solutions[found[0]].title
        how = found[1].sentence.removeprefix("The same model")
        how = how.replace(": f", ", but with f", 1).replace(": ", ", but ", 1)
        said.append(plain(f"This is “{title}”, route {found[0] + 1} of the solution{how}"))
    check = exercise.key().check
    if isinstance(check, HasGeometry) and any(map(sign, value.b)):
        b = vector(value.b)
        ignored = f"Only the arrows were looked at: b = {b.sentence} had no part in it."
        said.append(Claim(ignored, b.values))
    if isinstance(check, ReconstructsInput):
        said += [*_routes(value, check.x), *other_inputs(value, check.x)]
    return tuple(said)


def _routes(model: ToyModel, x: Vector) -> Iterator[Claim]:
    dropped = [i for i, row in enumerate(model.W, 1) if not any(map(sign, row))]
    if len(dropped) == model.n:
        said = vector(x)
        yield Claim(
            f"W is all zeros, so this model says {said.sentence} whatever the input is: the bias "
            "has learned one input by heart. It passes, and it is overfitting at its most extreme.",
            said.values,
        )
        return
    for i in dropped:
        yield Claim(
            f"Feature {i} has no arrow: its output comes from the bias alone, and is {{}} for "
            "every input.",
            (Number(x[i - 1]),),
        )
    for i, j in _antipodal_pairs(model, x):
        both = letters("b", (i, j))
        yield Claim(
            f"Features {i} and {j} are an antipodal pair: h holds only their difference, and "
            f"{both.sentence} give back what each took from the other, for this input.",
            both.values,
        )


def _antipodal_pairs(model: ToyModel, x: Vector) -> Iterator[tuple[int, int]]:
    """Features i < j (from 1) with Wᵢ = −Wⱼ of length 1, bᵢ = xⱼ and bⱼ = xᵢ."""
    # z = Wh + b gives zᵢ = xᵢ − xⱼ + bᵢ and zⱼ = xⱼ − xᵢ + bⱼ: right for x with bᵢ = xⱼ, bⱼ = xᵢ
    numbers, others = model.elements(*x)
    features = list(zip(numbers.W, numbers.b, others, strict=True))
    for (i, (u, b, y)), (j, (v, c, z)) in combinations(enumerate(features, 1), 2):
        opposite = all(p == -q for p, q in zip(u, v, strict=True))
        if opposite and sum(p * p for p in u) == 1 and (b, c) == (z, y):
            yield i, j
