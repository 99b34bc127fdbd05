"""An answer in rounded numbers: what is meant by it, decided exactly, and how that is named.

Every number is read exactly, so that 0.707 is no √2/2. If the answer fails for that alone, that is
what ``diagnosis`` says; if it fails in any case, the mistake that the exact numbers would show.
Where an answer may be rounded, nothing is said of rounding unless it is what fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, product
from typing import TypeAlias

import sympy

from exercises.answers import Choice, Decimals, Value, read_listed
from exercises.checking import Feedback, decide
from exercises.checking.values import not_exactly
from exercises.checks import Brackets, Check, LossAtMost
from exercises.exercise import Exercise
from exercises.feedback.near_misses import passes
from exercises.feedback.simple_numbers import RoundedDecimal
from exercises.feedback.turned_shapes import TypedNumber, meant_rows
from exercises.matrices import NamedMatrices, matrix_line
from handcalc.derivation import Claim, Number
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import equal, join_text, sign
from handcalc.superposition.model.toy_model import ToyModel

Numeric: TypeAlias = "ToyModel | Vector | NamedMatrices"

_SMALL, _MOST_OF_SMALL, _MOST = 9, 6, 2
"""Of a model with so many numbers, so many readings are tried, and of larger ones fewer."""
_CHOICES = 2  # of what one decimal may stand for, where nothing else tells
_FEW = 6  # different decimals of which all choices are looked at
_MOST_ROOTS = 4  # different ones in a reading: with more, a field grows too large to look at
_NAMED = 2  # decimals that a sentence names
_LONGEST = 10**6  # denominator of a number that is named


@dataclass(frozen=True, slots=True)
class Meant:
    """The likeliest answer behind rounded numbers, and whether rounding alone is what fails."""

    value: Numeric
    is_right: bool
    typed: Sequence[TypedNumber]


def rounded_numbers(exercise: Exercise, value: Value, decimals: Decimals) -> Sequence[TypedNumber]:
    """The numbers of an answer as they were typed; none where rounding is not what to speak of."""
    rounded = tuple(map(RoundedDecimal.of, decimals))
    check = exercise.key().check
    if isinstance(value, Choice) or isinstance(check, Brackets) or not any(rounded):
        return ()
    numbers = _numbers(value)
    if len(numbers) != len(rounded):
        return ()
    return tuple(TypedNumber.of(*each) for each in zip(numbers, rounded, strict=True))


def find_meant(exercise: Exercise, value: Numeric, typed: Sequence[TypedNumber]) -> Meant | None:
    """The answer that is meant, a right one if one may be; None where no other is.

    Errors: ``InputError`` past the budget of a field.

    >>> from decimal import Decimal
    >>> from exercises.course import load
    >>> exercise, third = load("best-bias-dense"), (sympy.Rational(33, 100),)
    >>> meant = find_meant(exercise, third, rounded_numbers(exercise, third, (Decimal("0.33"),)))
    >>> meant.value, meant.is_right
    ((1/3,), False)
    """
    check = exercise.key().check
    most = _MOST_OF_SMALL if len(typed) <= _SMALL else _MOST
    likeliest = None
    for reading, is_listed in islice(_readings(exercise, value, typed), most):
        if _is_right(check, reading):
            return Meant(reading, True, typed)
        likeliest = reading if likeliest is None else likeliest
        if is_listed:
            break
    return None if likeliest is None else Meant(likeliest, False, typed)


def _is_right(check: Check, reading: Numeric) -> bool:
    if isinstance(reading, ToyModel):
        return passes(check, reading)
    return decide(check, reading).score == 1


# --------------------------------------------------------------------------------------------------
# The answers that may be meant, the likeliest first.


def _readings(
    exercise: Exercise, value: Numeric, typed: Sequence[TypedNumber]
) -> Iterator[tuple[Numeric, bool]]:
    """What may be meant, and whether that is an answer that the exercise lists."""
    solutions, wrong = (tuple(_known(exercise, part)) for part in ("solutions", "wrong"))
    readings: Iterator[tuple[Numeric, bool]]
    if isinstance(value, ToyModel):
        readings = _models((*solutions, *wrong), value, typed)
        if not isinstance(exercise.key().check, LossAtMost):  # where any decimal is as good
            readings = chain(
                readings,
                (
                    (_with(value, numbers), False)
                    for numbers in _simplest(typed)
                    if not _is_mixed(numbers, typed, value)
                ),
            )
    elif isinstance(value, NamedMatrices):
        readings = _matrices((*solutions, *wrong), value, typed)
    else:
        readings = _vectors((*solutions, *wrong), typed)
    seen: list[Numeric] = [value]
    for reading, is_listed in readings:
        if is_listed and reading == value:  # then nothing in it is short of anything
            return
        if reading not in seen:
            seen.append(reading)
            yield reading, is_listed


def _known(exercise: Exercise, part: str) -> Iterator[Value]:
    """The listed solutions, or wrong answers."""
    for each in getattr(exercise.key(), part):
        value = read_listed(exercise.answer, each)
        if value is not None:
            yield value


def _models(
    listed: Sequence[Value], model: ToyModel, typed: Sequence[TypedNumber]
) -> Iterator[tuple[ToyModel, bool]]:
    """Listed models, turned, within the digits typed; then longer or shorter ones."""
    known = [each for each in listed if isinstance(each, ToyModel)]
    turned = [found for each in known for found in _turned_models(each, model, typed, as_long=True)]
    yield from sorted(turned, key=lambda found: not found[1])
    plainly = [number.unless_plain for number in typed]
    for each in known:
        yield from _turned_models(each, model, plainly, as_long=False)


def _turned_models(
    known: ToyModel, model: ToyModel, typed: Sequence[TypedNumber], *, as_long: bool
) -> Iterator[tuple[ToyModel, bool]]:
    """A known model, turned, within the digits typed, with its own b where that is possible too."""
    n, m = model.n, model.m
    rows = [tuple(typed[i * m : (i + 1) * m]) for i in range(n)]
    for W, order in meant_rows(known.W, rows, as_long=as_long):
        own = [(number, known.b[i]) for number, i in zip(typed[n * m :], order, strict=True)]
        fits = [number.may_be(value) for number, value in own]
        b = (
            value if fit else next(_simple(number))
            for (number, value), fit in zip(own, fits, strict=True)
        )
        found = ToyModel.exactly(W, tuple(b), model.activation)
        yield found, as_long and all(fits) and order == tuple(range(n))


def _simplest(typed: Sequence[TypedNumber]) -> Iterator[Vector]:
    """The numbers with each decimal as the simplest number that it may stand for.

    The same decimal, with either sign, stands for the same number.
    """
    texts = list(dict.fromkeys(each.rounded.text for each in typed if each.rounded))
    if not texts:
        return
    first = {each.rounded.text: each for each in reversed(typed) if each.rounded}
    most = _CHOICES if len(texts) <= _FEW and len(typed) <= _SMALL else 1
    choices = [[abs(v) for v in islice(_simple(first[text]), most)] for text in texts]
    tried = sorted(product(*map(enumerate, choices)), key=lambda each: sum(i for i, _ in each))
    for chosen in islice(tried, _MOST_OF_SMALL):
        sizes = {text: size for text, (_, size) in zip(texts, chosen, strict=True)}
        if sum(not size.is_Rational for size in sizes.values()) > _MOST_ROOTS:
            continue
        yield tuple(
            each.value if each.rounded is None else sizes[each.rounded.text] * sign(each.value)
            for each in typed
        )


def _is_mixed(numbers: Vector, typed: Sequence[TypedNumber], model: ToyModel) -> bool:
    """Whether a row of W has a decimal that stands for another number, and one that stays."""
    n, m = model.n, model.m
    for i in range(n):
        row = zip(typed[i * m : (i + 1) * m], numbers[i * m : (i + 1) * m], strict=True)
        if len({t.value == v for t, v in row if t.rounded and not t.rounded.is_plain}) > 1:
            return True
    return False


def _simple(number: TypedNumber) -> Iterator[sympy.Expr]:
    """What a number may stand for, itself last, and alone where it is plain."""
    if number.rounded is not None and not number.rounded.is_plain:
        yield from number.rounded.simple_numbers()
    yield number.value


def _vectors(
    listed: Sequence[Value], typed: Sequence[TypedNumber]
) -> Iterator[tuple[Vector, bool]]:
    """Listed vectors within the digits typed, then with each number one that is listed."""
    vectors = [value for value in listed if isinstance(value, tuple)]
    for vector in vectors:
        if all(number.may_stand_for(v) for number, v in zip(typed, vector, strict=True)):
            yield vector, True
    sizes = list(dict.fromkeys(abs(value) for vector in vectors for value in vector))
    yield (
        tuple(
            next(
                (v for size in sizes for v in (size, -size) if number.may_stand_for(v)),
                next(_simple(number)),
            )
            for number in typed
        ),
        False,
    )


def _matrices(
    listed: Sequence[Value], value: NamedMatrices, typed: Sequence[TypedNumber]
) -> Iterator[tuple[NamedMatrices, bool]]:
    """Listed matrices within the digits typed, then with each decimal as a simple number."""
    known = [each.numbers for each in listed if isinstance(each, NamedMatrices)]
    for numbers, is_listed in _vectors(known, typed):
        yield value.with_numbers(numbers), is_listed
    for numbers in _simplest(typed):
        yield value.with_numbers(numbers), False


def _numbers(value: Numeric) -> Vector:
    if isinstance(value, NamedMatrices):
        return value.numbers
    if isinstance(value, ToyModel):
        return (*(cell for row in value.W for cell in row), *value.b)
    return value


def _with(model: ToyModel, numbers: Vector) -> ToyModel:
    """The model with other numbers in its W and b."""
    n, m = model.n, model.m
    W = tuple(numbers[i * m : (i + 1) * m] for i in range(n))
    return ToyModel.exactly(W, numbers[n * m :], model.activation)


# --------------------------------------------------------------------------------------------------
# What is said of rounding.


def ask_for_exact(meant: Meant) -> Feedback:
    """That rounding is what fails, and the whole line to type instead."""
    reading, typed = meant.value, meant.typed
    pairs = _changes(reading, typed)
    if isinstance(reading, tuple):  # the number itself is what was asked for
        meant_by = zip(typed, _numbers(reading), strict=True)
        return next(not_exactly(n.value, v, n.text) for n, v in meant_by if n.value != v)
    named = list(pairs.items())[:_NAMED]
    read_as = ", and ".join(f"{text} is exactly {rounded.read}" for text, (rounded, _) in named)
    sizes = " and ".join(["{}"] * len(named))
    ask = (
        f"Is {sizes} what you mean? Then type instead:"
        if len(named) == 1
        else (f"Are {sizes} what you mean? Then type instead:")
    )
    lines = "".join(f'\n    {name} = "{text}"' for name, text in _typed_again(reading).items())
    return Feedback(
        Claim(f"Numbers are read exactly: {read_as}, and that is not near enough."),
        Claim(f"{ask}\n{lines}", tuple(Number(size) for _, (_, size) in named)),
        "rounded",
    )


def _typed_again(reading: ToyModel | NamedMatrices) -> Mapping[str, str]:
    """What to type, by name; a b of zeros is left out."""
    if isinstance(reading, NamedMatrices):
        return {name: matrix_line(rows) for name, rows in reading.parts}
    b = {"b": join_text(reading.b)} if any(map(sign, reading.b)) else {}
    return {"W": matrix_line(reading.W), **b}


def taken_as(meant: Meant) -> Claim | None:
    """As what the rounded numbers are taken; None where these are long decimals themselves."""
    changes = _changes(meant.value, meant.typed).items()
    pairs = {text: each for text, each in changes if not _is_long(each[1])}
    named = list(pairs.items())[:_NAMED]
    if not named:
        return None
    first, *others = (f"{text} is exactly {rounded.read}" for text, (rounded, _) in named)
    said = f"{first}, and is taken here as {{}}."
    if others:
        said = f"{first} and {others[0]}; they are taken here as {{}} and {{}}"
        said += ", and so on." if len(pairs) > len(named) else "."
    return Claim(said, tuple(Number(size) for _, (_, size) in named))


def _is_long(size: sympy.Expr) -> bool:
    """Whether a listed number is a decimal in the place of one that no fraction is."""
    return bool(size.is_Rational and size.q > _LONGEST)


def _changes(
    reading: Numeric, typed: Sequence[TypedNumber]
) -> Mapping[str, tuple[RoundedDecimal, sympy.Expr]]:
    """The decimals that stand for another number, without their signs, each with that number."""
    found: dict[str, tuple[RoundedDecimal, sympy.Expr]] = {}
    for number, value in zip(typed, _numbers(reading), strict=True):
        if number.rounded is not None and not equal(number.value, value):
            size = -value if sign(value) < 0 else value
            found.setdefault(number.rounded.text, (number.rounded, size))
    return found
