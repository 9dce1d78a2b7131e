"""Swedish names for all that a policy is made of, and what a new policy changes, in words."""

import json
from datetime import date, time, timedelta
from typing import Any

import pytest

from contracts.policy import HourSlot, OutreachPolicy
from contracts.reasons import WatchReason
from services.outreach.domain.policy import policy_of
from services.outreach.domain.policy_changes import changes, moved_dates
from services.outreach.domain.policy_words import WORDS, label, leaves, models_and_codes, value_in_words
from services.outreach.settings import POLICIES

DOCUMENT: dict[str, Any] = json.loads((POLICIES / "stockholm.json").read_text())
OLD = policy_of(DOCUMENT)


def test_every_field_of_a_policy_has_a_swedish_name() -> None:
    """Whoever adds a field names it in services/outreach/domain/policy_words.json."""
    models = [one for one in models_and_codes() if not isinstance(one, str)]
    assert OutreachPolicy in models
    assert HourSlot in models
    nameless = {
        f"{model.__name__}.{name}"
        for model in models
        for name in model.model_fields
        if not WORDS["fields"].get(model.__name__, {}).get(name)
    }
    assert nameless == set()


def test_every_code_in_a_policy_has_a_swedish_word() -> None:
    codes = {one for one in models_and_codes() if isinstance(one, str)}
    assert codes >= set(WatchReason)
    assert codes - set(WORDS["codes"]) == set()


def test_names_are_told_apart() -> None:
    names = list(WORDS["fields"]["OutreachPolicy"].values())
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (timedelta(days=14), "14 dagar"),
        (timedelta(days=1, hours=1), "1 dag 1 timme"),
        (timedelta(minutes=1, seconds=2), "1 minut 2 sekunder"),
        (timedelta(0), "ingen tid"),
        (-timedelta(hours=2), "minus 2 timmar"),
        (True, "ja"),
        (False, "nej"),
        (None, "inget"),
        (3, "3"),
        (date(2027, 1, 7), "7 januari 2027"),
        (time(8, 30), "08.30"),
        ((), "inga"),
        (WatchReason.DECLINED, "har tackat nej"),
        (HourSlot(name="kväll", start=time(17), end=time(20)), "kväll kl. 17.00-20.00"),
        ({WatchReason.WORKS: timedelta(days=180)}, "arbetar: 180 dagar"),
    ],
)
def test_values_in_words(value: object, words: str) -> None:
    assert value_in_words(value) == words


def test_every_value_of_a_policy_has_a_name_and_words() -> None:
    for place, value in leaves(OLD):
        assert label(place)
        assert value_in_words(value)


def changed(**fields: Any) -> OutreachPolicy:
    return policy_of({**DOCUMENT, "version": "stockholm-2027.1", **fields})


def test_nothing_changed_but_the_name_is_no_change() -> None:
    assert changes(OLD, changed()) == []
    assert moved_dates(OLD, changed(), date(2027, 1, 7)) == []


def test_what_changes_is_told_field_by_field() -> None:
    slots = [*DOCUMENT["call_slots"][:2], {"name": "evening", "start": "17:00", "end": "19:00"}]
    new = changed(
        answer_window="P10D",
        working_days_only=False,
        call_slots=slots,
        watch_intervals={**DOCUMENT["watch_intervals"], "declined": "P60D"},
        holidays=[*DOCUMENT["holidays"][1:], "2031-01-01"],
    )
    assert [(one.field, one.sentence) for one in changes(OLD, new)] == [
        ("answer_window", "Svarstid efter första brevet och sms:et: 10 dagar i stället för 14 dagar."),
        (
            "call_slots",
            "Tider på dagen för samtal: morning kl. 09.00-12.00; afternoon kl. 13.00-16.00; "
            "evening kl. 17.00-19.00 i stället för morning kl. 09.00-12.00; afternoon kl. 13.00-16.00; "
            "evening kl. 17.00-20.00.",
        ),
        ("working_days_only", "Samtal och hembesök bara på arbetsdagar: nej i stället för ja."),
        ("holidays", "Helgdagar: tillkommer 1 januari 2031; försvinner 1 januari 2024."),
        (
            "watch_intervals.declined",
            "Ny kontakt under bevakning efter, har tackat nej: 60 dagar i stället för 90 dagar.",
        ),
    ]


def test_where_contact_is_made_on_any_day_tasks_are_due_in_working_days_all_the_same() -> None:
    """As the workflow has it (`dates.task_due_on`): staff may ring on Sundays then, and need not."""
    old, new = (
        changed(working_days_only=False, task_due_working_days={**DOCUMENT["task_due_working_days"], "call": days})
        for days in (1, 2)
    )
    (moved,) = moved_dates(old, new, date(2027, 1, 8))  # a Friday
    assert (moved.before, moved.after) == (date(2027, 1, 11), date(2027, 1, 12))


def test_dates_that_move_are_counted_from_the_effective_date() -> None:
    new = changed(
        answer_window="P10D",
        start_spread_days=25,
        turns_20_letter_before="P20D",
        task_due_working_days={**DOCUMENT["task_due_working_days"], "mapping": 5},
    )
    moved = {one.field: (one.before, one.after) for one in moved_dates(OLD, new, date(2026, 12, 21))}
    assert moved == {
        "answer_window": (date(2027, 1, 4), date(2026, 12, 31)),
        "start_spread_days": (date(2027, 1, 10), date(2027, 1, 15)),
        # Working days: Christmas, New Year and Epiphany do not count. The letter before twenty has no such date.
        "task_due_working_days.mapping": (date(2027, 1, 11), date(2026, 12, 30)),
    }
    (first, *_) = moved_dates(OLD, new, date(2026, 12, 21))
    assert first.sentence.startswith(
        "Starterna sprids över så många dagar: räknat från 21 december 2026 blir det 15 "
    )
