"""The toy model worked out with mpmath to 70 digits, for models with roots and angles.

Run ``python tests/oracles/forward_decimals.py`` for one JSON object on a line for each model: its
name, its numbers in plain notation, and its answers as decimals. Nothing here imports the package
that it helps to judge, and nothing is exact: this is the second route.
"""

from __future__ import annotations

import json
from typing import Any

import mpmath
from plain_values import DIGITS, decimal

Texts = list[list[str]]


def ring(k: int, n: int) -> list[str]:
    """The unit vector at the angle 2πk/n."""
    return [f"cos({2 * k}*pi/{n})", f"sin({2 * k}*pi/{n})"]


def polygon(n: int) -> Texts:
    """A regular polygon of unit vectors."""
    return [ring(k, n) for k in range(n)]


HALF, THIRD = "sqrt(2)/2", "sqrt(3)/2"
GOLDEN = "(1 + sqrt(5))/2"
LEANING = [[THIRD, "1/2"], ["1/2", f"-{THIRD}"], [f"-{HALF}", HALF]]
LINE = [["sqrt(2)"], ["-sqrt(3)"], ["sqrt(6)/2"]]
LADDER = [[GOLDEN, "0"], ["1", GOLDEN], ["0", f"-{GOLDEN}"]]
SIXTEENTH = [["sqrt(2 + sqrt(2))/2", "sqrt(2 - sqrt(2))/2"], ["0", "1"]]
TETRAHEDRON = [
    ["sqrt(3)/3", "sqrt(3)/3", "sqrt(3)/3"],
    ["sqrt(3)/3", "-sqrt(3)/3", "-sqrt(3)/3"],
    ["-sqrt(3)/3", "sqrt(3)/3", "-sqrt(3)/3"],
    ["-sqrt(3)/3", "-sqrt(3)/3", "sqrt(3)/3"],
]

# name, W, b, x, activation
MODELS: list[tuple[str, Texts, str, str, str]] = [
    ("triangle", polygon(3), "0 0 0", "1 1/4 1/2", "relu"),
    ("triangle-linear", polygon(3), "1/3 1/3 1/3", "1 1/4 1/2", "linear"),
    ("square", polygon(4), "0 1/2 0 1/2", "1/3 1 0 3/4", "relu"),
    ("pentagon", polygon(5), "0 0 0 0 0", "1 0 1/2 0 1/4", "relu"),
    ("pentagon-bias", polygon(5), " ".join(["-1/5"] * 5), "1 0 0 1 0", "relu"),
    ("hexagon", polygon(6), "0 0 0 0 0 0", "1 1/2 1/3 1/4 1/5 1/6", "linear"),
    ("heptagon", polygon(7), "0 0 0 0 0 0 0", "1 0 0 1/2 0 0 1/3", "relu"),
    ("octagon", polygon(8), "0 0 0 0 0 0 0 0", "1 1 0 0 1/2 0 1/7 0", "relu"),
    ("two-of-seven", [ring(1, 7), ring(3, 7), ["0", "0"]], "0 1/9 1/2", "1 1/2 1/3", "relu"),
    ("diagonal", [[HALF, HALF], [HALF, f"-{HALF}"], ["0", "-1"]], "0 0 1/2", "1 1/4 1/2", "relu"),
    ("leaning", LEANING, "0 1/8 0", "1 1 1/2", "relu"),
    ("roots", LINE, "0 sqrt(3)/3 -sqrt(2)/4", "1/2 1/3 1/5", "relu"),
    ("golden", LADDER, "0 0 0", "1 1/2 1/3", "linear"),
    ("nested", SIXTEENTH, "0 0", "1 1/2", "relu"),
    ("kink", [[HALF, HALF], [HALF, f"-{HALF}"]], "-1 -1/2", "1 1/2", "relu"),
    ("kink-triangle", polygon(3), "-5/8 1/2 1/8", "1 1/4 1/2", "relu"),
    ("surd-input", [ring(k, 5) for k in range(3)], "0 0 0", "sqrt(2)/2 sqrt(5)/3 1/2", "relu"),
    ("tetrahedron", TETRAHEDRON, "0 0 0 0", "1 1/2 1/4 0", "relu"),
]


def total(values: Any) -> Any:
    """A sum that is an mpmath number even when nothing is summed."""
    return sum(values, decimal("0"))


def forward(W: Any, b: Any, x: Any, activation: str) -> dict[str, Any]:
    """h = Wᵀx, z = Wh + b, x̂ = ReLU(z) or z, and x̂ − x."""
    features, hidden = range(len(W)), range(len(W[0]))
    h = [total(W[i][k] * x[i] for i in features) for k in hidden]
    z = [total(W[i][k] * h[k] for k in hidden) + b[i] for i in features]
    output = [max(value, 0) for value in z] if activation == "relu" else z
    return {"h": h, "z": z, "output": output, "difference": [output[i] - x[i] for i in features]}


def geometry(W: Any) -> dict[str, Any]:
    """G, ‖Wᵢ‖, Σ_{j≠i} (Ŵᵢ·Wⱼ)², ‖Wᵢ‖²/Σⱼ (Ŵᵢ·Wⱼ)² and their sum; 0 for a row of zeros."""
    features, hidden = range(len(W)), range(len(W[0]))
    gram = [[total(W[i][k] * W[j][k] for k in hidden) for j in features] for i in features]
    norms = [gram[i][i] ** 0.5 for i in features]
    unit = [[W[i][k] / norms[i] if norms[i] else W[i][k] for k in hidden] for i in features]
    overlap = [
        [total(unit[i][k] * W[j][k] for k in hidden) ** 2 for j in features] for i in features
    ]
    others = [total(overlap[i][j] for j in features if j != i) for i in features]
    all_of_them = [total(overlap[i]) for i in features]
    dimensionality = [
        norms[i] ** 2 / all_of_them[i] if norms[i] else decimal("0") for i in features
    ]
    return {
        "gram": gram,
        "norms": norms,
        "interference": others,
        "dimensionality": dimensionality,
        "capacity": total(dimensionality),
    }


def as_text(value: Any) -> Any:
    """Decimals as strings of 60 digits, in lists and dictionaries too."""
    if isinstance(value, dict):
        return {key: as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_text(item) for item in value]
    return str(mpmath.nstr(decimal("0") + value, DIGITS))


def record(name: str, W: Texts, b: str, x: str, activation: str) -> dict[str, Any]:
    """One model with all its answers."""
    rows = [[decimal(cell) for cell in row] for row in W]
    bias, inputs = [decimal(cell) for cell in b.split()], [decimal(cell) for cell in x.split()]
    asked = {"name": name, "W": W, "b": b.split(), "x": x.split(), "activation": activation}
    return {**asked, **as_text({**forward(rows, bias, inputs, activation), **geometry(rows)})}


def main() -> None:
    """Print the models."""
    for model in MODELS:
        print(json.dumps(record(*model)))


if __name__ == "__main__":
    main()
