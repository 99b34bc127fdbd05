"""Lists with a mark before every line: the mark is no sign of a number.

A dash and a blank at the head of every line is a mark where something shows it: a line that goes
on with a sign of its own, a list, a negative number written without the blank, or YAML's key above.
Where nothing shows it, it may be a minus as well, and is refused.
"""

from __future__ import annotations

import re
from typing import Final

from handcalc.parsing.formats.wrapping import blanked
from handcalc.parsing.refusal import UnreadableError

_KEY: Final = re.compile(r"\s*[\"']?[A-Za-z]\w*[\"']?\s*:[ \t]*\n")
_DASH: Final = re.compile(r"[ \t]*-[ \t]+")
_NESTED: Final = re.compile(r"[ \t]*-[ \t]+-[ \t]+")
_SIGNED: Final = re.compile(r"[ \t]*-[ \t]+-[ \t]+-[0-9.]")
_DEEPER: Final = re.compile(r"[ \t]+-[ \t]+")
_TWO_NUMBERS: Final = re.compile(r"[^\[({]*?(?:,|[0-9)][ \t]+[-+]?[0-9.(√])")
_MARK: Final = re.compile(r"[ \t]*[*·•+][ \t]+")
_NUMBERED: Final = re.compile(r"[ \t]*(?:\(?([0-9]+)\)|([0-9]+)\.)[ \t]+(?=\S)")


def unbulleted(text: str) -> str:
    r"""The text with blanks in place of the marks of a list, and line ends where its rows are.

    Errors: ``UnreadableError`` with code ``ambiguous_mark`` for dashes that may be minus signs, and
    for numbers that may count the lines.

    >>> unbulleted("- 1 0\n- 0 -1")
    '  1 0\n  0 -1'
    """
    key = _KEY.match(text)
    start = key.end() if key else 0
    body = text[start:]
    lines = [line for line in body.split("\n") if line.strip()]
    if not lines or (len(lines) < 2 and key is None):
        return text
    if all(_MARK.match(line) for line in lines):
        return text[:start] + _without(_MARK, body)
    if len(lines) > 1 and _are_counted(lines):
        raise UnreadableError(
            "ambiguous_mark",
            "The number at the head of every line may count the lines or be the first of its row; "
            "leave the counting out, or type a comma behind every number.",
            text.index(lines[0], start),
        )
    if _NESTED.match(lines[0]):
        return text[:start] + _nested(body, lines, start)
    if not all(_DASH.match(line) for line in lines):
        return text
    if key is not None or any(_shows_a_mark(line) for line in lines):
        return text[:start] + _without(_DASH, body)
    first = lines[0].strip(" \t-")
    raise UnreadableError(
        "ambiguous_mark",
        "The dash at the head of every line may be a minus or the mark of a list; type "
        f'"{first[:20]}" without the dash, or "-{first[:20]}" without the blank.',
        text.index("-", start),
    )


def _without(mark: re.Pattern[str], body: str) -> str:
    lines = body.split("\n")
    return "\n".join(mark.sub(lambda it: blanked(it[0]), line, count=1) for line in lines)


def _shows_a_mark(line: str) -> bool:
    rest = _DASH.sub("", line, count=1)
    return (
        re.match(r"[-+]\S|[\[({]", rest) is not None
        or re.search(r"(?<=[\s,;|])-[0-9.(√]", rest) is not None
    )


def _are_counted(lines: list[str]) -> bool:
    """Whether the lines begin with 1. 2. 3. or (1) (2) (3), and no other number ends in a point."""
    found = [_NUMBERED.match(line) for line in lines]
    numbers = [it[1] or it[2] if it else None for it in found]
    if numbers != [str(i + 1) for i in range(len(lines))]:
        return False
    rests = [line[it.end() :] for line, it in zip(lines, found, strict=True) if it]
    return not any(re.search(r"[0-9]\.(?![0-9])", rest) for rest in rests)


def _nested(body: str, lines: list[str], start: int) -> str:
    """YAML's list of lists: ``- -`` begins a row, and a deeper ``-`` goes on with it."""
    if not _is_yaml(lines):
        raise UnreadableError(
            "ambiguous_mark",
            "The dashes at the head of the lines may be minus signs or the marks of a list; "
            "type the numbers without the marks.",
            start + body.index("-"),
        )
    body = re.sub(r"(?m)^[ \t]*-[ \t]+-[ \t]+", lambda it: blanked(it[0]), body)
    return re.sub(r"(?<![ \t\n])[ \t\n]*\n[ \t]+-[ \t]+", lambda it: " " * len(it[0]), body)


def _is_yaml(lines: list[str]) -> bool:
    """Whether the marks stand one below the other, one number behind each, and none is a minus."""
    firsts = [it for it in map(_NESTED.match, lines) if it]
    deeper = [line for line in lines if not _NESTED.match(line)]
    rests = [re.sub(r"^[ \t]*-[ \t]+(?:-[ \t]+)?", "", line) for line in lines]
    if not all(map(_DEEPER.match, deeper)) or any(re.match(r"-[ \t]", rest) for rest in rests):
        return False
    if not deeper:
        is_signed = any(map(_SIGNED.match, lines))
        return is_signed and len({_columns(it[0]) for it in firsts}) == 1
    top, *others = [_columns(it[0]) for it in firsts]
    inner = {line.index("-") for line in deeper}
    if len(inner) > 1 or len(set(others)) > 1 or any(map(_TWO_NUMBERS.match, rests)):
        return False
    if not others:
        return min(inner) >= top[1]
    outer, second = others[0]
    # the blanks before the very first mark may be lost
    return inner == {second} and top in {(outer, second), (0, second - outer)}


def _columns(marks: str) -> tuple[int, int]:
    return marks.index("-"), marks.rindex("-")
