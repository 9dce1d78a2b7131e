"""What may become of a wave, when it begins, and how long it takes."""

from datetime import date, datetime

import pytest

from chassis.clock import STOCKHOLM
from contracts.policy import WavePolicy
from contracts.waves import WaveState
from services.outreach.domain.policy import load_policy
from services.outreach.domain.waves import WaveAction, begins, leads_to, sending_days
from services.outreach.settings import POLICIES

POLICY = load_policy(POLICIES / "stockholm.json")


def test_what_may_become_of_a_wave() -> None:
    allowed = {
        (action, state): after
        for action in WaveAction
        for state in WaveState
        if (after := leads_to(action, state)) is not None and after is not state
    }
    assert allowed == {
        (WaveAction.APPROVE, WaveState.PREVIEW): WaveState.RUNNING,
        (WaveAction.PAUSE, WaveState.RUNNING): WaveState.PAUSED,
        (WaveAction.RESUME, WaveState.PAUSED): WaveState.RUNNING,
        (WaveAction.STOP, WaveState.PREVIEW): WaveState.STOPPED,
        (WaveAction.STOP, WaveState.RUNNING): WaveState.STOPPED,
        (WaveAction.STOP, WaveState.PAUSED): WaveState.STOPPED,
    }


@pytest.mark.parametrize("action", WaveAction)
def test_an_action_that_was_taken_may_be_repeated(action: WaveAction) -> None:
    for state in WaveState:
        after = leads_to(action, state)
        if after is not None:
            assert leads_to(action, after) is after


@pytest.mark.parametrize("action", [WaveAction.APPROVE, WaveAction.RESUME, WaveAction.PAUSE])
@pytest.mark.parametrize("state", [WaveState.STOPPED, WaveState.DONE])
def test_what_is_over_stays_over(action: WaveAction, state: WaveState) -> None:
    assert leads_to(action, state) is None


def test_the_term_mailing_begins_on_15_september_and_later_at_once() -> None:
    august = datetime(2026, 8, 20, 14, 30, tzinfo=STOCKHOLM)
    assert begins(POLICY, august) == datetime(2026, 9, 15, 9, tzinfo=STOCKHOLM)
    october = datetime(2026, 10, 1, 14, 30, tzinfo=STOCKHOLM)
    assert begins(POLICY, october) == october
    assert begins(POLICY, datetime(2027, 2, 1, 12, tzinfo=STOCKHOLM)).date() == date(2027, 9, 15)


def test_the_days_are_what_the_phones_or_the_minutes_allow() -> None:
    assert sending_days(POLICY.waves, 0) == 0
    assert sending_days(POLICY.waves, 7_500) == 5
    slow = WavePolicy(sms_per_minute=1)
    assert sending_days(slow, 7 * 60) == 1
    assert sending_days(slow, 7 * 60 + 1) == 2
