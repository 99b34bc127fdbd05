"""An answer to an exercise: from options, from a file, or asked for at the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from exercises import Exercise, Grade, grade
from exercises import exercise as kinds
from exercises.answers import answer_parts, read
from handcalc.cli.console import problem_page
from handcalc.cli.failures import of_input
from handcalc.cli.report import CommandError, Exit, ReportedError
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import Given
from handcalc.errors import InputError
from handcalc.parsing import parse_matrix, parse_vector
from handcalc.parsing.named_texts import named_texts
from handcalc.views.layout import to_type
from handcalc.wording import quoted

_CRIES = ("?", "help", "hint")
_QUIET = 0.4  # seconds without input, after which nothing more comes of what is pasted
_MOST_GAPS = 8  # empty lines at which a paste may be divided
_OPEN = re.compile(r'(?P<bracket>".+") is never closed\.$')


@dataclass(frozen=True, slots=True)
class TypedAnswer:
    """What a learner typed, part by part ("W" and "b", or "answer"), and where."""

    parts: Mapping[str, Given]

    def where(self, name: str | None) -> str | None:
        """Where a part was typed, for an error message."""
        given = self.parts.get(name or "")
        return given.where if given else None

    def grade(self, exercise: Exercise) -> Grade:
        """The grade of the answer; nothing is kept."""
        return grade(exercise, **{name: given.text for name, given in self.parts.items()})

    def mended(self, verdict: Grade, carried: str) -> Grade:
        """The grade with what to type instead as a whole command, if it was typed in one.

        ``carried`` is what the command carries on behind the number, as in " --student ada".
        """
        error, name = verdict.error, verdict.answer.where
        if error is None or not error.suggestion or self.where(name) != f"--{name}":
            return verdict
        texts = {part: given.where.partition("=")[2] for part, given in self.parts.items()}
        texts = {part: text or self.parts[part].text for part, text in texts.items()}
        texts[str(name)] = error.suggestion
        options = " ".join(f"--{part}={quoted(text)}" for part, text in texts.items())
        again = f"handcalc exercise {verdict.exercise.position}{carried} {options}"
        where: dict[str, Any] = {"text": error.text, "row": error.row, "column": error.column}
        instead = InputError(error.code, error.message, **where, suggestion=again)
        return replace(verdict, answer=replace(verdict.answer, error=instead))

    def cut_off(self, verdict: Grade) -> str | None:
        """What came of W, where a shell seems to have taken its other rows."""
        error, W = verdict.error, self.parts.get("W")
        if error is None or error.code != "wrong_shape" or W is None or W.where != "--W":
            return None
        text = W.text.strip(" ;,[](){}")
        return None if any(mark in text for mark in ";[({\n") else text


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """The options that an answer can come from, as they were given, part by part."""

    parts: Mapping[str, Given]
    file: Given | None

    @classmethod
    def of(
        cls, W: Given | None, b: Given | None, answer: Given | None, file: Given | None
    ) -> AnswerOptions:
        """What was given, by what click read."""
        parts = {"W": W, "b": b, "answer": answer}
        return cls({name: given for name, given in parts.items() if given is not None}, file)

    @property
    def given(self) -> bool:
        """Whether there is an answer in them."""
        return bool(self.parts) or self.file is not None

    def answer(self, exercise: Exercise) -> TypedAnswer | None:
        """The answer to an exercise, or None where none was given; refused if of another kind."""
        if self.file is not None:
            if self.parts:
                message = "An answer comes from --file, or from the other options."
                raise CommandError(ReportedError("usage", message))
            return answer_in(self.file, exercise)
        for name in self.parts:
            if name not in exercise.example:  # --W for a number, or --answer for W and b
                asked, number = asked_for(exercise), exercise.position
                message = f"Exercise {number} asks for {asked}, not for --{name}."
                suggestion = " ".join(_option(n, exercise) for n in exercise.example)
                raise CommandError(ReportedError("usage", message, suggestion=suggestion))
        if "b" in self.parts and "W" not in self.parts:
            b = self.parts["b"]  # again as it was typed, which may be --b=@file
            again = b.where if "=" in b.where else f"{b.where}={quoted(b.text)}"
            suggestion = f"{_option('W', exercise)} {again}"
            raise CommandError(ReportedError("usage", "--b comes with --W.", suggestion=suggestion))
        return TypedAnswer(self.parts) if self.parts else None


def answer_in(file: Given, exercise: Exercise) -> TypedAnswer:
    """The answer that a file holds; what holds none is refused as a text that cannot be read."""
    try:
        parts = answer_parts(file.text, exercise.answer, exercise.example.get("W", ""))
    except InputError as error:
        if error.code == "not_an_answer" and file.where.endswith((".npy", ".npz")):
            said = "In a file of arrays, W and b stand by their names; save it by "
            error = InputError(error.code, f'{said}numpy.savez("answer.npz", W=W, b=b).')
        raise CommandError(of_input(error, file.where), Exit.UNREADABLE) from None
    if list(parts) == ["answer"]:
        return TypedAnswer({"answer": Given(parts["answer"], file.where)})
    return TypedAnswer({n: Given(text, f"{n} in {file.where}") for n, text in parts.items()})


def asked_for(exercise: Exercise) -> str:
    """What an exercise asks for, in words, as in "a number" or "3 numbers"."""
    match exercise.answer:
        case kinds.ModelAnswer():
            return "W and b"
        case kinds.NumberAnswer():
            return "a number"
        case kinds.IntervalAnswer():
            return "two numbers, the lower end and the upper end"
        case kinds.VectorAnswer(length=length):
            return f"{length} numbers"
        case kinds.ChoiceAnswer(reasons=reasons):
            return "a letter and a number" if reasons else "a letter"


def _option(name: str, exercise: Exercise) -> str:
    """An option with its part of the example, as a shell takes it."""
    return f"--{name}={quoted(exercise.example[name])}"


# --------------------------------------------------------------------------------------------------
# Asked for at the terminal: part by part, each on one line or on several.


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
    """The parts of an answer, each with its prompt and with what tells whether more is to come."""
    asked = exercise.answer
    if isinstance(asked, kinds.ModelAnswer):
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
        return

    def refuse_no_answer(text: str) -> None:
        error = read(asked, {"answer": text}).error
        if error is not None:
            raise error

    prompt, count = _prompt(asked)
    yield _Question(
        "answer",
        prompt,
        refuse_no_answer,
        lambda text: missing_numbers(text, count) if count else "",
        exercise.example["answer"],
        tidied=in_one_line,
    )


def _prompt(asked: kinds.AnswerKind) -> tuple[str, int]:
    """The prompt that fits a kind of answer, and how many numbers it takes; 0 for no numbers."""
    match asked:
        case kinds.IntervalAnswer(name=name):
            return f"{name} (lower end and upper end): ", 2
        case kinds.VectorAnswer(name=name, length=length):
            return f"{name} ({length} numbers): ", length
        case kinds.NumberAnswer(name=name):
            return f"{name} (one number): ", 1
        case kinds.ChoiceAnswer(reasons=reasons):
            prompt = "The letter of a claim, and the number of a reason: "
            return prompt if reasons else "The letter of a claim: ", 0
    return "Your answer: ", 0


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
            rest = "\n".join(_pasted_lines(terminal))
            refusal = self.refusal(whole := f"{text}\n{rest}".rstrip())
            if refusal is None:
                return self.tidied(whole), ""
            # whole it is no answer: it may be this one and the next, as W and b pasted together
            if following is not None:
                for mine, theirs in _divisions(text, rest, self.name, following.name):
                    if self.refusal(mine) is None and following.refusal(theirs) is None:
                        return self.tidied(mine), theirs
            terminal.show(problem_page(of_input(refusal), terminal))
            terminal.show("" if refusal.suggestion else f"\nFor example: {self.example}\n")

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
        while text and line is not None:
            # behind an empty line a text goes on only if more is there already
            if not (line.strip() or terminal.has_input(_QUIET)):
                break
            missing = self.missing(text)
            if not missing:
                break
            line = terminal.ask(f"   {missing}: ")
            text = None if line is None else f"{text}\n{line}".rstrip("\n")
        return text


def _pasted_lines(terminal: Terminal) -> list[str]:
    """The lines that came with an answer, as with a paste, until nothing more comes."""
    lines: list[str] = []
    while terminal.has_input(_QUIET) and (line := terminal.ask("")) is not None:
        lines.append(line)
    return lines


def _divisions(text: str, rest: str, this: str, following: str) -> Iterator[tuple[str, str]]:
    """The ways in which what was pasted may answer this question and the following one.

    By the names in it, at an empty line, or where this answer was whole; the second is one line,
    and may be empty.
    """
    whole = f"{text}\n{rest}"
    try:
        parts = named_texts(whole)
    except InputError:
        parts = ()
    named = {part.key: part.text.strip() for part in parts}
    if len(named) == len(parts) and named.keys() == {this, following}:
        yield named[this], " ".join(named[following].split())
    for gap in islice(re.finditer(r"\n\s*\n", whole), _MOST_GAPS):
        yield whole[: gap.start()], " ".join(whole[gap.end() :].split())
    yield text, " ".join(rest.split())


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
    # more numbers than lines: they are typed side by side, and then all of them are there
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
