"""One question for each lesson, answered before the lesson goes on; its answer is computed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from handcalc.derivation import Name
from handcalc.superposition.closed_forms.three_in_two import ThreeInTwo
from handcalc.superposition.model.forward_pass import Forward
from handcalc.views.notation import PlainNotation
from handcalc.views.text.best import SHAPES
from handcalc.views.text.blocks import inside
from handcalc.wording import joined


@dataclass(frozen=True, slots=True)
class LessonQuestion:
    """What is asked, which numbers may be named, and what is said to those that were.

    ``most`` is how many may be named at once; where it is more than one, none may be.
    """

    asked: str
    prompt: str
    choices: int
    most: int
    verdict: Callable[[Collection[int]], str]


def wrong_outputs(result: Forward, notation: PlainNotation) -> LessonQuestion:
    """Which outputs differ from their features, for the input of a forward pass.

    >>> from handcalc import forward
    >>> from handcalc.views.notation import ASCII
    >>> asked = wrong_outputs(forward("1 0; 0 1; 0 0", "1 1/4 1/2"), ASCII)
    >>> asked.asked
    'Which outputs will be wrong for x = (1, 1/4, 1/2)?'
    >>> asked.verdict({2})
    'Not quite: output 3 is wrong, and no other. xhat3 comes out as 0 and should be 1/2.'
    """
    wrong = [i for i, difference in enumerate(result.difference, 1) if difference != 0]
    is_symbolic = any(value.free_symbols for value in result.x)
    will, is_wrong = ("can", "can be wrong") if is_symbolic else ("will", "")
    features = len(result.x)

    def comes_out(i: int) -> str:
        hat = notation.name(Name("x", (i,), hat=True))
        was, is_now = (notation.told(values[i - 1]) for values in (result.x, result.output))
        return f"{hat} comes out as {is_now} and should be {was}."

    def verdict(named: Collection[int]) -> str:
        lead = "Right" if set(named) == set(wrong) else "Not quite"
        if not wrong:
            return f"{lead}: every output is exact."
        one = len(wrong) == 1
        which = f"output {wrong[0]}" if one else f"outputs {joined(wrong)}"
        verb = is_wrong or ("is wrong" if one else "are wrong")
        alone = "" if len(wrong) == features else ", and no other"
        values = [] if is_symbolic else map(comes_out, wrong)
        return " ".join([f"{lead}: {which} {verb}{alone}.", *values])

    return LessonQuestion(
        f"Which outputs {will} be wrong for x {inside(result.x, notation)}?",
        "Their numbers (0 for none), or Enter to go on: ",
        features,
        features,
        verdict,
    )


def better_shape(result: ThreeInTwo) -> LessonQuestion:
    """Which of the two shapes loses less at a sparsity.

    >>> from handcalc.superposition.closed_forms.three_in_two import three_in_two
    >>> asked = better_shape(three_in_two("9/10"))
    >>> asked.asked
    'Which loses less at S = 9/10: 1 a triangle, or 2 an antipodal pair beside a feature with a \
dimension of its own?'
    >>> asked.verdict({1})
    'Not quite: it is an antipodal pair beside a feature with a dimension of its own.'
    """
    names = ("triangle", "antipodal")
    answer = names.index(result.best.name) + 1
    first, second = (SHAPES[name] for name in names)

    def verdict(named: Collection[int]) -> str:
        lead = "Right" if set(named) == {answer} else "Not quite"
        return f"{lead}: it is {SHAPES[result.best.name]}."

    return LessonQuestion(
        f"Which loses less at S = {result.sparsity}: 1 {first}, or 2 {second}?",
        "1 or 2, or Enter to go on: ",
        len(names),
        1,
        verdict,
    )
