"""Directions as plain data for JSON: exact numbers as texts, features from 1."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy

from handcalc.directions.analogy import Analogy
from handcalc.directions.coherence import BOUNDS, Coherence
from handcalc.directions.fitting import DimensionsNeeded, Fitting, LeastCoherence
from handcalc.directions.readouts import Readouts, SparsestLoss
from handcalc.directions.recovery import QUESTIONS, Counterexample, Recovery
from handcalc.numbers.exact import integer_text, to_text
from handcalc.superposition.loss.polynomial import polynomial_text
from handcalc.views.json import Data


def coherence(shown: Coherence) -> Data:
    """μ, the pairs that reach it, the largest signed cosine, and the bounds.

    >>> from handcalc.directions.coherence import coherence as worked
    >>> coherence(worked("1 0; 0 1; 0 -1"))["coherence"]
    '1'
    """
    return {
        "dimensions": shown.dimensions,
        "coherence": to_text(shown.coherence),
        "pairs": [list(pair) for pair in shown.pairs],
        "degrees": shown.degrees,
        "signed": to_text(shown.signed),
        "signed_pairs": [list(pair) for pair in shown.signed_pairs],
        **{name: _text(getattr(shown, name)) for name in BOUNDS},
        "met": [name for name in BOUNDS if getattr(shown, f"meets_{name}")],
        "equiangular": shown.equiangular,
        "gerzon": shown.gerzon,
        "no_coherence": None,
    }


def no_coherence(why: str) -> Data:
    """The same keys, null, where there is none, and why.

    >>> no_coherence("Row 2 is zero.")["degrees"] is None
    True
    """
    names = (
        "dimensions", "coherence", "pairs", "degrees", "signed", "signed_pairs", *BOUNDS, "met",
        "equiangular", "gerzon",
    )  # fmt: skip
    return {**dict.fromkeys(names), "no_coherence": why}


def recovery(shown: Recovery) -> Data:
    """Spark, circuits, the largest k of each question, and what fails beyond it.

    The spark is null where the rows are independent; ``not_worked_out`` then is, too.

    >>> from handcalc.directions.recovery import recovery as worked
    >>> recovery(worked("1; -1"))["circuits"]
    [['1', '1']]
    """
    return {
        "spark": shown.spark,
        "circuits": [list(map(to_text, circuit.entries)) for circuit in shown.circuits],
        **{name: shown.most(name) for name in QUESTIONS},
        "enough": shown.enough,
        "counterexamples": {
            name: None if found is None else _counterexample(found)
            for name, found in shown.counterexamples.items()
        },
        "not_worked_out": None,
    }


def no_recovery(why: str) -> Data:
    """The same keys, null, where it is not worked out, and why.

    >>> no_recovery("There are too many rows.")["unique"] is None
    True
    """
    names = ("spark", "circuits", *QUESTIONS, "enough", "counterexamples")
    return {**dict.fromkeys(names), "not_worked_out": why}


def _counterexample(shown: Counterexample) -> Data:
    others = [list(map(to_text, x)) for x in shown.others]
    return {"k": shown.k, "x": list(map(to_text, shown.x)), "others": others, "tie": shown.is_tie}


def readouts(shown: Readouts) -> Data:
    """One input, what is read off its h, and what two decoders lose."""
    return {
        "x": list(map(to_text, shown.x)),
        "h": list(map(to_text, shown.h)),
        "output": list(map(to_text, shown.relu)),
        "sparsest": [list(map(to_text, x)) for x in shown.sparsest.inputs],
        "shortest": [list(map(to_text, x)) for x in shown.l1.inputs],
        "loss": to_text(shown.relu_loss),
        "sparsest_loss": _text(shown.sparsest_loss),
        "notes": list(shown.notes),
    }


def sparsest_loss(shown: SparsestLoss) -> Data:
    """The expected losses, and what becomes of each pattern; S stays a symbol where it was."""
    return {
        "loss": polynomial_text(shown.relu),
        "sparsest_loss": _polynomial(shown.value),
        "sparsest_loss_at_least": polynomial_text(shown.at_least),
        "patterns": [
            {
                "active": list(each.active),
                "probability": polynomial_text(each.probability),
                "fate": each.fate,
                "loss": _text(each.loss),
            }
            for each in shown.patterns
        ],
    }


def fitting(shown: Fitting) -> Data:
    """How many directions fit."""
    names = (
        "lines",
        "vectors",
        "welch",
        "orthoplex",
        "levenshtein",
        "at_most",
        "at_least",
        "simplex",
        "random_signs",
    )
    return {
        "dimensions": shown.dimensions,
        **_angle(shown.coherence, shown.degrees),
        **{name: _whole(getattr(shown, name)) for name in names},
        "tail": None if shown.tail is None else float(shown.tail),
        "by_tail": _whole(shown.by_tail),
        "distances": _whole(shown.distances),
    }


def least_coherence(shown: LeastCoherence) -> Data:
    """What n directions in d dimensions cannot avoid."""
    return {
        "directions": shown.directions,
        "dimensions": shown.dimensions,
        "coherence": to_text(shown.value),
        **{name: _text(getattr(shown, name)) for name in BOUNDS},
        "degrees": shown.degrees["value"],
        "degrees_by_bound": {name: shown.degrees.get(name) for name in BOUNDS},
        "reached": shown.reached,
    }


def dimensions_needed(shown: DimensionsNeeded) -> Data:
    """How many dimensions so many directions need."""
    return {
        "directions": shown.directions,
        **_angle(shown.coherence, shown.degrees),
        "at_least": _whole(shown.at_least),
        "enough": _whole(shown.enough),
        **{name: _whole(getattr(shown, name)) for name in (*BOUNDS, "simplex")},
        "random_signs": _whole(shown.random_signs),
        "distances": _whole(shown.distances),
    }


def analogy(shown: Analogy) -> Data:
    """The equation, its result, cos² by word, and the nearest."""
    squares = zip(shown.words, shown.squares, strict=True)
    return {
        "equation": shown.equation.replace("−", "-"),
        "words": _vectors(shown.words, shown.vectors),
        "result": list(map(to_text, shown.result)),
        "squared_cosines": {word: _text(square) for word, square in squares},
        "equals": list(shown.equals),
        "nearest": list(shown.nearest),
        "nearest_others": list(shown.nearest_others),
    }


def _vectors(words: Sequence[str], rows: Sequence[Sequence[sympy.Expr]]) -> Data:
    return {word: list(map(to_text, row)) for word, row in zip(words, rows, strict=True)}


def _angle(coherence: sympy.Expr | None, degrees: Fraction | float) -> Data:
    return {"coherence": _text(coherence), "degrees": float(degrees)}


def _text(value: sympy.Expr | None) -> str | None:
    return None if value is None else to_text(value)


def _polynomial(value: sympy.Expr | None) -> str | None:
    return None if value is None else polynomial_text(value)


def _whole(value: int | None) -> str | None:
    """A whole number as a text, as it may have thousands of digits."""
    return None if value is None else integer_text(value)
