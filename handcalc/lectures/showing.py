"""The pages of lectures: results of the engine, questions, exercises, what every lecture has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import marimo as mo
import sympy

import exercises
from exercises.asked_exercise import AskedExercise
from exercises.exercise_widget import ExerciseWidget
from exercises.progress import store
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.positions import Number
from handcalc.circuits.run import CircuitRun
from handcalc.circuits.tables import TokenTable
from handcalc.derivation import Derivation
from handcalc.display import Displayed, latex_of
from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix, exact
from handcalc.lectures.medium import Kind, in_jupyter, medium
from handcalc.lectures.predicting import ChoicePrediction, NumberPrediction, Prediction, Verdict
from handcalc.superposition.loss.expected_loss import ExpectedLoss
from handcalc.superposition.model.embeddings import findings
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views import latex, markdown
from handcalc.views import svg as plain_svg
from handcalc.views.circuits import svg
from handcalc.views.circuits.blocks import AnyNumber, cells_of, row_text
from handcalc.views.circuits.markdown import matrix_name
from handcalc.views.latex import LATEX
from handcalc.views.notation import UNICODE

Before = TypeVar("Before")
Worked = TypeVar("Worked")

# -- numbers inside Markdown -----------------------------------------------------------------------


def number(value: AnyNumber | int) -> str:
    r"""A number in a sentence, exact where it reads at a glance, else about its decimal.

    >>> print(number(3), number(exact("1/2")))
    $3$ $\frac{1}{2}$
    """
    return numbers([value])


def numbers(values: Iterable[AnyNumber | int]) -> str:
    """Several of them, with commas between."""
    cells = cells_of([exact(each) if isinstance(each, int) else each for each in values], LATEX)
    about = "about " if cells.equals == "≈" else ""
    return about + ", ".join(map(markdown.inline, cells.texts))


def formula(expression: sympy.Basic, *, rising: bool = False) -> str:
    r"""A formula in letters in a sentence; ``rising`` begins with the lowest power.

    >>> print(formula(sympy.Symbol("p") / 3))
    $\frac{p}{3}$
    """
    order = "rev-lex" if rising else "lex"
    return str(sympy.latex(expression, mode="inline", order=order, fold_short_frac=False))


def vector(values: Sequence[Number]) -> str:
    """A row vector in a sentence."""
    return markdown.inline(row_text(values, LATEX))


def plainly(values: Sequence[Number]) -> str:
    """A row vector as plain text, for an option.

    >>> plainly([exact("1/2"), exact(3)])
    '(1/2, 3)'
    """
    return row_text(values, UNICODE)


def matrix(rows: Matrix, name: str) -> str:
    """A matrix as a displayed formula."""
    return markdown.displayed(latex.matrix(rows, name=matrix_name(name)))


def matrices(model: AttentionOnly) -> str:
    """All matrices of a model, a line for each head."""
    ends = [latex.matrix(model.W_E, name="W_E"), latex.matrix(model.W_U, name="W_U")]
    lines = [r", \quad ".join(ends)]
    for a, layer in enumerate(model.layers, 1):
        for b, head in enumerate(layer, 1):
            lines.append(rf"\text{{head {a}.{b}:}} \quad {latex_of(head)}")
    return "\n\n".join(map(markdown.displayed, lines))


def table(heads: Sequence[str], rows: Iterable[Sequence[str | AnyNumber | int]]) -> str:
    """A table of texts, which are Markdown and stand on the left, and of numbers."""
    given = [*rows]
    shown = [[cell if isinstance(cell, str) else number(cell) for cell in row] for row in given]
    is_text = [all(isinstance(cell, str) for cell in column) for column in zip(*given, strict=True)]
    sides = [":---|" if left else "---:|" for left in is_text or [True] * len(heads)]
    plain = markdown.table(list(heads), shown)
    return plain.replace("|" + "---|" * len(heads), "|" + "".join(sides), 1)


# -- outputs of cells ------------------------------------------------------------------------------


def page(*parts: object) -> mo.Html:
    """Parts one below the other: Markdown, results as they show themselves, outputs of marimo."""
    return medium().joined([_output(part) for part in parts])


def _output(part: object) -> mo.Html:
    text = part._repr_markdown_() if isinstance(part, Displayed) else part
    if isinstance(text, str):
        return medium().text(text)
    return text if isinstance(text, mo.Html) else mo.as_html(text)


def picture(drawn: str) -> mo.Html:
    """A drawing, no wider than it is made; dark where the page is dark."""
    # the drawing follows the system; here it follows the page, which has a theme of its own
    inside = drawn.replace("@media (prefers-color-scheme: dark)", medium().dark)
    width = drawn.partition('viewBox="0 0 ')[2].split()[0]
    sized = f"width: {width}px; max-width: 100%; margin: auto"
    return medium().joined([mo.Html(f'<div style="{sized}">{inside}</div>')])


def attention(run: CircuitRun) -> mo.Html:
    """The residual stream with its heads, and their attention patterns."""
    return picture(svg.run(run))


def heat_map(*tables: TokenTable) -> mo.Html:
    """Tables by token in colours, beside each other."""
    return medium().beside([picture(svg.heat_map(each)) for each in tables])


def folded(parts: Mapping[str, object]) -> mo.Html:
    """Parts of a page below their titles, folded away."""
    return medium().folded({title: page(part) for title, part in parts.items()})


def busy(doing: str) -> AbstractContextManager[object]:
    """Says what takes its time while it does; Jupyter marks the cell that runs by itself."""
    return nullcontext() if in_jupyter() else mo.status.spinner(doing)


def attempt(make: Callable[[], Worked]) -> Worked | InputError:
    """What comes of what a reader typed, or why it was refused."""
    try:
        return make()
    except InputError as error:
        return error


def then(worked: Before | InputError, make: Callable[[Before], Worked]) -> Worked | InputError:
    """What comes of something that was worked out; of what was refused, the same refusal."""
    return worked if isinstance(worked, InputError) else attempt(lambda: make(worked))


def view(worked: Worked | InputError, show: Callable[[Worked], object]) -> mo.Html:
    """A view of what was worked out, or the refusal as its reader needs it."""
    shown = then(worked, lambda found: page(show(found)))
    if not isinstance(shown, InputError):
        return shown
    again = f" Type `{shown.suggestion}`." if shown.suggestion else ""
    return _framed(f"{markdown.prose(shown.message)}{again}", "warn")


def arrows(model: ToyModel) -> mo.Html:
    """The arrows of a model, its biases and its activation."""
    return picture(plain_svg.arrows(model))


def balance(model: ToyModel) -> mo.Html:
    """What a model gains and loses over all inputs from 0 to 1."""
    found = findings(model)
    gained, lost = (map(markdown.claim, claims) for claims in (found.gained, found.lost))
    return page(
        f"**What is gained**\n\n{markdown.listed(gained) or 'Nothing.'}",
        f"**What is lost**\n\n{markdown.listed(lost) or 'Nothing.'}",
    )


def loss(found: ExpectedLoss) -> mo.Html:
    """An expected loss; its integrals stand on the page, and no call has to be typed for them."""
    return page(markdown.loss(found, integrals=""))


def steps(work: Derivation) -> mo.Html:
    """A worked calculation, step by step."""
    return page(markdown.derivation(work))


# -- predictions -----------------------------------------------------------------------------------


def answers_switch(is_on: bool = False) -> Any:
    """The switch that opens all answers; on from the beginning with --answers."""
    asked = not in_jupyter() and "answers" in mo.cli_args()
    return mo.ui.switch(value=is_on or asked, label="Show all answers at once")


def predictions(made: Mapping[str, Callable[[], Prediction]]) -> tuple[dict[str, Prediction], Any]:
    """The questions of a lecture by name, worked out, and the fields for guesses at them."""
    questions = {name: make() for name, make in made.items()}
    return questions, guess_fields(questions)


def guess_fields(questions: Mapping[str, Prediction]) -> Any:
    """The controls of predictions by name: options to choose from, or a field for a number.

    Jupyter has none. To make a dictionary of controls there, or to ask ``mo.as_html``, would put
    marimo's own display, and its way to widgets, in place of Jupyter's.
    """
    if in_jupyter():
        return dict.fromkeys(questions)
    return mo.ui.dictionary({name: _field(asked) for name, asked in questions.items()})


def _field(asked: Prediction) -> Any:
    if isinstance(asked, ChoicePrediction):
        return mo.ui.radio(list(asked.options))
    return mo.ui.text(placeholder="a number, such as 5/7")


def predict(asked: Prediction, guess: Any, is_open: bool) -> mo.Html:
    """Prediction and control; behind a guess the verdict and the answer, open the answer at once.

    A notebook of Jupyter's takes no guess: there the answer is folded away.
    """
    if in_jupyter():
        answer = medium().folded({"The answer": _misread(asked)}, is_open=is_open)
        return page(f"**Predict.** {asked.question}", _how_to_guess(asked), answer)
    verdict = answered(asked, guess.value, is_open)
    return page(f"**Predict.** {asked.question}", guess, verdict)


def _how_to_guess(asked: Prediction) -> str:
    if isinstance(asked, NumberPrediction):
        return "*Work out a number, such as 5/7; then unfold the answer.*"
    return f"*Choose one; then unfold the answer.*\n\n{markdown.listed(asked.options)}"


def answered(asked: Prediction, guess: str | None, is_open: bool) -> mo.Html:
    """The verdict on a guess and the answer; before there is a guess, what to do."""
    if not guess and not is_open:
        how = "Type a number" if isinstance(asked, NumberPrediction) else "Choose"
        return page(f"*{how}; then the answer is shown.*")
    verdict = asked.judge(guess) if guess else None
    if verdict is not None and verdict.is_right is None:
        return _framed(markdown.prose(verdict.said), "warn")
    return page(*([] if verdict is None else [_judgement(verdict)]), _misread(asked))


def after(guesses: Any, is_open: bool, shown: Callable[[], object]) -> mo.Html:
    """What would give a question away, behind a guess at it; or several, behind all guesses."""
    if in_jupyter():
        return medium().folded({"Once you have guessed": page(shown())}, is_open=is_open)
    several = guesses if isinstance(guesses, tuple) else (guesses,)
    if is_open or all(each.value for each in several):
        return page(shown())
    return page("*Guess first.*" if len(several) == 1 else "*Guess all of it first.*")


def view_after(
    guesses: Any, is_open: bool, worked: Worked | InputError, show: Callable[[Worked], object]
) -> mo.Html:
    """A view behind guesses; a refusal gives nothing away, and is told at once."""
    if isinstance(worked, InputError):
        return view(worked, show)
    return after(guesses, is_open, lambda: view(worked, show))


def _judgement(verdict: Verdict) -> mo.Html:
    if verdict.is_right:
        return _framed(f"**Right.** {verdict.said}", "success")
    said = f"{verdict.said[:1].upper()}{verdict.said[1:]}."  # it stands behind a colon in the list
    return _framed(f"**Not quite.** {said}", "warn")


def _misread(asked: Prediction) -> mo.Html:
    """The answer, and what others say and why it is not so."""
    if isinstance(asked, ChoicePrediction):
        right = asked.right
        wrong = [(text, said) for text, said in asked.options.items() if text != right]
    else:
        right = number(asked.right)
        wrong = [(number(value), said) for value, said in asked.mistakes]
    listed = "\n".join(f"- {text}: {said}" for text, said in wrong)
    told = f"**The answer: {right}.** {asked.answer}\n\nWhat people say instead:\n\n{listed}"
    return _framed(told, "info")


def _framed(text: str, kind: Kind) -> mo.Html:
    return medium().framed(medium().text(text), kind)


# -- exercises -------------------------------------------------------------------------------------


def asked_exercises(slugs: Iterable[str]) -> dict[str, Any]:
    """Exercises of the course by their names, as ``exercises.ask`` asks and counts them.

    On a page of marimo's, a cell that takes one by a name of its own follows its grade.
    """
    # asked by their widget: to open a lecture is not to open an exercise, as the terminal means it
    progress = store()
    asked = {slug: ExerciseWidget(AskedExercise(exercises.load(slug), progress)) for slug in slugs}
    return asked if in_jupyter() else {slug: mo.ui.anywidget(each) for slug, each in asked.items()}


def practice(asked: Mapping[str, Any]) -> mo.Html:
    """The section with the exercises of a lecture; in Jupyter each is an output of its own."""
    heading = "## Exercises"
    told = "`handcalc exercises` lists them all, and what you have done, here or at the terminal."
    if in_jupyter():
        from IPython.display import display  # which comes with the kernel

        for part in (page(heading), *asked.values()):
            display(part)  # type: ignore[no-untyped-call]  # IPython's own has no types
        return page(told)
    return page(heading, *asked.values(), told)


def is_solved(asked: Any) -> bool:
    """Whether the last answer to an exercise on this page solves it.

    >>> is_solved(exercises.ask("dimensionality", no_state=True))
    False
    """
    return isinstance(asked.grade, exercises.Grade) and asked.grade.status == "solved"


# -- the end of a lecture --------------------------------------------------------------------------


def ending(summary: str, sections: Iterable[tuple[str, int, str]]) -> mo.Html:
    """What was shown, and folded away below it what the lecturer has to know."""
    return page(summary, folded({"Notes for the lecturer": plan(sections)}))


def plan(sections: Iterable[tuple[str, int, str]]) -> str:
    """What the lecturer has before them: minutes a section, and what students get wrong."""
    rows = [*sections]
    total = sum(minutes for _, minutes, _ in rows)
    heads = ("section", "minutes", "what students get wrong, and what helps")
    return table(heads, [*rows, ("**in all**", total, "")])
