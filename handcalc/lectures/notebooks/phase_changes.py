# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""Lecture: phase changes. A marimo notebook that ``handcalc lecture phase-changes`` opens."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Phase changes")

with app.setup:
    import marimo as mo

    import handcalc
    from handcalc.lectures import showing as show
    from handcalc.lectures.charting import chart
    from handcalc.lectures.questions import phase_changes as ask
    from handcalc.lectures.workings import phase_changes as work
    from handcalc.lectures.workings.comparing import compared
    from handcalc.superposition.closed_forms.three_in_two import three_in_two


@app.cell(hide_code=True)
def _():
    answers = show.answers_switch()
    show.page(
        r"""
# Phase changes

The best embedding depends on how much features matter, and on how often they are on. It does not
change little by little: over whole regions it stays what it is, and then another one is better.
Here these borders are numbers, and they are worked out while you read.

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
## Two features, one dimension

The smallest case there is. Somebody has to give way: one feature is dropped, and answered by its
mean, or both share the line, back to back, and ReLU cuts off what each puts on the other.
""",
        show.predict(questions["cheapest"], guesses["cheapest"], answers.value),
        "**Now with your numbers**, fractions or decimals; $r$ is the importance of feature 2.",
    )


@app.cell(hide_code=True)
def _():
    importance = mo.ui.text("1/2", label="importance $r$")
    sparsity = mo.ui.text("3/4", label="sparsity $S$")
    mo.hstack([importance, sparsity], justify="start", wrap=True)
    return importance, sparsity


@app.cell
def _(answers, guesses, importance, sparsity):
    costs = show.attempt(lambda: work.costs(importance.value, sparsity.value))
    show.view_after(
        guesses["cheapest"], answers.value, costs, lambda found: compared(found.by_sentence)
    )
    return (costs,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## A border, exactly

Both losses are polynomials in $p$, so where they meet is the root of one.
""",
        show.predict(questions["border"], guesses["border"], answers.value),
        show.predict(questions["kink"], guesses["kink"], answers.value),
    )


@app.cell
def _(answers, costs, guesses):
    show.after(
        guesses["border"],
        answers.value,
        lambda: show.view(
            costs,
            lambda found: show.page(chart(work.along_sparsity(found)), work.border_in_words(found)),
        ),
    )


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## The map

For every importance there is such a border. Elhage et al. draw them all in one map, once from
training, and once from the candidates.
""",
        show.predict(questions["triple"], guesses["triple"], answers.value),
    )


@app.cell
def _(answers, costs, guesses):
    # the map shows where three regions meet, which is asked for
    show.after(
        guesses["triple"],
        answers.value,
        lambda: show.view(costs, lambda found: chart(work.phases(found))),
    )


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## What the candidates miss

Candidates are a list that somebody wrote. A search knows no list: it descends from random starts,
with all lengths and biases free.
""",
        show.predict(questions["true border"], guesses["true border"], answers.value),
        show.predict(questions["small arrow"], guesses["small arrow"], answers.value),
        "At the $r$ and $S$ from above, the best that a search finds:",
    )


@app.cell
def _(answers, costs, guesses):
    with show.busy("Searching …"):
        searched = show.then(
            costs,
            lambda found: handcalc.optimum(2, 1, found.sparsity, [1, found.importance]),
        )
    show.after(
        (guesses["true border"], guesses["small arrow"]),
        answers.value,
        lambda: show.view(searched, lambda best: work.beside_candidates(costs, best)),
    )
    return (searched,)


@app.cell(hide_code=True)
def _():
    follow = mo.ui.run_button(label="Follow the best along $S$ at this $r$ (some seconds)")
    follow
    return (follow,)


@app.cell
def _(costs, follow):
    mo.stop(not follow.value, mo.md("*Not followed yet.*"))
    followed = show.then(
        costs, lambda found: handcalc.phase_map(2, 1, [1, found.importance], points=5)
    )
    show.view(followed, show.page)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Three features, two dimensions
""",
        show.predict(questions["twins"], guesses["twins"], answers.value),
        "**With ReLU they differ.** Drag the arrows towards a triangle, or towards a pair beside "
        "the third, and move $S$ and $b$: how near do you come to the better of the two, and "
        "which is it?",
    )


@app.cell(hide_code=True)
def _():
    figure = mo.ui.anywidget(handcalc.widget(work.BENT))
    figure
    return (figure,)


@app.cell
def _(figure):
    both = show.attempt(lambda: three_in_two(figure.sparsity))
    show.view(both, lambda found: work.three_beside(figure.model, found))
    return (both,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Where families change places

Each shape with its best length and bias loses a number that is the root of a polynomial, for every
$S$. So where two of them lose the same is an exact number, too.
""",
        show.predict(questions["turns"], guesses["turns"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    digits = mo.ui.slider(5, 30, value=15, label="digits", show_value=True)
    digits
    return (digits,)


@app.cell
def _(answers, digits, guesses, triangle_or_pair):
    def drawn():
        found = work.changes_of_five(digits.value)
        return show.page(chart(work.five_in_two(found)), work.crossings_in_words(found))

    known = show.is_solved(triangle_or_pair)
    show.page(
        show.after(guesses["turns"], answers.value, drawn),
        work.change_in_words(digits.value)
        if known
        else "Where triangle and pair change places is for you to find: an exercise below asks for "
        "it, and once it is solved, the number stands here.",
    )


@app.cell(hide_code=True)
def _():
    asked = show.asked_exercises(ask.EXERCISES)
    triangle_or_pair = asked["triangle-or-pair"]
    return asked, triangle_or_pair


@app.cell(hide_code=True)
def _(asked):
    show.practice(asked)


@app.cell(hide_code=True)
def _():
    show.ending(ask.SUMMARY, ask.PLAN)


if __name__ == "__main__":
    app.run()
