"""The four services' real apps in this process, on databases that hold a little of everything."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import schemathesis
from fastapi import FastAPI
from schemathesis.core.result import Ok

from chassis.clock import CivilClock, ClockSpec
from chassis.paging import encode_cursor
from chassis.postgres import create_pool
from contracts.actions import Action
from deploy.local.databases import SERVICES, Database
from tests.fuzz.requests import Described
from tests.fuzz.rows import LIVES, fill_all
from tests.meta.test_routes import declared_by, routes_of

LAST = datetime.max.replace(tzinfo=UTC)
# Where ids that are asked for can be found; a parameter or a field has the name of the column, or of its table.
IDS = {
    "registry": {
        "occupation_id": "select id from occupations",
        "entry_id": "select id from manual_entries",
        "catalogue_id": "select id from measure_catalogue",
        "measure_id": "select id from measures",
        "contact_point_id": "select id from documentation.contact_points",
        "guardian_id": "select id from documentation.guardians",
        "plan_id": "select id from documentation.plans",
        "consent_id": "select id from documentation.consents",
        "hold_id": "select id from documentation.holds",
        "conflict_id": "select id from conflicts",
        "attention_id": "select id from attentions",
        "report_id": "select id from school_reports",
        "run_id": "select run_id from sync_runs",
        "episode_id": "select id from episodes",
    },
    "outreach": {
        "task_id": "select task_id from tasks",
        "visit_id": "select task_id from visits",
        "wave_id": "select wave_id from waves",
        "absence_id": "select absence_id from absences",
        "staff_id": "select staff_id from staff",
        "event_id": "select event_id from dead_letters",
    },
    "notifications": {"message_id": "select message_id from message", "code": "select code from message"},
    "reporting": {},
}


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """An operation of a service's OpenAPI document, and the action that its route declares; none: open to all."""

    client: httpx.AsyncClient
    action: Action | None
    described: Described
    label: str


@dataclass(frozen=True, slots=True)
class Town:
    operations: tuple[Operation, ...]
    known: Mapping[str, tuple[object, ...]]  # what there is, by the parameter or field that asks for it


@asynccontextmanager
async def town(
    service_database: Callable[[str], Awaitable[Database]], make_app: Callable[[str, Database], FastAPI]
) -> AsyncIterator[Town]:
    """Fill the databases and start the apps on them."""
    databases = {service: await service_database(service) for service in SERVICES}
    async with AsyncExitStack() as stack:
        pools: dict[str, asyncpg.Pool] = {}
        for service, database in databases.items():
            pool = await create_pool(database.app_url, application_name="fuzz")
            pools[service] = await stack.enter_async_context(pool)
        await fill_all(pools, CivilClock(ClockSpec()).today())
        operations: list[Operation] = []
        for service, database in databases.items():
            app = make_app(service, database)
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://test")
            operations += _operations(service, app, await stack.enter_async_context(client))
        yield Town(tuple(operations), await _known(pools))


def _operations(service: str, app: FastAPI, client: httpx.AsyncClient) -> list[Operation]:
    actions = {
        (method, route.path): next((one for one in Action if one in declared_by(route)), None)
        for route in routes_of(app)
        for method in route.methods or ()
    }
    found = []
    for result in schemathesis.openapi.from_dict(_with_plain_pairs(app.openapi())).get_all_operations():
        assert isinstance(result, Ok), result.err()  # else the document is not right
        one = result.ok()
        label = f"{service} {one.method.upper()} {one.path}"
        found.append(Operation(client, actions[one.method.upper(), one.path], one, label))
    return found


def _with_plain_pairs(document: Any) -> Any:
    """Return an OpenAPI document without `prefixItems`.

    Schemathesis 4.32 makes an array of them under `items`, which its own validator then refuses. All of ours
    are of one type.
    """
    if isinstance(document, list):
        return [_with_plain_pairs(inner) for inner in document]
    if not isinstance(document, dict):
        return document
    plain = {key: _with_plain_pairs(inner) for key, inner in document.items()}
    pair = plain.pop("prefixItems", None)
    if pair is not None:
        assert all(one == pair[0] for one in pair)
        plain["items"] = pair[0]
    return plain


async def _known(pools: Mapping[str, asyncpg.Pool]) -> dict[str, tuple[object, ...]]:
    known: dict[str, tuple[object, ...]] = {
        "youth_id": tuple(str(youth.youth_id) for youth in LIVES),
        "key": tuple(str(youth.youth_id) for youth in LIVES),
        "person_number": tuple(youth.number for youth in LIVES),
        "number": tuple(youth.number for youth in LIVES),
        "district": tuple(district for district, _ in LIVES.values()),
        "school_unit": ("12345678",),
        "school_year": ("2023/24",),
        "staff": ("anna", "bo"),
        "claimed_by": ("anna", "me"),
        "assigned_to": ("bo", "me"),
        "version": ("v1",),
        "cursor": (
            *(encode_cursor(one) for one in (uuid4(), "anna", 7, 10**25)),
            *(encode_cursor(one, uuid4()) for one in (LAST, LAST.date(), "2026-05-04T10:00", LAST.min)),
            encode_cursor(LAST, "youth.read", uuid4()),
        ),
        "If-Match": ('"1"', '"2"', 'W/"1"'),
        "reason": ("en anhörig ringde",),
    }
    for service, queries in IDS.items():
        for name, query in queries.items():
            rows = await pools[service].fetch(query)
            known[name] = tuple(str(row[0]) for row in rows)
    return known
