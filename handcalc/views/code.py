"""A model as Python code for a notebook, in numpy or torch, and the training that finds such ones.

The code is text: neither numpy nor torch is imported to write it. It is ASCII, and it runs as it
stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Literal, TypeAlias

import sympy

from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import to_float, to_text
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.toy_model import ToyModel

Library: TypeAlias = Literal["numpy", "torch"]

_LONGEST = 16  # characters of a number that is written exactly
_WIDTH, _MATRIX = 88, 54  # of a line, and of a matrix on one
_ROOTS = ("cos", "pi", "sin", "sqrt")  # what Python's math has, and exact numbers are written with
_ARRAY = {"numpy": "np.array({}, dtype=float)", "torch": "torch.tensor({}, dtype=torch.float64)"}
_ONES = {"numpy": "np.ones({})", "torch": "torch.ones({}, dtype=torch.float64)"}
_RELU = {"numpy": "np.maximum({}, 0)", "torch": "torch.relu({})"}


def model_code(model: ToyModel, library: Library) -> str:
    """W, b and the forward pass of a model, for one input or for many, one a row.

    >>> print(model_code(ToyModel("1 0; 0 1/2"), "numpy"))
    import numpy as np
    <BLANKLINE>
    # row i of W is the arrow of feature i
    W = np.array([[1, 0], [0, 1/2]], dtype=float)
    b = np.array([0, 0], dtype=float)
    def model(x):  # one input, or many, one a row
        return np.maximum(x @ W @ W.T + b, 0)
    <BLANKLINE>
    print(model(np.ones(2)))
    """
    rows = [_row(row) for row in model.W]
    used = _used("".join(rows) + _row(model.b))
    before = [f"from math import {', '.join(used)}"] if used else []
    output = "x @ W @ W.T + b"
    if model.activation == "relu":
        output = _RELU[library].format(output)
    return "\n".join(
        [
            *before,
            "import numpy as np" if library == "numpy" else "import torch",
            "",
            "# row i of W is the arrow of feature i",
            f"W = {_ARRAY[library].format(_matrix(rows))}",
            f"b = {_ARRAY[library].format(_row(model.b))}",
            "def model(x):  # one input, or many, one a row",
            f"    return {output}",
            "",
            f"print(model({_ONES[library].format(model.n)}))",
        ]
    )


def training_code(problem: Problem, sparsity: sympy.Expr, steps: int = 3000) -> str:
    """The training of such a model in torch, on samples: the lines of its loop, W and b.

    >>> code = training_code(Problem.of(3, 2, sparsity=0), sympy.Rational(9, 10))
    >>> print(code.splitlines()[8])
        x = torch.rand(1024, n) * (torch.rand(1024, n) >= S)  # off with probability S
    """
    error = "(torch.relu(x @ W @ W.T + b) - x) ** 2"
    weights = []
    if any(value != 1 for value in problem.importance):
        error = f"importance * {error}"
        weights = wrap(f"importance = torch.tensor({_row(problem.importance)})", _WIDTH)
    size = f"n, m, S = {problem.features}, {problem.hidden}, {_number(sparsity)}"
    used = _used("".join([size, *weights]))
    return "\n".join(
        [
            *([f"from math import {', '.join(used)}"] if used else []),
            "import torch",
            "",
            f"{size}  # features, dimensions, and how often a feature is off",
            *weights,
            "W = torch.nn.Parameter(torch.randn(n, m) / n)",
            "b = torch.nn.Parameter(torch.zeros(n))",
            "optimiser = torch.optim.Adam([W, b], lr=0.01)",
            "",
            f"for step in range({steps}):",
            "    x = torch.rand(1024, n) * (torch.rand(1024, n) >= S)  # off with probability S",
            f"    loss = ({error}).sum(1).mean()",
            "    optimiser.zero_grad(), loss.backward()",
            "    optimiser.step()",
            "",
            "print(W.detach(), b.detach(), loss.item(), sep='\\n')",
        ]
    )


def _number(value: sympy.Expr) -> str:
    """A number as Python has it: exactly where that is short, else as the nearest float."""
    text = to_text(value)
    return text if len(text) <= _LONGEST else repr(to_float(value))


def _row(values: Iterable[sympy.Expr] | Vector) -> str:
    return f"[{', '.join(map(_number, values))}]"


def _matrix(rows: Sequence[str]) -> str:
    """The rows on one line where they fit, else each on its own."""
    line = f"[{', '.join(rows)}]"
    inner = "".join(f"    {row},\n" for row in rows)
    return line if len(line) <= _MATRIX else f"[\n{inner}]"


def _used(text: str) -> list[str]:
    return sorted(set(re.findall("[a-z]+", text)).intersection(_ROOTS))
