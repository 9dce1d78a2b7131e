"""GET /funnel and /funnel.svg: who may read, what is refused, what is answered."""

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from contracts.roles import Role
from deploy.local.databases import Database
from services.reporting.app import make_app
from services.reporting.settings import ReportingSettings
from tests.stack.tokens import AuthEnv

pytestmark = pytest.mark.stack


@pytest.fixture
async def client(reporting_database: Database, auth_env: AuthEnv) -> AsyncIterator[httpx.AsyncClient]:
    auth = {name.removeprefix("UPPSOK_").lower(): value for name, value in auth_env.items()}
    settings = ReportingSettings.model_validate(
        {"environment": "test", "database_url": reporting_database.app_url, **auth}
    )
    app = make_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://reporting") as client,
    ):
        yield client


@pytest.fixture
def bearer(token: Callable[..., str]) -> Callable[[str], dict[str, str]]:
    return lambda role: {"Authorization": f"Bearer {token(role)}"}


@pytest.mark.parametrize("path", ["/funnel", "/funnel.svg"])
@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.STATISTICIAN, 200),
        (Role.KAA_COORDINATOR, 200),
        (Role.LOCAL_COORDINATOR, 200),
        (Role.OPERATOR, 200),
        (Role.SPECIAL_HANDLER, 403),
        (Role.REGISTER_SUPERUSER, 403),
        (Role.SERVICE, 403),
    ],
)
async def test_who_may_read(
    client: httpx.AsyncClient, bearer: Callable[[str], dict[str, str]], path: str, role: Role, status: int
) -> None:
    answer = await client.get(path, headers=bearer(role))
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/funnel", "/funnel.svg", "/dead-letters"])
async def test_nobody_without_a_token(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 401


@pytest.mark.parametrize("role", [Role.STATISTICIAN, Role.KAA_COORDINATOR])
async def test_dead_letters_are_for_operators(
    client: httpx.AsyncClient, bearer: Callable[[str], dict[str, str]], role: Role
) -> None:
    assert (await client.get("/dead-letters", headers=bearer(role))).status_code == 403


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"from": "2025-09-02", "to": "2025-09-01"}, "'to'"),
        ({"district": "atlantis"}, "'district'"),
        ({"district": "rinkeby-kista", "to": "2025-09-01"}, "'district'"),
        ({"from": "yesterday"}, "from"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(
    client: httpx.AsyncClient, bearer: Callable[[str], dict[str, str]], query: dict[str, str], told: str
) -> None:
    answer = await client.get("/funnel", params=query, headers=bearer(Role.STATISTICIAN))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert told in answer.text
    assert "atlantis" not in answer.text
    assert "yesterday" not in answer.text


async def test_a_district_of_its_day(client: httpx.AsyncClient, bearer: Callable[[str], dict[str, str]]) -> None:
    query = {"from": "2023-01-01", "to": "2023-06-30", "district": "rinkeby-kista"}
    answer = await client.get("/funnel", params=query, headers=bearer(Role.STATISTICIAN))
    assert [one["name"] for one in answer.json()["districts"]] == ["Rinkeby-Kista"]


async def test_the_picture(client: httpx.AsyncClient, bearer: Callable[[str], dict[str, str]]) -> None:
    answer = await client.get("/funnel.svg", headers=bearer(Role.STATISTICIAN))
    assert answer.headers["content-type"] == "image/svg+xml"
    assert ET.fromstring(answer.text).tag == "{http://www.w3.org/2000/svg}svg"


async def test_health(client: httpx.AsyncClient) -> None:
    assert (await client.get("/readyz")).json() == {"status": "ok", "checks": {"database": "ok"}}
