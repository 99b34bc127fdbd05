"""Prints of programs that are not installed where the records are made, from their documentation.

Program, version, what is shown, the numbers, and the text. The forms are those of the documentation
(Julia's manual on arrays, MATLAB's on format, Wolfram's on matrices, MathType's LaTeX translator,
Typst's reference); the numbers are small ones put into them by hand.
"""

from __future__ import annotations

from typing import Any

__all__ = ["DOCUMENTED"]

DOCUMENTED: list[tuple[str, str, str, Any, str]] = [
    (
        "Julia",
        "1.11, documentation",
        "[1.0 0.0; 0.0 -1.0]",
        [[1, 0], [0, -1]],
        "2×2 Matrix{Float64}:\n 1.0   0.0\n 0.0  -1.0",
    ),
    ("Julia", "1.11, documentation", "[1 2 3]", [[1, 2, 3]], "1×3 Matrix{Int64}:\n 1  2  3"),
    (
        "Julia",
        "1.11, documentation",
        "Diagonal",
        [[1, 0], [0, -2.5]],
        "2×2 Diagonal{Float64, Vector{Float64}}:\n 1.0    ⋅ \n  ⋅   -2.5",
    ),
    (
        "Julia",
        "1.11, documentation",
        "adjoint",
        [[1, 3], [2, 4]],
        "2×2 adjoint(::Matrix{Int64}) with eltype Int64:\n 1  3\n 2  4",
    ),
    (
        "Julia",
        "1.11, documentation",
        "rationals",
        [[0.5, 0], [-0.25, 1]],
        "2×2 Matrix{Rational{Int64}}:\n  1//2  0//1\n -1//4  1//1",
    ),
    (
        "Julia",
        "1.11, documentation",
        "Float32 vector",
        [0.5, -0.25, 0.0],
        "3-element Vector{Float32}:\n  0.5\n -0.25\n  0.0",
    ),
    (
        "Julia",
        "1.11, documentation",
        "repr of Float32",
        [[1, 0], [0, -1]],
        "Float32[1.0 0.0; 0.0 -1.0]",
    ),
    (
        "Julia",
        "1.11, documentation",
        "prompt",
        [[1, 0], [0, -1]],
        "julia> W\n2×2 Matrix{Float64}:\n 1.0   0.0\n 0.0  -1.0\n",
    ),
    (
        "MATLAB",
        "R2024b, documentation",
        "W",
        [[1, 0], [0, -0.5]],
        "W =\n\n    1.0000         0\n         0   -0.5000\n",
    ),
    (
        "MATLAB",
        "R2024b, documentation",
        "columns",
        [[1, 2, -4, 5]],
        "W =\n\n  Columns 1 through 2\n\n     1     2\n\n  Columns 3 through 4\n\n    -4     5\n",
    ),
    ("Mathematica", "14, documentation", "Out", [[1, 0], [0, -1]], "Out[5]= {{1, 0}, {0, -1}}"),
    ("Mathematica", "14, documentation", "column", [[1], [-0.5]], "Out[2]= {{1}, {-1/2}}"),
    ("Mathematica", "14, documentation", "InputForm", [[1e-05, 2.5]], "{{1.*^-5, 2.5}}"),
    (
        "MathType",
        "7, documentation",
        "LaTeX",
        [[1, 0], [0, -1]],
        "\\[\\left[ {\\begin{array}{*{20}{c}}\n1&0\\\\\n0&{ - 1}\n\\end{array}} \\right]\\]",
    ),
    ("Typst", "0.13, documentation", "mat", [[1, 0], [0, -1]], '$ mat(delim: "[", 1, 0; 0, -1) $'),
    ("Typst", "0.13, documentation", "vec", [0, 0.5, -0.5], "$ vec(0, 1/2, -1/2) $"),
    ("Typst", "0.13, documentation", "let", [[1, 0], [0, -1]], "#let W = ((1, 0), (0, -1))"),
]
