"""The planner: the plan's own rules in simulated time. All times are civil."""

import ast
import inspect
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from textwrap import dedent
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chassis.clock import STOCKHOLM, ClockSpec
from contracts.messages import MessageKind
from contracts.reasons import Step
from contracts.tasks import CallResult, HomeVisitResult, TaskKind
from services.outreach.planner import elusive, open_youths
from services.outreach.planner.assumptions import Assumptions, Staffing
from services.outreach.planner.chance import Chance
from services.outreach.planner.forecast import Question, forecast, simulate
from services.outreach.planner.tally import MEASURES
from tests.workflows.samples import STOCKHOLM_POLICY, policy
from workflows.youth_outreach.state import State
from workflows.youth_outreach.timing import THEN
from workflows.youth_outreach.workflow import YouthOutreach

BEGINS = datetime(2026, 9, 1, 6, tzinfo=STOCKHOLM)  # a Tuesday
ENOUGH = Staffing()
NOBODY = Assumptions(
    answers={}, calls=({},), visits=({},), mapping={}, ends_per_year=0, task_days={}, visit_days=0
)  # nobody answers, is reached or is at home, and no duty ends before twenty


def youths(number: int, *, districts: tuple[str, ...] = ("farsta", "jarva")) -> list[State]:
    return [
        State(
            youth_id=UUID(int=one + 1),
            episode_id=UUID(int=one + 1),
            municipality="0180",
            policy=STOCKHOLM_POLICY,
            clock=ClockSpec(),
            district=districts[one % len(districts)],
            protected=False,
            registered_on=date(2026, 8, 31),
            last_covered_day=date(2028, 6, 1) + timedelta(days=one),
        )
        for one in range(number)
    ]


def question(
    found: list[State], assumptions: Assumptions, weeks: int = 20, staffing: Staffing = ENOUGH
) -> Question:
    return Question(found, [], STOCKHOLM_POLICY, BEGINS, BEGINS + timedelta(weeks=weeks), assumptions, staffing, 1)


def totals(asked: Question) -> Counter[str]:
    tally = simulate(asked)
    return Counter({measure: tally.total(measure) for measure in MEASURES})


def test_steps_do_what_the_workflow_does_when_their_time_is_up() -> None:
    """`THEN` is written out in the workflow, where it reads as the plan; the planner must not differ."""
    written = ast.parse(dedent(inspect.getsource(YouthOutreach.run)))
    found = {}
    for case in (node for node in ast.walk(written) if isinstance(node, ast.match_case)):
        for call in (node for node in ast.walk(case) if isinstance(node, ast.Call)):
            for keyword in call.keywords:
                if keyword.arg == "then" and isinstance(keyword.value, ast.Attribute):
                    found[ast.unparse(case.pattern).removeprefix("Step.")] = keyword.value.attr
    assert found == {step.name: then.__name__ for step, then in THEN.items()}
    assert found


def test_who_never_answers_goes_the_whole_way_of_the_plan() -> None:
    """Plan 4.2.2: letter and SMS, three calls, letter and SMS, door card, one visit; then the watch."""
    found = totals(question(youths(40), NOBODY, weeks=12))
    assert found["started"] == found["watched"] == 40
    assert found["letters"] == 3 * 40  # first, tried, door card
    assert found["sms"] == 2 * 40
    assert found["calls"] == 3 * 40
    assert found["visits_planned"] == found["home_visits"] == 40
    assert found["reached"] == found["ended"] == found["started_late"] == 0


def test_who_answers_the_letter_is_never_called() -> None:
    everybody = NOBODY.model_copy(update={"answers": {MessageKind.FIRST_LETTER: 1.0}})
    found = totals(question(youths(40), everybody, weeks=8))
    assert found["reached_first"] == found["mappings"] == 40
    assert found["calls"] == found["home_visits"] == 0


def test_a_call_that_reaches_is_the_last() -> None:
    first_call = NOBODY.model_copy(update={"calls": ({CallResult.REACHED: 1.0},)})
    found = totals(question(youths(40), first_call, weeks=8))
    assert found["calls"] == found["reached_first"] == 40
    assert found["visits_planned"] == 0


def test_too_few_staff_work_off_what_they_can_and_the_rest_waits() -> None:
    """One coordinator with an hour a day makes four calls of a quarter."""
    one_hour = Staffing(coordinators={"farsta": 1, "jarva": 1}, minutes_per_day=60)
    enough = simulate(question(youths(200), NOBODY, weeks=8))
    few = simulate(question(youths(200), NOBODY, weeks=8, staffing=one_hour))
    working_days = 39  # of the eight weeks, at most; the first begins on a Tuesday
    assert 0 < few.total("calls") <= 2 * 4 * working_days < enough.total("calls")
    assert max(few.most_waiting.values()) > 50 > max(enough.most_waiting.values(), default=0)


def test_two_policies_meet_the_same_youths_with_the_same_luck() -> None:
    """The same question has the same answer; four calls instead of three are one more for who is not reached."""
    found = youths(60)
    base = question(found, Assumptions(ends_per_year=0), weeks=26)
    assert totals(base) == totals(base)
    four = totals(base.under(policy(version="four", call_attempts=4), also_running=False))
    three = totals(base)
    assert four["calls"] > three["calls"]
    assert four["reached_first"] >= three["reached_first"]


def test_the_month_is_broken_by_a_policy_that_starts_too_late() -> None:
    late = [replace(one, registered_on=date(2026, 7, 15)) for one in youths(10)]
    found = totals(question(late, NOBODY, weeks=4))
    assert found["started_late"] == 10


def test_parts_are_the_whole() -> None:
    """Districts share nobody, so that they can be simulated side by side."""
    found = youths(90, districts=("bromma", "farsta", "jarva"))
    few = Staffing(coordinators={"bromma": 1, "farsta": 2, "jarva": 0.5})
    asked = question(found, Assumptions(), weeks=10, staffing=few)
    with ThreadPoolExecutor(2) as pool:
        assert forecast(asked, pool, parts=2) == forecast(asked)


def test_those_who_come_are_as_many_as_assumed() -> None:
    weekly = Assumptions(intake_per_week={"farsta": 7.0, "none": 1.0})
    ends = BEGINS + timedelta(weeks=10)
    found = open_youths.coming(weekly, [], STOCKHOLM_POLICY, ClockSpec(), begins=BEGINS, ends=ends, seed=3)
    districts = Counter(state.district for _, state in found)
    assert 67 <= districts["farsta"] <= 70
    assert 8 <= districts[None] <= 10
    assert all(BEGINS <= at < ends and state.registered_on == at.date() for at, state in found)
    assert len({state.youth_id for _, state in found}) == len(found)


def test_those_who_come_keep_to_the_season_and_some_have_no_telephone() -> None:
    weekly = Assumptions(intake_per_week={"farsta": 7.0}, intake_by_month={9: 2.0, 10: 0.0}, without_phone=0.5)
    ends = BEGINS + timedelta(weeks=13)
    found = open_youths.coming(weekly, [], STOCKHOLM_POLICY, ClockSpec(), begins=BEGINS, ends=ends, seed=3)
    months = Counter(at.month for at, _ in found)
    assert (months[9], months[10], months[11]) == (2 * 29, 0, 30)
    assert 0.3 < sum(state.has_phone for _, state in found) / len(found) < 0.7
    with pytest.raises(ValidationError):
        Assumptions(intake_by_month={13: 1.0})


def test_who_has_no_telephone_is_called_only_when_a_number_is_found() -> None:
    without = [replace(one, has_phone=False) for one in youths(40)]
    never = totals(question(without, NOBODY.model_copy(update={"numbers_found": 0.0}), weeks=12))
    assert (never["calls"], never["home_visits"]) == (0, 40)
    always = totals(question(without, NOBODY.model_copy(update={"numbers_found": 1.0}), weeks=12))
    assert (always["calls"], always["home_visits"]) == (3 * 40, 40)


@pytest.mark.parametrize(
    ("result", "calls"),
    [
        (CallResult.THIRD_PARTY, 3),  # each is an attempt
        (CallResult.LANGUAGE_NEEDED, 4),  # the first is none
        (CallResult.CALL_BACK, 6),  # the first three are none (Stockholm's policy)
    ],
)
def test_calls_that_are_no_attempt_are_made_again(result: CallResult, calls: int) -> None:
    always = NOBODY.model_copy(update={"calls": ({result: 1.0},)})
    assert totals(question(youths(20), always, weeks=14))["calls"] == calls * 20


def test_staff_who_do_not_get_to_a_call_make_it_some_days_later_at_its_hour() -> None:
    slow = NOBODY.model_copy(update={"task_days": {TaskKind.CALL: 6.0}})
    quick, late = question(youths(40), NOBODY, weeks=12), question(youths(40), slow, weeks=12)
    assert totals(quick)["calls"] == totals(late)["calls"] == 3 * 40
    lasts = [max(week for week, _, what in simulate(one).counts if what == "calls") for one in (quick, late)]
    assert lasts[1] - lasts[0] >= timedelta(weeks=2)


@given(st.dictionaries(st.sampled_from(list(CallResult)), st.floats(0, 2), min_size=1))
def test_shares_of_one_call_are_never_more_than_all(shares: dict[CallResult, float]) -> None:
    if sum(shares.values()) <= 1:
        assert Assumptions(calls=(shares,)).of_call(9) == shares
    elif sum(shares.values()) > 1.001:
        with pytest.raises(ValidationError):
            Assumptions(calls=(shares,))


@given(st.uuids(), st.integers(0, 2**31), st.floats(0, 1))
def test_a_draw_keeps_to_its_shares(youth_id: UUID, seed: int, share: float) -> None:
    chance = Chance(seed, youth_id)
    picks = Counter(
        chance.pick("visit", time, {HomeVisitResult.REACHED: share}, HomeVisitResult.NOBODY_HOME)
        for time in range(300)
    )
    assert abs(picks[HomeVisitResult.REACHED] - 300 * share) < 60
    assert 0 <= chance.number("x", 1) < 1
    assert timedelta(days=2) <= chance.days("x", 1, 4) < timedelta(days=6)


def test_every_kind_of_task_has_minutes() -> None:
    """A kind that is added must be thought of."""
    from services.outreach.planner.assumptions import MINUTES

    assert set(MINUTES) == set(TaskKind)


def test_searches_begin_as_the_districts_have_room_and_all_within_the_month() -> None:
    """Two coordinators begin four searches a working day; who is left begins on the last day all the same."""
    two = Staffing(coordinators={"farsta": 2, "jarva": 2})
    tally = simulate(question(youths(240), NOBODY, weeks=6, staffing=two))
    first_week = sum(
        number for (week, _, what), number in tally.counts.items() if what == "started" and week.day == 31
    )
    assert first_week == 2 * 4 * 4  # two districts, four working days
    assert tally.total("started") == 240
    assert tally.total("started_late") == 0


def test_another_policys_intake_goes_by_that_policy_also_beside_youths_who_keep_theirs() -> None:
    """The first of the youths may be one who has begun and keeps the policy in force."""
    begun = replace(youths(1)[0], begun=True, started=True, step=Step.WATCH, due=BEGINS + timedelta(weeks=20))
    waiting = youths(240)[1:]
    asked = question([begun, *waiting], NOBODY, weeks=1, staffing=Staffing(coordinators={"farsta": 1, "jarva": 1}))
    twice = policy(version="twice", intake_per_coordinator=2 * STOCKHOLM_POLICY.intake_per_coordinator)
    assert totals(asked.under(twice, also_running=False))["started"] == 2 * totals(asked)["started"] > 0


def test_of_who_comes_the_duty_lasts_as_of_who_came_lately() -> None:
    """Of all who are open it would be longer: who has long to go is there for long."""
    long_ago = [replace(one, registered_on=date(2025, 9, 1)) for one in youths(60)]
    lately = [replace(one, last_covered_day=one.registered_on + timedelta(days=50)) for one in youths(30)]
    weekly, ends = Assumptions(intake_per_week={"farsta": 20.0}), BEGINS + timedelta(weeks=4)

    def longest(known: list[State]) -> int:
        come = open_youths.coming(weekly, known, STOCKHOLM_POLICY, ClockSpec(), begins=BEGINS, ends=ends, seed=1)
        return max((state.last_covered_day - state.registered_on).days for _, state in come)

    assert longest([*long_ago, *lately]) == 50
    assert longest([*long_ago, *lately[:5]]) > 900  # too few to go by


def test_a_visit_that_is_called_off_is_planned_again_and_not_made() -> None:
    half = NOBODY.model_copy(update={"visits": ({HomeVisitResult.CALLED_OFF: 0.5},)})
    found = totals(question(youths(60), half, weeks=20))
    assert found["home_visits"] == 60
    assert found["visits_called_off"] > 20
    assert found["visits_planned"] == found["home_visits"] + found["visits_called_off"]


ELUSIVE = Assumptions(elusive=0.2, ends_per_year=0)


def test_the_elusive_are_met_at_the_door_or_not_at_all() -> None:
    at_home = {"visits_of_elusive": {HomeVisitResult.REACHED: 1.0}}
    everybody = NOBODY.model_copy(update={"elusive": 1.0, "answers": dict.fromkeys(MessageKind, 1.0)})
    sure = everybody.model_copy(update={"calls": ({CallResult.REACHED: 1.0},), "visits": ({},)})
    found = totals(question(youths(40), sure.model_copy(update=at_home), weeks=12))
    assert (found["calls"], found["home_visits"], found["reached_first"]) == (3 * 40, 40, 40)
    some = totals(question(youths(400), sure.model_copy(update={"elusive": 0.25}), weeks=12))
    assert 60 < some["home_visits"] < 140
    assert some["reached_first"] == 400 - some["home_visits"]


def test_who_has_been_silent_for_long_is_more_likely_elusive() -> None:
    new = youths(1)[0]
    sought = replace(new, begun=True, started=True, step=Step.CALLING)
    silent = [replace(sought, numbers={TaskKind.CALL: calls}) for calls in range(4)]
    visited = replace(silent[-1], numbers={TaskKind.CALL: 3, TaskKind.PLAN_HOME_VISIT: 1, TaskKind.HOME_VISIT: 1})
    chances = [elusive.probability(one, ELUSIVE) for one in (new, *silent, visited)]
    assert chances[0] == pytest.approx(0.2)
    assert chances == sorted(chances)
    assert len(set(chances)) == len(chances)
    assert chances[-1] < 1
    assert elusive.probability(replace(visited, reached=True), ELUSIVE) == 0
    assert elusive.probability(visited, Assumptions()) == 0  # not told apart by default
