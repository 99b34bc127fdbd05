"""One question at a prompt: a line or several, a paste that answers the next one too, a second try.

Whoever asks passes a ``listen``: it shows a prompt, with what stands in the line at first, and
gives the line that was typed, once it is none of the keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from handcalc.cli.console import problem_page
from handcalc.cli.failures import of_input
from handcalc.cli.terminal import Terminal
from handcalc.errors import InputError
from handcalc.parsing import parse_matrix, parse_vector
from handcalc.parsing.named_texts import named_texts

Listen: TypeAlias = Callable[[str, str, str, Callable[[str], str]], str]
"""From a prompt, what stands in the line at first, what that is, and what takes a line as it was
meant, to the line that was typed, taken so."""

_QUIET = 0.4  # seconds without input, after which nothing more comes of what is pasted
_MOST_GAPS = 8  # empty lines at which a paste may be divided
_OPEN = re.compile(r'(?P<bracket>".+") is never closed\.$')
_CAME_ALONG, _BEFORE = "What came with it", "Enter keeps"
BRACKETS = set("[](){}\\")
_PARTS = re.compile(r"[\s,;]+")
_GOES_ON = tuple(" \t;,+*/^.)]")  # what is typed behind a text and begins so may go on with it


@dataclass(frozen=True, slots=True)
class PromptQuestion:
    """A part that is asked for: the prompt, what reads the reply, what it lacks, an example.

    ``tidied`` is the reply as it is read and graded, ``before`` what stands in the line at first,
    and ``size`` that of what is typed row by row.
    """

    name: str
    prompt: str
    read: Callable[[str], object]
    missing: Callable[[str], str]
    example: str
    tidied: Callable[[str], str] = str
    before: str = ""
    may_be_empty: bool = False
    size: str = ""

    def ask(
        self, terminal: Terminal, listen: Listen, given: str, following: PromptQuestion | None
    ) -> tuple[str, str]:
        """A text that can be read, or "" for an empty one where there may be one.

        With it comes what was pasted behind it and answers the following question: there it is
        ``given``, to be looked at, and answers nothing before Enter is pressed. Of rows, those
        before the one that cannot be read are kept, and those behind it that were pasted.
        """
        start = _Start(given or self.before, _CAME_ALONG if given else _BEFORE)
        while True:
            text = self._typed(terminal, listen, start)
            if not text.strip():
                if self.may_be_empty:
                    return "", ""
                terminal.show("An empty line is no answer: ? shows the keys, q leaves.")
                continue
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
            start = self._again(whole, refusal, terminal.can_edit)

    def refusal(self, text: str) -> InputError | None:
        """Why a text is no answer, or None where it is one."""
        try:
            self.read(self.tidied(text))
        except InputError as error:
            return error
        return None

    def _again(self, text: str, refusal: InputError, can_edit: bool) -> _Start:
        """What to begin with after a text that cannot be read: all of it, or its row at fault."""
        lines, row = text.splitlines(), refusal.row or 0
        if len(lines) == 1 and self.size and not can_edit and not BRACKETS & set(text):
            # such a line cannot be put right: its rows before the fault are kept
            lines = [piece.strip() for piece in text.split(";")]
            row = text[: refusal.column or 0].count(";") + 1
        if self.size and 0 < row - 1 < len(lines):
            return _Start(lines[row - 1], "It was", tuple(lines[: row - 1]), tuple(lines[row:]))
        return _Start(as_line(text) if can_edit else "", "It was")

    def _typed(self, terminal: Terminal, listen: Listen, start: _Start) -> str:
        """A line, and more while something is missing; an empty one ends the text as it stands.

        Not so one in the midst of what is pasted: behind it comes more, at once.
        """
        text = line = listen(
            self._prompt_from(start),
            start.line,
            start.lead,
            lambda typed: self._meant(typed, start),
        )
        while not text.strip() and terminal.has_input(_QUIET):
            text = line = listen("", "", "", str)
        if start.rows and text.strip() and self.refusal(text) is not None:
            text = "\n".join([*start.rows, text, *start.behind])
        while text:
            # behind an empty line a text goes on only if more is there already
            if not (line.strip() or terminal.has_input(_QUIET)):
                break
            missing = self.missing(text)
            if not missing:
                break
            line = listen(f"   {missing}: ", "", "", str)
            text = f"{text}\n{line}".rstrip("\n")
        return text

    def _meant(self, line: str, start: _Start) -> str:
        """What is typed behind the text that stood in the line is an answer of its own.

        Unless it cannot be one, or goes on with that text, and the whole can be read.
        """
        anew = line.removeprefix(start.line)
        if not anew.strip() or not line.startswith(start.line):
            return line
        if anew.startswith(_GOES_ON) and self._refusal_of(line, start) is None:
            return line
        # the last of several numbers is put right behind it, as .2 is by a 5
        if not self.size and re.fullmatch(r"[\d./]+", anew) and len(_PARTS.split(start.line)) > 1:
            return line
        begins = self.size and self.missing(anew)
        return anew.strip() if begins or self._refusal_of(anew, start) is None else line

    def _refusal_of(self, line: str, start: _Start) -> InputError | None:
        """Why a line is no answer, with the rows before and behind it that are kept."""
        refusal = self.refusal(line)
        if refusal is None or not start.rows:
            return refusal
        whole = "\n".join([*start.rows, line, *start.behind])
        return None if self.missing(whole) else self.refusal(whole)

    def _prompt_from(self, start: _Start) -> str:
        kept = len(start.rows)
        if not kept:
            return self.prompt
        rows = "row 1 is" if kept == 1 else f"rows 1 to {kept} are"
        return f"{self.name} ({self.size}), {rows} kept. Row {kept + 1}: "


def as_line(text: str) -> str:
    r"""An answer that was typed on several lines, to be changed on one.

    >>> as_line("0 1\n1 0;0 1"), as_line("1 0;\n0 1"), as_line("W =\n1 0\n0 1")
    ('0 1; 1 0; 0 1', '1 0; 0 1', 'W = 1 0; 0 1')
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if BRACKETS & set(text):
        return " ".join(lines)
    # within brackets alone a line may end in the midst of a row; else each line is rows
    rows = [re.sub(r"\s*;\s*", "; ", line.strip("; \t")) for line in lines]
    return re.sub(r"=;", "=", "; ".join(row for row in rows if row))


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a question begins: what stands in the line, what that is, rows before and behind it."""

    line: str
    lead: str
    rows: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()


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
