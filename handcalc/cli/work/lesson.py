"""A lesson at a terminal: its beginning, one question, what was right, and then the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from rich.console import RenderableType

from handcalc.cli.report import Report, Session
from handcalc.views.layout import Paragraph, to_type
from handcalc.views.text.questions import LessonPrediction

_NONE = ("none", "no", "nothing", "0")
_ROOM = 8  # columns to type in
_LEAVE = ("q", "quit", "exit")


def ask_first(
    session: Session,
    opening: RenderableType,
    question: LessonPrediction,
    rest: Callable[[], Report],
    again: str,
) -> Report:
    """Show the beginning and ask; the report is the rest or, for who leaves, how to come back."""
    terminal = session.terminal
    terminal.show(opening, "", Paragraph(f"{question.asked} {question.listed}".strip()))
    prompt = question.prompt
    if len(prompt) + _ROOM > terminal.width:  # a terminal would break it inside a word
        terminal.show(Paragraph(prompt.strip()))
        prompt = "> "
    while True:
        reply = terminal.ask(prompt)
        if reply is None or reply.strip().lower() in _LEAVE:
            return Report(data=dict, text=lambda _: to_type(again, "The rest, whenever you like: "))
        if not reply.strip():
            break
        named = named_numbers(reply, question)
        if named is not None:
            terminal.show("", Paragraph(question.verdict(named)))
            break
        known = " or ".join(map(str, range(1, question.choices + 1)))
        if question.most > 1:
            known = f"numbers from 1 to {question.choices}, such as 1 2, or 0 for none"
        terminal.show(Paragraph(f"Type {known}; Enter alone goes on, q leaves."))
    terminal.show("")
    return rest()


def named_numbers(reply: str, question: LessonPrediction) -> Collection[int] | None:
    """The numbers that a reply names, or None where it cannot be read.

    >>> from dataclasses import replace
    >>> asked = LessonPrediction("Which?", "", 3, 3, str, (), ("a", "b", "c"))
    >>> named_numbers("2 and x3", asked), named_numbers("none", asked), named_numbers("4", asked)
    ({2, 3}, set(), None)
    >>> by_name = replace(asked, names=("a", "b", "c"))
    >>> named_numbers("a and c", by_name)
    {1, 3}
    """
    said = reply.strip().lower().rstrip(".!")
    if said in _NONE and question.most > 1:
        return set()
    if said == "all" and question.most > 1:
        return set(range(1, question.choices + 1))
    rest = re.sub(r"\b(outputs?|and|feature|features)\b|x\u0302?(?=[_\d])|[,;&_\s]", " ", said)
    names = {name.lower(): str(k) for k, name in enumerate(question.names, 1)}
    single = {name: k for name, k in names.items() if question.names.count(name) == 1}
    cells = [single.get(said, "")] if said in single else [single.get(c, c) for c in rest.split()]
    if not cells or not all(cell.isascii() and cell.isdigit() and len(cell) < 4 for cell in cells):
        return None
    numbers = {int(cell) for cell in cells}
    fits = min(numbers) >= 1 and max(numbers) <= question.choices and len(numbers) <= question.most
    return numbers if fits else None
