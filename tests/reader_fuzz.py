"""Fuzzed texts through every door of the reader: nothing but a number or an InputError comes out.

Run ``python -m tests.reader_fuzz --texts 1000000 --seed 1 --processes 2`` to make the
record in tests/data anew: how many texts, what came of them, the slowest one and its processor
time, the peak of memory. The texts are those of the corpus, mutated and spliced; random
expressions; and characters of all sorts.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

from exercises.answers import read
from exercises.exercise import ChoiceAnswer, IntervalAnswer, ModelAnswer, NumberAnswer, VectorAnswer
from handcalc.errors import InputError
from handcalc.parsing import parse_input, parse_matrix, parse_scalar, parse_vector

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "data"
RECORD = CORPUS / "reader_fuzz.json"
LONGEST = 400  # characters of a text of the corpus that is mutated, and of a text in the record
SUSPICIOUS = 0.05  # seconds; what takes longer is timed again, for the machine has other work

WORDS = """
0 1 2 3 7 9 10 60 1/2 -1 0.5 .5 1e3 1e-9 1e40 99999999999999999999 x1 x2 x_3 x₁ a b W S
+ - * / ^ ** ( ) [ ] { } , ; : = . ' " \\ | & % _ ~ ! ? @ # $ < > ½ ¼ ² ³ ⁻¹ − – — × · ÷ ⁄ ° ∞
sqrt( √ cos( sin( pi π \\frac{ \\sqrt{ \\pi and or W= b= é 𝟙 １ ٣ ½½ e E i nan inf None \x1b[0m
\\begin{pmatrix} \\end{pmatrix} np.array( Matrix( ``` __import__('os')
"""
BLANKS = (" ", "  ", "\n", "\t", "\r\n", "\u00a0", "\u200b", "\ufeff", "\u2028", "\0", "\ud800")
PIECES = (*WORDS.split(), *BLANKS)
LEAVES = (
    "0 1 2 3 5 12 1/2 0.25 1e-3 sqrt(2) sqrt(3) sqrt(5) sqrt(7) cos(pi/5) cos(2*pi/7) sin(pi/8)"
)
FORMS = (
    *("{a}+{b}", "{a}-{b}", "{a}*{b}", "{a}/{b}", "({a})", "-({a})", "sqrt({a})", "({a})^2"),
    *("cos({a}*pi/7)", "sin(pi/({a}))", "({a}+{b})*({a}-{b})", "√({a})", "\\frac{{{a}}}{{{b}}}"),
)


def _answer(kind: Any, *names: str) -> Callable[[str], object]:
    def door(text: str) -> object:
        found = read(kind, dict.fromkeys(names, text))
        if found.value is None and found.error is None:
            raise AssertionError("neither a value nor an error")
        return found

    return door


DOORS: dict[str, Callable[[str], object]] = {
    "scalar": parse_scalar,
    "vector": parse_vector,
    "vector of 3": lambda text: parse_vector(text, 3),
    "matrix": parse_matrix,
    "matrix of 3 x 2": lambda text: parse_matrix(text, 3, 2),
    "input": parse_input,
    "input of 3": lambda text: parse_input(text, 3),
    "answer: model": _answer(ModelAnswer(3, 2, "relu"), "W", "b"),
    "answer: number": _answer(NumberAnswer("L"), "answer"),
    "answer: interval": _answer(IntervalAnswer("S"), "answer"),
    "answer: vector": _answer(VectorAnswer("x", 3), "answer"),
    "answer: choice": _answer(ChoiceAnswer(("A.", "B."), ("C.", "D.")), "answer"),
}


def texts(seed: int) -> Iterator[str]:
    """Texts without end; the same ones for the same seed."""
    random = Random(seed)  # noqa: S311 - a repeatable draw, not a secret
    corpus = _corpus()
    while True:
        sort = random.random()
        if sort < 0.4:
            yield _mutated(random, random.choice(corpus), corpus)
        elif sort < 0.8:
            yield _table(random)
        elif sort < 0.98:
            yield "".join(random.choice(PIECES) for _ in range(random.randint(0, 25)))
        else:
            yield random.choice(PIECES) * random.choice((30, 200, 2_000, 9_000))


def _corpus() -> list[str]:
    files = (CORPUS / f"{name}.json" for name in ("accepted", "refused"))
    entries = (entry for file in files for entry in json.loads(file.read_text(encoding="utf-8")))
    return [
        entry["text"]
        for entry in entries
        if isinstance(entry["text"], str) and len(entry["text"]) <= LONGEST
    ]


def _mutated(random: Random, text: str, corpus: list[str]) -> str:
    for _ in range(random.randint(1, 4)):
        i = random.randint(0, len(text))
        j = min(len(text), i + random.randint(0, 5))
        other = random.choice(corpus)
        k = random.randint(0, len(other))
        text = random.choice(
            (
                text[:i] + text[j:],
                text[:i] + random.choice(PIECES) + text[i:],
                text[:i] + random.choice(PIECES) + text[j:],
                text[:j] + text[i:j] * random.randint(1, 9) + text[j:],
                text[:i] + other[k:],
                text[j:] + text[:j],
            )
        )
    return text


def _table(random: Random) -> str:
    """Expressions in rows and columns, most of the shapes that the doors ask for."""
    rows, columns = random.choice(((1, 1), (1, 1), (1, 2), (1, 3), (3, 1), (3, 2), (3, 2), (5, 2)))
    depth = random.choice((0, 1, 1, 2, 3))
    cells = [[_expression(random, depth) for _ in range(columns)] for _ in range(rows)]
    between, under = random.choice(((" ", "; "), (", ", "\n"), (" & ", "\\\\"), ("\t", "\n")))
    return under.join(between.join(row) for row in cells)


def _expression(random: Random, depth: int) -> str:
    if depth == 0 or random.random() < 0.2:
        return random.choice(LEAVES.split())
    a, b = _expression(random, depth - 1), _expression(random, depth - 1)
    return random.choice(FORMS).format(a=a, b=b)


def fuzz(count: int, seed: int) -> dict[str, Any]:
    """So many texts, each through one door in turn: counts, failures, the slowest."""
    outcomes: Counter[str] = Counter()
    failures, slow, names = [], (0.0, "", ""), list(DOORS)
    for door in DOORS.values():  # the grammar is built once
        timed(door, "1")
    for number, text in zip(range(count), texts(seed), strict=False):
        name = names[number % len(names)]
        outcome, seconds = timed(DOORS[name], text)
        if seconds > SUSPICIOUS:
            seconds = min(seconds, *(timed(DOORS[name], text)[1] for _ in range(3)))
        outcomes[outcome] += 1
        slow = max(slow, (seconds, name, text))
        if outcome.startswith("raised "):
            failures.append({"door": name, "text": text[:LONGEST], "outcome": outcome})
    return {
        "texts": count,
        "outcomes": dict(outcomes),
        "failures": failures,
        "slowest": {
            "ms": round(slow[0] * 1000, 2),
            "door": slow[1],
            "characters": len(slow[2]),
            "text": slow[2][:LONGEST],
        },
        "peak_mib": peak(),
    }


def timed(door: Callable[[str], object], text: str) -> tuple[str, float]:
    """What came of a text, and the processor time that it took."""
    start = process_time()
    try:
        found = door(text)
        outcome = f"refused: {found.error.code}" if getattr(found, "error", None) else "read"
    except InputError as error:
        outcome = f"refused: {error.code}"
    except Exception as error:  # noqa: BLE001 - to see what else comes is what this is for
        outcome = f"raised {type(error).__name__}: {error}"
    return outcome, process_time() - start


def peak() -> float:
    """The most memory that this process has held, in MiB."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


def together(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """One record of several runs."""
    outcomes: Counter[str] = Counter()
    for part in parts:
        outcomes.update(part["outcomes"])
    return {
        "texts": sum(part["texts"] for part in parts),
        "read": outcomes.pop("read", 0),
        "refused": {
            name.removeprefix("refused: "): number
            for name, number in outcomes.most_common()
            if name.startswith("refused: ")
        },
        "failures": [failure for part in parts for failure in part["failures"]],
        "slowest": max((part["slowest"] for part in parts), key=lambda slowest: slowest["ms"]),
        "peak_mib": max(part["peak_mib"] for part in parts),
    }


def main() -> None:
    """Write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=1_000_000, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="the same texts for the same seed")
    parser.add_argument("--processes", type=int, default=2, help="each with a seed of its own")
    parser.add_argument("--out", type=Path, default=RECORD, help="where the record goes")
    options = parser.parse_args()
    each = -(-options.texts // options.processes)
    seeds = [options.seed * 1000 + i for i in range(options.processes)]
    with ProcessPoolExecutor(options.processes) as pool:
        parts = list(pool.map(fuzz, [each] * options.processes, seeds))
    known = {"seed": options.seed, "processes": options.processes}
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    record = {**known, "machine": machine, "doors": list(DOORS), **together(parts)}
    options.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({key: record[key] for key in ("texts", "slowest", "peak_mib")}))


if __name__ == "__main__":
    main()
