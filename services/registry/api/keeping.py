"""What all routes share by which staff keep something about a youth: who may, and what is put on record."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from fastapi import Response
from pydantic import BaseModel

from chassis import audit
from chassis.postgres import Connection, transaction
from chassis.preconditions import etag
from chassis.problems import Problem, not_found, responses
from contracts.districts import district_on
from services.registry.api.parts import Parts, Reader
from services.registry.db import kept, youths
from services.registry.db.kept import Done, Table
from services.registry.db.sharing import consent_for
from services.registry.domain.age import is_minor
from services.registry.domain.visibility import Sharing, Sight, sight
from services.registry.register_lock import register_locked


@dataclass(frozen=True, slots=True)
class Opened:
    """A youth whom the caller sees in full, or what a consent covers, in a transaction with its audit row."""

    conn: Connection
    reader: Reader
    youth_id: UUID
    row: asyncpg.Record
    at: datetime  # civil time
    consent_id: UUID | None = None  # by which another board sees them

    @property
    def why(self) -> str | None:
        """Why the caller may read this, for the audit: the legal ground, or the reason that they gave."""
        return self.reader.viewer.reason if self.consent_id is None else Sharing.legal_ground(self.consent_id)

    @property
    def own_parties(self) -> list[str] | None:
        """Whose consents and holds alone another board sees; None: everybody's."""
        sharing = self.reader.viewer.sharing
        return None if self.consent_id is None or sharing is None else sorted(sharing.parties)

    @property
    def today(self) -> date:
        return self.at.date()

    @property
    def minor(self) -> bool:
        return is_minor(self.row["birth_date"], self.today)

    @property
    def district(self) -> str | None:
        """The district as events tell it: none of a protected youth."""
        if self.row["protected"] or self.row["district"] is None:
            return None
        return district_on(self.row["district"], self.today)

    async def record(self, action: str, subject: UUID | None = None) -> None:
        """Put on record what the caller read or did."""
        await audit.record(
            self.conn,
            actor=self.reader.subject,
            role=self.reader.role,
            action=action,
            at=self.at,
            youth_id=self.youth_id,
            subject=None if subject is None else str(subject),
            why=self.why,
        )

    async def latest_episode(self) -> UUID:
        """Return the episode that what is written belongs to. Raises a Problem: 409 when there is none.

        Nothing is kept about persons who never were covered (förordning 2006:39, 3 §).
        """
        episodes = await self.conn.fetch(youths.EPISODES, self.youth_id)
        if not episodes:
            raise Problem(409, "never-covered", "The duty has never held for this person", "Nothing may be kept.")
        episode_id: UUID = episodes[-1]["id"]
        return episode_id

    async def put(
        self, table: Table, row_id: UUID, values: Mapping[str, Any], *, seen: int | None, what: str
    ) -> kept.Put:
        """Keep a row and put on record that ``what`` was made or changed. Raises as `kept.put`."""
        by = self.reader.subject
        done = await kept.put(self.conn, table, row_id, self.youth_id, values, seen=seen, at=self.at, by=by)
        if done.done is not Done.NOTHING:
            await self.record(f"{what}.{done.done}", row_id)
        return done


@asynccontextmanager
async def opened(parts: Parts, reader: Reader, youth_id: UUID) -> AsyncIterator[Opened]:
    """Open a youth for reading or writing, in one transaction.

    Raises a Problem: 404 for a youth whom the caller does not see, 403 for a protected identity that the
    caller knows of but does not open (the special handler gives a reason).
    """
    async with transaction(parts.pool) as conn:
        yield await _opened(conn, parts, reader, youth_id)


@asynccontextmanager
async def opened_to_decide(parts: Parts, reader: Reader, youth_id: UUID) -> AsyncIterator[Opened]:
    """Open a youth about whom the register is to decide again. Raises as `opened`, and 503 during a run."""
    async with register_locked(parts.pool) as conn:
        yield await _opened(conn, parts, reader, youth_id)


async def _opened(conn: Connection, parts: Parts, reader: Reader, youth_id: UUID) -> Opened:
    at = parts.clock.now()
    row = await conn.fetchrow(youths.GET, youth_id)
    if row is None:
        raise not_found("youth")
    district = None if row["district"] is None else district_on(row["district"], at.date())
    consent_id = await consent_for(conn, reader.viewer.sharing, youth_id, at.date())
    seen = sight(reader.viewer, protected=row["protected"], district=district, consented=consent_id is not None)
    if seen is Sight.HIDDEN:
        raise not_found("youth")
    if seen is Sight.MASKED:
        raise Problem(
            403,
            "protected-identity",
            "The identity is protected",
            "Only a special handler opens it, and says why (?reason=).",
        )
    return Opened(conn, reader, youth_id, row, at, consent_id if seen is Sight.SHARED else None)


_HEADERS = {"ETag": {"description": "The version, for If-Match", "schema": {"type": "string", "example": '"1"'}}}
GOT: dict[int | str, dict[str, Any]] = {200: {"headers": _HEADERS}}


def put_responses(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses=`` of a PUT that keeps a row."""
    created = {"model": model, "description": "Created", "headers": _HEADERS}
    return GOT | {201: created} | responses(400, 409, 412, 428)


def answer(response: Response, put: kept.Put) -> None:
    """Say in the answer's head which version it is, and whether it is new."""
    response.headers["ETag"] = etag(put.row["version"])
    response.status_code = 201 if put.done is Done.CREATED else 200
