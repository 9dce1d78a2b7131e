"""The planner on a real database: the youths as their workflows left them, and what was learnt of them."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from chassis.clock import STOCKHOLM, ClockSpec
from chassis.postgres import transaction
from contracts.messages import MessageKind
from contracts.outreach_activities import Progress
from contracts.reasons import Step, WatchReason
from contracts.tasks import CallResult, TaskKind
from deploy.local.databases import Database
from services.outreach.app import make_app
from services.outreach.db import journeys
from services.outreach.planner import history, open_youths
from services.outreach.planner.assumptions import Assumptions, Staffing
from services.outreach.planner.simulation import Simulation
from services.outreach.settings import POLICIES, Settings
from tests.integration.outreach.conftest import LoadSettings, Record, serving
from tests.workflows.samples import STOCKHOLM_POLICY, policy
from workflows.youth_outreach.moves import Move
from workflows.youth_outreach.state import State

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
BEGINS = datetime(2026, 8, 31, 6, tzinfo=STOCKHOLM)
ENDS = BEGINS + timedelta(weeks=7)
# All comes to pass: also second visits, wrong numbers, second rounds and support.
CALLS = {**Assumptions().calls[0], CallResult.THIRD_PARTY: 0.1, CallResult.LANGUAGE_NEEDED: 0.05}
LIVELY = Assumptions(ends_per_year=0.5, follow_up_ends=0.8, calls=(CALLS,))
SOON = {**STOCKHOLM_POLICY.watch_intervals, WatchReason.DECLINED: timedelta(days=20)}
POLICY = policy(home_visits=2, watch_intervals=SOON)
YOUTHS = 120
MANY_STEPS = {Step.CALLING, Step.DOOR_CARD, Step.SUPPORT, Step.WATCH, Step.MANUAL}


class Watched(Simulation):
    """Keeps what the workflows would have recorded."""

    recorded: list[Progress]

    def _follow(self, index: int, move: Move, now: datetime) -> None:
        if move.progress is not None:
            self.recorded.append(move.progress)
        super()._follow(index, move, now)

    def states(self) -> dict[UUID, State]:
        return {one.state.youth_id: one.state for one in self._youths}


def newly_registered() -> list[State]:
    return [
        State(
            youth_id=UUID(int=number + 1),
            episode_id=UUID(int=number + 1_000),
            municipality="0180",
            policy=POLICY,
            clock=ClockSpec(),
            district=("farsta", "jarva", None)[number % 3],
            protected=number % 40 == 2,
            registered_on=BEGINS.date(),
            last_covered_day=date(2026, 9, 20) + timedelta(days=9 * number),
            has_phone=number % 4 != 1,
        )
        for number in range(YOUTHS)
    ]


@pytest.fixture
async def term(pool: asyncpg.Pool, record: Record) -> dict[UUID, State]:
    """A term of 120 youths in the database; gives their states as the workflows have them at its end."""
    youths = newly_registered()
    watched = Watched(
        youths, [], POLICY, begins=BEGINS, ends=ENDS, assumptions=LIVELY, staffing=Staffing(), seed=5
    )
    watched.recorded = []
    watched.run()
    for one in youths:
        district = None if one.protected else one.district
        await pool.execute(
            journeys.FACTS,
            one.youth_id,
            one.episode_id,
            BEGINS,
            district,
            one.protected,
            one.registered_on,
            one.last_covered_day,
            POLICY.version,
        )
        await pool.execute(journeys.HAS_PHONE, one.youth_id, one.episode_id, one.has_phone)
    recorded = [
        one.model_copy(update={"district": None}) if one.step is Step.MANUAL else one for one in watched.recorded
    ]
    await record(*recorded)
    return watched.states()


async def test_a_forecast_goes_on_from_where_the_workflows_stand(
    pool: asyncpg.Pool, term: dict[UUID, State]
) -> None:
    async with transaction(pool) as conn:
        found = await open_youths.load(conn, POLICY, ClockSpec(), ENDS.date())
    real = {youth: state for youth, state in term.items() if state.step is not Step.ENDED}
    assert {one.youth_id for one in found} == set(real)
    assert {state.step for state in real.values()} >= MANY_STEPS
    assert (
        {state.has_phone for state in real.values()}
        == {state.language_needed for state in real.values()}
        == {True, False}
    )
    for one in found:
        state = real[one.youth_id]
        assert (one.step, one.started, one.reached, one.round) == (
            state.step,
            state.started,
            state.reached,
            state.round,
        )
        assert one.due == state.due
        assert {task.task_id: (task.kind, task.not_before, task.attempt) for task in one.tasks} == {
            task.task_id: (task.kind, task.not_before, task.attempt) for task in state.tasks
        }
        if state.step is Step.CALLING:
            assert [attempt.at for attempt in one.attempts] == [attempt.at for attempt in state.attempts]
            assert one.searches == state.searches
        if state.step in (Step.DOOR_CARD, Step.HOME_VISIT):
            assert one.visits == state.visits
        told = (one.has_phone, one.language_needed, one.home_unsafe)
        assert told == (state.has_phone, state.language_needed, state.home_unsafe)
        for kind in (TaskKind.CALL, TaskKind.MAPPING, TaskKind.HOME_VISIT):
            assert one.made(kind) == state.made(kind)


async def test_where_nothing_has_happened_the_defaults_hold(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as conn:
        learnt, tasks = await history.measured(conn, BEGINS)
    assert tasks == 0
    assert learnt.of_call(3) == pytest.approx(Assumptions().of_call(3))
    assert learnt.answers == Assumptions().answers


async def test_shares_are_learnt_from_what_happened(pool: asyncpg.Pool, term: dict[UUID, State]) -> None:
    async with pool.acquire() as conn:
        learnt, tasks = await history.measured(conn, ENDS)
        calls = await pool.fetch(
            "select outcome ->> 'result' as result from tasks "
            "where kind = 'call' and attempt = 1 and outcome is not null"
        )
    assert tasks == await pool.fetchval("select count(*) from tasks where state = 'completed'")
    reached = sum(row["result"] == "reached" for row in calls)
    default = Assumptions().calls[0][CallResult.REACHED]
    assert learnt.of_call(1)[CallResult.REACHED] == pytest.approx((reached + 20 * default) / (len(calls) + 20))
    assert 0 < learnt.answers[MessageKind.FIRST_LETTER] < 1
    assert learnt.answer_days != Assumptions().answer_days
    assert 0 < learnt.ends_per_year < 2
    assert 0.2 < learnt.without_phone < 0.3
    assert 0 < learnt.numbers_found < 1


@pytest.fixture
async def planning_api(
    term: dict[UUID, State], database: Database, load_settings: LoadSettings
) -> AsyncIterator[httpx.AsyncClient]:
    """The API on the day when the term is over."""
    now = datetime.now(STOCKHOLM).isoformat()  # noqa: TID251 - where the test's own clock starts
    clock = {"speed": 2.0, "real_anchor": now, "civil_anchor": ENDS.isoformat()}
    settings: Settings = load_settings(
        database,
        UPPSOK_OUTREACH_POLICY_FILE=str(POLICIES / "stockholm.json"),
        UPPSOK_CLOCK=json.dumps(clock),
    )
    async with serving(make_app(settings)) as client:
        yield client


async def test_what_if_calls_were_four(planning_api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool) -> None:
    coordinator = as_("kaa_coordinator", subject="kim")
    document = json.loads((POLICIES / "stockholm.json").read_text())
    ask = {
        "weeks": 12,
        "policy": {**document, "version": "four", "call_attempts": 4},
        "also_running": True,
        "assumptions": {"calls": [{}], "intake_per_week": {"farsta": 4}},
    }
    answer = (await planning_api.post("/plans/what-if", json=ask, headers=coordinator)).raise_for_status().json()
    in_force, other = answer["in_force"], answer["other"]
    assert in_force["totals"]["registered"] == other["totals"]["registered"] >= 44
    assert other["totals"]["calls"] > in_force["totals"]["calls"] > 80
    assert answer["differences"]["calls"] == other["totals"]["calls"] - in_force["totals"]["calls"]
    for each in (in_force, other):
        for measure, total in each["totals"].items():
            assert sum(week["counts"].get(measure, 0) for week in each["weeks"]) == total
    assert other["policy_version"] == "four"
    rows = await pool.fetch("select actor, role from audit where action = 'forecast.compare'")
    assert [(row["actor"], row["role"]) for row in rows] == [("kim", "kaa_coordinator")]


async def test_a_policy_that_cannot_be_used_is_told_of(planning_api: httpx.AsyncClient, as_: As) -> None:
    document = json.loads((POLICIES / "stockholm.json").read_text())
    ask = {"weeks": 2, "policy": {**document, "call_attempts": 2}}
    answer = await planning_api.post("/plans/what-if", json=ask, headers=as_("statistician"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "call_attempts"


async def test_only_the_city_plans(planning_api: httpx.AsyncClient, as_: As) -> None:
    for role in ("local_coordinator", "special_handler", "operator"):
        answer = await planning_api.get("/plans/assumptions", headers=as_(role))
        assert answer.status_code == 403, role
    measured = await planning_api.get("/plans/assumptions", headers=as_("statistician"))
    assert measured.json()["tasks"] > 100
