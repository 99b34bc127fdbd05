"""Trained attention-only models beside what is exact: entropies, prices, and named circuits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import sqrt

import torch

from handcalc.circuits.corpus import Bigrams, best_bigrams, centred_row
from handcalc.circuits.log_sums import LogSum
from handcalc.circuits.skip_trigram_bug import bug_price
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import Tabular
from handcalc.wording import counted
from torchsim.attention.data import Contexts, Repeats
from torchsim.attention.model import run_model
from torchsim.attention.run import AttentionRun, TrainedAttention
from torchsim.attention.specification import AttentionSpec
from torchsim.comparison.circuit_parts import CircuitMatch, circuit_matches
from torchsim.comparison.heads import (
    HeadMeasures,
    Measure,
    PairMeasures,
    best_weights,
    measure_heads,
    measure_pairs,
)
from torchsim.comparison.numbered import Numbered

_MOST_RANKED = 26  # tokens of a table whose width is worked out
_MOST_SOUGHT = 900  # V²·d_model of a best table that is searched for: a second or two of work


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AttentionCompared(Displayed):
    """The best restart of one configuration, beside what is exact.

    ``restart`` counts from 0, heads from 1. ``least`` is an infimum of the loss: the entropy of
    ``Contexts``, which no table is below, or what zero layers can do at best on sequences; None
    elsewhere. ``price`` is the least loss of one head in the skip-trigram bug, where the data are
    its contexts, and ``pays`` whether the proof holds for this model: one head that sees neither
    its own place nor positions. ``table_gap`` is the largest difference of a centred logit from its
    centred log count, over contexts that have every next token. ``counts``, of zero layers, is what
    is known of the best table, and of the best one of their width, which is searched for
    where that is quick. ``induction`` and ``previous`` are each head's scores on the data's own
    sequences; ``heads`` and ``pairs`` are judged on random ones, and so are ``matches``, the named
    circuits, the nearest first.
    """

    model: AttentionSpec
    restart: int
    loss: float
    standard_error: float
    right: float
    least: LogSum | None
    price: LogSum | None
    pays: bool
    table_gap: float | None
    counts: Bigrams | None
    induction: tuple[Measure, ...]
    previous: tuple[Measure, ...]
    heads: tuple[HeadMeasures, ...]
    pairs: tuple[PairMeasures, ...]
    matches: tuple[CircuitMatch, ...]

    @property
    def gap_percent(self) -> float | None:
        """100·(loss − least)/least, None where no least is known."""
        return None if self.least is None else percent_above(self.loss, self.least.to_float())

    @property
    def nearest(self) -> CircuitMatch | None:
        """The nearest named circuit, if one is near."""
        return next((match for match in self.matches if match.is_near), None)

    @property
    def baseline(self) -> float:
        """1/√d_model, the root mean square of composition scores at random orientations."""
        return 1 / sqrt(self.model.d_model)

    def __repr__(self) -> str:
        near = ", no named circuit is near" if self.matches else ""
        near = near if self.nearest is None else f", near {self.nearest.name}"
        return f"<AttentionCompared: {self.model.in_short}, loss {self.loss:.6g}{near}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AttentionComparison(Numbered, Displayed, Tabular):
    """Every model of a run, in the order of its specification, but those that ``failed``."""

    models: tuple[AttentionCompared, ...]
    failed: Mapping[int, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        near = [each.nearest.name for each in self.models if each.nearest is not None]
        said = f", near {', '.join(near)}" if near else ""
        return f"<AttentionComparison: {counted(len(self.models), 'model')}{said}>"

    def columns(self) -> dict[str, Sequence[object]]:
        """A row for each model: its loss beside the exact ones, and the nearest named circuit."""
        models = self.models
        return {
            "model": self.numbers,
            "layers": [each.model.layers for each in models],
            "heads": [each.model.heads for each in models],
            "d_model": [each.model.d_model for each in models],
            "loss": [each.loss for each in models],
            "least": [_float(each.least) for each in models],
            "price": [_float(each.price) for each in models],
            "table_gap": [each.table_gap for each in models],
            "nearest": [None if each.nearest is None else each.nearest.name for each in models],
            "nearness": [each.matches[0].nearness if each.matches else None for each in models],
        }


def compare_attention(run: AttentionRun) -> AttentionComparison:
    """For each model of a run, of its restarts the best, all that ``AttentionCompared`` holds.

    >>> from torchsim.attention.specification import AttentionTraining
    >>> from torchsim.attention.training import train
    >>> coin = Contexts.bigrams([[3, 1], [1, 1]])
    >>> spec = AttentionSpec(coin, layers=0, d_model=1, steps=300, rate=0.05, positions=False)
    >>> (found,) = compare_attention(train(AttentionTraining((spec,), restarts=2))).models
    >>> found.least.to_text(), round(abs(found.gap_percent), 2), found.counts.dimensions
    ('5/3*log(2) - 1/2*log(3)', 0.0, 1)
    """
    return AttentionComparison(tuple(map(_compared, run.trained)))


def _compared(trained: TrainedAttention) -> AttentionCompared:
    model, k = trained.model, trained.best
    heads = measure_heads(trained) if model.is_scored else ()
    pairs = measure_pairs(trained)
    return AttentionCompared(
        model=model,
        restart=k,
        loss=float(trained.loss[k]),
        standard_error=float(trained.standard_error[k]),
        right=float(trained.right[k]),
        least=_least(model),
        price=bug_price().price if is_bug(model.data) else None,
        pays=pays_for_bug(model),
        table_gap=_table_gap(trained),
        counts=_counts(model),
        induction=_own(trained, "induction"),
        previous=_own(trained, "previous"),
        heads=heads,
        pairs=pairs,
        matches=circuit_matches(heads, pairs) if heads else (),
    )


def _own(trained: TrainedAttention, name: str) -> tuple[Measure, ...]:
    """The scores of the heads on the data's own sequences."""
    if trained.scores is None:
        return ()
    chance = getattr(trained.scores, f"{name}_chance")
    values = getattr(trained.scores, name)[trained.best].flatten().tolist()
    return tuple(Measure(value, chance) for value in values)


# -- exact losses ----------------------------------------------------------------------------------


def _least(model: AttentionSpec) -> LogSum | None:
    """An infimum of the loss, where one is known.

    Without layers nothing is known of a sequence but its last token: in a chain every next token is
    as likely, in repeats with more than one token every other one. Where one token alone may be
    repeated, it is likelier to come again, and how much depends on what the model knows of places.
    """
    data = model.data
    if isinstance(data, Contexts):
        return data.entropy
    if model.layers:
        return None
    if isinstance(data, Repeats):
        return LogSum.log(data.d_vocab - 1) if data.shortest > 1 else None
    return LogSum.log(data.d_vocab)


def is_bug(data: object) -> bool:
    """Whether these are the contexts of the skip-trigram bug, whatever the tokens are called.

    Two destinations behind a source that makes each certain, and behind no source a coin between
    the same two tokens, all four as frequent. Beside the source and in its place stands one token
    alone, at which a head can look instead: with another it could tell the destinations apart, and
    with none it would lose more.

    >>> is_bug(Contexts.bigrams([[1, 1], [1, 1]]))
    False
    """
    if not isinstance(data, Contexts) or len(data.contexts) != 4 or data.n_ctx < 2:
        return False
    rows = [{k: n for k, n in enumerate(row) if n} for row in data.counts]
    seen = list(zip(data.contexts, rows, strict=True))
    sure = [(context, next(iter(row))) for context, row in seen if len(row) == 1]
    coins = [(context, row) for context, row in seen if len(row) == 2]
    if len(sure) != 2 or len({sum(row.values()) for row in rows}) != 1:
        return False
    fronts, rests = ({context[:-1] for context, _ in each} for each in (sure, coins))
    ends = {context[-1] for context, _ in sure}
    outcomes = {token for _, token in sure}
    return (
        _has_one_source(fronts, rests)
        and len(ends) == len(outcomes) == 2
        and ends == {context[-1] for context, _ in coins}
        and all(set(row) == outcomes and len(set(row.values())) == 1 for _, row in coins)
    )


def _has_one_source(fronts: set[tuple[int, ...]], rests: set[tuple[int, ...]]) -> bool:
    """Whether there is one of each: a token that rests alone, and the same with another beside."""
    if len(fronts) != 1 or len(rests) != 1:
        return False
    (front,), (rest,) = (map(set, each) for each in (fronts, rests))
    return len(rest) == 1 and len(front) == 2 and rest < front


def pays_for_bug(model: AttentionSpec) -> bool:
    """Whether the price is proved for a model: one head that sees no place of its own."""
    one_head = (model.layers, model.heads) == (1, 1)
    return one_head and not model.self_attention and not model.positions and is_bug(model.data)


# -- the table -------------------------------------------------------------------------------------


@torch.no_grad()
def _table_gap(trained: TrainedAttention) -> float | None:
    """The largest |centred logit − centred log count| over contexts with every next token."""
    data = trained.model.data
    if not isinstance(data, Contexts):
        return None
    full = [k for k, row in enumerate(data.counts) if all(row)]
    if not full:
        return None
    tokens = torch.tensor([data.contexts[k] for k in full])[None]
    logits, _ = run_model(trained.model, best_weights(trained), tokens)
    last = logits[0, :, -1]
    wanted = torch.tensor([centred_log_counts(data.counts[k]) for k in full], dtype=torch.float64)
    return float((last - last.mean(-1, keepdim=True) - wanted).abs().max())


@cache
def centred_log_counts(counts: tuple[int, ...]) -> tuple[float, ...]:
    """log N less the mean of its row, exact until it is a float.

    >>> [round(each, 4) for each in centred_log_counts((4, 1))]
    [0.6931, -0.6931]
    """
    return tuple(each.to_float() for each in centred_row([LogSum.log(count) for count in counts]))


def _counts(model: AttentionSpec) -> Bigrams | None:
    """What is known of a zero-layer model's table, where there is a row for each token."""
    data = model.data
    if model.layers or not isinstance(data, Contexts) or data.d_vocab > _MOST_RANKED:
        return None
    if data.contexts != tuple((k,) for k in range(data.d_vocab)):
        return None
    return _best_bigrams(data.counts, model.d_model)


@cache
def _best_bigrams(counts: tuple[tuple[int, ...], ...], dimensions: int) -> Bigrams | None:
    """The best table, and the best one of a width where it takes no time to search for it."""
    try:
        best = best_bigrams(counts)
    except InputError:  # counts too large for a formula, or a rank that nobody has settled
        return None
    is_enough = best.dimensions is not None and dimensions >= best.dimensions
    is_quick = len(counts) ** 2 * dimensions <= _MOST_SOUGHT
    return best_bigrams(counts, dimensions=dimensions) if is_quick and not is_enough else best


def percent_above(loss: float, other: float) -> float:
    """100·(loss − other)/other; of nothing, 100·loss.

    >>> percent_above(1.5, 1.0), percent_above(0.5, 0.0)
    (50.0, 50.0)
    """
    return 100 * (loss - other) / other if other else 100 * loss


def _float(value: LogSum | None) -> float | None:
    return None if value is None else value.to_float()
