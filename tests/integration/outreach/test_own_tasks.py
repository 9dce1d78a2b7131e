"""Tasks that facts open by themselves: handovers, and contacts before a dropout; and who turns twenty soon."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from chassis.incoming import Incoming
from chassis.postgres import transaction
from contracts.documentation import ConsentPurpose, Party
from contracts.documentation_events import ConsentGiven, ConsentWithdrawn
from contracts.events import CoverageEnded
from contracts.reasons import EndReason, Step
from contracts.school_reports import SchoolReportKind, SchoolReportReceived
from contracts.tasks import TaskKind
from services.outreach.around import Around
from services.outreach.domain.own_tasks import due_on
from services.outreach.domain.policy import load_policy
from services.outreach.settings import POLICIES, Settings
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.policy_of_the_day import always
from tests.integration.outreach.youths import NOON, Youth, incoming

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
POLICY = load_policy(POLICIES / "stockholm.json")
AROUND = Around(always(POLICY))
OF_YOUTH = (
    "select kind, state, marks, due_on, district, restricted from tasks where youth_id = $1 order by opened_at"
)


async def hear(pool: asyncpg.Pool, *events: Incoming) -> None:
    """Take events as the inbox does, each twice: its own row would stop the second, and nothing needs it to."""
    for event in events:
        for _ in range(2):
            async with transaction(pool) as conn:
                await AROUND.registry(conn, event)
                await AROUND.documentation(conn, event)


def consent(youth: Youth, consent_id: UUID, party: Party = Party.NEW_MUNICIPALITY, **fields: Any) -> Incoming:
    event = ConsentGiven(
        **{
            "youth_id": youth.youth_id,
            "episode_id": youth.episode_id,
            "consent_id": consent_id,
            "party": party,
            "purpose": ConsentPurpose.HANDOVER,
            **fields,
        }
    )
    return incoming(event)


def withdrawn(youth: Youth, consent_id: UUID) -> Incoming:
    return incoming(
        ConsentWithdrawn(
            youth_id=youth.youth_id,
            episode_id=youth.episode_id,
            consent_id=consent_id,
            party=Party.NEW_MUNICIPALITY,
            purpose=ConsentPurpose.HANDOVER,
        )
    )


def ended(youth: Youth, reason: EndReason) -> Incoming:
    event = CoverageEnded(
        youth_id=youth.youth_id, episode_id=youth.episode_id, reason=reason, ended_on=NOON.date()
    )
    return incoming(event)


def report(youth: Youth, **fields: Any) -> Incoming:
    event = SchoolReportReceived(
        **{
            "youth_id": youth.youth_id,
            "report_id": uuid4(),
            "kind": SchoolReportKind.INVALID_ABSENCE,
            "event_date": NOON.date(),
            "received_on": NOON.date(),
            "protected": False,
            "district": "farsta",
            **fields,
        }
    )
    return incoming(event)


@pytest.fixture
async def youth(record: Record) -> Youth:
    youth = Youth()
    await record(youth.opening(youth.spec()))
    return youth


async def own(pool: asyncpg.Pool, youth: Youth) -> list[dict[str, Any]]:
    rows = await pool.fetch(OF_YOUTH, youth.youth_id)
    return [dict(row) for row in rows if row["kind"] in (TaskKind.HANDOVER, TaskKind.PREVENTION)]


async def test_who_moves_and_has_agreed_is_handed_over_to_the_new_municipality(
    pool: asyncpg.Pool, youth: Youth, api: httpx.AsyncClient, as_: As
) -> None:
    await hear(pool, consent(youth, uuid4()), ended(youth, EndReason.MOVED_OUT))
    (task,) = await own(pool, youth)
    due = due_on(POLICY, TaskKind.HANDOVER, NOON.date())
    assert (task["state"], task["marks"], task["due_on"]) == ("open", ["moved_out"], due)
    (opened,) = await pool.fetch("select data from outbox where data ->> 'kind' = 'handover'")
    assert opened["data"]["youth_id"] == str(youth.youth_id)
    # It is done as any other task is, although the duty has ended.
    task_id = opened["data"]["task_id"]
    headers = as_("local_coordinator", "farsta", subject="anna", key="key-of-anna")
    outcome = {"kind": "handover", "result": "handed_over"}
    for _ in range(2):
        done = await api.post(f"/tasks/{task_id}/complete", headers=headers, json=outcome)
        assert done.status_code == 200, done.text
    assert [task["state"] for task in await own(pool, youth)] == ["completed"]


async def test_nobody_is_handed_over_without_a_consent_that_holds(pool: asyncpg.Pool, youth: Youth) -> None:
    taken_back = uuid4()
    await hear(
        pool,
        consent(youth, uuid4(), Party.SOCIALTJANST),
        consent(youth, uuid4(), purpose=ConsentPurpose.PLANNING),
        consent(youth, taken_back),
        withdrawn(youth, taken_back),
        ended(youth, EndReason.MOVED_OUT),
    )
    assert await own(pool, youth) == []


@pytest.mark.parametrize("reason", [one for one in EndReason if one is not EndReason.MOVED_OUT])
async def test_no_other_end_is_a_move(pool: asyncpg.Pool, youth: Youth, reason: EndReason) -> None:
    await hear(pool, consent(youth, uuid4()), ended(youth, reason))
    assert await own(pool, youth) == []


@pytest.mark.parametrize(
    ("step", "days", "planned"),
    [
        (Step.SUPPORT, 59, True),
        (Step.MAPPING, 10, True),
        (Step.SUPPORT, 61, False),
        (Step.WATCH, 30, False),
        (Step.CALLING, 30, False),
    ],
)
async def test_who_turns_twenty_with_work_under_way_is_offered_a_handover_once(
    pool: asyncpg.Pool, record: Record, step: Step, days: int, planned: bool
) -> None:
    youth = Youth()
    await record(youth.progress(step))
    last_day = NOON.date() + timedelta(days=days)
    await pool.execute("update journeys set last_covered_day = $1", last_day)
    for _ in range(2):
        async with transaction(pool) as conn:
            await AROUND.turning_twenty(conn, NOON)
    tasks = await own(pool, youth)
    assert [task["marks"] for task in tasks] == [["turns_20"]] * planned
    assert all(task["due_on"] <= last_day for task in tasks)
    await hear(pool, ended(youth, EndReason.TURNED_20))
    assert [task["state"] for task in await own(pool, youth)] == ["open"] * planned, "finished all the same"
    await hear(pool, ended(youth, EndReason.STARTED_SCHOOL))
    assert [task["state"] for task in await own(pool, youth)] == ["cancelled"] * planned


async def test_who_turns_twenty_is_listed_at_90_60_and_30_days(
    pool: asyncpg.Pool, record: Record, api: httpx.AsyncClient, as_: As, settings: Settings
) -> None:
    today = settings.clock.today()
    found: dict[int, Youth] = {}
    for days in (20, 45, 80, 200):
        found[days] = Youth()
        await record(found[days].progress(Step.WATCH))
        last_day = today + timedelta(days=days - 1)
        await pool.execute(
            "update journeys set last_covered_day = $2 where youth_id = $1", found[days].youth_id, last_day
        )
    over = Youth()
    await record(over.progress(Step.ENDED, ended=EndReason.EXAM))
    await pool.execute("update journeys set last_covered_day = $2 where youth_id = $1", over.youth_id, today)
    for within, expected in ((90, (20, 45, 80)), (60, (20, 45)), (30, (20,))):
        answer = await api.get(
            "/journeys", params={"turning_20_within": within}, headers=as_("local_coordinator", "farsta")
        )
        listed = {item["youth_id"] for item in answer.json()["items"]}
        assert listed == {str(found[days].youth_id) for days in expected}


async def test_an_absence_report_leads_to_a_contact_before_the_dropout(
    pool: asyncpg.Pool, api: httpx.AsyncClient, as_: As
) -> None:
    youth = Youth()
    await hear(pool, report(youth), report(youth))
    (task,) = await own(pool, youth)  # one at a time, whatever is reported meanwhile
    assert (task["kind"], task["district"], task["restricted"]) == ("prevention", "farsta", False)
    headers = as_("local_coordinator", "farsta", subject="anna", key="key-of-anna")
    (listed,) = (await api.get("/tasks", params={"kind": "prevention"}, headers=headers)).json()["items"]
    outcome = {"kind": "prevention", "result": "contacted"}
    done = await api.post(f"/tasks/{listed['task_id']}/complete", headers=headers, json=outcome)
    assert (done.status_code, done.json().get("step")) == (200, None), "no coverage, no step"
    assert await pool.fetchval("select count(*) from journeys") == 0
    await hear(pool, report(youth))
    assert sorted(task["state"] for task in await own(pool, youth)) == ["completed", "open"]


async def test_a_contact_before_a_dropout_is_over_when_the_duty_begins(pool: asyncpg.Pool) -> None:
    youth = Youth()
    await hear(pool, report(youth), incoming(youth.registered()))
    assert [task["state"] for task in await own(pool, youth)] == ["cancelled"]


async def test_reports_that_call_for_no_contact(pool: asyncpg.Pool) -> None:
    youth = Youth()
    await hear(
        pool,
        report(youth, episode_id=youth.episode_id),
        report(youth, kind=SchoolReportKind.STARTED),
        report(youth, kind=SchoolReportKind.MOVED_SCHOOL),
    )
    assert await own(pool, youth) == []


async def test_of_a_protected_youth_the_special_handler_sees_to_it(pool: asyncpg.Pool) -> None:
    youth = Youth(district=None)
    await hear(pool, report(youth, protected=True, district=None))
    (task,) = await own(pool, youth)
    assert (task["restricted"], task["district"]) == (True, None)


async def test_a_policy_of_before_opens_none_of_them(pool: asyncpg.Pool, youth: Youth) -> None:
    before = {"preventive_track": False, "handover_on_move": False, "handover_before": None}
    around = Around(always(POLICY.model_copy(update=before)))
    other = Youth()
    async with transaction(pool) as conn:
        await around.documentation(conn, report(other))
        await around.documentation(conn, consent(youth, uuid4()))
        await around.registry(conn, ended(youth, EndReason.MOVED_OUT))
        assert await around.turning_twenty(conn, NOON) == 0
    assert await own(pool, youth) == await own(pool, other) == []
