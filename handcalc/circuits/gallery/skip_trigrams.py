"""One layer: keep … in mind, keep … at bay; the bug of one head, and the ways round it."""

from __future__ import annotations

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.gallery.circuit import FRAMEWORK, Circuit, proved, says
from handcalc.circuits.gallery.question import CircuitPrediction, next_token
from handcalc.circuits.run import CircuitRun, run_circuit
from handcalc.circuits.sequence_claims import RuledNext, TokenRule
from handcalc.circuits.skip_trigram_bug import NamedCells, bug_price, by_tables
from handcalc.circuits.tables import SourceEffect, ov_circuit, source_effect
from handcalc.derivation import Claim, Findings
from handcalc.inputs.arguments import sign

_WORDS = "<s> keep in at mind bay"
_LOOK: NamedCells = {("in", "keep"): 1, ("at", "keep"): 1}
_SHLEGERIS = "Shlegeris 2023, One-layer transformers aren't equivalent to a set of skip-trigrams"
_FULL = ("keep", "in", "at")


# -- the bug ---------------------------------------------------------------------------------------

_BUG = """\
A model with one layer can learn facts of the kind: if keep stood somewhere before, and the \
present word is in, then mind is likely. Source, destination, output: such a triple with a gap in \
it is called a skip-trigram. A head has two tables for this. QK says whether the destination looks \
at the source, OV says which outputs the source then makes likely.

The trouble is in that second table: it knows the source and not the destination. Suppose that two \
skip-trigrams are wanted, keep … in mind and keep … at bay. Both destinations look at keep, so \
both get what row keep of OV says: something for mind and something for bay. The model that knows \
keep in mind and keep at bay must also believe in keep in bay and keep at mind.

This is no matter of training. If all other tokens write nothing, the effect of the source on \
output c at destination b is A(b → keep) times OV[keep, c], a product of something that depends on \
b and something that depends on c. So the table of effects has rank one, and its cross effects \
multiply to what the wanted effects multiply to."""


def skip_trigram() -> Circuit:
    """One head that knows keep … in mind and keep … at bay, and so their crossings."""
    ov = {("keep", "mind"): 4, ("keep", "bay"): 4}
    model = by_tables(_WORDS, [(_LOOK, ov)], {})
    said = "After keep … in and after keep … at, mind and bay tie for the largest logit."
    rules = tuple(TokenRule(last, "keep", best=("mind", "bay")) for last in ("in", "at"))
    return Circuit(
        "skip-trigram",
        "One head, two facts, and two that nobody wanted",
        _BUG,
        model,
        "<s> keep in",
        (RuledNext(model, said, _FULL, before=("<s>",), rules=rules),),
        f"{FRAMEWORK}, Skip-Trigram Bugs",
        _find_bug,
        _ask_bug,
    )


def _ask_bug(circuit: Circuit, run: CircuitRun) -> CircuitPrediction:
    table = ov_circuit(circuit.model, 1, 1)
    row = [table.cell("keep", out) for out in ("mind", "bay")]
    why = "Row keep of the OV table has {} for mind and {} for bay, whoever looks at keep."
    return next_token(run, says(why, *row))


def _find_bug(circuit: Circuit) -> Findings:
    found = _effects(circuit.model, "<s>")
    chances = circuit.run().probabilities[-1][-2:]
    price = bug_price()
    gained = (
        _shown(found, "wanted", (("in", "mind"), ("at", "bay"))),
        says("After keep in, mind has probability {} and bay {}.", *chances),
    )
    lost = (
        _shown(found, "cross", (("in", "bay"), ("at", "mind"))),
        says("The table of effects has rank {}: one head has no other choice.", found.rank),
        proved(circuit.claim),
        says(
            "Where keep decides, and without it a coin, one head pays at least "
            f"{price.price.to_words()}, about {price.price.to_float():.7f}, a sentence; about "
            f"{price.allowed.to_float():.7f} would do."
        ),
    )
    return Findings(gained, lost)


# -- two heads -------------------------------------------------------------------------------------

_MENDED = """\
One head cannot say keep in mind and keep at bay without saying keep in bay and keep at mind. Two \
heads can. The first looks at keep mostly from in, and writes mind up and bay down. The second \
looks at keep mostly from at, and writes bay up and mind down. At in, the first head speaks loudly \
and the second softly; at at, the other way round. Each head alone has effects of rank one, and \
the sum of two has rank two, which is all that is needed here.

The numbers are chosen so that the cross effects cancel: half of −4 from one head, a sixth of 12 \
from the other. This is one way in which models get round the bug: not by a cleverer head, but by \
spending a second one on it. With H heads the rank of the effects is at most H."""


def skip_trigram_mended() -> Circuit:
    """Two heads whose cross effects cancel."""
    first = ({("in", "keep"): 1, ("at", "<s>"): 2}, {("keep", "mind"): 12, ("keep", "bay"): -4})
    second = ({("at", "keep"): 1, ("in", "<s>"): 2}, {("keep", "mind"): -4, ("keep", "bay"): 12})
    model = by_tables(_WORDS, [first, second], {})
    said = "After keep … in the largest logit is that of mind, after keep … at that of bay."
    rules = (
        TokenRule("in", "keep", best=("mind",)),
        TokenRule("at", "keep", best=("bay",)),
    )
    return Circuit(
        "skip-trigram-mended",
        "Two heads say what one could not",
        _MENDED,
        model,
        "<s> keep in",
        (RuledNext(model, said, _FULL, before=("<s>",), rules=rules),),
        "derived here",
        _find_mended,
        _ask_mended,
    )


def _ask_mended(circuit: Circuit, _: CircuitRun) -> CircuitPrediction:
    first, second = run_circuit(circuit.model, "<s> keep in").pattern[0]
    weights = first[-1][1], second[-1][1]
    more = 0 if sign(weights[0] - weights[1]) > 0 else 1
    return CircuitPrediction(
        "In <s> keep in, which head gives keep more weight from in: 1.1 or 1.2?",
        ("head 1.1", "head 1.2"),
        (more,),
        says(
            f"head 1.{more + 1}. The weights are {{}} and {{}}, so that in hears mostly what that "
            "head writes; at hears mostly the other.",
            *weights,
        ),
    )


def _find_mended(circuit: Circuit) -> Findings:
    found = _effects(circuit.model, "<s>")
    gained = (
        _shown(found, "wanted", (("in", "mind"), ("at", "bay"))),
        _shown(found, "cross", (("in", "bay"), ("at", "mind"))),
        says("The table of effects has rank {}.", found.rank),
        proved(circuit.claim),
    )
    longer = run_circuit(circuit.model, "<s> in keep in").logits[-1][-1]
    cost = says("It takes {} heads.", len(circuit.model.layers[0]))
    fragile = "The cancelling is for this sentence: in <s> in keep in, bay has logit {}."
    return Findings(gained, (cost, says(fragile, longer)))


# -- attention is a competition --------------------------------------------------------------------

_STEALS = """\
Here is one head without the bug, and its table says that it does nothing. Row keep of OV is 0: \
whoever attends to keep reads nothing there. Yet keep changes everything.

The weights of attention sum to 1. Each of in and at looks at itself as well, and what it reads \
there speaks against its own word: row in of OV takes 4 from mind, row at takes 4 from bay, and \
the direct path gives just these 4. If nothing else is there to look at, the two cancel. But keep \
draws attention away from the destination, and with it the word against: in is left with mind, at \
with bay. What counts is the destination's own row, which the theorem about the bug had left out \
by asking that all other tokens write nothing.

So the rule "read the skip-trigrams off the tables QK and OV" is true of the tables and not of the \
function that the model computes: an entry of OV is an effect only against tokens that write \
nothing. Attention is a competition, and who takes part in it changes what the others get."""


def attention_steals() -> Circuit:
    """One head with OV[keep] = 0 whose source has both wanted effects and no cross effect."""
    qk = {(b, "keep"): 2 for b in ("in", "at")} | {(b, "<s>"): -2 for b in ("in", "at")}
    ov = {("in", "mind"): -4, ("at", "bay"): -4}
    direct = {("in", "mind"): 4, ("at", "bay"): 4}
    model = by_tables(_WORDS, [(qk, ov)], direct)
    said = "Of in, mind has the largest logit and bay has 0; of at, it is the other way round."
    rules = tuple(
        TokenRule(last, needs, best=(right,), exactly=((wrong, 0),))
        for last, right, wrong in (("in", "mind", "bay"), ("at", "bay", "mind"))
        for needs in ("keep", "<s>")
    )
    names = ("<s>", "keep", "in", "at")
    claim = RuledNext(model, said, names, rules=rules, context=("<s>", "keep"))
    return Circuit(
        "attention-steals",
        "A token that writes nothing, and changes everything",
        _STEALS,
        model,
        "keep in",
        (claim,),
        f"{_SHLEGERIS} (the objection); the numbers are derived here",
        _find_steals,
        _ask_steals,
    )


def _ask_steals(circuit: Circuit, _: CircuitRun) -> CircuitPrediction:
    effect = _effects(circuit.model, "").effect("in", "mind")
    order = sign(effect)
    told = {0: "it stays as it is", 1: "it rises by {}", -1: "it falls by {}"}[order]
    return CircuitPrediction(
        "Row keep of the OV table is 0. What does keep before in do to the logit of mind?",
        ("it stays as it is", "it rises", "it falls"),
        (order % 3,),
        says(
            f"{told}. Keep takes attention from in itself, whose own row of the table speaks "
            "against mind.",
            *([effect * order] if order else []),
        ),
    )


def _find_steals(circuit: Circuit) -> Findings:
    found = _effects(circuit.model, "")
    gained = (
        _shown(found, "wanted", (("in", "mind"), ("at", "bay"))),
        _shown(found, "cross", (("in", "bay"), ("at", "mind"))),
        says("One head, and the effects have rank {}.", found.rank),
        proved(circuit.claim),
    )
    rest = run_circuit(circuit.model, "<s> in").logits[-1][-2]
    lost = (
        says("Row keep of the OV table is 0: the effect of {} is not in it.", found.effects[0][0]),
        says("Without keep, after <s> in, mind already has logit {}.", rest),
    )
    return Findings(gained, lost)


# -- exclusive or ----------------------------------------------------------------------------------

_XOR = """\
Two sources, keep and leave; two destinations, in and at. Wanted: mind after keep in and after \
leave at, bay after keep at and after leave in. Neither the source nor the destination alone says \
anything about the answer; it is their exclusive or, the standard example of what a sum of two \
separate effects cannot do.

One head with a direct path does it. Both sources write the same, 6 for mind; the destinations \
differ in how much they look: in looks at keep and away from leave, at the other way round, by one \
unit of score each. So mind gets 3 in the two cases where the head looks, and 6/5 where it looks \
away. The direct path gives bay a steady 2, which lies between. The head multiplies: its weight \
depends on both tokens together, and a threshold does the rest.

It is the score that knows the pair. A table of pairs is what QK is, and a model with one layer is \
more than a list of skip-trigrams."""


def source_xor() -> Circuit:
    """The exclusive or of source and destination by one head and a direct path."""
    qk = {("in", "keep"): 1, ("in", "leave"): -1, ("at", "keep"): -1, ("at", "leave"): 1}
    ov = {("keep", "mind"): 6, ("leave", "mind"): 6}
    direct = {("in", "bay"): 2, ("at", "bay"): 2}
    model = by_tables("<s> keep leave in at mind bay", [(qk, ov)], direct)
    said = "After keep in and leave at the largest logit is mind's, after the other two bay's."
    rules = (
        TokenRule("in", "keep", best=("mind",)),
        TokenRule("at", "leave", best=("mind",)),
        TokenRule("at", "keep", best=("bay",)),
        TokenRule("in", "leave", best=("bay",)),
    )
    names = ("keep", "leave", "in", "at")
    sources = ("keep", "leave")
    claim = RuledNext(model, said, names, before=("<s>",), rules=rules, context=sources, most=2)
    return Circuit(
        "source-xor",
        "One head computes an exclusive or",
        _XOR,
        model,
        "<s> keep in",
        (claim,),
        "derived here",
        _find_xor,
        _ask_xor,
    )


def _ask_xor(circuit: Circuit, _: CircuitRun) -> CircuitPrediction:
    run = run_circuit(circuit.model, "<s> leave in")
    logits = run.last_logits[-2:]
    best = run.predictions[-1][0]
    return CircuitPrediction(
        "After <s> keep in comes mind. What comes after <s> leave in?",
        ("mind", "bay"),
        (("mind", "bay").index(best),),
        says(
            f"{best}. Mind has {{}} and bay {{}}: in looks away from leave, and gathers less.",
            *logits,
        ),
    )


def _find_xor(circuit: Circuit) -> Findings:
    logits = {
        text: run_circuit(circuit.model, f"<s> {text}").logits[-1][-2]
        for text in ("keep in", "leave at", "keep at", "leave in")
    }
    named = ", ".join(f"{{}} after {text}" for text in logits)
    gained = (
        proved(circuit.claim),
        says(f"The logit of mind is {named}; that of bay is always 2.", *logits.values()),
    )
    tie = run_circuit(circuit.model, "<s> keep keep at").logits[-1][-2]
    lost = (says("A second keep disturbs it: after keep keep at, mind has {}, a tie.", tie),)
    return Findings(gained, lost)


# -- shared ----------------------------------------------------------------------------------------


def _effects(model: AttentionOnly, before: str) -> SourceEffect:
    return source_effect(model, "keep", "in at", "mind bay", before=before)


def _shown(found: SourceEffect, kind: str, pairs: tuple[tuple[str, str], ...]) -> Claim:
    """The effects of some pairs in a sentence."""
    numbers = [found.effect(*pair) for pair in pairs]
    named = " and ".join(f"{{}} on {out} after {destination}" for destination, out in pairs)
    return says(f"The {kind} effects of keep: {named}.", *numbers)
