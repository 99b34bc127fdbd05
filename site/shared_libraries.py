"""Shared libraries of WebAssembly without the names that nobody asks for.

The linker in the page goes through all names of a library for every module that needs it, and
libflint has 14,000, of which the modules of python-flint ask for 2,500.
"""

from __future__ import annotations

from collections.abc import Iterator

_HEAD = 8  # bytes: the magic number and the version
_IMPORTS, _EXPORTS = 2, 7  # sections
_FUNCTION, _TABLE, _MEMORY, _GLOBAL = range(4)  # what is imported; a fourth is a tag
_OF_THE_LINKER = "__"  # what begins so, it looks for by itself


def asked_for(library: bytes) -> set[str]:
    """The names that a library takes from others."""
    return {
        name
        for kind, content in _sections(library)
        if kind == _IMPORTS
        for name in _imports(content)
    }


def trimmed(library: bytes, keep: set[str]) -> bytes:
    """The library with no names for others but ``keep``, and those that the linker needs."""
    parts = [library[:_HEAD]]
    for kind, content in _sections(library):
        kept = _exports(content, keep) if kind == _EXPORTS else content
        parts += [bytes([kind]), _written(len(kept)), kept]
    return b"".join(parts)


def _sections(library: bytes) -> Iterator[tuple[int, bytes]]:
    at = _HEAD
    while at < len(library):
        size, begin = _number(library, at + 1)
        yield library[at], library[begin : begin + size]
        at = begin + size


def _imports(content: bytes) -> Iterator[str]:
    count, at = _number(content, 0)
    for _ in range(count):
        _, at = _name(content, at)
        name, at = _name(content, at)
        at = _after_import(content, at)
        yield name


def _after_import(content: bytes, at: int) -> int:
    """Behind the description of an import, whose first byte says of what it is."""
    kind, at = content[at], at + 1
    if kind == _GLOBAL:
        return at + 2
    if kind == _FUNCTION:
        return _number(content, at)[1]
    if kind not in (_TABLE, _MEMORY):
        return _number(content, at + 1)[1]
    flags, at = _number(content, at + (kind == _TABLE))
    for _ in range(1 + (flags & 1)):  # the least, and perhaps the most
        _, at = _number(content, at)
    return at


def _exports(content: bytes, keep: set[str]) -> bytes:
    count, at = _number(content, 0)
    kept = []
    for _ in range(count):
        begin = at
        name, at = _name(content, at)
        _, at = _number(content, at + 1)
        if name in keep or name.startswith(_OF_THE_LINKER):
            kept.append(content[begin:at])
    return _written(len(kept)) + b"".join(kept)


def _name(content: bytes, at: int) -> tuple[str, int]:
    length, at = _number(content, at)
    return content[at : at + length].decode(), at + length


def _number(content: bytes, at: int) -> tuple[int, int]:
    """An unsigned number in LEB128, and where it ends."""
    value = shift = 0
    while True:
        byte, at = content[at], at + 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def _written(value: int) -> bytes:
    digits = bytearray()
    while True:
        value, low = value >> 7, value & 127
        digits.append(low | (128 if value else 0))
        if not value:
            return bytes(digits)
