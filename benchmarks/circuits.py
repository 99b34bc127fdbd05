"""A proof by enumeration beside a plain forward pass: what sharing and leaving zeros out save.

The named circuit ``induction`` with four tokens is proved on every sequence of up to six: 4,004 for
the distribution of followers. Plain is what one writes first: full matrices of Python's fractions,
every sequence from its beginning, all positions. Run ``python benchmarks/circuits.py``.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.gallery.induction import induction
from handcalc.circuits.sequence_claims import followers
from handcalc.inputs.arguments import Matrix
from handcalc.numbers.exact import to_fraction

Rows = list[list[Fraction]]


def fractions(matrix: Matrix) -> Rows:
    """A matrix of sympy's numbers as one of Python's fractions."""
    return [[to_fraction(cell) for cell in row] for row in matrix]


def times(a: Rows, b: Rows) -> Rows:
    """a b, by the definition."""
    columns = list(zip(*b, strict=True))
    return [[sum(map(Fraction.__mul__, row, column)) for column in columns] for row in a]


def hard(scores: Sequence[Fraction], n: int) -> list[Fraction]:
    """Equal weights for the largest, nothing for the others."""
    best = max(scores)
    share = Fraction(1, list(scores).count(best))
    return [share if j < len(scores) and scores[j] == best else Fraction(0) for j in range(n)]


class Plain:
    """The same model as plain matrices."""

    def __init__(self, model: AttentionOnly) -> None:
        matrices = (model.W_E, model.W_U, model.W_pos or ())
        self.W_E, self.W_U, self.W_pos = map(fractions, matrices)
        self.heads = [(fractions(h.W_QK), fractions(h.W_OV)) for (h,) in model.layers]

    def logits(self, tokens: Sequence[int]) -> list[Fraction]:
        """Those of the last position; all others are worked out on the way."""
        n = len(tokens)
        x = [list(map(Fraction.__add__, self.W_E[t], self.W_pos[i])) for i, t in enumerate(tokens)]
        for W_QK, W_OV in self.heads:
            scores = times(times(x, W_QK), [list(column) for column in zip(*x, strict=True)])
            weights = [hard(row[: i + 1], n) for i, row in enumerate(scores)]
            written = times(times(weights, x), W_OV)
            x = [list(map(Fraction.__add__, a, b)) for a, b in zip(x, written, strict=True)]
        return times(x[-1:], self.W_U)[0]


def concerned(V: int, length: int) -> list[str]:
    """Every sequence whose last token occurred before."""
    texts = (
        "".join(text) for n in range(2, length + 1) for text in product("abcdefgh"[:V], repeat=n)
    )
    return [text for text in texts if followers(text)]


def plain_seconds(plain: Plain, texts: Sequence[str]) -> float:
    """How long the plain way takes for these; it must find the distribution of followers."""
    start = perf_counter()
    for text in texts:
        seen = followers(text)
        found = plain.logits(["abcdefgh".index(letter) for letter in text])
        for letter, logit in zip("abcdefgh", found, strict=False):
            share = Fraction(2 * seen[letter], sum(seen.values()))
            if logit != share + (letter == text[-1]):
                raise SystemExit(f"{text}: the logit of {letter} is {logit}")
    return perf_counter() - start


def main() -> None:
    """Prove, measure, print the ratio, and keep a record where one is asked for."""
    reader = argparse.ArgumentParser(description="A proof by enumeration beside plain matrices.")
    reader.add_argument("--repetitions", type=int, default=3, help="proofs, of which the median")
    reader.add_argument("--sample", type=int, default=80, help="sequences for the plain way")
    reader.add_argument("--json", type=Path, metavar="FILE", help="keep a record here")
    asked = reader.parse_args()
    circuit = induction(V=4, n=6)
    texts = concerned(4, 6)
    draw = random.Random(0)  # noqa: S311 - a sample of sequences
    ours, other = [], []
    for _ in range(asked.repetitions):
        claim = induction(V=4, n=6).claims[1]
        start = perf_counter()
        proof = claim.prove(6)
        ours.append(perf_counter() - start)
        if (proof.sequences, proof.failures) != (len(texts), 0):
            raise SystemExit(f"Not proved: {proof}")
        sample = draw.sample(texts, asked.sample)
        other.append(plain_seconds(Plain(circuit.model), sample) * len(texts) / len(sample))
    proved, plain = median(ours), median(other)
    print(
        f"{len(texts):,} sequences: proved in {proved:.1f} s; plain, in proportion to "
        f"{asked.sample}, {plain:.0f} s; {plain / proved:.0f} times as long"
    )
    if asked.json:
        record = {
            "sequences": len(texts),
            "proved": proved,
            "plain": plain,
            "ratio": plain / proved,
        }
        asked.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
