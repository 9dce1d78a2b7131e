"""By how many youths each track was walked: counted from rows, and missed when nobody walked it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from contracts.tasks import CallResult, TaskKind, TaskMark
from deploy.demo.invariants.databases import Databases
from deploy.demo.tracks import EVERY_TRACK_FROM, TRACKS, never_walked, walked
from tests.unit.demo.planted import call, event, journey, message, move, task, visit

NOTHING = Databases(
    tasks=[],
    visits=[],
    journeys=[],
    transitions=[],
    messages=[],
    events=[],
    dead_letters=[],
    episodes=[],
    loads=[],
)


def with_rows(**rows: Any) -> Databases:
    """Return databases that hold these rows, and nothing else."""
    return replace(NOTHING, **rows)


SEARCH = task(1, TaskKind.FIND_CONTACT_DETAILS, 0, 1, state="cancelled")
ILL = task(2, TaskKind.HOME_VISIT, 0, 1, result="called_off", completed_by="outreach")


def test_in_an_empty_year_no_track_was_walked() -> None:
    counts = walked(NOTHING)
    assert set(counts.values()) == {0}
    assert len(list(never_walked(counts, EVERY_TRACK_FROM))) == len(TRACKS)
    assert list(never_walked(counts, EVERY_TRACK_FROM - 1)) == []  # too few youths for each


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("first letter", {"messages": [message(1), message(2)]}),
        ("term mailing", {"messages": [message(1, "term_sms", state="delivered")]}),
        ("answered by SMS", {"transitions": [move("mapping", 1, reached_by="sms_answer")]}),
        ("call: wrong number", {"tasks": [call(1, 0, 1, CallResult.WRONG_NUMBER)]}),
        (
            "call: guardians too, under 18",
            {"tasks": [task(1, TaskKind.CALL, 0, 1, result="reached", marks=(TaskMark.CALL_GUARDIANS,))]},
        ),
        ("no number: one is entered", {"tasks": [SEARCH, task(3, opened=1)]}),
        (
            "home visit: called off as one is ill",
            {"tasks": [ILL], "visits": [visit(1, 1, task_id=ILL.task_id, state="called_off")]},
        ),
        ("newly arrived: has applied", {"transitions": [move("watch", 1, watch_reason="applied")]}),
        ("hold, with consent", {"events": [event("hold-placed", 0)]}),
        ("became protected in the year", {"events": [event("youth-changed", 0, protected=True)]}),
        ("turned twenty", {"transitions": [move("ended", 1, end_reason="turned_20")]}),
        ("work covered for a colleague", {"tasks": [task(1, closed=1, assigned_to="anna", completed_by="bo")]}),
        ("started with the new policy", {"journeys": [journey(policy_version="stockholm-2026.2")]}),
        ("studiebevis: letter in September", {"journeys": [journey(intake_from=journey().start_by)]}),
    ],
)  # fmt: skip
def test_who_walked_a_track_is_counted_once(name: str, rows: dict[str, Any]) -> None:
    counts = walked(with_rows(**rows))
    assert counts[name] == 1
    assert not any(name in problem for problem in never_walked(counts, EVERY_TRACK_FROM))


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("first letter", {"messages": [message(1, state="skipped")]}),
        ("call: wrong number", {"tasks": [call(1, 0, 1, CallResult.REACHED), task(2)]}),
        ("no number: one is entered", {"tasks": [SEARCH, task(3, opened=2)]}),
        ("no number: one is entered", {"tasks": [SEARCH, task(3, opened=1, youth_id=UUID(int=9))]}),
        ("home visit: called off as one is ill", {"tasks": [ILL], "visits": [visit(1, 1, state="called_off")]}),
        ("became protected in the year", {"events": [event("youth-changed", 0, protected=False)]}),
        ("work covered for a colleague", {"tasks": [task(1, closed=1, assigned_to="anna", completed_by="anna")]}),
        ("work covered for a colleague", {"tasks": [replace(ILL, assigned_to="anna")]}),
    ],
)  # fmt: skip
def test_who_did_not_walk_it_is_not(name: str, rows: dict[str, Any]) -> None:
    assert walked(with_rows(**rows))[name] == 0
