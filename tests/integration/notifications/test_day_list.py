"""The day list as PDF: outreach decides what is on it and for whom, the registry who they are; nothing is kept."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pypdf import PdfReader

from services.notifications.app import make_app
from services.outreach.api.visit_models import VISIT, DayList
from tests.integration.notifications.conftest import NOW, Service
from tests.integration.notifications.servers import serving

Token = Callable[..., str]


class OutreachServer:
    """The side of outreach, as its own models say it."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, list[str]]] = []
        self.status = 200

    def plans(self, youth_id: UUID, *, hours: int = 0, state: str = "booked") -> None:
        at = NOW + timedelta(hours=hours)
        times = {"starts_at": at.isoformat(), "ends_at": (at + timedelta(hours=1)).isoformat()}
        changed = {"visit_id": str(uuid4()), "youth_id": str(youth_id), "state": state}
        self.items.append({**VISIT, **times, **changed})

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/visits/day-list")
        async def day_list(request: Request) -> JSONResponse:
            query = request.query_params
            self.asked.append((request.headers["Authorization"], query["date"], query.getlist("staff")))
            answer = {"date": query["date"], "staff": query.getlist("staff"), "items": self.items}
            read = [{**item, "task_id": item["visit_id"]} for item in self.items]
            DayList.model_validate({**answer, "items": read})
            return JSONResponse(answer, self.status)

        return app


@pytest.fixture
async def outreach() -> OutreachServer:
    return OutreachServer()


@pytest.fixture
async def api(service: Service, outreach: OutreachServer) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(outreach.app()) as url:
        app = make_app(service.settings.model_copy(update={"notifications_outreach_url": url}))
        app.state.clock = service.clock
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
        ):
            app.state.registry = service.client
            yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def printed(api: httpx.AsyncClient, token: str, **query: Any) -> str:
    answer = await api.get("/visits/day-list.pdf", params=query, headers=bearer(token))
    assert answer.status_code == 200, answer.text
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/pdf", "no-store")
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)


async def test_it_has_those_whom_outreach_shows_the_caller_and_nothing_is_kept(
    service: Service, api: httpx.AsyncClient, outreach: OutreachServer, token: Token
) -> None:
    first, second, hidden = uuid4(), uuid4(), uuid4()
    service.registry.knows(first, name="Nils Testsson")
    service.registry.knows(second, name="Eva Provsson")
    service.registry.knows(hidden, name="Skyddad Person", protected=True)
    outreach.plans(first, hours=2)
    outreach.plans(second, hours=1)
    outreach.plans(hidden)
    caller = token("local_coordinator", districts=("farsta",), subject="s-1007")
    said = await printed(api, caller, date="2025-09-16", staff=["s-1007", "s-1042"])
    assert said.index("Eva Provsson") < said.index("Nils Testsson")
    assert "Skyddad" not in said
    assert outreach.asked == [(f"Bearer {caller}", "2025-09-16", ["s-1007", "s-1042"])]
    assert [asked["purpose"] for asked in service.registry.asked] == ["day_list"]
    audited = await service.pool.fetch("select actor, action, youth_id from audit")
    assert {tuple(row) for row in audited} == {("s-1007", "visit.print", one) for one in (first, second, hidden)}
    for table in ("message", "document", "outbox"):
        assert await service.pool.fetchval(f"select count(*) from {table}") == 0


async def test_without_names_it_is_the_callers_own(
    api: httpx.AsyncClient, outreach: OutreachServer, service: Service, token: Token
) -> None:
    assert "Inga hembesök" in await printed(api, token("local_coordinator"))
    assert [staff for _, _, staff in outreach.asked] == [["me"]]
    assert service.registry.asked == []


@pytest.mark.parametrize("role", ["special_handler", "statistician", "operator", "register_superuser", "service"])
async def test_who_makes_no_visits_prints_none(api: httpx.AsyncClient, token: Token, role: str) -> None:
    assert (await api.get("/visits/day-list.pdf", headers=bearer(token(role)))).status_code == 403


async def test_what_others_refuse_or_cannot_answer_is_said(
    service: Service, api: httpx.AsyncClient, outreach: OutreachServer, token: Token
) -> None:
    headers = bearer(token("kaa_coordinator"))
    service.registry.knows(youth_id := uuid4())
    outreach.plans(youth_id)
    outreach.status = 403
    assert (await api.get("/visits/day-list.pdf", headers=headers)).status_code == 403
    outreach.status = 500
    assert (await api.get("/visits/day-list.pdf", headers=headers)).status_code == 503
    outreach.status, service.registry.down = 200, True
    answer = await api.get("/visits/day-list.pdf", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:uppsok:problem:day-list-unavailable")
