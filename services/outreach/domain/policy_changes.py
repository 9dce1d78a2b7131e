"""What a new policy changes, field by field and in dates, in plain Swedish. Pure.

Fields are taken from the model: whoever adds one has it here by itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel

from contracts.policy import HourSlot, OutreachPolicy
from contracts.workdays import add_working_days
from services.outreach.domain.policy_words import Place, day, field_of, label, leaves, value_in_words

NOTHING = "finns inte"
# Whole numbers of days, by the end of their name; the second are working days.
DAYS = "_days"
WORKING_DAYS = ("working_days", "lead_days")
# Counted back from a date of the youth's own: nothing that moves by itself.
BACKWARDS = ("_before", "not_within_days")


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs: its Swedish name, both values in words, and the sentence that says it."""

    field: str
    name: str
    before: str
    after: str
    sentence: str


@dataclass(frozen=True, slots=True)
class MovedDate:
    """One date that moves, counted from the day on which the new policy begins to hold."""

    field: str
    name: str
    before: date
    after: date
    sentence: str


def changes(old: OutreachPolicy, new: OutreachPolicy) -> list[Change]:
    """Return what differs, in the order of the fields. The version itself is no difference."""
    return [one for one in _changes((), old, new) if one.field != "version"]


def moved_dates(old: OutreachPolicy, new: OutreachPolicy, start: date) -> list[MovedDate]:
    """Return the dates that move, for a youth who comes so far on ``start``: a calendar to compare.

    Lengths of less than a day move no date.
    """
    before = dict(_ends(old, start))
    return [
        MovedDate(
            field_of(place),
            label(place),
            before[place],
            after,
            f"{_capital(label(place))}: räknat från {day(start)} blir det {day(after)} i stället för "
            f"{day(before[place])}.",
        )
        for place, after in _ends(new, start)
        if place in before and before[place] != after
    ]


def _ends(policy: OutreachPolicy, start: date) -> Iterator[tuple[Place, date]]:
    """Yield when each length of time in a policy has passed, counted from a date."""
    for place, value in leaves(policy):
        if str(place[-1]).endswith(BACKWARDS):
            continue
        if isinstance(value, timedelta):
            yield place, start + timedelta(days=value.days)
        elif isinstance(value, int) and not isinstance(value, bool):
            if any(str(part).endswith(WORKING_DAYS) for part in place):
                yield place, add_working_days(policy, start, value)
            elif str(place[-1]).endswith(DAYS):
                yield place, start + timedelta(days=value)


def _changes(place: Place, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, BaseModel) and type(old) is type(new) and not isinstance(old, HourSlot):
        for name in type(old).model_fields:
            yield from _changes((*place, name), getattr(old, name), getattr(new, name))
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            yield from _changes((*place, str(key)), old.get(key), new.get(key))
    elif _are_dates(old) and _are_dates(new):
        yield _dates_changed(place, sorted(set(old) - set(new)), sorted(set(new) - set(old)))
    else:
        before, after = value_in_words(old), value_in_words(new)
        name = _capital(label(place))
        yield Change(field_of(place), name, before, after, f"{name}: {after} i stället för {before}.")


def _are_dates(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, date) for one in value)


def _dates_changed(place: Place, gone: list[date], come: list[date]) -> Change:
    name = _capital(label(place))
    said = [
        f"{verb} {', '.join(day(one) for one in days)}"
        for verb, days in (("tillkommer", come), ("försvinner", gone))
        if days
    ]
    return Change(
        field_of(place),
        name,
        ", ".join(day(one) for one in gone) or "inga",
        ", ".join(day(one) for one in come) or "inga",
        f"{name}: {'; '.join(said)}.",
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
