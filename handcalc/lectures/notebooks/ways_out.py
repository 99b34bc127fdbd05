# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""Lecture: ways out of superposition. A notebook that ``handcalc lecture ways-out`` opens."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Ways out")

with app.setup:
    import marimo as mo

    import handcalc
    from handcalc.lectures import showing as show
    from handcalc.lectures.charting import chart
    from handcalc.lectures.questions import ways_out as ask
    from handcalc.lectures.workings import almost_orthogonal as directions
    from handcalc.lectures.workings import ways_out as work


@app.cell(hide_code=True)
def _():
    answers = show.answers_switch()
    show.page(
        r"""
# Ways out

More features than dimensions: why is that possible at all? How many fit, and what of them can be
read back? Whoever wants the features of a model by themselves has three ways: to keep it from
superposition, to find its directions afterwards, or to leave it as it is and read it better. Each
has its price, and here each is an exact number.

As before: **predict**, then look. Below the questions there are fields, sliders and arrows to drag;
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
## Almost at right angles

A feature is a direction. At right angles there are as many as dimensions, and no more. How many are
there if a right angle is only almost needed? The largest $|\cos|$ between any two is their
*coherence*, $\mu$.
""",
        show.predict(questions["lines in space"], guesses["lines in space"], answers.value),
        "**Drag them apart.** Four features in a plane: first as lines, so that the nearest two "
        "are as far from each other as can be; then as ReLU wants it, which clips what is "
        "negative. It is not the same.",
    )


@app.cell(hide_code=True)
def _():
    lines = mo.ui.anywidget(handcalc.widget("1 0; 4/5 3/5; 0 1; -3/5 4/5", panels=[]))
    lines
    return (lines,)


@app.cell
def _(lines):
    nearness = show.attempt(lambda: directions.apart(lines.model))
    show.view(nearness, show.page)
    return (nearness,)


@app.cell(hide_code=True)
def _():
    which = mo.ui.dropdown(directions.named(), "even-signs", label="directions with a name")
    which
    return (which,)


@app.cell
def _(which):
    named = handcalc.direction_set(which.value)
    near = handcalc.coherence(named.model)
    show.page(f"**{named.title}.** {named.story}", near)
    return (near,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## How many directions
""",
        show.predict(questions["within a degree"], guesses["within a degree"], answers.value),
        show.predict(questions["one peak"], guesses["one peak"], answers.value),
        show.after(guesses["one peak"], answers.value, directions.three_sets),
        show.predict(questions["twice as wide"], guesses["twice as wide"], answers.value),
        "How many fit, by the least angle between any two:",
    )


@app.cell(hide_code=True)
def _():
    wide = mo.ui.dropdown(directions.DIMENSIONS, "1,000", label="dimensions")
    wide
    return (wide,)


@app.cell
def _(wide):
    room = directions.room(wide.value)
    chart(room)
    return (room,)


@app.cell(hide_code=True)
def _():
    dimensions = mo.ui.text("12288", label="dimensions")
    least = mo.ui.text("89.5", label="least angle, degrees")
    many = mo.ui.text("50000", label="directions")
    mo.hstack([dimensions, least, many], justify="start", wrap=True)
    return dimensions, least, many


@app.cell
def _(dimensions, least, many):
    d = show.attempt(lambda: handcalc.parse_scalar(dimensions.value))
    fits = show.then(d, lambda found: handcalc.how_many(found, degrees=least.value))
    nearest = show.then(d, lambda found: directions.nearest(many.value, found))
    show.page(show.view(fits, show.page), show.view(nearest, show.page))
    return fits, nearest


@app.cell(hide_code=True)
def _():
    show.page(r"""
## Words as directions

If features are directions, words are sums of them, and *walking* − *walk* + *swim* should be
*swimming*. Here they have arrows of your own making; the usual demonstration leaves the words of
the equation out before it looks for the nearest.
""")


@app.cell(hide_code=True)
def _():
    walk = mo.ui.text("2 1 0", label="walk")
    walking = mo.ui.text("2 3 0", label="walking")
    swim = mo.ui.text("2 1 1", label="swim")
    swimming = mo.ui.text("1 3 2", label="swimming")
    mo.hstack([walk, walking, swim, swimming], justify="start", wrap=True)
    return swim, swimming, walk, walking


@app.cell
def _(swim, swimming, walk, walking):
    arrows = [each.value for each in (walk, walking, swim, swimming)]
    words = show.attempt(lambda: directions.equation_of(arrows))
    show.view(words, directions.nearest_words)
    return (words,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        show.predict(questions["in superposition"], guesses["in superposition"], answers.value),
        r"""
## What can be read back

$h = W^T x$ has fewer numbers than $x$. In general nothing can be done; but if few features are on,
only few inputs come into question, and often one alone.
""",
        show.predict(questions["two triangles"], guesses["two triangles"], answers.value),
        show.predict(questions["least norm"], guesses["least norm"], answers.value),
        "**With your arrows**, one a row: their circuits, up to how many features all inputs come "
        "back, and what does not. In the chart, the share of inputs that least norm returns.",
    )


@app.cell(hide_code=True)
def _():
    rows = mo.ui.text(
        "1 1 1 1; -1 1 -1 1; 2 4 8 16; -2 4 -8 16; 3 9 27 81; -3 9 -27 81",
        label="arrows $W$",
        full_width=True,
    )
    seen = mo.ui.text("3 5 9 17", label="an $h$")
    mo.vstack([rows, seen])
    return rows, seen


@app.cell
def _(rows, seen):
    back = show.attempt(lambda: handcalc.recovery(rows.value))
    show.view(back, lambda found: work.read_back(found, seen.value))
    return (back,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## What a readout loses

ReLU does not solve for $x$: it multiplies $h$ by $W$ and clips. Another decoder may find more in
the same $h$.
""",
        show.predict(questions["sparsest decoder"], guesses["sparsest decoder"], answers.value),
        "**One input, read twice.** Drag arrows and biases, and choose an input.",
    )


@app.cell(hide_code=True)
def _():
    figure = mo.ui.anywidget(handcalc.widget(work.TRIANGLE, "1 3/5 1/5", panels=work.PANELS))
    figure
    return (figure,)


@app.cell
def _(answers, figure, guesses):
    read = show.attempt(lambda: handcalc.readouts(figure.model, figure.x))
    expected = show.attempt(lambda: handcalc.sparsest_loss(figure.model, figure.sparsity))
    show.page(
        show.view(read, show.page),
        show.view_after(guesses["sparsest decoder"], answers.value, expected, show.page),
    )
    return expected, read


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## A dictionary found afterwards

A *sparse autoencoder* (SAE) looks for the directions, knowing only $h$: $f = \operatorname{ReLU}
(W_{enc}(h - b_{dec}) + b_{enc})$, of which few are to be on, and $\hat h = W_{dec}^T f + b_{dec}$.
The rows of $W_{dec}$ are its *dictionary*. On a toy model the features are known, so one can say
what it loses exactly, and why.
""",
        show.predict(questions["without norms"], guesses["without norms"], answers.value),
        show.predict(questions["shrinkage"], guesses["shrinkage"], answers.value),
        "**A dictionary of yours**, in rows of length one, for features of yours. It is its own "
        f"encoder, with minus {work.HALF_THE_PRICE} as its bias.",
    )


@app.cell(hide_code=True)
def _():
    features = mo.ui.text("1 0; 0 1; 0 -1", label="features $W$")
    entries = mo.ui.text("1 0; 0 1; 0 -1", label="dictionary $W_{dec}$")
    price = mo.ui.text("1/5", label=r"price $\lambda$")
    sparsity = mo.ui.text("3/4", label="sparsity $S$")
    mo.hstack([features, entries, price, sparsity], justify="start", wrap=True)
    return entries, features, price, sparsity


@app.cell
def _(entries, features, price, sparsity):
    lost = show.attempt(
        lambda: work.dictionary_loss(features.value, entries.value, price.value, sparsity.value)
    )
    show.view(lost, work.told)
    return (lost,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        show.predict(questions["amortisation"], guesses["amortisation"], answers.value),
        "An input of yours to the triangle, at the price above:",
    )


@app.cell(hide_code=True)
def _():
    coded_input = mo.ui.text("3/4 0 1", label="an input $x$")
    coded_input
    return (coded_input,)


@app.cell
def _(coded_input, price):
    code = show.attempt(lambda: work.coded(coded_input.value, price.value))
    show.view(code, show.page)
    return (code,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## What a good dictionary is

Where the features are known, one can ask how near each of them has a direction.
""",
        show.predict(questions["near or cheap"], guesses["near or cheap"], answers.value),
        show.after(guesses["near or cheap"], answers.value, work.dictionary_table),
        r"""
## Where training goes
""",
        show.predict(questions["below the truth"], guesses["below the truth"], answers.value),
        "**Tilt it.** Arrows 2 and 3 of the dictionary lean towards arrow 1: where is the loss "
        "lowest, and what becomes of the similarity?",
    )


@app.cell(hide_code=True)
def _():
    tilt = mo.ui.slider(0, 10, value=5, label="tilt", show_value=True)
    tilt
    return (tilt,)


@app.cell
def _(answers, guesses, tilt):
    tilted = work.tilted(tilt.value)
    show.after(guesses["below the truth"], answers.value, lambda: work.leaning(tilted))
    return (tilted,)


@app.cell(hide_code=True)
def _():
    latents = mo.ui.slider(1, 6, value=3, label="latents", show_value=True)
    training = mo.ui.run_button(label="Train one on your features (some seconds)")
    mo.hstack([latents, training], justify="start", wrap=True)
    return latents, training


@app.cell
def _(features, latents, price, sparsity, training):
    mo.stop(not training.value, mo.md("*Not trained yet.*"))
    with show.busy("Training …"):
        trained = show.attempt(
            lambda: work.train(features.value, latents.value, price.value, sparsity.value)
        )
    show.view(trained, work.trained_beside_true)
    return (trained,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## What each way out costs

One model, one unit: how far the features are off. Without superposition the model has as many
features as dimensions, and guesses the others; a dictionary is found afterwards, and its latents
are read as the features; or superposition stays, and is read by a sparsest-x decoder.
""",
        show.predict(questions["which way"], guesses["which way"], answers.value),
        "**On a model of yours**; below it, the same along $S$.",
    )


@app.cell(hide_code=True)
def _():
    escaping = mo.ui.text("1 0; 0 1; 0 -1", label="arrows $W$")
    cost = mo.ui.text("1/10", label=r"price $\lambda$")
    at = mo.ui.text("1/2", label="sparsity $S$")
    mo.hstack([escaping, cost, at], justify="start", wrap=True)
    return at, cost, escaping


@app.cell
def _(at, cost, escaping):
    ways = show.attempt(lambda: handcalc.ways_out(escaping.value, at.value, cost.value))
    with show.busy("Along S …"):
        along = show.then(ways, lambda _: work.along_sparsity(escaping.value, cost.value))
    show.page(show.view(ways, show.page), show.view(along, chart))
    return (ways,)


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
