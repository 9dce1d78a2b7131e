"""The audit's chain of seals: a row that was removed, changed or put in later is found.

Whoever writes an audit row waits for nobody. A sealer in each service's worker covers what has been
committed since with a seal: the hash of the last seal's hash and of these rows. No transaction is
missed and none comes late: a seal covers those numbered below the oldest that was still open.

Who may write past the database's rules could make the whole chain anew. Therefore each seal is also
logged, out of their reach: `verify` is told one of those, and finds that the chain is another one.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import structlog

from chassis.postgres import TROUBLE, Connection, transaction

log = structlog.get_logger(__name__)

INTERVAL = timedelta(minutes=1)  # of real time
LATE = timedelta(minutes=15)  # a row that is older must be sealed; a night's transaction is over by then
LOCK = "select pg_advisory_xact_lock(2915)"
LAST = "select number, until, hash from audit_seals order by number desc limit 1"
HORIZON = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
# $1 from and $2 until (transactions), $3 the last seal's hash. Of a reason only its digest: it may be forgotten.
HASH = """
select count(*) as rows,
    sha256($3::bytea || convert_to(coalesce(string_agg(line, chr(10) order by id), ''), 'UTF8')) as hash
from (
    select id, json_build_array(id, xid, extract(epoch from at), extract(epoch from recorded_at), actor,
        role, action, youth_id, subject, origin, encode(why_digest, 'hex'))::text as line
    from audit where xid >= $1 and xid < $2
) covered
"""
ADD = "insert into audit_seals (number, until, rows, hash) values ($1, $2, $3, $4)"
SEALS = "select number, until, rows, hash, sealed_at from audit_seals order by number"
UNSEALED = """
select count(*) from audit where xid >= $1 and recorded_at < now() - $2::interval
"""
OTHER_REASONS = """
select id from audit
where why is not null and (why_digest is null or why_digest is distinct from digest_why(why_salt, why)) order by id
"""
FIRST, NO_HASH = 0, b""


async def seal(pool: asyncpg.Pool) -> int:
    """Cover all rows of transactions that are over; return how many rows. Nothing new: no seal."""
    async with transaction(pool) as conn:
        await conn.execute(LOCK)
        last = await conn.fetchrow(LAST)
        number, since, hash_before = (0, FIRST, NO_HASH) if last is None else tuple(last)
        until = await conn.fetchval(HORIZON)
        rows, hash_now = await _hash(conn, since, until, hash_before)
        if not rows:
            return 0
        await conn.execute(ADD, number + 1, until, rows, hash_now)
    log.info("audit_sealed", number=number + 1, rows=rows, hash=hash_now.hex())
    return rows


async def _hash(conn: Connection, since: int, until: int, hash_before: bytes) -> tuple[int, bytes]:
    (row,) = await conn.fetch(HASH, since, until, hash_before)
    return row["rows"], row["hash"]


class Sealer:
    """Seals at an interval of real time. Several may run at once: they take turns."""

    def __init__(self, pool: asyncpg.Pool, interval: timedelta = INTERVAL) -> None:
        self._pool, self._interval = pool, interval.total_seconds()

    async def run(self) -> None:
        """Seal for ever. A database that is away is asked again at the next turn."""
        while True:
            try:
                await seal(self._pool)
            except TROUBLE as error:
                log.warning("audit_seal_failed", exc_info=error)
            await asyncio.sleep(self._interval)


@dataclass(frozen=True, slots=True)
class Broken:
    """A seal that does not fit: what came between ``after`` and ``until`` (real time) is not what it was."""

    number: int
    after: datetime | None
    until: datetime
    rows_then: int
    rows_now: int


@dataclass(slots=True)
class Verified:
    """What a look through the chain of one service found. ``reasons``: ids of rows with another reason."""

    seals: int = 0
    rows: int = 0
    broken: list[Broken] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)  # numbers of seals
    unsealed: int = 0  # rows that should have a seal by now
    reasons: list[int] = field(default_factory=list)
    another_chain: bool = False

    @property
    def whole(self) -> bool:
        return not (self.broken or self.missing or self.unsealed or self.reasons or self.another_chain)


async def verify(conn: Connection, known: tuple[int, str] | None = None) -> Verified:
    """Compute every seal anew. ``known``: number and hash (hex) of one seal, as it was logged."""
    found = Verified()
    since, hash_before, sealed_before = FIRST, NO_HASH, None
    seals: Sequence[Any] = await conn.fetch(SEALS)
    for row in seals:
        rows, hash_now = await _hash(conn, since, row["until"], hash_before)
        if hash_now != row["hash"]:
            found.broken.append(Broken(row["number"], sealed_before, row["sealed_at"], row["rows"], rows))
        found.rows += row["rows"]
        since, hash_before, sealed_before = row["until"], row["hash"], row["sealed_at"]
    hashes = {row["number"]: row["hash"].hex() for row in seals}
    found.seals = len(seals)
    found.missing = sorted(set(range(1, max(hashes, default=0) + 1)) - set(hashes))
    found.unsealed = await conn.fetchval(UNSEALED, since, LATE)
    found.reasons = [row["id"] for row in await conn.fetch(OTHER_REASONS)]
    found.another_chain = known is not None and hashes.get(known[0]) != known[1]
    return found
