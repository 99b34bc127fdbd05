"""Trained weights written by hand: simple, within what is allowed, the same however W is turned."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations, product
from math import cos, factorial, hypot, pi, sin, tau

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from handcalc import ToyModel, expected_loss, same_model, sign
from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.distribution import Anticorrelated, Correlated, OneActive
from torchsim.comparison.by_hand import ByHand, allowed_loss, by_hand
from torchsim.comparison.named_shapes import nearest, shapes, turned
from torchsim.comparison.rounding import ConfigurationLoss, simplicity
from torchsim.specification import ModelSpec

Weights = tuple[np.ndarray, np.ndarray]


def polygon(k: int, length: float) -> list[list[float]]:
    return [[length * cos(tau * i / k), length * sin(tau * i / k)] for i in range(k)]


def weights(rows: Sequence[Sequence[float]], bias: Sequence[float]) -> Weights:
    return np.asarray(rows, dtype=float), np.asarray(bias, dtype=float)


# minima as a search finds them, to a few digits, and what they are written as
ANTIPODAL = (
    ModelSpec.of(3, 2, "1/2"),
    weights([[1, 0], [0, 0.96897], [0, -0.96897]], [0, 0.0976827, 0.0976827]),
)
TRIANGLE = ModelSpec.of(3, 2, "1/5"), weights(polygon(3, 0.8523), [0.3866] * 3)
PENTAGON = ModelSpec.of(5, 2, "9/10"), weights(polygon(5, 1.1131), [-0.2073] * 5)
MIXED = (
    ModelSpec.of(3, 2, "1/10", "1 9/10 1/2"),
    weights([[0.95, 0.05], [-0.3, 0.85], [-0.45, -0.5]], [0.2, 0.3, 0.4]),
)
UNLIKE = (
    ModelSpec.of(4, 2, "1/2 3/5 7/10 4/5", "1 9/10 4/5 7/10"),
    weights([[0.99, 0.02], [-0.97, 0.01], [0.01, 1.01], [0.03, -0.98]], [0.09, 0.08, 0.05, 0.03]),
)
DROPPED = (
    ModelSpec.of(3, 1, "1/2", "1 1/10 1/10"),
    weights([[1.01], [0.02], [-0.01]], [-0.004, 0.243, -0.5]),
)
LINEAR = (
    ModelSpec.of(3, 2, "1/2", "1 1 1/2", activation="linear"),
    weights([[0.999, 0.01], [-0.01, 1.001], [0.002, 0.003]], [0.001, -0.002, 0.2504]),
)
CASES = {
    "antipodal": ANTIPODAL,
    "triangle": TRIANGLE,
    "pentagon": PENTAGON,
    "mixed": MIXED,
    "unlike": UNLIKE,
    "dropped": DROPPED,
    "linear": LINEAR,
}


def written(case: tuple[ModelSpec, Weights], within: float = 0.01) -> ByHand:
    model, (W, b) = case
    found = by_hand(W, b, model, within)
    assert found is not None
    return found


WRITTEN = {
    "antipodal": ("1 0; 0 1; 0 -1", "0 1/11 1/11", "antipodal"),
    "triangle": ("5/6 0; -5/12 5*sqrt(3)/12; -5/12 -5*sqrt(3)/12", "2/5", "triangle"),
    "unlike": ("1 0; -1 0; 0 1; 0 -1", None, "antipodal"),
    "dropped": ("1; 0; 0", "0 1/4 -1/2", "orthogonal"),
    "linear": ("1 0; 0 1; 0 0", "0 0 1/4", "orthogonal"),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_known_weights_are_written_as_one_would(name: str) -> None:
    W, b, family = WRITTEN[name]
    found = written(CASES[name])
    activation = CASES[name][0].activation
    assert found.family.name == family
    assert found.model == ToyModel(W, b if b else found.model.b, activation)


def test_a_pentagon_keeps_its_exact_corners() -> None:
    found = written(PENTAGON)
    W = found.model.W
    assert found.family.name == "pentagon"
    assert sympy.sqrt(5) in W[1][0].atoms(sympy.Pow)
    lengths = {W[i][0] ** 2 + W[i][1] ** 2 for i in range(5)}
    assert len({to_float(length).hex() for length in lengths}) == 1
    assert len(set(found.model.b)) == 1


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("within", [0.002, 0.01, 0.1])
def test_the_exact_loss_is_within_what_was_said(name: str, within: float) -> None:
    """The trained loss is worked out in fractions here, from the floats to the last bit."""
    model, (W, b) = CASES[name]
    found = written(CASES[name], within)
    trained = ToyModel.from_floats(W, b, 1 << 60, model.activation)
    before = expected_loss(trained, model.distribution, model.importance).value
    after = expected_loss(found.model, model.distribution, model.importance).value
    assert sign(after - found.loss) == 0
    most = sympy.Rational(str(1 + within)) + sympy.Rational(1, 10**9)
    assert sign(before * most - after) >= 0
    assert found.trained_loss == pytest.approx(to_float(before), rel=1e-12)
    assert f"up to {100 * within:g} % above was allowed" in found.sentence


def test_more_leave_makes_simpler_numbers() -> None:
    bits = []
    for within in (0.0005, 0.005, 0.05):
        found = written(TRIANGLE, within)
        length, bias = found.model.W[0][0], found.model.b[0]
        bits.append(simplicity([Fraction(length.p, length.q), Fraction(bias.p, bias.q)]))
    assert bits[0] > bits[1] > bits[2]


@pytest.mark.parametrize(
    ("model", "W", "bias", "bits"),
    [
        (  # two lengths that are nearly equal become one: neither alone costs less
            ModelSpec.of(4, 2, "4/5", "1 9/10 4/5 7/10"),
            [[1.0157, 0], [0, 1.0121], [0, -1.0075], [-1.0014, 0]],
            [0.0050, 0.0057, 0.0067, 0.0079],
            12,
        ),
        (  # a length and a bias that move together
            ModelSpec.of(3, 2, 0),
            [[-0.82555, -0.33587], [0.56583, -0.33984], [0.09136, -0.88657]],
            [0.16631, 0.28211, -0.18667],
            17,
        ),
    ],
    ids=["lengths become one", "length and bias"],
)
def test_two_numbers_move_together(
    model: ModelSpec, W: list[list[float]], bias: list[float], bits: int
) -> None:
    found = written((model, weights(W, bias))).model
    every = [abs(cell) for row in (*found.W, found.b) for cell in row]
    assert all(isinstance(value, sympy.Rational) for value in every)
    assert simplicity([Fraction(value.p, value.q) for value in every])[0] <= bits


def fractions(low: float, high: float, most: int) -> list[Fraction]:
    every = (Fraction(p, q) for q in range(1, most + 1) for p in range(-2 * q, 2 * q + 1))
    return sorted({value for value in every if low <= value <= high})


@pytest.mark.parametrize(
    ("model", "W", "bias"),
    [
        (ModelSpec.of(2, 1, "1/2"), [[0.96897], [-0.96897]], 0.0976827),
        (ModelSpec.of(3, 2, "1/5"), polygon(3, 0.8523), 0.3866),
        (ModelSpec.of(5, 2, "9/10"), polygon(5, 1.1131), -0.2073),
    ],
    ids=["pair", "triangle", "pentagon"],
)
def test_no_simpler_length_and_bias_are_allowed(
    model: ModelSpec, W: list[list[float]], bias: float
) -> None:
    """All lengths and biases with denominators up to 16, tried one by one."""
    b = np.full(len(W), bias)
    found = written((model, (np.asarray(W), b)))
    exact = ToyModel(found.model.W).W[0][0], found.model.b[0]
    simple = simplicity([Fraction(value.p, value.q) for value in exact])
    length = hypot(*W[0])
    grid = list(product(fractions(0.8, 1.3, 16), fractions(-0.5, 0.5, 16)))
    simpler = [pair for pair in grid if simplicity(pair) < simple]
    turned_W = np.asarray([[[float(w) / length * x for x in row] for row in W] for w, _ in simpler])
    biases = np.asarray([[float(c)] * len(W) for _, c in simpler])
    losses = ConfigurationLoss(model).losses(turned_W, biases)
    assert len(simpler) >= 30
    assert losses.min() > float(allowed_loss(found.trained_loss, 0.01, model))


def orthogonal(angle: float, mirrored: bool) -> np.ndarray:
    turn = np.asarray([[cos(angle), sin(angle)], [-sin(angle), cos(angle)]])
    return turn * [1, -1] if mirrored else turn


def permuted(model: ModelSpec, order: Sequence[int]) -> ModelSpec:
    off = [block.sparsity for block in model.blocks]
    return ModelSpec.of(
        model.features,
        model.hidden,
        [off[i] for i in order],
        [model.importance[i] for i in order],
        activation=model.activation,
    )


@pytest.mark.slow
@settings(max_examples=15)
@given(st.data())
def test_turning_and_renaming_change_nothing(data: st.DataObject) -> None:
    model, (W, b) = data.draw(st.sampled_from([ANTIPODAL, TRIANGLE, MIXED, UNLIKE, LINEAR]))
    order = data.draw(st.permutations(range(model.features)))
    Q = orthogonal(data.draw(st.floats(0, 2 * pi)), data.draw(st.booleans()))
    other, V, c = permuted(model, order), (W @ Q)[order], b[order]
    first, second = written((model, (W, b))), written((other, (V, c)))
    assert sign(first.loss - second.loss) == 0
    assert same_model(first.model, second.model)
    known = shapes(model.features, model.hidden)
    near, too = nearest(W, b, known), nearest(V, c, known)
    assert near is not None
    assert too is not None
    assert near.name == too.name
    assert near.distance == pytest.approx(too.distance, abs=1e-9)
    assert turned(W, b, model).family.name == turned(V, c, other).family.name


def test_weights_of_no_regular_shape_are_rounded_entry_by_entry() -> None:
    found = written(MIXED)
    assert found.family.name == "mixed"
    assert any(0 in row for row in found.model.W)
    assert all(cell.is_Rational for row in found.model.W for cell in row)


def test_an_arrow_of_a_feature_that_is_always_on_is_turned_round() -> None:
    model = ModelSpec.of(3, 2, 0)
    W, b = weights(polygon(3, 0.8217), [0.4988] * 3)
    G = W @ W.T
    around, c = W * [[-1], [1], [1]], b + np.asarray([G[0, 1] + G[0, 2], G[0, 1], G[0, 2]])
    assert ConfigurationLoss(model).losses(around[None], c[None]) == pytest.approx(
        ConfigurationLoss(model).losses(W[None], b[None]), rel=1e-12
    )
    arrows = turned(around, c, model)
    assert arrows.family.name == "triangle"
    assert arrows.turned == (2, 3)
    assert written((model, (around, c))).family.name == "triangle"
    assert turned(around, c, ModelSpec.of(3, 2, "1/10")).family.name == "mixed"


@pytest.mark.parametrize("always_off", [True, False])
def test_where_hardly_anything_is_lost_a_millionth_is_allowed(always_off: bool) -> None:
    model = ModelSpec.of(2, 2, 1 if always_off else "1/2")
    found = written((model, weights([[1.0000001, 0], [0, 0.9999999]], [0, 1e-7])))
    assert found.loss == 0
    assert found.model == ToyModel("1 0; 0 1")
    assert found.sentence.endswith("Its exact loss is 0: it loses nothing.")


@pytest.mark.parametrize(
    "distribution",
    [OneActive(4), Anticorrelated([(1, 2), (3, 4)], "1/2"), Correlated([(1, 3), (2, 4)], "1/2")],
    ids=lambda distribution: type(distribution).__name__,
)
def test_every_distribution_is_taken(distribution: OneActive | Anticorrelated | Correlated) -> None:
    model = ModelSpec.of(4, 2, distribution=distribution)
    rows = [[0.98, 0.0], [-0.97, 0.02], [0.01, 0.99], [0.0, -0.98]]
    found = written((model, weights(rows, [0.02, 0.01, 0.03, 0.02])))
    again = expected_loss(found.model, distribution).value
    assert sign(again - found.loss) == 0
    assert to_float(again) <= 1.01 * found.trained_loss
    assert found.family.name == "antipodal"


@pytest.mark.parametrize(
    ("given_", "code", "match"),
    [
        (([[1.0]], [0.0, 0.0], 0.01), "wrong_shape", r"the shape \(2, 1\) .* not \(1, 1\)"),
        (([[1.0], [float("nan")]], [0.0, 0.0], 0.01), "not_finite", "a nan or infinity"),
        (([[1.0], [-1.0]], [0.0, 0.0], 0.0), "within", "above 0 and at most 1, not 0.0"),
        (([[1.0], [-1.0]], [0.0, 0.0], float("nan")), "within", "above 0 and at most 1, not nan"),
    ],
)
def test_what_cannot_be_written_is_refused(
    given_: tuple[list[list[float]], list[float], float], code: str, match: str
) -> None:
    W, b, within = given_
    with pytest.raises(InputError, match=match) as caught:
        by_hand(W, b, ModelSpec.of(2, 1, "1/2"), within)
    assert caught.value.code == code


def test_more_than_eight_features_are_left_alone() -> None:
    assert by_hand(np.zeros((9, 2)), np.zeros(9), ModelSpec.of(9, 2, "1/2")) is None


# -- names ------------------------------------------------------------------------------------


def test_the_loss_of_dropping_everything_is_that_of_no_arrows() -> None:
    model = ModelSpec.of(3, 2, "0 1/2 9/10", "1 1/2 2")
    dropped = ToyModel([[0, 0]] * 3, ["1/2", "1/4", "1/20"])
    assert model.loss_of_dropping == pytest.approx(
        to_float(ConfigurationLoss(model).exact(dropped))
    )


@pytest.mark.parametrize(("n", "m"), [(2, 1), (3, 2), (4, 2), (5, 3), (8, 2), (8, 4), (8, 8)])
def test_a_named_embedding_lies_at_no_distance_from_itself(n: int, m: int) -> None:
    known = shapes(n, m)
    for shape in known:
        found = nearest(shape.rows[::-1], shape.bias[::-1], known)
        assert found is not None
        assert found.name == shape.name
        assert found.distance == pytest.approx(0, abs=1e-12)


def test_the_ways_to_give_rows_to_features_are_all_there_once() -> None:
    """By counting: n! over the permutations that a turn of the hidden space undoes."""
    counts = [(shape.name, len(shape.orders)) for shape in shapes(6, 3)]
    assert counts == [
        ("orthogonal", factorial(6) // (factorial(3) * factorial(3))),
        ("antipodal", factorial(6) // (2 * 2 * 2)),
        ("antipodal", factorial(6) // (2 * 2 * 2)),
        ("antipodal", factorial(6) // (2**3 * factorial(3))),
        ("triangle + pair", factorial(6) // (6 * 2)),
        ("triangle", factorial(6) // (6 * 2)),
        ("pentagon", factorial(6) // 10),
        ("hexagon", factorial(6) // 12),
        ("tetrahedron", factorial(6) // (24 * 2)),
    ]
    solids = {shape.name: len(shape.orders) for shape in shapes(8, 3)}
    assert solids["cube"] == factorial(8) // 48
    assert solids["square antiprism"] == factorial(8) // 16


def test_the_nearest_of_a_shape_in_space_is_no_polygon() -> None:
    antiprism = next(shape for shape in shapes(8, 3) if shape.name == "square antiprism")
    noise = np.random.default_rng(2).normal(size=(8, 3))
    for by, name in ((0.02, "square antiprism"), (0.12, "square antiprism"), (0.0, "heptagon")):
        rows = antiprism.rows + by * noise
        if name == "heptagon":  # and one feature at a right angle to its plane
            rows = next(shape for shape in shapes(8, 3) if shape.name == name).rows
        found = nearest(rows, np.zeros(8), shapes(8, 3))
        assert found is not None
        assert found.name == name
    flat = next(shape for shape in shapes(8, 2) if shape.name == "octagon")
    found = nearest(
        np.c_[flat.rows, np.zeros(8)] + 0.08 * noise * [1, 1, 0], np.zeros(8), shapes(8, 3)
    )
    assert found is not None
    assert found.name == "octagon"


def test_the_distance_is_that_over_every_permutation_and_turn() -> None:
    """In the plane, over all n! permutations, with Q from complex numbers."""
    generator = np.random.default_rng(0)
    for n in (3, 4, 5):
        W = generator.normal(size=(n, 2))
        z = W @ [1, 1j]
        least: dict[str, float] = {}
        for shape in shapes(n, 2):
            for order in map(list, permutations(range(n))):
                w = shape.rows[order] @ [1, 1j]
                turn, mirror = np.vdot(z, w), np.vdot(z.conj(), w)
                by_turn = np.abs(z * turn / abs(turn) - w)
                by_mirror = np.abs(z.conj() * mirror / abs(mirror) - w)
                for distances in (by_turn, by_mirror):
                    whole = hypot(*distances)
                    least[shape.name] = min(whole, least.get(shape.name, whole))
        found = nearest(W, np.zeros(n), shapes(n, 2))
        assert found is not None
        assert found.distance == pytest.approx(min(least.values()), abs=1e-12)
        assert least[found.name] == min(least.values())


@pytest.mark.parametrize(
    ("rows", "bias", "name", "apart"),
    [
        ("1 0; 0 1; 0 -1", [0, 0.2, 0.2], "antipodal", 0.08**0.5),
        ("1 0; 0 1; 0 -1", [0, 0.3, 0.3], "bias-corrected", 0.08**0.5),
        ("0 0; 0 1; 1 0", [0.2, 0, 0], "orthogonal", 0.2),
        ("0 0; 0 1; 1 0", [0.25, 0, 0], "orthogonal", 0.25),
        ("0 0; 0 1; 1 0", [0.5, 0, 0], "one-example", 0),
        ("1 0; 0 1; 1/2 1/3", [0, 0, 0], "interfering", 0),
        ("1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", [0.5, 0.5, 0.5], "triangle", 0.75**0.5),
    ],
)
def test_biases_decide_between_names_of_one_shape_only(
    rows: str, bias: list[float], name: str, apart: float
) -> None:
    W = [[to_float(cell) for cell in row] for row in ToyModel(rows).W]
    found = nearest(*weights(W, bias), shapes(3, 2))
    assert found is not None
    assert found.name == name
    assert found.bias_distance == pytest.approx(apart, abs=1e-12)
