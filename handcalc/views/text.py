"""Worked calculations in the terminal, as rich renderables that fit 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy
from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.derivation import Claim, Derivation, Line
from handcalc.number import to_float
from handcalc.superposition.curvature import Inertia, Undetermined
from handcalc.superposition.distribution import OneActive, SparseUniform
from handcalc.superposition.embeddings import Embedding
from handcalc.superposition.expected_loss import ExpectedLoss
from handcalc.superposition.forward_pass import Forward, Parts
from handcalc.superposition.forward_pass import forward as worked
from handcalc.superposition.geometry import Geometry
from handcalc.superposition.gradient import LossGradient, Slope
from handcalc.superposition.loss_steps import loss_steps
from handcalc.superposition.plane import arrows as plane_arrows
from handcalc.superposition.plane import described
from handcalc.superposition.polynomial import polynomial_expression
from handcalc.superposition.toy_model import Matrix, ToyModel, Vector
from handcalc.views.canvas import drawing
from handcalc.views.layout import INDENT, Chain, Fitted, Paragraph
from handcalc.views.palette import terminal_colour
from handcalc.views.plain import PlainNotation

__all__ = [
    "arrows",
    "claims",
    "derivation",
    "embedding",
    "embeddings",
    "forward",
    "geometry",
    "gradient",
    "heading",
    "loss",
    "matrix",
    "model",
    "parts",
]

_HEADING = "bold"
_TOLD = 3  # features up to which the loss is told pattern by pattern: a page


def forward(result: Forward, notation: PlainNotation) -> RenderableType:
    """The model, the input, the steps, and what each output is made of."""
    given = Text(f"x = {_inside(result.x, notation)}")
    return Group(
        model(result.model, notation),
        Text(),
        given,
        Text(),
        derivation(result.derivation, notation),
        heading("Where each output comes from", notation),
        *(parts(part, notation) for part in result.parts),
    )


def derivation(work: Derivation, notation: PlainNotation) -> RenderableType:
    """The steps: rule and formula, then each line's symbolic form, numbers put in, and value."""
    blocks: list[RenderableType] = []
    for number, step in enumerate(work.steps, 1):
        target, formula = notation.expression(step.target), notation.expression(step.formula)
        title = formula if target == formula else f"{target} = {formula}"
        blocks.append(Text.assemble((f"{number}. {step.rule}", _HEADING), f"   {title}"))
        blocks.append(Paragraph(step.explanation, INDENT))
        blocks += [Chain(_links(line, notation), INDENT) for line in step.lines]
        blocks.append(Text())
    notes = [Paragraph(f"Note: {note}") for note in work.notes]
    return Group(*blocks, *notes, *([Text()] if notes else []))


def parts(part: Parts, notation: PlainNotation) -> RenderableType:
    """One sentence: what the feature kept, and what each other feature put on top, by name."""
    said = [f"keeps {notation.multiple(part.kept)} of its own"]
    said += [
        f"feature {source} puts {notation.multiple(amount)} on top"
        for source, amount in part.interference
    ]
    if not part.interference:
        said.append("no other feature puts anything on top")
    if part.bias != 0:
        said.append(f"the bias adds {notation.number(part.bias)}")
    lead = f"Feature {part.feature}"
    said_of_it = f" {'; '.join(said)}."
    return Paragraph(said_of_it, INDENT, lead, terminal_colour(part.feature))


def geometry(result: Geometry, notation: PlainNotation) -> RenderableType:
    """The Gram matrix, and for each feature its length, interference and dimensionality."""
    columns = [
        ("feature", [str(i) for i in range(1, result.model.n + 1)]),
        ("length", list(map(notation.number, result.norms))),
        ("interference", list(map(notation.number, result.interference))),
        ("dimensionality", list(map(notation.number, result.dimensionality))),
    ]
    gram = "G = W Wᵀ" if notation.unicode else "G = W W^T"
    return Group(
        matrix(result.model.W, notation, "W"),
        Text(),
        heading(f"Gram matrix {gram}: what features keep (diagonal) and share", notation),
        matrix(result.gram, notation, "G"),
        Text(),
        heading("Each feature", notation),
        _table(columns),
        Text(),
        Text(
            f"Capacity, the sum of the dimensionalities: {notation.number(result.capacity)} "
            f"of at most {min(result.model.n, result.model.m)}."
        ),
    )


def loss(result: ExpectedLoss, notation: PlainNotation) -> RenderableType:
    """The exact expected loss, its parts, and for few features the work behind it."""
    worked_out: list[RenderableType] = []
    if result.model.n <= _TOLD:
        steps = derivation(loss_steps(result), notation)
        worked_out = [Text(), heading("Pattern by pattern", notation), steps]
    inputs = f"{result.distribution.sentence()} An active feature is uniform on [0, 1]."
    return Group(
        model(result.model, notation),
        Text(),
        Paragraph(inputs),
        Text(),
        Paragraph(f" = {_loss_value(result.value, notation)}", 0, "Expected loss L", _HEADING),
        Text(),
        *_loss_parts(result, notation),
        *worked_out,
    )


def gradient(result: LossGradient, notation: PlainNotation) -> RenderableType:
    """The slopes of the loss in W and b, both sides where they differ, and what they decide."""
    rows = [
        Paragraph(
            f", in W: {'; '.join(_slope(slope, notation) for slope in row)}; "
            f"in b: {_slope(bias, notation)}.",
            0,
            f"feature {i}",
            terminal_colour(i),
        )
        for i, (row, bias) in enumerate(zip(result.W, result.b, strict=True), 1)
    ]
    reason = result.inertia
    inertia = reason.reason if isinstance(reason, Undetermined) else _inertia(reason)
    said = [result.stationarity, *(kink.sentence for kink in result.kinks), inertia]
    return Group(
        model(result.model, notation),
        Text(),
        heading("The slopes of the expected loss", notation),
        *rows,
        Text(),
        *map(Paragraph, said),
    )


def _slope(slope: Slope, notation: PlainNotation) -> str:
    left, right = (_polynomial(side, notation) for side in (slope.left, slope.right))
    return left if left == right else f"{left} from the left, {right} from the right"


def _inertia(inertia: Inertia) -> str:
    return (
        f"The Hessian has {inertia.negative} negative, {inertia.zero} zero and "
        f"{inertia.positive} positive directions beside {inertia.rotations} of rotation."
    )


def _loss_value(value: sympy.Expr, notation: PlainNotation) -> str:
    exactly = _polynomial(value, notation)
    if value.free_symbols or value.is_Integer:
        return exactly
    return f"{exactly}, about {to_float(value):.10g}"


def _loss_parts(result: ExpectedLoss, notation: PlainNotation) -> list[RenderableType]:
    features = range(1, result.model.n + 1)
    columns = [("feature", [str(i) for i in features])]
    columns.append(("loss", [_polynomial(value, notation) for value in result.per_feature]))
    own = [_polynomial(row[i], notation) for i, row in enumerate(result.costs)]
    columns.append(("of itself", own))
    for j in features:
        costs = [_polynomial(row[j - 1], notation) for row in result.costs]
        costs[j - 1] = "."
        columns.append((f"from {j}", costs))
    if any(result.together):
        columns.append(("together", [_polynomial(value, notation) for value in result.together]))
    told = (
        "Of itself: with all others held at 0. From j: what feature j adds when only j is let in."
        + (
            " Together: what several add, or take back, beyond that."
            if any(result.together)
            else ""
        )
    )
    parts: list[RenderableType] = [heading("What each feature loses, and to what", notation)]
    parts += [Paragraph(told), Text(), _table(columns)]
    if result.by_active is not None and not isinstance(result.distribution, OneActive):
        what = "features" if isinstance(result.distribution, SparseUniform) else "sets"
        parts += [Text(), _by_active(result.by_active, what, notation)]
    return parts


def _by_active(counts: Vector, what: str, notation: PlainNotation) -> RenderableType:
    last = len(counts) - 1
    said = "; ".join(f"L_{k} = {notation.number(value)}" for k, value in enumerate(counts))
    return Paragraph(
        f"By the number k of {what} that are on, L is the sum of S^({last}-k) (1-S)^k L_k: {said}."
    )


def _polynomial(value: sympy.Expr, notation: PlainNotation) -> str:
    return notation.expression(polynomial_expression(value))


def embedding(shown: Embedding, notation: PlainNotation, x: Vector | None = None) -> RenderableType:
    """A page on a named embedding: story, arrows, steps for symbols and for an example, balance."""
    example = shown.example if x is None else x
    found = shown.findings
    return Group(
        heading(f"{shown.name}: {shown.title}", notation),
        Text(),
        Paragraph(notation.words(shown.story)),
        Text(),
        arrows(shown.model, notation),
        Text(),
        heading("For any input", notation),
        Text(),
        forward(worked(shown.model), notation),
        Text(),
        heading("For an example", notation),
        Text(),
        Text(f"x = {_inside(example, notation)}"),
        Text(),
        derivation(worked(shown.model, example).derivation, notation),
        heading("What is gained", notation),
        claims(found.gained, notation),
        Text(),
        heading("What is lost", notation),
        claims(found.lost, notation),
        Text(),
        Paragraph(f"Source: {shown.source}."),
    )


def embeddings(shown: Sequence[Embedding], notation: PlainNotation) -> RenderableType:
    """The named embeddings, a line each."""
    width = max(len(one.name) for one in shown)
    lines = [
        Text.assemble(" " * INDENT, (one.name.ljust(width + 2), _HEADING), one.title)
        for one in shown
    ]
    return Group(heading("The named embeddings", notation), *lines)


def arrows(model: ToyModel, notation: PlainNotation) -> RenderableType:
    """The arrows of a plane embedding, and the drawing in words."""
    drawn = plane_arrows(model)
    if not drawn:
        return Text(f"The arrows lie in {model.m} dimensions and are not drawn.")
    return Group(
        drawing(drawn, notation),
        Text(),
        Paragraph(notation.words(notation.claim(described(model)))),
    )


def model(shown: ToyModel, notation: PlainNotation) -> RenderableType:
    """W with a feature to each row, b, and the activation."""
    bias = f"b = {_inside(shown.b, notation)}"
    output, kind = ("ReLU(z)", "ReLU") if shown.activation == "relu" else ("z", "linear")
    hat = "x\u0302" if notation.unicode else "xhat"
    activation = f"{hat} = {output}   ({kind} model)"
    return Group(matrix(shown.W, notation, "W"), Text(bias), Text(activation))


def matrix(rows: Matrix, notation: PlainNotation, name: str) -> RenderableType:
    """A matrix in brackets, its rows labelled with their features."""
    cells = [[notation.number(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    middle = (len(rows) - 1) // 2
    lines = []
    for i, row in enumerate(cells):
        left, right = _brackets(i, len(rows), notation)
        lead = f"{name} = " if i == middle else " " * (len(name) + 3)
        padded = "   ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        label = Text(f"   feature {i + 1}", terminal_colour(i + 1))
        lines.append(Text(f"{lead}{left} {padded} {right}") + label)
    rows_told = (
        Paragraph(f" ({', '.join(row)})", INDENT, f"feature {i}", terminal_colour(i))
        for i, row in enumerate(cells, 1)
    )
    return Fitted(tuple(lines), Group(Text(f"{name}, row by row:"), *rows_told))


def claims(said: Iterable[Claim], notation: PlainNotation) -> RenderableType:
    """Claims, one a line; "Nothing." where there are none."""
    sentences = [notation.claim(claim) for claim in said] or ["Nothing."]
    return Group(*(Paragraph(sentence, INDENT) for sentence in sentences))


def heading(text: str, notation: PlainNotation) -> RenderableType:
    """A heading, told by its line below as well as by its weight."""
    line = ("─" if notation.unicode else "-") * len(text)
    return Group(Text(text, _HEADING), Text(line, "dim"))


def _links(line: Line, notation: PlainNotation) -> tuple[str, ...]:
    forms = [line.target, line.symbolic, line.substituted, line.value]
    links = [notation.expression(form) for form in forms]
    return tuple(link for k, link in enumerate(links) if k == 0 or link != links[k - 1])


def _table(columns: Sequence[tuple[str, Sequence[str]]]) -> RenderableType:
    """Columns under their heads or, where they are too wide, a paragraph a row."""
    heads = [head for head, _ in columns]
    rows = list(zip(*(cells for _, cells in columns), strict=True))
    widths = [max(len(head), *map(len, cells)) for head, cells in columns]
    lines = [Text("  ".join(h.rjust(w) for h, w in zip(heads, widths, strict=True)), "dim")]
    told = []
    for i, row in enumerate(rows, 1):
        padded = "  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True))
        lines.append(Text(padded, terminal_colour(i)))
        named = zip(heads[1:], row[1:], strict=True)
        said = (f"{head} {cell}" for head, cell in named if cell != ".")
        told.append(Paragraph(f": {'; '.join(said)}", 0, f"{heads[0]} {i}", terminal_colour(i)))
    return Fitted(tuple(lines), Group(*told))


def _brackets(i: int, rows: int, notation: PlainNotation) -> tuple[str, str]:
    if not notation.unicode or rows == 1:
        return "[", "]"
    return ("⎡", "⎤") if i == 0 else ("⎣", "⎦") if i == rows - 1 else ("⎢", "⎥")


def _inside(values: Iterable[sympy.Expr], notation: PlainNotation) -> str:
    return f"({', '.join(map(notation.multiple, values))})"
