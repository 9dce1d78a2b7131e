"""Reading one server: `open_feed`, then `fetch`, then the delivery's batches one by one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import httpx

from chassis.clock import STOCKHOLM, CivilClock
from services.registry.sources.ss12000 import tls
from services.registry.sources.ss12000.api import Api
from services.registry.sources.ss12000.asking import Asker, Sleep
from services.registry.sources.ss12000.attendance import Attendance
from services.registry.sources.ss12000.config import AbsenceRule, FeedConfig, ServerConfig
from services.registry.sources.ss12000.delivery import Batch, Counts, Delivery, Kind, Reject, Told
from services.registry.sources.ss12000.failures import FeedFailed, NotOffered
from services.registry.sources.ss12000.listing import pages
from services.registry.sources.ss12000.persons import PersonReader
from services.registry.sources.ss12000.references import References, as_uuid
from services.registry.sources.ss12000.tokens import Tokens

Query = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Feed:
    """An open connection to one server."""

    server: ServerConfig
    overlap: timedelta
    clock: CivilClock
    asker: Asker
    api: Api

    def list(self, path: str, filters: Query) -> AsyncIterator[object]:
        server = self.server
        return pages(self.api, path, filters, page_size=server.page_size, most_pages=server.most_pages)


@asynccontextmanager
async def open_feed(
    config: FeedConfig, server: ServerConfig, clock: CivilClock, *, sleep: Sleep = asyncio.sleep
) -> AsyncIterator[Feed]:
    """Give a feed; its connections are closed at the end. ``sleep`` waits real seconds. Raises FeedFailed when the
    files for TLS cannot be used."""
    timeout = httpx.Timeout(server.patience.timeout_seconds)
    verify = await asyncio.to_thread(tls.context, server)
    async with httpx.AsyncClient(timeout=timeout, follow_redirects=False, verify=verify) as http:
        asker = Asker(http, server.patience, server.largest_page_bytes, sleep=sleep)
        api = Api(server, asker, Tokens(server, asker))
        yield Feed(server, timedelta(minutes=config.overlap_minutes), clock, asker, api)


async def fetch(feed: Feed, since: datetime | None, absences: tuple[date, date] | None = None) -> Delivery:
    """Begin to read a server: everything (``since`` None), or what changed after ``since``.

    ``absences`` is a period (days inclusive) for which the sums of attendance are read too. School units and
    programmes are read at once, persons and the rest when the batches are iterated. Raises FeedFailed.
    """
    read_at = feed.clock.now()
    counts = Counts()
    refs, rejects = await _references(feed, counts)
    return Delivery(
        server=feed.server.name,
        kind=Kind.WHOLE if since is None else Kind.CHANGES,
        read_at=read_at,
        next_since=read_at.astimezone(UTC) - feed.overlap,  # in UTC: no wall-clock arithmetic
        counts=counts,
        batches=_batches(feed, since, absences, refs, rejects, counts, read_at.astimezone(STOCKHOLM).date()),
        absences_until=None if absences is None else absences[1],
    )


async def _references(feed: Feed, counts: Counts) -> tuple[References, list[Reject]]:
    server = feed.server
    refs = References(dict(server.school_units), server.default_school_unit)
    rejects: list[Reject] = []
    for path, add, optional in (
        ("/organisations", refs.add_organisations, bool(server.school_units or server.default_school_unit)),
        ("/programmes", refs.add_programmes, True),
    ):
        row = 1
        try:
            async for page in feed.list(path, []):
                page = _as_list(path, page)
                counts.pages += 1
                rejects += add(page, row)
                row += len(page)
        except NotOffered as refused:
            if not optional:
                raise
            counts.not_read[path] = refused.reason
    return refs, rejects


async def _batches(
    feed: Feed,
    since: datetime | None,
    absences: tuple[date, date] | None,
    refs: References,
    rejects: list[Reject],
    counts: Counts,
    read_on: date,
) -> AsyncGenerator[Batch, None]:
    if rejects:
        yield Batch(rejects=rejects)
    # Deletions first: an entity that is listed after that exists, whatever was deleted before it.
    deleted = await _deleted(feed, since, counts) if since is not None else {}
    reader = PersonReader(refs, read_on, counts)
    async for page in feed.list("/persons", _person_filters(feed.server, since)):
        counts.pages += 1
        # In a thread: a page of pupils takes a tenth of a second, and the worker has other things to do.
        yield await asyncio.to_thread(reader.read, _as_list("/persons", page))
    gone = [entity_id for entity_id in deleted if entity_id not in reader.seen]
    counts.gone = len(gone)
    if gone:
        yield Batch(told=[(entity_id, Told.GONE) for entity_id in gone])
    if absences is not None and feed.server.absence is not None:
        yield await _absences(feed, absences, feed.server.absence, counts)
    counts.repeated = feed.asker.repeated


def _person_filters(server: ServerConfig, since: datetime | None) -> Query:
    if since is not None:
        # Not pupils only: who has lost the last enrolment must be told of, too.
        return [("meta.modified.after", _moment(since))]
    return [("relationship.entity.type", "enrolment")] if server.pupils_only else []


async def _deleted(feed: Feed, since: datetime, counts: Counts) -> dict[UUID, None]:
    """Return the ids of deleted persons, in order. Without the endpoint, the next whole reading finds them."""
    path = "/deletedEntities"
    found: dict[UUID, None] = {}
    try:
        async for page in feed.list(path, [("after", _moment(since)), ("entities", "Person")]):
            counts.pages += 1
            listed = page.get("persons") if isinstance(page, dict) else None
            for raw in listed if isinstance(listed, list) else ():
                if (entity_id := as_uuid(raw)) is not None:
                    found[entity_id] = None
    except NotOffered as refused:
        counts.not_read[path] = refused.reason
    return found


async def _absences(feed: Feed, period: tuple[date, date], rule: AbsenceRule, counts: Counts) -> Batch:
    """Trouble here is noted, and spoils nothing of what has been read of the pupils."""
    path = "/aggregatedAttendance"
    sums = Attendance(*period)
    batch, row = Batch(), 1
    try:
        async for page in feed.list(path, [("startDate", str(period[0])), ("endDate", str(period[1]))]):
            page = _as_list(path, page)
            counts.pages += 1
            batch.rejects += sums.add(page, row)
            row += len(page)
    except FeedFailed as failed:
        counts.not_read[path] = failed.reason
        return Batch()
    batch.absences = sums.considerable(rule)
    counts.absences = len(batch.absences)
    return batch


def _moment(at: datetime) -> str:
    """RFC 3339, with the offset; whole seconds, cut towards earlier."""
    return at.isoformat(timespec="seconds")


def _as_list(path: str, page: object) -> list[object]:
    if not isinstance(page, list):
        raise FeedFailed(path, "unexpected_shape")
    return page
