"""What the lecture on phase changes works out: candidates, their borders, and families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

import handcalc
from handcalc.errors import InputError
from handcalc.inputs.arguments import exact, sign
from handcalc.lectures.showing import number, numbers, page, table
from handcalc.lectures.workings.comparing import cheapest
from handcalc.numbers.exact import to_float
from handcalc.superposition.closed_forms import Composition, CrossingValues, crossing, family_loss
from handcalc.superposition.closed_forms.three_in_two import ThreeInTwo, change_of_best
from handcalc.superposition.loss.problem import variance
from handcalc.superposition.phases.candidates import (
    Candidate,
    candidates_crossing,
    textbook_candidates,
)
from handcalc.views.plots.curves import Curves, Spot

PAIR, ONE_DROPPED, TWO_DROPPED = textbook_candidates(2, 1)
PENTAGON, TWO_PAIRS = Composition(k_gons=(5,)), Composition(pairs=2, dropped=1)
_CROSSINGS = ("1/4", "5/16"), ("3/4", "13/16")  # between which the two change places
BENT = handcalc.ToyModel("1 0; -1/5 9/10; 0 -4/5", "1/10 1/5 1/5")

_STEPS = 50  # along a curve
_MOST_IMPORTANCE = 10**6
_LEAST_IMPORTANCE, _LEAST_DENSITY = 0.1, 0.01  # of the map, which goes to 10 and to 1


@dataclass(frozen=True, slots=True)
class Costs:
    """What the candidates for two features in one dimension lose, at one r and S."""

    importance: sympy.Expr
    sparsity: sympy.Expr
    losses: tuple[tuple[Candidate, sympy.Expr], ...]

    @property
    def border(self) -> sympy.Expr | None:
        """The density at which the pair overtakes dropping the lesser feature, if there is one."""
        dropped = ONE_DROPPED if sign(self.importance - 1) > 0 else TWO_DROPPED
        return candidates_crossing(dropped, PAIR, self.importance)

    @property
    def by_sentence(self) -> dict[str, sympy.Expr]:
        """The losses by what the candidates are in words."""
        return {each.sentence: loss for each, loss in self.losses}

    @property
    def best(self) -> tuple[Candidate, sympy.Expr]:
        """The candidate that loses least, and what it loses."""
        name = cheapest(self.by_sentence)
        return next(pair for pair in self.losses if pair[0].sentence == name)


def costs(importance: str, sparsity: str) -> Costs:
    """The losses at an importance and a sparsity as typed. Errors: those of ``expected_loss``.

    An importance is at most a million.

    >>> costs("1", "1/2").best
    (Candidate(features=2, dropped=(), pairs=((1, 2),)), 1/12)
    """
    r, S = handcalc.parse_scalar(importance), handcalc.parse_scalar(sparsity)
    if sign(r - _MOST_IMPORTANCE) > 0:
        raise InputError(
            "importance",
            f"Beside an importance of more than {_MOST_IMPORTANCE} the other feature is nothing.",
            suggestion="10",
        )
    losses = tuple((each, loss(each, S, r)) for each in (TWO_DROPPED, ONE_DROPPED, PAIR))
    return Costs(r, S, losses)


def loss(candidate: Candidate, sparsity: sympy.Expr, importance: sympy.Expr) -> sympy.Expr:
    """What a candidate loses; S and the last feature's importance are checked on the way.

    >>> loss(PAIR, exact("1/2"), exact(1))
    1/12
    """
    weights = [1] * (candidate.features - 1) + [importance]
    return handcalc.expected_loss(candidate.model(exact(1 - sparsity)), sparsity, weights).value


def meeting(first: Candidate, second: Candidate, importance: sympy.Expr) -> sympy.Expr:
    """The density at which two candidates lose the same, which there has to be.

    >>> meeting(TWO_DROPPED, PAIR, exact(1))
    4/7
    """
    density = candidates_crossing(first, second, importance)
    if density is None:
        raise ValueError("These two lose the same nowhere.")
    return density


# -- two features, one dimension -------------------------------------------------------------------


def along_sparsity(found: Costs) -> Curves:
    """The losses of the candidates along S, at one importance."""
    border = found.border
    crosses = border is not None and sign(border) > 0 and sign(border - 1) < 0
    said = "The losses of three embeddings fall as S goes to one; the pair's falls fastest."
    return Curves(
        {each.sentence: _along(each, to_float(found.importance)) for each, _ in found.losses},
        "sparsity S (dense → sparse)",
        "loss L",
        f"{said} Two of them cross." if crosses else said,
        marks={"they change places": 1 - to_float(border)} if crosses and border else {},
    )


def _along(candidate: Candidate, importance: float) -> list[Spot]:
    steps = (k / _STEPS for k in range(_STEPS + 1))
    return [(S, float(candidate.loss(importance, 1 - S))) for S in steps]


def border_in_words(found: Costs) -> str:
    """Where the pair overtakes dropping, at the importance that was typed."""
    if found.border is None:
        return "A feature of no importance is dropped at every density."
    return (
        f"With your $r$ = {number(found.importance)} the border is at $p$ = "
        f"{number(found.border)}, $S$ = {number(exact(1 - found.border))}."
    )


def phases(found: Costs) -> Curves:
    """The map of candidates over importance and density, and where the typed numbers lie on it."""
    lesser = [10 ** (k / 20) for k in range(-20, 1)]
    borders = ((TWO_DROPPED, lesser), (ONE_DROPPED, [1 / r for r in reversed(lesser)]))
    top = to_float(meeting(TWO_DROPPED, PAIR, exact(1)))
    here = to_float(found.importance), 1 - to_float(found.sparsity)
    shown = _LEAST_IMPORTANCE <= here[0] <= 1 / _LEAST_IMPORTANCE and here[1] >= _LEAST_DENSITY
    return Curves(
        {
            **{_border_name(each): _border(each, places) for each, places in borders},
            "r = 1": [(1.0, top), (1.0, 1.0)],
        },
        "importance r of feature 2",
        "density p = 1 − S",
        "A map over importance and density. Above, where features are dense, feature 2 is dropped "
        "on the left and feature 1 on the right; below both borders is the antipodal pair.",
        spots={"you are here": here} if shown else {},
        regions={
            "feature 2 dropped": (0.25, 0.75),
            "feature 1 dropped": (4.0, 0.75),
            "antipodal pair": (1.0, 0.1),
        },
        logarithmic="xy",
    )


def _border_name(dropped: Candidate) -> str:
    """The density at which sharing overtakes a candidate that drops, as a formula in plain text."""
    return str(meeting(dropped, PAIR, sympy.Symbol("r", positive=True))).replace("*", "")


def _border(dropped: Candidate, importances: Sequence[float]) -> list[Spot]:
    return [(r, float(meeting(dropped, PAIR, sympy.Float(r)))) for r in importances]


# -- what a search finds ---------------------------------------------------------------------------


def beside_candidates(found: Costs, best: handcalc.Optimum) -> object:
    """The best candidate, and below it what a search found at the same importance and sparsity."""
    candidate, value = found.best
    guessed = candidate.model(exact(1 - found.sparsity))
    rows = [
        (name, numbers(abs(w) for (w,) in model.W), numbers(model.b), cost)
        for name, model, cost in (
            (f"Best candidate: {candidate.sentence}", guessed, value),
            (f"Found: {best.family.sentence}", best.model, best.loss),
        )
    ]
    saved = "Nothing is lost."
    if value != 0:
        percent = 100 * to_float(exact(1 - best.loss / value))
        saved = f"The search saves {percent:.3g} % of the loss. {best.sentence}"
    return page(table(("embedding", "lengths", "biases", "loss $L$"), rows), saved)


# -- three in two, five in two ---------------------------------------------------------------------


def three_beside(model: handcalc.ToyModel, found: ThreeInTwo) -> str:
    """A model of the reader's beside triangle and pair at their best."""
    own = handcalc.expected_loss(model, found.sparsity).value
    pair, triangle = found.shapes
    losses = {
        "yours": own,
        "the best triangle": triangle.values.total,
        "the best pair beside a third": pair.values.total,
    }
    lowest = min(map(to_float, losses.values()))
    rows = (
        (name, value, f"{100 * (to_float(value) / lowest - 1):.2f} %")
        for name, value in losses.items()
    )
    at = f"At $S$ = {number(found.sparsity)}:"
    return f"{at}\n\n{table(('model', 'loss $L$', 'above the least'), rows)}"


def changes_of_five(digits: int) -> list[CrossingValues]:
    """Where pentagon and two pairs lose the same, to so many digits."""
    return [crossing(PENTAGON, TWO_PAIRS, ends).digits(digits) for ends in _CROSSINGS]


def five_in_two(changes: Sequence[CrossingValues]) -> Curves:
    """The losses of pentagon and two pairs along S, in units of one dropped feature."""
    places = [sympy.Rational(k, _STEPS) for k in range(1, _STEPS)]

    def relative(family: Composition) -> list[Spot]:
        losses = ((S, family_loss(family, S, 6)) for S in places)
        return [(float(S), float(value / variance(1 - S))) for S, value in losses]

    return Curves(
        {"pentagon": relative(PENTAGON), "two pairs, one dropped": relative(TWO_PAIRS)},
        "sparsity S (dense → sparse)",
        "loss, in dropped features",
        "Two curves that cross twice: the pairs lose less in between.",
        marks={f"S = {float(change.sparsity):.3f}": float(change.sparsity) for change in changes},
    )


def crossings_in_words(changes: Sequence[CrossingValues]) -> str:
    """The places where two families lose the same, with all digits that were asked for."""
    told = (f"$S = {each.sparsity}$, where both lose ${each.loss}$" for each in changes)
    return f"Pentagon and pairs change places at {'; and at '.join(told)}. All digits are proved."


def change_in_words(digits: int) -> str:
    """The same of triangle and pair beside a third feature.

    >>> change_in_words(8)[:56]
    'Triangle and pair change places at $S = 0.47816234$, whe'
    """
    change = change_of_best(digits)
    S, both = (value.evalf(digits) for value in (change.sparsity, change.loss))
    return (
        f"Triangle and pair change places at $S = {S}$, where both lose ${both}$: below it the "
        "triangle loses less, above it the pair."
    )
