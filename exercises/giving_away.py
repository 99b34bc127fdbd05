"""Does what a calculation shows give an exercise away? Read from the exercise's own record.

A model that a command finds is held against the exercise's check; what it works out, against the
calculation that the table ``[engine]`` names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, Any, TypeAlias

import sympy

from exercises.answers import read_listed
from exercises.checking import decide
from exercises.checks import Brackets, Equals
from exercises.circuit_checks import CircuitCheck, frame_in
from exercises.course import engine_table
from exercises.exercise import Exercise, MatricesAnswer, ModelAnswer
from exercises.feedback.symmetries import only_turned
from exercises.matrices import NamedMatrices
from exercises.shown_directions import (
    has_the_activation,
    has_the_angle,
    has_the_bound,
    has_the_code,
    has_the_kernel,
    has_the_price,
    has_the_rows,
)
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.composition import composition
from handcalc.circuits.copying import copying
from handcalc.circuits.corpus import Bigrams
from handcalc.circuits.gallery.listing import circuit, with_room
from handcalc.circuits.reading import model_of, outer_matrices
from handcalc.circuits.run import CircuitRun, run_circuit
from handcalc.circuits.softmax import Softmax
from handcalc.circuits.tables import source_effect
from handcalc.directions.best_code import BestCode
from handcalc.directions.fitting import Fitting, LeastCoherence
from handcalc.directions.recovery import Recovery
from handcalc.directions.sae_loss import SaeLoss
from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix, Vector, read_matrix
from handcalc.numbers.exact import equal, exact, sign
from handcalc.parsing import parse_scalar, parse_vector
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.loss.expected_loss import ExpectedLoss
from handcalc.superposition.model.forward_pass import Forward
from handcalc.superposition.model.geometry import geometry
from handcalc.superposition.model.same_model import same_model
from handcalc.superposition.model.toy_model import ToyModel

if TYPE_CHECKING:
    from handcalc.circuits.positions import Number

_FAR = sympy.Rational(1, 4)  # between two sparsities: what holds at the one says less of the other
_NEAR = sympy.Rational(1, 10**9)  # how far off a bias is that a search found
_MOST_ORDERED = 6  # tokens, whose orders are all tried

_StoredNumber: TypeAlias = Equals | Brackets


@dataclass(frozen=True, slots=True)
class Revealed:
    """What a command is about to show: models that it found, and what it worked out.

    ``models`` and ``circuits`` are not those that were typed: whoever types a model has it already.
    ``changes`` are sparsities at which the best embedding becomes another; the paths of ``listed``
    are listed.
    """

    models: tuple[ToyModel, ...] = ()
    passes: tuple[Forward, ...] = ()
    losses: tuple[ExpectedLoss, ...] = ()
    shapes: tuple[ToyModel, ...] = ()
    changes: tuple[sympy.Expr, ...] = ()
    circuits: tuple[AttentionOnly, ...] = ()
    runs: tuple[CircuitRun, ...] = ()
    listed: tuple[AttentionOnly, ...] = ()
    bigrams: tuple[Bigrams, ...] = ()
    bounds: tuple[LeastCoherence, ...] = ()
    fits: tuple[Fitting, ...] = ()
    recoveries: tuple[Recovery, ...] = ()
    codes: tuple[BestCode, ...] = ()
    sae_losses: tuple[SaeLoss, ...] = ()


def gives_away(shown: Revealed, exercise: Exercise) -> bool:
    """Whether somebody who reads what is shown can copy an answer to the exercise from it.

    >>> from exercises.course import load
    >>> from handcalc import expected_loss
    >>> loss = expected_loss(ToyModel("1 0; 0 1; 0 -1"), "9/10")
    >>> [gives_away(Revealed(losses=(loss,)), load(i)) for i in (13, 14)]
    [True, False]
    >>> gives_away(Revealed(models=(ToyModel("1 0; 0 1; 0 -1"),)), load(5))
    True
    """
    try:
        if isinstance(exercise.answer, ModelAnswer):
            return any(_is_answer(model, exercise) for model in shown.models)
        if isinstance(exercise.answer, MatricesAnswer):
            return any(_holds_answer(model, exercise) for model in shown.circuits)
        table, check = engine_table(exercise, exercise.folder), exercise.key().check
        if table is None or not isinstance(check, Equals | Brackets):
            return False
        return _gives_number(shown, table.values, check)
    except InputError:  # past what can be compared
        return False


def _gives_number(shown: Revealed, engine: Mapping[str, Any], check: _StoredNumber) -> bool:
    parts, is_given = COMPARED.get(str(engine.get("kind")), ("", _is_nowhere))
    return any(is_given(part, engine, check) for part in getattr(shown, parts, ()))


def _is_answer(model: ToyModel, exercise: Exercise) -> bool:
    """Whether a model passes, with the exercise's activation."""
    asked = exercise.answer
    if not isinstance(asked, ModelAnswer) or (model.n, model.m) != (
        asked.features,
        asked.dimensions,
    ):
        return False
    same = ToyModel(model.W, model.b, asked.activation)
    return decide(exercise.key().check, same).score == 1


def _holds_answer(model: AttentionOnly, exercise: Exercise) -> bool:
    """Whether every matrix of a solution stands in a circuit as what it is asked for."""
    check = exercise.key().check
    frame = frame_in(check) if isinstance(check, CircuitCheck) else None
    if frame is None:
        return False
    held = {name: [rows] for name, rows in outer_matrices(model).items()}
    for head in (head for layer in model.layers for head in layer):
        for name, rows in head.named.items():
            held.setdefault(name, []).append(rows)
    places = {
        name: [rows for part in parts for rows in held.get(part, ())]
        for name, parts in frame.places.items()
    }
    listed = (read_listed(exercise.answer, each) for each in exercise.key().solutions)
    return any(
        all(_stands_in(places[name], rows) for name, rows in solution.parts)
        for solution in listed
        if isinstance(solution, NamedMatrices)
    )


def _stands_in(shown: Iterable[Matrix], rows: Matrix) -> bool:
    """Whether a matrix is among those that are shown."""
    numbers = [cell for row in rows for cell in row]
    same = (each for each in shown if (len(each), len(each[0])) == (len(rows), len(rows[0])))
    return any(all(map(equal, numbers, (cell for row in each for cell in row))) for each in same)


def _is_the_pass(work: Forward, engine: Mapping[str, Any], _: _StoredNumber) -> bool:
    """Whether it is the pass of this W for this x, as far as features are on in it."""
    model = ToyModel(engine["W"], engine.get("b"))
    if not only_turned(model, work.model):
        return False
    asked, named = parse_vector(engine["x"], model.n), str(engine.get("sources", "")).split()
    pairs = enumerate(zip(asked, work.x, strict=True), 1)
    return all(
        not given.free_symbols and equal(given, x)
        for j, (x, given) in pairs
        if x != 0 and (not named or str(j) in named)
    )


def _is_the_run(run: CircuitRun, engine: Mapping[str, Any], _: _StoredNumber) -> bool:
    """Whether it is the model's run on the sentence, or on one with the source and a destination.

    Of a longer sentence that begins so, the first rows are the same. A virtual head looks so many
    places back in any sentence.
    """
    asked = engine.get("model")
    if asked is None:
        # a named circuit has been made with room for the sentence that is shown
        model = with_room(circuit(engine["circuit"]), len(run.model.W_pos or ())).model
    else:
        model = model_of(asked)
    if run.model != model or engine["kind"] == "virtual-pattern":
        return bool(run.model == model)
    if engine["kind"] == "source-effect":
        seen = {*run.tokens}
        return engine["source"] in seen and bool(seen & {*engine["destinations"].split()})
    places = model.read_tokens(engine["tokens"])[: engine.get("place")]
    return tuple(model.read_tokens(run.tokens)[: len(places)]) == tuple(places)


def _is_the_loss(loss: ExpectedLoss, engine: Mapping[str, Any], check: _StoredNumber) -> bool:
    """Whether it is the loss of this model, as the number that is asked for or for an S near it.

    From any S it can be worked out for another, but statements send learners to dense inputs.
    """
    model = ToyModel(engine["W"], engine.get("b"))
    if not same_model(model, loss.model):
        return False
    asked = check.value[0] if isinstance(check, Equals) else check.value
    if loss.value.free_symbols or equal(loss.value, asked):
        return True
    drawn = loss.distribution
    if not isinstance(drawn, SparseUniform) or drawn.sparsity is None:
        return False
    near = parse_scalar(engine["sparsity"])
    return all(sign(_FAR - abs(S - near)) > 0 for S in drawn.sparsity)


def _has_a_part(shape: ToyModel, engine: Mapping[str, Any], _: _StoredNumber) -> bool:
    """Whether a part of a shape is one about which is asked: features that overlap each other."""
    return next(_same_parts(shape, engine), None) is not None


def _has_the_bias(model: ToyModel, engine: Mapping[str, Any], check: _StoredNumber) -> bool:
    """Whether such a part has the bias that is asked for, as far as a search knows it."""
    asked = _numbers_of(check)[0]
    biases = (model.b[i] for part in _same_parts(model, engine) for i in part)
    return any(sign(_NEAR - abs(b - asked)) > 0 for b in biases)


def _same_parts(shape: ToyModel, engine: Mapping[str, Any]) -> Iterator[tuple[int, ...]]:
    """The parts of a shape that are as those about which is asked."""
    asked, names = ToyModel(engine["W"]), str(engine.get("features", engine.get("feature", "")))
    wanted = {int(name) - 1 for name in names.split()} or {*range(asked.n)}
    parts = [_only(asked, part) for part in _parts(asked) if wanted & {*part}]
    for one in _parts(shape):
        if any(same_model(part, _only(shape, one)) for part in parts):
            yield one


def _parts(model: ToyModel) -> Iterator[tuple[int, ...]]:
    """The features, from 0, in sets that overlap, directly or through others."""
    gram, left = geometry(model).gram, [*range(model.n)]
    while left:
        part = [left.pop(0)]
        for i in part:  # which grows
            near = [j for j in left if gram[i][j] != 0]
            part += near
            left = [j for j in left if j not in near]
        yield tuple(sorted(part))


def _only(model: ToyModel, features: Iterable[int]) -> ToyModel:
    return ToyModel([model.W[i] for i in features])


def _is_near(change: sympy.Expr, _: Mapping[str, Any], check: _StoredNumber) -> bool:
    return isinstance(check, Brackets) and sign(check.width - abs(change - check.value)) >= 0


# --------------------------------------------------------------------------------------------------
# What circuits work out.


def _has_the_weights(run: CircuitRun, engine: Mapping[str, Any], _: _StoredNumber) -> bool:
    """Whether the same softmax is taken of these scores somewhere; no command takes logarithms."""
    if "scores" not in engine or run.model.softmax != Softmax.of(engine["softmax"]):
        return False
    scores = (
        row[:place] for layer in run.scores for head in layer for place, row in enumerate(head, 1)
    )
    asked = parse_vector(engine["scores"])
    return any(_is_same(row, asked) for row in (*run.logits, *scores))


def _is_on_the_line(run: CircuitRun, engine: Mapping[str, Any], check: _StoredNumber) -> bool:
    """Whether the token has the probability in question somewhere, by the same W_U."""
    model = run.model
    if (model.W_U, model.softmax) != (
        read_matrix(engine["W_U"], "W_U"),
        Softmax.of(engine["softmax"]),
    ):
        return False
    token, asked = engine["token"] - 1, _numbers_of(check)[1:]
    return any(_is_same(row[token : token + 1], asked) for row in run.probabilities)


def _is_at_the_least(run: CircuitRun, engine: Mapping[str, Any], check: _StoredNumber) -> bool:
    """Whether it is one of the sentences, by the strength asked for or by the next below."""
    for sentence, least in zip(engine["sentences"], _numbers_of(check), strict=True):
        for strength in (int(least), int(least) - 1):
            if strength < 1:
                continue
            made = circuit(engine["circuit"], strength=strength)
            model = with_room(made, len(run.model.W_pos or ()), strength=strength).model
            if run.model == model and run.tokens == run_circuit(model, sentence).tokens:
                return True
    return False


def _has_the_effects(run: CircuitRun, engine: Mapping[str, Any], check: _StoredNumber) -> bool:
    """Whether the token before the last does what is wanted there, and also what is asked for."""
    if len(run.tokens) < 2:
        return False
    *before, source, last = run.tokens
    names = run.model.vocabulary
    (effects,) = source_effect(run.model, source, [last], names, before=before).effects
    pairs = zip(parse_vector(engine["wanted"]), _numbers_of(check), strict=True)
    return any(all(_is_among(number, effects) for number in pair) for pair in pairs)


def _has_the_score(model: AttentionOnly, engine: Mapping[str, Any], check: _StoredNumber) -> bool:
    """Whether one of its heads has the copying score, over as many tokens."""
    if model.d_vocab != len(read_matrix(engine["table"], "the table")):
        return False
    heads = ((a, b) for a, layer in enumerate(model.layers, 1) for b in range(1, len(layer) + 1))
    scores = (copying(model, *head).score for head in heads)
    asked = _numbers_of(check)
    return any(score is not None and _is_same([score], asked) for score in scores)


def _is_composed(model: AttentionOnly, _: Mapping[str, Any], check: _StoredNumber) -> bool:
    """Whether two of its heads have the V-composition score."""
    scores = (pair.score("V") for pair in composition(model).pairs)
    asked = _numbers_of(check)[:1]
    return any(score is not None and _is_same([exact(score)], asked) for score in scores)


def _has_as_many_heads(model: AttentionOnly, engine: Mapping[str, Any], _: _StoredNumber) -> bool:
    """Whether its layers have as many heads, in any order."""
    return sorted(map(len, model.layers)) == sorted(parse_vector(engine["heads"]))


def _has_the_counts(found: Bigrams, engine: Mapping[str, Any], _: _StoredNumber) -> bool:
    """Whether the pairs are counted that are asked about, with the tokens in any order."""
    asked, size = read_matrix(engine["counts"], "counts"), len(found.counts)
    if len(asked) != size or size > _MOST_ORDERED:
        return False
    return any(
        all(found.counts[i][j] == asked[a][b] for a, i in order for b, j in order)
        for order in (tuple(enumerate(each)) for each in permutations(range(size)))
    )


def _is_nowhere(*_: object) -> bool:
    return False


def _numbers_of(check: _StoredNumber) -> Vector:
    return check.value if isinstance(check, Equals) else (check.value,)


def _is_same(numbers: Sequence[Number], asked: Vector) -> bool:
    return len(numbers) == len(asked) and all(map(_is_number, numbers, asked))


def _is_among(asked: sympy.Expr, numbers: Iterable[Number]) -> bool:
    return any(_is_number(number, asked) for number in numbers)


def _is_number(number: Number, asked: sympy.Expr) -> bool:
    """Whether they are equal; what has powers of e in it is no stored number."""
    return isinstance(number, sympy.Expr) and equal(number, asked)


COMPARED: Mapping[str, tuple[str, Callable[[Any, Mapping[str, Any], _StoredNumber], bool]]] = {
    "output": ("passes", _is_the_pass),
    "loss": ("losses", _is_the_loss),
    "geometry": ("shapes", _has_a_part),
    "best-bias": ("models", _has_the_bias),
    "crossing": ("changes", _is_near),
    "circuit": ("runs", _is_the_run),
    "virtual-pattern": ("runs", _is_the_run),
    "source-effect": ("runs", _is_the_run),
    "least-weight": ("runs", _is_at_the_least),
    "softmax": ("runs", _has_the_weights),
    "line": ("runs", _is_on_the_line),
    "cross-effects": ("runs", _has_the_effects),
    "copying-score": ("circuits", _has_the_score),
    "composition": ("circuits", _is_composed),
    "path-terms": ("listed", _has_as_many_heads),
    "smallest-dimensions": ("bigrams", _has_the_counts),
    "welch": ("bounds", has_the_bound),
    "plane-lines": ("fits", has_the_angle),
    "readouts": ("passes", has_the_code),
    "least-norm": ("recoveries", has_the_rows),
    "recovery": ("recoveries", has_the_kernel),
    "sae-code": ("codes", has_the_activation),
    "sae-loss": ("sae_losses", has_the_price),
}
"""For each calculation what of ``Revealed`` may show its number, and whether one of these does.

Where two models lose the same is not here, nor an SAE's best b_dec: no command works that out.
"""
