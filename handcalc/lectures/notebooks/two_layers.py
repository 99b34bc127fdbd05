# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""Lecture: two layers and induction. A notebook that ``handcalc lecture two-layers`` opens."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Two layers and induction")

with app.setup:
    import marimo as mo

    import handcalc
    from handcalc.circuits.gallery.positional import two_back
    from handcalc.circuits.inability import four_sentences, same_multiset
    from handcalc.circuits.paths import count_paths
    from handcalc.circuits.rank_bound import one_layer_induction, rank_argument
    from handcalc.circuits.sequence_claims import MostFrequentFollower
    from handcalc.circuits.tables import TokenTable
    from handcalc.lectures import showing as show
    from handcalc.lectures.questions import two_layers as ask
    from handcalc.lectures.showing import number, numbers
    from handcalc.wording import counted, joined


@app.cell(hide_code=True)
def _():
    answers = show.answers_switch()
    show.page(
        r"""
# Two layers and induction

One layer makes skip-trigrams. Two layers make something new: the second reads what the first wrote.
The smallest thing worth having that comes of it is the *induction head*, and this lecture builds
four of them, proves what they do, and shows why one layer cannot.

As before: **predict**, then look. All numbers are exact, and worked out while you read.
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
## Paths through the heads

With the patterns held fixed, everything but the softmax is linear, and the logits are a sum: for
each way through the heads, the product of the patterns on the way times the product of what these
heads move. The way past all heads is the direct path.
""",
        show.predict(questions["terms"], guesses["terms"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    layers = mo.ui.slider(0, 6, value=2, label="layers", show_value=True)
    heads = mo.ui.slider(1, 16, value=12, label="heads in each", show_value=True)
    mo.hstack([layers, heads], justify="start", wrap=True)
    return heads, layers


@app.cell
def _(heads, layers):
    orders = count_paths([heads.value] * layers.value)
    show.page(
        f"Terms through no head, one, two and so on: {numbers(orders)}; in all "
        f"{number(sum(orders))}."
    )
    return (orders,)


@app.cell(hide_code=True)
def _():
    path_circuit = mo.ui.dropdown(
        ["two-back", *ask.INDUCTION.values()], "induction", label="a circuit"
    )
    path_sentence = mo.ui.text("a b c a", label="a sentence")
    mo.hstack([path_circuit, path_sentence], justify="start", wrap=True)
    return path_circuit, path_sentence


@app.cell
def _(path_circuit, path_sentence):
    chosen = handcalc.circuit(path_circuit.value)
    front = " ".join(chosen.claim.before)
    expansion = show.attempt(
        lambda: handcalc.path_expansion(chosen.model, f"{front} {path_sentence.value}".strip())
    )
    show.view(expansion, show.page)
    return (expansion,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Composition

What an earlier head wrote can be read by a later one in three places: by its query
(**Q-composition**), by its key (**K**), by its value (**V**). How much of it is read says a score,
the size of the product over the product of the sizes.
""",
        show.predict(questions["score"], guesses["score"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    writes = mo.ui.text("0 1; 0 0", label="$W_{OV}$ of the first head")
    asks = mo.ui.text("0 0; 0 1", label="$W_{QK}$ of the second")
    moves = mo.ui.text("1 0; 0 1", label="$W_{OV}$ of the second")
    mo.hstack([writes, asks, moves], justify="start", wrap=True)
    return asks, moves, writes


@app.cell
def _(asks, moves, writes):
    scores = show.attempt(
        lambda: handcalc.composition(ask.composed(writes.value, asks.value, moves.value))
    )
    show.view(scores, show.page)
    return (scores,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Virtual heads

V-composition makes heads out of heads: what the first moved one place, the second moves on.
""",
        show.predict(questions["virtual row"], guesses["virtual row"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    softmax = mo.ui.dropdown(
        ["base 2", "base 3", "base 10", "hard"], "base 3", label="softmax of both heads"
    )
    places = mo.ui.slider(3, 7, value=5, label="places", show_value=True)
    mo.hstack([softmax, places], justify="start", wrap=True)
    return places, softmax


@app.cell
def _(places, softmax):
    pair = handcalc.path_expansion(
        two_back(n=places.value, softmax=softmax.value).model, [0] * places.value
    ).terms[-1]
    virtual = TokenTable(
        "A²A¹", "place", "place", *[tuple(map(str, range(1, places.value + 1)))] * 2, pair.pattern
    )
    show.page(
        show.heat_map(virtual),
        "Soft heads leak, and a virtual head leaks twice: each row sums to one all the same.",
    )
    return (virtual,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## Induction

Harry Potter was late. Harry … ? Look for an earlier copy of the present word, and repeat what came
after it. Two layers can: the first notes down at each place which token stood before it; the second
asks who has the present token as its note, and copies from there. That is K-composition.
""",
        show.predict(questions["strength"], guesses["strength"], answers.value),
        show.predict(questions["claim"], guesses["claim"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    kind = mo.ui.dropdown(ask.INDUCTION, "by K-composition", label="induction")
    sentence = mo.ui.text("a b c a", label="a sentence of a, b, c")
    up_to = mo.ui.slider(2, 5, value=4, label="prove up to so many tokens", show_value=True)
    mo.hstack([kind, sentence, up_to], justify="start", wrap=True)
    return kind, sentence, up_to


@app.cell
def _(kind, sentence):
    found = handcalc.circuit(kind.value, V=3)
    text = " ".join([*found.claim.before, *sentence.value.replace(" ", "")])
    run = show.attempt(lambda: handcalc.run_circuit(found.model, text))

    def ending(worked):
        best = " or ".join(worked.predictions[-1])
        logits = show.table(worked.model.vocabulary, [worked.last_logits])
        width = number(worked.model.d_model)
        return f"Logits at the end, in {width} dimensions:\n\n{logits}\n\nNext: **{best}**."

    show.page(
        show.view(run, show.attention),
        show.view(run, ending),
        show.folded({"How it works, with its matrices": show.page(found)}),
    )
    return found, run


@app.cell
def _(found, up_to):
    proof = found.claim.prove(up_to.value)
    several = MostFrequentFollower(found.model, before=found.claim.before).prove(up_to.value)
    show.page(
        proof,
        f"Where *several* tokens followed: {number(several.sequences)} sentences, and in "
        f"{number(several.failures)} of them the largest logit is not that of a most frequent one.",
    )
    return proof, several


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        "How narrow may the residual stream be?",
        show.predict(questions["narrowest"], guesses["narrowest"], answers.value),
        r"""
## Soft attention

A proof about hard attention says nothing yet about the softmax that models have. There each place
that is not meant takes its share, so scores must be large enough. How large is decided, too.
""",
        show.predict(questions["sharpness"], guesses["sharpness"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    sharpness = mo.ui.slider(1, 8, value=6, label="$K$, how sharp", show_value=True)
    strength = mo.ui.slider(1, 6, value=3, label=r"$\lambda$, how strong", show_value=True)
    mo.hstack([sharpness, strength], justify="start", wrap=True)
    return sharpness, strength


@app.cell
def _(sharpness, strength):
    sizes = {"V": 3, "n": 5, "sharpness": sharpness.value, "strength": strength.value}
    soft = handcalc.circuit("induction", softmax="base 2", **sizes).claim.prove(5)
    show.page(soft)
    return (soft,)


@app.cell(hide_code=True)
def _(answers, guesses, questions):
    show.page(
        r"""
## What one layer cannot do

That no search has found an induction head in one layer proves nothing. These three arguments do;
each holds for models of any size, and each is shown here on a model that you can change.
""",
        show.predict(questions["multiset"], guesses["multiset"], answers.value),
        show.predict(questions["length"], guesses["length"], answers.value),
    )


@app.cell(hide_code=True)
def _():
    many = mo.ui.slider(1, 3, value=1, label="heads in the one layer", show_value=True)
    many
    return (many,)


@app.cell
def _(many):
    narrow = ask.one_layer(many.value)
    two, rank = same_multiset(narrow), rank_argument(narrow)
    arguments = {
        "Without positions, two sentences": two.derivation,
        "One head, four sentences": four_sentences(ask.one_layer(1)).derivation,
    }
    missed = ["".join(sentence) for sentence in two.wrong]
    solved = one_layer_induction(many.value + 1)
    show.page(
        f"{counted(many.value, 'head')} in one layer: wrong at {joined(missed)}, "
        f"and at a text of {number(len(rank.wrong[0]))} tokens, `{''.join(rank.wrong[0])}`.",
        show.folded({name: show.page(work) for name, work in arguments.items()}),
        "And yet one layer is not powerless: on such texts of "
        f"{number(many.value + 1)} pairs, with a filler between, {number(len(solved.layers[0]))} "
        "heads are enough. *Needs two layers* is a statement about growth.",
    )
    return rank, two


@app.cell(hide_code=True)
def _():
    show.page(r"""
## What training finds

These weights are written by hand. Does training find the like? `handcalc train induction` trains
models of one layer and of two on texts that repeat, and measures how much each head attends to what
followed an earlier copy: two layers come to it, and one layer does not. Nothing of it runs here.

Three warnings before you believe such a score. `handcalc train fixed-period` is a trap: where all
texts repeat with the same period, one layer that merely counts positions scores as well. Heads of a
trained model are never hard. And a score is no proof.
""")


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
