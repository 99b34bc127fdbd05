r"""Results as Markdown with LaTeX: what a notebook shows, which is not less than the terminal.

JupyterLab, nbconvert and marimo read Markdown in three ways; what is written here means the same in
all of them. A displayed formula stands between empty lines, and inside no table. Prose never turns
into emphasis, a link or a formula by accident.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import sympy

from handcalc.derivation import Claim, Derivation
from handcalc.numbers.decimals import rounded
from handcalc.numbers.exact import to_text
from handcalc.superposition.loss.distribution import Distribution, OneActive, SparseUniform
from handcalc.superposition.loss.loss_steps import MAX_FEATURES, loss_steps
from handcalc.superposition.loss.polynomial import by_powers, polynomial_expression
from handcalc.superposition.model.embeddings import which_model
from handcalc.superposition.model.forward_pass import Forward
from handcalc.superposition.model.forward_pass import forward as worked
from handcalc.superposition.model.geometry import Geometry
from handcalc.views import latex, picture
from handcalc.views.latex import LATEX, LATEX_EXACT, LATEX_LENGTHS, LATEX_ROUNDED
from handcalc.views.rounding import own_sign, significant
from handcalc.views.text import diagram as diagram_text
from handcalc.views.text import phase_map as phase_map_text
from handcalc.views.text.blocks import HEAD, MOST_LINES, TAIL, shown_lines
from handcalc.views.text.losses import (
    LONG,
    LOSS_DECIMALS,
    TOLD,
    gradient_sentences,
    is_all_there,
    split_columns,
    split_sentence,
)
from handcalc.views.text.optima import (
    LOSS_DIGITS,
    left_out,
    other_minima,
    question,
    sureness_sentences,
)
from handcalc.views.text.proofs import IN_PYTHON, proof_sentences
from handcalc.views.text.steps import left_out_sentence, parts_sentence

if TYPE_CHECKING:
    from handcalc.superposition.best.optimum import Optimum
    from handcalc.superposition.certificates.proof import Proof
    from handcalc.superposition.closed_forms import ClosedForm, RegularOptimum
    from handcalc.superposition.loss.expected_loss import ExpectedLoss
    from handcalc.superposition.loss.gradient import LossGradient, Slope
    from handcalc.superposition.model.embeddings import Embedding
    from handcalc.superposition.model.same_model import Sameness
    from handcalc.superposition.model.toy_model import ToyModel
    from handcalc.superposition.phases.diagram import PhaseDiagram
    from handcalc.superposition.phases.phase_map import PhaseMap

_UNIFORM = "An active feature is uniform on [0, 1]."
ROUNDED = "Decimals are rounded for reading; every number is worked out exactly."
_LONG = 1000  # characters of a formula that still says something


def model(shown: ToyModel) -> str:
    """W, b and the formula of the output."""
    return displayed(latex.model(shown))


def forward(shown: Forward) -> str:
    """The model, the input, the steps, and what each output is made of."""
    told = [parts_sentence(shown, i, LATEX) for i in shown_lines(len(shown.parts))]
    if said := left_out_sentence(len(shown.parts)):
        told.insert(HEAD, prose(said))
    return joined(
        model(shown.model),
        inline(latex.vector(shown.x, name="x")),
        derivation(shown.derivation),
        "**Where each output comes from**",
        listed(told),
    )


def derivation(shown: Derivation) -> str:
    """The steps: rule and formula, what is done, and a block of equations."""
    steps = []
    for number, step in enumerate(shown.steps, 1):
        steps.append(f"**{number}. {prose(step.rule)}** {inline(latex.title(step))}")
        steps.append(prose(step.explanation))
        steps.append(displayed(latex.aligned(step)) if step.lines else "")
    return joined(
        *steps,
        *(f"*Note: {prose(note)}*" for note in shown.notes),
    )


def geometry(shown: Geometry) -> str:
    """W, the Gram matrix, a row for each feature, and the capacity."""
    measures = (shown.norms, shown.interference, shown.dimensionality)
    exactly = LATEX.equals(*shown.gram[0], shown.capacity) == "=" and all(
        LATEX.cells(each).equals == "=" for each in measures
    )
    most = min(shown.model.n, shown.model.m)
    return joined(
        displayed(latex.matrix(shown.model.W, name="W")),
        "**The Gram matrix**: what features keep (diagonal) and share",
        displayed(latex.matrix(shown.gram, name=r"G = W W^{\top}")),
        "**Each feature**",
        _by_feature(["length", "interference", "dimensionality"], list(map(_column, measures))),
        f"Capacity, the sum of the dimensionalities: {LATEX.told(shown.capacity)} "
        f"of at most {most}.",
        "" if exactly else ROUNDED,
    )


def distribution(shown: Distribution) -> str:
    """What the inputs are, in words."""
    return prose(f"{shown.sentence()} {_UNIFORM}")


_INTEGRALS = "The integrals, pattern by pattern: `handcalc.loss_steps(loss)`."


def loss(shown: ExpectedLoss, integrals: str = _INTEGRALS) -> str:
    """The exact expected loss, and what each feature loses to what.

    ``integrals`` says where its reader finds them: they can fill pages.
    """
    return joined(
        model(shown.model),
        distribution(shown.distribution),
        "**The expected loss**",
        displayed(_loss_value(shown.value)),
        "**What each feature loses, and to what**",
        split_sentence(shown),
        _by_feature(*zip(*split_columns(shown, _column, ""), strict=True)),
        _by_active(shown),
        "" if is_all_there(shown, LATEX) else ROUNDED,
        integrals if shown.model.n <= MAX_FEATURES else "",
    )


def loss_worked(shown: ExpectedLoss) -> str:
    """The same with the integrals, for as few features as the terminal tells them of."""
    if shown.model.n > TOLD:
        return loss(shown, "")
    return loss(shown, joined("**Pattern by pattern**", derivation(loss_steps(shown))))


def gradient(shown: LossGradient) -> str:
    """The slopes of the loss in W and b, both sides where they differ, and what they decide."""
    m = shown.model.m
    heads = [*(f"in $W_{{i{k}}}$" for k in range(1, m + 1)), "in $b_i$"]
    columns = [list(map(_slope, column)) for column in (*zip(*shown.W, strict=True), shown.b)]
    return joined(
        model(shown.model),
        distribution(shown.distribution),
        "**The slopes of the expected loss**",
        _by_feature(heads, columns),
        *gradient_sentences(shown, LATEX),
    )


def optimum(shown: Optimum, sureness: Sequence[str] | None = None) -> str:
    """The question, the loss, the model, its closed form, and how it was found.

    ``sureness`` stands for the sentences on how sure that is, where more is known than the search
    tells.
    """
    title, inputs = question(shown.problem, LATEX_ROUNDED)
    drawn = picture.is_drawn(shown.model) and shown.family.name != "dropped"
    return joined(
        f"**{title}**",
        inputs,
        f"Expected loss {inline(f'L = {significant(shown.loss, LOSS_DIGITS)}')}",
        displayed(latex.model(shown.model, LATEX_ROUNDED)),
        f"**{shown.family.name}**: {prose(shown.family.sentence)}",
        " ".join(map(LATEX_LENGTHS.claim, picture.whole_in_words(shown.model))) if drawn else "",
        *_closed_form(shown.closed_form),
        "**How sure this is**",
        *map(prose, sureness or sureness_sentences(shown)),
        *_others(shown),
    )


def proof(shown: Proof, further: Sequence[str] = (IN_PYTHON,)) -> str:
    """The page of the best embedding, with how sure it is; ``further`` says how to go on."""
    return optimum(shown.optimum, [*proof_sentences(shown), *further])


def sameness(shown: Sameness) -> str:
    """The sentence, and the matrix by which the hidden space is turned."""
    turned = "" if shown.Q is None else displayed(latex.matrix(shown.Q, name="Q"))
    return joined(prose(shown.sentence), turned)


def embedding(shown: Embedding) -> str:
    """Story, arrows in words, steps for symbols and for an example, balance."""
    found = shown.findings
    return joined(
        f"### {prose(f'{shown.name}: {shown.title}')}",
        prose(which_model(shown)),
        prose(shown.story),
        " ".join(map(claim, picture.whole_in_words(shown.model))),
        "#### For any input",
        forward(worked(shown.model)),
        "#### For an example",
        inline(latex.vector(shown.example, name="x")),
        derivation(worked(shown.model, shown.example).derivation),
        "**What is gained**",
        listed(map(claim, found.gained)) or "Nothing.",
        "**What is lost**",
        listed(map(claim, found.lost)) or "Nothing.",
        prose(f"Source: {shown.source}."),
    )


def _loss_value(value: sympy.Expr) -> str:
    """The loss exactly and as a decimal; only as a decimal where it would fill lines."""
    shown = polynomial_expression(value)
    if value.free_symbols:
        return f"L {latex.equals(LATEX.equals(shown))} {LATEX.expression(shown)}"
    exactly, is_short = LATEX.exactly(value), len(to_text(value)) <= LONG
    if value.is_Integer and is_short:
        return f"L = {exactly}"
    about = LATEX.decimal(rounded(value, LOSS_DECIMALS), value)
    return rf"L = {exactly} \approx {about}" if is_short else rf"L \approx {about}"


def _by_active(shown: ExpectedLoss) -> str:
    counts = shown.by_active
    if counts is None or isinstance(shown.distribution, OneActive):
        return ""
    what = "features" if isinstance(shown.distribution, SparseUniform) else "sets"
    cells, last = LATEX.cells(counts), len(counts) - 1
    signs = [latex.equals(own_sign(value, cells.equals)) for value in counts]
    shown_by = enumerate(zip(signs, cells.texts, strict=True))
    said = "; ".join(inline(f"L_{{{k}}} {sign} {text}") for k, (sign, text) in shown_by)
    weights = inline(rf"S^{{{last}-k}} (1-S)^{{k}} L_{{k}}")
    return f"By the number $k$ of {what} that are on, $L$ is the sum of {weights}: {said}."


def _slope(slope: Slope) -> str:
    left, right = (_polynomial(side) for side in (slope.left, slope.right))
    return left if left == right else f"{left} from the left, {right} from the right"


def _closed_form(shown: ClosedForm | None) -> Iterator[str]:
    """Part by part: what is best, and the polynomials behind it."""
    if shown is None:
        return
    yield "**The best of this family, exactly**"
    yield "Worked out without a search, and the same to 20 decimals."
    for part in shown.parts:
        yield prose(part.sentence)
        if part.regular is not None:
            yield displayed(_regular(part.regular))


def _regular(shown: RegularOptimum) -> str:
    root = shown.root.polynomial
    named = [("0", root.as_expr()), ("B", shown.B), ("C", shown.C)]
    rows = [
        f"{name} &= {LATEX_EXACT.expression(by_powers(part, root.gen))}" for name, part in named
    ]
    rows = [row for row in rows if len(row) <= _LONG]
    weight = LATEX.number(shown.k * shown.importance)
    most = LATEX.number((1 - shown.sparsity) / 3)
    rows.append(rf"L &= {weight} \cdot \left({most} - \frac{{B^{{2}}}}{{C}}\right)")
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _others(shown: Optimum) -> Iterator[str]:
    columns = other_minima(shown)
    if columns:
        yield "Other minima in which restarts ended:"
        heads, cells = zip(*columns, strict=True)
        yield table(heads, zip(*cells, strict=True))
    yield from left_out(shown)


def _by_feature(heads: Sequence[str], columns: Sequence[Sequence[str]]) -> str:
    """A table with a row for each feature; of very many the first and the last."""
    rows = [[str(i), *row] for i, row in enumerate(zip(*columns, strict=True), 1)]
    left_out = len(rows) - HEAD - TAIL
    if len(rows) > MOST_LINES:
        gap = [f"… {left_out} rows are left out here", *([""] * len(heads))]
        rows = [*rows[:HEAD], gap, *rows[-TAIL:]]
    return table(["feature", *heads], rows)


def _column(values: Sequence[sympy.Expr]) -> list[str]:
    if any(value.free_symbols for value in values):
        return [_polynomial(value) for value in values]
    return [inline(text) for text in LATEX.cells(values).texts]


def _polynomial(value: sympy.Expr) -> str:
    return inline(LATEX.expression(polynomial_expression(value)))


# --------------------------------------------------------------------------------------------------
# The phase map and the phase diagram: what the text says, with tables.


def phase_map(shown: PhaseMap) -> str:
    """A table for each stretch, a sentence for each change, and how it was found."""
    parts = []
    for number, stretch in enumerate(shown.stretches):
        if number:
            change = shown.changes[number - 1]
            parts.append(prose(phase_map_text.change_sentence(shown, change)))
        parts.append(prose(phase_map_text.stretch_sentence(shown, stretch)))
        points = phase_map_text.points_of(shown, stretch)
        if points:
            parts.append(table(phase_map_text.HEADS, map(phase_map_text.cells, points)))
        else:
            parts.append(prose(phase_map_text.within(stretch)))
    return joined(
        f"**{phase_map_text.title(shown)}**",
        prose(phase_map_text.inputs(shown)),
        *parts,
        *map(prose, phase_map_text.trust(shown)),
    )


def diagram(shown: PhaseDiagram) -> str:
    """The picture in letters, its legend, and sentences on it."""
    return joined(
        f"**{diagram_text.title(shown)}**",
        code("\n".join(diagram_text.pictures(shown))),
        prose(diagram_text.legend(shown)),
        *map(prose, diagram_text.sentences(shown)),
        *map(prose, diagram_text.trust(shown)),
    )


# --------------------------------------------------------------------------------------------------
# What every page is made of: prose, formulas, tables, lists, code.


# Between backticks a text is code already. Outside, what Markdown would take as a sign is escaped;
# with an entity where one of the three shows the backslash too, or takes it for a formula's.
_SPOKEN = re.compile(r"(`[^`\n]*`)|([\\*_<>|$~^`])")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "|": "&#124;", "~": "&#126;", "\\": "&#92;", "^": "&#94;"}


def prose(text: str) -> str:
    r"""A sentence as it stands: its signs are no Markdown, save that `this` is code.

    >>> print(prose("2*x_1 costs $5; put `;` between"))
    2\*x\_1 costs \$5; put `;` between
    """
    return _SPOKEN.sub(lambda found: found[1] or _ENTITIES.get(found[2], f"\\{found[2]}"), text)


def inline(formula: str) -> str:
    """A formula inside a sentence."""
    return LATEX.inline(formula)


def displayed(formula: str) -> str:
    """A formula that stands by itself."""
    return f"$$\n{formula}\n$$"


def claim(said: Claim) -> str:
    """A sentence with its formulas put in."""
    return LATEX.claim(Claim(prose(said.sentence), said.values))


def code(text: str) -> str:
    """Lines that stand as they are; a fence is longer than any that they hold."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def listed(lines: Iterable[str]) -> str:
    """A list, an entry a line."""
    return "\n".join(f"- {line}" for line in lines)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are Markdown already.

    >>> print(table(["S", "loss"], [["$0$", "$1$"]]))
    | S | loss |
    |---|---|
    | $0$ | $1$ |
    """
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(heads), *lines[1:]])


def joined(*parts: str) -> str:
    """The parts with an empty line between."""
    return "\n\n".join(part for part in parts if part)
