"""What time does to tasks: leases that end, and due dates that are too long ago."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import STOCKHOLM
from contracts.tasks import TaskState
from contracts.workdays import add_working_days
from services.outreach.domain.escalation import overdue_before
from services.outreach.domain.lease import as_read, is_claimed, lease_length
from services.outreach.domain.policy import load_policy
from services.outreach.settings import POLICIES

POLICY = load_policy(POLICIES / "stockholm.json")
NOON = datetime(2026, 10, 9, 12, tzinfo=STOCKHOLM)  # a Friday


@pytest.mark.parametrize(
    ("due_on", "escalated_on"),
    [
        (date(2026, 10, 9), date(2026, 10, 15)),  # Friday; Monday to Wednesday are the three days
        (date(2026, 10, 5), date(2026, 10, 9)),
        (date(2026, 12, 23), date(2026, 12, 31)),  # Christmas: 28, 29 and 30 are working days
    ],
)
def test_escalated_after_the_policys_working_days(due_on: date, escalated_on: date) -> None:
    before = overdue_before(POLICY, escalated_on)
    day_before = overdue_before(POLICY, escalated_on - timedelta(days=1))
    assert before is not None
    assert day_before is not None
    assert due_on < before
    assert not due_on < day_before


@given(st.dates(date(2026, 1, 1), date(2029, 12, 1)), st.integers(0, 60), st.integers(0, 6))
def test_it_is_the_same_rule_as_for_due_dates(due_on: date, later: int, days: int) -> None:
    policy = POLICY.model_copy(update={"escalation_working_days": days})
    today = due_on + timedelta(days=later)
    before = overdue_before(policy, today)
    assert before is not None
    assert (due_on < before) == (add_working_days(policy, due_on, days) < today)


def test_a_policy_without_it_escalates_nothing() -> None:
    assert overdue_before(POLICY.model_copy(update={"escalation_working_days": None}), NOON.date()) is None


def test_a_claim_is_over_at_the_end_of_its_lease() -> None:
    assert is_claimed(TaskState.CLAIMED, NOON + timedelta(seconds=1), NOON)
    assert not is_claimed(TaskState.CLAIMED, NOON, NOON)
    assert not is_claimed(TaskState.COMPLETED, NOON + timedelta(hours=1), NOON)


def test_a_task_with_a_lease_that_is_over_is_read_as_free() -> None:
    task = {"state": "claimed", "claimed_by": "anna", "claimed_at": NOON, "claimed_until": NOON, "kind": "call"}
    assert as_read(task, NOON) == {
        "state": "open", "claimed_by": None, "claimed_at": None, "claimed_until": None, "kind": "call",
    }  # fmt: skip
    assert as_read(task, NOON - timedelta(seconds=1)) == task


def test_a_lease_is_at_least_a_real_minute() -> None:
    assert lease_length(timedelta(hours=4), speed=1) == timedelta(hours=4)
    assert lease_length(timedelta(hours=4), speed=100_000) == timedelta(minutes=100_000)
