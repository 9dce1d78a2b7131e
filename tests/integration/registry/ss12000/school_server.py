"""A school's SS 12000 server on the loopback, built from the descriptions, and its ways to misbehave.

It judges each request and each of its own answers by the OpenAPI files (`openapi.py`); what it finds stands
in ``faults``. It knows nothing of our client.
"""

import asyncio
import base64
import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote_plus
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.integration.registry.ss12000.openapi import descriptions

BASE, TOKEN_PATH = "/ss12000/v2.1", "/oauth2/token"
CLIENT_ID, SECRET = "uppsök client", "s:e+c/r=et"
Entity = dict[str, Any]


@dataclass
class SchoolServer:
    """``trouble`` by path, used up one per request; then it behaves. ``asked``: (path, query) of good requests."""

    persons: list[Entity] = field(default_factory=list)
    organisations: list[Entity] = field(default_factory=list)
    programmes: list[Entity] = field(default_factory=list)
    attendance: list[Entity] = field(default_factory=list)
    deleted: list[tuple[datetime, UUID]] = field(default_factory=list)
    not_offered: set[str] = field(default_factory=set)
    trouble: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    most_on_page: int = 1_000
    expires_in: int | None = 3600
    strays: bool = False  # answers are not as described, on purpose
    organisations_as: str = "organisations"
    secret: str = SECRET
    faults: list[str] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)  # all that were given
    under_way: int = 0
    most_under_way: int = 0
    _good: set[str] = field(default_factory=set)
    _pages: dict[str, tuple[str, dict[str, str], int]] = field(default_factory=dict)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post(TOKEN_PATH)
        async def token(request: Request) -> Response:
            return await self._token(request)

        @app.get(BASE + "/{name:path}")
        async def get(name: str, request: Request) -> Response:
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            try:
                return await self._get(f"/{name}", request)
            finally:
                self.under_way -= 1

        return app

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if self.trouble[TOKEN_PATH] and (answer := await self._misbehave(TOKEN_PATH)) is not None:
            return answer
        given = form.get("client_id"), form.get("client_secret")
        kind, _, pair = request.headers.get("authorization", "").partition(" ")
        if kind == "Basic":
            client, _, secret = base64.b64decode(pair).decode().partition(":")
            given = unquote_plus(client), unquote_plus(secret)
        if form.get("grant_type") != "client_credentials" or given != (CLIENT_ID, self.secret):
            return JSONResponse({"error": "invalid_client"}, 401)
        made = secrets.token_urlsafe(12)
        self.tokens.append(made)
        self._good.add(made)
        body: Entity = {"access_token": made, "token_type": "Bearer"}
        return JSONResponse(body if self.expires_in is None else body | {"expires_in": self.expires_in})

    async def _get(self, path: str, request: Request) -> Response:
        query = request.query_params.multi_items()
        if self.trouble[path] and (answer := await self._misbehave(path)) is not None:
            return answer
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._good:
            return refusal(401, "Unauthorized")
        if path in self.not_offered:
            return refusal(404, "Not found")
        if faults := descriptions().request_faults(path, query):
            self.faults += faults
            return refusal(400, "Bad request")
        self.asked.append((path, dict(query)))
        body = self._page(path, dict(query))
        if not self.strays:
            self.faults += descriptions().answer_faults(path, body)
        return JSONResponse(body)

    def _page(self, path: str, query: dict[str, str]) -> Entity:
        if (token := query.get("pageToken")) is not None:
            path, filters, start = self._pages[token]
        else:
            filters, start = query, 0
        entities = self._entities(path, filters)
        end = start + min(int(query.get("limit", self.most_on_page)), self.most_on_page)
        following = None
        if end < len(entities):
            following = secrets.token_urlsafe(6)
            self._pages[following] = (path, filters, end)
        shown = entities[start:end]
        if path == "/deletedEntities":
            return {"data": {"persons": shown}, "pageToken": following}
        if path == "/organisations" and self.organisations_as == "organisations":
            return {"organisations": entities}  # the reference API does not page them
        return {"data": shown, "pageToken": following}

    def _entities(self, path: str, filters: dict[str, str]) -> list[Any]:
        if path == "/deletedEntities":
            after = datetime.fromisoformat(filters["after"])
            return [str(entity_id) for at, entity_id in self.deleted if at >= after]
        found: list[Entity] = getattr(self, {"/aggregatedAttendance": "attendance"}.get(path, path[1:]))
        if (after_text := filters.get("meta.modified.after")) is not None:
            after = datetime.fromisoformat(after_text)
            found = [one for one in found if datetime.fromisoformat(one["meta"]["modified"]) >= after]
        if filters.get("relationship.entity.type") == "enrolment":
            found = [one for one in found if one.get("enrolments")]
        return found

    async def _misbehave(self, path: str) -> Response | None:
        kind, _, detail = self.trouble[path].pop(0).partition(" ")
        if kind == "ok":
            return None
        if kind == "expire":  # all tokens die, as after a restart
            self._good.clear()
            return None
        if kind == "status":
            status, _, told = detail.partition(" ")
            return refusal(int(status), "trouble", {"Retry-After": told} if told else None)
        if kind == "redirect":
            return Response(status_code=302, headers={"Location": detail})
        if kind == "loop":  # the page after this one is this one
            return JSONResponse({"data": [], "pageToken": "again"})
        if kind == "endless":
            self.trouble[path].append("endless")
            return JSONResponse({"data": [], "pageToken": secrets.token_urlsafe(6)})
        if kind == "body":
            return Response(detail, media_type="application/json")
        if kind == "large":
            return Response(b'{"data": ["' + b"x" * int(detail) + b'"]}', media_type="application/json")
        if kind == "slow":
            await asyncio.sleep(float(detail))
            return None
        if kind == "turn":  # another order than on the page before
            self.persons.reverse()
            return None
        assert kind == "drop"
        return CutOff()


class CutOff(Response):
    """Promises more than it sends; the connection then ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]},
        )
        await send({"type": "http.response.body", "body": b'{"data": [', "more_body": True})
        raise ConnectionError("the line is cut, on purpose")


def refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"code": str(status), "message": message}, status, headers)
