# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""Lecture: trained and by hand. A marimo notebook that ``handcalc lecture trained`` opens."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Trained, and worked by hand")

with app.setup:
    import marimo as mo

    import handcalc
    from handcalc.lectures import showing as show
    from handcalc.lectures.charting import chart
    from handcalc.lectures.questions import trained as ask
    from handcalc.lectures.workings import trained as work
    from handcalc.superposition.closed_forms.three_in_two import three_in_two


@app.cell(hide_code=True)
def _():
    answers = show.answers_switch()
    show.page(
        r"""
# Trained, and worked by hand

What gradient descent finds, beside the best that is known. The loss of a small model is an exact
number, and so is that of the better of triangle and pair; so one can say of a trained model not
only that it got better, but how far it is above them.

As before: **predict**, then look. Training needs torch, which `pip install "handcalc[sim]"` brings;
without it the exact side of this page is there all the same.
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
## By hand first
""",
        show.predict(questions["simplest"], guesses["simplest"], answers.value),
        "**You are the optimiser.** These arrows are as random as training begins. Drag them "
        "downhill, and move the biases; the loss is exact. How near do you come, and how long "
        "does it take?",
    )


@app.cell(hide_code=True)
def _():
    figure = mo.ui.anywidget(
        handcalc.widget("3/10 -2/5; -1/10 7/10; 1/2 3/5", sparsity="4/5"),
    )
    figure
    return (figure,)


@app.cell
def _(figure):
    level = show.attempt(lambda: three_in_two(figure.sparsity))
    show.view(level, lambda found: work.beside_best(figure.model, found))
    return (level,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## One step of descent

What you did with your eyes, training does with slopes.
""",
        show.predict(questions["one step"], guesses["one step"], answers.value),
        "**One step of yours**, exactly; a long rate oversteps.",
    )


@app.cell(hide_code=True)
def _():
    rows = mo.ui.text("1 0; 0 1; 0 -1/2", label="$W$")
    biases = mo.ui.text("0", label="$b$")
    sparsity = mo.ui.text("1/2", label="sparsity $S$")
    rate = mo.ui.text("1/2", label="rate")
    mo.hstack([rows, biases, sparsity, rate], justify="start", wrap=True)
    return biases, rate, rows, sparsity


@app.cell
def _(biases, rate, rows, sparsity):
    step = show.attempt(
        lambda: work.descent_step(rows.value, biases.value, sparsity.value, rate.value)
    )
    show.view(step, work.step_in_words)
    return (step,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Where descent stays

Downhill is not always down to the bottom.
""",
        show.predict(questions["dead"], guesses["dead"], answers.value),
        show.predict(questions["other side"], guesses["other side"], answers.value),
        f"Where {show.number(work.STARTS)} random starts of a descent on the exact loss end, for "
        "five features in two dimensions:",
    )


@app.cell(hide_code=True)
def _():
    level_of_five = mo.ui.slider(
        steps=[0.5, 0.6, 0.7, 0.75, 0.8, 0.85], value=0.8, label="sparsity $S$", show_value=True
    )
    level_of_five
    return (level_of_five,)


@app.cell
def _(answers, guesses, level_of_five):
    show.after(
        guesses["other side"],
        answers.value,
        lambda: show.view(show.attempt(lambda: work.five(level_of_five.value)), work.minima),
    )


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Restarts

So one begins again, elsewhere, and keeps the best.
""",
        show.predict(questions["how many starts"], guesses["how many starts"], answers.value),
    )


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Trained, and beside it the best known

Two trainers in torch. One descends the exact loss, in double precision. The other is as in Elhage
et al.: AdamW on fresh samples; here with few and long steps, so that nobody has to wait.
""",
        show.predict(questions["how many draws"], guesses["how many draws"], answers.value),
        "**Train it.** Three features, two dimensions. Try dense inputs, too: do all starts agree, "
        "and is it the best that they agree on?",
    )


@app.cell(hide_code=True)
def _():
    trained_at = mo.ui.text("4/5", label="sparsity $S$")
    starts = mo.ui.slider(1, 12, value=4, label="starts", show_value=True)
    mo.hstack([trained_at, starts], justify="start", wrap=True)
    return starts, trained_at


@app.cell
def _(starts, trained_at):
    on_loss = show.attempt(lambda: work.train_three(trained_at.value, starts.value, "exact"))
    show.view(
        on_loss,
        lambda found: show.page(
            work.trained_beside_best(found), work.by_start(found), chart(work.learning(found))
        ),
    )
    return (on_loss,)


@app.cell(hide_code=True)
def _():
    sample = mo.ui.run_button(label="The same on samples (some seconds)")
    sample
    return (sample,)


@app.cell
def _(sample, starts, trained_at):
    mo.stop(not sample.value, mo.md("*Not trained yet.*"))
    on_samples = show.attempt(lambda: work.train_three(trained_at.value, starts.value, "sampled"))
    show.view(
        on_samples,
        lambda found: show.page(work.by_start(found), chart(work.learning(found))),
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
