"""What one layer cannot do, as derivations that are checked on the model at hand.

Induction wants the token that followed an earlier copy of the last one. Without positions a layer
sees a multiset; with one head it sees a sum of functions of single tokens. Each derivation adds up
the numbers of a model in two ways, and ends with a sentence that this model gets wrong. Many heads
are in ``rank_bound``.

Source: derived here; that induction takes two layers or many heads is also in Sanford, Hsu and
Telgarsky 2024, arXiv 2408.14332, for finite precision.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.exponential_sum import Value, minus, plus, shown, times
from handcalc.circuits.positions import LastPlace, Position, check_one_layer, logits
from handcalc.circuits.run import causal_pass
from handcalc.circuits.run_steps import expression_of
from handcalc.circuits.sequence_claims import followers
from handcalc.circuits.softmax import Row, row_times
from handcalc.derivation import (
    Applied,
    Derivation,
    Expression,
    Line,
    Name,
    Number,
    Product,
    RowVector,
    Step,
    Sum,
)
from handcalc.errors import InputError
from handcalc.numbers.exact import exact
from handcalc.wording import brief, joined

# -- no positions: a multiset ----------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class SameMultiset:
    """Two sentences with the same tokens and the same last one: equal logits, different answers.

    ``holds`` says that all logits are equal, exactly; ``answers`` are the followers that induction
    wants, and ``wrong`` are the sentences that the model gets wrong, at least one.
    """

    model: AttentionOnly
    sentences: tuple[tuple[str, ...], tuple[str, ...]]
    answers: tuple[str, str]

    @cached_property
    def holds(self) -> bool:
        """Whether both end in the same logits, and in the same output of each head."""
        one, two = (
            [*row, *(x for at in each[-1].heads[0] for x in at.output)]
            for row, each in zip(self._logits, self._passes, strict=True)
        )
        return all(minus(a, b).sign() == 0 for a, b in zip(one, two, strict=True))

    @cached_property
    def wrong(self) -> tuple[tuple[str, ...], ...]:
        """The sentences whose answer has not the one largest logit."""
        found = zip(self.sentences, self.answers, self._logits, strict=True)
        return tuple(
            sentence
            for sentence, answer, row in found
            if not _wins(row, self.model.vocabulary.index(answer))
        )

    @cached_property
    def derivation(self) -> Derivation:
        """Counts; the output of each head as a sum over the multiset; the logits."""
        first, second = (written(each) for each in self.sentences)
        wrong = joined(list(map(written, self.wrong)))
        note = (
            f"{first} wants {self.answers[0]}, {second} wants {self.answers[1]}: equal logits "
            f"cannot do both. This model is wrong at {wrong}."
        )
        return Derivation((self._counts(), *self._outputs(), self._ends()), (note,))

    def __repr__(self) -> str:
        return f"<SameMultiset {' and '.join(map(written, self.sentences))}: holds {self.holds}>"

    @cached_property
    def _passes(self) -> tuple[tuple[Position, ...], ...]:
        read = self.model.read_tokens
        return tuple(causal_pass(self.model, read(each)) for each in self.sentences)

    @cached_property
    def _logits(self) -> tuple[Row, ...]:
        return tuple(logits(self.model, positions[-1]) for positions in self._passes)

    def _counts(self) -> Step:
        lines = []
        for token, count in sorted(Counter(self.sentences[0]).items()):
            places = Sum(tuple(Number(exact(int(each == token))) for each in self.sentences[0]))
            others = Sum(tuple(Number(exact(int(each == token))) for each in self.sentences[1]))
            lines.append(Line(Applied("n", Name(token)), places, others, Number(exact(count))))
        first, second = map(written, self.sentences)
        told = f"So often is each token in {first}, and so often in {second}."
        return Step("Count the tokens", told, Name("n"), Name("n"), tuple(lines))

    def _outputs(self) -> list[Step]:
        steps = []
        for number in range(len(self.model.layers[0])):
            lines = tuple(
                Line(
                    Applied("o", _sentence(sentence)),
                    _by_token(self.model, positions, number, symbols=True),
                    _by_token(self.model, positions, number),
                    RowVector(tuple(map(as_expression, positions[-1].heads[0][number].output))),
                )
                for sentence, positions in zip(self.sentences, self._passes, strict=True)
            )
            told = (
                "What a source writes and its weight depend on its token alone, so the sum over "
                "places is a sum over the multiset: all weight on a token, times what it writes."
            )
            rule = f"Head 1.{number + 1}: add over the sources"
            formula = Product((Name("A"), Name("u")))
            steps.append(Step(rule, told, Name("o"), formula, lines))
        return steps

    def _ends(self) -> Step:
        lines = tuple(
            Line(
                Applied("L", _sentence(sentence)),
                Product((Name("x"), Name("W_U"))),
                Product((RowVector(tuple(map(as_expression, each[-1].residual[-1]))), Name("W_U"))),
                RowVector(tuple(map(as_expression, row))),
            )
            for sentence, each, row in zip(self.sentences, self._passes, self._logits, strict=True)
        )
        formula = Product((Name("x"), Name("W_U")))
        return Step("Unembed", "The logits are equal.", Name("L"), formula, lines)


def same_multiset(
    model: AttentionOnly, first: object = "abca", second: object = "acba"
) -> SameMultiset:
    """L(first) = L(second) at the last place of a one-layer model without positions.

    Any number of heads, any sizes. Both sentences have the same tokens equally often, end in the
    same one, and want different answers by induction. Errors: ``layers``; ``positions`` for a model
    with W_pos; ``sentences``; ``token``.

    >>> from handcalc.circuits.head import Head
    >>> identity = "1 0 0; 0 1 0; 0 0 1"
    >>> head = Head.of_circuits(identity, "2 0 0; 0 2 0; 0 0 2")
    >>> found = same_multiset(AttentionOnly(identity, identity, [[head]]))
    >>> found.holds, found.answers, len(found.wrong)
    (True, ('b', 'c'), 2)
    """
    check_one_layer(model)
    if model.W_pos is not None:
        raise InputError("positions", "This is about models without positions: leave W_pos out.")
    names = model.vocabulary
    sentences = [tuple(names[k] for k in model.read_tokens(each)) for each in (first, second)]
    one, two = sentences
    answers = [list(followers(each)) for each in sentences]
    fit = Counter(one) == Counter(two) and one[-1] == two[-1]
    if not fit or [len(each) for each in answers] != [1, 1] or answers[0] == answers[1]:
        raise InputError(
            "sentences",
            "Two sentences with the same tokens and the same last one are wanted, each with one "
            f"follower, not the same, such as abca and acba, not {written(one)} and "
            f"{written(two)}.",
        )
    return SameMultiset(model, (one, two), (answers[0][0], answers[1][0]))


# -- one head: a sum of functions of single tokens -------------------------------------------------


@dataclass(frozen=True, repr=False)
class FourSentences:
    """abbca → b, bcaba → b, acbba → c, bbaca → c: no one-layer, one-head model gets all four.

    D = Z·Δ, with Z > 0 and Δ = L_b − L_c, is a sum over places of f(place, token). At each place
    the first two sentences hold the same tokens as the last two, so that
    D(abbca) + D(bcaba) = D(acbba) + D(bbaca); induction wants the left side positive and the right
    side negative. ``holds`` says that the identity is true of this model, exactly, and that D is Δ
    of the model's own logits, times Z; ``wrong`` are the sentences that it gets wrong.
    """

    model: AttentionOnly
    sentences: tuple[tuple[str, ...], ...]
    place: LastPlace

    @cached_property
    def scaled(self) -> tuple[Value, ...]:
        """D of each sentence, added up from f."""
        found = []
        for sentence in self.sentences:
            total: Value = self.place.zero
            for value in self._terms(sentence):
                total = plus(total, value)
            found.append(total)
        return tuple(found)

    @cached_property
    def holds(self) -> bool:
        """The identity, and both ways to D."""
        one, two, three, four = self.scaled
        same = minus(plus(one, two), plus(three, four)).sign() == 0
        return same and all(
            minus(D, self._by_the_model(sentence)).sign() == 0
            for D, sentence in zip(self.scaled, self.sentences, strict=True)
        )

    @cached_property
    def wrong(self) -> tuple[tuple[str, ...], ...]:
        """The sentences where the sign of Δ is not the one that induction wants."""
        wanted = (1, 1, -1, -1)
        found = zip(self.sentences, self.scaled, wanted, strict=True)
        return tuple(sentence for sentence, D, sign in found if D.sign() != sign)

    @cached_property
    def derivation(self) -> Derivation:
        """f of each token at each place; D of each sentence; the two sums; who is wrong."""
        wrong = joined(list(map(written, self.wrong)))
        first, second, third, fourth = map(written, self.sentences)
        note = (
            f"Induction wants D({first}) and D({second}) positive, D({third}) and D({fourth}) "
            f"negative; equal sums cannot be both. This model is wrong at {wrong}."
        )
        return Derivation((self._parts(), self._sums(), self._pairs()), (note,))

    def __repr__(self) -> str:
        return f"<FourSentences {' '.join(map(written, self.sentences))}: holds {self.holds}>"

    def _terms(self, sentence: Sequence[str]) -> list[Value]:
        """f(place, token) = w·(d + n)."""
        direct, found = self.place.direct, []
        for place, token in enumerate(self.model.read_tokens(sentence)):
            part = self.place.part(0, place, token)
            found.append(times(part.weight, plus(direct, part.lead)))
        return found

    def _by_the_model(self, sentence: Sequence[str]) -> Value:
        """Z·Δ with Δ of the logits that the model computes."""
        tokens = self.model.read_tokens(sentence)
        row = logits(self.model, causal_pass(self.model, tokens)[-1])
        b, c = self._outputs
        Z, _ = self.place.sums(0, tokens)
        return times(Z, minus(row[b], row[c]))

    @property
    def _outputs(self) -> tuple[int, int]:
        b, c = self.model.read_tokens([self.sentences[0][1], self.sentences[2][1]])
        return b, c

    def _parts(self) -> Step:
        w, d, n = Name("w"), Name("d"), Name("n")
        formula = Product((w, Sum((d, n))))
        lines = {}
        for sentence in self.sentences:
            pairs = zip(sentence, self._terms(sentence), strict=True)
            for place, (token, value) in enumerate(pairs, 1):
                part = self.place.part(0, place - 1, self.model.read_tokens([token])[0])
                direct, lead = as_expression(self.place.direct), as_expression(part.lead)
                inside = Product((as_expression(part.weight), Sum((direct, lead))))
                lines[place, token] = Line(_f(place, token), formula, inside, as_expression(value))
        told = (
            "w is the weight before it is divided by Z, n what the value adds to L_b − L_c, d what "
            "the direct path adds. All depend on the place and its token alone."
        )
        found = tuple(lines[key] for key in sorted(lines))
        return Step("Each token at its place", told, Applied("f", Name("t")), formula, found)

    def _sums(self) -> Step:
        lines = tuple(
            Line(
                Applied("D", _sentence(sentence)),
                Sum(tuple(_f(place, token) for place, token in enumerate(sentence, 1))),
                Sum(tuple(map(as_expression, self._terms(sentence)))),
                as_expression(D),
            )
            for sentence, D in zip(self.sentences, self.scaled, strict=True)
        )
        told = "Z times the difference of the two logits is a sum over the places."
        return Step("Add over the places", told, Name("D"), Product((Name("Z"), Name("Δ"))), lines)

    def _pairs(self) -> Step:
        lines = []
        for start in (0, 2):
            pair = self.sentences[start : start + 2]
            one, two = self.scaled[start : start + 2]
            named = Sum(tuple(Applied("D", _sentence(each)) for each in pair))
            numbers = Sum((as_expression(one), as_expression(two)))
            lines.append(
                Line(Name("S", (start // 2 + 1,)), named, numbers, as_expression(plus(one, two)))
            )
        told = "At each place both pairs hold the same two tokens, so both sums are equal."
        formula = Sum((Applied("D", Name("t")), Applied("D", Name("u"))))
        return Step("Add in pairs", told, Name("S"), formula, tuple(lines))


def four_sentences(model: AttentionOnly, tokens: object = "a b c") -> FourSentences:
    """D(abbca) + D(bcaba) = D(acbba) + D(bbaca) in a model of one layer and one head.

    Any positions, any sizes; ``tokens`` are the three that play a, b and c. Errors: ``layers``,
    ``heads``, ``softmax``, ``tokens``, ``too_long``.

    >>> from handcalc.circuits.head import Head
    >>> identity = "1 0 0; 0 1 0; 0 0 1"
    >>> head = Head.of_circuits(identity, "2 0 0; 0 2 0; 0 0 2")
    >>> found = four_sentences(AttentionOnly(identity, identity, [[head]]))
    >>> found.holds, [int(each.to_fraction()) for each in found.scaled]
    (True, [2, 2, 2, 2])
    """
    check_one_layer(model)
    if len(model.layers[0]) != 1:
        raise InputError(
            "heads",
            f"This is about one head, and the layer has {len(model.layers[0])}: rank_argument is "
            "about several.",
        )
    places = model.read_tokens(tokens)
    if len(set(places)) != 3 or len(places) != 3:
        raise InputError("tokens", f"Three different tokens are wanted, not {brief(tokens)}.")
    names = [model.vocabulary[k] for k in places]
    by_letter = dict(zip("abc", names, strict=True))
    texts = ("abbca", "bcaba", "acbba", "bbaca")
    sentences = tuple(tuple(by_letter[letter] for letter in text) for text in texts)
    a, b, c = places
    return FourSentences(model, sentences, LastPlace(model, 5, a, (b, c)))


# -- shared ----------------------------------------------------------------------------------------


def _wins(row: Row, place: int) -> bool:
    """Whether one logit is above all others."""
    return all(minus(row[place], other).sign() > 0 for k, other in enumerate(row) if k != place)


def as_expression(value: Value) -> Expression:
    """A number of the engine as views render it."""
    return expression_of(shown(value))


def written(tokens: Sequence[str]) -> str:
    """A sentence without blanks where every token is a character."""
    return ("" if max(map(len, tokens)) == 1 else " ").join(tokens)


def _sentence(tokens: Sequence[str]) -> Name:
    return Name(written(tokens))


def _f(place: int, token: str) -> Applied:
    return Applied("f", RowVector((Number(exact(place)), Name(token))))


def _by_token(
    model: AttentionOnly, positions: Sequence[Position], head: int, *, symbols: bool = False
) -> Expression:
    """All weight on a token times what it writes, added over the tokens in their order."""
    zero = model.elements().field.rational(0)
    W_O = model.elements().layers[0][head].W_O
    weights: dict[int, Value] = {}
    written: dict[int, Row] = {}
    pairs = zip(positions, positions[-1].heads[0][head].weights, strict=True)
    for position, weight in pairs:
        token = position.token
        weights[token] = plus(weights.get(token, zero), weight)
        written[token] = row_times(position.heads[0][head].value, W_O, model.d_model, zero)
    terms: list[Expression] = []
    for token in sorted(weights):
        name = Name(model.vocabulary[token])
        if symbols:
            terms.append(Product((Applied("A", name), Applied("u", name))))
        else:
            row = RowVector(tuple(map(as_expression, written[token])))
            terms.append(Product((as_expression(weights[token]), row)))
    return Sum(tuple(terms))
