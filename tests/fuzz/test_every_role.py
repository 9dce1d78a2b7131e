"""Schemathesis against the four services, as each role and as nobody: no answer may be broken, or say too much.

`make fuzz` sends more; UPPSOK_TEST_FUZZ_SEED gives others.
"""

import importlib
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache

import httpx
import pytest
import structlog.testing
from fastapi import FastAPI

from contracts.access import TABLE
from contracts.roles import Role
from deploy.local.databases import Database
from deploy.local.processes import OwnProcess
from tests.fuzz.findings import findings, in_logs
from tests.fuzz.requests import Deck, on_the_wire
from tests.fuzz.rows import OWN
from tests.fuzz.town import Operation, Town, town
from tests.meta.apps import APIS, settings_class
from tests.stack.tokens import AuthEnv

pytestmark = [pytest.mark.stack, pytest.mark.fuzz]

SEED = int(os.environ.get("UPPSOK_TEST_FUZZ_SEED", "1"))
TIMES = int(os.environ.get("UPPSOK_TEST_FUZZ_TIMES", "1"))  # as many requests as by default
LET_IN, REFUSED = 48, 2  # requests to an operation: of the roles that may, together; of each one that may not
MADE = 12  # by Schemathesis, for each operation
NOWHERE = "http://127.0.0.1:9"  # no other service answers here
WHO = [*Role, None]
AT_LEAST = 10_000
sent: Counter[Role | None] = Counter()


@pytest.fixture(scope="module")
async def filled(
    service_database: Callable[[str], Awaitable[Database]],
    temporal_address: str,
    auth_env: AuthEnv,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Town]:
    folder = tmp_path_factory.mktemp("fuzz")
    variables = {
        **auth_env,
        "UPPSOK_ENVIRONMENT": "test",
        "TEMPORAL_ADDRESS": temporal_address,
        "UPPSOK_NOTIFICATIONS_OUTREACH_URL": NOWHERE,
        "UPPSOK_NOTIFICATIONS_REGISTRY_URL": NOWHERE,
        "UPPSOK_NOTIFICATIONS_LETTER_FOLDER": str(folder / "letters"),
        "UPPSOK_NOTIFICATIONS_SMS_FOLDER": str(folder / "sms"),
        "UPPSOK_NOTIFICATIONS_REQUESTS_PER_MINUTE": "1000000",
    }

    def make_app(service: str, database: Database) -> FastAPI:
        process: OwnProcess = next(one for one in APIS if one.service == service)
        with pytest.MonkeyPatch.context() as patch:
            for key, value in variables.items():
                patch.setenv(key, value)
            patch.setenv(f"DATABASE_URL_{service.upper()}", database.app_url)
            settings = settings_class(process).load()
        app: FastAPI = importlib.import_module(f"services.{service}.app").make_app(settings)
        return app

    async with town(service_database, make_app) as filled:
        yield filled


def share(operation: Operation, role: Role | None) -> int:
    """How many requests to an operation somebody sends: mostly those who get through."""
    if operation.action is None:
        return LET_IN * TIMES if role is None else 0
    row = TABLE[operation.action]
    return LET_IN * TIMES // len(row) if role in row else REFUSED * TIMES


@pytest.fixture(scope="module")
def decks(filled: Town) -> Callable[[Operation], Deck]:
    """The requests to an operation, made when the first one sends them."""
    made = MADE * max(1, TIMES // 2)
    return cache(lambda operation: Deck(operation.described, filled.known, made, SEED))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("role", WHO, ids=lambda role: role or "nobody")
async def test_no_answer_is_broken_or_says_too_much(
    filled: Town, decks: Callable[[Operation], Deck], token: Callable[..., str], role: Role | None
) -> None:
    mine = token(role, districts=(OWN,), units=("12345678",), subject="anna") if role else None
    found: dict[str, str] = {}
    for operation in filled.operations:
        for case in decks(operation).deal(share(operation, role)):
            request = on_the_wire(case, mine)
            if request is None:
                continue
            with structlog.testing.capture_logs() as lines:
                answer = await operation.client.send(request)
            sent[role] += 1
            for finding in (*findings(case, answer, operation.action, role), *in_logs(lines)):
                found.setdefault(f"{operation.label}: {finding}", _told(request))
    assert not found, "\n".join(f"{what}\n    {request}" for what, request in sorted(found.items()))


def _told(request: httpx.Request) -> str:
    """The request, to send it again: the rows are the same ones each time, their ids are not."""
    headers = {key: value for key, value in request.headers.items() if key in {"if-match", "idempotency-key"}}
    return f"{request.method} {str(request.url)[:300]} {headers or ''} {request.content[:600]!r}"


def test_so_many_requests_were_sent(record_property: Callable[[str, object], None]) -> None:
    """The last test of the file; when only some roles were asked for, it has nothing to say."""
    record_property("said", f"{sent.total()} requests as {len(sent)} of {len(WHO)}, seed {SEED}")
    assert len(sent) < len(WHO) or sent.total() >= AT_LEAST * TIMES
