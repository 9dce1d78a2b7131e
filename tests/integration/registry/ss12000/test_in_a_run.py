"""A school's server that is broken on purpose: what a whole run makes of it, and what the superuser is told."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from chassis import temporal
from contracts.registry_activities import SyncReport
from services.registry.settings import Settings
from tests.integration.registry.city import City, counts
from tests.integration.registry.ss12000.conftest import MakeSchool, Served
from tests.integration.registry.ss12000.school import enrolment, pupil
from tests.integration.registry.ss12000.school_server import TOKEN_PATH
from tests.integration.registry.test_broken_files import looked_at
from tests.unit.registry.files import placement, resident

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
PUPILS = 24  # of whom the server alone tells
SERVER = "ss12000:skolan"
PATIENCE = {"timeout_seconds": 0.5, "attempts": 2, "first_wait_seconds": 0.01, "longest_wait_seconds": 0.02}


@dataclass
class ServedCity:
    """A city that reads a school's server; ``servers`` is what its settings file names."""

    city: City
    served: Served
    file: Path
    servers: list[dict[str, Any]] = field(default_factory=list)
    came: int = 0

    def write(self, **how: Any) -> None:
        self.file.write_text(json.dumps({"servers": self.servers, "whole_every_days": 1, **how}))

    async def night(self, *, newcomer: bool = False) -> SyncReport:
        """The next day at four. A newcomer attends no school that anybody tells of."""
        if newcomer:
            self.city.residents.append(resident(200 + self.came))
            self.came += 1
        self.city.night_of(self.city.day + timedelta(days=1))
        self.city.drop_all()
        return await self.city.sync()


@pytest.fixture
async def city_with_school(city: City, settings: Settings, make_school: MakeSchool) -> ServedCity:
    """Pupils who are not covered because the server tells of them."""
    served = await make_school(persons=[pupil(which) for which in range(PUPILS)])
    made = ServedCity(city, served, city.folder / "servers.json")
    server = json.loads(served.config(patience=PATIENCE, page_size=4).model_dump_json(exclude_defaults=True))
    made.servers.append(server | {"secret_file": str(served.secret_file)})
    made.write()
    city.settings = city.settings.model_copy(update={"registry_ss12000_file": made.file})
    city.residents += [resident(which) for which in range(PUPILS)]
    report = await made.night()
    assert (counts(report), await looked_at(city)) == ((0, 0, 0), [])
    return made


FAILS = {
    "429 again and again": ("/persons", ["status 429"] * 2, "/persons: http_429"),
    "429 and told to wait for an hour": ("/persons", ["status 429 3600"], "/persons: told_to_wait"),
    "500 on the second page": ("/persons", ["ok", *["status 500"] * 2], "/persons: http_500"),
    "no answer": ("/persons", ["slow 2"] * 2, "/persons: timeout"),
    "half a page": ("/persons", ["ok", "drop", "drop"], "/persons: unreachable"),
    "no JSON": ("/persons", ["body <html>"], "/persons: not_json"),
    "another shape": ("/persons", ['body {"data": {}}'], "/persons: unexpected_shape"),
    "a token that nobody takes": ("/persons", ["expire"] * 2, "/persons: http_401"),
    "no token": (TOKEN_PATH, ["status 503"] * 2, "token: http_503"),
}


async def test_a_server_that_fails_begins_and_ends_nothing(city_with_school: ServedCity) -> None:
    """Each way of failing: nobody ends, nobody begins, the files go on; the next good night makes up for it."""
    made, school = city_with_school, city_with_school.served.school
    for how, (path, trouble, why) in FAILS.items():
        school.trouble[path] = list(trouble)
        report = await made.night(newcomer=True)
        assert (counts(report), report.registrations_held) == ((0, 0, 0), 1), how
        assert [one.held for one in report.sources] == [None] * 4, how
        assert await looked_at(made.city) == [(SERVER, "failed")], how
        assert await made.city.pool.fetchval("select failed from ss12000_servers") == why, how
        school.trouble.clear()
        assert counts(await made.night()) == (1, 0, 0), how
        assert await looked_at(made.city) == [], how


async def test_what_passes_is_no_trouble(city_with_school: ServedCity) -> None:
    school = city_with_school.served.school
    for trouble in (["status 429"], ["ok", "status 500"], ["ok", "drop"], ["ok", "expire"]):
        school.trouble["/persons"] = list(trouble)
        assert counts(await city_with_school.night(newcomer=True)) == (1, 0, 0), trouble
        assert await looked_at(city_with_school.city) == [], trouble


async def test_pages_in_another_order_leave_out_nobody(city_with_school: ServedCity) -> None:
    """Who comes twice is in somebody's place: such a reading takes nothing away, and is made again."""
    made = city_with_school
    made.served.school.trouble["/persons"] = ["ok", "turn", "ok"]
    assert counts(await made.night()) == (0, 0, 0)
    assert await looked_at(made.city) == [(SERVER, "damaged")]
    held = await made.city.pool.fetchval("select held from ss12000_servers")
    assert held == "The list moved while it was read: 4 persons came twice."
    assert (counts(await made.night()), await looked_at(made.city)) == ((0, 0, 0), [])


async def test_what_is_not_understood_takes_nothing_from_anybody(city_with_school: ServedCity) -> None:
    made, school = city_with_school, city_with_school.served.school
    school.strays = True
    school.persons[0]["enrolments"] = [enrolment("GYX")]  # a school type that nobody knows
    school.persons[1]["civicNo"] = {"value": "20080301TF01"}
    del school.persons[2]["enrolments"][0]["startDate"]
    del school.persons[3]["meta"]
    school.persons += [pupil(4, id="not an id"), {"id": None}]  # beside the one whom we know
    report = await made.night(newcomer=True)
    assert (counts(report), report.registrations_held) == ((1, 0, 0), 0)
    rejects = "select entity, row, field, reason from ss12000_rejects order by row, field"
    found = [tuple(row) for row in await made.city.pool.fetch(rejects)]
    assert [row for row in found if row[1] < 3] == [
        ("person", 1, "enrolments.schoolType", "unknown_code"),
        ("person", 2, "civicNo.value", "interim_number"),
    ]
    assert await looked_at(made.city) == []


async def test_a_loss_is_held_until_a_person_finds_it_right(
    city_with_school: ServedCity, api: httpx.AsyncClient, as_: As, settings: Settings
) -> None:
    made = city_with_school
    del made.served.school.persons[12:]
    assert counts(await made.night()) == (0, 0, 0)
    assert await looked_at(made.city) == [(SERVER, "shrunk")]
    report = await released(made, api, as_, settings)
    assert (counts(report), await looked_at(made.city)) == ((12, 0, 0), [])


async def test_a_server_that_is_removed_from_the_settings(
    city_with_school: ServedCity, api: httpx.AsyncClient, as_: As, settings: Settings
) -> None:
    """What it told stands, and the superuser is told, night after night: until it is back, or is let go."""
    made = city_with_school
    servers = made.servers
    for how in ("no server", "no file", "back"):
        made.servers = servers if how == "back" else []
        made.write()
        file = None if how == "no file" else made.file
        made.city.settings = made.city.settings.model_copy(update={"registry_ss12000_file": file})
        assert counts(await made.night()) == (0, 0, 0)
        assert await looked_at(made.city) == ([] if how == "back" else [(SERVER, "removed")])
    made.servers = []
    made.write()
    report = await made.night(newcomer=True)
    assert (counts(report), report.registrations_held) == ((0, 0, 0), 1)  # as with one that is silent
    detail = await made.city.pool.fetchval("select detail from attentions where closed_at is null")
    assert detail == "The server is not in the settings any more; 24 enrolments that it told of still stand."
    report = await released(made, api, as_, settings)
    assert (counts(report), await looked_at(made.city)) == ((PUPILS + 1, 0, 0), [])
    for table in ("ss12000_servers", "ss12000_rows"):
        assert await made.city.pool.fetchval(f"select count(*) from {table}") == 0
    made.city.placements += [placement(which) for which in range(3)]
    assert counts(await made.night(newcomer=True)) == (1, 0, 3)


async def test_settings_that_do_not_hold_stop_no_run(city_with_school: ServedCity) -> None:
    """It cannot be told which servers there are: they are as if they failed, and none as if it were removed."""
    made = city_with_school
    made.file.write_text('{"servers": 1}')
    report = await made.night(newcomer=True)
    assert (counts(report), report.registrations_held) == ((0, 0, 0), 1)
    assert await looked_at(made.city) == [("ss12000", "failed")]
    made.file.unlink()
    assert counts(await made.night()) == (0, 0, 0)
    assert await looked_at(made.city) == [("ss12000", "failed")]
    made.write()
    assert (counts(await made.night()), await looked_at(made.city)) == ((1, 0, 0), [])


async def released(made: ServedCity, api: httpx.AsyncClient, as_: As, settings: Settings) -> SyncReport:
    """The superuser says that it is right; the test does the run that is started."""
    superuser = as_("register_superuser")
    [found] = (await api.get("/attentions?open=true", headers=superuser)).json()["items"]
    answer = await api.post(f"/attentions/{found['attention_id']}/release", headers=superuser)
    assert answer.status_code == 202, answer.text
    run_id = UUID(answer.json()["run_id"])
    client = await temporal.connect(settings)
    await client.get_workflow_handle(f"register-sync/{run_id}").terminate()
    await made.city.pool.execute("update sync_runs set as_of = $2 where run_id = $1", run_id, made.city.day)
    return await made.city.sync(run_id)
