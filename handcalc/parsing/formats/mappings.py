r"""The items of ``{"W": …}``, ``dict(W=…)`` and ``OrderedDict([("W", …)])``, by their keys."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from handcalc.errors import InputError

_MOST = 100  # items of a mapping that is an answer
_CALL: Final = re.compile(r"\s*(?:\w+\.)*(?:OrderedDict|[dD]ict)\s*(?=\()")
_KEY: Final = re.compile(r"\s*(?P<quote>[\"']?)(?P<key>[^\"':=]+?)(?P=quote)\s*(?:=>|[:=])")
_PAIR: Final = re.compile(r"\s*[(\[]\s*(?P<quote>[\"'])(?P<key>[^\"']+)(?P=quote)\s*,")
_ITEM: Final = re.compile(r"(?<=[\[{(,:=])\s*(?:\"(?:[^\"\\]|\\.)*\"|'[^'\n]*')|[(\[{]|[)\]}]|,")


@dataclass(frozen=True, slots=True)
class Member:
    """A key as it was written, where the text behind it begins and ends, and the key's row."""

    key: str
    start: int
    end: int
    row: int


def members(text: str) -> list[Member] | None:
    """The items of a mapping; None where the text is none.

    Errors: ``InputError`` with code ``not_an_answer`` for an item without a key.

    >>> [text[item.start : item.end] for text in ['{"W": [[1], [0]]}'] for item in members(text)]
    [' [[1], [0]]']
    """
    start, end = _inside(text)
    if end <= start:
        return None
    items = _items(text, start, end)
    keys = [_KEY.match(text, *item) or _PAIR.match(text, *item) for item in items]
    if not any(keys):
        return None
    if len(items) > _MOST:
        row = text.count("\n", 0, items[_MOST][0]) + 1
        raise InputError(
            "not_an_answer",
            f"In line {row}, one item more than {_MOST} stands between braces.",
            row=row,
        )
    found: list[Member] = []
    for (first, last), key in zip(items, keys, strict=True):
        row = text.count("\n", 0, first) + 1
        if key is None:
            raise InputError(
                "not_an_answer",
                f"In line {row}, between its braces, every value has a name.",
                row=row,
            )
        end = last
        if key.re is _PAIR:  # ("W", …): the pair's own bracket is no part of what it holds
            end = text.rindex(")" if ")" in text[key.end() : last] else "]", key.end(), last)
        found.append(Member(key["key"], key.end(), end, row))
    return found


def _inside(text: str) -> tuple[int, int]:
    """Where the items of a mapping begin and end; nothing where it is none."""
    start, end = 0, len(trim(text))
    call = _CALL.match(text)
    if call:
        start = call.end()
    else:
        start = len(text) - len(text.lstrip())
        if text[start : start + 1] != "{":
            return 0, 0
    if _closing(text, start) != end - 1:
        return 0, 0
    start, end = start + 1, end - 1
    inner = text[start:end].strip()
    if call and inner[:1] in ("[", "{"):  # OrderedDict([…]) and OrderedDict({…})
        first = text.index(inner[0], start)
        start, end = first + 1, _closing(text, first)
    return start, end


def _closing(text: str, opening: int) -> int:
    """The place of the bracket that closes this one, or -1."""
    depth = 0
    for found in _ITEM.finditer(text, opening):
        mark = found[0]
        if mark in "([{":
            depth += 1
        elif mark in ")]}":
            depth -= 1
            if not depth:
                return found.start()
    return -1


def _items(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """What stands between the commas outside all brackets and quotes."""
    ends: list[int] = []
    depth = 0
    for found in _ITEM.finditer(text, start, end):
        mark = found[0]
        if mark in "([{":
            depth += 1
        elif mark in ")]}":
            depth -= 1
        elif mark == "," and not depth:
            ends.append(found.start())
    starts = [start, *(stop + 1 for stop in ends)]
    items = zip(starts, [*ends, end], strict=True)
    return [(first, last) for first, last in items if text[first:last].strip()]


def trim(text: str) -> str:
    r"""A text without what sets it apart from the next one: blanks, commas, an ``and``.

    >>> trim("1 0; 0 1, and ")
    '1 0; 0 1'
    """
    end, kept = 0, len(text)
    while kept != end:
        end = kept
        while kept and (text[kept - 1].isspace() or text[kept - 1] in ",;&"):
            kept -= 1
        for tail in (r"\qquad", r"\quad", r"\\", "and"):
            before = kept - len(tail)
            is_word = tail == "and" and text[before - 1 : before].isalnum()
            if text.endswith(tail, 0, kept) and not is_word:
                kept = before
    return text[:end]
