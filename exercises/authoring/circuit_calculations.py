"""The calculations with attention that a table ``[engine]`` can name.

A model stands in ``[engine.model]``, or is the named circuit that ``circuit`` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import sympy

from exercises.authoring.calculation import TaggedCalculation, compare, pick
from exercises.tables import Count, TableError, Text, Texts
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.composition import composition, reach
from handcalc.circuits.copying import copying
from handcalc.circuits.corpus import best_bigrams
from handcalc.circuits.gallery.listing import circuit
from handcalc.circuits.head import Head
from handcalc.circuits.log_sums import LogSum
from handcalc.circuits.paths import count_paths, path_expansion
from handcalc.circuits.positions import Number
from handcalc.circuits.reading import model_of
from handcalc.circuits.run import run_circuit
from handcalc.circuits.skip_trigram_bug import cross_effects
from handcalc.circuits.softmax import Softmax
from handcalc.circuits.tables import source_effect
from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix, Vector, read_matrix, read_whole
from handcalc.numbers.exact import equal, exact, sign, to_fraction
from handcalc.parsing import parse_scalar, parse_vector
from handcalc.wording import brief

_LOUDEST = 30  # the largest weight that is tried
_WIDEST = 256  # dimensions of matrices that are filled up with zeros


class _OfCircuit(TaggedCalculation, kw_only=True):
    """A calculation with a model of attention alone."""

    model: dict[str, Any] | None = None
    circuit: Text | None = None

    @property
    def transformer(self) -> AttentionOnly:
        if (self.model is None) == (self.circuit is None):
            raise TableError("missing_key", "model", 'give either "model" or "circuit".')
        if self.model is None:
            return circuit(self.circuit or "").model
        try:
            return model_of(self.model)
        except InputError as error:
            raise TableError("unreadable", "model", error.message) from error


class _Run(_OfCircuit, kw_only=True, tag="circuit"):
    """At one place of a sentence, counted from 1: the row after a layer, the logits or weights."""

    tokens: Text
    what: Literal["residual", "logits", "probabilities", "weights"]
    place: Count | None = None
    layer: Count | None = None
    head: Count = 1
    entries: Text | None = None

    def disagreement(self, value: Vector) -> str | None:
        run = run_circuit(self.transformer, self.tokens)
        layers, names = len(run.model.layers), run.tokens
        layer, place = self.layer or layers, self.place or len(names)
        if place > len(names) or layer > layers:
            said = f"there are {len(names)} places and {layers} layers."
            raise TableError("wrong_value", "place" if place > len(names) else "layer", said)
        if self.what == "weights":
            run.model.head(layer, self.head)  # which says whether there is such a head
        rows = {
            "residual": lambda: run.residual[layer],
            "logits": lambda: run.logits,
            "probabilities": lambda: run.probabilities,
            "weights": lambda: run.pattern[layer - 1][self.head - 1],
        }[self.what]()
        return compare(pick(_numbers(rows[place - 1]), "entries", self.entries), value)


class _SourceEffect(_OfCircuit, kw_only=True, tag="source-effect"):
    """What a source does to outputs at destinations, against a token at rest in its place."""

    source: Text
    destinations: Text
    outputs: Text
    rest: Text = "<s>"
    before: Text | None = None
    entries: Text | None = None

    def disagreement(self, value: Vector) -> str | None:
        asked = self.source, self.destinations, self.outputs, self.rest, self.before or ()
        rows = source_effect(self.transformer, *asked).effects
        found = _numbers([effect for row in rows for effect in row])
        return compare(pick(found, "entries", self.entries), value)


class _VirtualPattern(_OfCircuit, kw_only=True, tag="virtual-pattern"):
    """A²A¹ of two heads, the first of layers 1 and 2: the weights of one place."""

    tokens: Text
    place: Count

    def disagreement(self, value: Vector) -> str | None:
        terms = path_expansion(self.transformer, self.tokens).terms
        pattern = next((t.pattern for t in terms if t.heads == ((1, 1), (2, 1))), None)
        if pattern is None or self.place > len(pattern):
            raise TableError("wrong_value", "place", "there is no such place, or no second layer.")
        return compare(_numbers(pattern[self.place - 1]), value)


class _LeastWeight(TaggedCalculation, kw_only=True, tag="least-weight"):
    """For each sentence the least whole strength of a named circuit that overrules its last token.

    The strengths below leave that token the largest logit, alone or beside others.
    """

    circuit: Text
    sentences: Texts

    def disagreement(self, value: Vector) -> str | None:
        return compare(tuple(sympy.Integer(self._least(each)) for each in self.sentences), value)

    def _least(self, sentence: str) -> int:
        for strength in range(1, _LOUDEST + 1):
            run = run_circuit(circuit(self.circuit, strength=strength).model, sentence)
            if run.tokens[-1] not in run.predictions[-1]:
                return strength
        said = f"no strength up to {_LOUDEST} overrules the last token of {sentence}."
        raise TableError("wrong_value", "sentences", said)


class _Softmax(TaggedCalculation, kw_only=True, tag="softmax"):
    """Weights of ``scores``, by "base 2" or another softmax; or those of logits log a, base e."""

    scores: Text | None = None
    softmax: Text | None = None
    logs: Text | None = None

    def disagreement(self, value: Vector) -> str | None:
        if self.logs is not None and self.scores is None and self.softmax is None:
            return self._of_logs(parse_vector(self.logs), value)
        if self.logs is not None or self.scores is None or self.softmax is None:
            raise TableError("missing_key", "scores", 'give "scores" and "softmax", or "logs".')
        return compare(_numbers(Softmax.of(self.softmax).of_scores(self.scores)), value)

    def _of_logs(self, powers: Vector, value: Vector) -> str | None:
        """Probabilities of these logits add up to 1, and their logarithms differ as the logits."""
        if min(map(sign, powers)) <= 0:
            raise TableError("wrong_value", "logs", "a logarithm is that of a positive number.")
        if len(value) != len(powers) or min(map(sign, value)) <= 0:
            return f"the engine gives {len(powers)} positive numbers"
        logits, found = (
            [LogSum.log(to_fraction(number)) for number in numbers] for numbers in (powers, value)
        )
        if not equal(sympy.Add(*value), 1):
            return "the engine gives numbers that add up to 1"
        pairs = zip(found, logits, strict=True)
        same = all(p - found[0] == s - logits[0] for p, s in pairs)
        return None if same else "the engine gives logarithms whose differences are the logits'"


class _SmallestDimensions(TaggedCalculation, kw_only=True, tag="smallest-dimensions"):
    """The least d_model of W_E W_U whose softmax is the shares of these counts."""

    counts: Text

    def disagreement(self, value: Vector) -> str | None:
        found = best_bigrams(read_matrix(self.counts, "counts")).dimensions
        if found is None:
            raise TableError("wrong_value", "counts", "a pair that never comes has no logarithm.")
        return compare((sympy.Integer(found),), value)


class _Line(TaggedCalculation, kw_only=True, tag="line"):
    """How many tokens of W_U can be ahead of all others; and the largest probability of one.

    It is ``token``, counted from 1, at the residual ``x``: there the mean of all columns, by their
    probabilities, is its own. log p is concave in x, so that no other x gives it more.
    """

    W_U: Text
    softmax: Text
    token: Count
    x: Text

    def disagreement(self, value: Vector) -> str | None:
        columns = tuple(zip(*read_matrix(self.W_U, "W_U"), strict=True))
        if self.token > len(columns):
            raise TableError("wrong_value", "token", f"there are {len(columns)} tokens.")
        model = AttentionOnly([parse_vector(self.x)] * len(columns), self.W_U, softmax=self.softmax)
        p = _numbers(run_circuit(model, [0]).probabilities[0])
        for k, own in enumerate(columns[self.token - 1]):
            mean = sympy.Add(*(q * u[k] for q, u in zip(p, columns, strict=True)))
            if not equal(exact(mean), own):
                return "the engine gives a slope there that is not 0"
        ahead = sum(each.residual is not None for each in reach(model))
        return compare((sympy.Integer(ahead), p[self.token - 1]), value)


class _CrossEffects(TaggedCalculation, kw_only=True, tag="cross-effects"):
    """What two wanted effects of one head and the two weights force on the other two pairs."""

    wanted: Text
    weights: Text

    def disagreement(self, value: Vector) -> str | None:
        return compare(cross_effects(self.wanted, self.weights)[0], value)


class _CopyingScore(TaggedCalculation, kw_only=True, tag="copying-score"):
    """Σλ/Σ|λ| of an OV table."""

    table: Text

    def disagreement(self, value: Vector) -> str | None:
        table = read_matrix(self.table, "the table")
        one, nothing = _diagonal(len(table), 1), _diagonal(len(table), 0)
        model = AttentionOnly(one, one, [[Head.of_circuits(nothing, table)]])
        score = copying(model, 1, 1).score
        if score is None:
            raise TableError("wrong_value", "table", "the score has no form with square roots.")
        return compare((score,), value)


class _PathTerms(TaggedCalculation, kw_only=True, tag="path-terms"):
    """How many paths go through ``order`` heads, and how many there are, for heads by layer."""

    heads: Text
    order: Count

    def disagreement(self, value: Vector) -> str | None:
        counts = [read_whole(n, "number of heads", "size") for n in parse_vector(self.heads)]
        if min(counts) < 0:
            raise TableError("wrong_value", "heads", "heads are counted from 0.")
        orders = count_paths(counts)
        through = orders[self.order] if self.order < len(orders) else 0
        return compare((sympy.Integer(through), sympy.Integer(sum(orders))), value)


class _Composition(TaggedCalculation, kw_only=True, tag="composition"):
    """The V-composition score of two W_OV, and the root of its mean square at random."""

    W_OV: Text
    next_W_OV: Text
    dimensions: Text

    def disagreement(self, value: Vector) -> str | None:
        d = read_whole(parse_scalar(self.dimensions), "number of dimensions", "size")
        if not 1 <= d <= _WIDEST:
            said = f"dimensions are from 1 to {_WIDEST}, not {brief(d)}."
            raise TableError("wrong_value", "dimensions", said)
        wide = [_padded(read_matrix(text, "W_OV"), d) for text in (self.W_OV, self.next_W_OV)]
        layers = [[Head.of_circuits(_diagonal(d, 0), W_OV)] for W_OV in wide]
        found = composition(AttentionOnly([[1] * d], [[1]] * d, layers))
        score = found.between((1, 1), (2, 1)).score("V")
        if score is None:
            raise TableError("wrong_value", "W_OV", "a matrix of zeros has no score.")
        return compare((exact(score), exact(sympy.sqrt(found.baseline))), value)


CircuitCalculation: TypeAlias = (
    _Run
    | _SourceEffect
    | _VirtualPattern
    | _LeastWeight
    | _Softmax
    | _SmallestDimensions
    | _Line
    | _CrossEffects
    | _CopyingScore
    | _PathTerms
    | _Composition
)


def _numbers(found: Sequence[Number]) -> Vector:
    """Numbers of a run that are algebraic; a stored answer can be nothing else."""
    if not all(isinstance(number, sympy.Expr) for number in found):
        said = "powers of e come out; a stored number is compared with algebraic ones."
        raise TableError("wrong_value", "softmax", said)
    return tuple(exact(number) for number in found)


def _diagonal(size: int, number: int) -> Matrix:
    value, zero = sympy.Integer(number), sympy.Integer(0)
    return tuple(tuple(value if i == j else zero for j in range(size)) for i in range(size))


def _padded(matrix: Matrix, size: int) -> list[list[sympy.Expr]]:
    """A matrix in all the dimensions there are, with zeros beside it and below."""
    if len(matrix) > size:
        raise TableError("wrong_value", "dimensions", f"W_OV has {len(matrix)} already.")
    zero = sympy.Integer(0)
    wide = [[*row, *[zero] * (size - len(row))] for row in matrix]
    return wide + [[zero] * size for _ in range(size - len(matrix))]
