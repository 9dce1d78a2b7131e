"""Manual entries: what staff know of schooling, exams and moves, and no source tells."""

from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Response

from chassis.clock import STOCKHOLM
from chassis.preconditions import SeenVersion, etag
from chassis.problems import not_found, responses
from contracts.actions import Action
from services.registry import manual_entries
from services.registry.api.free_text import check_texts
from services.registry.api.keeping import GOT, Opened, answer, opened, opened_to_decide, put_responses
from services.registry.api.manual_entry_models import (
    Decided,
    ManualEntries,
    ManualEntry,
    ManualEntryIn,
    ManualWithdrawalIn,
)
from services.registry.api.parts import Parts, Reader, TheParts, reader_for
from services.registry.db import manual_entries as db
from services.registry.decide_now import standing
from services.registry.domain.manual import ManualFact

router = APIRouter(
    prefix="/youths/{youth_id}/manual-entries",
    tags=["manual entries"],
    responses=responses(401, 403, 404, 422),
)
Reading = Annotated[Reader, Depends(reader_for(Action.MANUAL_ENTRIES_READ))]
Writing = Annotated[Reader, Depends(reader_for(Action.MANUAL_ENTRIES_WRITE))]
_FIELDS = {
    ManualFact.ENROLLED: ("school_unit", "kind", "programme", "starts_on", "ends_on"),
    ManualFact.NOT_ENROLLED: ("school_unit", "ends_on"),
    ManualFact.EXAM: ("kind", "on_day"),
    ManualFact.MOVED_AWAY: ("on_day", "municipality"),
}


@router.get("")
async def list_entries(reader: Reading, parts: TheParts, youth_id: UUID) -> ManualEntries:
    """All entries about a youth, those that are withdrawn too; the latest known first."""
    async with opened(parts, reader, youth_id) as youth:
        found = await youth.conn.fetch(db.LIST, youth_id)
        await youth.record("manual_entry.list")
    return ManualEntries(items=[_view(row) for row in found])


@router.get("/{entry_id}", responses=GOT)
async def get_entry(
    reader: Reading, parts: TheParts, youth_id: UUID, entry_id: UUID, response: Response
) -> ManualEntry:
    """One entry, with its ETag, and how it is with the youth now."""
    async with opened(parts, reader, youth_id) as youth:
        row = await youth.conn.fetchrow(db.GET, youth_id, entry_id)
        if row is None:
            raise not_found("manual entry")
        await youth.record("manual_entry.read", entry_id)
        decided = await _decided(youth, parts)
    response.headers["ETag"] = etag(row["version"])
    return _view(row, decided)


@router.put("/{entry_id}", responses=put_responses(ManualEntry) | responses(503))
async def put_entry(
    writer: Writing,
    parts: TheParts,
    youth_id: UUID,
    entry_id: UUID,
    body: ManualEntryIn,
    seen: SeenVersion,
    response: Response,
) -> ManualEntry:
    """Enter what no source tells, under an id of yours; the same again changes nothing.

    The register decides in the same transaction, and tells an end at once; that the duty begins is told by the
    next run (`decided`). A note that may hold sensitive data is refused until it is sent again with
    `"confirmed": true`.
    """
    check_texts({"note": body.note}, confirmed=body.confirmed)
    async with opened_to_decide(parts, writer, youth_id) as youth:
        put = await manual_entries.put(youth, parts.municipality, entry_id, body.values(), seen=seen)
        decided = await _decided(youth, parts)
    answer(response, put)
    return _view(put.row, decided)


@router.post("/{entry_id}/withdraw", responses=GOT | responses(409, 503))
async def withdraw_entry(
    writer: Writing,
    parts: TheParts,
    youth_id: UUID,
    entry_id: UUID,
    body: ManualWithdrawalIn,
    response: Response,
) -> ManualEntry:
    """Let an entry count for nothing from now on, for past days too. It stays, and so does what was known."""
    async with opened_to_decide(parts, writer, youth_id) as youth:
        row = await manual_entries.withdraw(youth, parts.municipality, entry_id, body.reason)
        decided = await _decided(youth, parts)
    response.headers["ETag"] = etag(row["version"])
    return _view(row, decided)


async def _decided(youth: Opened, parts: Parts) -> Decided:
    now = await standing(youth.conn, youth.youth_id, parts.municipality, youth.at)
    return Decided(covered=now.covered, begins_in_next_run=now.begins_in_next_run)


def _view(row: asyncpg.Record, decided: Decided | None = None) -> ManualEntry:
    fact = ManualFact(row["fact"])
    withdrawn_at = row["withdrawn_at"]
    return ManualEntry.model_validate(
        {
            "id": row["id"],
            "fact": {"fact": fact} | {name: row[name] for name in _FIELDS[fact]},
            "reason": row["reason"],
            "told_by": row["told_by"],
            "known_on": row["known_on"],
            "note": row["note"],
            "recorded_at": row["recorded_at"].astimezone(STOCKHOLM),
            "withdrawn_at": None if withdrawn_at is None else withdrawn_at.astimezone(STOCKHOLM),
            "withdrawn_reason": row["withdrawn_why"],
            "etag": etag(row["version"]),
            "decided": decided,
        }
    )
