"""Navet's files against a real database: once each, change upon change, and no address where none may be."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from contracts.registry_activities import SyncRequest
from services.registry import load_navet
from services.registry.apply_navet import apply_navet
from services.registry.db import bulk, navet
from services.registry.sources.navet.files import NavetFile
from tests.integration.registry.city import City
from tests.unit.registry.files import resident
from tests.unit.registry.navet.notices import FILES, content, post

pytestmark = pytest.mark.stack

# The persons of the file made by hand, those it tells of as newcomers left out.
MOVED, MARKED, HIDDEN, LEFT, EMIGRATED, DEAD = (
    f"20080{month}01238{9 - (month + 2) % 10}" for month in range(2, 8)
)
OLD, NEW, NAMED, UNSPECIAL, UNMARKED = (
    *("200808612386", "200808012389", "200809012388", "200810012385", "200811012384"),
)
KNOWN = (MOVED, MARKED, HIDDEN, LEFT, EMIGRATED, DEAD, OLD, NAMED, UNSPECIAL, UNMARKED)


@pytest.fixture
async def town(city: City) -> City:
    """A town whose register knows the persons of the file."""
    city.residents += [resident(0, person_number=number, protection="none") for number in KNOWN]
    city.drop_all()
    await city.sync()
    return city


async def carry_out(city: City) -> list[NavetFile]:
    """Apply what is new in the folder, as a run does; return those files."""
    run = await city.open(SyncRequest(run_id=uuid4(), as_of=city.day))
    async with bulk.bulk_transaction(city.pool) as conn:
        await conn.execute("create temporary table affected (person_id uuid) on commit drop")
        at = city.activities._clock.now()
        found = await apply_navet(conn, city.folder, run.run_id, "0180", at, until=date(2026, 12, 31))
    await city.pool.execute("update sync_runs set state = 'done' where run_id = $1", run.run_id)
    return found.files


async def person(city: City, number: str) -> asyncpg.Record:
    (row,) = await city.pool.fetch(
        "select p.* from persons p join person_numbers n on n.person_id = p.id where n.number = $1", number
    )
    return row


def drop(city: City, name: str, *posts: Sequence[str], count: int | None = None) -> Path:
    path = city.folder / name
    path.write_bytes(content(*posts, count=count))
    return path


def by_hand(city: City, name: str) -> None:
    (city.folder / name).write_bytes((FILES / name).read_bytes())


async def test_a_file_of_every_kind_of_change(town: City) -> None:
    by_hand(town, "navet_20261002.txt")
    await carry_out(town)
    newcomer = await person(town, "200801012386")
    assert (newcomer["first_name"], newcomer["last_name"], newcomer["street"]) == ("Märta", "Öhrn", "Box 1")
    assert (newcomer["moved_in_on"], newcomer["immigrated_on"]) == (date(2026, 10, 1), date(2026, 9, 15))
    moved = await person(town, MOVED)
    assert (moved["street"], moved["postal_code"], moved["district"]) == ("Nygatan 2", "12346", None)
    assert (moved["phone"], moved["first_name"]) == ("+46701740605", "Förnamn0")  # not Navet's, not told
    marked, hidden = await person(town, MARKED), await person(town, HIDDEN)
    assert (marked["protection"], marked["street"]) == ("sekretessmarkering", "Provgatan 0")
    assert (hidden["protection"], hidden["street"], hidden["city"]) == ("skyddad_folkbokforing", None, None)
    ends = {}
    for number in (LEFT, EMIGRATED, DEAD):
        one = await person(town, number)
        ends[one["status"]] = (one["status_date"], one["street"], one["municipality"])
    assert ends == {
        "moved_out": (date(2026, 9, 30), None, "0184"),
        "emigrated": (date(2026, 9, 28), None, "0180"),
        "dead": (date(2026, 10, 2), None, "0180"),
    }
    assert (await person(town, OLD))["id"] == (await person(town, NEW))["id"]
    assert (await person(town, NEW))["first_name"] == "Ebba-Karin Exempel"
    assert (await person(town, NAMED))["last_name"] == "Ånyo"


async def test_nothing_is_left_of_the_address_of_who_is_hidden(town: City) -> None:
    by_hand(town, "navet_20261002.txt")
    await carry_out(town)
    rows = await town.pool.fetch(
        """select t.* from navet_persons t join persons p on p.id = t.person_id
        where p.protection = 'skyddad_folkbokforing' or p.status <> 'active'"""
    )
    assert len(rows) == 4
    assert {value for row in rows for name, value in row.items() if name not in ("person_id", "told_on")} == {None}


async def test_each_file_is_applied_once(town: City) -> None:
    by_hand(town, "navet_20261003.txt")
    by_hand(town, "navet_20261002.txt")
    assert [file.path.name for file in await carry_out(town)] == ["navet_20261002.txt", "navet_20261003.txt"]
    assert await carry_out(town) == []
    rows = await town.pool.fetch("select * from navet_files order by file_date")
    assert [(row["posts"], row["announced"], row["accepted"], row["rejected"], row["cut"]) for row in rows] == [
        *((12, 12, 12, 0, False), (14, 14, 2, 12, False)),
    ]
    # Of the second file's three good posts one is of nobody that we know; one of a marked newcomer, taken in.
    assert (rows[0]["effectuated"], rows[0]["changes_from"]) == (date(2026, 10, 2), date(2026, 10, 1))
    assert (rows[1]["unknown_terms"], rows[1]["terms_version"] != "") == ({"01099": 1}, True)
    drop(town, "navet_20261003.txt", post(("01001", NAMED), ("01014", "Rättad")))
    assert len(await carry_out(town)) == 1  # the same name, something else in it
    assert (await person(town, NAMED))["last_name"] == "Rättad"


async def test_rejects_are_kept_with_post_term_and_reason(town: City) -> None:
    drop(
        town,
        "navet_20261002.txt",
        post(("01001", NAMED), ("01034", "1")),
        post(("01001", "1")),
        post(("01001", "200812012383"), ("01014", "Okänd")),
    )
    await carry_out(town)
    (file,) = await town.pool.fetch(navet.LIST, None, None, 10)
    rows = await town.pool.fetch(navet.REJECTS, file["id"], 0, 10)
    assert [(row["post"], row["term"], row["reason"], row["kept"]) for row in rows] == [
        (1, "01034", "not_5_digits", True),
        (2, "01001", "format", False),
        (3, None, "incomplete", False),
    ]
    assert (file["accepted"], file["rejected"]) == (1, 2)


async def test_a_rejected_post_of_a_protected_youth_still_protects(town: City) -> None:
    drop(town, "navet_20261002.txt", post(("01001", NAMED), ("01020", "J"), ("01006", "TA")))
    await carry_out(town)
    one = await person(town, NAMED)
    assert (one["protection"], one["protection_in_feed"]) == ("skyddad_folkbokforing", True)
    assert (one["street"], one["status"]) == (None, "active")


async def test_what_a_cut_file_tells_counts_and_the_whole_one_is_applied_when_it_comes(town: City) -> None:
    drop(town, "navet_20261002.txt", post(("01001", NAMED), ("01014", "Först")), count=2)
    await carry_out(town)
    assert (await person(town, NAMED))["last_name"] == "Först"
    assert await town.pool.fetchval("select problems from navet_files where cut") == ["post_count"]
    whole = (post(("01001", NAMED), ("01014", "Först")), post(("01001", MOVED), ("01014", "Sedan")))
    drop(town, "navet_20261002.txt", *whole)
    await carry_out(town)
    assert (await person(town, MOVED))["last_name"] == "Sedan"


async def test_a_file_that_comes_late_overwrites_nothing_newer(town: City) -> None:
    drop(town, "navet_20261003.txt", post(("01001", NAMED), ("01014", "Nyast")))
    await carry_out(town)
    late = (("01001", NAMED), ("01014", "Äldre"), ("01003", "J"))
    drop(town, "navet_20261002.txt", post(*late), post(("01001", MOVED), ("01014", "Sen")))
    await carry_out(town)
    one = await person(town, NAMED)
    assert (one["last_name"], one["protection"]) == ("Nyast", "sekretessmarkering")
    assert (await person(town, MOVED))["last_name"] == "Sen"  # nothing newer was told of them
    assert [row["reason"] for row in await town.pool.fetch("select reason from navet_rejects")] == ["superseded"]


async def test_post_goes_to_the_special_address_from_file_to_file(town: City) -> None:
    special = (("01051", "c/o Boendet"), ("01053", "Box 1"), ("01054", "54321"), ("01055", "Boxstad"))
    gone = tuple((code, "$") for code, _ in special)
    streets = []
    for number, terms in enumerate((special, (("01033", "Nygatan 2"),), gone), start=1):
        drop(town, f"navet_2026100{number}.txt", post(("01001", MOVED), *terms))
        await carry_out(town)
        streets.append((await person(town, MOVED))["street"])
    assert streets == ["Box 1", "Box 1", "Nygatan 2"]


async def test_an_address_that_another_source_has_told_since_is_the_one_to_go_on_from(town: City) -> None:
    drop(town, "navet_20261002.txt", post(("01001", MOVED), ("01053", "Box 1"), ("01033", "Nygatan 2")))
    await carry_out(town)
    town.residents = [
        {**one, "street": "Extraktgatan 3"} if one["person_number"] == MOVED else one for one in town.residents
    ]
    await town.next_day()
    drop(town, "navet_20261003.txt", post(("01001", MOVED), ("01034", "11111")))
    await carry_out(town)
    one = await person(town, MOVED)
    assert (one["street"], one["postal_code"]) == ("Extraktgatan 3", "11111")


async def test_a_marking_that_the_feed_has_taken_back_is_not_set_again_by_another_change(town: City) -> None:
    for number, terms in enumerate(((("01003", "J"),), (("01003", "N"),), (("01014", "Ny"),)), start=1):
        drop(town, f"navet_2026100{number}.txt", post(("01001", NAMED), *terms))
        await carry_out(town)
    one = await person(town, NAMED)
    assert (one["protection"], one["protection_in_feed"]) == ("sekretessmarkering", False)  # a person may lift it


async def test_small_batches_come_to_the_same(town: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_navet, "BATCH", 1)
    third = "200812012383"
    drop(
        town,
        "navet_20261002.txt",
        post(("01002", OLD), ("01005", NEW), ("01006", "GS")),
        post(("01001", NEW), ("01005", OLD), ("01014", "Ny")),
        post(("01001", third), ("01005", NEW)),
        post(("01001", NEW), ("01005", third), ("01006", "GN")),
    )
    await carry_out(town)
    numbers = await town.pool.fetch(
        "select number, current from person_numbers where person_id = $1 order by number",
        (await person(town, OLD))["id"],
    )
    assert [tuple(row) for row in numbers] == [(NEW, False), (OLD, False), (third, True)]
    assert (await person(town, third))["last_name"] == "Ny"


async def test_all_of_a_persons_numbers_may_change_in_one_batch(town: City) -> None:
    third = "200812012383"
    drop(town, "navet_20261002.txt", post(("01001", NEW), ("01005", OLD)), post(("01001", third), ("01005", NEW)))
    await carry_out(town)
    assert (await person(town, OLD))["id"] == (await person(town, third))["id"]
