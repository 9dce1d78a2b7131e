"""Navet's files, broken on purpose: what a whole run makes of them, and what the superuser is told."""

from pathlib import Path

import pytest

from contracts.registry_activities import Source, SyncRequest
from services.registry.db import navet as db
from services.registry.sources.unchanged import FileChanged
from tests.integration.registry.city import City, counts
from tests.integration.registry.test_broken_files import looked_at
from tests.unit.registry.files import made_up_number, resident
from tests.unit.registry.navet.notices import content, post

pytestmark = pytest.mark.stack
ONE, OTHER = made_up_number(0), made_up_number(1)
DEAD = (("01006", "AV"), ("01007", "20261001"))
REJECTS = "select post, term, reason, kept from navet_rejects order by id"


@pytest.fixture
async def settled(city: City) -> City:
    city.residents += [resident(which) for which in range(10)]
    city.drop_all()
    assert (await city.sync()).covered == 10
    return city


def drop(city: City, data: bytes, name: str = "") -> Path:
    path = city.folder / (name or f"navet_{city.day:%Y%m%d}.txt")
    path.write_bytes(data)
    return path


async def test_a_cut_file_is_told_of_until_it_comes_whole(settled: City) -> None:
    whole = content(post(("01001", ONE), *DEAD), post(("01001", OTHER), *DEAD))
    drop(settled, whole[: whole.index(b"#POST_SLUT") + 20])
    assert counts(await settled.sync()) == (0, 0, 1)  # what it does say counts
    assert counts(await settled.sync()) == (0, 0, 0)
    assert await looked_at(settled) == [("navet", "damaged")]
    drop(settled, whole)
    assert counts(await settled.sync()) == (0, 0, 1)
    assert await looked_at(settled) == []


async def test_what_a_cut_file_lacks_the_next_extract_has(settled: City) -> None:
    drop(settled, content(post(("01001", ONE), ("01014", "Ny")), count=2))
    await settled.sync()
    assert await looked_at(settled) == [("navet", "damaged")]
    assert counts(await settled.next_day()) == (0, 0, 0)
    assert await looked_at(settled) == []


@pytest.mark.parametrize("data", [b"", b"person_number;first_name\n1;2\n", bytes(range(256)) * 9])
async def test_a_file_of_something_else(settled: City, data: bytes) -> None:
    drop(settled, data)
    assert counts(await settled.sync()) == (0, 0, 0)
    assert await looked_at(settled) == [("navet", "damaged")]


async def test_a_file_that_is_passed_over_stops_nothing(settled: City) -> None:
    """Not to be opened, or of a day that lies ahead; the others count, and it does when it can."""
    drop(settled, content(post(("01001", ONE), *DEAD)), "navet_20261001_b.txt")
    blocked = settled.folder / "navet_20261001_a.txt"
    blocked.mkdir()
    assert counts(await settled.sync()) == (0, 0, 1)
    assert await looked_at(settled) == [("navet", "failed")]
    blocked.rmdir()
    ahead = drop(settled, content(post(("01001", OTHER), *DEAD)), "navet_21061001.txt")
    assert counts(await settled.sync()) == (0, 0, 0)
    detail = await settled.pool.fetchval("select detail from attentions where closed_at is null")
    assert detail == "A file is of a day that lies ahead (2106-10-01)."
    ahead.rename(settled.folder / "navet_20261001_c.txt")
    assert counts(await settled.sync()) == (0, 0, 1)
    assert await looked_at(settled) == []


async def test_posts_twice_against_each_other_and_bad_ones(settled: City) -> None:
    """In their order: the last word counts, and a death is not undone by an address."""
    drop(
        settled,
        content(
            post(("01001", ONE), ("01014", "Först")),
            post(("01001", ONE), ("01014", "Först")),
            post(("01001", "200803019999"), ("01014", "Ingen")),
            post(("01001", ONE), ("01014", "Sist")),
            post(("01001", OTHER), *DEAD),
            post(("01001", OTHER), ("01033", "Nygatan 1")),
        ),
    )
    assert counts(await settled.sync()) == (0, 0, 1)
    names = "select last_name from persons p join person_numbers n on n.person_id = p.id where number = $1"
    assert await settled.pool.fetchval(names, ONE) == "Sist"
    assert [tuple(row) for row in await settled.pool.fetch(REJECTS)] == [(3, "01001", "check_digit", False)]
    assert await looked_at(settled) == []


async def test_a_file_that_changes_while_it_is_read_is_read_again(
    settled: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run fails as a whole, and is tried again: nothing of half a file is left."""
    path = drop(settled, content(post(("01001", ONE), *DEAD)))
    known = db.known

    async def meanwhile(*asked: object) -> object:
        path.write_bytes(content(post(("01001", OTHER), *DEAD)))
        return await known(*asked)  # type: ignore[arg-type]

    run = await settled.open(SyncRequest(as_of=settled.day))
    for source in Source:
        await settled.load(run, source)
    with monkeypatch.context() as patch:
        patch.setattr(db, "known", meanwhile)
        with pytest.raises(FileChanged):
            await settled.apply(run)
    assert await settled.pool.fetchval("select count(*) from navet_files") == 0
    assert counts(await settled.apply(run)) == (0, 0, 1)
    ended = await settled.pool.fetchval("select person_id from episodes where ended_on is not null")
    assert ended == await settled.youth(1)
