"""Due dates and what lateness costs, in exact fractions; a time without its zone is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handcalc.errors import InputError
from handcalc.wording import counted

_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)(?:T| +)(?P<clock>\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)"
    r" *(?P<zone>Z|[+-]\d\d:?\d\d|[A-Za-z][A-Za-z0-9_+/-]{1,60})?"
)
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_UNIT = f"(?:{'|'.join(_UNITS)})"
_SHARE = r"(?P<share>\d{1,4}(?:/\d{1,4}|(?:\.\d{1,4})?[ ]?%)?)"
_RULE = re.compile(
    rf"{_SHARE}(?: (?:per|a|an|each) (?P<unit>{_UNIT}))?"
    rf"(?P<spans>(?:,? (?:up to|until|after|grace) \d{{1,4}} {_UNIT}s?)*)"
)
_MOST = re.compile(rf"(?:up to|until) (\d+) ({_UNIT})")
_GRACE = re.compile(rf"(?:after|grace) (\d+) ({_UNIT})")
_EXAMPLE = "1/10 per day up to 3 days"


def read_time(text: str, what: str) -> datetime:
    """A moment, in UTC, from a time with its zone: an offset, or the name of a place that has one.

    Errors: ``InputError`` with code ``time``, for a clock's time without a zone, and for one that a
    place has twice, or not at all, because its clocks were changed.

    >>> str(read_time("2026-11-30 23:59 Europe/Berlin", "due"))
    '2026-11-30 22:59:00+00:00'
    """
    found = _TIME.fullmatch(text.strip())
    example = "2026-11-30 23:59 Europe/Berlin"
    if found is None:
        raise _no_time(what, text, f'must be a date and a time with its zone, such as "{example}"')
    if found["zone"] is None:
        raise _no_time(
            what, text, f'has no zone; type "{text.strip()} Europe/Berlin" or "… +01:00"'
        )
    try:
        local = datetime.fromisoformat(f"{found['date']}T{found['clock']}")
        at = local.replace(tzinfo=_zone(found["zone"]))
        moments = {at.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
        back = at.astimezone(UTC).astimezone(at.tzinfo).replace(tzinfo=None)
    except ZoneInfoNotFoundError:
        raise _no_time(what, text, "names a zone that is not known here; type its offset") from None
    except (ValueError, OverflowError) as error:
        raise _no_time(what, text, f"is no time: {error}") from None
    if len(moments) > 1 or back != local:
        said = "is there twice, or not at all, where clocks are changed; type it with its offset"
        raise _no_time(what, text, said)
    return at.astimezone(UTC)  # of one place, Python subtracts what the clocks there show


def _zone(name: str) -> timezone | ZoneInfo:
    if name in ("Z", "UTC"):
        return UTC
    if name[0] in "+-":
        digits = name[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return timezone(-offset if name[0] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (OSError, ValueError):  # a folder of zones, such as Europe, or a file that is none
        raise ZoneInfoNotFoundError(name) from None


def _no_time(what: str, text: str, why: str) -> InputError:
    return InputError("time", f'{what}: "{text.strip()[:60]}" {why}.')


@dataclass(frozen=True, slots=True)
class LateRule:
    """What a hand-in loses that is late: ``share`` once or, with ``every``, each time it begins.

    After ``most`` nothing is left; up to ``grace`` a hand-in counts as in time.
    """

    share: Fraction
    every: timedelta | None = None
    most: timedelta | None = None
    grace: timedelta = timedelta()

    def factor(self, lateness: timedelta) -> Fraction:
        """What is left of the points, from 0 to 1.

        >>> rule = read_rule("1/10 per day up to 3 days after 15 minutes")
        >>> rule.factor(timedelta(minutes=15)), rule.factor(timedelta(minutes=16))
        (Fraction(1, 1), Fraction(9, 10))
        >>> rule.factor(timedelta(days=2)), rule.factor(timedelta(days=3, microseconds=1))
        (Fraction(4, 5), Fraction(0, 1))
        """
        if lateness <= self.grace:
            return Fraction(1)
        if self.most is not None and lateness > self.most:
            return Fraction(0)
        begun = 1 if self.every is None else -(-lateness // self.every)
        return max(Fraction(0), 1 - self.share * begun)

    @property
    def unmeasured(self) -> Fraction | None:
        """What is left where it is late and nobody knows how much; None where that matters."""
        matters = self.every is not None or self.most is not None or self.grace > timedelta()
        return None if matters else 1 - self.share


EVERYTHING = LateRule(Fraction(1))
"""What is late earns nothing."""


def read_rule(text: str) -> LateRule:
    """A rule as one types it. Errors: ``InputError`` with code ``late_rule``.

    >>> read_rule("10% per day").share, read_rule("1/2").factor(timedelta(hours=5))
    (Fraction(1, 10), Fraction(1, 2))
    """
    found = _RULE.fullmatch(" ".join(text.split()))
    spans = "" if found is None else found["spans"]
    most, grace = _MOST.findall(spans), _GRACE.findall(spans)
    try:
        share = None if found is None else _share(found["share"])
    except ZeroDivisionError:
        share = None
    if found is None or share is None or share > 1 or len(most) > 1 or len(grace) > 1:
        said = (
            f'--late is what a late hand-in loses, from 0 to 1, such as "{_EXAMPLE}", not '
            f'"{text[:60]}".'
        )
        raise InputError("late_rule", said, suggestion=f'--late "{_EXAMPLE}"')
    every = _UNITS[found["unit"]] if found["unit"] else None
    return LateRule(share, every, _span(most), _span(grace) or timedelta())


def _share(text: str) -> Fraction:
    return Fraction(text.rstrip("% ")) / 100 if text.endswith("%") else Fraction(text)


def _span(found: list[tuple[str, str]]) -> timedelta | None:
    return int(found[0][0]) * _UNITS[found[0][1]] if found else None


def how_late(lateness: timedelta) -> str:
    """A span in words, as much of it as one counts.

    >>> how_late(timedelta(days=1, hours=3, seconds=5)), how_late(timedelta(seconds=30))
    ('1 day 3 hours', '30 seconds')
    """
    seconds = max(1, -(-lateness // timedelta(seconds=1)))
    sizes = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
    parts = []
    for name, size in sizes:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(counted(number, name))
    return " ".join(parts[:2])
