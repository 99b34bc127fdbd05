"""Circuits as plain data for JSON: one form, with vectors as rows, whatever a page shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import isfinite

import sympy

from handcalc.circuits.corpus import Bigrams
from handcalc.circuits.exponential_sum import ExponentialSum
from handcalc.circuits.gallery.circuit import Circuit
from handcalc.circuits.log_sums import LogSum
from handcalc.circuits.low_rank import PLACES, LowRank
from handcalc.circuits.paths import PathExpansion, path_name
from handcalc.circuits.positions import Number, Rows
from handcalc.circuits.proving import Enumeration
from handcalc.circuits.run import CircuitRun
from handcalc.circuits.tables import TokenTable
from handcalc.derivation import Claim
from handcalc.numbers.exact import to_text
from handcalc.views.json import Data
from handcalc.views.notation import EXACT


def number(value: Number) -> object:
    """A text that reads back, or of a number that is not algebraic its terms and its float.

    >>> number(ExponentialSum.of({1: "1/2"}))
    {'exponentials': [['1/2', '1']], 'over': [['1', '0']], 'base': 'e', 'value': 1.3591409142295225}
    """
    if not isinstance(value, ExponentialSum):
        return to_text(value)
    found = value.to_float()
    return {
        "exponentials": _terms(value.terms),
        "over": _terms(value.over),
        "base": value.base_text,
        "value": found if isfinite(found) else None,
    }


def _terms(terms: Iterable[tuple[Number, Number]]) -> list[list[object]]:
    return [[number(coefficient), number(exponent)] for exponent, coefficient in terms]


def rows(shown: Rows) -> list[list[object]]:
    """Rows of numbers."""
    return [[number(cell) for cell in row] for row in shown]


def run(shown: CircuitRun) -> Data:
    """Residual stream, heads and logits; ``predictions`` are the next tokens, several in a tie.

    >>> from handcalc.circuits.attention_only import AttentionOnly
    >>> from handcalc.circuits.run import run_circuit
    >>> found = run(run_circuit(AttentionOnly("1 0; 0 1", "0 1; 1 0"), "a b"))
    >>> found["logits"], found["predictions"]
    ([['0', '1'], ['1', '0']], [['b'], ['a']])
    """
    layers = [
        [
            {"scores": rows(scores), "pattern": rows(pattern), "output": rows(output)}
            for scores, pattern, output in zip(*layer, strict=True)
        ]
        for layer in zip(shown.scores, shown.pattern, shown.head_outputs, strict=True)
    ]
    return {
        "vocabulary": list(shown.model.vocabulary),
        "softmax": shown.model.softmax.name,
        "tokens": list(shown.tokens),
        "residual": [rows(layer) for layer in shown.residual],
        "layers": layers,
        "logits": rows(shown.logits),
        "predictions": [list(best) for best in shown.predictions],
    }


def expansion(shown: PathExpansion) -> list[Data]:
    """Each path with what it adds to the logits."""
    return [
        {"path": path_name(term.heads), "logits": rows(term.contribution)} for term in shown.terms
    ]


def table(shown: TokenTable) -> Data:
    """Cells [row][column] under the names of both tokens."""
    return {
        "name": shown.name,
        "rows": shown.row_meaning,
        "columns": shown.column_meaning,
        "cells": rows(shown.cells),
    }


def proof(shown: Enumeration) -> Data:
    """What was claimed, how far, on how many sequences, and the first that breaks it."""
    counterexample = shown.counterexample
    return {
        "claim": shown.claim.sentence,
        "up_to": shown.up_to,
        "sequences": shown.sequences,
        "failures": shown.failures,
        "margin": None if shown.margin is None else number(shown.margin),
        "worst": None if shown.worst is None else list(shown.worst),
        "counterexample": None if counterexample is None else list(counterexample),
    }


def circuit(shown: Circuit) -> Data:
    """The story of a named circuit, and what is gained and fails."""
    findings = shown.findings
    return {
        "name": shown.name,
        "title": shown.title,
        "story": shown.story,
        "gained": _claims(findings.gained),
        "lost": _claims(findings.lost),
        "source": shown.source,
    }


def _claims(claims: Sequence[Claim]) -> list[str]:
    return [EXACT.claim(claim) for claim in claims]


def bigrams(shown: Bigrams) -> Data:
    """Counts as whole numbers, the entropy, and the factors of the best table.

    Where dimensions were asked for: whether they are enough, and what was found if they are not.

    >>> from handcalc.circuits.corpus import best_bigrams
    >>> bigrams(best_bigrams("abaab"))["counts"]
    [[1, 2], [1, 0]]
    """
    asked = {} if shown.asked is None else {"asked": shown.asked, "enough": shown.enough}
    return {
        "vocabulary": list(shown.vocabulary),
        "counts": [list(row) for row in shown.counts],
        "add": str(shown.add),
        "table": [None if row is None else list(map(_log, row)) for row in shown.table],
        "entropy": _log(shown.entropy),
        "loss": None if shown.loss is None else _log(shown.loss),
        "attained": shown.attained,
        "dimensions": shown.dimensions,
        "W_E": _factor(shown.W_E),
        "W_U": _factor(shown.W_U),
        **asked,
        **({} if shown.found is None else {"best_found": _low_rank(shown.found)}),
    }


def _low_rank(found: LowRank) -> Data:
    """W_E and W_U as decimals, their loss and its gap to the entropy, and what is proved."""
    return {
        "dimensions": found.dimensions,
        "W_E": [[f"{float(cell):.{PLACES}f}" for cell in row] for row in found.W_E],
        "W_U": [[f"{float(cell):.{PLACES}f}" for cell in row] for row in found.W_U],
        "loss": found.loss,
        "entropy": _log(found.entropy),
        "gap_percent": found.gap,
        "infimum": None if found.infimum is None else _log(found.infimum),
        "reason": found.reason or None,
        "attained": found.attained,
        "starts": found.starts,
        "agreed": found.agreed,
    }


def _log(value: LogSum) -> Data:
    return {"exact": value.to_text(), "value": value.to_float()}


def _factor(rows: Sequence[Sequence[LogSum | Fraction]] | None) -> list[list[object]] | None:
    if rows is None:
        return None
    return [[_log(cell) if isinstance(cell, LogSum) else str(cell) for cell in row] for row in rows]


def matrix(rows: Sequence[Sequence[sympy.Expr]]) -> list[list[str]]:
    """A matrix of algebraic numbers."""
    return [[to_text(cell) for cell in row] for row in rows]
