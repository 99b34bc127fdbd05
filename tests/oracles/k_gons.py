"""Regular k-gons with exactly one active feature: their losses by one-dimensional integrals.

Row i of W is l·(cos 2πi/k, sin 2πi/k) for i < k, and 0 for the n − k others, which are dead: their
biases are negative, or one of them is 1/(2n). The k first biases are b ≤ 0. One feature in n is
active and uniform, so every integral is one over [0, 1] of a parabola from where ReLU switches on.

Run ``python tests/oracles/k_gons.py`` for the losses, to 30 digits, of what published_losses.json
lists; with ``--best`` for the l and b at which the loss is stationary. Nothing here imports the
package that it helps to judge.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import mpmath

PUBLISHED = Path(__file__).with_name("published_losses.json")
_CONTEXT = mpmath.MPContext()
_CONTEXT.dps = 50
_THIRD = _CONTEXT.mpf(1) / 3


def number(text: str) -> Any:
    """A decimal or a fraction, to 50 digits."""
    top, _, bottom = text.partition("/")
    return _CONTEXT.mpf(top) / _CONTEXT.mpf(bottom or 1)


def interference(g: Any, b: Any) -> Any:
    """∫₀¹ ReLU(gx + b)² dx for b ≤ 0: (g + b)³/(3g) where ReLU switches on at all."""
    return (g + b) ** 3 / (3 * g) if g + b > 0 else _CONTEXT.mpf(0)


def benefit(g: Any, b: Any) -> Any:
    """∫₀¹ (x − ReLU(gx + b))² dx for b ≤ 0 < g + b, ReLU being on from t = −b/g."""
    t = -b / g
    return _THIRD - 2 * (g * (1 - t**3) / 3 + b * (1 - t**2) / 2) + interference(g, b)


def loss(k: int, n: int, l: Any, b: Any, plus: bool = False) -> Any:  # noqa: E741 - the length l
    """L, with one dead output's bias at 1/(2n) if ``plus``: that output gains 1/(4n²)."""
    overlaps = [l**2 * _CONTEXT.cos(2 * _CONTEXT.pi * j / k) for j in range(1, k)]
    one = benefit(l**2, b) + sum(interference(g, b) for g in overlaps)
    bias = _CONTEXT.mpf(1) / (2 * n) if plus else _CONTEXT.mpf(0)
    dead = (n - k) * _THIRD - bias + n * bias**2
    return (k * one + dead) / n


def best(k: int, start: tuple[Any, Any]) -> tuple[Any, Any]:
    """The l and b near ``start`` at which both derivatives of the loss are 0."""

    def slopes(l: Any, b: Any) -> tuple[Any, Any]:  # noqa: E741 - the length l
        return (
            _CONTEXT.diff(lambda v: loss(k, k, v, b), l),
            _CONTEXT.diff(lambda v: loss(k, k, l, v), b),
        )

    found = _CONTEXT.findroot(slopes, start, tol=1e-20)
    return found[0], found[1]


def entries() -> list[dict[str, Any]]:
    """What published_losses.json lists."""
    stored = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    listed: list[dict[str, Any]] = stored["k_gons"]["losses"]
    return listed


def main() -> None:
    """Print a line for every entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--best", action="store_true", help="where the loss is stationary")
    options = parser.parse_args()
    for entry in entries():
        k, n, start = entry["k"], entry["n"], (number(entry["l"]), number(entry["b"]))
        name = f"{k}-gon{'+' if entry['plus'] else ''}, n = {n}"
        if options.best and k > 4:
            l, b = best(k, start)  # noqa: E741 - the length l
            print(f"{name}: l = {_CONTEXT.nstr(l, 15)}, b = {_CONTEXT.nstr(b, 15)}")
        else:
            print(f"{name}: L = {_CONTEXT.nstr(loss(k, n, *start, entry['plus']), 30)}")


if __name__ == "__main__":
    main()
