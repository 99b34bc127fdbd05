# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""Lecture: geometry and capacity. A marimo notebook that ``handcalc lecture geometry`` opens."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Geometry, dimensionality, capacity")

with app.setup:
    import marimo as mo

    import handcalc
    from handcalc.lectures import showing as show
    from handcalc.lectures.charting import chart
    from handcalc.lectures.questions import geometry as ask
    from handcalc.lectures.workings import geometry as work


@app.cell(hide_code=True)
def _():
    answers = show.answers_switch()
    show.page(
        r"""
# Geometry, dimensionality, capacity

More features than dimensions: who has how much room? One number a feature says it, and it comes out
as a fraction, again and again the same few. Behind each of them stands a solid that has been known
for long.

As before: **predict**, then look. Below the questions there are fields, lists and arrows to drag;
change one, and all that follows changes with it.
""",
        answers,
    )
    return (answers,)


@app.cell(hide_code=True)
def _():
    questions, guesses = show.predictions(ask.QUESTIONS)
    return guesses, questions


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Dimensions for each feature

An arrow of length one holds its feature whole, one of length zero not at all. So one number tells
how many are held.
""",
        show.predict(questions["per feature"], guesses["per feature"], answers.value),
    )


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Dimensionality
""",
        show.predict(questions["uneven"], guesses["uneven"], answers.value),
        "**Now with your arrows**, one a row with `;` between, in as many dimensions as you like; "
        "`sqrt(2)/2` and `cos(pi/5)` are numbers.",
    )


@app.cell(hide_code=True)
def _():
    rows = mo.ui.text("1 0; -1/3 1/3; 0 -1/2; 0 0", label="arrows $W$", full_width=True)
    rows
    return (rows,)


@app.cell
def _(rows):
    own = show.attempt(lambda: handcalc.ToyModel(rows.value))
    show.view(own, work.measured)
    return (own,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Shapes

What do arrows look like that share evenly?
""",
        show.predict(questions["tetrahedron"], guesses["tetrahedron"], answers.value),
        show.predict(questions["cube or antiprism"], guesses["cube or antiprism"], answers.value),
    )


@app.cell
def _(answers, dimensionality, guesses):
    # the table has the answers to both questions
    both = (guesses["tetrahedron"], guesses["cube or antiprism"])
    known = show.is_solved(dimensionality)
    show.after(both, answers.value, lambda: work.shape_table(known))


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Products

Two shapes need not touch each other: each takes dimensions of its own.
""",
        show.predict(questions["product"], guesses["product"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    _names = [name for name in work.SHAPES if name not in work.TO_BE_FOUND]
    first = mo.ui.dropdown(_names, "a tetrahedron", label="take")
    second = mo.ui.dropdown(["nothing else", *_names], "nothing else", label="and")
    mo.hstack([first, second], justify="start", wrap=True)
    return first, second


@app.cell
def _(answers, first, guesses, second):
    parts = [work.SHAPES[each.value] for each in (first, second) if each.value in work.SHAPES]
    made = work.product(*parts)
    show.after(guesses["product"], answers.value, lambda: work.measured(made))
    return (made,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Capacity

All dimensionalities together: is that the number of dimensions?
""",
        show.predict(questions["wasted"], guesses["wasted"], answers.value),
        "**Your turn.** Drag the arrows, or focus one and use the arrow keys. How do they stand "
        "when nothing is wasted, and how when most is? Lengths count as well.",
    )


@app.cell(hide_code=True)
def _():
    figure = mo.ui.anywidget(handcalc.widget("1 0; 1/2 1/2; -1/2 1/5"))
    figure
    return (figure,)


@app.cell
def _(answers, figure, guesses):
    dragged = handcalc.geometry(figure.model)
    show.page(
        work.shares(dragged),
        show.after(guesses["wasted"], answers.value, lambda: work.capacity(dragged)),
    )


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Superposition in steps

Which part is worth its dimensions depends on how often its features meet.
""",
        show.predict(questions["stairs"], guesses["stairs"], answers.value),
    )


@app.cell
def _(answers, guesses):
    show.page(
        show.after(guesses["stairs"], answers.value, lambda: chart(work.staircase())),
        "Only parts with closed forms take part: features alone, pairs, regular polygons up to the "
        "hexagon. Solids might do better here and there; in training they are found as well. And "
        "what counts here is what a part saves *per dimension*. Where two dimensions have to hold "
        "three features, and no more, triangle and pair change places at another $S$: the pair "
        "leaves a dimension to a feature of its own, as the lecture on phase changes has it.",
    )


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Who comes with whom

So far every feature was drawn by itself. Words are not.
""",
        show.predict(questions["together"], guesses["together"], answers.value),
        "**Who is to stand opposite to whom?** Try it: the same arrows, and three ways to draw "
        "their features. A feature that is in no set is drawn by itself.",
    )


@app.cell(hide_code=True)
def _():
    drawn = mo.ui.text("1 0; -1 0; 0 1", label="arrows $W$")
    sets = mo.ui.text("1 2", label="sets, with ; between")
    off = mo.ui.text("1/2", label="sparsity $S$")
    mo.hstack([drawn, sets, off], justify="start", wrap=True)
    return drawn, off, sets


@app.cell
def _(answers, drawn, guesses, off, sets):
    losses = show.attempt(lambda: work.by_distribution(drawn.value, sets.value, off.value))
    show.view_after(
        guesses["together"],
        answers.value,
        losses,
        lambda rows: show.table(("features are drawn", "loss $L$"), rows),
    )
    return (losses,)


@app.cell(hide_code=True)
def _():
    asked = show.asked_exercises(ask.EXERCISES)
    dimensionality = asked["dimensionality"]
    return asked, dimensionality


@app.cell(hide_code=True)
def _(asked):
    show.practice(asked)


@app.cell(hide_code=True)
def _():
    show.ending(ask.SUMMARY, ask.PLAN)


if __name__ == "__main__":
    app.run()
