"""Use case: apply what a run has read, in one transaction.

Sources first (match and merge, set-wise), then coverage for those of whom something new is told and those
whose day has come (SQL gathers, the pure rule decides), then the difference: periods, episodes, events
and audit for what changed, and only that.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import chain, islice
from uuid import UUID, uuid4

import asyncpg

from chassis import audit, outbox
from chassis.clock import CivilClock
from chassis.outbox import OutgoingEvent
from chassis.postgres import Connection
from contracts.registry_activities import Source, SyncReport
from services.registry import sync_events, told_by_schools
from services.registry.apply_navet import apply_navet
from services.registry.db import bulk, episodes, evidence, loads, periods, population, runs, schooling, statistics
from services.registry.db.evidence import Gathered
from services.registry.db.periods import PeriodChanges
from services.registry.domain import timeline
from services.registry.domain.decided_by import rules
from services.registry.domain.episodes import Change, End, Register, act
from services.registry.load_source import RunNotOpen
from services.registry.note_attentions import note_attentions
from services.registry.note_conflicts import note_conflicts
from services.registry.settings import Settings
from services.registry.ss12000_settings import Configured, configured, forget_removed
from services.registry.sync_events import Registered
from services.registry.tell_telephones import tell_telephones

# Only one run is applied at a time; the number is arbitrary and ours.
APPLY_LOCK = "select pg_advisory_xact_lock(2909)"
SCHOOL_SOURCES = (Source.PLACEMENTS, Source.SCHOOLS, Source.EXAMS)
EVENTS_PER_STATEMENT = 5_000
NEVER = datetime(1, 1, 1, tzinfo=UTC)
AFFECTED = "create temporary table affected (person_id uuid not null) on commit drop"
# Those whose day has come. $3: a run for an earlier day than the last one, or by other rules, decides anew.
DUE = """
insert into affected
select id from persons where next_look_on is null or next_look_on <= $1 or rules is distinct from $2 or $3
"""
LAST_AS_OF = "select max(as_of) from sync_runs where state = 'done'"
UNSURE = """
select distinct n.person_id
from staging_rejected r join person_numbers n on n.number = r.person_number
where r.run_id = $1 and r.source <> 'population'
"""


class NotLoaded(Exception):
    """A source has not been read in this run yet, or what was read is lost: the database was killed since."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """Whose registration must wait, since a school may have told of them in what could not be read.

    ``known_until``: when all school sources last told of everybody (None: in this run); who came later
    is in doubt. ``unsure``: persons with a rejected row.
    """

    known_until: datetime | None
    unsure: frozenset[UUID]

    def about(self, one: Gathered) -> bool:
        late = self.known_until is not None and one.first_seen_at > self.known_until
        return late or one.person.facts.person_id in self.unsure


@dataclass(frozen=True, slots=True)
class Merged:
    """``missing``: persons whom the population file lacks although it does not count; nobody ends by that.
    ``navet_failed``: why a file of Navet's was passed over."""

    missing: list[UUID]
    navet_failed: str | None


@dataclass(slots=True)
class Decided:
    """What is decided of one batch of persons."""

    new: list[tuple[UUID, Register]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    periods: PeriodChanges = field(default_factory=PeriodChanges)
    registrations_held: int = 0


@dataclass(slots=True)
class Decisions:
    """What a run keeps of all batches until it tells: of who is new, no more than that takes."""

    new: list[Registered] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    registrations_held: int = 0


async def apply_sync(pool: asyncpg.Pool, clock: CivilClock, settings: Settings, run_id: UUID) -> SyncReport:
    """Apply a run and return its report; a run that is done gives the report that it gave.

    Raises NotLoaded when a source has not been read, RunNotOpen when the run is unknown or abandoned.
    """
    municipality = settings.registry_municipality
    async with bulk.bulk_transaction(pool) as conn:
        await bulk.execute(conn, APPLY_LOCK)
        run = await conn.fetchrow(f"{runs.GET} for update", run_id)
        if run is None or run["state"] == "abandoned":
            raise RunNotOpen
        if run["state"] == "done":
            return SyncReport.model_validate(run["report"])
        as_of: date = run["as_of"]
        loaded = {Source(row["source"]): row for row in await conn.fetch(runs.LOADS, [run_id])}
        if len(loaded) < len(Source) or await loads.staged(conn, run_id) != set(Source):
            raise NotLoaded
        at = clock.now()  # from now on it is known
        await bulk.execute(conn, AFFECTED)
        servers = await configured(settings.registry_ss12000_file)
        merged = await _merge_sources(conn, run, at, loaded, settings, servers)
        doubts = await _doubts(conn, run_id, loaded)
        earlier = as_of < (await conn.fetchval(LAST_AS_OF) or as_of)
        await bulk.execute(conn, DUE, as_of, rules(municipality), earlier)
        await bulk.execute(conn, "analyze affected")
        if much := await statistics.is_much_changed(conn):
            await statistics.learn(conn, statistics.MERGED)
        decisions = await _decide(conn, run_id, as_of, municipality, doubts, at)
        await _tell_all(conn, run_id, as_of, municipality, decisions, at)
        await tell_telephones(conn, at)
        if much:
            await statistics.learn(conn, statistics.DECIDED)
        report = SyncReport(
            run_id=run_id,
            as_of=as_of,
            sources=await runs.source_reports(conn, run_id),
            registered=len(decisions.new),
            changed=len(decisions.changes),
            ended=len(decisions.ends),
            covered=await episodes.count_covered(conn),
            ends_held=await episodes.count_open_of(conn, merged.missing),
            registrations_held=decisions.registrations_held,
            conflicts=await note_conflicts(conn, run_id, as_of, at, settings.patience),
            finished_at=at,
        )
        await note_attentions(conn, run_id, as_of, at, settings, servers, merged.navet_failed)
        await loads.clear_staging(conn)
        await runs.finish(conn, report)
        return report


async def _merge_sources(
    conn: Connection,
    run: asyncpg.Record,
    known_from: datetime,
    loaded: dict[Source, asyncpg.Record],
    settings: Settings,
    servers: Configured,
) -> Merged:
    """Bring what we know up to the files."""
    run_id: UUID = run["run_id"]
    file = loaded[Source.POPULATION]
    await population.match(conn, run_id, file["file_date"], known_from)
    missing: list[UUID] = []
    if _is_whole(file):
        await population.mark_absent(conn, run_id, file["file_date"], known_from)
    else:
        missing = await population.not_in_file(conn, run_id, file["file_date"])
    folder, municipality = settings.registry_drop_folder, settings.registry_municipality
    until = max(run["as_of"], known_from.date())
    await forget_removed(conn, servers, known_from)
    navet = await apply_navet(conn, folder, run_id, municipality, known_from, until=until)
    for source in SCHOOL_SOURCES:
        file = loaded[source]
        await schooling.merge(conn, run_id, source, file["file_date"], known_from, _is_whole(file))
    await told_by_schools.merge(conn, run_id, known_from, waiting_days=settings.registry_waiting_report_days)
    return Merged(missing, navet.failed)


def _is_whole(load: asyncpg.Record) -> bool:
    """Whether what a file does not hold means anything: it is good, and we know whose rows were rejected."""
    return load["held"] is None and load["unidentified"] == 0


async def _doubts(conn: Connection, run_id: UUID, loaded: dict[Source, asyncpg.Record]) -> Doubts:
    unsure = frozenset(row["person_id"] for row in await bulk.fetch(conn, UNSURE, run_id))
    held = [source for source in SCHOOL_SOURCES if loaded[source]["held"] is not None]
    good = await runs.last_good(conn, run_id) if held else {}
    told = [good[source]["finished_at"] if source in good else NEVER for source in held]
    servers = await told_by_schools.servers_known_until(conn)
    return Doubts(min((*told, *([] if servers is None else [servers])), default=None), unsure)


async def _decide(
    conn: Connection, run_id: UUID, as_of: date, municipality: str, doubts: Doubts, at: datetime
) -> Decisions:
    """Decide of all whom it may concern, and write it batch by batch: a nation's first night fits in memory."""
    whole = Decisions()
    async for batch in evidence.of_affected(conn):
        decided = await asyncio.to_thread(_decide_batch, batch, as_of, municipality, doubts)
        await periods.write(conn, decided.periods, at)
        await episodes.open_new(conn, run_id, as_of, municipality, decided.new)
        whole.new += [Registered.of(episode_id, one) for episode_id, one in decided.new]
        whole.changes += decided.changes
        whole.ends += decided.ends
        whole.registrations_held += decided.registrations_held
    await periods.note_looked_at(conn, rules(municipality))
    await episodes.change(conn, whole.changes)
    await episodes.end(conn, run_id, whole.ends)
    return whole


def _decide_batch(batch: Sequence[Gathered], as_of: date, municipality: str, doubts: Doubts) -> Decided:
    decided = Decided()
    for one in batch:
        facts = one.person.facts
        look_again: date | None = timeline.next_look(facts, as_of)
        match act(one.person, as_of, municipality):
            case Register() if doubts.about(one):
                decided.registrations_held += 1
                look_again = None  # each night, until the doubt is gone
            case Register() as action:
                decided.new.append((uuid4(), action))
            case Change() as action:
                decided.changes.append(action)
            case End() as action:
                decided.ends.append(action)
        decided.periods.next_looks.append((facts.person_id, look_again))
        decided.periods.replace(facts.person_id, one.periods, timeline.periods(facts, municipality))
    return decided


async def _tell_all(
    conn: Connection, run_id: UUID, as_of: date, municipality: str, decisions: Decisions, at: datetime
) -> None:
    # Ends first: nothing may be sent to those youths, whatever else the night brought.
    events: Iterator[OutgoingEvent] = chain(
        (sync_events.ended(one, at) for one in decisions.ends),
        (sync_events.changed(one, run_id, at) for one in decisions.changes),
        (sync_events.registered(one, as_of, municipality, at) for one in decisions.new),
    )
    while some := list(islice(events, EVENTS_PER_STATEMENT)):
        await _tell(conn, run_id, some, at)


async def _tell(conn: Connection, run_id: UUID, events: Sequence[OutgoingEvent], at: datetime) -> None:
    await outbox.put_many(conn, events)
    for action in sorted({event.type for event in events}):
        about = [(event.key, str(run_id)) for event in events if event.type == action]
        name = action.removeprefix("se.uppsok.registry.").removesuffix(".v1")
        await audit.record_each(conn, actor="registry", role="service", action=f"sync.{name}", at=at, about=about)
