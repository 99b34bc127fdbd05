"""What the lecture on training asks before it shows, worked out by the engine, and its plan."""

from __future__ import annotations

import sympy

import handcalc
from handcalc.inputs.arguments import exact
from handcalc.lectures.predicting import ChoicePrediction, NumberPrediction
from handcalc.lectures.showing import matrix, number, vector
from handcalc.lectures.workings.comparing import of_name
from handcalc.lectures.workings.phase_changes import PENTAGON, TWO_PAIRS
from handcalc.lectures.workings.trained import (
    DEAD,
    UNIT_PAIR,
    descent_step,
    draws_needed,
    restarts_needed,
)
from handcalc.numbers.exact import to_float
from handcalc.superposition.closed_forms import (
    Composition,
    best_regular,
    dropped_loss,
    family_loss,
)

# other numbers than those of the course's exercises, which are not to be given away
_SPARSE, _STEP_AT = sympy.Rational(4, 5), sympy.Rational(2, 5)
_RATE = sympy.Rational(1, 2)
_DEAD_AT = sympy.Rational(1, 4)
_CHANCE, _RISK = sympy.Rational(1, 5), sympy.Rational(1, 100)
_TWO_PER_CENT = sympy.Rational(51, 50)


# -- by hand ---------------------------------------------------------------------------------------


def simplest() -> ChoicePrediction:
    """How near the simplest embedding comes to the best."""
    best = family_loss(Composition(pairs=1, dedicated=1), _SPARSE, 12)
    pair = handcalc.expected_loss(of_name("relu"), _SPARSE).value
    dropped = dropped_loss(1 - _SPARSE)
    if not best < pair < _TWO_PER_CENT * best or dropped < 4 * best:
        raise ValueError("The simplest pair is near, and dropping is far.")
    right = "hardly: less than two per cent more"
    return ChoicePrediction(
        f"Three features, two dimensions, $S$ = {number(_SPARSE)}. Training takes thousands of "
        "steps. By hand one writes arrows of length one and no biases: two back to back, the third "
        "at a right angle. How much more than the best does that lose?",
        {
            "several times as much": f"so it is if one is dropped: that loses {number(dropped)}",
            "about half as much again": "interference costs something only when both are on",
            right: "The simplest weights are nearly the best.",
            "nothing: it is the best": "a little more length and bias gains something still",
        },
        right,
        f"It loses {number(pair)}, and the best pair {number(sympy.Rational(str(best)))}, with "
        f"arrows of length {number(_digits('length'))} and biases of {number(_digits('bias'))}. "
        "What training finds there, one could have written down.",
    )


def _digits(what: str) -> sympy.Rational:
    """The best pair's length or bias to six digits."""
    return sympy.Rational(str(getattr(best_regular(2, _SPARSE).digits(6), what)))


def one_step() -> NumberPrediction:
    """The bias after one step of gradient descent."""
    step = descent_step(UNIT_PAIR.W, UNIT_PAIR.b, str(_STEP_AT), str(_RATE))
    right, slope = step.after.b[0], step.gradient.b[0].right
    return NumberPrediction(
        f"Two features on one line:\n\n{matrix(UNIT_PAIR.W, 'W')}\n\n$b$ = "
        f"{vector(UNIT_PAIR.b)}, $S$ = {number(_STEP_AT)}. The slope of the loss in each bias "
        f"is {number(slope)}. Gradient descent with the rate {number(_RATE)} takes one step. "
        "Where is the bias then?",
        right,
        "Against the slope, by the rate.",
        (
            (exact(-right), "that is up the hill: one goes *against* the slope"),
            (exact(-slope), "that is the slope; the rate shortens the step"),
            (exact(-slope / _RATE), "the slope is multiplied by the rate, not divided"),
        ),
        f"$b \\leftarrow b - \\eta\\, \\partial L / \\partial b$, and that is {number(right)}. The "
        f"loss falls from {number(step.losses[0])} to {number(step.losses[1])}. Training does "
        "nothing else; on samples it only does not know the slope, and guesses it from a batch.",
    )


# -- where descent stays ---------------------------------------------------------------------------


def dead() -> NumberPrediction:
    """The slope in the bias of an output that is never on."""
    found = handcalc.loss_gradient(DEAD, _DEAD_AT)
    right = found.b[2].right
    lost = handcalc.expected_loss(DEAD, _DEAD_AT).per_feature[2]
    p = 1 - _DEAD_AT
    own = sum(cell**2 for cell in DEAD.W[2])
    return NumberPrediction(
        f"Somebody drew the biases at random, and this came of it:\n\n{matrix(DEAD.W, 'W')}\n\n$b$ "
        f"= {vector(DEAD.b)}, $S$ = {number(_DEAD_AT)}. Output 3 begins at {number(DEAD.b[2])}; "
        f"its own feature lifts it by {number(own)} at most, and the others push it down. It loses "
        f"{number(lost)}. How steep is the loss in its bias?",
        right,
        "It is flat: the output is dead.",
        (
            (
                exact(-p),
                "that is twice the mean of what is missing, and counts where $z$ is above zero",
            ),
            (
                exact(-p / 2),
                "the mean of $x$ is missing, but raising the bias a little shows nothing",
            ),
            (lost, "so much it loses; how much it *could* gain no slope tells"),
        ),
        "ReLU cuts off whatever stands there, for every input, so no small change of this bias is "
        "seen. Arrow 3 has slopes, as the others hear of it; but they only shorten it, and the "
        "output stays dead. That is a reason to begin training with biases of zero.",
    )


def other_side() -> ChoicePrediction:
    """What becomes of a minimum behind the border of its phase."""
    pentagon, pairs = (family_loss(each, _SPARSE, 12) for each in (PENTAGON, TWO_PAIRS))
    if not pentagon < pairs:
        raise ValueError("At this sparsity the pentagon is better.")
    percent = 100 * (to_float(sympy.Rational(str(pairs / pentagon))) - 1)
    right = "it stays there"
    return ChoicePrediction(
        f"Five features in two dimensions at $S$ = {number(_SPARSE)}. The pentagon loses least; "
        f"two pairs with the fifth feature dropped lose {percent:.1f} per cent more. Descent "
        "begins near the two pairs. What does it do?",
        {
            "it goes on to the pentagon": "for that it would have to go up first",
            right: "Behind the border of its phase a minimum is still a minimum.",
            "it cannot tell, and wanders about": "slopes are exact; it stops where they vanish",
        },
        right,
        "At a border two minima lose the same; behind it the one is beaten, and still there. "
        "Descent goes downhill and knows of no other valley. Water that is cooled carefully stays "
        "water below its freezing point. Below stands how many of the starts end where.",
    )


# -- restarts --------------------------------------------------------------------------------------


def how_many_starts() -> NumberPrediction:
    """The number of restarts that hardly ever all miss."""
    right = restarts_needed(_CHANCE, _RISK)
    few = exact(1 / _CHANCE)
    missed = (1 - _CHANCE) ** few
    return NumberPrediction(
        f"One start in {number(few)} ends at the best. How many starts are needed, if *all* of "
        f"them may miss it in at most {number(_RISK)} of all runs?",
        exact(right),
        "So often all must miss.",
        (
            (
                few,
                f"so many find it once on average; all of them miss it in {number(missed)} of runs",
            ),
            (exact(right - 1), "just short of it"),
            (exact(1 / _RISK), "that is more than is needed"),
        ),
        f"All of $n$ miss with probability $(1 - q)^n$, here with $q$ = {number(_CHANCE)}: it "
        f"takes {number(right)}. The best of a few restarts is therefore no proof. How many "
        "*agreed* says more: where one in many did, one more start might find something better.",
    )


# -- on samples ------------------------------------------------------------------------------------


def how_many_draws() -> NumberPrediction:
    """How many inputs tell a loss to one per cent."""
    right, mean, square = draws_needed(_SPARSE, _RISK)
    if not handcalc.equal(mean, handcalc.expected_loss(UNIT_PAIR, _SPARSE).value):
        raise ValueError("The mean is the loss.")
    return NumberPrediction(
        f"The pair of lengths one and no biases loses {number(mean)} at $S$ = {number(_SPARSE)}, "
        f"and its squared error has the mean square {number(square)}. On how many inputs must one "
        f"average for a standard error of {number(_RISK)} of the loss?",
        exact(right),
        "Rare errors are large.",
        (
            (exact(1 / _RISK**2), "so it would be if the error scattered as much as its mean"),
            (exact(right + 1 / _RISK**2), "the square of the mean is to be taken off"),
            (exact(right * _RISK), "the standard error falls with the *root* of the number"),
        ),
        f"The variance is {number(exact(square - mean**2))}, the mean's square "
        f"{number(exact(mean**2))}: their ratio by {number(exact(_RISK**2))} is "
        f"{number(exact(right))}. Most inputs have no error "
        "at all, and few have a large one. The sparser, the worse; and two models that differ by a "
        "thousandth are told apart by the exact loss alone.",
    )


QUESTIONS = {
    "simplest": simplest,
    "one step": one_step,
    "dead": dead,
    "other side": other_side,
    "how many starts": how_many_starts,
    "how many draws": how_many_draws,
}

EXERCISES = ("what-linear-cannot", "five-in-two")

SUMMARY = r"""
## Summary

- Training is descent: a step against the slopes, again and again. On samples slopes are guessed.
- Where inputs are sparse, the simplest weights are nearly the best: what training finds could have
  been written by hand.
- The loss has no slope in the bias of a dead output, which stays dead. So biases begin at zero.
- A minimum stays one behind the border of its phase. Descent ends in the valley it began in, so
  there are restarts, and the best of them is a best *found*.
- How many restarts agreed says how far to trust it; that all miss has a probability.
- A loss from samples is told to one per cent by very many of them; the exact loss by none.
"""

PLAN = (
    ("By hand first", 15, "Training is trusted to be far better than a drawing: drag and see."),
    ("One step of descent", 15, "Steps go uphill, or are as long as the slope: write the minus."),
    ("Where descent stays", 15, "A dead output is thought to recover: which slope would lift it?"),
    ("Restarts", 15, "The best of eight is taken for the best: how many agreed?"),
    (
        "Trained, and beside it the best known",
        20,
        "The gap is blamed on the seed: compare both trainers.",
    ),
    ("Exercises", 10, "Let the class race a training run."),
)
