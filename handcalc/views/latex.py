"""Models and results in LaTeX, for a page that renders mathematics (amsmath)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

import sympy
from sympy.printing.latex import LatexPrinter

from handcalc.numbers.decimals import no_minus_zero, to_places
from handcalc.numbers.exact import integer_text, ordered_terms
from handcalc.superposition.loss.polynomial import polynomial_expression
from handcalc.views.notation import Cells, Notation
from handcalc.views.rounding import reads_at_a_glance, significant

if TYPE_CHECKING:
    from handcalc.derivation import Cases, Derivation, Name, Step
    from handcalc.inputs.arguments import Matrix, Vector
    from handcalc.superposition.best.optimum import Optimum
    from handcalc.superposition.certificates.certificate import Certificate
    from handcalc.superposition.certificates.proof import Proof
    from handcalc.superposition.loss.expected_loss import ExpectedLoss
    from handcalc.superposition.loss.gradient import LossGradient
    from handcalc.superposition.model.embeddings import Embedding
    from handcalc.superposition.model.forward_pass import Forward
    from handcalc.superposition.model.geometry import Geometry
    from handcalc.superposition.model.same_model import Sameness
    from handcalc.superposition.model.toy_model import ToyModel
    from handcalc.superposition.phases.diagram import PhaseDiagram
    from handcalc.superposition.phases.phase_map import PhaseMap

_Part = TypeVar("_Part")


_BREAK, _COMMA = r" \\ ", r",\; "
_MOST = 60  # rows of a matrix, numbers of a vector, lines of a step: as in the terminal
_MOST_COLUMNS = 24
_HEAD, _TAIL = 12, 3
_GREEK = {"beta": r"\beta"}


class _Latex(Notation):
    times = r" \cdot "
    minus = "-"
    ellipsis = r"\cdots"
    typeset = True

    def __init__(self, *, exact: bool = False) -> None:
        self.exact = exact
        self.relations = {"≥": r"\ge", "≤": r"\le", ">": r"\gt", "<": r"\lt"}

    def exactly(self, value: sympy.Expr) -> str:
        return str(_Numbers().doprint(value))

    def decimal(self, nearest: Decimal, value: sympy.Expr) -> str:
        mantissa, _, exponent = super().decimal(nearest, value).partition("e")
        return rf"{mantissa} \cdot 10^{{{exponent}}}" if exponent else mantissa

    def name(self, name: Name) -> str:
        if name.letter in _GREEK:
            return _GREEK[name.letter]
        first, _, below = name.letter.partition("_")
        if below:  # W_QK: all of its index stands below
            return rf"{first}_{{{below}}}"
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
        # a blank before the closing sign would make it a mere sign to marimo
        return f"${text.strip()}$"


class _Numbers(LatexPrinter):  # type: ignore[misc]  # sympy's printers are not typed
    """sympy's own LaTeX, with the fraction first in a sum."""

    def _as_ordered_terms(self, expr: sympy.Expr, order: str | None = None) -> list[sympy.Expr]:
        return super()._as_ordered_terms(expr, order) if expr.free_symbols else ordered_terms(expr)

    def _print_Integer(self, expr: sympy.Integer) -> str:  # noqa: N802  # the name that sympy looks for
        return integer_text(int(expr.p))

    def _print_Rational(self, expr: sympy.Rational) -> str:  # noqa: N802  # the name that sympy looks for
        sign, top = ("- " if expr.p < 0 else ""), integer_text(abs(int(expr.p)))
        return rf"{sign}\frac{{{top}}}{{{integer_text(int(expr.q))}}}"


class _Rounded(_Latex):
    """So many places for numbers that do not read at a glance."""

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = (places,)

    def number(self, value: sympy.Expr) -> str:
        if reads_at_a_glance(value):
            return self.exactly(value)
        return f"{no_minus_zero(to_places(value, self.places[0])):f}"


LATEX = _Latex()
LATEX_EXACT = _Latex(exact=True)
LATEX_ROUNDED = _Rounded(12)
LATEX_LENGTHS = _Rounded(6)


def derivation(work: Derivation) -> str:
    r"""The steps as one ``aligned`` block, a rule in words above the lines that it gives.

    >>> from handcalc import ToyModel, forward
    >>> work = forward(ToyModel("1 0; 0 1; 0 -1"), "1 1/4 1/2").derivation
    >>> r"z_{2} &= (Wh)_{2} + b_{2} = - \frac{1}{4} + 0 = - \frac{1}{4}" in derivation(work)
    True
    """
    rows = [
        row
        for step in work.steps
        for row in (rf"&\textbf{{{step.rule}:}}\quad {title(step)}", *_rows(step))
    ]
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def title(step: Step) -> str:
    """What a step works out, as a formula: z = Wh + b."""
    target, formula = LATEX.expression(step.target), LATEX.expression(step.formula)
    return formula if target == formula else f"{target} = {formula}"


def aligned(step: Step) -> str:
    """The equations of one step, below each other."""
    return "\\begin{aligned}\n" + " \\\\\n".join(_rows(step)) + "\n\\end{aligned}"


def model(shown: ToyModel, notation: Notation = LATEX) -> str:
    """W, b and the formula of the output."""
    inside = r"W W^{\top} x + b"
    output = notation.relu(inside) if shown.activation == "relu" else inside
    W, b = matrix(shown.W, notation, "W"), vector(shown.b, notation, "b")
    return rf"{W}, \quad {b}, \quad \hat{{x}} = {output}"


def matrix(given: Matrix, notation: Notation = LATEX, name: str = "") -> str:
    r"""A bmatrix, of more than 60 rows or 24 columns the first ones and the last.

    ``name`` is what it equals, exactly or nearly.

    >>> matrix(((sympy.Integer(1), sympy.Rational(1, 2)),), name="W")
    'W = \\begin{bmatrix} 1 & \\frac{1}{2} \\end{bmatrix}'
    """
    rows = given if notation.exact else [_cut(row, _MOST_COLUMNS) for row in _cut(given)]
    width = len(rows[0])
    shown = notation.cells([cell for row in rows for cell in row])
    texts = [list(shown.texts[i : i + width]) for i in range(0, len(shown.texts), width)]
    if len(given[0]) > width:
        for row in texts:
            row.insert(-_TAIL, r"\cdots")
    if len(given) > len(texts):
        texts.insert(-_TAIL, [r"\vdots"] * len(texts[0]))
    lines = _BREAK.join(" & ".join(row) for row in texts)
    return rf"{_named(name, shown)}\begin{{bmatrix}} {lines} \end{{bmatrix}}"


def vector(values: Vector, notation: Notation = LATEX, name: str = "") -> str:
    """A row vector in parentheses, cut as a matrix is; ``name`` is what it equals."""
    shown = notation.cells(values if notation.exact else _cut(values))
    texts = list(shown.texts)
    if len(texts) < len(values):
        texts.insert(-_TAIL, r"\cdots")
    return rf"{_named(name, shown)}\left({_COMMA.join(texts)}\right)"


def equals(sign: str) -> str:
    r"""= or \approx."""
    return r"\approx" if sign == "≈" else sign


def _named(name: str, shown: Cells) -> str:
    return f"{name} {equals(shown.equals)} " if name else ""


def _cut(parts: Sequence[_Part], most: int = _MOST) -> Sequence[_Part]:
    """The parts or, of more than ``most``, the first twelve and the last three."""
    return parts if len(parts) <= most else [*parts[:_HEAD], *parts[-_TAIL:]]


def _rows(step: Step) -> Iterable[str]:
    is_long = len(step.lines) > _MOST
    shown = (*step.lines[:_HEAD], *step.lines[-_TAIL:]) if is_long else step.lines
    for line in shown:
        forms = (line.target, line.symbolic, line.substituted, line.value)
        # each text once, at the first form that has it: of entries with one key the last one stays
        texts = {LATEX.expression(form): k for k, form in reversed(list(enumerate(forms)))}
        first, *rest = sorted(texts, key=texts.__getitem__)
        signs = (equals(LATEX.equals(*forms[: texts[text] + 1])) for text in rest)
        yield (
            first
            + " &"
            + " ".join(f"{sign} {text}" for sign, text in zip(signs, rest, strict=True))
        )
    left_out = len(step.lines) - len(shown)
    if left_out:
        yield rf"&\text{{and {left_out} more lines like these}}"


# --------------------------------------------------------------------------------------------------
# Results as formulas for a paper: no dollar signs, no prose.


_DIGITS = 15


def embedding(shown: Embedding) -> str:
    """W and b of a named embedding."""
    return model(shown.model)


def forward(shown: Forward) -> str:
    """The five steps, a line each."""
    return derivation(shown.derivation)


def geometry(shown: Geometry) -> str:
    """G, the lengths, what features share, and their dimensionalities, a line each."""
    return _aligned(
        (r"G = W W^{\top}", matrix(shown.gram)),
        (r"\left(\lVert W_{i} \rVert\right)", vector(shown.norms)),
        (
            r"\left(\sum_{j \ne i} (\hat{W}_{i} \cdot W_{j})^{2}\right)",
            vector(shown.interference),
        ),
        (r"\left(D_{i}\right)", vector(shown.dimensionality)),
        (r"\sum_{i} D_{i}", LATEX.number(shown.capacity)),
    )


def loss(shown: ExpectedLoss) -> str:
    """L and its parts, a line each."""
    parts = ((f"L_{{{i}}}", loss) for i, loss in enumerate(shown.per_feature, 1))
    lines = (f"{name} &{valued(value)}" for name, value in (("L", shown.value), *parts))
    return _lines(lines)


def valued(value: sympy.Expr) -> str:
    r"""= and a number or a polynomial in S; \approx where a number of it is rounded.

    >>> valued(sympy.Rational(1, 3)), valued(sympy.Rational(12345678, 10**8))
    ('= \\frac{1}{3}', '\\approx 0.123457')
    """
    shown = polynomial_expression(value)
    return f"{equals(LATEX.equals(shown))} {LATEX.expression(shown)}"


def gradient(shown: LossGradient) -> str:
    """The slopes in W and in b."""
    found = shown.arrays()
    W = _BREAK.join(" & ".join(map(_slope, row)) for row in found["W"])
    b = [_slope(cell) for cell in found["b"]]
    return _aligned(
        (r"\frac{\partial L}{\partial W}", rf"\begin{{bmatrix}} {W} \end{{bmatrix}}"),
        (r"\frac{\partial L}{\partial b}", rf"\left({_COMMA.join(b)}\right)"),
    )


def optimum(shown: Optimum) -> str:
    """W, b and L, rounded."""
    loss = significant(shown.loss, _DIGITS)
    return rf"{model(shown.model, LATEX_ROUNDED)}, \quad L = {loss}"


def proof(shown: Proof) -> str:
    """W, b and L of the best, rounded."""
    return optimum(shown.optimum)


def certificate(shown: Certificate) -> str:
    """W and b of the model that it is about, rounded."""
    return model(shown.model, LATEX_ROUNDED)


def sameness(shown: Sameness) -> str:
    """The orthogonal Q that turns one model into the other."""
    return f"Q = {matrix(shown.arrays()['Q'])}"


def phase_map(shown: PhaseMap) -> str:
    """A table of the intervals of S and the shape that is best there."""
    rows = [
        [
            rf"{float(part.start):.6g} \le S \le {float(part.end):.6g}",
            _words(shown.label(part.shape)),
        ]
        for part in shown.stretches
    ]
    return _table(rows)


def diagram(shown: PhaseDiagram) -> str:
    """A table of what becomes of the last feature, and at how many points."""
    return _table([[_words(fate), str(count)] for fate, count in shown.counts.items()])


def _in_s(value: sympy.Expr) -> str:
    return LATEX.expression(polynomial_expression(value))


def _slope(value: sympy.Expr) -> str:
    return r"\text{none}" if value is sympy.nan else _in_s(value)


def _words(text: str) -> str:
    return rf"\text{{{text}}}"


def _table(rows: Iterable[Iterable[str]]) -> str:
    lines = " \\\\\n".join(" & ".join(row) for row in rows)
    return f"\\begin{{array}}{{ll}}\n{lines}\n\\end{{array}}"


def _aligned(*lines: tuple[str, str]) -> str:
    return _lines(f"{left} &= {right}" for left, right in lines)


def _lines(lines: Iterable[str]) -> str:
    rows = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"
