# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""Lecture: one head and one layer. A notebook that ``handcalc lecture one-layer`` opens."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="One head and one layer")

with app.setup:
    import marimo as mo

    import handcalc
    from handcalc.circuits.composition import deleting_matrix, virtual_weight
    from handcalc.circuits.gallery.positional import leads_back, previous_token
    from handcalc.circuits.head import multiplied
    from handcalc.circuits.paths import head_matrix, stacked
    from handcalc.circuits.skip_trigram_bug import bug_price, by_tables
    from handcalc.circuits.softmax import Softmax
    from handcalc.lectures import showing as show
    from handcalc.lectures.questions import one_layer as ask
    from handcalc.lectures.showing import number, numbers


@app.cell(hide_code=True)
def _():
    answers = show.answers_switch()
    show.page(
        r"""
# One head and one layer

An attention-only transformer by hand: every number on this page is exact, and worked out while you
read. Before something is shown you are asked for it: **predict**, then look. A wrong guess that you
have thought about teaches more than a right answer that was read. Below the questions there are
fields and sliders; change one, and all that follows changes with it.

A vector is a row here, and matrices multiply on its right: row $t$ of $W_E$ is the arrow of token
$t$. The columns of the paper (Elhage et al., *A Mathematical Framework for Transformer Circuits*)
are these rows.
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
## The residual stream is a channel

Each token has a row of numbers, which all layers share. Whoever writes, adds: $x \to x + y\,W_O$.
Whoever reads, multiplies: $x\,W_I$. Nobody has a place of its own in it. What a reader gets of what
an earlier head wrote is their product, the **virtual weight** $W_O W_I$.
""",
        show.predict(questions["overlap"], guesses["overlap"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    writer = mo.ui.text("1 2 0 0", label="written along")
    reader = mo.ui.text("1 1 0 0", label="read along")
    mo.hstack([writer, reader], justify="start", wrap=True)
    return reader, writer


@app.cell
def _(reader, writer):
    heard = show.attempt(
        lambda: virtual_weight(writer.value, [[x] for x in handcalc.parse_vector(reader.value)])
    )
    removal = show.attempt(lambda: deleting_matrix(writer.value))

    def said(found):
        used = numbers(found.shared_coordinates) or "none"
        verdict = "The reader hears nothing." if found.disjoint else "The message is heard."
        weight = number(found.product[0][0])
        return f"$W_O W_I$ is {weight}. Coordinates that both use: {used}. {verdict}"

    show.page(
        show.view(heard, said),
        "What was written can be taken out again. A head that attends to its own place, with this "
        "$W_{OV}$, deletes what was written along that direction, and leaves what is at right "
        "angles to it. With weight $A$ on its own place it leaves $1 - A$ of the message.",
        show.view(removal, lambda rows: show.matrix(rows, "W_OV")),
    )
    return heard, removal


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Softmax, exactly

Scores become weights: $b^{s_j} / \sum_k b^{s_k}$. With a fraction $b$ and whole scores all weights
are fractions, and it is still softmax: $b^s = e^{s \log b}$, scores in units of $\log b$. For large
$b$ it becomes *hard* attention: the largest scores share the weight.
""",
        show.predict(questions["last weight"], guesses["last weight"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    scores = mo.ui.text("0 1 1 3", label="scores")
    base = mo.ui.slider(steps=[1, 2, 3, 5, 6, 7, 10], value=3, label="base $b$", show_value=True)
    mo.hstack([scores, base], justify="start", wrap=True)
    return base, scores


@app.cell
def _(base, scores):
    kinds = (f"base {base.value}", "exp", "hard")
    weights = show.attempt(lambda: {k: Softmax.of(k).of_scores(scores.value) for k in kinds})

    def lines(found):
        return show.page(*(f"**{kind}**: {numbers(row)}" for kind, row in found.items()))

    show.page(
        show.view(weights, lines),
        "With $e$ as the base the weights are no fractions, and yet no decimals decide: that "
        "exponentials of different algebraic numbers are independent is a theorem (Lindemann and "
        "Weierstrass), so which weight is larger is *decided*, ties included.",
    )
    return (weights,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## A head, three ways

A head decides where to look ($W_Q$, $W_K$: the score of place $i$ for place $j$ is
$x_i W_{QK} x_j^{\top}$) and what to move ($W_V$, $W_O$), and the two are apart. Here is a layer of
two heads of width one, on three tokens in the plane.
""",
        show.matrices(ask.two_heads()),
        show.predict(questions["second residual"], guesses["second residual"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    sentence = mo.ui.text("b a c", label="a sentence of a, b, c")
    softmax = mo.ui.dropdown(
        ["base 1", "base 2", "base 3", "base 10", "exp", "hard"], "base 2", label="softmax"
    )
    head = mo.ui.dropdown({"first": 1, "second": 2}, "first", label="head")
    mo.hstack([sentence, softmax, head], justify="start", wrap=True)
    return head, sentence, softmax


@app.cell
def _(head, sentence, softmax):
    model = ask.two_heads(softmax.value)
    run = show.attempt(lambda: handcalc.run_circuit(model, sentence.value))

    def by_token(found):
        k = head.value - 1
        parts = (found.values[0][k], found.results[0][k], found.head_outputs[0][k])
        rows = zip(found.tokens, found.residual[0], *parts, found.residual[1], strict=True)
        heads = ("token", "$x$", "$v = x W_V$", "$r = A v$", "$r W_O$", "behind the layer")
        return show.table(heads, ([name, *map(show.vector, cells)] for name, *cells in rows))

    show.page(show.view(run, show.attention), show.view(run, by_token))
    return (run,)


@app.cell
def _(head, run):
    def as_one_matrix(found):
        whole = head_matrix(found, 1, head.value)
        column = [[x] for x in stacked(found.residual[0])]
        moved = [cell for (cell,) in multiplied(whole, column)]
        agrees = moved == [*stacked(found.head_outputs[0][head.value - 1])]
        return show.page(
            r"Values first, then the mixture, then $W_O$; or the mixture of whole rows times "
            r"$W_{OV} = W_V W_O$; or one matrix $M = A \otimes W_{OV}^{\top}$ on the numbers of "
            f"all places, one below the other. {'They agree.' if agrees else 'They disagree!'}",
            show.matrix(whole, "M"),
        )

    too_long = "(With $e$ the numbers of its matrix are sums of powers, too long to be shown.)"
    show.view(run, lambda it: too_long if it.model.softmax.name == "exp" else as_one_matrix(it))


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Zero layers: bigrams

Without heads a token sees itself alone, and the logits are a row of $W_E W_U$. The best that such a
model can do is the table of the logs of the counts; its loss is the corpus's entropy.
""",
        show.predict(questions["smallest width"], guesses["smallest width"], answers.value),
        show.predict(questions["silent token"], guesses["silent token"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    corpus = mo.ui.text("abaabcbaccacbbaa", label="a corpus", full_width=True)
    corpus
    return (corpus,)


@app.cell
def _(corpus):
    bigrams = show.attempt(lambda: handcalc.best_bigrams(corpus.value))
    show.view(bigrams, show.page)
    return (bigrams,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## One layer: two tables, and their bug

A head of a one-layer model has two tables. **QK** says which destination looks at which source;
**OV** says which outputs a source then makes likely. Source … destination → output is a
*skip-trigram*, such as keep … in → mind, keep … at → bay. The trouble: OV knows the source, and not
the destination.
""",
        show.predict(questions["cross effect"], guesses["cross effect"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    in_looks = mo.ui.slider(-2, 4, value=2, label="score of keep from in", show_value=True)
    at_looks = mo.ui.slider(-2, 4, value=0, label="score of keep from at", show_value=True)
    to_mind = mo.ui.slider(-6, 6, value=4, label="OV of keep to mind", show_value=True)
    to_bay = mo.ui.slider(-6, 6, value=2, label="OV of keep to bay", show_value=True)
    mo.hstack(
        [mo.vstack([in_looks, at_looks]), mo.vstack([to_mind, to_bay])], justify="start", wrap=True
    )
    return at_looks, in_looks, to_bay, to_mind


@app.cell
def _(at_looks, in_looks, to_bay, to_mind):
    looks = {("in", "keep"): in_looks.value, ("at", "keep"): at_looks.value}
    writes = {("keep", "mind"): to_mind.value, ("keep", "bay"): to_bay.value}
    bugged = by_tables("<s> keep in at mind bay", [(looks, writes)], {})
    effect = handcalc.source_effect(bugged, "keep", "in at", "mind bay", before="<s>")
    show.page(
        show.heat_map(handcalc.qk_circuit(bugged, 1, 1), handcalc.ov_circuit(bugged, 1, 1)),
        effect,
        "Whatever the sliders say, the rank is at most one: the wanted effects multiply to what "
        "the cross effects multiply to.",
    )
    return (effect,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    price = bug_price()
    show.page(
        "**The bug has a price.** Four contexts, equally frequent: keep in → mind, keep at → bay, "
        "and without keep a coin. One head whose destinations write nothing pays at least "
        f"{number(price.price)} a sentence, whatever its direct path; {number(price.allowed)} "
        "would do.",
        show.folded(
            {
                "The proof of the price": show.page(price.derivation),
                "A cure: two heads": show.page(handcalc.circuit("skip-trigram-mended")),
                "More than tables: an exclusive or": show.page(handcalc.circuit("source-xor")),
            }
        ),
        "Another cure needs no second head: a destination that looks at itself, too.",
        show.predict(questions["stolen"], guesses["stolen"], answers.value),
    )
    return (price,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Copying

Many heads make whatever they attend to more likely. Is a table $M = W_E W_{OV} W_U$ a copying one?
""",
        show.predict(questions["odd copying"], guesses["odd copying"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    rows = mo.ui.text("3 1; 1 2", label="a table $M$, rows with ; between")
    rows
    return (rows,)


@app.cell
def _(rows):
    copies = show.attempt(lambda: ask.one_table(rows.value))
    show.view(copies, show.page)
    return (copies,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Looking at places

A head can look at places and not at tokens: one place back, say, which is half of an induction
head. Positions may be one-hot, which is wide; $(1, j, j^2)$, where the score is a parabola with its
top at the place before; or points of the circle, each the one before turned by the 3-4-5 angle.
""",
        show.predict(questions["soft look back"], guesses["soft look back"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    positions = mo.ui.dropdown(["one-hot", "quadratic", "rotation"], "rotation", label="positions")
    places = mo.ui.slider(3, 10, value=8, label="places", show_value=True)
    mo.hstack([positions, places], justify="start", wrap=True)
    return places, positions


@app.cell
def _(places, positions):
    back = previous_token(n=places.value, positions=positions.value)
    leads = leads_back(handcalc.run_circuit(back.model, [0] * places.value), 1, 1)
    show.page(
        f"The score of the place before leads by {', '.join(map(number, leads))}, from the second "
        f"place on, with {number(back.model.d_model - back.model.d_vocab)} dimensions for the "
        "positions. The first place has nothing before it and attends to itself: plan for that.",
    )
    return (leads,)


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
