"""One question for each lesson, answered before the lesson goes on; its answer is computed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from handcalc.circuits.gallery.question import CircuitPrediction
from handcalc.derivation import Name
from handcalc.superposition.closed_forms.three_in_two import ThreeInTwo
from handcalc.superposition.model.forward_pass import Forward
from handcalc.views.layout import NO_BREAK
from handcalc.views.notation import PlainNotation
from handcalc.views.text.best import SHAPES
from handcalc.views.text.blocks import inside
from handcalc.wording import joined


@dataclass(frozen=True, slots=True)
class LessonPrediction:
    """What is asked, which numbers may be named, and what is said to those that were.

    ``most`` is how many may be named at once; where it is more than one, none may be. ``right`` are
    the numbers to name, and ``options`` what they stand for, for a page to tick. ``names`` are
    words for the numbers from 1 on, of which a reply may use those that are there once. ``listed``
    are the options by number, for where they cannot be ticked.
    """

    asked: str
    prompt: str
    choices: int
    most: int
    verdict: Callable[[Collection[int]], str]
    right: tuple[int, ...]
    options: tuple[str, ...]
    names: tuple[str, ...] = ()
    listed: str = ""

    def data(self) -> dict[str, object]:
        """The question as plain data, with what is said to who is right and to who is not."""
        other = set(range(1, self.choices + 1)) - set(self.right)
        return {
            "asked": self.asked,
            "options": self.options,
            "most": self.most,
            "right": self.right,
            "verdicts": {"right": self.verdict(self.right), "wrong": self.verdict(other)},
        }


def wrong_outputs(result: Forward, notation: PlainNotation) -> LessonPrediction:
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

    return LessonPrediction(
        f"Which outputs {will} be wrong for x {inside(result.x, notation)}?",
        "Their numbers (0 for none), or Enter to go on: ",
        features,
        features,
        verdict,
        tuple(wrong),
        tuple(f"Output {i}" for i in range(1, features + 1)),
    )


def better_shape(result: ThreeInTwo) -> LessonPrediction:
    """Which of the two shapes loses less at a sparsity.

    >>> from handcalc.superposition.closed_forms.three_in_two import three_in_two
    >>> asked = better_shape(three_in_two("9/10"))
    >>> asked.asked
    'Which loses less at S = 9/10?'
    >>> asked.listed
    '(1) a triangle, (2) an antipodal pair beside a feature with a dimension of its own'
    >>> asked.verdict({1})
    'Not quite: it is an antipodal pair beside a feature with a dimension of its own.'
    """
    names = ("triangle", "antipodal")
    answer = names.index(result.best.name) + 1
    first, second = (SHAPES[name] for name in names)

    def verdict(named: Collection[int]) -> str:
        lead = "Right" if set(named) == {answer} else "Not quite"
        return f"{lead}: it is {SHAPES[result.best.name]}."

    return LessonPrediction(
        f"Which loses less at S = {result.sparsity}?",
        "1 or 2, or Enter to go on: ",
        len(names),
        1,
        verdict,
        (answer,),
        (first, second),
        listed=f"(1) {first}, (2) {second}",
    )


def about_circuit(question: CircuitPrediction, notation: PlainNotation) -> LessonPrediction:
    r"""The question of a named circuit, with its choices by number.

    >>> from handcalc.circuits.gallery.listing import circuit
    >>> from handcalc.views.notation import ASCII
    >>> asked = about_circuit(circuit("source-xor").question(), ASCII)
    >>> asked.asked, asked.listed.replace(NO_BREAK, " ")
    ('After <s> keep in comes mind. What comes after <s> leave in?', '(1) mind, (2) bay')
    >>> asked.verdict({1}).partition(",")[0]
    'Not quite: bay. Mind has 6/5 and bay 2: in looks away from leave'
    """
    each = (choice.replace(" ", NO_BREAK) for choice in question.choices)
    choices = ", ".join(f"({k}){NO_BREAK}{choice}" for k, choice in enumerate(each, 1))
    right = {place + 1 for place in question.right}

    def verdict(named: Collection[int]) -> str:
        lead = "Right" if set(named) == right else "Not quite"
        return notation.words(f"{lead}: {notation.claim(question.answer)}")

    which = "Its number" if not question.several else "Its number, or several,"
    return LessonPrediction(
        notation.words(question.asked),
        f"{which} or Enter to go on: ",
        len(question.choices),
        len(question.choices) if question.several else 1,
        verdict,
        tuple(sorted(right)),
        question.choices,
        question.choices,
        notation.words(choices),
    )
