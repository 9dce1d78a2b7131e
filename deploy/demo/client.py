"""A small typed client of the four HTTP APIs, for the demonstration and the end-to-end tests.

Nothing but HTTP: what it can do, a script with a token can do. A request that the services could not answer
just now (503, a restart) is repeated, with the same idempotency key.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

import httpx

from contracts.outreach_workflow import Decided
from contracts.policy import OutreachPolicy
from contracts.reasons import ReachedBy
from contracts.roles import Role
from contracts.tasks import OPEN_STATES, Outcome
from deploy.demo.views import Journey, Message, Slot, SyncRun, Task, Youth
from deploy.local.dev_tokens import DevTokens

REPEAT_SECONDS = 60.0
PAUSE_SECONDS = 0.5
PAGE = 500


class Refused(Exception):
    """A service answered with a problem (RFC 9457). ``code`` ends its type."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status, self.problem = status, problem
        self.code = str(problem.get("type", status)).rpartition(":")[2]
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")


class Stack:
    """A running local stack, by its stack.json. Use as an async context manager."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self._urls = {name: str(service["url"]) for name, service in facts["services"].items()}
        self._tokens = DevTokens.load_or_make(Path(facts["auth"]["signing_key_file"]))
        limits = httpx.Limits(max_connections=60, max_keepalive_connections=60)
        self._http = httpx.AsyncClient(timeout=30, limits=limits)

    @classmethod
    def of(cls, folder: Path) -> Self:
        return cls(json.loads((folder / "stack.json").read_text()))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    def caller(
        self,
        role: Role,
        districts: Sequence[str] = (),
        subject: str = "",
        *,
        units: Sequence[str] = (),
        traceparent: str | None = None,
    ) -> "Caller":
        """Return somebody with a role: what they do is done with their own token, and in the trace given.

        ``units``: the school units that a school's token is for.
        """
        token = self._tokens.token(role, districts, subject=subject or role, units=units)
        headers = {"Authorization": f"Bearer {token}"}
        if traceparent:
            headers["traceparent"] = traceparent
        return Caller(self._http, self._urls, headers, subject or role)

    def anybody(self) -> "Caller":
        """Return a caller without a token: a youth with a letter in their hand."""
        return Caller(self._http, self._urls, {}, "nobody")


class Caller:
    """One caller of the APIs. Raises Refused for what a service says no to."""

    def __init__(
        self, http: httpx.AsyncClient, urls: Mapping[str, str], headers: Mapping[str, str], who: str
    ) -> None:
        self._http, self._urls, self._headers, self.who = http, urls, headers, who

    # --- registry ---

    async def sync(self, as_of: date | None = None, timeout: float = 120.0) -> SyncRun:
        """Run the register sync and wait until it is done. Raises TimeoutError (real seconds)."""
        return await self.sync_done(await self.start_sync(as_of), timeout)

    async def start_sync(self, as_of: date | None = None) -> UUID:
        """Start a register sync; return the run's id."""
        body = {"as_of": as_of.isoformat() if as_of else None}
        return UUID((await self.post("registry", "/sync-runs", body))["run_id"])

    async def sync_done(self, run_id: UUID, timeout: float = 120.0) -> SyncRun:
        """Wait until a sync run is done. Raises TimeoutError (real seconds)."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            run = SyncRun.model_validate(await self.get("registry", f"/sync-runs/{run_id}"))
            if run.finished_at:
                return run
            await asyncio.sleep(0.2)
        raise TimeoutError(f"sync run {run_id} was not done in {timeout:.0f} s")

    async def youths(self, **filters: Any) -> list[Youth]:
        return [Youth.model_validate(item) async for item in self.items("registry", "/youths", filters)]

    async def youth(self, youth_id: UUID, reason: str | None = None) -> Youth:
        return Youth.model_validate(await self.get("registry", f"/youths/{youth_id}", {"reason": reason}))

    async def look_up(self, person_number: str) -> Youth:
        return Youth.model_validate(
            await self.post(
                "registry", "/youths/lookup", {"person_number": person_number, "reason": "register_care"}
            )
        )

    # --- outreach ---

    async def intake(self) -> None:
        """Start the day's intake. To start it again begins with nobody more."""
        await self.post("outreach", "/intake", key=str(uuid4()))

    async def policy(self) -> OutreachPolicy:
        return OutreachPolicy.model_validate(await self.get("outreach", "/policy"))

    async def tasks(self, **filters: Any) -> list[Task]:
        """Return the tasks that the caller sees; open ones when no state is asked for."""
        asked = {"state": sorted(OPEN_STATES), **filters}
        return [Task.model_validate(item) async for item in self.items("outreach", "/tasks", asked)]

    async def claim(self, task_id: UUID) -> None:
        await self.post("outreach", f"/tasks/{task_id}/claim")

    async def free_slot(self, youth_id: UUID, after: datetime, staff: Sequence[str] = ()) -> Slot | None:
        """Return the first time after an instant at which two can visit a youth, if there is one.

        ``staff``: who shall be of the two; nobody named: whom the service proposes.
        """
        asked = {"youth_id": youth_id, "staff": list(staff), "after": after.isoformat(), "limit": 1}
        items = (await self.get("outreach", "/visits/free-slots", asked))["items"]
        return Slot.model_validate(items[0]) if items else None

    async def complete(self, task_id: UUID, outcome: Outcome, key: str) -> Decided:
        body = outcome.model_dump(mode="json")
        return Decided.model_validate(await self.post("outreach", f"/tasks/{task_id}/complete", body, key=key))

    async def contact(self, youth_id: UUID, way: ReachedBy, key: str) -> Decided:
        """The youth got in touch: called, dropped in, or through a guardian."""
        return Decided.model_validate(
            await self.post("outreach", f"/youths/{youth_id}/contacts", {"way": way.value}, key=key)
        )

    async def journeys(self, **filters: Any) -> list[Journey]:
        return [Journey.model_validate(item) async for item in self.items("outreach", "/journeys", filters)]

    async def journey(self, youth_id: UUID) -> Journey:
        return Journey.model_validate(await self.get("outreach", f"/youths/{youth_id}"))

    # --- notifications ---

    async def messages(self, **filters: Any) -> list[Message]:
        return [Message.model_validate(item) async for item in self.items("notifications", "/messages", filters)]

    async def document(self, message_id: UUID) -> bytes:
        """Return what was sent: a PDF, or the text of an SMS."""
        response = await self._request("GET", "notifications", f"/messages/{message_id}/document")
        return response.content

    async def answer_by_code(self, code: str) -> None:
        await self.post("notifications", "/answers", {"code": code})

    async def answer_by_sms(self, phone: str, text: str) -> None:
        """What the sandbox provider would hand in when a youth writes back."""
        await self.post("notifications", "/sandbox/inbound-sms", {"from": phone, "body": text})

    # --- reporting ---

    async def funnel(self, first: date, last: date) -> dict[str, Any]:
        answer: dict[str, Any] = await self.get("reporting", "/funnel", {"from": first, "to": last})
        return answer

    async def funnel_picture(self, first: date, last: date) -> str:
        params = {"from": first, "to": last}
        return (await self._request("GET", "reporting", "/funnel.svg", params)).text

    # --- HTTP ---

    async def get(self, service: str, path: str, params: Mapping[str, Any] | None = None) -> Any:
        return (await self._request("GET", service, path, params)).json()

    async def post(self, service: str, path: str, body: Any = None, key: str | None = None) -> Any:
        response = await self._request("POST", service, path, None, body, key)
        return response.json() if response.content else None

    async def put(self, service: str, path: str, body: Any, seen: str | None = None) -> Any:
        """Put under an id of ours; ``seen`` is the ETag of what is changed."""
        return (await self._request("PUT", service, path, None, body, seen=seen)).json()

    async def pages(self, service: str, path: str, params: Mapping[str, Any]) -> AsyncIterator[list[Any]]:
        """Yield the pages of a list, each as its items; fetched as they are asked for."""
        asked: dict[str, Any] = {"limit": PAGE, **params}
        while True:
            page = await self.get(service, path, asked)
            yield page["items"]
            if page["next"] is None:
                return
            asked["cursor"] = page["next"]

    async def items(self, service: str, path: str, params: Mapping[str, Any]) -> AsyncIterator[Any]:
        """Yield the items of all pages of a list."""
        async for page in self.pages(service, path, params):
            for item in page:
                yield item

    async def _request(
        self,
        method: str,
        service: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str | None = None,
        seen: str | None = None,
    ) -> httpx.Response:
        own = {"Idempotency-Key": key, "If-Match": seen}
        headers = {**self._headers, **{name: value for name, value in own.items() if value}}
        given = {name: _text(value) for name, value in (params or {}).items() if value is not None}
        deadline = time.monotonic() + REPEAT_SECONDS
        # A POST without a key may have had its effect when the connection broke; with 503 it had none.
        repeatable = method in ("GET", "PUT") or key is not None
        while True:
            try:
                response = await self._http.request(
                    method, self._urls[service] + path, params=given, json=body, headers=headers
                )
            except httpx.TransportError as error:
                if time.monotonic() > deadline or not (repeatable or isinstance(error, httpx.ConnectError)):
                    raise
            else:
                if response.is_success:
                    return response
                if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                    raise Refused(response.status_code, _problem(response))
            await asyncio.sleep(PAUSE_SECONDS)


def _text(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_text(one) for one in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        problem: dict[str, Any] = response.json()
    except ValueError:
        return {"title": response.text[:200]}
    return problem
