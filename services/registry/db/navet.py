"""Navet's files and what they have told of whom: each file once, and no older post over a newer one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from chassis.postgres import Connection
from services.registry.db import bulk
from services.registry.domain.facts import Protection, Status
from services.registry.domain.person_number import parse
from services.registry.sources.navet.change import Note, Reject
from services.registry.sources.navet.files import NavetFile
from services.registry.sources.navet.reader import Reader
from services.registry.sources.navet.resident import NOWHERE, Address, Resident

APPLIED = "select id from navet_files where id = any($1::uuid[])"
RECORD = """
insert into navet_files (id, file_name, sha256, file_date, run_id, terms_version, encoding, posts, announced,
    accepted, rejected, cut, problems, effectuated, changes_from, changes_to, unknown_terms, applied_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
"""
# Newest first; what the health of the source is judged by.
LIST = """
select * from navet_files where $1::date is null or (file_date, id) < ($1, $2)
order by file_date desc, id desc limit $3
"""
REJECTS = """
select id, post, term, reason, kept from navet_rejects where file_id = $1 and id > $2 order by id limit $3
"""
# What the feed says of the marking, not what we make of it: only a person lifts that.
KNOWN = """
select asked.number, p.id as person_id, coalesce(now.number, asked.number) as current_number, p.first_name,
    p.last_name, p.municipality, p.status, p.status_date,
    case when p.protection_in_feed then p.protection else 'none' end as protection,
    p.immigrated_on, p.moved_in_on, p.district, p.phone, p.email, p.care_of, p.street, p.postal_code, p.city,
    t.told_on, t.care_of as home_care_of, t.line_1, t.line_2, t.postal_code as home_postal_code,
    t.city as home_city, t.special_care_of, t.special_line_1, t.special_line_2, t.special_postal_code,
    t.special_city
from unnest($1::text[]) as asked (number)
join person_numbers n on n.number = asked.number
join persons p on p.id = n.person_id
left join person_numbers now on now.person_id = p.id and now.current
left join navet_persons t on t.person_id = p.id
"""
REMEMBER = """
insert into navet_persons as t (person_id, told_on, care_of, line_1, line_2, postal_code, city,
    special_care_of, special_line_1, special_line_2, special_postal_code, special_city)
select n.person_id, told.told_on, told.care_of, told.line_1, told.line_2, told.postal_code, told.city,
    told.special_care_of, told.special_line_1, told.special_line_2, told.special_postal_code, told.special_city
from unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::text[]) as told (number, told_on, care_of, line_1, line_2,
    postal_code, city, special_care_of, special_line_1, special_line_2, special_postal_code, special_city)
join person_numbers n on n.number = told.number
on conflict (person_id) do update set told_on = greatest(t.told_on, excluded.told_on),
    care_of = excluded.care_of, line_1 = excluded.line_1, line_2 = excluded.line_2,
    postal_code = excluded.postal_code, city = excluded.city, special_care_of = excluded.special_care_of,
    special_line_1 = excluded.special_line_1, special_line_2 = excluded.special_line_2,
    special_postal_code = excluded.special_postal_code, special_city = excluded.special_city
"""
# A marking takes effect at once, whatever else was wrong with the post; none is weakened. With skyddad
# folkbokföring no address may exist.
MARK = """
with told as (
    select n.person_id, bool_or(told.protection = 'skyddad_folkbokforing') as hides
    from unnest($1::text[], $2::text[]) as told (number, protection)
    join person_numbers n on n.number = told.number group by n.person_id
)
update persons p set
    protection = case when told.hides then 'skyddad_folkbokforing'
        when p.protection = 'none' then 'sekretessmarkering' else p.protection end,
    protection_in_feed = true,
    care_of = case when told.hides then null else p.care_of end,
    street = case when told.hides then null else p.street end,
    postal_code = case when told.hides then null else p.postal_code end,
    city = case when told.hides then null else p.city end,
    district = case when told.hides then null else p.district end
from told where p.id = told.person_id returning p.id
"""
FORGET_ADDRESSES = """
update navet_persons t set care_of = null, line_1 = null, line_2 = null, postal_code = null, city = null,
    special_care_of = null, special_line_1 = null, special_line_2 = null, special_postal_code = null,
    special_city = null
from persons p where p.id = t.person_id and p.protection = 'skyddad_folkbokforing'
    and p.id in (select person_id from person_numbers where number = any($1::text[]))
"""
_PARTS = tuple(one.name for one in fields(Address))


@dataclass(frozen=True, slots=True)
class Known:
    person_id: UUID
    resident: Resident


async def unapplied(conn: Connection, files: Sequence[NavetFile]) -> list[NavetFile]:
    """Return those files that have not been applied, in the same order."""
    applied = {row["id"] for row in await conn.fetch(APPLIED, [file.id for file in files])}
    return [file for file in files if file.id not in applied]


async def record(
    conn: Connection, file: NavetFile, run_id: UUID, reader: Reader, refused: int, at: datetime
) -> None:
    """Write down that a file has been applied, with its counts; in the transaction that applies it.

    ``reader`` has been read to its end. ``refused``: posts that it accepted and that could not be carried
    out. Raises asyncpg.UniqueViolationError when the file has been applied already.
    """
    shape = reader.shape
    first, last = shape.changes or (None, None)
    await conn.execute(
        RECORD,
        *(file.id, file.path.name, file.sha256, file.file_date, run_id, reader.terms.version, shape.encoding),
        *(reader.read, shape.announced, reader.accepted - refused, reader.rejected + refused),
        *(shape.cut, list(shape.problems), shape.effectuated, first, last, shape.unknown_terms, at),
    )


async def store_rejects(
    conn: Connection, file_id: UUID, rejects: Iterable[Reject], notes: Iterable[tuple[int, Note]]
) -> None:
    """Keep what was wrong: rejected posts, and values that posts went on without. After `record`."""
    rows = [(file_id, one.post, one.term, one.reason, False) for one in rejects]
    rows += [(file_id, post, note.term, note.reason, True) for post, note in notes]
    await bulk.copy(conn, "navet_rejects", ("file_id", "post", "term", "reason", "kept"), sorted(rows, key=_post))


async def known(conn: Connection, numbers: Iterable[str]) -> dict[str, Known]:
    """Return the persons whom the numbers, old or new, lead to."""
    rows = await bulk.fetch(conn, KNOWN, sorted(set(numbers)))
    return {row["number"]: Known(row["person_id"], _resident(row)) for row in rows}


async def remember(conn: Connection, residents: Sequence[Resident]) -> None:
    """Keep both addresses of persons, and when they were told of. Their numbers must be known by now."""
    columns: list[list[Any]] = [
        [one.person_number.digits for one in residents],
        [one.told_on for one in residents],
        *([getattr(one.registered, part) for one in residents] for part in _PARTS),
        *([getattr(one.special, part) for one in residents] for part in _PARTS),
    ]
    await bulk.execute(conn, REMEMBER, *columns)


async def mark(conn: Connection, rejects: Iterable[Reject]) -> list[UUID]:
    """Give the markings of rejected posts effect; return whom they are of, for whom must be decided anew."""
    told = [one for one in rejects if one.number is not None and one.protection is not Protection.NONE]
    if not told:
        return []
    numbers = [one.number for one in told]
    marked = await bulk.fetch(conn, MARK, numbers, [str(one.protection) for one in told])
    await bulk.execute(conn, FORGET_ADDRESSES, numbers)
    return [row["id"] for row in marked]


def _post(row: tuple[Any, ...]) -> int:
    post: int = row[1]
    return post


def _resident(row: asyncpg.Record) -> Resident:
    home = Address(row["home_care_of"], row["line_1"], row["line_2"], row["home_postal_code"], row["home_city"])
    special = Address(*(row[f"special_{part}"] for part in _PARTS))
    post = special or home
    stored = (row["care_of"], row["street"], row["postal_code"], row["city"])
    if stored != (post.care_of, post.street, post.postal_code, post.city):
        # Another source has told of another address since (or Navet never has): that is the one to go on from.
        home, special = Address(row["care_of"], None, row["street"], row["postal_code"], row["city"]), NOWHERE
    told_on: date | None = row["told_on"]
    return Resident(
        person_number=parse(row["current_number"]),
        first_name=row["first_name"],
        last_name=row["last_name"],
        municipality=row["municipality"],
        status=Status(row["status"]),
        status_date=row["status_date"],
        registered=home,
        special=special,
        protection=Protection(row["protection"]),
        immigrated_on=row["immigrated_on"],
        moved_in_on=row["moved_in_on"],
        district=row["district"],
        phone=row["phone"],
        email=row["email"],
        told_on=told_on,
    )
