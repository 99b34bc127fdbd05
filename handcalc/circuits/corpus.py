"""Zero layers: the best bigram table of a corpus, its entropy, and the width that it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, pairwise
from string import ascii_lowercase
from typing import TypeAlias

import sympy
from sympy.polys.matrices import DomainMatrix

from handcalc.circuits.log_sums import LogSum, components, log_rank, total
from handcalc.circuits.low_rank import LowRank, OnProgress, best_of_rank
from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.export import Exported, Plotted
from handcalc.inputs.arguments import read_number, read_whole
from handcalc.inputs.containers import as_int
from handcalc.numbers.exact import to_fraction, to_text
from handcalc.wording import brief, counted

LogTable: TypeAlias = tuple[tuple[LogSum, ...], ...]
Factor: TypeAlias = tuple[tuple["LogSum | Fraction", ...], ...]
Amount: TypeAlias = "int | Fraction"

_MOST_TOKENS = 200
_MOST_RANKED = 64
_MOST_LENGTH = 1_000_000
_MOST_LETTERS = 60  # of a word, which stands in rows and columns
_MOST_COUNT, _MOST_PART = 10**12, 10**9  # for sums of them are taken apart into primes


@dataclass(frozen=True, repr=False)
class Bigrams(Displayed, Exported, Plotted):
    """Counts N(x, y) of a corpus, the best table log(N + add), and what it costs.

    ``counts`` and ``table`` are (d_vocab, d_vocab), [current, next]; a row of the table counts up
    to a constant, and is None where a count is 0, which wants −∞. ``entropy`` is the infimum of the
    loss over all tables, and ``attained`` whether a table reaches it; ``loss`` is that of the table
    here. ``dimensions`` is the smallest d_model of a W_E W_U that is the table up to row constants:
    the rank of the row-centred table, at most V − 1; ``W_E`` and ``W_U`` are such factors, one of
    them of fractions, where there are any. These three are None without a table. Where ``asked``
    dimensions are not enough for it, ``found`` is the best table of so many that was found.
    """

    vocabulary: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    add: Fraction
    table: tuple[tuple[LogSum, ...] | None, ...]
    entropy: LogSum
    loss: LogSum | None
    dimensions: int | None
    W_E: Factor | None
    W_U: Factor | None
    asked: int | None = None
    found: LowRank | None = None

    @property
    def enough(self) -> bool | None:
        """Whether the dimensions asked for are enough; None without a best table, or unasked."""
        unknown = self.asked is None or self.dimensions is None
        return None if unknown else self.found is None

    @property
    def attained(self) -> bool:
        """Whether a table reaches the entropy: every row that occurs has every next token."""
        return all(all(row) for row in self.counts if any(row))

    @property
    def pairs(self) -> int:
        """The number of pairs of neighbours."""
        return sum(map(sum, self.counts))

    def arrays(self) -> dict[str, object]:
        """The counts, the entropy, W_E and W_U where there are any; W_E_found and W_U_found."""
        found = {"counts": self.counts, "entropy": self.entropy}
        if self.W_E and self.W_U:
            found |= {"W_E": self.W_E, "W_U": self.W_U}
        if self.found is not None:
            found |= {"W_E_found": self.found.W_E, "W_U_found": self.found.W_U}
        return found

    def __repr__(self) -> str:
        rows = "; ".join(" ".join(map(str, row)) for row in self.counts)
        size = "none" if self.dimensions is None else self.dimensions
        return abridged(f"<Bigrams {rows}: entropy {self.entropy.to_text()}, d_model {size}>")


def best_bigrams(
    corpus: object,
    add: object = 0,
    dimensions: object = None,
    *,
    on_progress: OnProgress | None = None,
) -> Bigrams:
    """T = log(N(x, y) + add), of least loss (1/N) Σ N(x, y)(log Σ_z e^T_xz − T_xy) for add = 0.

    Its loss is the entropy Σ (N(x, y)/N) log(N(x)/N(x, y)), attained where each row that occurs has
    full support. W_E W_U reaches it exactly where d_model is at least the rank of the row-centred
    table; d_model = V − 1 always suffices. With fewer ``dimensions`` there is no closed form, and
    the best table that a descent finds is told apart from what is proved.

    Args:
        corpus: A text without blanks, whose characters are the tokens; a text with blanks, whose
            words are; a list of tokens; or a table of counts [current, next], whole numbers.
        add: What is added to every count, a fraction ≥ 0.
        dimensions: d_model ≥ 1; where it is too small for the best table, the best of the counts
            with ``add`` is searched for.
        on_progress: Hears (done, total) of the descents.

    Returns:
        The counts under a sorted vocabulary, the table, the entropy, whether it is attained, the
        smallest d_model and factors of that width; and what was found in fewer dimensions.

    Raises:
        InputError: ``corpus`` for fewer than two tokens, or for too many; ``add``; ``counts``;
            ``undecided`` where the rank hangs on a relation of logarithms that nobody has settled;
            ``dimensions``, and ``missing_extra`` where a search needs numpy.

    Source: Elhage et al. 2021, "Zero-Layer Transformers"; the infimum, when it is attained and the
    width that it needs are derived here.

    Examples:
        >>> found = best_bigrams("aababacacacacbbbcbcca")
        >>> found.counts, found.dimensions
        (((1, 2, 4), (2, 2, 2), (4, 2, 1)), 1)
        >>> found.entropy
        <LogSum 3/10*log(3) + 7/10*log(7) - log(2)>
        >>> best_bigrams("abaabcbaccacbbaa", dimensions=1).found
        <LowRank: d_model 1, best found 1.0422329>
    """
    vocabulary, counts = _read_corpus(corpus)
    more = _read_add(add)
    asked = None if dimensions is None else _read_dimensions(dimensions)
    best = _best_table(vocabulary, counts, more)
    if asked is None or (best.dimensions is not None and asked >= best.dimensions):
        return replace(best, asked=asked)
    weights = [[count + more for count in row] for row in counts]
    found = best_of_rank(weights, log_table_loss(weights, weights), asked, on_progress)
    return replace(best, asked=asked, found=found)


def _best_table(
    vocabulary: tuple[str, ...], counts: tuple[tuple[int, ...], ...], more: Fraction
) -> Bigrams:
    """The best table of as many dimensions as it takes."""
    table = tuple(
        tuple(LogSum.log(count + more) for count in row) if all(row) or more else None
        for row in counts
    )
    entropy = log_table_loss(counts, counts)
    if any(row is None and any(seen) for row, seen in zip(table, counts, strict=True)):
        return Bigrams(vocabulary, counts, more, table, entropy, None, None, None, None)
    nothing = (LogSum(),) * len(vocabulary)  # for a token that nothing follows
    centred = tuple(nothing if row is None else centred_row(row) for row in table)
    loss = log_table_loss(counts, [[count + more for count in row] for row in counts])
    if len(vocabulary) > _MOST_RANKED:
        raise InputError(
            "corpus",
            f"The width that a table needs is worked out for at most {_MOST_RANKED} different "
            f"tokens, not {len(vocabulary)}.",
        )
    W_E, W_U, dimensions = _factors(centred)
    return Bigrams(vocabulary, counts, more, table, entropy, loss, dimensions, W_E, W_U)


# -- the corpus ------------------------------------------------------------------------------------


def _read_corpus(corpus: object) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """The vocabulary, sorted, and the counts of neighbours."""
    if isinstance(corpus, Sequence) and corpus and not isinstance(corpus[0], str):
        return _read_counts(corpus)
    if isinstance(corpus, str):
        words = corpus.split()
        tokens = list(words[0]) if len(words) == 1 else words
    elif isinstance(corpus, Sequence) and all(isinstance(each, str) for each in corpus):
        tokens = list(corpus)
    else:
        raise InputError("corpus", f"A corpus is a text or a list of tokens, not {brief(corpus)}.")
    vocabulary = tuple(sorted(set(tokens)))
    if len(tokens) < 2:
        found = counted(len(tokens), "token")
        raise InputError("corpus", f"A corpus has two tokens at least, such as abaab, not {found}.")
    hidden = next((token for token in vocabulary if not token.isprintable()), None)
    if hidden is not None:
        raise InputError("corpus", f"The token {brief(hidden)} does not show; take it out.")
    long = next((token for token in vocabulary if len(token) > _MOST_LETTERS), None)
    if long is not None:
        raise InputError(
            "corpus", f"A token has at most {_MOST_LETTERS} characters, not {len(long):,}."
        )
    if len(tokens) > _MOST_LENGTH or len(vocabulary) > _MOST_TOKENS:
        raise InputError(
            "corpus",
            f"A corpus has at most {counted(_MOST_LENGTH, 'token')}, {_MOST_TOKENS} of them "
            f"different, not {counted(len(tokens), 'token')}, {len(vocabulary)} of them different.",
        )
    pairs = Counter(pairwise(tokens))
    return vocabulary, tuple(tuple(pairs[x, y] for y in vocabulary) for x in vocabulary)


def _read_counts(table: Sequence[object]) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """Counts that were given, under letters."""
    rows = [list(row) if isinstance(row, Sequence) else [row] for row in table]
    size = len(rows)
    whole = [[as_int(cell) for cell in row] for row in rows]
    fit = [len(row) for row in rows] == [size] * size and size <= len(ascii_lowercase)
    if not fit or not all(cell is not None and cell >= 0 for row in whole for cell in row):
        raise InputError(
            "counts", "Counts are a square table of whole numbers ≥ 0, of 26 rows at most."
        )
    if any(cell and cell > _MOST_COUNT for row in whole for cell in row):
        raise InputError("counts", f"A count is at most {_MOST_COUNT:,}.")
    if not any(cell for row in whole for cell in row):
        raise InputError("counts", "At least one pair is counted.")
    return tuple(ascii_lowercase[:size]), tuple(tuple(cell or 0 for cell in row) for row in whole)


def _read_add(add: object) -> Fraction:
    number = read_number(add, "add")
    if not isinstance(number, sympy.Rational) or number < 0:
        raise InputError("add", f"What is added is a fraction ≥ 0, not {to_text(number)}.")
    if max(number.p, number.q) > _MOST_PART:
        most = f"the numbers of the fraction that is added are at most {_MOST_PART:,}"
        raise InputError("add", f"Logarithms are written by primes, so {most}.")
    return to_fraction(number)


def _read_dimensions(dimensions: object) -> int:
    found = read_whole(dimensions, "number of dimensions", "dimensions")
    if found < 1:
        raise InputError("dimensions", f"A table has 1 dimension at least, not {brief(found)}.")
    return found


# -- the loss and the width ------------------------------------------------------------------------


def log_table_loss(
    counts: Sequence[Sequence[Amount]], weights: Sequence[Sequence[Amount]]
) -> LogSum:
    """The loss of the table log w: (1/N) Σ N(x, y)(log Σ_z w_xz − log w_xy).

    Of w = N it is the entropy, which is never above that of another table.

    >>> log_table_loss([[3, 1]], [[1, 1]]), log_table_loss([[1, 1]], [[1, 1]])
    (<LogSum log(2)>, <LogSum log(2)>)
    """
    parts = [
        (LogSum.log(sum(row)) - LogSum.log(weight)) * count
        for seen, row in zip(counts, weights, strict=True)
        for count, weight in zip(seen, row, strict=True)
        if count
    ]
    return total(parts) * (1 / Fraction(sum(map(sum, counts))))


def centred_row(row: Sequence[LogSum]) -> tuple[LogSum, ...]:
    """A row with its mean taken away, which softmax does not see.

    >>> [each.to_text() for each in centred_row([LogSum.log(4), LogSum()])]
    ['log(2)', '-log(2)']
    """
    mean = total(row) * Fraction(1, len(row))
    return tuple(cell - mean for cell in row)


def _factors(rows: LogTable) -> tuple[Factor | None, Factor | None, int]:
    """W_E and W_U whose product is a row-centred table, and their width, its rank.

    One of them is of fractions where the rows, or the columns, span a space that fractions span.
    """
    width, found = log_rank(rows), _split(rows)
    if len(found[1]) == width:
        return (*found, width)
    turned = _split(tuple(zip(*rows, strict=True)))
    if len(turned[1]) == width:
        W_U, W_E = (tuple(zip(*each, strict=True)) for each in turned)
        return W_E, W_U, width
    return None, None, width


def _split(rows: LogTable) -> tuple[LogTable, tuple[tuple[Fraction, ...], ...]]:
    """Coordinates of the rows, and a basis of fractions of the space that they span."""
    cells = [[sympy.QQ(q.numerator, q.denominator) for q in row] for row in components(rows)]
    size = len(rows[0])
    if not cells:  # nothing but zeros
        return ((),) * len(rows), ()
    echelon, pivots = DomainMatrix(cells, (len(cells), size), sympy.QQ).rref()
    if len(pivots) == size - 1 and not any(total(row) for row in rows):
        # all rows of sum 0: neighbours' differences are the basis that reads best
        basis = tuple(
            tuple(Fraction((j == k) - (j == k + 1)) for j in range(size)) for k in range(size - 1)
        )
        return tuple(tuple(accumulate(row[:-1])) for row in rows), basis
    lines = echelon.to_list()[: len(pivots)]
    basis = tuple(tuple(Fraction(int(q.numerator), int(q.denominator)) for q in r) for r in lines)
    return tuple(tuple(row[k] for k in pivots) for row in rows), basis
