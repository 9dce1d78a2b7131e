"""The form for the shared mailbox: it saves, explains what is wrong, may be sent twice, and is for staff only."""

import base64
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from services.registry.api.intake_texts import FORM_FIELDS
from services.registry.settings import Settings
from tests.integration.registry.city import City
from tests.integration.registry.conftest import serving
from tests.integration.registry.reports import COVERED, SCHOOL, STRANGER, As, SchoolOf, ago, populate
from tests.unit.registry.files import made_up_number

pytestmark = pytest.mark.stack
Attributes = dict[str, str | None]


class Page(HTMLParser):
    """The elements of a page, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[Attributes]:
        return [attributes for name, attributes in self.elements if name == tag]

    def by_id(self, wanted: str) -> Attributes:
        return next(attributes for _, attributes in self.elements if attributes.get("id") == wanted)


@pytest.fixture
async def register(city: City) -> City:
    await populate(city)
    return city


def typed(which: int = COVERED, /, **changes: str) -> dict[str, str]:
    number = made_up_number(which)
    return {
        "begaran": str(uuid4()),
        "personnummer": f"{number[:8]}-{number[8:]}",
        "skolenhet": SCHOOL,
        "handelse": "dropout",
        "datum": ago(10),
        "fran": "",
        "andel": "",
        "rapporterad_av": "administrator",
        "mottagen": ago(2),
        "rattar": "",
        **changes,
    }


async def send(api: httpx.AsyncClient, headers: dict[str, str], form: dict[str, str]) -> httpx.Response:
    return await api.post("/intag", headers=headers, data=form)


async def test_what_is_typed_is_saved_and_nothing_personal_is_in_a_url(
    api: httpx.AsyncClient, register: City, pool: asyncpg.Pool, as_: As
) -> None:
    headers = as_("local_coordinator", "farsta", subject="lo")
    empty = await api.get("/intag", headers=headers)
    assert empty.status_code == 200
    assert Page(empty.text).by_id("mottagen")["value"] == ago(0)
    saved = await send(api, headers, typed(handelse="invalid_absence", fran=ago(40), andel="35 %"))
    assert saved.status_code == 303
    where = urlsplit(saved.headers["location"])
    report_id = UUID(where.path.removeprefix("/intag/klar/"))
    assert parse_qs(where.query) == {"utfall": ["recorded"]}
    receipt = await api.get(saved.headers["location"], headers=headers)
    assert "Rapporten är sparad" in receipt.text
    assert str(report_id) in receipt.text
    row = await pool.fetchrow("select * from school_reports")
    assert row is not None
    assert (row["id"], row["person_id"]) == (report_id, await register.youth(COVERED))
    assert (row["absence_percent"], row["channel"], row["recorded_by"]) == (35, "mailbox", "lo")
    assert row["received_on"].isoformat() == ago(2)


async def test_sent_twice_it_is_saved_once_and_no_repeat(
    api: httpx.AsyncClient, register: City, pool: asyncpg.Pool, as_: As
) -> None:
    headers, form = as_("kaa_coordinator"), typed()
    first, second = await send(api, headers, form), await send(api, headers, form)
    assert first.headers["location"] == second.headers["location"]
    assert await pool.fetchval("select times_told from school_reports") == 1
    # The back button brings the old form; what is typed into it is another report.
    other = await send(api, headers, {**form, "datum": ago(12)})
    assert other.headers["location"] != first.headers["location"]
    assert await pool.fetchval("select count(*) from school_reports") == 2
    # A second mail with the same is a repeat, and says so.
    again = await send(api, headers, typed())
    assert parse_qs(urlsplit(again.headers["location"]).query) == {"utfall": ["repeat"]}
    assert "fanns redan" in (await api.get(again.headers["location"], headers=headers)).text


async def test_city_wide_staff_are_warned_of_a_number_that_nobody_has(
    api: httpx.AsyncClient, register: City, as_: As
) -> None:
    for role, warned in (("register_superuser", True), ("local_coordinator", False)):
        saved = await send(api, as_(role), typed(STRANGER))
        receipt = await api.get(saved.headers["location"], headers=as_(role))
        assert ("Personen finns inte i registret" in receipt.text) is warned
        assert made_up_number(STRANGER)[8:] not in receipt.text + saved.headers["location"]


GROUPS = {"handelse", "rapporterad_av"}  # a group of radio buttons has no aria-invalid
WRONG: list[tuple[dict[str, str], set[str]]] = [
    (dict.fromkeys(FORM_FIELDS.values(), ""), set(FORM_FIELDS.values()) - {"fran", "andel", "rattar"}),
    ({"personnummer": "20080301-9999"}, {"personnummer"}),
    ({"personnummer": "20080301-TF01", "skolenhet": "12"}, {"personnummer", "skolenhet"}),
    ({"personnummer": "<b>x</b>" * 20}, {"personnummer"}),
    ({"handelse": "invalid_absence"}, {"fran", "andel"}),
    ({"handelse": "invalid_absence", "datum": "", "andel": "mycket"}, {"datum", "fran", "andel"}),
    ({"andel": "30"}, {"andel"}),
    ({"mottagen": ""}, {"mottagen"}),
    ({"mottagen": ago(-1)}, {"mottagen"}),
    ({"rattar": "en tidigare"}, {"rattar"}),
    ({"rattar": "0d5bb8b4-3f0e-4f43-9f9f-0a52b9f6a3c1"}, {"rattar"}),
]  # fmt: skip


async def test_what_is_wrong_is_said_on_top_and_at_each_field(
    api: httpx.AsyncClient, register: City, pool: asyncpg.Pool, as_: As
) -> None:
    for changes, fields in WRONG:
        page = await send(api, as_("kaa_coordinator"), typed(**changes))
        assert page.status_code == 422, changes
        assert "<title>Fel: " in page.text
        assert "<b>x" not in page.text
        found = Page(page.text)
        summary = found.by_id("fel")
        assert (summary["role"], summary["tabindex"], "autofocus" in summary) == ("alert", "-1", True)
        links = {str(one["href"])[1:] for one in found.all("a") if one["href"] not in ("#innehall",)}
        assert links == fields, changes
        for field in fields:
            at = found.by_id(field)
            assert at.get("aria-invalid") == (None if field in GROUPS else "true")
            assert f"{field}-fel" in str(at["aria-describedby"]).split()
            assert found.by_id(f"{field}-fel")
        # What was typed is still there, so that nothing is typed twice; and the same request goes on.
        assert found.by_id("skolenhet")["value"] == typed(**changes)["skolenhet"]
    assert await pool.fetchval("select count(*) from school_reports") == 0


async def test_a_correction_that_meets_another_says_which(api: httpx.AsyncClient, register: City, as_: As) -> None:
    headers, absence = as_("kaa_coordinator"), {"handelse": "invalid_absence", "fran": ago(40)}
    saved = await send(api, headers, typed(**absence, andel="30"))
    number = urlsplit(saved.headers["location"]).path.removeprefix("/intag/klar/")
    clash = await send(api, headers, typed(**absence, andel="60"))
    assert clash.status_code == 422
    assert number in clash.text
    right = await send(api, headers, typed(**absence, andel="60", rattar=number))
    assert parse_qs(urlsplit(right.headers["location"]).query) == {"utfall": ["correction"]}


async def test_the_page_works_for_everybody(api: httpx.AsyncClient, as_: As) -> None:
    response = await api.get("/intag", headers=as_("kaa_coordinator"))
    page = Page(response.text)
    assert page.all("html")[0]["lang"] == "sv"
    assert page.all("meta")[1]["content"] == "width=device-width, initial-scale=1"
    assert page.all("script") == page.all("img") == page.all("link") == []
    labelled = {one.get("for") for one in page.all("label")}
    for field in page.all("input"):
        if field["type"] not in ("hidden", "radio"):
            assert field["id"] in labelled
            assert field["autocomplete"] == "off"  # it is somebody else's number
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    described = " ".join(str(one.get("aria-describedby") or "") for _, one in page.elements).split()
    assert set(described) <= set(ids)
    assert len(page.all("legend")) == len(page.all("fieldset")) == 4
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["cache-control"] == "no-store"


async def test_only_staff_see_the_form(
    api: httpx.AsyncClient, pool: asyncpg.Pool, as_: As, school: SchoolOf
) -> None:
    for headers, status in (
        ({}, 401),
        ({"Authorization": "Bearer x.y.z"}, 401),
        (as_("statistician"), 403),
        (as_("special_handler"), 403),
        (school(SCHOOL), 403),
    ):
        for response in (await api.get("/intag", headers=headers), await send(api, headers, typed())):
            assert response.status_code == status
            assert response.headers["content-type"].startswith("text/html")
            assert "personnummer" not in response.text
    elsewhere = {**as_("kaa_coordinator"), "Sec-Fetch-Site": "cross-site"}
    assert (await send(api, elsewhere, typed())).status_code == 403
    assert await pool.fetchval("select count(*) from school_reports") == 0


async def test_a_token_may_be_typed_in_locally(api: httpx.AsyncClient, register: City, as_: As) -> None:
    refused = await api.post("/intag/logga-in", data={"token": "x"})
    assert (refused.status_code, "set-cookie" in refused.headers) == (401, False)
    token = as_("kaa_coordinator")["Authorization"].removeprefix("Bearer ")
    entered = await api.post("/intag/logga-in", data={"token": f" {token} "})
    assert (entered.status_code, entered.headers["location"]) == (303, "/intag")
    cookie = entered.headers["set-cookie"].lower()
    for part in ("httponly", "samesite=strict", "path=/intag", "max-age=1800"):
        assert part in cookie
    assert (await api.get("/intag")).status_code == 200  # the client keeps the cookie
    assert (await send(api, {}, typed())).status_code == 303
    assert (await api.get("/school-reports")).status_code == 401  # a cookie opens the form and nothing else
    await api.post("/intag/logga-ut")
    assert (await api.get("/intag")).status_code == 401


async def test_in_production_nothing_is_typed_in(
    settings: Settings, as_: As, register: City, tmp_path: Path
) -> None:
    keys = tmp_path / "payload-keys.json"
    keys.write_text(json.dumps({"current": "1", "keys": {"1": base64.b64encode(bytes(32)).decode()}}))
    assert settings.jwks_file is not None
    jwks = tmp_path / "jwks.json"  # as a file that the city's issuer gave
    jwks.write_text(json.dumps({"keys": json.loads(settings.jwks_file.read_text())["keys"]}))
    changed: dict[str, Any] = {"environment": "production", "payload_keys_file": keys, "jwks_file": jwks}
    async with serving(settings.model_copy(update=changed)) as api:
        assert "logga-in" not in (await api.get("/intag")).text
        token = as_("kaa_coordinator")["Authorization"].removeprefix("Bearer ")
        assert (await api.post("/intag/logga-in", data={"token": token})).status_code == 404
        assert (await api.get("/intag", headers={"Cookie": f"uppsok_intag={token}"})).status_code == 401
        assert (await api.get("/intag", headers=as_("kaa_coordinator"))).status_code == 200
