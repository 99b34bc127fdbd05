"""What attention-only models are trained on: sequences that are drawn, and contexts with counts.

A sequence has n_ctx + 1 tokens: the first n_ctx are read, and each place predicts the next token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn, TypeAlias

import sympy

from handcalc.circuits.attention_only import letters
from handcalc.circuits.corpus import log_table_loss
from handcalc.circuits.log_sums import LogSum
from handcalc.errors import InputError
from handcalc.inputs.arguments import read_number
from handcalc.inputs.containers import as_int
from handcalc.numbers.exact import to_fraction, to_text
from handcalc.wording import brief

MOST_TOKENS = MOST_PLACES = 512
_MOST_CONTEXTS = 4096


@dataclass(frozen=True, slots=True)
class TokenChain:
    """Each sequence has its own random permutation π of the tokens: next = π(current).

    With probability ``noise``, exact and from 0 to 1, the next token is a uniform one instead.
    Nothing can be learnt by counting places: what helps is to look back at what followed the same
    token before. Errors: ``size``, ``noise``, those of a number that could not be taken.

    >>> TokenChain(d_vocab=4, n_ctx=8).noise
    Fraction(1, 10)
    """

    d_vocab: int = 12
    n_ctx: int = 32
    noise: Fraction = Fraction(1, 10)

    def __post_init__(self) -> None:
        _set_sizes(self, least=2)
        number = read_number(self.noise, "noise")
        if not isinstance(number, sympy.Rational) or not 0 <= number <= 1:
            _refuse("noise", f"The noise is a fraction from 0 to 1, not {to_text(number)}.")
        object.__setattr__(self, "noise", to_fraction(number))

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The names of the tokens."""
        return letters(self.d_vocab)


@dataclass(frozen=True, slots=True)
class Repeats:
    """Distinct random tokens, then the same again and again: the period is shortest … longest.

    Each period is as likely as any other. A place counts if its token has occurred before. With one
    period alone, ``shortest = longest``, a head that counts places back does as well as one that
    looks for the token: a trap. Errors: ``size``, ``period``.

    >>> Repeats().shortest, Repeats.fixed(d_vocab=16, n_ctx=24, period=8).longest
    (6, 8)
    """

    d_vocab: int = 16
    n_ctx: int = 24
    shortest: int = 6
    longest: int = 12

    def __post_init__(self) -> None:
        _set_sizes(self, least=2)
        shortest, longest = as_int(self.shortest), as_int(self.longest)
        if shortest is None or longest is None or not 1 <= shortest <= longest:
            got = f"{brief(self.shortest)} and {brief(self.longest)}"
            _refuse("period", f"Periods are whole numbers, 1 <= shortest <= longest, not {got}.")
        if longest > self.d_vocab:
            _refuse(
                "period",
                f"The tokens of a period are distinct: it is at most d_vocab = {self.d_vocab}, not "
                f"{longest}.",
            )
        if longest >= self.n_ctx:
            _refuse(
                "period",
                f"Something must be repeated: a period is shorter than n_ctx = {self.n_ctx}, not "
                f"{longest}.",
            )
        object.__setattr__(self, "shortest", shortest)
        object.__setattr__(self, "longest", longest)

    @classmethod
    def fixed(cls, d_vocab: int, n_ctx: int, period: int) -> Repeats:
        """One period for all sequences."""
        return cls(d_vocab, n_ctx, period, period)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The names of the tokens."""
        return letters(self.d_vocab)


@dataclass(frozen=True, slots=True)
class Contexts:
    """A few contexts, all of one length, and how often each token comes next in them.

    ``contexts`` (contexts, n_ctx) are places in ``vocabulary``, ``counts`` (contexts, d_vocab) are
    whole numbers. Only the last place predicts. Nothing is drawn: the loss is the expected one,
    Σ N(c, y)(log Σ_z e^L_cz − L_cy)/Σ N, and no model is below ``entropy``. Errors: ``vocabulary``,
    ``contexts``, ``counts``.

    >>> coin = Contexts.of("keep in mind bay", {"keep in": {"mind": 1, "bay": 1}})
    >>> coin.contexts, coin.counts, coin.entropy
    (((0, 1),), ((0, 0, 1, 1),), <LogSum log(2)>)
    """

    vocabulary: tuple[str, ...]
    contexts: tuple[tuple[int, ...], ...]
    counts: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        names = _words(self.vocabulary)
        contexts = _whole_rows("contexts", self.contexts, None, len(names) - 1)
        counts = _whole_rows("counts", self.counts, len(names), (1 << 53) - 1)
        if len(set(contexts)) != len(contexts):
            _refuse("contexts", "Every context stands there once, with all its counts.")
        if len(counts) != len(contexts) or not all(any(row) for row in counts):
            _refuse("counts", "Each context has a row of counts, and at least one that is not 0.")
        for name, value in (("vocabulary", names), ("contexts", contexts), ("counts", counts)):
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, vocabulary: str, seen: Mapping[str, Mapping[str, int]]) -> Contexts:
        """Contexts as texts of tokens, each with what comes next and how often."""
        names = _words(vocabulary.split())
        place = {name: k for k, name in enumerate(names)}
        for word in (word for text, after in seen.items() for word in (*text.split(), *after)):
            if word not in place:
                _refuse("vocabulary", f"{brief(word)} is none of the tokens {' '.join(names)}.")
        contexts = tuple(tuple(place[word] for word in text.split()) for text in seen)
        counts = tuple(tuple(after.get(name, 0) for name in names) for after in seen.values())
        return cls(names, contexts, counts)

    @classmethod
    def bigrams(cls, counts: Sequence[Sequence[int]]) -> Contexts:
        """Contexts of one token: a square table of counts [current, next].

        >>> Contexts.bigrams([[2, 1], [1, 2]]).contexts
        ((0,), (1,))
        """
        rows = _whole_rows("counts", counts, None, (1 << 53) - 1)
        names = letters(len(rows[0]))
        if len(rows) != len(names):
            _refuse("counts", f"Counts of bigrams are square, not {len(rows)} × {len(names)}.")
        return cls(names, tuple((k,) for k in range(len(rows))), rows)

    @property
    def d_vocab(self) -> int:
        """The number of tokens."""
        return len(self.vocabulary)

    @property
    def n_ctx(self) -> int:
        """The number of tokens of a context."""
        return len(self.contexts[0])

    @property
    def entropy(self) -> LogSum:
        """Σ N(c, y) log(N(c)/N(c, y))/Σ N: the infimum of the loss over all tables."""
        return log_table_loss(self.counts, self.counts)


Data: TypeAlias = TokenChain | Repeats | Contexts


def _refuse(code: str, message: str) -> NoReturn:
    raise InputError(code, message)


def _set_sizes(data: TokenChain | Repeats, least: int) -> None:
    """Check d_vocab and n_ctx, and keep them as whole numbers."""
    for name, what, most in (
        ("d_vocab", "tokens", MOST_TOKENS),
        ("n_ctx", "places", MOST_PLACES),
    ):
        given = getattr(data, name)
        found = as_int(given)
        if found is None or not least <= found <= most:
            _refuse(
                "size",
                f"{name}, the number of {what}, is a whole number from {least} to {most}, not "
                f"{brief(given)}.",
            )
        object.__setattr__(data, name, found)


def _words(given: object) -> tuple[str, ...]:
    """The names of tokens: different, without blanks."""
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        _refuse("vocabulary", f"The vocabulary is a tuple of names, not {brief(given)}.")
    names = tuple(given)
    if not all(isinstance(name, str) and name.split() == [name] for name in names):
        _refuse("vocabulary", "The name of a token is a text that is not empty and has no blank.")
    if len(set(names)) != len(names) or len(names) > MOST_TOKENS:
        _refuse("vocabulary", f"At most {MOST_TOKENS} tokens have names, each its own.")
    return names


def _whole_rows(
    name: str, given: object, width: int | None, most: int
) -> tuple[tuple[int, ...], ...]:
    """Rows of whole numbers from 0 to ``most``, all of one width."""
    shape = "rows of one length" if width is None else f"rows of {width} numbers, one a token"
    wanted = f"{name} are {shape}, of whole numbers from 0 to {most}"
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        _refuse(name, f"{wanted}, not {brief(given)}.")
    if len(given) > _MOST_CONTEXTS:
        _refuse(name, f"There are at most {_MOST_CONTEXTS:,} {name}, not {len(given):,}.")
    if not all(isinstance(row, Sequence) and not isinstance(row, str) for row in given):
        _refuse(name, f"{wanted}, not {brief(given)}.")
    rows = [[as_int(cell) for cell in row] for row in given]
    widths = {len(row) for row in rows}
    if len(widths) != 1 or not 1 <= min(widths) <= MOST_PLACES or width not in (None, *widths):
        _refuse(name, f"{wanted}, not {brief(given)}.")
    whole = tuple(tuple(cell for cell in row if cell is not None) for row in rows)
    if any(len(row) not in widths for row in whole) or not all(
        0 <= cell <= most for row in whole for cell in row
    ):
        _refuse(name, f"{wanted}, not {brief(given)}.")
    return whole
