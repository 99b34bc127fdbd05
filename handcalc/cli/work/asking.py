"""An answer asked for at the terminal: part by part, each on one line or on several."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from exercises import Exercise
from exercises import exercise as kinds
from exercises.answers import read
from handcalc.cli.console import problem_page
from handcalc.cli.failures import of_input
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import Given
from handcalc.errors import InputError
from handcalc.parsing import parse_matrix, parse_vector
from handcalc.parsing.named_texts import named_texts
from handcalc.views.layout import to_type

from .answers import TypedAnswer

_CRIES = ("?", "help", "hint")
_QUIET = 0.4  # seconds without input, after which nothing more comes of what is pasted
_MOST_GAPS = 8  # empty lines at which a paste may be divided
_OPEN = re.compile(r'(?P<bracket>".+") is never closed\.$')


def ask_for_answer(exercise: Exercise, terminal: Terminal, carried: str = "") -> TypedAnswer | None:
    """Ask for each part, again where one cannot be read; None where the person leaves.

    ``carried`` is what commands carry on behind the number, as in " --student ada".
    """
    parts = {}
    questions = list(_questions(exercise))
    came_along = ""
    for question, following in zip(questions, [*questions[1:], None], strict=True):
        hint = f"handcalc hint {exercise.position}{carried}"
        text, came_along = question.ask(terminal, hint, came_along, following)
        if text is None or not (text or question.may_be_empty):
            return None
        if text:
            parts[question.name] = Given(text, question.name)
    return TypedAnswer(parts)


def _questions(exercise: Exercise) -> Iterator[_Question]:
    asked = exercise.answer
    if isinstance(asked, kinds.ModelAnswer):
        yield from _of_model(asked, exercise)
    else:
        prompt, missing = _prompt(asked)
        yield _Question(
            "answer",
            prompt,
            lambda text: _read(asked, text),
            missing,
            exercise.example["answer"],
            tidied=in_one_line,
        )


def _of_model(asked: kinds.ModelAnswer, exercise: Exercise) -> Iterator[_Question]:
    n, m = asked.features, asked.dimensions
    yield _Question(
        "W",
        f"W ({n} rows of {m}, with ; or Enter between rows): ",
        lambda text: parse_matrix(text, n, m),
        lambda text: missing_rows(text, n, m),
        exercise.example["W"],
    )
    yield _Question(
        "b",
        f"b ({n} numbers, or Enter for zeros): ",
        lambda text: parse_vector(text, n),
        lambda text: missing_numbers(text, n, one_for_all=True),
        exercise.example["b"],
        tidied=in_one_line,
        may_be_empty=True,
    )


def _prompt(asked: kinds.AnswerKind) -> tuple[str, Callable[[str], str]]:
    """The prompt that fits a kind of answer, and what tells whether more is to come."""
    match asked:
        case kinds.IntervalAnswer(name=name):
            prompt = f"{name} (lower end and upper end): "
            return prompt, lambda text: missing_numbers(text, 2)
        case kinds.VectorAnswer(name=name, length=length):
            return f"{name} ({length} numbers): ", lambda text: missing_numbers(text, length)
        case kinds.NumberAnswer(name=name):
            return f"{name} (one number): ", lambda text: missing_numbers(text, 1)
        case kinds.ChoiceAnswer(reasons=reasons):
            prompt = "The letter of a claim, and the number of a reason: "
            return prompt if reasons else "The letter of a claim: ", lambda _: ""
    return "Your answer: ", lambda _: ""


def _read(asked: kinds.AnswerKind, text: str) -> None:
    """Raise whatever makes a text no answer."""
    error = read(asked, {"answer": text}).error
    if error is not None:
        raise error


def missing_rows(text: str, n: int, m: int) -> str:
    """What must follow a text before it can be n rows of m numbers; "" where it is to be judged.

    >>> missing_rows("1 0", 3, 2), missing_rows("[[1 0]", 3, 2), missing_rows("1 0 0", 3, 2)
    ('row 2 of 3', '"[" is not closed yet', '')
    """
    try:
        rows = len(parse_matrix(text, None, m))
    except InputError as error:
        return _still_open(error) or (f"row 1 of {n}" if _only_named(text) else "")
    return f"row {rows + 1} of {n}" if rows < n else ""


def missing_numbers(text: str, n: int, one_for_all: bool = False) -> str:
    r"""What must follow a text before it can be n numbers, one a line; "" where it is to be judged.

    >>> missing_numbers("0\n1/2", 3), missing_numbers("0 1/2", 3)
    ('number 3 of 3', '')
    >>> missing_numbers("0", 3, one_for_all=True)
    'number 2 of 3, or Enter for the same in all'
    """
    try:
        found = len(parse_vector(in_one_line(text)))
    except InputError as error:
        return _still_open(error) or (f"number 1 of {n}" if _only_named(text) else "")
    lines = sum(bool(line.strip()) for line in text.splitlines())
    if found >= n or found > lines:
        return ""
    same = ", or Enter for the same in all" if one_for_all and found == 1 else ""
    return f"number {found + 1} of {n}{same}"


def in_one_line(text: str) -> str:
    r"""Numbers typed on several lines, however many on each, as one; brackets stay as they are.

    >>> in_one_line("1\n1/4 0"), in_one_line("[1,\n0]")
    ('1 1/4 0', '[1,\n0]')
    """
    return text if set(text) & set("[](){}\\;") else " ".join(text.splitlines())


def _still_open(error: InputError) -> str:
    found = _OPEN.search(error.message) if error.code == "unbalanced" else None
    return f"{found['bracket']} is not closed yet" if found else ""


def _only_named(text: str) -> bool:
    """Whether there is nothing yet but ``W =``."""
    return text.rstrip().endswith("=")


def _goes_on(line: str | None, terminal: Terminal) -> bool:
    """Whether a text may go on behind a line: behind an empty one only if more is there already."""
    return line is not None and (bool(line.strip()) or terminal.has_input(_QUIET))


def _lines_behind(terminal: Terminal) -> list[str]:
    """The lines that came with an answer, as with a paste, until nothing more comes."""
    lines: list[str] = []
    while terminal.has_input(_QUIET) and (line := terminal.ask("")) is not None:
        lines.append(line)
    return lines


def _divided(text: str, rest: str, this: str, following: str) -> Iterator[tuple[str, str]]:
    """The ways in which what was pasted may answer this question and the following one.

    By the names in it, at an empty line, or where this answer was whole; the second is one line,
    and may be empty.
    """
    whole = f"{text}\n{rest}"
    named = _by_name(whole)
    if named.keys() == {this, following}:
        yield named[this], " ".join(named[following].split())
    for gap in islice(re.finditer(r"\n\s*\n", whole), _MOST_GAPS):
        yield whole[: gap.start()], " ".join(whole[gap.end() :].split())
    yield text, " ".join(rest.split())


def _by_name(text: str) -> dict[str, str]:
    try:
        parts = named_texts(text)
    except InputError:
        return {}
    named = {part.key: part.text.strip() for part in parts}
    return named if len(named) == len(parts) else {}


@dataclass(frozen=True, slots=True)
class _Question:
    """A part that is asked for: the prompt, what reads the reply, what it lacks, an example.

    ``tidied`` is the reply as it is read and graded.
    """

    name: str
    prompt: str
    read: Callable[[str], object]
    missing: Callable[[str], str]
    example: str
    tidied: Callable[[str], str] = str
    may_be_empty: bool = False

    def ask(
        self, terminal: Terminal, hint: str, given: str, following: _Question | None
    ) -> tuple[str | None, str]:
        """A text that can be read, "" for an empty one, or None at the end of input.

        With it comes what was pasted behind it and answers the following question: there it is
        ``given``, to be looked at, and answers nothing before Enter is pressed.
        """
        while True:
            text = self._typed(terminal, given)
            given = ""
            if text is not None and text.strip().lower() in _CRIES:
                terminal.show(to_type(hint, "For a hint, leave with Ctrl-C and type: "), "")
                continue
            if text is None or not text.strip():
                return (None if text is None else ""), ""
            rest = "\n".join(_lines_behind(terminal))
            refusal = self.refusal(whole := f"{text}\n{rest}".rstrip())
            if refusal is None:
                return self.tidied(whole), ""
            if following is not None:
                for mine, theirs in _divided(text, rest, self.name, following.name):
                    if self.refusal(mine) is None and following.refusal(theirs) is None:
                        return self.tidied(mine), theirs
            self._explain(refusal, terminal)

    def refusal(self, text: str) -> InputError | None:
        """Why a text is no answer, or None where it is one."""
        try:
            self.read(self.tidied(text))
        except InputError as error:
            return error
        return None

    def _typed(self, terminal: Terminal, given: str) -> str | None:
        """A line, and more while something is missing; an empty one ends the text as it stands.

        Not so one in the midst of what is pasted: behind it comes more, at once.
        """
        text = line = terminal.ask(terminal.plain(self.prompt), given)
        while text is not None and not text.strip() and terminal.has_input(_QUIET):
            text = line = terminal.ask("")
        while text and _goes_on(line, terminal) and (missing := self.missing(text)):
            line = terminal.ask(f"   {missing}: ")
            text = None if line is None else f"{text}\n{line}".rstrip("\n")
        return text

    def _explain(self, error: InputError, terminal: Terminal) -> None:
        """What is wrong, where, and how to write it."""
        terminal.show(problem_page(of_input(error), terminal))
        terminal.show("" if error.suggestion else f"\nFor example: {self.example}\n")
