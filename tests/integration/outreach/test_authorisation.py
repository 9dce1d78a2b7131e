"""Who may call which route: the whole table."""

import json
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import httpx
import pytest

from chassis.temporal import connect
from services.outreach.settings import POLICIES, Settings

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
ROLES = (
    "local_coordinator", "kaa_coordinator", "special_handler", "register_superuser", "statistician", "operator",
    "service", "auditor",
)  # fmt: skip
STAFF = {"local_coordinator", "kaa_coordinator", "special_handler"}
LEADS = {"kaa_coordinator", "special_handler"}
SOME = uuid4()
CALL = {"kind": "call", "result": "reached"}
POLICY = json.loads((POLICIES / "local.json").read_text(encoding="utf-8"))
TABLE = [
    ("GET", "/tasks", None, STAFF),
    ("GET", "/tasks/summary", None, STAFF),
    ("POST", "/tasks/reassign", {"which": {"district": "farsta"}, "by_load": True}, LEADS),
    ("GET", "/staff", None, {"kaa_coordinator"}),
    # Of others; each sees themselves and says when they are away (test_staff.py).
    ("GET", f"/staff/{SOME}", None, {"kaa_coordinator"}),
    ("PUT", f"/staff/{SOME}", {"capacity": 10, "active_from": "2026-01-01"}, {"kaa_coordinator"}),
    ("PUT", f"/staff/{SOME}/absences/{SOME}", {"first_day": "2026-01-01"}, {"kaa_coordinator"}),
    ("GET", f"/tasks/{SOME}", None, STAFF),
    ("POST", f"/tasks/{SOME}/claim", None, STAFF),
    ("POST", f"/tasks/{SOME}/release", None, STAFF),
    ("POST", f"/tasks/{SOME}/assign", {"to": "s-1007"}, STAFF),
    ("POST", f"/tasks/{SOME}/complete", CALL, STAFF),
    ("GET", f"/visits/free-slots?youth_id={SOME}", None, STAFF),
    ("GET", "/visits/day-list", None, STAFF),
    ("GET", f"/visits/{SOME}", None, STAFF),
    ("POST", f"/visits/{SOME}/check-in", None, STAFF),
    ("POST", f"/visits/{SOME}/check-out", None, STAFF),
    ("GET", f"/youths/{SOME}", None, STAFF),
    ("POST", f"/youths/{SOME}/contacts", {"way": "drop_in"}, STAFF),
    ("POST", f"/youths/{SOME}/concerns", None, STAFF),
    ("GET", "/journeys", None, STAFF),
    ("GET", "/policy", None, set(ROLES)),
    ("GET", "/policies/schema", None, set(ROLES)),
    ("GET", "/policies", None, STAFF | {"statistician", "operator"}),
    ("GET", f"/policies/{SOME}", None, STAFF | {"statistician", "operator"}),
    ("PUT", f"/policies/{SOME}", {}, {"kaa_coordinator"}),
    ("POST", f"/policies/{SOME}/withdraw", None, {"kaa_coordinator"}),
    ("POST", "/policies/preview", {}, {"kaa_coordinator"}),
    ("GET", "/plans/assumptions", None, {"kaa_coordinator", "statistician"}),
    ("POST", "/plans/forecast", {"weeks": 1}, {"kaa_coordinator", "statistician"}),
    ("POST", "/plans/what-if", {"weeks": 1, "policy": POLICY}, {"kaa_coordinator", "statistician"}),
    ("GET", "/intake", None, {"kaa_coordinator", "operator"}),
    ("POST", "/intake", None, {"kaa_coordinator", "operator"}),
    ("GET", "/waves", None, {"kaa_coordinator", "operator"}),
    ("GET", f"/waves/{SOME}", None, {"kaa_coordinator", "operator"}),
    ("POST", f"/waves/{SOME}/approve", None, {"kaa_coordinator"}),
    ("POST", f"/waves/{SOME}/pause", None, {"kaa_coordinator", "operator"}),
    ("POST", f"/waves/{SOME}/resume", None, {"kaa_coordinator", "operator"}),
    ("POST", f"/waves/{SOME}/stop", None, {"kaa_coordinator", "operator"}),
    ("POST", "/waves", {"wave_id": str(SOME)}, {"kaa_coordinator"}),
    ("GET", "/dead-letters", None, {"operator"}),
    ("POST", f"/dead-letters/{SOME}/replay", None, {"operator"}),
    ("GET", "/audit", None, {"auditor"}),
    ("GET", f"/subject-data/{SOME}", None, {"service"}),
]


@pytest.fixture
async def intake_is_called_off(settings: Settings) -> AsyncIterator[None]:
    """Nobody works at what the table begins: it must not be left for the workers of another test."""
    yield
    client = await connect(settings)
    await client.get_workflow_handle(f"daily-intake/{settings.clock.today()}").terminate("the test is over")


@pytest.mark.usefixtures("intake_is_called_off")
async def test_each_route_by_each_role(api: httpx.AsyncClient, as_: As) -> None:
    for method, path, body, allowed in TABLE:
        for role in ROLES:
            answer = await api.request(method, path, json=body, headers=as_(role, key="some-key-1"))
            # Allowed: the row is not there (404), the list is empty (200), the document is (422), or something is
            # made or begun (201, 202).
            expected = {200, 201, 202, 404, 422} if role in allowed else {403}
            assert answer.status_code in expected, (method, path, role, answer.text)
        assert (await api.request(method, path, json=body)).status_code == 401


async def test_every_route_is_in_the_table(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    routes = {
        (method.upper(), path.partition("{")[0])
        for path, methods in document["paths"].items()
        for method in methods
        if path not in {"/livez", "/readyz", "/metrics"}
    }
    assert routes == {(method, path.partition(str(SOME))[0].partition("?")[0]) for method, path, _, _ in TABLE}
    assert len(TABLE) == sum(
        len(methods)
        for path, methods in document["paths"].items()
        if path not in {"/livez", "/readyz", "/metrics"}
    )


async def test_readiness_names_what_the_api_depends_on(api: httpx.AsyncClient) -> None:
    answer = await api.get("/readyz")
    assert answer.json() == {"status": "ok", "checks": {"database": "ok", "temporal": "ok"}}
