# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""Lecture: what an embedding is, by hand. ``handcalc lecture by-hand`` opens it."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="What an embedding is, by hand")

with app.setup:
    import marimo as mo

    import handcalc
    from handcalc.lectures import showing as show
    from handcalc.lectures.questions import by_hand as ask
    from handcalc.lectures.showing import vector


@app.cell(hide_code=True)
def _():
    answers = show.answers_switch()
    show.page(
        r"""
# What an embedding is, by hand

A model has to carry three numbers through two, and give the three back. That cannot work. Large
models do it all the time, with thousands of features in hundreds of dimensions; here it is small
enough for paper, and every number on this page is exact and worked out while you read.

Before something is shown you are asked for it: **predict**, then look. A wrong guess that you have
thought about teaches more than a right answer that was read. Between the questions there are
fields, sliders and arrows to drag; change one, and all that follows changes with it.
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
## Three numbers through two

A **feature** is something that an input has more or less of: a number from $0$, off, to $1$, fully
on. An **embedding** gives each feature an arrow; row $i$ of the matrix $W$ is the arrow of feature
$i$. An input pushes along all arrows at once, and where it ends up is $h$, a point of the plane.
""",
        show.predict(questions["pushed"], guesses["pushed"], answers.value),
    )


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Read along the same arrow

Then the model has to guess the input from the point. It reads along the same arrows: what comes out
for feature $i$ is how far $h$ lies along arrow $i$, times that arrow's length.
""",
        show.after(
            guesses["pushed"],
            answers.value,
            lambda: show.predict(questions["read back"], guesses["read back"], answers.value),
        ),
        "**Now with your numbers.** Type arrows, one a row with `;` between, and an input. Without "
        "an input letters are worked with: then you see all inputs at once.",
    )


@app.cell(hide_code=True)
def _():
    rows = mo.ui.text("1 0; 0 1; 1/2 1", label="arrows $W$")
    inputs = mo.ui.text("1 0 1/2", label="an input $x$")
    mo.hstack([rows, inputs], justify="start", wrap=True)
    return inputs, rows


@app.cell
def _(inputs, rows):
    model = show.attempt(lambda: ask.linear(rows.value))
    work = show.then(model, lambda given: handcalc.forward(given, inputs.value.strip() or None))
    show.view(work, lambda found: show.page(show.arrows(found.model), found))
    return model, work


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## What is kept, and what is shared

In and out along the same arrow: so what counts is each arrow with itself, and each with every
other.
""",
        show.predict(questions["short arrow"], guesses["short arrow"], answers.value),
        show.predict(questions["overlap"], guesses["overlap"], answers.value),
        "With your arrows, from above:",
    )


@app.cell
def _(answers, guesses, model):
    # the answer to the question says what G is
    table = show.then(model, handcalc.geometry)
    show.after(
        guesses["overlap"],
        answers.value,
        lambda: show.view(table, lambda found: show.matrix(found.gram, "G")),
    )
    return (table,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        """
## Only lengths and angles
""",
        show.predict(questions["turned"], guesses["turned"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    degrees = mo.ui.slider(0, 330, step=30, value=0, label="turn all arrows by", show_value=True)
    degrees
    return (degrees,)


@app.cell
def _(degrees, work):
    turned = show.then(work, lambda found: ask.turned(found, degrees.value))

    def moved(found):
        points = f"Now $h$ is {vector(found.h)}; what comes out is {vector(found.output)}."
        return show.page(show.arrows(found.model), show.matrix(found.model.W, "W"), points)

    show.view(turned, moved)
    return (turned,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Keep two, drop one

So arrows of length one at right angles do no harm to each other. How far does that reach?
""",
        show.predict(questions["dropped"], guesses["dropped"], answers.value),
        show.predict(questions["exact inputs"], guesses["exact inputs"], answers.value),
        "**Your turn.** Drag arrow 3, or choose it with Tab and use the arrow keys. Who hears of "
        "it, and who is spared? Below the figure stands what is true of *all* inputs.",
    )


@app.cell(hide_code=True)
def _():
    figure = mo.ui.anywidget(
        handcalc.widget(ask.linear("1 0; 0 1; 2/5 0"), "1 0 1/2", panels=["forward", "gram"])
    )
    figure
    return (figure,)


@app.cell
def _(figure):
    show.balance(figure.model)


@app.cell(hide_code=True)
def _():
    asked = show.asked_exercises(ask.EXERCISES)
    return (asked,)


@app.cell(hide_code=True)
def _(asked):
    show.practice(asked)


@app.cell(hide_code=True)
def _():
    show.ending(ask.SUMMARY, ask.PLAN)


if __name__ == "__main__":
    app.run()
