"""What five shells make of a line: the words that a program is given, by the shells' manuals.

Only as much of their grammars as lines with numbers in them touch. ``bash`` and ``sh`` are asked
themselves where they are installed; see tests/test_shell_lines.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product


class ShellError(Exception):
    """The shell complains itself, and runs nothing."""


def bash(line: str) -> list[str]:
    """bash, and zsh and fish where they agree: quotes join, ``;`` ends, braces multiply."""
    return _posix(line, brackets=False)


def zsh(line: str) -> list[str]:
    """zsh: as bash, but a pattern in brackets that no file fits is an error."""
    return _posix(line, brackets=True)


def fish(line: str) -> list[str]:
    """fish: as bash, with no meaning in brackets."""
    return _posix(line, brackets=False)


def powershell(line: str) -> list[str]:
    """PowerShell: both quotes join, ``;`` ends, parentheses and braces are expressions."""
    words, word, i = list[str](), "", 0
    while i < len(line) and line[i] != ";":
        character = line[i]
        if character in "'\"“”‘’":
            end = _closing(line, i, _PAIRS[character])
            word += line[i + 1 : end]
            i = end
        elif character in "(){}|&" or (character == "@" and not word):
            raise ShellError(character)
        elif character == " ":
            words.append(word)
            word = ""
        else:
            word += character
        i += 1
    return _filled([*words, word])


def cmd(line: str) -> list[str]:
    """cmd.exe: double quotes join, and nothing else means anything in a line with numbers."""
    words, word, inside = list[str](), "", False
    for character in line:
        if character == '"':
            inside = not inside
        elif character == " " and not inside:
            words.append(word)
            word = ""
        else:
            word += character
    return _filled([*words, word])


SHELLS: dict[str, Callable[[str], list[str]]] = {
    "bash": bash,
    "zsh": zsh,
    "fish": fish,
    "PowerShell": powershell,
    "cmd": cmd,
}
_PAIRS = {"'": "'", '"': '"', "“": "”", "”": "”", "‘": "’", "’": "’"}


def _posix(line: str, *, brackets: bool) -> list[str]:
    """Words with what was quoted in them marked by a NUL, so that patterns do not see it."""
    words, word, i = list[str](), "", 0
    while i < len(line) and line[i] != ";":
        character = line[i]
        if character in "'\"":
            end = _closing(line, i, character)
            word += "".join(f"\0{each}" for each in line[i + 1 : end])
            i = end
        elif character in "()|&<>":
            raise ShellError(character)
        elif character == " ":
            words.append(word)
            word = ""
        else:
            word += character
        i += 1
    found = [one for each in _filled([*words, word]) for one in _multiplied(each)]
    if brackets and any(re.search(r"(?<!\0)\[[^\0]*(?<!\0)\]|(?<!\0)\*", each) for each in found):
        raise ShellError("no matches found")
    return [each.replace("\0", "") for each in found]


def _closing(line: str, start: int, mark: str) -> int:
    try:
        return line.index(mark, start + 1)
    except ValueError:
        raise ShellError("a quote is not closed") from None


def _filled(words: list[str]) -> list[str]:
    return [word for word in words if word]


def _multiplied(word: str) -> list[str]:
    """``{1,0}`` as bash multiplies it: ``a{1,0}`` is ``a1`` and ``a0``; braces stand in braces."""
    start = _unquoted(word, "{", 0)
    if start is None:
        return [word]
    depth, parts, last = 0, list[str](), start + 1
    for i in range(start, len(word)):
        if i and word[i - 1] == "\0":
            continue
        depth += (word[i] == "{") - (word[i] == "}")
        if depth == 1 and word[i] == ",":
            parts.append(word[last:i])
            last = i + 1
        if depth == 0:
            if not parts:
                return [word]
            parts.append(word[last:i])
            inner = [one for part in parts for one in _multiplied(part)]
            return [
                word[:start] + one + rest
                for one, rest in product(inner, _multiplied(word[i + 1 :]))
            ]
    return [word]


def _unquoted(word: str, mark: str, start: int) -> int | None:
    found = re.search(rf"(?<!\0)\{mark}", word[start:])
    return None if found is None else start + found.start()
