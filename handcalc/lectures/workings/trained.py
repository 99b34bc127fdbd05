"""What the lecture on training works out: steps of descent, minima, and runs beside the best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import sympy

import handcalc
from handcalc.errors import InputError, require
from handcalc.inputs.arguments import exact, sign
from handcalc.lectures.medium import medium
from handcalc.lectures.showing import arrows, matrix, number, page, table, vector
from handcalc.numbers.exact import to_float
from handcalc.superposition.best.minima import SAME_LOSS
from handcalc.superposition.closed_forms.three_in_two import ThreeInTwo, three_in_two
from handcalc.superposition.loss.gradient import Slope
from handcalc.views.latex import LATEX
from handcalc.views.plots.curves import Curves, Spot

if TYPE_CHECKING:
    from torchsim import Comparison, TrainingRun

UNIT_PAIR = handcalc.ToyModel("1; -1")
DEAD = handcalc.ToyModel("1 0; 0 1; -1/2 -1/2", "0 0 -3/4")

STARTS = 32
_SAMPLES = 256  # in a batch
_STEPS, _RATE = 400, 1e-2  # few, and large ones: a lecture does not wait
_MOST_STARTS = 6  # lines that can be told apart


# -- descending by hand ----------------------------------------------------------------------------


def beside_best(model: handcalc.ToyModel, found: ThreeInTwo) -> str:
    """A model of three features in two dimensions beside the better of triangle and pair."""
    own, best = handcalc.expected_loss(model, found.sparsity).value, found.best.values.total
    how_far = above(to_float(own), to_float(best))
    return (
        f"At $S$ = {number(found.sparsity)} your model loses {number(own)}, which is {how_far} "
        f"more than the better of triangle and pair, {number(best)}."
    )


@dataclass(frozen=True, slots=True)
class DescentStep:
    """A step of gradient descent: a model, the slopes of its loss, and the model after the step."""

    before: handcalc.ToyModel
    gradient: handcalc.LossGradient
    after: handcalc.ToyModel
    losses: tuple[sympy.Expr, sympy.Expr]


def descent_step(W: object, b: object, sparsity: str, rate: str) -> DescentStep:
    """One step against the slopes, exactly. Errors: those of ``loss_gradient``, and ``rate``.

    >>> step = descent_step("1; -1", "0", "1/2", "1/2")
    >>> step.before.b, step.after.b, step.losses[1] < step.losses[0]
    ((0, 0), (1/24, 1/24), True)
    """
    model = handcalc.ToyModel(W, b)
    S, long = handcalc.parse_scalar(sparsity), handcalc.parse_scalar(rate)
    if sign(long) <= 0:
        raise InputError(
            "rate", f"A rate must be positive, not {sympy.sstr(long)}.", suggestion="1/2"
        )
    found = handcalc.loss_gradient(model, S)
    rows = [
        [exact(cell - long * _downhill(slope)) for cell, slope in zip(row, slopes, strict=True)]
        for row, slopes in zip(model.W, found.W, strict=True)
    ]
    biases = [exact(x - long * _downhill(slope)) for x, slope in zip(model.b, found.b, strict=True)]
    after = handcalc.ToyModel(rows, biases)
    losses = tuple(handcalc.expected_loss(each, S).value for each in (model, after))
    return DescentStep(model, found, after, (losses[0], losses[1]))


def _downhill(slope: Slope) -> sympy.Expr:
    """The slope to go against; at a kink that of the side on which the loss falls, or none."""
    if sign(slope.right) < 0:
        return slope.right
    return slope.left if sign(slope.left) > 0 else sympy.Integer(0)


def step_in_words(step: DescentStep) -> object:
    """The slopes, the step, and what it gains."""
    change = exact(step.losses[1] - step.losses[0])
    verdict = {-1: "The loss falls.", 0: "Nothing changes.", 1: "It rises: the step is too long."}
    return page(
        matrix(
            tuple(tuple(map(_downhill, row)) for row in step.gradient.W), r"\partial L/\partial W"
        ),
        f"$\\partial L / \\partial b$ = {vector([*map(_downhill, step.gradient.b)])}. "
        f"{LATEX.claim(step.gradient.finding)}",
        matrix(step.after.W, "W"),
        f"$b$ = {vector(step.after.b)}. The loss was {number(step.losses[0])} and is now "
        f"{number(step.losses[1])}. {verdict[sign(change)]}",
    )


# -- minima and restarts ---------------------------------------------------------------------------


def restarts_needed(chance: sympy.Rational, risk: sympy.Rational) -> int:
    """The least number of starts of which none reaches the best with at most that risk.

    >>> restarts_needed(sympy.Rational(1, 2), sympy.Rational(1, 8))
    3
    """
    count, missed = 0, sympy.Integer(1)
    while missed > risk:
        count, missed = count + 1, missed * (1 - chance)
    return count


@lru_cache(maxsize=16)
def five(sparsity: float) -> handcalc.Optimum:
    """Descents on the exact loss from ``STARTS`` starts, for five features in two dimensions.

    Errors: ``missing_extra`` without numpy.
    """
    return handcalc.optimum(5, 2, str(sparsity), restarts=STARTS)


def minima(found: handcalc.Optimum) -> object:
    """Where descents end: losses, how far above the best, shapes, and how many starts."""
    if not found.minima:
        return found.sentence
    best = found.minima[0].loss
    rows = [
        (
            f"{minimum.loss:.8f}",
            "**the best found**"
            if minimum.loss - best <= SAME_LOSS * best
            else above(minimum.loss, best),
            named.sentence,
            f"{minimum.hits} of {found.restarts}",
        )
        for minimum, named in zip(found.minima, found.families, strict=True)
    ]
    return page(table(("loss $L$", "above", "shape", "starts"), rows), found.sentence)


def draws_needed(sparsity: sympy.Rational, error: sympy.Rational) -> tuple[sympy.Rational, ...]:
    """How many draws tell the loss of the unit pair to that standard error, as a part of it.

    With both on, each output is off by the smaller of the two, t with the density 2(1 − t); so the
    squared error is 2t². N draws have the relative variance (E[(2t²)²]/E[2t²]² − 1)/N. Behind it
    the two expectations.
    """
    t, p = sympy.Symbol("t"), 1 - sparsity
    mean, square = (
        p**2 * sympy.integrate((2 * t**2) ** k * 2 * (1 - t), (t, 0, 1)) for k in (1, 2)
    )
    return (square / mean**2 - 1) / error**2, mean, square


# -- trained in torch ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrainedThree:
    """A run of one model of three features in two dimensions, and what it is compared with."""

    run: TrainingRun
    compared: Comparison
    exact_side: ThreeInTwo


@lru_cache(maxsize=32)  # a slider that comes back shows the same run
def train_three(sparsity: str, restarts: int, trainer: str) -> TrainedThree:
    """Train three features in two dimensions, on samples or on the exact loss.

    Errors: ``missing_extra`` without torch; ``sparsity``.
    """
    S = handcalc.parse_scalar(sparsity)
    if not S.is_Rational:  # the best is a root of a polynomial that grows with what S is made of
        raise InputError("sparsity", "Train at a fraction or a decimal.", suggestion="4/5")
    exact_side = three_in_two(S)  # its errors first
    require("sim", "torch", "safetensors")
    import torchsim

    model = torchsim.ModelSpec.of(3, 2, sparsity)
    spec = torchsim.TrainingSpec((model,), "exact", restarts)
    if trainer == "sampled":
        spec = torchsim.TrainingSpec(
            (model,), "sampled", restarts, steps=_STEPS, batch=_SAMPLES, rate=_RATE
        )
    run = torchsim.train(spec)
    return TrainedThree(run, torchsim.compare(run), exact_side)


def trained_beside_best(found: TrainedThree) -> object:
    """The best restart beside the best known: arrows, losses, and the simplest weights near it."""
    (model,), (compared,) = found.run.trained, found.compared.models
    W, b = (part[model.best].tolist() for part in (model.W, model.b))
    best = found.exact_side.best
    drawn = [
        page(caption, arrows(each))
        for caption, each in (
            ("**Trained**", handcalc.ToyModel.from_floats(W, b, 10**12)),
            (f"**Worked by hand**: {best.name}", best.model),
        )
    ]
    written = compared.by_hand
    simple = [] if written is None else [written.sentence, matrix(written.model.W, "W")]
    simple += [] if written is None else [f"$b$ = {vector(written.model.b)}"]
    return page(medium().beside(drawn), compared.sentence, *simple)


def by_start(found: TrainedThree) -> str:
    """Every start: its loss, and how far that is above the best known, or below it."""
    (model,) = found.run.trained
    best = to_float(found.exact_side.best.values.total)
    losses = enumerate(model.loss.tolist(), 1)
    rows = [(str(k), f"{loss:.8f}", above(loss, best)) for k, loss in losses]
    agreed = f"{found.run.agreed(0)} of {len(model.loss)} starts came as low as the best of them."
    return f"{table(('start', 'exact loss $L$', 'above the best known'), rows)}\n\n{agreed}"


def above(loss: float, best: float) -> str:
    """How far a loss is above the best known, below zero where it beats that."""
    return f"{round(100 * (loss / best - 1), 3) + 0.0:.3f} %"  # no sign where it is rounding


def learning(found: TrainedThree) -> Curves:
    """The losses along the way, start by start, and the best known."""
    (model,) = found.run.trained
    history, best = model.history, to_float(found.exact_side.best.values.total)
    is_sampled = found.run.spec.trainer == "sampled"
    lines: dict[str, list[Spot]] = {}
    for k in range(min(_MOST_STARTS, len(model.loss))):
        losses = history.losses[:, k].tolist()
        lines[f"start {k + 1}"] = [*map(_spot, history.steps, losses)]
    ends = history.steps[0], history.steps[-1]
    lines["the best known"] = [(float(step), best) for step in ends]
    return Curves(
        lines,
        "step" if is_sampled else "evaluation of the loss and its slopes",
        "loss, on the samples drawn" if is_sampled else "loss, the lowest so far",
        "Losses fall, stay on plateaus, and fall again, towards the best known.",
        logarithmic="y",
    )


def _spot(step: int, loss: float) -> Spot:
    return float(step), loss
