"""The file that a new exercise begins as: sound in its mathematics, with every text to be written.

What stands as "…" is found by ``dev check``, so that a starter is refused until it is an exercise.
"""

from __future__ import annotations

from collections.abc import Mapping

MANIFEST = """\
# The course, in its order. Positions never change: a new exercise goes to the end.
# The salt decides which variant each student gets; a course that is under way keeps it.
salt = "{salt}"
exercises = [
]
"""

_TEXTS = '''\
# {slug}: write every "…", and change the rest; "handcalc dev check" says what is missing.
title = "…"           # short: what the learner is to do
statement = """…"""   # an empty line between paragraphs; four spaces before a formula
typing = """…"""      # what to type, and how
hints = ["…", "…"]    # from a question to nearly everything; each asks before it tells
why = """…"""         # shown after a pass: why it works
# For numbers of each student's own, write {{half}} in any text, and two or more tables such as:
# [[variants]]
# half = "1/2"

'''

_MODEL = '''\
[answer]              # what is asked for
kind = "model"        # or number, interval, vector, choice
features = 2
dimensions = 1
activation = "relu"   # or "linear"
[check]               # what a right answer has: any answer that has it passes
kind = "reconstructs-input"  # or reconstructs-set, loss-at-most, geometry, same-model
x = "1 1/2"
[example]             # shows how to type, and is not right
W = "1; 1"
b = "0 0"
[[solutions]]         # worked out by hand
title = "…"
W = "1; 0"
b = "0 1/2"
reasoning = """…"""
[[wrong]]             # at least two that people give; this mistake has a name already
W = "1; 0"
b = "0 0"
diagnosis = "lost"
[[wrong]]             # and this one has words of its own
W = "1; -1"
b = "0 0"
diagnosis = "pair-without-bias"
happened = "…"
try = "…"
'''

_OTHER = '''\
[answer]              # what is asked for
{answer}
[check]               # what is right
{check}
[example]             # shows how to type, and is not right
answer = "{example}"
[[solutions]]         # worked out by hand
title = "…"
answer = "{right}"
reasoning = """…"""
[[wrong]]             # at least two that people give, each with a name and words of its own
answer = "{first}"
diagnosis = "a-first-mistake"
happened = "…"
try = "…"
[[wrong]]
answer = "{second}"
diagnosis = "a-second-mistake"
happened = "…"
try = "…"
'''

_PARTS: Mapping[str, Mapping[str, str]] = {
    "number": {
        "answer": 'kind = "number"\nname = "L"',
        "check": 'kind = "equals"\nvalue = "1/12"\n'
        "[engine]              # the calculation that must give the value: see the docs\n"
        'kind = "loss"\nW = "1; -1"\nsparsity = "1/2"',
        "example": "0.3",
        "right": "1/12",
        "first": "1/6",
        "second": "1/3",
    },
    "interval": {
        "answer": 'kind = "interval"\nname = "S"',
        "check": 'kind = "brackets"       # or equals, with both ends\n'
        'value = "sqrt(2)/2"   # must lie inside\nwidth = "1/20"\n'
        "[engine]              # the calculation that must give the value: see the docs\n"
        'kind = "geometry"\nW = "1/2 1/2"\nwhat = "norms"',
        "example": "0 1",
        "right": "0.7 0.72",
        "first": "0.5 0.55",
        "second": "0.6 0.8",
    },
    "vector": {
        "answer": 'kind = "vector"\nname = "x̂"\nlength = 2',
        "check": 'kind = "equals"\nvalue = "1/2 0"\n'
        "[engine]              # the calculation that must give the value: see the docs\n"
        'kind = "output"\nW = "1; -1"\nx = "3/4 1/4"',
        "example": "1 1",
        "right": "1/2 0",
        "first": "1/2 -1/2",
        "second": "3/4 1/4",
    },
    "choice": {
        "answer": 'kind = "choice"\nclaims = ["…", "…", "…"]\nreasons = ["…", "…"]',
        "check": 'kind = "chosen"\nclaim = "b"\nreason = "1"',
        "example": "a 1",
        "right": "b 1",
        "first": "b 2",
        "second": "c 1",
    },
}

KINDS = ("model", *_PARTS)


def starter(kind: str, slug: str) -> str:
    """The text of a new exercise's file.

    >>> starter("number", "two-arrows").splitlines()[0].startswith("# two-arrows: ")
    True
    """
    rest = _MODEL if kind == "model" else _OTHER.format(**_PARTS[kind])
    return _TEXTS.format(slug=slug) + rest
