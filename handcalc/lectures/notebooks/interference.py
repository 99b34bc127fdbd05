# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""Lecture: interference, importance, bias. ``handcalc lecture interference`` opens it."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Interference, importance, bias")

with app.setup:
    import marimo as mo

    import handcalc
    from handcalc.lectures import showing as show
    from handcalc.lectures.questions import interference as ask
    from handcalc.lectures.workings import interference as work
    from handcalc.lectures.workings.comparing import of_name


@app.cell(hide_code=True)
def _():
    answers = show.answers_switch()
    show.page(
        r"""
# Interference, importance, bias

A plane holds two features exactly, and here are three. Leave one out, or let all in and bear with
what they do to each other: this lecture tries both, by hand, and adds a bias. Its models are
linear, $\hat{x} = WW^{\top}x + b$, with nothing bent; and its end is a surprise.

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
## Let the third one in

The plane has no third direction at a right angle to the first two. So feature 3 leans on both.
""",
        show.predict(questions["who hears"], guesses["who hears"], answers.value),
    )


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Acute adds, obtuse takes

Need it always be something *more* that the others hear?
""",
        show.predict(questions["obtuse"], guesses["obtuse"], answers.value),
        "Turn it yourself. Where does feature 2 hear nothing? Where do both lose something?",
    )


@app.cell(hide_code=True)
def _():
    degrees = mo.ui.slider(0, 345, step=15, value=45, label="arrow 3, degrees", show_value=True)
    length = mo.ui.text("1", label="and its length")
    mo.hstack([degrees, length], justify="start", wrap=True)
    return degrees, length


@app.cell
def _(degrees, length):
    lean = show.attempt(lambda: work.leaning(degrees.value, length.value))
    show.view(lean, lambda model: show.page(show.arrows(model), work.heard(model)))
    return (lean,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Who matters most

Not all features are worth the same. If one has to be right, it gets a direction of its own, and
what room is left is for the others.
""",
        show.predict(questions["back to back"], guesses["back to back"], answers.value),
        show.predict(questions["least weighted"], guesses["least weighted"], answers.value),
        "**Now with your numbers.** For which inputs and importances does the pair lose less than "
        "dropping? And for which the interfering embedding?",
    )


@app.cell(hide_code=True)
def _():
    inputs = mo.ui.text("1 1/2 1/4", label="an input $x$")
    weights = mo.ui.text("1 1 1", label="importances $I$")
    mo.hstack([inputs, weights], justify="start", wrap=True)
    return inputs, weights


@app.cell
def _(answers, guesses, inputs, weights):
    losses = show.attempt(lambda: work.errors_of(inputs.value, weights.value))
    show.view_after(
        guesses["least weighted"],
        answers.value,
        losses,
        lambda _: work.compared_at(inputs.value, weights.value),
    )
    return (losses,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## A bias learns by heart

So far what comes out is $WW^{\top}x$. Now a constant is added to each output:
$\hat{x} = WW^{\top}x + b$.
""",
        show.predict(questions["by heart"], guesses["by heart"], answers.value),
    )


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## A bias gives back

There is a better use for it. In the pair, feature 3 takes from feature 2; so let the bias give
something back.
""",
        show.predict(questions["given back"], guesses["given back"], answers.value),
        show.predict(questions["where it helps"], guesses["where it helps"], answers.value),
        "**Your turn.** Drag arrows, and move $b$ and $x$. Find an input for which the bias does "
        "harm. Then find a $W$ and a $b$ that bring *your* input back exactly, and move the input.",
    )


@app.cell(hide_code=True)
def _():
    figure = mo.ui.anywidget(
        handcalc.widget(of_name("antipodal"), "1/2 1 1/4", panels=["forward", "gram"])
    )
    figure
    return (figure,)


@app.cell
def _(figure):
    show.page(work.with_and_without(figure.model, figure.x), show.balance(figure.model))


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.predict(questions["best of four"], guesses["best of four"], answers.value)


@app.cell(hide_code=True)
def _():
    values = mo.ui.text("0 1/2 1", label="values of the other feature")
    bias = mo.ui.text("1", label="your $b$")
    mo.hstack([values, bias], justify="start", wrap=True)
    return bias, values


@app.cell
def _(answers, bias, guesses, values):
    bet = show.attempt(lambda: work.guessed_by_one(values.value, bias.value))
    show.view_after(guesses["best of four"], answers.value, bet, show.page)
    return (bet,)


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
