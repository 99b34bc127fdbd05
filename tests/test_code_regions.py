"""Where an active set is the best: floats rule sets out early, and change nothing."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from handcalc.directions.best_code import Dictionary
from handcalc.directions.code_regions import CodeRegions, _ends
from handcalc.numbers.field import Element, Field

FIELD = Field()


def numbers(chance: random.Random, count: int, scale: int = 1) -> list[Element]:
    """Fractions with few digits."""
    return [FIELD.rational(Fraction(chance.randint(-9, 9), 7)) * scale for _ in range(count)]


def regions(chance: random.Random, latents: int, m: int, scale: int = 1) -> CodeRegions:
    """Of a dictionary of rows at random, some of which may be alike, opposite or 0."""
    rows = [tuple(numbers(chance, m, scale)) for _ in range(latents)]
    return CodeRegions(Dictionary(rows, [FIELD.rational(Fraction(1, 10))] * latents))


@pytest.mark.parametrize("scale", [1, 10**200])  # whose squares no float holds
@pytest.mark.parametrize(("latents", "m"), [(1, 1), (3, 1), (3, 2), (5, 2), (4, 3)])
def test_floats_rule_out_no_set_that_has_a_stretch(latents: int, m: int, scale: int) -> None:
    chance = random.Random(latents * m)  # noqa: S311 - examples, and no secrets
    for _ in range(8):
        found = regions(chance, latents, m, scale)
        line = numbers(chance, m), numbers(chance, m)
        every = [(*e, s) for s, region in found._regions if (e := _ends(region, line)) is not None]
        assert [tuple(each) for each in found.along(line)] == every
        middle = [a + b / 2 for a, b in zip(*line, strict=True)]
        half = [b / 2 for b in line[1]]
        parts = found.line_mean((line[0], half)) + found.line_mean((middle, half))
        assert parts / 2 == found.line_mean(line)


def test_few_sets_are_left_to_be_worked_out() -> None:
    """Of all 26 sets of three of five latents at most, a handful is looked at on each line."""
    chance = random.Random(5)  # noqa: S311 - examples, and no secrets
    found = regions(chance, 5, 3)
    assert len(found._regions) == 26
    lines = [(numbers(chance, 3), numbers(chance, 3)) for _ in range(50)]
    assert sum(len(found._possible(line)) for line in lines) < 6 * len(lines)
