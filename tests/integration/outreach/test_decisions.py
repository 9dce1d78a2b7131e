"""Staff's decisions, asked of the real workflow: accepted, refused, repeated, at once, after the end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from contracts.outreach_workflow import Decided
from contracts.telephone import TelephoneChanged
from deploy.local.databases import Database
from services.outreach.app import make_app
from services.outreach.settings import Settings
from tests.integration.outreach.conftest import LoadSettings, serving
from tests.integration.outreach.running import Running, eventually, running
from tests.integration.outreach.youths import Youth, incoming

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
REACHED = {"kind": "call", "result": "reached"}
NO_ANSWER = {"kind": "call", "result": "no_answer"}


@pytest.fixture
def settings(database: Database, load_settings: LoadSettings) -> Settings:
    return load_settings(database, fast=True)


@pytest.fixture
async def run(pool: asyncpg.Pool, settings: Settings) -> AsyncIterator[Running]:
    async with running(pool, settings) as run:
        yield run


@pytest.fixture
async def youth(run: Running) -> Youth:
    youth = Youth()
    await run.register(youth, registered_on=run.settings.clock.today())
    return youth


async def complete(
    api: httpx.AsyncClient, task_id: object, outcome: dict[str, Any], headers: dict[str, str]
) -> httpx.Response:
    return await api.post(f"/tasks/{task_id}/complete", json=outcome, headers=headers)


async def test_a_completed_call_says_what_comes_next_and_the_caller_reads_its_own_write(
    api: httpx.AsyncClient, as_: As, run: Running, youth: Youth
) -> None:
    task_id = await run.task(youth, "call")
    headers = as_("local_coordinator", "farsta", subject="anna", key=str(uuid4()))
    answer = await complete(api, task_id, REACHED, headers)
    assert answer.status_code == 200, answer.text
    decided = Decided.model_validate(answer.json())
    assert decided.step == "mapping"
    assert decided.next_task is not None
    assert decided.next_task.kind == "mapping"

    task = (await api.get(f"/tasks/{task_id}", headers=headers)).json()
    assert (task["state"], task["completed_by"], task["outcome"]["result"]) == ("completed", "anna", "reached")
    assert [entry["event"] for entry in task["history"]] == ["opened", "claimed", "completed"]
    journey = (await api.get(f"/youths/{youth.youth_id}", headers=headers)).json()
    assert (journey["step"], journey["reached_by"], journey["policy_version"]) == ("mapping", "call", "local-4")
    following = (await api.get(f"/tasks/{decided.next_task.task_id}", headers=headers)).json()
    assert following["state"] == "open"
    (audited,) = await run.pool.fetch("select actor, role from audit where action = 'task.complete'")
    assert tuple(audited) == ("anna", "local_coordinator")


async def test_sent_twice_at_once_and_again_later_it_has_one_effect_and_one_answer(
    api: httpx.AsyncClient, as_: As, run: Running, youth: Youth
) -> None:
    task_id = await run.task(youth, "call")
    headers = as_("kaa_coordinator", key=str(uuid4()))
    answers = await asyncio.gather(*(complete(api, task_id, NO_ANSWER, headers) for _ in range(3)))
    second = await run.task(youth, "call")
    later = await complete(api, second, REACHED, as_("kaa_coordinator", key=str(uuid4())))
    assert later.status_code == 200
    again = await complete(api, task_id, NO_ANSWER, headers)
    assert {answer.status_code for answer in (*answers, again)} == {200}
    assert len({answer.text for answer in (*answers, again)}) == 1
    calls = await run.pool.fetchval(
        "select count(*) from tasks where youth_id = $1 and kind = 'call'", youth.youth_id
    )
    assert calls == 2


async def test_two_staff_complete_at_once_and_one_is_told_that_it_is_taken(
    api: httpx.AsyncClient, as_: As, run: Running, youth: Youth
) -> None:
    task_id = await run.task(youth, "call")
    answers = await asyncio.gather(
        complete(api, task_id, NO_ANSWER, as_("kaa_coordinator", subject="anna", key=str(uuid4()))),
        complete(api, task_id, REACHED, as_("kaa_coordinator", subject="bo", key=str(uuid4()))),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (refused,) = [answer.json() for answer in answers if answer.status_code == 409]
    assert refused["reason"] in {"claimed-by-another", "task-not-current"}
    assert await run.pool.fetchval("select count(*) from outbox where type like '%task-completed%'") == 1


async def test_refusals_say_why_and_are_the_same_when_repeated(
    api: httpx.AsyncClient, as_: As, run: Running, youth: Youth
) -> None:
    task_id = await run.task(youth, "call")
    mine = as_("local_coordinator", "farsta", subject="anna", key=str(uuid4()))
    assert (await api.post(f"/tasks/{task_id}/claim", headers=mine)).status_code == 200
    others = await complete(api, task_id, REACHED, as_("kaa_coordinator", subject="bo", key=str(uuid4())))
    assert (others.status_code, others.json()["reason"]) == (409, "claimed-by-another")

    first = mine["Idempotency-Key"]
    assert (await complete(api, task_id, NO_ANSWER, mine)).status_code == 200
    for _ in range(2):
        closed = await complete(api, task_id, REACHED, {**mine, "Idempotency-Key": first + "-2"})
        assert (closed.status_code, closed.json()["reason"]) == (409, "task-not-current")
    reused = await complete(api, task_id, REACHED, mine)
    assert (reused.status_code, reused.json()["type"]) == (422, "urn:uppsok:problem:idempotency-key-reused")


async def test_an_outcome_that_does_not_fit_names_its_field(
    api: httpx.AsyncClient, as_: As, run: Running, youth: Youth
) -> None:
    task_id = await run.task(youth, "call")
    headers = as_("kaa_coordinator", key=str(uuid4()))
    other_kind = await complete(api, task_id, {"kind": "mapping", "result": "declines"}, headers)
    assert other_kind.status_code == 422
    assert other_kind.json()["errors"] == [{"field": "body.kind", "reason": "this task is of the kind call"}]
    misspelt = await complete(api, task_id, {"kind": "call", "result": "reachd"}, headers)
    assert misspelt.json()["errors"][0]["field"] == "body.call.result"
    without_key = await complete(api, task_id, REACHED, as_("kaa_coordinator"))
    assert (without_key.status_code, without_key.json()["title"]) == (
        400,
        "The header Idempotency-Key is missing",
    )
    assert (await complete(api, task_id, REACHED, headers)).status_code == 200  # nothing was used up


async def test_a_visit_is_made_by_two_and_when_the_policy_says(
    api: httpx.AsyncClient, as_: As, run: Running, youth: Youth
) -> None:
    for _ in range(3):
        task_id = await run.task(youth, "call")

        async def attempt(call: object = task_id) -> bool:
            """An attempt before its time is refused, so wait for the gap."""
            answer = await complete(api, call, NO_ANSWER, as_("kaa_coordinator", key=str(uuid4())))
            return answer.status_code == 200

        await eventually(attempt, "an accepted call")
    task_id = await run.task(youth, "plan_home_visit")

    def plan(after: timedelta, *staff: str) -> dict[str, Any]:
        visit_at = run.settings.clock.now() + after
        return {"kind": "plan_home_visit", "visit_at": visit_at.isoformat(), "staff": staff}

    alone = await complete(
        api, task_id, plan(timedelta(hours=1), "anna", " anna"), as_("kaa_coordinator", key=str(uuid4()))
    )
    assert alone.status_code == 422
    assert "two different members of staff" in alone.text

    too_soon, key = plan(timedelta(0), "anna", "bo"), str(uuid4())
    for _ in range(2):  # also when repeated, though time has passed since
        refused = await complete(api, task_id, too_soon, as_("kaa_coordinator", key=key))
        assert (refused.status_code, refused.json()["reason"]) == (409, "against-policy")
        assert "door card must arrive first" in refused.json()["detail"]

    planned = await complete(
        api, task_id, plan(timedelta(hours=1), "anna", "bo"), as_("kaa_coordinator", key=str(uuid4()))
    )
    assert (planned.status_code, planned.json()["step"]) == (200, "door_card")
    visit = await run.task(youth, "home_visit")
    assert (await api.get(f"/tasks/{visit}", headers=as_("kaa_coordinator"))).json()["staff"] == ["anna", "bo"]


async def test_a_contact_ends_the_search(api: httpx.AsyncClient, as_: As, run: Running, youth: Youth) -> None:
    await run.step(youth, "first_contact")
    headers = as_("local_coordinator", "farsta", key=str(uuid4()))
    path = f"/youths/{youth.youth_id}/contacts"
    answers = [await api.post(path, json={"way": "inbound_call"}, headers=headers) for _ in range(2)]
    assert [(answer.status_code, answer.json()["step"]) for answer in answers] == [(200, "mapping")] * 2
    assert answers[0].text == answers[1].text
    journey = (await api.get(f"/youths/{youth.youth_id}", headers=headers)).json()
    assert journey["reached_by"] == "inbound_call"
    assert await run.pool.fetchval("select count(*) from audit where action = 'contact.record'") == 1
    elsewhere = as_("local_coordinator", "bromma", key=str(uuid4()))
    assert (await api.post(path, json={"way": "drop_in"}, headers=elsewhere)).status_code == 404


async def test_answers_outlive_the_workflow(api: httpx.AsyncClient, as_: As, run: Running, youth: Youth) -> None:
    task_id = await run.task(youth, "call")
    headers = as_("kaa_coordinator", key=str(uuid4()))
    first = await complete(api, task_id, REACHED, headers)
    mapping = await run.task(youth, "mapping")
    await run.facts.from_registry(incoming(youth.coverage_ended(), run.settings.clock.now()))
    await run.step(youth, "ended")

    again = await complete(api, task_id, REACHED, headers)
    assert (again.status_code, again.text) == (200, first.text)
    outcome = {"kind": "mapping", "result": "declines"}
    refused = await complete(api, mapping, outcome, as_("kaa_coordinator", key=str(uuid4())))
    assert (refused.status_code, refused.json()["reason"]) == (409, "task-not-current")
    contact = await api.post(
        f"/youths/{youth.youth_id}/contacts",
        json={"way": "drop_in"},
        headers=as_("kaa_coordinator", key=str(uuid4())),
    )
    assert (contact.status_code, contact.json()["reason"]) == (409, "duty-ended")


async def test_without_an_answer_in_time_the_same_key_is_to_be_repeated_and_loses_nothing(
    database: Database, load_settings: LoadSettings, as_: As, run: Running, youth: Youth
) -> None:
    impatient = load_settings(database, UPPSOK_OUTREACH_UPDATE_TIMEOUT="PT0.5S")
    task_id = await run.task(youth, "call")
    headers = as_("kaa_coordinator", key=str(uuid4()))
    await run.rest()
    async with serving(make_app(impatient)) as api:
        for _ in range(2):
            unanswered = await complete(api, task_id, REACHED, headers)
            assert unanswered.status_code == 503
            assert "same Idempotency-Key" in unanswered.json()["detail"]
            assert unanswered.headers["Retry-After"]
        await run.work()

        async def answered() -> httpx.Response | None:
            answer = await complete(api, task_id, REACHED, headers)
            return answer if answer.status_code == 200 else None

        answer = await eventually(answered, "an answer")
    assert answer.json()["step"] == "mapping"
    assert await run.pool.fetchval("select count(*) from outbox where type like '%task-completed%'") == 1


async def test_who_has_no_telephone_is_given_no_call_and_is_called_when_the_register_gets_a_number(
    run: Running,
) -> None:
    youth = Youth()
    await run.register(youth, registered_on=run.settings.clock.today())
    for has_phone, kind in ((False, "find_contact_details"), (True, "call")):
        told = TelephoneChanged(youth_id=youth.youth_id, episode_id=youth.episode_id, has_phone=has_phone)
        await run.facts.from_registry(incoming(told, run.settings.clock.now()))
        await run.task(youth, kind)
        known = "select has_phone from journeys where youth_id = $1"
        assert await run.pool.fetchval(known, youth.youth_id) is has_phone
    calls = "select count(*) from tasks where youth_id = $1 and kind = 'call'"
    assert await run.pool.fetchval(calls, youth.youth_id) == 1


async def test_marks_are_on_the_task_that_staff_read(
    api: httpx.AsyncClient, as_: As, run: Running, youth: Youth
) -> None:
    task_id = await run.task(youth, "call")
    headers = as_("kaa_coordinator", key=str(uuid4()))
    assert (
        await complete(api, task_id, {"kind": "call", "result": "language_needed"}, headers)
    ).status_code == 200
    following = await run.task(youth, "call")
    task = (await api.get(f"/tasks/{following}", headers=headers)).json()
    assert task["marks"] == ["language_needed"]
