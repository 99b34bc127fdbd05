"""Worked calculations in LaTeX, for a page that renders mathematics (amsmath)."""

from __future__ import annotations

from collections.abc import Iterable

import sympy
from sympy.printing.latex import LatexPrinter

from handcalc.derivation import Cases, Derivation, Name, Step
from handcalc.number import ordered_terms
from handcalc.superposition.toy_model import Matrix, ToyModel, Vector
from handcalc.views.plain import Notation
from handcalc.views.rounded import decimal, is_short

__all__ = ["LATEX", "LATEX_ROUNDED", "derivation", "matrix", "model", "vector"]


_BREAK = r" \\ "
_PLACES = 12
_GREEK = {"beta": r"\beta"}


class _Latex(Notation):
    times = r" \cdot "
    minus = "-"

    def __init__(self) -> None:
        self.relations = {"≥": r"\ge", "≤": r"\le", ">": ">", "<": "<"}

    def number(self, value: sympy.Expr) -> str:
        return str(_Numbers().doprint(value))

    def name(self, name: Name) -> str:
        if name.letter in _GREEK:
            return _GREEK[name.letter]
        letter = name.letter if len(name.letter) == 1 else f"({name.letter})"
        joint = "," if max(name.indices, default=0) > 9 else ""
        index = f"_{{{joint.join(map(str, name.indices))}}}" if name.indices else ""
        letter = letter if name.indices else name.letter
        return (rf"\hat{{{letter}}}" if name.hat else letter) + index

    def transposed(self, matrix: str) -> str:
        return rf"{matrix}^{{\top}} "

    def bracketed(self, text: str) -> str:
        return rf"\left({text}\right)"

    def relu(self, argument: str) -> str:
        return rf"\operatorname{{ReLU}}\left({argument}\right)"

    def power(self, base: str, exponent: int) -> str:
        return base if exponent == 1 else f"{base}^{{{exponent}}}"

    def expectation(self, of: str) -> str:
        return rf"\mathbb{{E}}\left[{of}\right]"

    def integral(self, integrand: str, variables: tuple[str, ...]) -> str:
        differentials = r"\,".join(f"d{variable}" for variable in variables)
        return rf"\int {integrand} \,{differentials}"

    def cases(self, cases: Cases) -> str:
        rows = [
            f"{self.expression(case.value)} & "
            + (
                rf"\text{{if }} {self.comparison(case.condition)}"
                if case.condition
                else r"\text{else}"
            )
            for case in cases.branches
        ]
        return rf"\begin{{cases}} {_BREAK.join(rows)} \end{{cases}}"

    def inline(self, text: str) -> str:
        return f"${text}$"


class _Numbers(LatexPrinter):  # type: ignore[misc]  # sympy's printers are not typed
    """sympy's own LaTeX, with the fraction first in a sum."""

    def _as_ordered_terms(self, expr: sympy.Expr, order: str | None = None) -> list[sympy.Expr]:
        return super()._as_ordered_terms(expr, order) if expr.free_symbols else ordered_terms(expr)


class _Rounded(_Latex):
    """Decimals for numbers that are not short."""

    def number(self, value: sympy.Expr) -> str:
        return super().number(value) if is_short(value) else f"{decimal(value):z.{_PLACES}f}"


LATEX = _Latex()
LATEX_ROUNDED = _Rounded()


def derivation(work: Derivation) -> str:
    r"""The steps as one ``aligned`` block, a rule in words above the lines that it gives.

    >>> from handcalc.superposition.forward_pass import forward
    >>> work = forward(ToyModel("1 0; 0 1; 0 -1"), "1 1/4 1/2").derivation
    >>> r"z_{2} &= (Wh)_{2} + b_{2} = - \frac{1}{4} + 0 = - \frac{1}{4}" in derivation(work)
    True
    """
    rows = [row for step in work.steps for row in _rows(step)]
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def model(shown: ToyModel, notation: Notation = LATEX) -> str:
    """W, b and the formula of the output."""
    inside = r"W W^{\top} x + b"
    output = notation.relu(inside) if shown.activation == "relu" else inside
    W, b = matrix(shown.W, notation), vector(shown.b, notation)
    return rf"W = {W}, \quad b = {b}, \quad \hat{{x}} = {output}"


def matrix(rows: Matrix, notation: Notation = LATEX) -> str:
    r"""A bmatrix.

    >>> matrix(((sympy.Integer(1), sympy.Rational(1, 2)),))
    '\\begin{bmatrix} 1 & \\frac{1}{2} \\end{bmatrix}'
    """
    lines = (" & ".join(map(notation.number, row)) for row in rows)
    return rf"\begin{{bmatrix}} {_BREAK.join(lines)} \end{{bmatrix}}"


def vector(values: Vector, notation: Notation = LATEX) -> str:
    """A row vector in parentheses."""
    return rf"\left({_joined(map(notation.number, values))}\right)"


def _rows(step: Step) -> Iterable[str]:
    target, formula = LATEX.expression(step.target), LATEX.expression(step.formula)
    title = formula if target == formula else f"{target} = {formula}"
    yield rf"&\textbf{{{step.rule}:}}\quad {title}"
    for line in step.lines:
        forms = (line.target, line.symbolic, line.substituted, line.value)
        first, *rest = dict.fromkeys(map(LATEX.expression, forms))
        yield rf"{first} &= {' = '.join(rest)}"


def _joined(texts: Iterable[str]) -> str:
    return ",\\; ".join(texts)
