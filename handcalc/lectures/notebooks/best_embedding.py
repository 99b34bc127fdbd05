# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""Lecture: the expected loss, and the best embedding. ``handcalc lecture best-embedding``."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="The expected loss, and the best embedding")

with app.setup:
    import marimo as mo

    import handcalc
    from handcalc.lectures import showing as show
    from handcalc.lectures.charting import chart
    from handcalc.lectures.questions import best_embedding as ask
    from handcalc.lectures.workings import best_embedding as work
    from handcalc.lectures.workings.comparing import compared, of_name
    from handcalc.superposition.closed_forms.three_in_two import three_in_two


@app.cell(hide_code=True)
def _():
    answers = show.answers_switch()
    show.page(
        r"""
# The expected loss, and the best embedding

One input says little. A model is judged by what it loses on average, over all inputs there are; and
that average is usually *estimated*, from samples. Here it is worked out, and comes out as a
fraction. Then three questions can be asked in earnest: which embedding is better, which way is
better still, and which is the best there is?

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
## What is drawn

First it is drawn which features are on: each is off with probability $S$, whatever the others do.
Then each that is on gets a value, uniform on $[0, 1]$.
""",
        show.predict(questions["square"], guesses["square"], answers.value),
        "With three features there are these patterns:",
    )


@app.cell(hide_code=True)
def _():
    drawn = mo.ui.text("4/5", label="sparsity $S$")
    drawn
    return (drawn,)


@app.cell
def _(drawn):
    patterns = show.attempt(lambda: work.patterns(drawn.value))
    show.view(patterns, show.page)
    return (patterns,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## One integral by hand

Take one pattern, and one output. Where ReLU is on the error is one formula, where it is off
another.
""",
        show.predict(questions["bent integral"], guesses["bent integral"], answers.value),
    )


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## All patterns

What is left is to add up: over outputs, and over patterns, each with its probability.
""",
        show.predict(questions["weights"], guesses["weights"], answers.value),
        "**Now with your numbers.** Without $S$ the loss is a polynomial in $S$. The integrals of "
        "all patterns are folded away below it.",
    )


@app.cell(hide_code=True)
def _():
    rows = mo.ui.text("1 0; 0 1; 0 -2/3", label="arrows $W$")
    biases = mo.ui.text("0 0 1/3", label="$b$")
    sparsity = mo.ui.text("", label="$S$")
    weights = mo.ui.text("1", label="importances $I$")
    mo.hstack([rows, biases, sparsity, weights], justify="start", wrap=True)
    return biases, rows, sparsity, weights


@app.cell
def _(biases, rows, sparsity, weights):
    loss = show.attempt(
        lambda: handcalc.expected_loss(
            handcalc.ToyModel(rows.value, biases.value.strip() or None),
            sparsity.value.strip() or None,
            weights.value,
        )
    )
    steps = show.then(loss, handcalc.loss_steps)
    integrals = show.view(steps, show.steps)
    below = show.folded({"All integrals, by pattern": integrals})
    show.view(loss, lambda found: show.page(show.loss(found), below))
    return loss, steps


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Of itself, and from each other

What a feature loses has parts. *Of itself*: what it loses with all others held at zero. *From each
other*: how much more, when that one comes and goes as well; and *together*, what is left when all
do.
""",
        show.predict(questions["of itself"], guesses["of itself"], answers.value),
        "Which bias is best for the triangle? Feature 1 of it, without a bias and with yours:",
    )


@app.cell(hide_code=True)
def _():
    bias = mo.ui.text("1/8", label="a bias for all three")
    at = mo.ui.text("2/3", label="at $S$")
    mo.hstack([bias, at], justify="start", wrap=True)
    return at, bias


@app.cell
def _(answers, at, bias, guesses):
    parts = show.attempt(lambda: work.split(bias.value, at.value))
    show.view_after(guesses["of itself"], answers.value, parts, show.page)
    return (parts,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Named embeddings along S

Now the whole walk at once, for every sparsity.
""",
        show.predict(questions["half with relu"], guesses["half with relu"], answers.value),
        show.predict(questions["race"], guesses["race"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    where = mo.ui.text("1/3", label="the losses at $S$")
    where
    return (where,)


@app.cell
def _(answers, guesses, where):
    losses = show.attempt(lambda: work.losses_at(where.value))
    show.view_after(
        guesses["race"],
        answers.value,
        losses,
        lambda found: show.page(chart(work.along_sparsity()), compared(found)),
    )
    return (losses,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Which way is down

A loss that is a formula has a slope in every number of $W$ and $b$. Training does nothing but ask
for it, and go down.
""",
        show.predict(questions["which way"], guesses["which way"], answers.value),
        "**Your turn.** Below the figure stand the slopes of the model as it is. Be the training: "
        "go against the slopes, again and again. How near to the best known do you come?",
    )


@app.cell(hide_code=True)
def _():
    figure = mo.ui.anywidget(handcalc.widget(of_name("triangle"), sparsity="3/5"))
    figure
    return (figure,)


@app.cell
def _(answers, figure, guesses):
    slopes = show.attempt(lambda: handcalc.loss_gradient(figure.model, figure.sparsity))
    show.view_after(guesses["which way"], answers.value, slopes, show.page)
    return (slopes,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## The best there is

Two shapes come into question for three features in the plane: the triangle, and a pair beside a
feature of its own. Each has a length and a bias to choose.
""",
        show.predict(questions["best pair"], guesses["best pair"], answers.value),
        show.predict(questions["proved"], guesses["proved"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    eighths = mo.ui.slider(0, 7, value=5, label="$S$, in eighths", show_value=True)
    search = mo.ui.run_button(label="Search for others at this S (some seconds)")
    mo.hstack([eighths, search], justify="start", wrap=True)
    return eighths, search


@app.cell
def _(answers, eighths, guesses):
    found = three_in_two(f"{eighths.value}/8")
    show.after(guesses["best pair"], answers.value, lambda: work.shapes(found))
    return (found,)


@app.cell
def _(found, search):
    mo.stop(not search.value, mo.md("*Not searched yet.*"))
    best = show.attempt(lambda: handcalc.optimum(3, 2, found.sparsity))
    show.view(best, show.page)
    return (best,)


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
