"""What is read off h and what could be; shares by k; and words as directions."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import pytest
import sympy

import handcalc
from handcalc import InputError
from handcalc.directions.analogy import ANALOGIES
from handcalc.directions.shares import recovered_shares

S = sympy.Symbol("S")
TRIANGLE = handcalc.direction_set("triangle").model


def test_the_triangle_of_section_12() -> None:
    """W(1, ½, 0): the ReLU reads (¾, 0, 0), and the sparsest x ≥ 0 is x."""
    shown = handcalc.readouts(TRIANGLE, "1 1/2 0")
    assert shown.relu == (Fraction(3, 4), 0, 0)
    assert shown.sparsest.inputs == shown.l1.inputs == ((1, Fraction(1, 2), 0),)
    assert (shown.relu_loss, shown.sparsest_loss) == (Fraction(5, 16), 0)


def test_the_sparsest_x_of_the_triangle_loses_inputs_with_all_three_on() -> None:
    """Section 12; 3·min² is lost, whose mean over the cube sympy integrates: 3/10."""
    shown = handcalc.readouts(TRIANGLE, "1 1/2 1/4")
    assert shown.sparsest.inputs == ((Fraction(3, 4), Fraction(1, 4), 0),)
    assert shown.sparsest_loss == Fraction(3, 16)
    lost = handcalc.sparsest_loss(TRIANGLE)
    assert {each.active for each in lost.patterns if each.fate == "lost"} == {(1, 2, 3)}
    a, b, c = sympy.symbols("a b c", positive=True)
    third = sympy.integrate(3 * a**2, (c, a, 1), (b, a, 1), (a, 0, 1))  # a is the least
    assert sympy.expand(lost.value - 3 * third * (1 - S) ** 3) == 0
    assert third == Fraction(1, 10)
    assert lost.relu == handcalc.expected_loss(TRIANGLE).value


def test_of_the_antipodal_pair_relu_loses_as_much_as_the_sparsest_x() -> None:
    lost = handcalc.sparsest_loss("1 0; 0 1; 0 -1")
    assert sympy.expand(lost.value - (1 - S) ** 2 / 3) == 0
    assert sympy.expand(lost.relu - lost.value) == 0


def test_the_sparsest_x_is_no_bound_on_a_decoder() -> None:
    """Biases of 1/10 lose less, and so does the mean of all x with an h, by far more."""
    sparsest = handcalc.sparsest_loss("1 0; 0 1; 0 -1", "1/2").value
    assert (
        handcalc.expected_loss(handcalc.ToyModel("1 0; 0 1; 0 -1", "0 .1 .1"), ".5").value
        < sparsest
    )
    # of a pair that is both on, h = x − y = t > 0 leaves x uniform on [t, 1]: twice (1 − t)²/12
    t = sympy.Symbol("t")
    least = sympy.integrate(2 * (1 - t) * 2 * (1 - t) ** 2 / 12, (t, 0, 1))
    assert least == Fraction(1, 12)
    assert handcalc.sparsest_loss("1; -1", 0).value == 4 * least


@pytest.mark.parametrize("model", [handcalc.ToyModel("1; -1", "1/3"), TRIANGLE])
@pytest.mark.parametrize("options", [{"x": "1 1/2 0"}, {"sparsity": "0"}])
def test_no_page_blames_a_part_of_the_loss(
    model: handcalc.ToyModel, options: dict[str, str]
) -> None:
    """The sparsest-x decoder may lose more than the model: then there is no rest."""
    if "x" in options:
        shown: object = handcalc.readouts(model, options["x"].rsplit(" ", 3 - model.n)[0])
    else:
        shown = handcalc.sparsest_loss(model, options["sparsity"])
    page = " ".join(str(shown).split())
    assert "The sparsest-x decoder" in page
    for false in ("Of that", "The rest", "embedding's", "readout's"):
        assert false not in page


def test_where_several_are_as_sparse_the_loss_is_only_bounded() -> None:
    lost = handcalc.sparsest_loss("1 0; 0 1; 1/2 1/2", "1/2")
    assert (lost.value, lost.at_least) == (None, 0)
    fates = {each.active: each.fate for each in lost.patterns}
    assert fates[1, 2] == fates[1, 3] == fates[2, 3] == "several"
    assert (fates[1, 2, 3], fates[3,], fates[()]) == ("open", "recovered", "recovered")


@pytest.mark.parametrize(
    "name",
    ["triangle", "tetrahedron", "minus-sum", "square", "octahedron", "two-triangles", "zero-row",
     "interfering", "axes-and-diagonals", "five-in-four", "two-bases"],
)  # fmt: skip
def test_fates_are_what_single_inputs_meet(name: str) -> None:
    """Random inputs of each pattern, decoded one by one by a search over all supports."""
    model = handcalc.direction_set(name).model
    chance = random.Random(name)  # noqa: S311 - examples, and no secrets
    for each in handcalc.sparsest_loss(model, "1/2").patterns:
        x = [Fraction(chance.randint(1, 9973), 9973) if i + 1 in each.active else Fraction(0)
             for i in range(model.n)]  # fmt: skip
        shown = handcalc.readouts(model, x)
        if each.fate == "several":
            assert not shown.sparsest.unique
        elif each.fate == "recovered":
            assert shown.sparsest.inputs == (tuple(x),)
        elif each.fate == "lost":
            assert shown.sparsest.unique
            assert shown.sparsest_loss is not None
            assert shown.sparsest_loss > 0


@pytest.mark.parametrize(
    ("rows", "step"), [("1; -2", 40), ("2 0; 0 1; -1 -3", 12), ("1 0; -3 0; 0 1; 0 -2", 5)]
)
def test_what_is_lost_along_circuits_of_unlike_entries(rows: str, step: int) -> None:
    """All features on, at the midpoints of a grid, decoded one by one: near to the exact mean."""
    pattern = handcalc.sparsest_loss(rows, 0).patterns[-1]
    assert (pattern.fate, pattern.probability) == ("lost", 1)
    grid = [Fraction(2 * k + 1, 2 * step) for k in range(step)]
    lost = [
        handcalc.readouts(rows, list(x)).sparsest_loss
        for x in product(grid, repeat=len(pattern.active))
    ]
    mean = sum(map(Fraction, map(str, lost))) / len(lost)
    assert abs(mean / Fraction(str(pattern.loss)) - 1) < Fraction(1, step)


def test_two_alike_and_one_against_them_are_open() -> None:
    pattern = handcalc.sparsest_loss("1; 2; -1", 0).patterns[-1]
    assert (pattern.active, pattern.fate, pattern.loss) == ((1, 2, 3), "open", None)


def test_a_pattern_of_other_distributions() -> None:
    """With one feature on at a time the sparsest x is always x."""
    lost = handcalc.sparsest_loss(TRIANGLE, handcalc.OneActive(3))
    assert lost.value == 0
    both = handcalc.sparsest_loss("1; -1", handcalc.Correlated([(1, 2)], "1/3"))
    assert both.value == Fraction(2, 3) * 2 * Fraction(1, 6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: handcalc.readouts(TRIANGLE, "1 -1 0"), "x2 is -1: give x ≥ 0"),
        (lambda: handcalc.readouts(TRIANGLE, "1 x2 0"), "x2 is no number"),
        (lambda: handcalc.readouts(TRIANGLE, "1 2"), "one value per feature, 3"),
        (lambda: handcalc.sparsest_loss([[1]] * 9), "at most 8 features, not 9"),
        (lambda: recovered_shares(handcalc.recovery([[1]] * 9)), "at most 8 features, not 9"),
    ],
)
def test_what_cannot_be_read_is_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(InputError, match=message):
        call()


# -- shares ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_shares_are_those_of_inputs_that_are_decoded(seed: int) -> None:
    """Each support and signs, with entries at random: ℓ₁'s own answer."""
    chance = random.Random(seed)  # noqa: S311 - examples, and no secrets
    n, m = chance.randint(2, 5), chance.randint(1, 3)
    W = [[chance.randint(-2, 2) for _ in range(m)] for _ in range(n)]
    found = handcalc.recovery(W)
    shares = recovered_shares(found)
    for name, signs in (("l1", (1, -1)), ("l1_nonnegative", (1,))):
        for k in range(n + 1):
            good = [
                _returns(found.model, support, chosen, chance, name)
                for support in combinations(range(n), k)
                for chosen in product(signs, repeat=k)
            ]
            assert shares[name][k] == Fraction(sum(good), len(good))
        assert shares[name][found.most(name)] == 1
        assert all(share < 1 for share in shares[name][found.most(name) + 1 :])


def _returns(
    model: handcalc.ToyModel,
    support: tuple[int, ...],
    signs: tuple[int, ...],
    chance: random.Random,
    name: str,
) -> bool:
    x = [0] * model.n
    for i, s in zip(support, signs, strict=True):
        x[i] = s * chance.randint(1, 20)
    h = [sum(a * row[k] for a, row in zip(x, model.W, strict=True)) for k in range(model.m)]
    shortest = handcalc.basis_pursuit(model, h, nonnegative=name == "l1_nonnegative")
    return shortest.inputs == (tuple(x),)


def test_the_picture_shows_the_shares() -> None:
    found = handcalc.recovery(handcalc.direction_set("five-in-four").model)
    panel = found.plot()
    by_label = {line.get_label(): [float(y) for y in line.get_ydata()] for line in panel.lines}
    shares = recovered_shares(found)
    assert by_label["any signs"] == list(map(float, shares["l1"]))
    assert by_label["x ≥ 0"] == list(map(float, shares["l1_nonnegative"]))
    assert {text.get_text() for text in panel.texts} == {"all to k = 1", "all to k = 4"}
    assert "up to k = 1 with any signs" in panel.get_label()


# -- words -----------------------------------------------------------------------------------------


def test_king_is_nearest_unless_it_is_left_out() -> None:
    """Section 11."""
    found = ANALOGIES["king"].worked()
    assert found.result == (3, 3, 1)
    squares = dict(zip(found.words, found.squares, strict=True))
    assert squares == {
        "king": Fraction(18, 19),
        "queen": Fraction(17, 19),
        "woman": Fraction(10, 19),
        "man": Fraction(9, 19),
    }
    assert (found.nearest, found.nearest_others, found.equals) == (("king",), ("queen",), ())
    assert [line.value.value for line in found.derivation.steps[1].lines] == list(found.squares)


def test_in_a_triangle_the_equation_holds_and_nothing_is_read() -> None:
    """Section 11: queen is base + royal + female, which is zero."""
    found = ANALOGIES["king-in-a-triangle"].worked()
    base, royal, female = TRIANGLE.W
    assert dict(zip(found.words, found.vectors, strict=True)) == {
        "man": base,
        "king": tuple(a + b for a, b in zip(base, royal, strict=True)),
        "woman": tuple(a + b for a, b in zip(base, female, strict=True)),
        "queen": tuple(map(sum, zip(base, royal, female, strict=True))),
    }
    assert (found.result, found.equals) == ((0, 0), ("queen",))
    assert (found.nearest, set(found.squares)) == ((), {None})
    assert handcalc.forward(TRIANGLE, "1 1 1").output == (0, 0, 0)


def test_a_word_behind_is_not_near() -> None:
    """cos² of −r is 1, and its cosine −1."""
    found = handcalc.analogy({"a": "1 0", "b": "-1 0", "c": "1 1"}, "- b")
    assert found.squares == (1, -1, Fraction(1, 2))
    assert found.nearest == ("a",)


@pytest.mark.parametrize(
    ("words", "equation", "message"),
    [
        ({}, "a", "Words are given with their arrows"),
        ({"a": "1", "b": "1 2"}, "a - b", "All arrows have one length; here some have 1 and 2"),
        ({"a b": "1"}, "a", "A word has no blanks"),
        ({"a": "1"}, "a +", "words with . or - between"),
        ({"a": "1"}, "a b", "words with . or - between"),
        ({"king": "1"}, "kin", "'kin' is none of the words, which are king"),
        ({"a": "1"}, 3, "words with . or - between"),
        ({f"w{k}": "1" for k in range(31)}, "w1", "At most 30 words"),
    ],
)
def test_an_equation_that_cannot_be_read_is_refused(
    words: dict[str, str], equation: Any, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        handcalc.analogy(words, equation)
