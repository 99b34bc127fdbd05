r"""A text with names in it, as in a file with an answer: ``W = …`` and ``b = …``, each by itself.

What people write around the names is known here: comments, Markdown's fences, the braces of JSON
and Python, LaTeX's dollars. What stands behind a name is left to the reader, in the place where it
stood: whatever is taken away becomes blanks, so that rows and columns count from the text's start.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Final

from handcalc.errors import InputError
from handcalc.parsing.formats.mappings import members, trim
from handcalc.parsing.formats.wrapping import blank


@dataclass(frozen=True, slots=True)
class NamedText:
    """A name as it was written, "" for a text without one; the text behind it; the name's row.

    ``line`` is what stands on the name's line before the sign, ``sign`` the sign itself. A matrix
    ``is_drawn`` where its brackets show its ends, so that sentences may stand around it; ``below``
    is what may be more of it all the same.
    """

    name: str
    text: str
    row: int
    line: str = ""
    sign: str = ""
    is_drawn: bool = False
    below: str = ""

    @property
    def key(self) -> str:
        r"""The name without its dress; a capital letter or a small one is the same W, b, answer.

        >>> NamedText(r"\mathbf{w}", "", 1).key, NamedText("B", "", 1).key
        ('W', 'b')
        """
        bare = _DRESS.sub("", self.name).strip()
        while dressed := _PAIRED.fullmatch(bare):
            bare = (dressed["name"] or dressed["braced"]).strip()
        return _KEYS.get(bare.lower(), bare)

    def alone(self, parts: Collection[NamedText]) -> str:
        """The text, where the others do not change it, and nothing else may belong to it.

        Errors: ``InputError`` with code ``not_an_answer``: for words or numbers before the name,
        for one element that is assigned elsewhere, for decimals that are rounded.
        """
        if self.sign in _ABOUT:
            raise _refused(
                f"{self.name} {self.sign} says that the numbers are rounded; type them exactly, or "
                f"{self.name} = to take them as they stand",
                self.row,
            )
        before = self.line.removesuffix(self.name).strip()
        if before:
            raise _refused(
                f"{_shown(before)} stands before {self.name} =; begin {self.name} = on a new line, "
                "with all of its numbers behind it",
                self.row,
            )
        if self.below:
            raise _refused(
                f"the brackets behind {self.name} = end before {_shown(self.below)}; put # before "
                "a line that is no part of it",
                self.row,
            )
        for part in parts:
            if not part.name and not (self.is_drawn and _WORD.search(part.text)):
                raise _refused(
                    f"{_shown(part.text)} stands before {self.name} = and has no name; put # "
                    "before a line that is no part of it, or move it behind the sign if it is",
                    part.row,
                )
            line = _DRESS.sub("", part.line)
            line = line.replace(f"{{{self.key}}}", self.key, 1)
            if line[:1].lower() == self.key[:1].lower() and _CHANGE.fullmatch(line[1:]):
                raise _refused(
                    f"{part.line} {part.sign} … changes {self.key}; type {self.key} = once, with "
                    "all of its numbers",
                    part.row,
                )
        return self.text


def named_texts(text: str, *, only: Collection[str] | None = None) -> tuple[NamedText, ...]:
    r"""The texts in a text, by the names before them; what has no name comes under "".

    With ``only``, nothing but these keys counts as a name. Errors: ``InputError`` with code
    ``not_an_answer`` for a name beside a fenced block, or an item without one between braces.

    >>> [(part.key, part.text.strip()) for part in named_texts("# Ada\nw = 1 0; 0 1, B = 0 1/4")]
    [('W', '1 0; 0 1'), ('b', '0 1/4')]
    >>> [(part.key, part.text.strip()) for part in named_texts('{"W": [[1], [0]], "b": "0 1"}')]
    [('W', '[[1], [0]]'), ('b', '0 1')]
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = text.translate(_LOOK_ALIKES)
    text = _keep_fenced(_COMMENT.sub(_blank, text))
    text = _SESSION.sub(lambda it: _GOES_ON.sub(_blank, it[0]), text)
    whole = NamedText("", _NOTHING.sub(_blank, text), 1)
    parts = _members(whole.text) or _find_assigned(whole, only)
    for _ in range(3):  # answer = {"answer": {"W": …}} is deep enough
        inner = _members(parts[0].text) if len(parts) == 1 else None
        parts = inner or parts
    return tuple(replace(part, text=_unquote(part.text)) for part in parts)


_MOST_NAMES = 100  # of a file: each is a text in its place, as long as all before it
_MOST_SIGNS = 1000  # outside all brackets: the line of each is searched for a name
_LOOK_ALIKES: Final = str.maketrans("\u00a0\uff1d\uff1a", " =:")
_KEYS: Final = {"w": "W", "b": "b", "answer": "answer"}
_DRESS: Final = re.compile(r"\\(?:math(?:bf|rm|it|sf)|boldsymbol|bm|vec|text(?:bf|it)?)[ \t]*")
_PAIRED: Final = re.compile(
    r"(?P<open>\*\*?|__?|[`\"'])(?P<name>.{1,50})(?P=open)|\{(?P<braced>[^{}]+)\}"
)
_ABOUT: Final = ("≈", "~=")
# what makes W[2, 1], W(1, :), W_{21}, W₂₁, W.T or W += of W
_CHANGE: Final = re.compile(
    r"[ \t]*[\[(].*[\])]|\.\w+|[ \t]*[-+*/.@^&|%]{1,3}"
    r"|_?\{?[0-9]+(?:[, ]*[0-9]+)+\}?|_?\{[0-9, ]+\}|_[0-9]+|[₀-₉,]+"
)
_COMMENT: Final = re.compile(
    r"<!--(?:(?!<!--)(?s:.))*?-->"
    r"|(?m:^)[ \t]*(?:\#|%|//)[^\n]*"
    r"|(?<=[\s;,\])}])\#[^\n]*"
    # 50 % is a number, and so may be what stands behind two strokes: words make a comment
    r"|(?<=[\s;,\])}])(?:%|//)(?=[^\S\n]*[^\W\d_])[^\n]*"
)
_NAMED: Final = re.compile(r"=|^\s*\w+\s*:\s*\S")
_NUMBERS: Final = re.compile(r"[^A-Za-z]*[0-9][^A-Za-z]*")
_FENCE: Final = re.compile(r"[ \t]*(?:```+|~~~+)[ \t]*[\w{}.+#-]*[ \t]*")
# what is no part of any text: rules and YAML's marks, lines of code that say nothing, prompts,
# environments that hold equations, and the delimiters of LaTeX
_NOTHING: Final = re.compile(
    r"(?m:^)(?:---+|===+)[ \t]*$"
    r"|(?m:^)[ \t]*(?:import|from|using|clc|clear|close all|format)\b[^\n=:]*$"
    r"|(?m:^)[ \t]*(?:>>>|In \[\d+\]:|Out\[\d+\]:|julia>|>>"
    r"|(?:[-*•>]|\d+[.)]|const|let|var)(?=[ \t]+\S+[ \t]*[=:]))"
    r"|\\(?:begin|end)\s*\{(?:align|aligned|equation|gather|gathered|displaymath|math|split)\*?\}"
    r"|\$\$?|(?<!\\)\\[\[\]()]",
    re.MULTILINE,
)
# a prompt, and the lines of code that go on below it behind dots; other dots are never blanked
_SESSION: Final = re.compile(
    r"(?m:^)[ \t]*(?:>>>|In \[\d+\]:)[^\n]*(?:\n[ \t]*\.\.\.:?[ \t]+\S[^\n]*)+"
)
_GOES_ON: Final = re.compile(r"(?<=\n)[ \t]*\.\.\.:?(?=[ \t])")
# a row of a matrix in tall brackets, or in brackets on each line
_ROW: Final = re.compile(
    r"[ \t]*(?P<open>[⎡⎢⎣\[⎛⎜⎝])[^\[\]⎡⎢⎣⎤⎥⎦⎛⎜⎝⎞⎟⎠=]*[⎤⎥⎦\]⎞⎟⎠]"
    r"(?:[ \t]+(?:feature|row|dimension) (?P<number>\d+))?[ \t]*+[,;.]?+[ \t]*"
)
_NO_CELLS: Final = re.compile(r"[ \t]*[⎢\[⎜][ \t]*[⎥\]⎟][ \t]*")
_BRACKET: Final = re.compile(r"[(\[{]|\\begin\b|(?P<close>[)\]}]|\\end\b)")
_SIGN: Final = re.compile(r":=|==|~=|=|≈|<-|←|:")
_NAME_AT_START: Final = re.compile(r"[ \t]*[\"'`*_]{0,4}\\?[^\W\d][\w{}\\]*+[\"'`*_]*[ \t]*")
_ELEMENT: Final = re.compile(
    r"(?<![\\\w])[^\W\d]\w*+(?:[ \t]*(?:\[[^\[\]]*\]|\([^()]*\)))+(?=[ \t]*+&?+[ \t]*$)"
)
_NAME: Final = re.compile(rf"(?:{_DRESS.pattern}|(?<![^\s,;&|]))[^\s,;&|]++(?=[ \t]*+&?+[ \t]*$)")
_WORD: Final = re.compile(r"(?!(?:sqrt|cos|sin|pi|and)\b)\b[^\W\d_]{2,}")
_STRING: Final = re.compile(r"(?P<quote>\"\"\"|'''|[\"'])(?P<text>(?s:.)*)(?P=quote)")
_BLOCK: Final = re.compile(r"\A\s*[|>][-+]?[ \t]*(?=\n)")


def _blank(found: re.Match[str]) -> str:
    return blank(found[0])


def _shown(text: str) -> str:
    """The beginning of a text, in quotes."""
    words = " ".join(text.split())
    return f'"{words}"' if len(words) <= 30 else f'"{words[:29]}…"'


def _keep_fenced(text: str) -> str:
    """What stands in fences, if there are any; beside them nothing may have a name."""
    lines = text.split("\n")
    fences = [row for row, line in enumerate(lines) if _FENCE.fullmatch(line)]
    if not fences:
        return text
    ends = [*fences[1::2], *([len(lines)] if len(fences) % 2 else [])]
    inside = {
        row for first, last in zip(fences[::2], ends, strict=True) for row in range(first + 1, last)
    }
    for row, line in enumerate(lines):
        if row in inside or _FENCE.fullmatch(line):
            continue
        if _NAMED.search(line):
            raise _refused("something with a name stands beside the fenced block", row + 1)
        if _NUMBERS.fullmatch(line):
            raise _refused(
                f"{_shown(line)} stands beside the fenced block; move it inside", row + 1
            )
    return "\n".join(line if row in inside else "" for row, line in enumerate(lines))


def _find_assigned(whole: NamedText, only: Collection[str] | None) -> list[NamedText]:
    """The parts of ``W = …``, ``b: …`` from new lines, or from one where a sign of equality is."""
    text = whole.text
    labels = [label for label in _labels(text) if only is None or label.key in only]
    if not labels:
        return [NamedText("", text, 1)] if text.strip() else []
    lines = text.split("\n")
    firsts = [0, *accumulate(len(line) + 1 for line in lines)]
    drawn = [_drawn(lines, firsts, label) for label in labels]
    starts = [
        found.start if found else label.start for found, label in zip(drawn, labels, strict=True)
    ]
    ends = [*starts[1:], len(text)]
    parts = [
        NamedText(
            label.name,
            found.cells(text, label, end) if found else _kept(text, label.behind, end),
            text.count("\n", 0, label.start) + 1,
            label.line,
            label.sign,
            # b = … right below a picture of W stands with it
            any(one and one.stands_apart(text) for one in drawn[max(0, i - 1) : i + 1]),
            found.below(text, end) if found else "",
        )
        for i, (label, found, end) in enumerate(zip(labels, drawn, ends, strict=True))
    ]
    before = _kept(text, 0, starts[0])
    if before.strip():
        parts.insert(0, NamedText("", before, before[: -len(before.lstrip())].count("\n") + 1))
    # answer:, and what it is made of below
    heads = {id(one) for one, _ in pairwise(parts) if one.key == "answer" and not one.text.strip()}
    return [part for part in parts if id(part) not in heads]


@dataclass(frozen=True, slots=True)
class _Label:
    name: str
    start: int
    behind: int
    line: str
    sign: str

    @property
    def key(self) -> str:
        return NamedText(self.name, "", 1).key


def _labels(text: str) -> list[_Label]:
    """The names before signs outside all brackets."""
    # a colon or an arrow stands in sentences too, so that it names something only behind the
    # first word of a line; a sign of equality does so anywhere, as in W = 1 0; 0 1, b = 0 0
    found: list[_Label] = []
    depths = _depths(text)
    signs = (sign for sign in _SIGN.finditer(text) if not depths[sign.start()])
    for count, sign in enumerate(signs):
        row = text.count("\n", 0, sign.start()) + 1
        if len(found) == _MOST_NAMES or count == _MOST_SIGNS:
            raise _refused("there are too many names", row)
        start = text.rfind("\n", 0, sign.start()) + 1
        before = text[start : sign.start()]
        at_start = _NAME_AT_START.fullmatch(before)
        name = _ELEMENT.search(before) or _NAME.search(before)
        if name is None or (sign[0] in (":", "<-", "←", *_ABOUT) and not at_start):
            continue
        if sign[0] == "==":
            raise _refused("one equals sign is enough behind a name", row)
        first = start + name.start()
        if found and first < found[-1].behind:  # a second sign behind one name
            first = found[-1].behind
        loose = _loose(text, max(start, found[-1].behind if found else 0), first, sign.start())
        label = text[first : sign.start()].rstrip("& \t")
        found.append(_Label(label, first, sign.end(), loose, sign[0]))
    return found


def _loose(text: str, start: int, first: int, end: int) -> str:
    """The name with the words before it on its line, or behind the text before it."""
    before = text[start:first]
    in_brackets = re.search(r"[)\]}]", before) is not None
    apart = list(re.finditer(r"[,;&)\]}\n]|\\q?quad\b|\\\\|\band\b", before))
    if apart:
        before = before[apart[-1].end() :]
    is_line = start == 0 or text[start - 1] == "\n"
    if not (is_line or in_brackets or _WORD.search(before)):
        before = ""  # numbers: the text before goes on to here
    return (before + text[first:end]).strip("& \t")


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Where a matrix stands that is drawn on several lines, its name beside one of them.

    It ``is_whole`` where its brackets, or the labels of its rows, show that nothing is missing.
    """

    start: int
    end: int
    is_whole: bool

    def stands_apart(self, text: str) -> bool:
        """Whether an empty line sets it apart from what stands above it."""
        return self.is_whole and re.search(r"\n[ \t]*\n\Z", text[: self.start]) is not None

    def cells(self, text: str, label: _Label, end: int) -> str:
        """Its rows in their places, without the name; and what stands below, as it may be more."""
        rows = text[self.start : label.start] + blank(text[label.start : label.behind])
        rows += text[label.behind : self.end]
        rows = "\n".join("" if _NO_CELLS.fullmatch(row) else row for row in rows.split("\n"))
        rest = "" if self.is_whole else trim(text[self.end : end])
        return blank(text[: self.start]) + rows + rest

    def below(self, text: str, end: int) -> str:
        """What stands under its last row, and is no sentence set apart from it."""
        below = trim(text[self.end : end]) if self.is_whole else ""
        is_apart = re.match(r"[ \t]*\n[ \t]*\n", below) and _WORD.search(below)
        return "" if is_apart or "…" in text[self.start : self.end] else below.strip()


def _drawn(lines: list[str], firsts: list[int], label: _Label) -> _Drawn | None:
    """The rows above and below a name and its row, as in handcalc's and SymPy's pictures.

    ``firsts`` are the places at which the lines begin.
    """
    at = bisect_right(firsts, label.start) - 1
    margin, behind = label.start - firsts[at], label.behind - firsts[at]
    row = " " * behind + lines[at][behind:]
    if lines[at][:margin].strip() or not _ROW.fullmatch(row):
        return None

    def is_row(index: int) -> bool:
        line = lines[index]
        return not line[: margin + 1].strip() and _ROW.fullmatch(line) is not None

    # the name stands beside any of the rows, the middle one in SymPy's pictures: look both ways
    first, last = at, at
    while first > 0 and is_row(first - 1):
        first -= 1
    while last + 1 < len(lines) and is_row(last + 1):
        last += 1
    rows = [_ROW.fullmatch(row if i == at else lines[i]) for i in range(first, last + 1)]
    opens = "".join(found["open"] for found in rows if found)
    numbers = [found["number"] for found in rows if found]
    is_whole = re.fullmatch("⎡⎢*⎣|⎛⎜*⎝", opens) is not None or numbers == [
        str(i + 1) for i in range(len(rows))
    ]
    return _Drawn(firsts[first], firsts[last + 1] - 1, is_whole)


def _depths(text: str) -> list[int]:
    """How many brackets are open at each character."""
    depths: list[int] = []
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depths += [depth] * (bracket.start() - len(depths))
        depth = max(0, depth - 1) if bracket["close"] else depth + 1
    return depths + [depth] * (len(text) - len(depths))


def _kept(text: str, start: int, end: int) -> str:
    """A stretch of the text in its place, without what sets it apart from the next one."""
    kept = trim(text[start:end])
    return blank(text[:start]) + re.sub(r"\A\s*&", _blank, kept)


def _members(text: str) -> list[NamedText] | None:
    """The items of ``{"W": …}`` and the like; None for no such text."""
    found = members(text)
    if found is None:
        return None
    return [NamedText(each.key, _kept(text, each.start, each.end), each.row) for each in found]


def _unquote(text: str) -> str:
    """A text that stands in quotes, as JSON, TOML and Python write it, or behind YAML's bar."""
    text = _BLOCK.sub(_blank, text)
    bare = text.strip()
    string = _STRING.fullmatch(bare)
    if string is None or string["quote"] in string["text"]:
        return text
    before = text[: text.index(bare)] + " " * len(string["quote"])
    if "\\" in string["text"] and string["quote"] == '"':
        try:
            return before + str(json.loads(bare))
        except ValueError:
            return text
    return before + string["text"]


def _refused(reason: str, row: int) -> InputError:
    return InputError("not_an_answer", f"In line {row}, {reason}.", row=row)
