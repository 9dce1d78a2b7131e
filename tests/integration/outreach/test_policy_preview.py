"""What a new policy would change for whom: counts from the database, differences, dates; nothing is changed."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from chassis.clock import STOCKHOLM
from contracts.reasons import EndReason, Step
from services.outreach.app import make_app
from tests.integration.outreach.conftest import Record, serving
from tests.integration.outreach.test_policies import DOCUMENT, NAME, START, TODAY, On, on, proposal
from tests.integration.outreach.youths import Youth, protected_task

__all__ = ["on"]  # a fixture
pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]


@pytest.fixture
async def api(on: On) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(make_app(on(TODAY))) as client:
        yield client


@pytest.fixture
async def youths(record: Record, pool: asyncpg.Pool) -> None:
    """Five who wait (three of them until the new policy holds), two who are called, one ended, one protected."""
    before = datetime(2027, 1, 6, 23, 59, tzinfo=STOCKHOLM)
    for district, due in (
        ("farsta", before),
        ("bromma", before),
        ("farsta", before + timedelta(minutes=1)),
        ("farsta", before + timedelta(days=3)),
        (None, before + timedelta(days=3)),
    ):
        await record(Youth(district=district).progress(Step.AWAITING_START, due=due))
    for _ in range(2):
        youth = Youth()
        await record(youth.opening(youth.spec()))
    ended = Youth()
    await record(ended.progress(Step.AWAITING_START), ended.progress(Step.ENDED, ended=EndReason.EXAM))
    protected = Youth(district=None)
    await record(protected.opening(protected_task(protected), step=Step.MANUAL))
    await pool.execute("update journeys set protected = true where youth_id = $1", protected.youth_id)


async def look(api: httpx.AsyncClient, as_: As, body: dict[str, Any]) -> dict[str, Any]:
    answer = await api.post("/policies/preview", json=body, headers=as_("kaa_coordinator", subject="anna"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_changes_for_whom(api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool, youths: None) -> None:
    found = await look(api, as_, proposal(start_within_days=25))
    assert (found["version"], found["effective_from"], found["compared_with"]) == (
        NAME, "2027-01-07", DOCUMENT["version"],
    )  # fmt: skip
    assert [one["sentence"] for one in found["changes"]] == [
        "Sökandet börjar senast, dagar efter registreringen: 25 i stället för 30.",
        "Svarstid efter första brevet och sms:et: 10 dagar i stället för 14 dagar.",
    ]
    assert found["keep"] == {
        "youths": 4,
        "by": [
            {"district": "bromma", "step": "awaiting_start", "youths": 1},
            {"district": "farsta", "step": "awaiting_start", "youths": 1},
            {"district": "farsta", "step": "calling", "youths": 2},
        ],
    }
    assert found["start_under_new"] == {
        "youths": 3,
        "by": [
            {"district": "farsta", "step": "awaiting_start", "youths": 2},
            {"district": None, "step": "awaiting_start", "youths": 1},
        ],
    }
    assert {one["field"]: (one["before"], one["after"]) for one in found["dates"]} == {
        "start_within_days": ("2027-02-06", "2027-02-01"),
        "answer_window": ("2027-01-21", "2027-01-17"),
    }
    assert found["summary"] == [
        f'2 saker ändras från 7 januari 2027, jämfört med "{DOCUMENT["version"]}".',
        "4 ungdomar behåller den policy som de har.",
        "3 ungdomar väntar på en start som infaller då eller senare, och börjar enligt den nya.",
        "Alla som registreras från 7 januari 2027 börjar enligt den nya.",
    ]


async def test_looking_changes_nothing_and_is_on_record(
    api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool
) -> None:
    assert await look(api, as_, proposal()) == await look(api, as_, proposal())
    assert await pool.fetchval("select count(*) from policies") == 1
    rows = await pool.fetch("select actor, role, subject from audit where action = 'policy.preview'")
    assert [tuple(row) for row in rows] == [("anna", "kaa_coordinator", NAME)] * 2


async def test_a_policy_that_says_the_same_changes_nothing(api: httpx.AsyncClient, as_: As) -> None:
    found = await look(api, as_, proposal(answer_window=DOCUMENT["answer_window"]))
    assert (found["changes"], found["dates"]) == ([], [])
    assert found["summary"] == [f'Policyn säger detsamma som "{DOCUMENT["version"]}". Ingenting ändras.']


async def test_it_is_compared_with_what_would_hold_on_its_date(api: httpx.AsyncClient, as_: As) -> None:
    """A version that is planned before it; not with itself when it is planned already."""
    planned = proposal(START - timedelta(days=10), "stockholm-2026.9", answer_window="P12D")
    await api.put("/policies/stockholm-2026.9", json=planned, headers=as_("kaa_coordinator"))
    await api.put(f"/policies/{NAME}", json=proposal(), headers=as_("kaa_coordinator"))
    found = await look(api, as_, proposal(date(2027, 2, 1)))
    assert found["compared_with"] == "stockholm-2026.9"
    assert [one["before"] for one in found["changes"]] == ["12 dagar"]
