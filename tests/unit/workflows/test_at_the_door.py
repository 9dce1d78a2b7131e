"""Visits that must not be made again at home, and the report of a wrong address (docs/outreach.md, 'Calls')."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from contracts.outreach_workflow import Decided
from contracts.policy import InsteadOfVisit
from contracts.reasons import ReachedBy, Step, WatchReason
from contracts.tasks import (
    CallOutcome,
    CallResult,
    HomeVisitOutcome,
    HomeVisitResult,
    MappingOutcome,
    MappingResult,
    OfficeMeetingOutcome,
    ReportAddressOutcome,
    TaskKind,
)
from tests.unit.workflows.simulation import Simulation, youth_at
from tests.workflows.samples import policy
from workflows.youth_outreach.outcomes import Refusal

UNSAFE = HomeVisitOutcome(result=HomeVisitResult.UNSAFE)


def watch_reason(youth: Simulation) -> WatchReason | None:
    watch = youth.progress[-1].watch
    return watch.reason if watch else None


def test_after_an_unsafe_visit_the_youth_is_asked_to_the_office() -> None:
    youth = youth_at(Step.HOME_VISIT)
    youth.completes(UNSAFE)
    assert [task.kind for task in youth.state.tasks] == [TaskKind.OFFICE_MEETING]
    youth.completes(OfficeMeetingOutcome(result="reached"))
    reached = youth.progress[-1].reached
    assert reached is not None
    assert (youth.state.step, reached.by) == (Step.MAPPING, ReachedBy.DROP_IN)


def test_who_does_not_come_to_the_office_is_watched() -> None:
    youth = youth_at(Step.HOME_VISIT)
    youth.completes(UNSAFE)
    youth.completes(OfficeMeetingOutcome(result="did_not_come"))
    assert (youth.state.step, watch_reason(youth)) == (Step.WATCH, WatchReason.NOT_REACHED)


def test_after_an_unsafe_visit_the_policy_may_have_the_youth_watched() -> None:
    youth = youth_at(Step.HOME_VISIT, policy=policy(unsafe_visit=InsteadOfVisit.WATCH, home_visits=3))
    youth.completes(UNSAFE)
    assert (youth.state.step, watch_reason(youth)) == (Step.WATCH, WatchReason.NOT_REACHED)


def test_no_visit_is_made_at_home_again_however_often_the_search_begins_anew() -> None:
    youth = youth_at(Step.HOME_VISIT)
    youth.completes(UNSAFE)
    youth.completes(OfficeMeetingOutcome(result="reached"))
    youth.completes(MappingOutcome(result=MappingResult.NO_CONVERSATION))
    planned = youth.state.made(TaskKind.PLAN_HOME_VISIT)
    for _ in range(3):
        youth.time_is_up()
        youth.completes(CallOutcome(result=CallResult.NO_ANSWER))
    youth.time_is_up()
    assert [task.kind for task in youth.state.tasks] == [TaskKind.OFFICE_MEETING]
    assert youth.state.made(TaskKind.PLAN_HOME_VISIT) == planned


def test_the_report_of_a_wrong_address_says_when_it_was_made() -> None:
    youth = youth_at(Step.HOME_VISIT)
    youth.completes(HomeVisitOutcome(result=HomeVisitResult.DOES_NOT_LIVE_THERE))
    today = youth.now.date()
    tomorrow = ReportAddressOutcome(result="reported", reported_on=today + timedelta(days=1))
    assert isinstance(youth.completes(tomorrow), Refusal)
    assert isinstance(youth.completes(ReportAddressOutcome(result="reported", reported_on=today)), Decided)
    (closed,) = youth.progress[-1].closed
    assert isinstance(closed.outcome, ReportAddressOutcome)
    assert closed.outcome.reported_on == today
    assert youth.state.step is Step.WATCH


def test_what_need_not_be_reported_has_no_day() -> None:
    with pytest.raises(ValidationError):
        ReportAddressOutcome.model_validate({"result": "not_needed", "reported_on": "2026-09-01"})
