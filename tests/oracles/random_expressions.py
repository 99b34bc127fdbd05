"""Random expressions with roots and angles, and their values to 60 digits.

Run ``python tests/oracles/random_expressions.py --expressions 400 --seed 1`` for one JSON object on
a line for each. Nothing here imports the package that it helps to judge.
"""

from __future__ import annotations

import argparse
import json
from random import Random
from typing import Any

import mpmath
from plain_values import DIGITS, decimal

LEAVES = (
    "1 2 3 7 12 sqrt(2) sqrt(3) sqrt(5) sqrt(12) cos(pi/5) cos(2*pi/7) cos(pi/9) sin(pi/8) "
    "cos(3*pi/4) sin(2*pi/5)"
)
FORMS = (
    *("{a}+{b}", "{a}-{b}", "{a}*{b}", "{a}/{b}", "{a} - {b}", "{a} / {b}"),
    *("({a})", "-({a})", "sqrt({a})", "({a}+{b})*{a}", "{b}/({a})", "({a})*({b})"),
)
LONGEST = 150


def expression(random: Random, depth: int) -> str:
    """An expression in plain notation, at most this deep."""
    if depth == 0 or random.random() < 0.2:
        return random.choice(LEAVES.split())
    form = random.choice(FORMS)
    return form.format(a=expression(random, depth - 1), b=expression(random, depth - 1))


def value(text: str) -> Any:
    """The value to 70 digits, or None where it is not a real number of ordinary size."""
    try:
        number = decimal(text)
    except ZeroDivisionError:
        return None
    is_real = not hasattr(number, "imag") or number.imag == 0
    return number if is_real and abs(number) < 1e30 else None


def records(count: int, seed: int) -> list[dict[str, str]]:
    """As many expressions with values as asked; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a repeatable draw, not a secret
    found: dict[str, str] = {}
    while len(found) < count:
        text = expression(random, random.randint(1, 4))
        number = value(text) if len(text) <= LONGEST else None
        if number is not None:
            found[text] = mpmath.nstr(number, DIGITS)
    return [{"text": text, "value": decimals} for text, decimals in found.items()]


def main() -> None:
    """Print the expressions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--expressions", type=int, default=400, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="the same ones for the same seed")
    options = parser.parse_args()
    for record in records(options.expressions, options.seed):
        print(json.dumps(record))


if __name__ == "__main__":
    main()
