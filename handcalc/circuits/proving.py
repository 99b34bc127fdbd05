"""Proof by enumeration: a claim checked on every sequence up to a length, with exact decisions.

Sequences that begin alike share their positions, and only the last row of each is worked out, so
that thousands take seconds. Numbers are ordered by intervals where these part, else exactly.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import ClassVar

from flint import arb, ctx

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.exponential_sum import Value, minus, shown
from handcalc.circuits.positions import Number, Position, next_position
from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.inputs.arguments import read_whole
from handcalc.numbers.field import Element
from handcalc.wording import counted

MOST_SEQUENCES = 100_000
_MOST_TOKENS = 100  # in a sequence
_MOST_SHOWN = 10**15  # a larger number says no more

_BALL_BITS = 128  # of the intervals that order two numbers, unless they overlap


@dataclass(frozen=True, slots=True)
class Required:
    """What a claim asks of one sequence: the largest of ``best`` above all of ``rest``, and pairs.

    The lead, max(best) − max(rest), must be positive, and both numbers of each pair in ``equal``
    the same.
    """

    best: Sequence[Value] = ()
    rest: Sequence[Value] = ()
    equal: Sequence[tuple[Value, Value]] = ()


@dataclass(frozen=True)
class SequenceClaim(ABC):
    """A claim about what a model does at the last token of every sequence that it concerns.

    Sequences are made of the tokens in ``alphabet``, by default of all that are not in ``before``,
    which stands in front of each, as a token of beginning does; lengths do not count it.
    ``sentence`` says the claim in words, by default in those of its kind.
    """

    model: AttentionOnly
    sentence: str = ""
    alphabet: tuple[str, ...] = ()
    before: tuple[str, ...] = field(default=(), kw_only=True)

    usual_sentence: ClassVar[str] = ""

    def __post_init__(self) -> None:
        all_others = tuple(name for name in self.model.vocabulary if name not in self.before)
        object.__setattr__(self, "sentence", self.sentence or self.usual_sentence)
        object.__setattr__(self, "alphabet", self.alphabet or all_others)

    @abstractmethod
    def concerns(self, tokens: tuple[str, ...]) -> bool:
        """Whether the claim says something of this sequence."""

    @abstractmethod
    def required(self, tokens: tuple[str, ...], at: Position) -> Iterable[Required]:
        """What it says, in the numbers of the last position."""

    @property
    def room(self) -> int | None:
        """The longest sequence that the model has positions for; None where it needs none."""
        positions = self.model.W_pos
        return None if positions is None else len(positions) - len(self.before)

    @property
    def longest(self) -> int | None:
        """The longest sequence that the claim concerns; None for sequences of any length."""
        return None

    def prove(
        self,
        up_to: object = 6,
        most: int = MOST_SEQUENCES,
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Enumeration:
        """Check every sequence with at most ``up_to`` tokens, exactly.

        ``on_progress`` is called with how many are checked, and how many there may be.

        Errors: ``too_many`` for more than ``most`` sequences, ``too_long`` where the model has no
        position for so many tokens, ``undecided``.
        """
        return prove(self, up_to, most, on_progress)

    def holds_at(self, tokens: object) -> bool | None:
        """Whether it holds for one sequence; None where it says nothing of it.

        Errors: ``token``, ``too_long``, ``undecided``.
        """
        sequence = tuple(self.model.vocabulary[k] for k in self.model.read_tokens(tokens))
        if not self.concerns(sequence):
            return None
        return _holds(self, sequence, last_position(self, sequence))

    def __repr__(self) -> str:
        return abridged(f"<{type(self).__name__}: {self.sentence}>")


@dataclass(frozen=True, slots=True)
class LengthCount:
    """The sequences of one length that a claim concerns, the failures among them, and the margin.

    ``margin`` is the smallest lead and ``worst`` the first sequence that has it; None for a claim
    of equalities alone, or where no sequence is concerned.
    """

    length: int
    sequences: int
    failures: int
    margin: Number | None
    worst: tuple[str, ...] | None


@dataclass(frozen=True, repr=False)
class Enumeration(Displayed):
    """A claim on all sequences up to a length: how many it concerns, and how many break it.

    ``margin`` is the smallest lead over all of them, and ``worst`` the first sequence that has it;
    ``counterexample`` is the first sequence that breaks the claim, None if it is proved.
    ``lengths`` has the same for each length alone.
    """

    claim: SequenceClaim
    up_to: int
    sequences: int
    failures: int
    margin: Number | None
    worst: tuple[str, ...] | None
    counterexample: tuple[str, ...] | None
    lengths: tuple[LengthCount, ...]

    @property
    def holds(self) -> bool:
        """Whether no sequence breaks the claim."""
        return not self.failures

    @property
    def lengths_met(self) -> str:
        """How long the sequences that it concerns are: "up to 4 tokens", or the one length."""
        met = [each.length for each in self.lengths if each.sequences]
        if len(met) == 1:
            return counted(met[0], "token")
        return f"up to {counted(self.up_to, 'token')}"

    def __repr__(self) -> str:
        count = f"{self.sequences} sequences up to length {self.up_to}, {self.failures} failures"
        margin = "" if self.margin is None else f", margin about {float(self.margin):.6g}"
        return f"<Enumeration: {count}{margin}>"


def prove(
    claim: SequenceClaim,
    up_to: object,
    most: int = MOST_SEQUENCES,
    on_progress: Callable[[int, int], None] | None = None,
) -> Enumeration:
    """A claim on every sequence of 1 to ``up_to`` tokens of its alphabet.

    Errors: ``length``, ``too_long``, ``too_many``, ``undecided``.
    """
    length = read_length(claim, up_to, most)
    tallies = [_Tally() for _ in range(length)]
    count = _count_up_to(claim, length)
    found = _sequences(claim, min(length, claim.longest or length))
    for done, (tokens, positions) in enumerate(found, 1):
        tallies[len(tokens) - 1].add(tokens, claim.required(tokens, positions[-1]))
        if on_progress is not None:
            on_progress(done, count)
    lengths = tuple(
        LengthCount(k, tally.sequences, tally.failures, tally.margin, tally.worst)
        for k, tally in enumerate(tallies, 1)
    )
    total = _Tally()
    for tally in tallies:
        total.merge(tally)
    return Enumeration(
        claim,
        length,
        total.sequences,
        total.failures,
        total.margin,
        total.worst,
        total.counterexample,
        lengths,
    )


def holds(claim: SequenceClaim, up_to: int) -> bool:
    """Whether a claim holds on every sequence of up to so many tokens; it ends at the first miss.

    Errors: ``length``, ``too_long``, ``too_many``, ``undecided``.

    >>> from handcalc.circuits.gallery.listing import circuit
    >>> holds(circuit("induction-compact").claim, 3)
    True
    """
    length = read_length(claim, up_to)
    found = _sequences(claim, min(length, claim.longest or length))
    return all(_holds(claim, tokens, positions[-1]) for tokens, positions in found)


def last_position(claim: SequenceClaim, tokens: Sequence[str]) -> Position:
    """What the model does at the last of these tokens, behind those that stand in front of each."""
    positions: list[Position] = []
    for token in claim.model.read_tokens([*claim.before, *tokens]):
        positions.append(next_position(claim.model, positions, token))
    return positions[-1]


def _holds(claim: SequenceClaim, tokens: tuple[str, ...], at: Position) -> bool:
    tally = _Tally()
    tally.add(tokens, claim.required(tokens, at))
    return not tally.failures


# -- every sequence --------------------------------------------------------------------------------


def _sequences(
    claim: SequenceClaim, length: int
) -> Iterator[tuple[tuple[str, ...], list[Position]]]:
    """Each sequence that is concerned, with its positions; a beginning is worked out once."""
    model = claim.model
    names = {name: model.read_tokens([name])[0] for name in claim.alphabet}
    start: list[Position] = []
    for token in model.read_tokens(claim.before) if claim.before else ():
        start.append(next_position(model, start, token))

    def following(
        tokens: tuple[str, ...], before: list[Position]
    ) -> Iterator[tuple[tuple[str, ...], list[Position]]]:
        for name, place in names.items():
            sequence = (*tokens, name)
            is_concerned = claim.concerns(sequence)
            if not is_concerned and len(sequence) == length:
                continue  # nothing follows it, and nothing is said of it
            positions = [*before, next_position(model, before, place)]
            if is_concerned:
                yield sequence, positions
            if len(sequence) < length:
                yield from following(sequence, positions)

    yield from following((), start)


def read_length(claim: SequenceClaim, up_to: object, most: int = MOST_SEQUENCES) -> int:
    """A length that the model has positions for, and that does not take too long.

    Errors: ``length``, ``too_long``, ``too_many``.
    """
    length = read_whole(up_to, "length", "length")
    if length < 1:
        raise InputError("length", f"Sequences have at least one token, not {length}.")
    room = claim.room
    if room is not None and length > room:
        # what is suggested is taken, so that it does not have too many sequences either
        shorter = _longest_within(claim, min(room, _MOST_TOKENS), most)
        raise InputError(
            "too_long",
            f"The model has positions for sequences of {room} tokens, not {length}: prove up to "
            f"{shorter}, or make the model with more positions.",
            suggestion=str(shorter),
        )
    if length > _MOST_TOKENS:
        raise InputError(
            "too_long",
            f"Sequences have {_MOST_TOKENS} tokens at most, not {length}.",
            suggestion=str(_longest_within(claim, _MOST_TOKENS, most)),
        )
    count = _count_up_to(claim, length)
    if count > most:
        number = f"{count:,}" if count < _MOST_SHOWN else f"more than {_MOST_SHOWN:,}"
        shorter, size = _longest_within(claim, length, most), len(claim.alphabet)
        raise InputError(
            "too_many",
            f"There are {number} sequences of up to {length} tokens out of {size}, "
            f"{_duration(claim, length, count)}: prove up to {shorter} "
            f"({_count_up_to(claim, shorter):,} sequences), or pass most={count}.",
            suggestion=str(shorter),
        )
    return length


def _count_up_to(claim: SequenceClaim, length: int) -> int:
    """The sequences of at most so many tokens, as far as the claim may concern them."""
    size = len(claim.alphabet)
    return sum(size**k for k in range(1, min(length, claim.longest or length) + 1))


def _longest_within(claim: SequenceClaim, room: int, most: int) -> int:
    """The longest length up to ``room`` that has at most ``most`` sequences."""
    return max((k for k in range(1, room + 1) if _count_up_to(claim, k) <= most), default=1)


def _duration(claim: SequenceClaim, length: int, count: int) -> str:
    """How long all would take, by one sequence of the length, or of the first twelve tokens."""
    tokens = claim.model.read_tokens(claim.before) if claim.before else ()
    first = [claim.model.read_tokens([name])[0] for name in claim.alphabet]
    sample = [*tokens, *(first[k % len(first)] for k in range(min(length, 12)))]
    start, positions = perf_counter(), list[Position]()
    for token in sample:
        positions.append(next_position(claim.model, positions, token))
    seconds = count * (perf_counter() - start) / len(sample)
    if seconds < 90:
        return f"about {max(round(seconds), 1)} seconds of work"
    units = (("minutes", 60.0), ("hours", 3600.0), ("days", 86_400.0), ("years", 31_557_600.0))
    fitting = [(name, each) for name, each in units if seconds >= each]
    name, each = fitting[-1]
    return f"about {seconds / each:,.0f} {name} of work"


# -- counting and ordering -------------------------------------------------------------------------


class _Tally:
    """What was met so far; the smallest lead is kept as the two numbers that it is between."""

    def __init__(self) -> None:
        self.sequences = self.failures = 0
        self.counterexample: tuple[str, ...] | None = None
        self.worst: tuple[str, ...] | None = None
        self._lead: tuple[Value, Value] | None = None

    @property
    def margin(self) -> Number | None:
        return None if self._lead is None else shown(minus(*self._lead))

    def add(self, tokens: tuple[str, ...], required: Iterable[Required]) -> None:
        self.sequences += 1
        is_right = True
        for each in required:
            is_right &= all(_compare(a, b) == 0 for a, b in each.equal)
            if each.best and each.rest:
                lead = (_greatest(each.best), _greatest(each.rest))
                is_right &= _compare(*lead) > 0
                self._meet(lead, tokens)
        if not is_right:
            self.failures += 1
            self.counterexample = self.counterexample or tokens

    def merge(self, other: _Tally) -> None:
        self.sequences += other.sequences
        self.failures += other.failures
        self.counterexample = self.counterexample or other.counterexample
        if other._lead is not None and other.worst is not None:
            self._meet(other._lead, other.worst)

    def _meet(self, lead: tuple[Value, Value], tokens: tuple[str, ...]) -> None:
        if self._lead is None or _is_smaller(lead, self._lead):
            self._lead, self.worst = lead, tokens


def _greatest(values: Sequence[Value]) -> Value:
    best = values[0]
    for value in values[1:]:
        best = value if _compare(value, best) > 0 else best
    return best


def _compare(a: Value, b: Value) -> int:
    """−1, 0 or 1 as a is less than, equal to or more than b."""
    if not isinstance(a, Element) or not isinstance(b, Element):
        with ctx.workprec(_BALL_BITS):
            gap = a.ball() - b.ball()
        found = _sign_of(gap)
        if found:
            return found
    return minus(a, b).sign()


def _is_smaller(lead: tuple[Value, Value], than: tuple[Value, Value]) -> bool:
    """Whether the gap of the first pair is the smaller one."""
    if not all(isinstance(value, Element) for value in (*lead, *than)):
        with ctx.workprec(_BALL_BITS):
            gap = lead[0].ball() - lead[1].ball() - (than[0].ball() - than[1].ball())
        if found := _sign_of(gap):
            return found < 0
    return minus(minus(*lead), minus(*than)).sign() < 0


def _sign_of(gap: arb) -> int:
    """The sign of a number in an interval, 0 where the interval does not tell."""
    return 1 if gap > 0 else -1 if gap < 0 else 0
