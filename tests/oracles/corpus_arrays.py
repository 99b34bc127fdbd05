"""Matrices, vectors and inputs as people type and paste them, with their values by hand."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

from plain_values import cosine, root, sine

__all__ = ["inputs", "matrices", "vectors"]

# A value is its plain notation with cells apart by blanks and rows by semicolons; then worked out.
Value = tuple[str, list[list[Any]]]
ORTHOGONAL: Value = ("1 0; 0 1; 0 0", [[1, 0], [0, 1], [0, 0]])
ANTIPODAL: Value = ("1 0; 0 1; 0 -1", [[1, 0], [0, 1], [0, -1]])
INTERFERING: Value = ("1 0; 0 1; 1/2 1/2", [[1, 0], [0, 1], [F(1, 2), F(1, 2)]])
TRIANGLE: Value = (
    "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2",
    [[1, 0], [F(-1, 2), root(F(3, 4))], [F(-1, 2), -root(F(3, 4))]],
)
DIAGONAL: Value = (
    "sqrt(2)/2 sqrt(2)/2; sqrt(2)/2 -sqrt(2)/2",
    [[root(F(1, 2)), root(F(1, 2))], [root(F(1, 2)), -root(F(1, 2))]],
)
IDENTITY: Value = ("1 0; 0 1", [[1, 0], [0, 1]])
MIRROR: Value = ("1 0; 0 -1", [[1, 0], [0, -1]])
SIX_ROOTS: Value = (
    "sqrt(2) sqrt(3); sqrt(5) sqrt(7); sqrt(11) sqrt(13)",
    [[root(2), root(3)], [root(5), root(7)], [root(11), root(13)]],
)

Row = tuple[str, Value]


def polygon(n: int) -> Row:
    """n unit vectors at equal angles: a field of degree at most n."""
    text = "; ".join(f"cos({2 * k}*pi/{n}) sin({2 * k}*pi/{n})" for k in range(n))
    return (text, (text, [[cosine(2 * k, n), sine(2 * k, n)] for k in range(n)]))


def matlab() -> list[Row]:
    """Rows apart by semicolons, cells by blanks or commas, brackets or none."""
    expression: Value = ("0 0; 0 1", [[0, 0], [0, 1]])
    return [
        ("1 0; 0 1; 0 0", ORTHOGONAL),
        ("[1 0; 0 1; 0 0]", ORTHOGONAL),
        ("[1, 0; 0, 1; 0, 0]", ORTHOGONAL),
        ("1, 0; 0, 1; 0, 0", ORTHOGONAL),
        ("1 0;0 1;0 -1", ANTIPODAL),
        ("  1   0 ;  0  1 ;  0 -1  ", ANTIPODAL),
        ("[1 0; 0 1; 0 -1;]", ANTIPODAL),
        ("1 0; 0 1; 0 -1;", ANTIPODAL),
        ("[1 0\n 0 1\n 0 -1]", ANTIPODAL),
        ("[ 1  0 ;\n  0  1 ;\n  0 -1 ]", ANTIPODAL),
        ("1 0; 0 1; .5 .5", INTERFERING),
        ("1 0; 0 1; 1/2 1/2", INTERFERING),
        ("1 0; 0 1; ½ ½", INTERFERING),
        ("1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", TRIANGLE),
        ("1 0; -1/2 √3/2; -1/2 -√3/2", TRIANGLE),
        ("1 0; cos(2π/3) sin(2π/3); cos(4π/3) sin(4π/3)", TRIANGLE),
        ("√2/2 √2/2; √2/2 -√2/2", DIAGONAL),
        ("1 -1; 0 1", ("1 -1; 0 1", [[1, -1], [0, 1]])),
        ("-1 -1; -1 -1", ("-1 -1; -1 -1", [[-1, -1], [-1, -1]])),
        ("1-1 0; 0 1", expression),
        ("1 - 1, 0; 0, 1", expression),
        ("(1 - 1) 0; 0 1", expression),
        ("1\u00a00; 0\u00a01", IDENTITY),
        ("1 0; 0 \u22121", MIRROR),
        ("sqrt(2) sqrt(3); sqrt(5) sqrt(7); sqrt(11) sqrt(13)", SIX_ROOTS),
        *(polygon(n) for n in (5, 7, 12, 17, 25, 40)),
        ("[1]", ("1", [[1]])),
        ("5", ("5", [[5]])),
        ("1 2 3", ("1 2 3", [[1, 2, 3]])),
        ("1; 2; 3", ("1; 2; 3", [[1], [2], [3]])),
    ]


def named() -> list[Row]:
    """A name and an equals sign may come first."""
    return [
        ("W = 1 0; 0 1; 0 0", ORTHOGONAL),
        ("W=[1 0; 0 1; 0 0]", ORTHOGONAL),
        ("W = [[1, 0], [0, 1], [0, 0]]", ORTHOGONAL),
        ("W = np.array([[1, 0], [0, 1], [0, -1]])", ANTIPODAL),
        ("W =\n1 0\n0 1\n0 -1\n", ANTIPODAL),
        ("W = [1 0; 0 1; 0 -1];", ANTIPODAL),
        (r"W = \begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}", IDENTITY),
        (r"$W = \begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix}$", IDENTITY),
    ]


def nested_lists() -> list[Row]:
    """Python lists of lists, on one line or several, with or without the outer brackets."""
    return [
        ("[[1, 0], [0, 1], [0, 0]]", ORTHOGONAL),
        ("[[1,0],[0,1],[0,0]]", ORTHOGONAL),
        ("[[1, 0],\n [0, 1],\n [0, -1]]", ANTIPODAL),
        ("[\n  [1, 0],\n  [0, 1],\n  [0, -1]\n]", ANTIPODAL),
        ("[\n  [1, 0],\n  [0, 1],\n  [0, -1],\n]\n", ANTIPODAL),
        ("[1, 0], [0, 1], [0, -1]", ANTIPODAL),
        ("[[1, 0], [0, 1], [1/2, 1/2]]", INTERFERING),
        ("[[1, 0], [0, 1], [0.5, .5]]", INTERFERING),
        ("[[1.0, 0.0], [0.0, 1.0], [5e-1, 5.0e-1]]", INTERFERING),
        ("[[1, 0], [-1/2, sqrt(3)/2], [-1/2, -sqrt(3)/2]]", TRIANGLE),
        ("[[1 / 1, 0], [3 - 3, 2 / 2]]", IDENTITY),
        ("[[sqrt(2) / 2, sqrt(2) / 2], [sqrt(2) / 2, -sqrt(2) / 2]]", DIAGONAL),
        ("[[1], [-1]]", ("1; -1", [[1], [-1]])),
        ("[[1, 2, 3]]", ("1 2 3", [[1, 2, 3]])),
        ("[1 0]\n[0 1]", IDENTITY),
    ]


def numpy_prints() -> list[Row]:
    """What print(array) shows."""
    return [
        ("[[1 0]\n [0 1]\n [0 0]]", ORTHOGONAL),
        ("[[1. 0.]\n [0. 1.]\n [0. 0.]]", ORTHOGONAL),
        ("[[ 1.  0.]\n [ 0.  1.]\n [ 0. -1.]]", ANTIPODAL),
        ("[[ 1  0]\n [ 0  1]\n [ 0 -1]]", ANTIPODAL),
        ("[[1 0] [0 1] [0 -1]]", ANTIPODAL),
        ("[[1.  0. ]\n [0.  1. ]\n [0.5 0.5]]", INTERFERING),
        ("[[1.e+00 0.e+00]\n [0.e+00 1.e+00]\n [5.e-01 5.e-01]]", INTERFERING),
        ("[[ 1. -0.]\r\n [ 0.  1.]]", IDENTITY),
        ("[[1]\n [2]]", ("1; 2", [[1], [2]])),
    ]


def array_calls() -> list[Row]:
    """What repr(array) and torch and sympy show, and what code says."""
    return [
        ("array([[1, 0],\n       [0, 1],\n       [0, 0]])", ORTHOGONAL),
        ("array([[ 1.,  0.],\n       [ 0.,  1.],\n       [ 0., -1.]])", ANTIPODAL),
        ("np.array([[1, 0], [0, 1], [0, -1]])", ANTIPODAL),
        ("np.array([[1, 0], [0, 1], [0, -1]], dtype=float)", ANTIPODAL),
        ("np.array([[1, 0], [0, 1], [0, -1]], dtype=np.float64)", ANTIPODAL),
        ("array([[1. , 0. ],\n       [0. , 1. ],\n       [0.5, 0.5]], dtype=float32)", INTERFERING),
        ("numpy.array([[1, 0], [0, 1]])", IDENTITY),
        ("tensor([[ 1.,  0.],\n        [ 0.,  1.],\n        [ 0., -1.]])", ANTIPODAL),
        ("tensor([[1, 0], [0, 1]], dtype=torch.int32)", IDENTITY),
        ("tensor([[1.0000, 0.0000],\n        [0.0000, 1.0000]], requires_grad=True)", IDENTITY),
        ("torch.tensor([[1., 0.], [0., 1.]])", IDENTITY),
        ("Matrix([[1, 0], [0, 1], [1/2, 1/2]])", INTERFERING),
        ("Matrix([\n[1, 0],\n[0, 1],\n[0, 0]])", ORTHOGONAL),
        ("Matrix([[sqrt(2)/2, sqrt(2)/2], [sqrt(2)/2, -sqrt(2)/2]])", DIAGONAL),
        ("Matrix([\n[   1,          0],\n[-1/2,  sqrt(3)/2],\n[-1/2, -sqrt(3)/2]])", TRIANGLE),
    ]


def lines() -> list[Row]:
    """Rows on lines: blanks, commas, tabs; any line ending; a byte-order mark."""
    return [
        ("1 0\n0 1\n0 -1", ANTIPODAL),
        ("1 0\n0 1\n0 -1\n", ANTIPODAL),
        ("\n1 0\n0 1\n0 -1\n", ANTIPODAL),
        ("1 0\r\n0 1\r\n0 -1\r\n", ANTIPODAL),
        ("  1  0\n  0  1\n  0 -1\n", ANTIPODAL),
        ("\ufeff1 0\n0 1\n", IDENTITY),
        ("1 0  \n0 1  \n", IDENTITY),
    ]


def separated_values() -> list[Row]:
    """CSV and tab-separated files."""
    return [
        ("1,0\n0,1\n0,-1\n", ANTIPODAL),
        ("1,0\r\n0,1\r\n0,-1\r\n", ANTIPODAL),
        ("1, 0\n0, 1\n0, -1", ANTIPODAL),
        ("\ufeff1,0\r\n0,1\r\n0,-1\r\n", ANTIPODAL),
        ("1.0,0.0\n0.0,1.0\n0.5,0.5\n", INTERFERING),
        ("1,0\n0,1\n1/2,1/2", INTERFERING),
        ("1\t0\n0\t1\n0\t-1\n", ANTIPODAL),
        ("1\t0\r\n0\t1\r\n0\t-1\r\n", ANTIPODAL),
        ("\ufeff1\t0\n0\t1\n0.5\t0.5", INTERFERING),
        ("sqrt(2)/2,sqrt(2)/2\nsqrt(2)/2,-sqrt(2)/2", DIAGONAL),
    ]


def latex() -> list[Row]:
    """LaTeX environments, in dollars or not."""
    half = r"\frac{1}{2}"
    wide = r"-\frac{1}{2} & \frac{\sqrt{3}}{2} \\ -\frac{1}{2} & -\frac{\sqrt{3}}{2}"
    diagonal = (
        r"\frac{\sqrt{2}}{2} & \frac{\sqrt{2}}{2} \\ \frac{\sqrt{2}}{2} & - \frac{\sqrt{2}}{2}"
    )
    return [
        (r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \\ 0 & 0 \end{bmatrix}", ORTHOGONAL),
        (r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \\ 0 & -1 \end{pmatrix}", ANTIPODAL),
        ("\\begin{bmatrix}\n1 & 0 \\\\\n0 & 1 \\\\\n0 & -1\n\\end{bmatrix}", ANTIPODAL),
        (r"\begin{bmatrix}1&0\\0&1\\0&-1\end{bmatrix}", ANTIPODAL),
        (r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \\ 0 & -1 \\ \end{bmatrix}", ANTIPODAL),
        (r"$\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}$", IDENTITY),
        (r"$$\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}$$", IDENTITY),
        (r"\[ \begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix} \]", IDENTITY),
        (r"\begin{array}{cc} 1 & 0 \\ 0 & 1 \end{array}", IDENTITY),
        (
            r"\left[\begin{array}{rr} 1 & 0 \\ 0 & -1 \end{array}\right]",
            MIRROR,
        ),
        (r"\left[\begin{matrix}1 & 0\\0 & 1\end{matrix}\right]", IDENTITY),
        (rf"\begin{{bmatrix}} 1 & 0 \\ 0 & 1 \\ {half} & {half} \end{{bmatrix}}", INTERFERING),
        (r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \\ \frac12 & \frac12 \end{bmatrix}", INTERFERING),
        (rf"\begin{{pmatrix}} 1 & 0 \\ {wide} \end{{pmatrix}}", TRIANGLE),
        (rf"\left[\begin{{matrix}}{diagonal}\end{{matrix}}\right]", DIAGONAL),
    ]


def json_texts() -> list[Row]:
    """JSON, whose cells may be quoted."""
    return [
        ('[["1", "0"], ["0", "1"], ["0", "0"]]', ORTHOGONAL),
        ('[["1","0"],["0","1"],["1/2","1/2"]]', INTERFERING),
        ('[["1", 0], [0, "1"], [0.5, "1/2"]]', INTERFERING),
        ('[["1", "0"], ["-1/2", "sqrt(3)/2"], ["-1/2", "-sqrt(3)/2"]]', TRIANGLE),
        ('[\n  ["1", "0"],\n  ["0", "1"]\n]\n', IDENTITY),
        ('[["sqrt(2)/2","√2/2"],["1/sqrt(2)","-√2/2"]]', DIAGONAL),
    ]


def tuples_and_braces() -> list[Row]:
    """Tuples, braces, and the rows as the post writes them."""
    return [
        ("((1, 0), (0, 1), (0, -1))", ANTIPODAL),
        ("(1, 0), (0, 1), (0, -1)", ANTIPODAL),
        ("(1,0) (0,1) (0,-1)", ANTIPODAL),
        ("(1,0)\n(0,1)\n(0,-1)", ANTIPODAL),
        ("[(1, 0), (0, 1), (0, -1)]", ANTIPODAL),
        ("([1, 0], [0, 1])", IDENTITY),
        ("{{1, 0}, {0, 1}, {1/2, 1/2}}", INTERFERING),
        ("{{1,0},{0,1}}", IDENTITY),
    ]


def matrices() -> list[tuple[str, Row]]:
    """Every matrix with its format."""
    groups = {
        "matlab": matlab(),
        "name-first": named(),
        "nested-list": nested_lists(),
        "numpy-print": numpy_prints(),
        "array-call": array_calls(),
        "lines": lines(),
        "csv-tsv": separated_values(),
        "latex-matrix": latex(),
        "json": json_texts(),
        "tuple-brace": tuples_and_braces(),
    }
    return [(form, row) for form, rows in groups.items() for row in rows]


def vectors() -> list[Row]:
    """Vectors as rows and as columns, in the same formats."""
    half: Value = ("0 1/2 1/2", [[0, F(1, 2), F(1, 2)]])
    signs: Value = ("1 -1 0", [[1, -1, 0]])
    surds: Value = (
        "sqrt(2)/2 -sqrt(3)/2 cos(2*pi/7)",
        [[root(F(1, 2)), -root(F(3, 4)), cosine(2, 7)]],
    )
    return [
        ("0 1/2 1/2", half),
        ("0, 1/2, 1/2", half),
        ("0; 1/2; 1/2", half),
        ("[0 1/2 1/2]", half),
        ("[0, 1/2, 1/2]", half),
        ("[0; 1/2; 1/2]", half),
        ("(0, 1/2, 1/2)", half),
        ("{0, 1/2, 1/2}", half),
        ("0\n1/2\n1/2\n", half),
        ("0\r\n1/2\r\n1/2\r\n", half),
        ("0\t.5\t.5", half),
        ("[0.  0.5 0.5]", half),
        ("[[0], [1/2], [1/2]]", half),
        ("[[0, 1/2, 1/2]]", half),
        ("[[0. ]\n [0.5]\n [0.5]]", half),
        ("array([0. , 0.5, 0.5])", half),
        ("np.array([0, 0.5, 0.5], dtype=float)", half),
        ("tensor([0.0000, 0.5000, 0.5000])", half),
        ("Matrix([0, 1/2, 1/2])", half),
        ("Matrix([\n[  0],\n[1/2],\n[1/2]])", half),
        (r"\begin{bmatrix} 0 \\ 1/2 \\ 1/2 \end{bmatrix}", half),
        (r"\begin{pmatrix} 0 & \frac12 & \frac12 \end{pmatrix}", half),
        (r"$b = \begin{bmatrix} 0 \\ \frac{1}{2} \\ \frac{1}{2} \end{bmatrix}$", half),
        ('["0", "1/2", "1/2"]', half),
        ("b = 0 1/2 1/2", half),
        ("b=[0, ½, ½]", half),
        ("1 -1 0", signs),
        ("[ 1 -1  0]", signs),
        ("1 \u22121 0", signs),
        ("1, - 1, 0", signs),
        ("√2/2 -√3/2 cos(2π/7)", surds),
        ("[sqrt(2)/2, -sqrt(3)/2, cos(2*pi/7)]", surds),
        ("3", ("3", [[3]])),
        ("[1/3]", ("1/3", [[F(1, 3)]])),
    ]


def inputs() -> list[tuple[str, str]]:
    """Inputs for the forward pass, where x1 … xn stand for numbers in [0, 1]."""
    return [
        ("x1 0 x3", "x1 0 x3"),
        ("x1, 0, x3", "x1 0 x3"),
        ("[x1, 0, x3]", "x1 0 x3"),
        ("(x1, 0, x3)", "x1 0 x3"),
        ("x1; 0; x3", "x1 0 x3"),
        ("x₁ 0 x₃", "x1 0 x3"),
        ("x_1 0 x_3", "x1 0 x3"),
        ("x = x1 0 x3", "x1 0 x3"),
        ("x1 x2 x3", "x1 x2 x3"),
        ("x1 1/2 x3", "x1 1/2 x3"),
        ("½ x2 √2/2", "1/2 x2 sqrt(2)/2"),
        ("1 1/4 1/2", "1 1/4 1/2"),
        ("[1, 0.25, 0.5]", "1 1/4 1/2"),
        ("x1\n0\nx3\n", "x1 0 x3"),
        (r"\begin{pmatrix} x_1 \\ 0 \\ x_3 \end{pmatrix}", "x1 0 x3"),
    ]
