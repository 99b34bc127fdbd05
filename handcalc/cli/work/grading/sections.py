"""Which answer in a hand-in belongs to which exercise: by headings, by keys of JSON, or by names.

A file may hold answers to several exercises, each below a line ``exercise 2`` or ``exercise SLUG``;
or be a JSON object with a key for each; or hold one answer, and its own name, or that of a folder
that it lies in, says to which exercise. Where there is only one exercise, it is that.

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

_HEADING = re.compile(
    r"^[ \t]*+(?P<marks>#*+)[ \t]*+(?:exercise|ex\.?)[ \t]++(?P<id>[\w-]{1,80})[ \t]*+"
    r"(?:(?P<sign>[:.)])(?P<rest>.*)|#*+[ \t]*+)$",
    re.MULTILINE | re.IGNORECASE,
)
_NAME = re.compile(r"(?:exercise|ex)?[ _.-]*+(?P<id>.+)", re.IGNORECASE | re.DOTALL)
_AGAIN = re.compile(r"(?:-\d{1,3}|[ _]?\(\d{1,3}\))\Z")  # what platforms put behind a name
_LONGEST = 255  # characters of a name that can be that of an exercise
_COMMENT = re.compile(r"[ \t]*(?:[#%]|//).*")
_CLAIMS = frozenset({"solved", "attempts", "hints", "solution", "score", "status", "state"})
_ABOUT = frozenset({"format", "student", "name", "course", "exercises"})
_RECORD = (
    "It is a record of progress, which holds no answers; answers are graded, and what a record "
    "claims is not."
)


@dataclass(frozen=True, slots=True)
class HandedAnswer:
    """An answer as it was handed in: a text, or the bytes of a file with arrays.

    ``place`` is where it stands in the hand-in, ``shown`` where that is for a lecturer.
    """

    shown: str
    place: str
    content: str | bytes


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
                found = _NAME.fullmatch(text)
                if found and (slug := self.find(found["id"])):
                    return slug
        return None


def answers_in(files: Iterable[HandedFile], names: CourseNames) -> Answers:
    """The answers in the files of a hand-in; nothing is guessed, and nothing left out unsaid."""
    by_exercise: dict[str, list[HandedAnswer | NoAnswer]] = {}
    no_answers: list[NoAnswer] = []
    for file in files:
        named = names.of_path(file.name)
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
    found = _headed(file, text, names, named)
    if found is None and text.lstrip("\ufeff \t\r\n").startswith("{"):
        found = _keyed(file, text, names)
    return [_whole(file, named, text)] if found is None else found


def _whole(
    file: HandedFile, named: str | None, content: str | bytes
) -> tuple[str | None, HandedAnswer | NoAnswer]:
    if named is not None:
        return named, HandedAnswer(file.shown, file.place, content)
    said = (
        "It does not say which exercise it answers: begin each answer with a line such as "
        "exercise 2, or name the file 2.txt."
    )
    return None, NoAnswer(file.shown, file.place, said)


# --------------------------------------------------------------------------------------------------
# Headings.


def _headed(file: HandedFile, text: str, names: CourseNames, named: str | None) -> _Parts | None:
    """The parts below headings; None where there is no heading."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    heads = [head for head in _HEADING.finditer(text) if _is_heading(head, names)]
    if not heads:
        return None
    found: _Parts = []
    before = text[: heads[0].start()]
    if not all(_is_comment(line) for line in before.removeprefix("\ufeff").split("\n")):
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
        rows = "\n" * text.count("\n", 0, start)
        found.append((slug, HandedAnswer(shown, place, rows + text[start:end])))
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
            text.removeprefix("\ufeff"),
            object_pairs_hook=_once,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_Number,
        )
    except _TwiceError as error:
        return [(None, NoAnswer(file.shown, file.place, str(error)))]
    except (ValueError, RecursionError):
        return None
    is_record = isinstance(table.get("exercises"), dict)
    entries: Mapping[str, Any] = table["exercises"] if is_record else table
    if not is_record and not any(names.find(key) for key in entries):
        return None
    found: _Parts = []
    for key, value in entries.items():
        slug, name = names.find(key.rpartition("/")[2]), visible(key[:80])
        shown, place = f"{file.shown}, {name}", f"{file.place}, {name}"
        typed = _typed(value)
        if slug is None and not (is_record or key in _ABOUT):
            found.append(
                (None, NoAnswer(shown, place, f"There is no exercise {name} in the course."))
            )
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
