"""Write tests/data/accepted.json and refused.json, after checking every value by a second route.

Run ``python tests/oracles/make_corpus.py`` to write them, with ``--check`` to compare them with
what is there, with ``--counts`` to print how many there are of each kind. Nothing here imports the
package that the texts are for: a value is plain notation, and beside it stands the same value as a
Python expression over ``fractions`` and ``mpmath``.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from corpus_arrays import inputs, matrices, vectors
from corpus_layouts import lay_out
from corpus_refused import refused
from corpus_scalars import scalars
from plain_values import agree, decimal

DATA = Path(__file__).resolve().parent.parent / "data"
Entry = dict[str, Any]


def _same(value: str, number: Any, text: str) -> None:
    if not agree(value, number):
        raise SystemExit(f"{text!r}: the value {value} is not {number}")


def _same_rows(value: list[list[str]], numbers: list[list[Any]], text: str) -> None:
    for row, by_hand in zip(value, numbers, strict=True):
        for cell, number in zip(row, by_hand, strict=True):
            _same(cell, number, text)


def _split(value: str) -> list[list[str]]:
    return [row.split() for row in value.split(";")]


def accepted_scalars() -> list[Entry]:
    """Every single number, checked."""
    entries = []
    for form, (text, value, number) in scalars():
        _same(value, number, text)
        entries.append({"format": form, "door": "scalar", "text": text, "value": value})
    return entries


def accepted_matrices() -> list[Entry]:
    """Every matrix by hand, then the 3 × 2 one in all its layouts, checked."""
    rows = [(form, text, _split(value), hand) for form, (text, (value, hand)) in matrices()]
    entries = []
    for form, text, value, by_hand in [*rows, *lay_out()]:
        _same_rows(value, by_hand, text)
        shape = {"rows": len(value), "columns": len(value[0])}
        entries.append({"format": form, "door": "matrix", "text": text, **shape, "value": value})
    return entries


def accepted_vectors() -> list[Entry]:
    """Every vector, and every input with symbols, checked."""
    entries = []
    for text, (value, by_hand) in vectors():
        _same_rows(_split(value), by_hand, text)
        cells = value.split()
        common = {"door": "vector", "text": text, "length": len(cells)}
        entries.append({"format": "vector", **common, "value": cells})
    for text, value in inputs():
        cells = value.split()
        for cell in cells:
            _ = cell.startswith("x") or decimal(cell)
        common = {"door": "input", "text": text, "length": len(cells)}
        entries.append({"format": "input", **common, "value": cells})
    return entries


def numbered(entries: list[Entry], kind: str) -> list[Entry]:
    """The same entries with an id of their kind and their place in it."""
    seen: Counter[str] = Counter()
    named = []
    for entry in entries:
        seen[entry[kind]] += 1
        named.append({"id": f"{entry[kind]}-{seen[entry[kind]]:02d}", **entry})
    return named


def accepted() -> list[Entry]:
    """All accepted texts."""
    entries = accepted_scalars() + accepted_matrices() + accepted_vectors()
    return numbered(entries, "format")


def lines(entries: list[Entry]) -> str:
    """A JSON list with one entry on a line, in ASCII."""
    return "[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n"


def counts(entries: list[Entry], kind: str) -> str:
    """A table of how many entries there are of each kind, layouts without their spelling."""
    found = Counter(entry[kind].split("/")[0] for entry in entries)
    rows = [f"  {name:<24}{count:>5}" for name, count in sorted(found.items())]
    return "\n".join([*rows, f"  {'all':<24}{len(entries):>5}"])


def distinct(entries: list[Entry]) -> None:
    """Stop where one text is asked twice of the same door with the same shape."""
    keys = ("door", "text", "rows", "columns", "length")
    asked = Counter(json.dumps([entry.get(key) for key in keys]) for entry in entries)
    twice = [key for key, count in asked.items() if count > 1]
    if twice:
        raise SystemExit(f"the same text stands twice: {twice}")


def main() -> None:
    """Write, compare or count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", action="store_true", help="print how many of each kind")
    parser.add_argument("--check", action="store_true", help="compare the files with this script")
    options = parser.parse_args()
    files = {"accepted.json": accepted(), "refused.json": numbered(refused(), "refusal")}
    distinct([entry for entries in files.values() for entry in entries])
    for (name, entries), kind in zip(files.items(), ("format", "refusal"), strict=True):
        path = DATA / name
        if options.counts:
            print(f"{name} by {kind}\n{counts(entries, kind)}")
        elif not options.check:
            path.write_text(lines(entries), encoding="ascii", newline="\n")
        elif path.read_text(encoding="ascii") != lines(entries):
            raise SystemExit(f"{name} is not what make_corpus.py writes; run it again")


if __name__ == "__main__":
    main()
