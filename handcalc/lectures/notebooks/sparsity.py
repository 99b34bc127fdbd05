# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""Lecture: ReLU and sparsity. A notebook that ``handcalc lecture sparsity`` opens."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="ReLU and sparsity")

with app.setup:
    import marimo as mo

    import handcalc
    from handcalc.lectures import showing as show
    from handcalc.lectures.questions import sparsity as ask
    from handcalc.lectures.workings import sparsity as work
    from handcalc.lectures.workings.comparing import compared, of_name


@app.cell(hide_code=True)
def _():
    answers = show.answers_switch()
    show.page(
        r"""
# ReLU and sparsity

The last lecture ended badly: two features that matter alike shared a line, and for no input did
they lose less than if one of them had been dropped. Two small things turn that round. One is a bend
in a line; the other is that most things are absent most of the time.

As before: **predict**, then look. Numbers are worked out exactly while you read; a long one stands
there as “about” its decimal.
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
## One bend

$\operatorname{ReLU}(z)$ is $z$ where $z$ is positive, and $0$ elsewhere.
""",
        show.predict(questions["bent"], guesses["bent"], answers.value),
        show.predict(questions["no help"], guesses["no help"], answers.value),
        "**Now with your numbers.** For which inputs does the bend mend something, and what?",
    )


@app.cell(hide_code=True)
def _():
    which = mo.ui.dropdown(
        ["orthogonal", "interfering", "antipodal", "triangle"], "antipodal", label="embedding"
    )
    inputs = mo.ui.text("1 1/2 1/4", label="an input $x$")
    mo.hstack([which, inputs], justify="start", wrap=True)
    return inputs, which


@app.cell
def _(inputs, which):
    outputs = show.attempt(lambda: work.cut(which.value, inputs.value))
    show.page(show.arrows(of_name(which.value, "relu")), show.view(outputs, show.page))
    return (outputs,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        """
## One at a time is free
""",
        show.predict(questions["one at a time"], guesses["one at a time"], answers.value),
        """
## Two at a time cost
""",
        show.predict(questions["two at a time"], guesses["two at a time"], answers.value),
    )


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## How often are two on?

So everything hangs on how often features come together. Most features of the world are absent most
of the time: hardly any sentence is about cheese, and hardly any of those is in Latin, too.
""",
        show.predict(questions["both on"], guesses["both on"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    many = mo.ui.slider(2, 100, value=20, label="features", show_value=True)
    sparsity = mo.ui.text("5/6", label="sparsity $S$")
    mo.hstack([many, sparsity], justify="start", wrap=True)
    return many, sparsity


@app.cell
def _(many, sparsity):
    often = show.attempt(lambda: work.how_many(many.value, sparsity.value))
    show.view(often, show.page)
    return (often,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## What sharing costs, and dropping

Add it up over all inputs: how often something happens, times what is lost then.
""",
        show.predict(questions["linear ratio"], guesses["linear ratio"], answers.value),
        show.predict(questions["always cheaper"], guesses["always cheaper"], answers.value),
        "At the sparsity from above, in the field:",
    )


@app.cell
def _(answers, guesses, sparsity):
    losses = show.attempt(lambda: work.candidate_losses(sparsity.value))
    show.view_after(guesses["linear ratio"], answers.value, losses, compared)
    return (losses,)


@app.cell(hide_code=True)
def _():
    show.page(
        "**Your turn.** Drag arrows and move $S$. Below stands what is lost with so many features "
        "on, and how often that is. Can you make a model that loses nothing with one on? And one "
        "that loses less than the pair when all are on? Take ReLU away, and look again."
    )


@app.cell(hide_code=True)
def _():
    figure = mo.ui.anywidget(
        handcalc.widget(
            of_name("interfering", "relu"), sparsity="3/5", panels=["forward", "gram", "loss"]
        )
    )
    figure
    return (figure,)


@app.cell
def _(figure):
    show.page(work.by_number_on(figure.model, figure.sparsity), show.balance(figure.model))


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        """
## How many fit in
""",
        show.predict(questions["most"], guesses["most"], answers.value),
        "Above, the figure takes up to six features: add some, and try.",
    )


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
