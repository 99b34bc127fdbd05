"""The claims that are proved of the named circuits: followers, places back, and rules by token."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from handcalc.circuits.exponential_sum import Value
from handcalc.circuits.positions import Position, logits
from handcalc.circuits.proving import Required, SequenceClaim


def followers(tokens: Sequence[str]) -> Counter[str]:
    """What followed the earlier copies of the last token, and how often.

    >>> sorted(followers("abcab" "a").items())
    [('b', 2)]
    """
    last = tokens[-1]
    return Counter(after for token, after in pairwise(tokens) if token == last)


class _LogitClaim(SequenceClaim):
    """A claim about logits, which are found by the name of their token."""

    def _logits(self, at: Position) -> dict[str, Value]:
        return dict(zip(self.model.vocabulary, logits(self.model, at), strict=True))

    def _ahead(self, at: Position, best: Sequence[str]) -> Required:
        """The largest logit is among these tokens' own."""
        found = self._logits(at)
        rest = [value for name, value in found.items() if name not in best]
        return Required([found[name] for name in best], rest)


@dataclass(frozen=True, repr=False)
class OneFollower(_LogitClaim):
    """Where the last token occurred before, and one token alone followed it, that one is next.

    >>> from handcalc.circuits.attention_only import AttentionOnly
    >>> claim = OneFollower(AttentionOnly("1 0; 0 1", "0 1; 1 0"))  # b after a, a after b
    >>> claim.prove(3).counterexample
    ('a', 'a')
    """

    usual_sentence = (
        "Where one token alone followed the earlier copies of the last token, it is predicted."
    )

    def concerns(self, tokens: tuple[str, ...]) -> bool:
        """The last token has one follower."""
        return len(followers(tokens)) == 1

    def required(self, tokens: tuple[str, ...], at: Position) -> Iterator[Required]:
        """Its logit above all others."""
        yield self._ahead(at, list(followers(tokens)))


@dataclass(frozen=True, repr=False)
class MostFrequentFollower(_LogitClaim):
    """Where several tokens followed the last one, the next is one of the most frequent."""

    usual_sentence = (
        "Where several tokens followed the last one, a most frequent of them is predicted."
    )

    def concerns(self, tokens: tuple[str, ...]) -> bool:
        """The last token has several followers."""
        return len(followers(tokens)) > 1

    def required(self, tokens: tuple[str, ...], at: Position) -> Iterator[Required]:
        """The largest logit is one of theirs."""
        seen = followers(tokens)
        most = max(seen.values())
        yield self._ahead(at, [token for token, count in seen.items() if count == most])


@dataclass(frozen=True, repr=False)
class FollowerDistribution(_LogitClaim):
    """The logits are onehot(a) + λ·(distribution of a's followers), exactly.

    ``strength`` is λ; a is the last token, which occurred before.
    """

    strength: Fraction = field(kw_only=True)

    def concerns(self, tokens: tuple[str, ...]) -> bool:
        """The last token occurred before."""
        return bool(followers(tokens))

    def required(self, tokens: tuple[str, ...], at: Position) -> Iterator[Required]:
        """Every logit is its own number."""
        seen, one = followers(tokens), self.model.elements().field.rational(1)
        below = sum(seen.values())
        yield Required(
            equal=[
                (value, one * ((name == tokens[-1]) + self.strength * seen[name] / below))
                for name, value in self._logits(at).items()
            ]
        )


@dataclass(frozen=True, repr=False)
class TokenBack(_LogitClaim):
    """The next token is the one ``by`` places back."""

    by: int = field(default=1, kw_only=True)

    def concerns(self, tokens: tuple[str, ...]) -> bool:
        """There is a place so far back."""
        return len(tokens) > self.by

    def required(self, tokens: tuple[str, ...], at: Position) -> Iterator[Required]:
        """Its logit above all others."""
        yield self._ahead(at, [tokens[-1 - self.by]])


@dataclass(frozen=True, repr=False)
class AttendsBack(SequenceClaim):
    """A head looks ``by`` places back: that score is above all others of its row.

    ``layer`` and ``head`` say which, from 1; by default it is the first head of layer 1.
    """

    by: int = field(default=1, kw_only=True)
    layer: int = field(default=1, kw_only=True)
    head: int = field(default=1, kw_only=True)

    def concerns(self, tokens: tuple[str, ...]) -> bool:
        """There is a place so far back."""
        return len(tokens) > self.by

    def required(self, tokens: tuple[str, ...], at: Position) -> Iterator[Required]:
        """The score of that place above the others."""
        scores = at.heads[self.layer - 1][self.head - 1].scores
        place = len(self.before) + len(tokens) - 1 - self.by
        yield Required([scores[place]], [*scores[:place], *scores[place + 1 :]])


@dataclass(frozen=True, repr=False)
class SeenAboveUnseen(_LogitClaim):
    """Every token that occurred has a larger logit than every token that did not."""

    usual_sentence = "Each token that occurred has a larger logit than each that did not."

    def concerns(self, tokens: tuple[str, ...]) -> bool:
        """Some token did not occur."""
        return len(set(tokens)) < self.model.d_vocab

    def required(self, tokens: tuple[str, ...], at: Position) -> Iterator[Required]:
        """Each one's logit above all of the others'."""
        found = self._logits(at)
        rest = [value for name, value in found.items() if name not in tokens]
        for name in dict.fromkeys(tokens):
            yield Required([found[name]], rest)


@dataclass(frozen=True, slots=True)
class TokenRule:
    """What follows where ``last`` is the last token, and ``needs`` occurred before it, if given.

    The logits of ``best`` are equal, and above all others; those in ``exactly`` are these numbers.
    """

    last: str
    needs: str | None = None
    best: tuple[str, ...] = ()
    exactly: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, repr=False)
class RuledNext(_LogitClaim):
    """Rules by the last token, and by one that occurred before it; the first that fits holds.

    Tokens before the last are those of ``context``, all by default; ``most`` is the number of
    tokens in the longest sequence, any by default.
    """

    rules: tuple[TokenRule, ...] = field(kw_only=True)
    context: tuple[str, ...] | None = field(default=None, kw_only=True)
    most: int | None = field(default=None, kw_only=True)

    @property
    def longest(self) -> int | None:
        """``most``."""
        return self.most

    def concerns(self, tokens: tuple[str, ...]) -> bool:
        """A rule fits."""
        allowed = self.context is None or set(tokens[:-1]) <= set(self.context)
        return allowed and self._rule(tokens) is not None

    def required(self, tokens: tuple[str, ...], at: Position) -> Iterator[Required]:
        """What the rule says of the logits."""
        rule = self._rule(tokens)
        if rule is None:
            return
        found, field_ = self._logits(at), self.model.elements().field
        if rule.best:
            first, *others = (found[name] for name in rule.best)
            yield self._ahead(at, rule.best)
            yield Required(equal=[(first, other) for other in others])
        yield Required(
            equal=[(found[name], field_.rational(number)) for name, number in rule.exactly]
        )

    def _rule(self, tokens: tuple[str, ...]) -> TokenRule | None:
        *earlier, last = tokens
        fits = (rule for rule in self.rules if rule.last == last)
        return next((rule for rule in fits if rule.needs in (None, *earlier)), None)
