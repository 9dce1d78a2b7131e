"""Two cities that are told the same every night, by every kind of source. One of them is harmed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx

from chassis.clock import CivilClock, ClockSpec
from deploy.local.databases import Database
from services.registry.settings import Settings
from tests.integration.registry.city import City, exam, schooling
from tests.integration.registry.reports import OTHER_SCHOOL, SCHOOL, dropout
from tests.integration.registry.ss12000.school import enrolment, pupil
from tests.integration.registry.ss12000.school_server import SchoolServer
from tests.unit.registry.files import made_up_number, placement, resident
from tests.unit.registry.navet.notices import content, post

CLOCK = CivilClock(ClockSpec())
TODAY = CLOCK.today()
COVERED = 120  # to begin with; each night is about some of them
OF_A_NIGHT = 7
PUPILS, PLACED, NEWCOMERS = 100, 120, 200  # bystanders that a server tells of too, others, and who moves in
ENTRIES = UUID("6f2f6b1a-52f1-4f0e-9a55-0c7f4a0c5b01")
Headers = Callable[..., dict[str, str]]


@dataclass
class Twin:
    """A city of its own, and the API of its registry."""

    city: City
    api: httpx.AsyncClient
    database: Database

    async def covered(self, headers: dict[str, str]) -> dict[str, Any]:
        """Who is covered, as the API tells it: by id."""
        found: dict[str, Any] = {}
        cursor: str | None = None
        while True:
            params = {"covered": "true", "limit": "500"} | ({} if cursor is None else {"cursor": cursor})
            answer = await self.api.get("/youths", headers=headers, params=params)
            assert answer.status_code == 200, answer.text
            found |= {one["youth_id"]: one for one in answer.json()["items"]}
            if (cursor := answer.json()["next"]) is None:
                return found


def environment(settings: Settings) -> dict[str, str]:
    """What a process of a city's registry is told."""
    return {
        "UPPSOK_ENVIRONMENT": "test",
        "DATABASE_URL_REGISTRY": settings.database_url,
        "UPPSOK_REGISTRY_DROP_FOLDER": str(settings.registry_drop_folder),
        "UPPSOK_REGISTRY_SS12000_FILE": str(settings.registry_ss12000_file),
    }


def write_servers(folder: Path, base_url: str, token_url: str, client_id: str, secret: str) -> Path:
    """Write the settings of the school's server; return the file."""
    (folder / "secret").write_text(secret, encoding="utf-8")
    server = {"base_url": base_url, "token_url": token_url, "client_id": client_id, "secret_file": "secret"}
    file = folder / "servers.json"
    file.write_text(json.dumps({"servers": [{"name": "skolan", "page_size": 8, **server}]}), encoding="utf-8")
    return file


@dataclass
class Twins:
    harmed: Twin
    unharmed: Twin
    school: SchoolServer
    as_: Headers
    as_school: Headers
    night: int = 0

    @property
    def superuser(self) -> dict[str, str]:
        return self.as_("register_superuser")

    async def begin(self) -> None:
        """The first night: nothing is harmed yet."""
        first, second = self.harmed.city, self.unharmed.city
        first.day = second.day = TODAY
        first.residents += [resident(which) for which in range(COVERED) if which < PUPILS]
        first.schools += [schooling(which) for which in range(PUPILS)]
        first.exams += [exam(PUPILS + which, "studiebevis") for which in range(40)]
        self.school.persons += [pupil(PUPILS + which) for which in range(20)]
        second.residents, second.placements = first.residents, first.placements
        second.schools, second.exams = first.schools, first.exams
        for twin in (self.harmed, self.unharmed):
            twin.city.drop_all()
            report = await twin.city.sync()
            assert (report.covered, [one.held for one in report.sources]) == (PUPILS, [None] * 4)

    async def another_day(self) -> None:
        """Every source has news: of each kind somebody begins, ends or changes because of it."""
        night, first = self.night, self.night * OF_A_NIGHT
        self.night += 1
        dead, starts, graduates, moves, pupil_again, marked, entered = range(first, first + OF_A_NIGHT)
        city = self.harmed.city  # the other has the same lists
        self._change(city.residents, dead, status="dead", status_date=str(TODAY))
        city.placements.append(placement(starts, school_unit="23456789", starts_on=str(TODAY)))
        self._change(city.placements, PLACED + night, ends_on=str(TODAY - timedelta(days=3)), end_kind="dropout")
        city.exams.append(exam(graduates, "gymnasieexamen", str(TODAY)))
        city.residents.append(resident(NEWCOMERS + night, moved_in_on=str(TODAY)))
        city.schools.append(schooling(NEWCOMERS + night, phone="070-174 06 21"))
        notices = content(
            post(("01001", made_up_number(moves)), ("01021", f"{TODAY:%Y%m%d}"), ("01022", "01"), ("01023", "84")),
            post(("01001", made_up_number(marked)), ("01003", "J")),
            post(("01001", "1")),  # nobody's
        )
        self.school.persons.append(
            pupil(
                pupil_again,
                enrolment(startDate=str(TODAY)),
                meta={"created": _now().isoformat(), "modified": _now().isoformat()},
            )
        )
        for twin in (self.harmed, self.unharmed):
            twin.city.drop_all()
            (twin.city.folder / f"navet_{TODAY:%Y%m%d}_{night:02}.txt").write_bytes(notices)
            await self._tell(twin.api, dropout(PUPILS + night, school_unit=SCHOOL))
            # Of who comes with this night's file: until then the report waits.
            await self._tell(twin.api, dropout(NEWCOMERS + night, school_unit=OTHER_SCHOOL))
            await self._enter(twin, entered)

    async def _tell(self, api: httpx.AsyncClient, report: dict[str, Any]) -> None:
        headers = self.as_school(report["school_unit"])
        answer = await api.post("/school-reports", headers=headers, json=report)
        assert answer.status_code == 201, answer.text

    async def _enter(self, twin: Twin, which: int) -> None:
        youth_id = await twin.city.youth(which)
        fact = {"fact": "enrolled", "school_unit": "34567890", "kind": "equivalent"}
        days = {"starts_on": str(TODAY - timedelta(days=30)), "ends_on": str(TODAY + timedelta(days=200))}
        entry = {"reason": "school_not_in_registers", "told_by": "school", "known_on": str(TODAY)}
        url = f"/youths/{youth_id}/manual-entries/{uuid5(ENTRIES, str(which))}"
        answer = await twin.api.put(url, headers=self.superuser, json={"fact": fact | days, **entry})
        assert answer.status_code == 201, answer.text

    @staticmethod
    def _change(records: list[Any], which: int, **changes: str) -> None:
        number = made_up_number(which)
        place = next(index for index, one in enumerate(records) if one["person_number"] == number)
        records[place] = {**records[place], **changes}


def _now() -> datetime:
    return CLOCK.now().replace(microsecond=0)
