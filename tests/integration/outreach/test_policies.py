"""Versions of the policy: deciding, effective dates, withdrawing, two at once, and who starts with which."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
import httpx
import pytest

from chassis.clock import STOCKHOLM
from contracts.policy import OutreachPolicy
from deploy.local.databases import Database
from services.outreach.app import make_app
from services.outreach.domain.policy import PolicyInvalid, load_policy, policy_of
from services.outreach.policy_file import configured_policy
from services.outreach.policy_versions import Policies
from services.outreach.settings import POLICIES, Settings
from tests.integration.outreach.conftest import LoadSettings, serving
from tests.meta.repository import ROOT

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
On = Callable[[date], Settings]
DOCUMENT: dict[str, Any] = json.loads((POLICIES / "stockholm.json").read_text())
MIGRATION = ROOT / "services" / "outreach" / "db" / "migrations" / "0007_policies.sql"
TODAY = date(2026, 11, 25)
START = date(2027, 1, 7)
NAME = "stockholm-2027.1"
PATH = f"/policies/{NAME}"


def proposal(start: date = START, name: str = NAME, **fields: Any) -> dict[str, Any]:
    document = {**DOCUMENT, "version": name, "answer_window": "P10D", **fields}
    return {"document": document, "effective_from": start.isoformat()}


@pytest.fixture
def on(database: Database, load_settings: LoadSettings) -> On:
    """`on(day)`: settings under which it is noon of that civil day."""

    def settings(day: date) -> Settings:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=STOCKHOLM)
        real = datetime.now(UTC).isoformat()  # noqa: TID251 - where the test's own clock starts
        clock = {"speed": 1.001, "real_anchor": real, "civil_anchor": noon.isoformat()}
        return load_settings(
            database,
            UPPSOK_CLOCK=json.dumps(clock),
            UPPSOK_OUTREACH_POLICY_FILE=str(POLICIES / "stockholm.json"),
        )

    return settings


def api_on(on: On, day: date) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return serving(make_app(on(day)))


async def test_the_file_is_imported_once_and_holds_from_that_day(on: On, as_: As, pool: asyncpg.Pool) -> None:
    for day in (TODAY, TODAY + timedelta(days=1)):
        async with api_on(on, day) as api:
            policy = (await api.get("/policy", headers=as_("service"))).json()
            assert OutreachPolicy.model_validate(policy) == load_policy(POLICIES / "stockholm.json")
    (row,) = await pool.fetch("select * from policies")
    assert (row["effective_from"], row["source"], row["decided_by"]) == (TODAY, "file", "outreach")
    assert await pool.fetchval("select count(*) from audit where action = 'policy.import'") == 1


async def test_a_new_file_holds_at_once_unless_the_municipality_has_decided(
    on: On, as_: As, pool: asyncpg.Pool
) -> None:
    async with api_on(on, TODAY) as api:
        await api.put(PATH, json=proposal(), headers=as_("kaa_coordinator"))
    before = Policies(pool, on(TODAY + timedelta(days=1)).clock)
    await before.import_file(policy_of({**DOCUMENT, "version": "stockholm-2026.9"}))
    assert (await before.in_force()).version == "stockholm-2026.9"
    after = Policies(pool, on(START).clock)
    await after.import_file(policy_of({**DOCUMENT, "version": "stockholm-2027.9"}))
    assert (await after.in_force()).version == NAME
    # The same name with another content: what was in force stands.
    await before.import_file(policy_of({**DOCUMENT, "version": "stockholm-2026.9", "home_visits": 2}))
    assert (await Policies(pool, on(TODAY + timedelta(days=1)).clock).in_force()).home_visits == 1


async def test_deciding_and_changing_before_the_date(on: On, as_: As, pool: asyncpg.Pool) -> None:
    anna, bo = as_("kaa_coordinator", subject="anna"), as_("kaa_coordinator", subject="bo")
    async with api_on(on, TODAY) as api:
        made = await api.put(PATH, json=proposal(), headers=anna)
        assert made.status_code == 201, made.text
        assert made.headers["etag"] == '"1"'
        assert {**made.json(), "document": None, "decided_at": None} == {
            "version": NAME, "state": "planned", "effective_from": "2027-01-07", "source": "decision",
            "decided_by": "anna", "decided_at": None, "withdrawn_by": None, "withdrawn_at": None, "etag": '"1"',
            "document": None,
        }  # fmt: skip
        assert made.json()["document"]["answer_window"] == "P10D"
        again = await api.put(PATH, json=proposal(), headers=bo)
        assert (again.status_code, again.json()["decided_by"]) == (200, "anna")
        other = proposal(START + timedelta(days=1))
        assert (await api.put(PATH, json=other, headers=bo)).status_code == 428
        assert (await api.put(PATH, json=other, headers={**bo, "If-Match": '"2"'})).status_code == 412
        changed = await api.put(PATH, json=other, headers={**bo, "If-Match": '"1"'})
        assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
        assert (changed.json()["effective_from"], changed.json()["decided_by"]) == ("2027-01-08", "bo")
        assert (await api.get(PATH, headers=anna)).json() == changed.json()
        assert (await api.get("/policy", headers=anna)).json()["version"] == DOCUMENT["version"]
    rows = await pool.fetch("select actor, role, action, subject from audit where subject = $1 order by id", NAME)
    assert [tuple(row) for row in rows] == [
        ("anna", "kaa_coordinator", "policy.decide", NAME),
        ("bo", "kaa_coordinator", "policy.change", NAME),
    ]


async def test_two_coordinators_decide_the_same_version_at_once(on: On, as_: As, pool: asyncpg.Pool) -> None:
    """One decision stands; the other is told that it is there already, and does not overwrite it."""
    async with api_on(on, TODAY) as api:

        async def put(subject: str, body: dict[str, Any], name: str = NAME) -> int:
            headers = as_("kaa_coordinator", subject=subject)
            return (await api.put(f"/policies/{name}", json=body, headers=headers)).status_code

        statuses = await asyncio.gather(*(put(f"s{one}", proposal(home_visits=one)) for one in range(1, 5)))
        assert sorted(statuses) == [201, 428, 428, 428]
        (row,) = await pool.fetch("select * from policies where version = $1", NAME)
        assert f"s{row['document']['home_visits']}" == row["decided_by"]
        body = proposal(START + timedelta(days=30), "stockholm-2027.2")
        same = await asyncio.gather(*(put(one, body, "stockholm-2027.2") for one in ("anna", "bo")))
        assert sorted(same) == [200, 201]
        # Two versions for one day: which one held would be chance.
        day = START + timedelta(days=60)
        names = ("stockholm-2027.3", "stockholm-2027.4")
        assert sorted(await asyncio.gather(*(put("anna", proposal(day, one), one) for one in names))) == [201, 409]


async def test_from_its_date_a_version_is_in_force_and_never_changes(on: On, as_: As) -> None:
    anna = as_("kaa_coordinator")
    async with api_on(on, TODAY) as api:
        await api.put(PATH, json=proposal(), headers=anna)
    async with api_on(on, START - timedelta(days=1)) as api:
        assert (await api.get("/policy", headers=anna)).json()["version"] == DOCUMENT["version"]
    async with api_on(on, START) as api:
        assert (await api.get("/policy", headers=anna)).json()["version"] == NAME
        states = {
            one["version"]: one["state"] for one in (await api.get("/policies", headers=anna)).json()["items"]
        }
        assert states == {NAME: "in_force", DOCUMENT["version"]: "past"}
        refused = await api.put(PATH, json=proposal(home_visits=2), headers={**anna, "If-Match": '"1"'})
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:uppsok:problem:policy-effective")
        assert (await api.post(f"{PATH}/withdraw", headers=anna)).status_code == 409
        assert (await api.put(PATH, json=proposal(), headers=anna)).status_code == 200  # said again


async def test_a_withdrawn_version_never_holds(on: On, as_: As, pool: asyncpg.Pool) -> None:
    anna = as_("kaa_coordinator")
    async with api_on(on, TODAY) as api:
        await api.put(PATH, json=proposal(), headers=anna)
        for _ in range(2):
            withdrawn = await api.post(f"{PATH}/withdraw", headers=anna)
            assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
        assert (await api.put(PATH, json=proposal(), headers=anna)).json()["type"].endswith("policy-withdrawn")
        # Its day is free again.
        other = await api.put("/policies/stockholm-2027.2", json=proposal(name="stockholm-2027.2"), headers=anna)
        assert other.status_code == 201
        assert (await api.post("/policies/nowhere/withdraw", headers=anna)).status_code == 404
        assert (await api.get("/policies/nowhere", headers=anna)).status_code == 404
    async with api_on(on, START) as api:
        assert (await api.get("/policy", headers=anna)).json()["version"] == "stockholm-2027.2"
    assert await pool.fetchval("select count(*) from audit where action = 'policy.withdraw'") == 1


async def test_the_migration_back_and_forward(on: On, as_: As, pool: asyncpg.Pool, database: Database) -> None:
    """Back, the file alone is left to say what holds; forward, it is imported anew and youths keep theirs."""
    async with api_on(on, TODAY) as api:
        assert (await api.put(PATH, json=proposal(), headers=as_("kaa_coordinator"))).status_code == 201
    up, _, down = MIGRATION.read_text().partition("-- migrate:down")
    conn = await asyncpg.connect(database.migrator_url)
    try:
        await conn.execute(down)
        await conn.execute(up)
    finally:
        await conn.close()
    async with api_on(on, TODAY) as api:
        assert (await api.get("/policy", headers=as_("service"))).json()["version"] == DOCUMENT["version"]
    # The version of a time before versions were kept: told again, the youth starts with today's.
    policies = Policies(pool, on(TODAY).clock)
    assert (await policies.started_with("gone-1")).version == DOCUMENT["version"]


async def test_the_application_cannot_delete_a_version(pool: asyncpg.Pool) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("delete from policies")


async def test_a_faulty_document_is_answered_in_swedish(on: On, as_: As, pool: asyncpg.Pool) -> None:
    anna = as_("kaa_coordinator")
    async with api_on(on, TODAY) as api:
        for method, path in (("PUT", PATH), ("POST", "/policies/preview")):
            send = partial(api.request, method, path, headers=anna)
            answer = await send(json=proposal(TODAY, call_attempts=2, answr_window="P1D"))
            assert answer.status_code == 422
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["title"] == "Policyn går inte att använda"
            assert [one["field"] for one in answer.json()["errors"]] == ["call_attempts", "answr_window"]
            late = (await send(json=proposal(TODAY))).json()["errors"]
            assert late[0]["message"].startswith("Gäller från: tidigast i morgon, 26 november 2026.")
            assert (await send(content=b"{")).json()["errors"][0]["message"].startswith("Dokumentet: ")
            assert (await send(content=b"\xff")).status_code == 422
            assert (await send(content=b" " * 300_000)).status_code == 413
    assert await pool.fetchval("select count(*) from policies") == 1


async def test_the_schema_is_the_contracts(on: On, as_: As) -> None:
    async with api_on(on, TODAY) as api:
        answer = await api.get("/policies/schema", headers=as_("school"))
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json() == json.loads((ROOT / "contracts" / "schemas" / "outreach-policy.json").read_text())


async def test_pages_of_versions_put_together_are_all(on: On, as_: As) -> None:
    anna = as_("kaa_coordinator")
    async with api_on(on, TODAY) as api:
        for number in range(1, 4):
            name = f"stockholm-2027.{number}"
            await api.put(f"/policies/{name}", json=proposal(START + timedelta(days=number), name), headers=anna)
        seen: list[str] = []
        cursor: str | None = None
        while True:
            asked = {"limit": "2", **({"cursor": cursor} if cursor else {})}
            page = await api.get("/policies", params=asked, headers=anna)
            seen += [one["version"] for one in page.json()["items"]]
            if (cursor := page.json()["next"]) is None:
                break
        assert seen == ["stockholm-2027.3", "stockholm-2027.2", "stockholm-2027.1", DOCUMENT["version"]]
        assert (await api.get("/policies", params={"cursor": "abc"}, headers=anna)).status_code == 400


def test_production_refuses_the_local_policy(settings: Settings) -> None:
    """At any hour of any day is for no real youth."""
    assert configured_policy(settings).version
    with pytest.raises(PolicyInvalid, match="mellan kl"):
        configured_policy(settings.model_copy(update={"environment": "production"}))
