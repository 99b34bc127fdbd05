"""Does what a calculation shows give an exercise away? Read from the exercise's own record.

A model that a command finds is held against the exercise's check; what it works out, against the
calculation that the table ``[engine]`` names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from exercises.answers import read_listed
from exercises.checking import decide
from exercises.checks import Brackets, Equals
from exercises.circuit_checks import CircuitCheck, frame_in
from exercises.course import engine_table
from exercises.exercise import Exercise, MatricesAnswer, ModelAnswer
from exercises.feedback.symmetries import only_turned
from exercises.matrices import NamedMatrices
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.gallery.listing import circuit, with_room
from handcalc.circuits.reading import model_of, outer_matrices
from handcalc.circuits.run import CircuitRun
from handcalc.errors import InputError
from handcalc.inputs.arguments import Matrix
from handcalc.numbers.exact import equal, sign
from handcalc.parsing import parse_scalar, parse_vector
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.loss.expected_loss import ExpectedLoss
from handcalc.superposition.model.forward_pass import Forward
from handcalc.superposition.model.geometry import geometry
from handcalc.superposition.model.same_model import same_model
from handcalc.superposition.model.toy_model import ToyModel

_FAR = sympy.Rational(1, 4)  # between two sparsities: what holds at the one says less of the other


@dataclass(frozen=True, slots=True)
class Revealed:
    """What a command is about to show: models that it found, and what it worked out.

    ``models`` are not those that were typed: whoever types a model has it already. ``changes`` are
    sparsities at which the best embedding becomes another.
    """

    models: tuple[ToyModel, ...] = ()
    passes: tuple[Forward, ...] = ()
    losses: tuple[ExpectedLoss, ...] = ()
    shapes: tuple[ToyModel, ...] = ()
    changes: tuple[sympy.Expr, ...] = ()
    circuits: tuple[AttentionOnly, ...] = ()
    runs: tuple[CircuitRun, ...] = ()


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


def _gives_number(shown: Revealed, engine: Mapping[str, Any], check: Equals | Brackets) -> bool:
    match engine.get("kind"):
        case "output":
            return any(_is_the_pass(work, engine) for work in shown.passes)
        case "loss":
            return any(_is_the_loss(loss, engine, check) for loss in shown.losses)
        case "geometry":
            return any(_has_a_part(shape, engine) for shape in shown.shapes)
        case "crossing":
            return any(_is_near(change, check) for change in shown.changes)
        case "circuit" | "virtual-pattern" | "source-effect":
            return any(_is_the_run(run, engine) for run in shown.runs)
    return False


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


def _is_the_pass(work: Forward, engine: Mapping[str, Any]) -> bool:
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


def _is_the_run(run: CircuitRun, engine: Mapping[str, Any]) -> bool:
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


def _is_the_loss(loss: ExpectedLoss, engine: Mapping[str, Any], check: Equals | Brackets) -> bool:
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


def _has_a_part(shape: ToyModel, engine: Mapping[str, Any]) -> bool:
    """Whether a part of a shape is one about which is asked: features that overlap each other."""
    asked, names = ToyModel(engine["W"]), str(engine.get("features", engine.get("feature", "")))
    wanted = {int(name) - 1 for name in names.split()} or {*range(asked.n)}
    parts = [part for part in _parts(asked) if wanted & {*part}]
    return any(
        same_model(_only(asked, part), _only(shape, one)) for part in parts for one in _parts(shape)
    )


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


def _is_near(change: sympy.Expr, check: Equals | Brackets) -> bool:
    return isinstance(check, Brackets) and sign(check.width - abs(change - check.value)) >= 0
