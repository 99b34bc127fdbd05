"""Which answer in a hand-in belongs to which exercise: by headings, by keys of JSON, or by names.

A file may hold answers to several exercises, each below a line ``exercise 2`` or ``exercise SLUG``;
or be a JSON object with a key for each; or hold one answer, and its own name, or that of a folder
that it lies in, says to which exercise. Where there is only one exercise, it is that. A name that
says whose a hand-in is says nothing else.

What a record of progress claims is no answer: it is left out, and said to be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from handcalc.cli.report import CommandError
from handcalc.cli.typed_text import decoded_answer
from handcalc.cli.visible import visible
from handcalc.errors import InputError
from handcalc.inputs.array_files import is_array_file

from .files import HandedFile

_BLANK = r"[^\S\n]"  # on a line; a word processor has more of them than a keyboard
_HEADING = re.compile(
    rf"^{_BLANK}*+(?P<marks>#*+){_BLANK}*+(?:exercise|ex\.?){_BLANK}++(?P<id>[\w-]{{1,80}})"
    rf"{_BLANK}*+(?:(?P<sign>[:.)])(?P<rest>.*)|#*+{_BLANK}*+)$",
    re.MULTILINE | re.IGNORECASE,
)
# what Windows puts before a text, and so before each of several that were put together
_MARKS = re.compile("^\ufeff+", re.MULTILINE)
# the word exercise before the name of one: where nothing parts them, only before a number
_WORD = re.compile(r"(?:(?:exercise|ex)(?=[ _.\d-]))?[ _.-]*+", re.IGNORECASE)
_AGAIN = re.compile(r"(?:-\d{1,3}|[ _]?\(\d{1,3}\))\Z")  # what platforms put behind a name
_LONGEST = 255  # characters of a name that can be that of an exercise
_COMMENT = re.compile(r"\s*(?:[#%]|//).*")
_HTML = re.compile(
    r"\s*<(?:!doctype|html|head|body|p|div|span|br|h\d|[uo]l|table)\b", re.IGNORECASE
)
_CLAIMS = frozenset({"solved", "attempts", "hints", "solution", "score", "status", "state"})
_ABOUT = frozenset({"format", "student", "name", "course", "exercises"})
_RECORD = (
    "It is a record of progress, which holds no answers; answers are graded, and what a record "
    "claims is not."
)


@dataclass(frozen=True, slots=True)
class HandedAnswer:
    """An answer as it was handed in: a text, or the bytes of a file with arrays.

    ``place`` is where it stands in the hand-in, ``shown`` where that is for a lecturer, and
    ``line`` that of its heading, if it has one.
    """

    shown: str
    place: str
    content: str | bytes
    line: int | None = None

    @property
    def place_in_words(self) -> str:
        """Its place, which no other answer has."""
        return self.place if self.line is None else f"{self.place} (line {self.line})"


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A part of a hand-in that is an answer to no exercise, or cannot be had, and why."""

    shown: str
    place: str
    said: str


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of a hand-in by exercise, in a list where there are several, and the rest."""

    by_exercise: Mapping[str, Sequence[HandedAnswer | NoAnswer]]
    no_answers: tuple[NoAnswer, ...]


@dataclass(frozen=True, slots=True)
class CourseNames:
    """By which names the exercises of a course go; of them only ``graded`` are graded here."""

    slugs: Sequence[str]
    graded: Sequence[str]

    def find(self, name: str) -> str | None:
        """The slug of an exercise by its position or slug, however it is written.

        >>> CourseNames(("one-two", "three"), ("three",)).find("One_Two")
        'one-two'
        """
        if name.isdecimal() and len(name) < 6:
            position = int(name)
            return self.slugs[position - 1] if 1 <= position <= len(self.slugs) else None
        slug = re.sub(r"[\W_]+", "-", name.lower()).strip("-")
        return slug if slug in self.slugs else None

    def of_path(self, path: str) -> str | None:
        """The exercise that a file is named after, or the nearest folder that it lies in."""
        parts = PurePosixPath(path).parts
        names = [PurePosixPath(parts[-1]).stem, *reversed(parts[:-1])] if parts else []
        for name in names:
            if len(name) > _LONGEST:
                continue
            for text in (name, _AGAIN.sub("", name)):
                # as it stands first: a slug may begin with "ex" itself
                if slug := self.find(text) or self.find(_WORD.sub("", text, count=1)):
                    return slug
        return None


def answers_in(files: Iterable[HandedFile], names: CourseNames) -> Answers:
    """The answers in the files of a hand-in; nothing is guessed, and nothing left out unsaid."""
    by_exercise: dict[str, list[HandedAnswer | NoAnswer]] = {}
    no_answers: list[NoAnswer] = []
    for file in files:
        named = None if file.names_student else names.of_path(file.name)
        if named is None and len(names.graded) == 1:
            named = names.graded[0]
        for slug, part in _parts(file, names, named):
            if slug is None and isinstance(part, NoAnswer):
                no_answers.append(part)
            elif slug is not None:
                by_exercise.setdefault(slug, []).append(part)
    return Answers(by_exercise, tuple(no_answers))


_Parts = list[tuple[str | None, "HandedAnswer | NoAnswer"]]


def _parts(file: HandedFile, names: CourseNames, named: str | None) -> _Parts:
    """What a file holds for which exercise."""
    if file.fault:
        return [(named, NoAnswer(file.shown, file.place, file.fault))]
    try:
        if is_array_file(file.raw, file.name):
            return [_whole(file, named, file.raw)]
        text = decoded_answer(file.raw, f"grade: the file {file.place}")
    except (CommandError, InputError) as error:
        said = error.problem.message if isinstance(error, CommandError) else error.message
        return [(named, NoAnswer(file.shown, file.place, said))]
    text = _MARKS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if said := _no_text(text):
        return [(named, NoAnswer(file.shown, file.place, said))]
    found = _headed(file, text, names, named)
    if found is None and text.lstrip().startswith("{"):
        found = _keyed(file, text, names)
    return [_whole(file, named, text)] if found is None else found


def _no_text(text: str) -> str:
    """Why nothing in a file is a text that a person typed; "" where it may be one."""
    if not text.strip():
        return "It is empty."
    if "\0" in text:
        return (
            "It has zero bytes in it, as UTF-16 without its mark has, or a file of a program: "
            "save it as plain text, in UTF-8."
        )
    if _HTML.match(text):
        return "It is a page of HTML, as online text is, and that is not read: hand in a text file."
    return ""


def _whole(
    file: HandedFile, named: str | None, content: str | bytes
) -> tuple[str | None, HandedAnswer | NoAnswer]:
    if named is not None:
        return named, HandedAnswer(file.shown, file.place, content)
    other = "hand in a folder in which it is" if file.names_student else "name the file"
    said = (
        "It does not say which exercise it answers: begin each answer with a line such as "
        f"exercise 2, or {other} 2.txt."
    )
    return None, NoAnswer(file.shown, file.place, said)


# --------------------------------------------------------------------------------------------------
# Headings.


def _headed(file: HandedFile, text: str, names: CourseNames, named: str | None) -> _Parts | None:
    """The parts below headings; None where there is no heading."""
    heads = [head for head in _HEADING.finditer(text) if _is_heading(head, names)]
    if not heads:
        return None
    found: _Parts = []
    before = text[: heads[0].start()]
    if not all(_is_comment(line) for line in before.split("\n")):
        found.append(_whole(file, named, before))
    for head, end in zip(heads, [*(h.start() for h in heads[1:]), len(text)], strict=True):
        slug, name = names.find(head["id"]), f"exercise {visible(head['id'])}"
        shown, place = f"{file.shown}, {name}", f"{file.place}, {name}"
        if slug is None:
            found.append((None, NoAnswer(shown, place, f"There is no {name} in the course.")))
            continue
        # behind the marks of a title in Markdown stands a title; else the answer may begin there
        start = head.end() if head["marks"] or not head["rest"] else head.start("rest")
        # empty lines keep the numbers of lines that a refusal names
        rows, line = "\n" * text.count("\n", 0, start), text.count("\n", 0, head.start()) + 1
        found.append((slug, HandedAnswer(shown, place, rows + text[start:end], line)))
    return found


def _is_heading(head: re.Match[str], names: CourseNames) -> bool:
    """Whether it says exercise and which; "exercise me" alone on a line is a sentence."""
    return bool(head["marks"] or head["sign"] or names.find(head["id"]) or head["id"].isdecimal())


def _is_comment(line: str) -> bool:
    return not line.strip() or _COMMENT.fullmatch(line) is not None


# --------------------------------------------------------------------------------------------------
# JSON.


class _Number(str):
    """A number of JSON as it is written: a float would not be what was typed."""

    __slots__ = ()


class _TwiceError(ValueError):
    """An object that has a key twice: nobody knows which is meant."""


def _keyed(file: HandedFile, text: str, names: CourseNames) -> _Parts | None:
    """The parts by the keys of a JSON object; None where it is one answer, or no JSON."""
    try:
        table = json.loads(
            text,
            object_pairs_hook=_once,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_Number,
        )
    except _TwiceError as error:
        return [(None, NoAnswer(file.shown, file.place, str(error)))]
    except (ValueError, RecursionError):
        return None
    record = table.get("exercises")
    is_record = isinstance(record, dict)
    if not is_record and not any(names.find(key) for key in table):
        return None
    found: _Parts = []
    entries = [(key, value) for key, value in table.items() if key != "exercises" or not is_record]
    for key, value in [*entries, *(record.items() if is_record else ())]:
        slug, name = names.find(key.rpartition("/")[2]), visible(key[:80])
        shown, place = f"{file.shown}, {name}", f"{file.place}, {name}"
        typed = _typed(value)
        # of exercises elsewhere a record has claims
        if slug is None and key not in _ABOUT and not (is_record and typed is None):
            said = f"There is no exercise {name} in the course."
            found.append((None, NoAnswer(shown, place, said)))
        elif slug is not None and typed is not None:
            found.append((slug, HandedAnswer(shown, place, typed)))
    return found or [(None, NoAnswer(file.shown, file.place, _RECORD))]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise _TwiceError("It has a key twice; nobody knows which of them is meant.")
    return table


def _typed(value: Any) -> str | None:
    """The answer that a value is, as one types it in a file; None for claims alone."""
    if not isinstance(value, dict):
        return None if value is None else _cells(value)
    parts = {key: part for key, part in value.items() if key not in _CLAIMS and part is not None}
    if not parts:
        return None
    return "\n".join(f"{key} = {_cells(part)}" for key, part in parts.items())


def _cells(value: Any) -> str:
    """A value of JSON as one types it: lists are brackets."""
    if isinstance(value, list):
        return f"[{', '.join(map(_cells, value))}]"
    return str(value)
