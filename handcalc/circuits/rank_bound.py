"""Many heads in one layer: how long a text must be for H of them to fail, and that m suffice.

The family: places in pairs, filler b or once an a, then x ∈ {b, c}; at the end an a, which asks for
the x that followed the a before. ΠZ_h·Δ as a matrix M[x, k], by the text x and the pair k that
holds the a, is a sum over subsets S of heads of two functions of x times functions of k, one each
for S empty and S full: its rank is at most 2^{H+1} − 2. With more pairs than that, some c ≠ 0 has
Σₖ cₖM[x, k] = 0 for every x; take xₖ by the sign of cₖ, and not all of the signs can be right.

Source: derived here; for finite precision Sanford, Hsu and Telgarsky 2024, arXiv 2408.14332.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TypeAlias

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.exponential_sum import Value, inverse, minus, plus, times
from handcalc.circuits.head import Head
from handcalc.circuits.inability import as_expression, written
from handcalc.circuits.positions import LastPlace, check_one_layer, product
from handcalc.circuits.softmax import echelon
from handcalc.derivation import Derivation, Line, Name, Number, Product, Step, Sum
from handcalc.errors import InputError
from handcalc.inputs.arguments import read_whole
from handcalc.numbers.exact import exact
from handcalc.wording import brief

Vector: TypeAlias = "list[Value]"

_MOST_HEADS = 4


def rank_bound(heads: int) -> int:
    """2^{H+1} − 2, the largest rank of M for H heads in one layer.

    Errors: ``heads``.

    >>> [rank_bound(H) for H in (1, 2, 3)]
    [2, 6, 14]
    """
    count = read_whole(heads, "number of heads", "heads")
    if count < 1:
        raise InputError("heads", f"There is at least one head, not {count}.")
    return int(2 ** (count + 1) - 2)


@dataclass(frozen=True, repr=False)
class RankArgument:
    """The text that a one-layer model of H heads gets wrong, found by linear algebra.

    ``pairs`` is m = 2^{H+1} − 1, so that texts have 2m + 1 tokens. ``coefficients`` are c, with
    Σₖ cₖM[x, k] = 0 for every x; ``text`` is x by their signs, and ``wrong`` the sentences made of
    it that the model gets wrong, at least one. ``holds`` says that the sum is 0 and that the split
    into functions of x and of k gives M[x, k] itself, exactly.
    """

    model: AttentionOnly
    tokens: tuple[str, str, str]
    place: LastPlace
    pairs: int

    @property
    def bound(self) -> int:
        """2^{H+1} − 2."""
        return rank_bound(len(self.place.heads))

    @cached_property
    def coefficients(self) -> tuple[Value, ...]:
        """c, a vector that is orthogonal to every function of k."""
        return tuple(_orthogonal(self._functions_of_pair()))

    @cached_property
    def text(self) -> tuple[str, ...]:
        """xₖ = b where cₖ is positive, else c."""
        _, b, c = self.tokens
        return tuple(b if each.sign() > 0 else c for each in self.coefficients)

    @cached_property
    def row(self) -> tuple[Value, ...]:
        """M[x, k] of this text, for each k."""
        return tuple(self.entry(self.text, k) for k in range(self.pairs))

    @cached_property
    def wrong(self) -> tuple[tuple[str, ...], ...]:
        """The sentences where M[x, k] has not the sign of its answer."""
        _, b, _ = self.tokens
        return tuple(
            self.sentence(self.text, k)
            for k, M in enumerate(self.row)
            if M.sign() != (1 if self.text[k] == b else -1)
        )

    @cached_property
    def holds(self) -> bool:
        """The sum over k is 0, and so is the difference between the two ways to M[x, k]."""
        total: Value = self.place.zero
        for c, M in zip(self.coefficients, self.row, strict=True):
            total = plus(total, times(c, M))
        split = self._split_row(self.text)
        return total.sign() == 0 and all(
            minus(a, b).sign() == 0 for a, b in zip(split, self.row, strict=True)
        )

    def sentence(self, text: Sequence[str], k: int) -> tuple[str, ...]:
        """Filler b and xⱼ in turn, an a in place of the filler before x_k, and an a at the end."""
        a, b, _ = self.tokens
        pairs = ((a if j == k else b, x) for j, x in enumerate(text))
        return (*(token for pair in pairs for token in pair), a)

    def entry(self, text: Sequence[str], k: int) -> Value:
        """M[x, k] = ΠZ_h·Δ of the sentence."""
        return self.place.scaled(self.model.read_tokens(self.sentence(text, k)))

    def rank(self, texts: Sequence[Sequence[str]]) -> int:
        """The rank of these rows of M: at most the bound, whatever the texts."""
        rows = [[self.entry(text, k) for k in range(self.pairs)] for text in texts]
        return len(echelon(rows)[1])

    @cached_property
    def derivation(self) -> Derivation:
        """c and x; M[x, k]; the sum that is 0."""
        names = [_indexed("c", k) for k in range(1, self.pairs + 1)]
        entries = [_indexed("M", k) for k in range(1, self.pairs + 1)]
        signs = tuple(
            Line(name, as_expression(c), as_expression(c), as_expression(c))
            for name, c in zip(names, self.coefficients, strict=True)
        )
        rows = tuple(
            Line(name, Product((Name("Z"), Name("Δ"))), as_expression(M), as_expression(M))
            for name, M in zip(entries, self.row, strict=True)
        )
        each = tuple(Product(pair) for pair in zip(names, entries, strict=True))
        numbers = tuple(
            Product((as_expression(c), as_expression(M)))
            for c, M in zip(self.coefficients, self.row, strict=True)
        )
        zero = (Line(Name("S"), Sum(each), Sum(numbers), Number(exact(0))),)
        total = Product((Name("c"), Name("M")))
        text, bound = " ".join(self.text), self.bound
        scaled = Product((Name("Z"), Name("Δ")))
        functions = f"M is made of {bound} functions of k, and there are {self.pairs} pairs."
        steps = (
            Step("Take c orthogonal to all functions of k", functions, Name("c"), Name("c"), signs),
            Step("Take the text by the signs of c", f"x is {text}.", Name("M"), scaled, rows),
            Step("Add up", "The sum is 0.", Name("S"), total, zero),
        )
        note = (
            "If every sign were right, each product would be positive or 0, and their sum above 0. "
            f"This model is wrong at {written(self.wrong[0])}."
        )
        return Derivation(steps, (note,))

    def __repr__(self) -> str:
        return f"<RankArgument: {len(self.place.heads)} heads, {self.pairs} pairs>"

    # -- the split, U_h(x) + e_h(k) and V_h(x) + g_h(k) of Z_h and N_h --------------------------

    def _parts_of_pair(self, k: int) -> list[tuple[Value, Value]]:
        """e and g of each head: what an a in place of the filler changes in Z and N."""
        a, b, _ = self.model.read_tokens(self.tokens)
        found = []
        for head in range(len(self.place.heads)):
            new, old = (self.place.part(head, 2 * k, token) for token in (a, b))
            change = minus(times(new.weight, new.lead), times(old.weight, old.lead))
            found.append((minus(new.weight, old.weight), change))
        return found

    def _subsets(self) -> list[tuple[int, ...]]:
        heads = range(len(self.place.heads))
        return [each for size in range(len(heads) + 1) for each in combinations(heads, size)]

    def _functions_of_pair(self) -> list[Vector]:
        """The functions of k: for each S one or two vectors of length m."""
        pairs = [self._parts_of_pair(k) for k in range(self.pairs)]
        one = self.place.zero.field.rational(1)
        everything = len(self.place.heads)
        rows: list[Vector] = []
        for S in self._subsets():
            E = [product([one, *(each[h][0] for h in S)]) for each in pairs]
            G = [_one_of_each(each, S, self.place.zero) for each in pairs]
            if len(S) == everything:  # whose functions of x are both constant
                rows.append(
                    [plus(times(self.place.direct, e), g) for e, g in zip(E, G, strict=True)]
                )
            else:
                rows += [E, G] if S else [E]
        return rows

    def _split_row(self, text: Sequence[str]) -> Vector:
        """M[x, k] for each k, as a sum over subsets of heads."""
        _, b, _ = self.tokens
        fillers = self.model.read_tokens([b] * self.pairs)
        xs, last = self.model.read_tokens(text), self.place.last
        tokens = [token for pair in zip(fillers, xs, strict=True) for token in pair]
        base = [self.place.sums(h, [*tokens, last]) for h in range(len(self.place.heads))]
        pairs = [self._parts_of_pair(k) for k in range(self.pairs)]
        found: Vector = [self.place.zero] * self.pairs
        one = self.place.zero.field.rational(1)
        for S in self._subsets():
            rest = [base[h] for h in range(len(base)) if h not in S]
            P = product([one, *(U for U, _ in rest)])
            F = plus(
                times(self.place.direct, P), _one_of_each(rest, range(len(rest)), self.place.zero)
            )
            for k, each in enumerate(pairs):
                E = product([one, *(each[h][0] for h in S)])
                G = _one_of_each(each, S, self.place.zero)
                found[k] = plus(found[k], plus(times(F, E), times(P, G)))
        return found


def rank_argument(model: AttentionOnly, tokens: object = "a b c") -> RankArgument:
    """A text of 2m + 1 tokens, m = 2^{H+1} − 1, that a one-layer model of H heads gets wrong.

    Any positions, any sizes, so long as there are positions for 2m + 1 tokens. ``tokens`` are the
    three that play a, b and c. Errors: ``layers``, ``heads`` for more than four, ``softmax``,
    ``tokens``, ``too_long``.

    >>> identity = "1 0 0; 0 1 0; 0 0 1"
    >>> head = Head.of_circuits(identity, "2 0 0; 0 2 0; 0 0 2")
    >>> found = rank_argument(AttentionOnly(identity, identity, [[head]]))
    >>> found.holds, "".join(found.wrong[0])
    (True, 'acbbbca')
    """
    check_one_layer(model)
    heads = len(model.layers[0])
    if heads > _MOST_HEADS:
        raise InputError("heads", f"This is worked for up to {_MOST_HEADS} heads, not {heads}.")
    places = model.read_tokens(tokens)
    if len(places) != 3 or len(set(places)) != 3:
        raise InputError("tokens", f"Three different tokens are wanted, not {brief(tokens)}.")
    a, b, c = places
    pairs = rank_bound(heads) + 1
    names = model.vocabulary
    at = LastPlace(model, 2 * pairs + 1, a, (b, c))
    return RankArgument(model, (names[a], names[b], names[c]), at, pairs)


def one_layer_induction(m: object) -> AttentionOnly:
    """m heads in one layer that solve the family of m pairs, with a filler f that writes nothing.

    Head k attends to the second place of pair k, unless the first absorbs it: an f there weighs
    2^20, an a 2^−20. Tokens are a, b, c, f. Errors: ``pairs``.

    >>> from handcalc.circuits.run import run_circuit
    >>> run_circuit(one_layer_induction(2), "f b a c a").predictions[-1]
    ('c',)
    """
    pairs = read_whole(m, "number of pairs", "pairs")
    if not 1 <= pairs <= 20:
        raise InputError("pairs", f"There are 1 to 20 pairs, not {pairs}.")
    n = 2 * pairs + 1
    d = 4 + n
    tokens = [[int(i == j) for j in range(d)] for i in range(4)]
    moved = [[3 * int(i == j and i in (1, 2)) for j in range(d)] for i in range(d)]
    layer = []
    for k in range(pairs):
        keys = [-20, 0, 0, 20] + [
            0 if place // 2 == k and place < n - 1 else -60 for place in range(n)
        ]
        layer.append(Head.of_circuits([keys if i == 0 else [0] * d for i in range(d)], moved))
    return AttentionOnly(
        tokens,
        [[int(i == j and j in (1, 2)) for j in range(4)] for i in range(d)],
        [layer],
        W_pos=[[int(j == 4 + i) for j in range(d)] for i in range(n)],
        vocabulary="a b c f",
        softmax="base 2",
    )


# -- shared ----------------------------------------------------------------------------------------


def _one_of_each(pairs: Sequence[tuple[Value, Value]], chosen: Sequence[int], zero: Value) -> Value:
    """Σ over the chosen h of the second of pair h times the first of all others chosen."""
    total = zero
    for h in chosen:
        total = plus(total, product([pairs[h][1], *(pairs[g][0] for g in chosen if g != h)]))
    return total


def _orthogonal(rows: Sequence[Vector]) -> Vector:
    """A vector c ≠ 0 with Σ cₖrₖ = 0 for each of fewer rows than it has entries."""
    field, size = rows[0][0].field, len(rows[0])
    reduced, pivots = echelon(rows)
    found: Vector = [field.rational(0)] * size
    found[next(k for k in range(size) if k not in pivots)] = field.rational(1)
    for row, column in zip(reversed(reduced), reversed(pivots), strict=True):
        rest: Value = field.rational(0)
        for cell, c in zip(row[column + 1 :], found[column + 1 :], strict=True):
            rest = plus(rest, times(cell, c))
        found[column] = -times(rest, inverse(row[column]))
    return found


def _indexed(letter: str, index: int) -> Name:
    return Name(letter, (index,))
