"""What a source token does to the logits at each destination, and the rank of that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from handcalc.circuits.attention_only import AttentionOnly, check_model
from handcalc.circuits.exponential_sum import Value, minus, shown, times
from handcalc.circuits.positions import Number, Rows, logits
from handcalc.circuits.run import causal_pass
from handcalc.circuits.softmax import Row
from handcalc.circuits.tables import chosen
from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.wording import brief


@dataclass(frozen=True, repr=False)
class SourceEffect(Displayed):
    """E(b, c): what a source changes in the logit of c at destination b, against a rest token.

    ``effects`` has a row for each destination and a column for each output; ``rank`` is its rank.
    With one head, and OV rows of 0 for every other token, E(b, c) = A(b → a)·OV[a, c] has rank 1 at
    most: both wanted effects positive force both cross effects positive. With H heads it is ≤ H.
    """

    source: str
    rest: str
    before: tuple[str, ...]
    destinations: tuple[str, ...]
    outputs: tuple[str, ...]
    effects: Rows
    rank: int

    def effect(self, destination: str, output: str) -> Number:
        """One of the effects. Errors: ``token``."""
        for names, token in ((self.destinations, destination), (self.outputs, output)):
            if token not in names:
                raise InputError("token", f"{brief(token)} is not among {' '.join(names)}.")
        return self.effects[self.destinations.index(destination)][self.outputs.index(output)]

    def __repr__(self) -> str:
        where = " ".join((*self.before, self.source))
        rows = ", ".join(self.destinations)
        return abridged(
            f"<SourceEffect {where} … {rows} → {', '.join(self.outputs)}: rank {self.rank}>"
        )


def source_effect(
    model: AttentionOnly,
    source: str,
    destinations: object,
    outputs: object,
    rest: str = "<s>",
    before: object = (),
) -> SourceEffect:
    """E_a(b, c) = L(before a b)_c − L(before rest b)_c, the logits at b, and the rank of E.

    Args:
        model: An attention-only model.
        source: The token a whose effect is asked for.
        destinations: The tokens b that come after it, as a text or a list.
        outputs: The tokens c whose logits are looked at.
        rest: The token that stands in the source's place for comparison; one whose OV row is 0
            writes nothing.
        before: Tokens in front, such as "<s>"; none by default.

    Returns:
        The effects, exactly, with their rank. The direct path cancels in them.

    Raises:
        InputError: ``token``, ``too_long``; ``undecided`` where the rank hangs on it.

    Source: Elhage et al. 2021, "Skip-Trigram Bugs"; attention as a competition: Shlegeris 2023.

    Examples:
        >>> from handcalc.circuits.head import Head
        >>> keep = Head.of_circuits("0 0 0; 0 0 0; 0 1 0", "0 0 0; 0 0 4; 0 0 0")
        >>> names = "<s> keep in"
        >>> model = AttentionOnly([[1, 0, 0], [0, 1, 0], [0, 0, 1]], "1 0 0; 0 1 0; 0 0 1",
        ...     [[keep]], vocabulary=names)
        >>> source_effect(model, "keep", "in", "in", before="<s>").effects
        ((2,),)
    """
    check_model(model)
    front = model.read_tokens(before) if before else ()
    a, quiet = model.read_tokens([source, rest])
    places, columns = chosen(model, destinations), chosen(model, outputs)
    effects: list[list[Value]] = []
    for b in places:
        with_source = _last_logits(model, [*front, a, b])
        without = _last_logits(model, [*front, quiet, b])
        effects.append([minus(with_source[c], without[c]) for c in columns])
    names = model.vocabulary
    return SourceEffect(
        names[a],
        names[quiet],
        tuple(names[k] for k in front),
        tuple(names[k] for k in places),
        tuple(names[k] for k in columns),
        tuple(tuple(map(shown, row)) for row in effects),
        value_rank(effects),
    )


def value_rank(rows: Sequence[Sequence[Value]]) -> int:
    """How many rows are independent, for sums of exponentials too. Errors: ``undecided``.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> two = one + one
    >>> value_rank([[one, two], [two, two + two]])
    1
    """
    left, found = [list(row) for row in rows], 0
    while left and left[0]:
        pivot = next((k for k, row in enumerate(left) if row[0].sign() != 0), None)
        if pivot is None:
            left = [row[1:] for row in left]
            continue
        top = left.pop(pivot)
        found += 1
        # without fractions, so that sums of exponentials stay as short as they can
        left = [
            [minus(times(top[0], cell), times(row[0], above)) for cell, above in _pairs(row, top)]
            for row in left
        ]
    return found


def _pairs(row: Sequence[Value], top: Sequence[Value]) -> Iterable[tuple[Value, Value]]:
    return zip(row[1:], top[1:], strict=True)


def _last_logits(model: AttentionOnly, tokens: Sequence[int]) -> Row:
    if model.W_pos is not None:
        model.read_tokens(tokens)  # which refuses a sentence that is too long
    return logits(model, causal_pass(model, tokens)[-1])
