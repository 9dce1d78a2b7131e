"""The data-subject export, through HTTP between the services, on real databases."""

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import pypdf
import pytest

from tests.integration.export.conftest import Town
from tests.integration.export.seeded import OF_GUARDIANS, STAFF, Seeded

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
YOUTH_ASKED = {"reason": "youth_asked"}


async def export(
    town: Town, youth: Seeded, headers: dict[str, str], url: str = "", body: dict[str, str] | None = None
) -> httpx.Response:
    path = f"/youths/{youth.youth}/export{url}"
    return await town.registry.post(path, json=body or YOUTH_ASKED, headers=headers)


async def rows(town: Town, service: str, query: str, *arguments: Any) -> list[asyncpg.Record]:
    conn = await asyncpg.connect(town.databases[service].migrator_url)
    try:
        return list(await conn.fetch(query, *arguments))
    finally:
        await conn.close()


def squeezed(text: str) -> str:
    return "".join(text.split())


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


async def test_everything_about_one_youth_and_nothing_about_another(town: Town, as_: As) -> None:
    youth, other = town.youths["minor"], town.youths["other"]
    answer = await export(town, youth, as_("register_superuser"))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    document = answer.json()
    text = json.dumps(document, ensure_ascii=False)
    assert {canary for canary in youth.canaries() if canary not in text} == set()
    assert {
        name
        for service, sections in document["services"].items()
        for name, found in sections.items()
        if not found and name not in ("person_merges", "events_told", "events_not_handled")
    } == set()
    assert youth.number in text
    letters = [row["content_base64"] for row in document["services"]["notifications"]["documents"]
               if "content_base64" in row]  # fmt: skip
    assert [base64.b64decode(one).decode() for one in letters] == [f"letter{youth.tag}"]
    # Its words: the four digits of the tag alone can be in any id by chance.
    assert {canary for canary in other.canaries() if canary in text} == set()
    assert str(other.youth) not in text
    assert other.number not in text


async def test_the_read_log_tells_the_function_and_not_the_name(town: Town, as_: As) -> None:
    answer = await export(town, town.youths["minor"], as_("kaa_coordinator", subject="doris"))
    document = answer.json()
    looks = {(look["service"], look["function"], look["action"]) for look in document["read_log"]}
    assert looks >= {
        ("registry", "local_coordinator", "youth.read"),
        ("outreach", "special_handler", "journey.read"),
        ("notifications", "kaa_coordinator", "message.read"),
        ("reporting", "operator", "dead_letter.replay"),
        ("registry", "kaa_coordinator", "youth.export"),  # this very one
        ("outreach", "service", "subject_data.read"),
    }
    assert [look["at"] for look in document["read_log"]] == sorted(
        (look["at"] for look in document["read_log"]), reverse=True
    )
    assert STAFF not in answer.text
    assert "doris" not in answer.text


async def test_each_export_is_on_record(town: Town, as_: As) -> None:
    youth = town.youths["other"]
    assert (await export(town, youth, as_("kaa_coordinator", subject="edith"))).status_code == 200
    query = "select actor, role, subject from audit where youth_id = $1 and action = $2"
    found = await rows(town, "registry", query, youth.youth, "youth.export")
    assert [tuple(row) for row in found] == [("edith", "kaa_coordinator", "youth_asked")]
    for service in ("outreach", "notifications", "reporting"):
        asked = await rows(town, service, query, youth.youth, "subject_data.read")
        assert [tuple(row) for row in asked] == [("test-service", "service", None)]


async def test_the_pdf_says_the_same_in_swedish(town: Town, as_: As) -> None:
    youth = town.youths["minor"]
    headers = as_("register_superuser") | {"Accept": "application/pdf"}
    answer = await export(town, youth, headers)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    text = text_of(answer.content)
    shown = squeezed(text)
    hidden = {f"event{youth.tag}", f"dead{youth.tag}", f"SM{youth.tag}", f"server{youth.tag}"}  # for machines
    assert {canary for canary in youth.canaries() - hidden if canary not in shown} == set()
    assert f"Förnamn{youth.tag} Efternamn{youth.tag}" in text
    for words in ("Registerutdrag", "artikel 15", "Vårdnadshavare", "Din plan", "Vad som stod i dem",
                  "Vem som har läst eller ändrat dina uppgifter", "Lokal samordnare", "Läste dina uppgifter",
                  "Gjorde ett registerutdrag av dina uppgifter"):  # fmt: skip
        assert squeezed(words) in shown
    assert "åäö" in text
    assert found(town.youths["other"], shown) == set()
    assert STAFF not in shown


def found(youth: Seeded, text: str) -> set[str]:
    """What of a youth stands in a text. By words: the digits of the tag alone can be in any id by chance."""
    return {canary for canary in youth.canaries() if canary in text}


async def test_guardians_of_who_is_of_age_are_told_of_without_their_own_data(town: Town, as_: As) -> None:
    youth = town.youths["of_age"]
    answer = await export(town, youth, as_("register_superuser"))
    theirs = {canary.format(tag=youth.tag) for canary in OF_GUARDIANS}
    assert {canary for canary in theirs if canary in answer.text} == set()
    assert {canary for canary in youth.canaries() - theirs if canary not in answer.text} == set()
    (guardian,) = answer.json()["services"]["registry"]["guardians"]
    assert guardian["relation"] == "parent"
    assert guardian["withheld"] == "guardian"
    asked = await export(town, youth, as_("register_superuser"), body={"reason": "guardian_asked"})
    assert asked.status_code == 409
    minors = await export(town, town.youths["minor"], as_("register_superuser"), body={"reason": "guardian_asked"})
    assert minors.status_code == 200


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("register_superuser", 200),
        ("kaa_coordinator", 200),
        ("special_handler", 404),  # of protected identities only
        ("local_coordinator", 403),
        ("statistician", 403),
        ("operator", 403),
        ("service", 403),
        ("school", 403),
    ],
)
async def test_who_may_export(town: Town, as_: As, role: str, status: int) -> None:
    assert (await export(town, town.youths["minor"], as_(role))).status_code == status


async def test_a_protected_identity_is_exported_by_its_special_handler_who_says_why(town: Town, as_: As) -> None:
    youth = town.youths["protected"]
    for role in ("register_superuser", "kaa_coordinator"):
        assert (await export(town, youth, as_(role))).status_code == 403
    assert (await export(town, youth, as_("special_handler"))).status_code == 403
    answer = await export(town, youth, as_("special_handler"), "?reason=begaran%20om%20utdrag")
    assert answer.status_code == 200
    assert f"Gatan{youth.tag}" in answer.text
    assert answer.json()["read_log"][0]["why"] == "begaran om utdrag"


@pytest.mark.parametrize("service", ["outreach", "notifications", "reporting"])
async def test_the_parts_are_for_services_alone(town: Town, as_: As, service: str) -> None:
    url = f"{town.urls[service]}/subject-data/{town.youths['minor'].youth}"
    async with httpx.AsyncClient() as client:
        assert (await client.get(url)).status_code == 401
        for role in ("register_superuser", "kaa_coordinator", "special_handler", "local_coordinator", "school"):
            assert (await client.get(url, headers=as_(role))).status_code == 403
        answer = await client.get(url, headers=as_("service"))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert found(town.youths["other"], answer.text) == set()


async def test_an_unknown_youth_and_a_wrong_body(town: Town, as_: As) -> None:
    nobody = Seeded("0000", "200001011234")
    assert (await export(town, nobody, as_("register_superuser"))).status_code == 404
    asked = await export(town, town.youths["minor"], as_("register_superuser"), body={"reason": "curious"})
    assert asked.status_code == 422
    assert (await town.registry.post(f"/youths/{nobody.youth}/export", json=YOUTH_ASKED)).status_code == 401


async def test_a_service_that_is_away_is_named_and_nothing_is_handed_out(
    town: Town, as_: As, make_app: Callable[..., Any]
) -> None:
    youth = town.youths["protected"]
    before = await rows(town, "registry", "select from audit where action = 'youth.export'")
    away = {f"UPPSOK_REGISTRY_{other.upper()}_URL": town.urls[other] for other in ("outreach", "reporting")} | {
        "UPPSOK_REGISTRY_NOTIFICATIONS_URL": "http://127.0.0.1:9"
    }
    app = make_app("registry", town.databases["registry"], away)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        answer = await client.post(
            f"/youths/{youth.youth}/export?reason=begaran", json=YOUTH_ASKED, headers=as_("special_handler")
        )
    assert answer.status_code == 503
    assert answer.json()["service"] == "notifications"
    assert found(youth, answer.text) == set()
    after = await rows(town, "registry", "select from audit where action = 'youth.export'")
    assert len(after) == len(before)


async def test_what_was_merged_into_the_youth_is_in_the_export(town: Town, as_: As) -> None:
    """The last test of the file: two of its youths become one."""
    youth, double = town.youths["minor"], town.youths["double"]
    conn = await asyncpg.connect(town.databases["registry"].app_url)
    try:
        await conn.execute(
            "insert into person_merges (person_id, into_id, numbers, known_from) values ($1, $2, $3, now())",
            double.youth, youth.youth, [double.number],
        )  # fmt: skip
        await conn.execute("update person_numbers set person_id = $2, current = false where person_id = $1",
                           double.youth, youth.youth)  # fmt: skip
        await conn.execute("update persons set merged_into = $2 where id = $1", double.youth, youth.youth)
    finally:
        await conn.close()
    answer = await export(town, youth, as_("register_superuser"))
    document = answer.json()
    assert document["other_ids"] == [str(double.youth)]
    both = youth.canaries() | double.canaries()
    assert {canary for canary in both if canary not in answer.text} == set()
    assert double.number in answer.text
    assert len(document["services"]["registry"]["person_merges"]) == 1

    merged = await export(town, double, as_("register_superuser"), "?reason=begaran")
    assert merged.status_code == 308
    assert merged.headers["Location"] == f"/youths/{youth.youth}/export?reason=begaran"
    followed = await town.registry.post(
        merged.headers["Location"], json=YOUTH_ASKED, headers=as_("register_superuser")
    )
    assert followed.json()["youth_id"] == str(youth.youth)
    assert (await export(town, double, as_("local_coordinator", "farsta"))).status_code == 403
