"""Use cases: staff enter what no source tells, change it, and withdraw it. The register decides at once.

All of it in a transaction that has the lock of runs (`keeping.opened_to_decide`).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from chassis.preconditions import check_seen
from chassis.problems import Problem, not_found
from services.registry.api.keeping import Opened
from services.registry.db import manual_entries as db
from services.registry.db.kept import Done, Put
from services.registry.decide_now import By, decide_now
from services.registry.documenting.refusals import id_taken
from services.registry.domain.manual import ManualFact, ManualWithdrawal


async def put(
    youth: Opened, municipality: str, entry_id: UUID, values: Mapping[str, Any], *, seen: int | None
) -> Put:
    """Make an entry be ``values`` (one per column of `db.COLUMNS`). The same again changes nothing.

    Raises a Problem: 409 for an id of another person's, for another fact than before, for an entry that is
    withdrawn, or when there is no enrolment to deny; 422 for what is not known yet; 412, 428 by ``seen``.
    """
    found = await youth.conn.fetchrow(db.ANY, entry_id)
    if found is None:
        check_seen(seen, None)
        await _check(youth, values)
        row = await db.insert(youth.conn, entry_id, youth.youth_id, values, youth.at, youth.reader.subject)
        await _decide(youth, municipality, "manual_entry.create", entry_id)
        return Put(row, Done.CREATED)
    if found["person_id"] != youth.youth_id:
        raise id_taken()
    if all(found[name] == values[name] for name in db.COLUMNS):
        await youth.record("manual_entry.read", entry_id)
        return Put(found, Done.NOTHING)
    if found["withdrawn_at"] is not None:
        raise Problem(409, "withdrawn", "The entry is withdrawn", "For another one choose a new id.")
    if found["fact"] != values["fact"]:
        raise Problem(
            409, "fact-fixed", "The entry is of another fact", "Withdraw it, and make a new one under another id."
        )
    check_seen(seen, found["version"])
    await _check(youth, values)
    row = await db.update(youth.conn, entry_id, values, youth.at, youth.reader.subject)
    await _decide(youth, municipality, "manual_entry.change", entry_id)
    return Put(row, Done.CHANGED)


async def withdraw(youth: Opened, municipality: str, entry_id: UUID, why: ManualWithdrawal) -> asyncpg.Record:
    """Let an entry count for nothing from now on. Again, for the same reason, is harmless.

    Raises a Problem: 404; 409 when it was withdrawn for another reason.
    """
    found = await youth.conn.fetchrow(db.ANY, entry_id)
    if found is None or found["person_id"] != youth.youth_id:
        raise not_found("manual entry")
    if found["withdrawn_why"] == why:
        await youth.record("manual_entry.read", entry_id)
        return found
    if found["withdrawn_at"] is not None:
        raise Problem(409, "withdrawn", "The entry is withdrawn already", "It was for another reason.")
    row = await db.withdraw(youth.conn, entry_id, youth.at, youth.reader.subject, why)
    await _decide(youth, municipality, "manual_entry.withdraw", entry_id)
    return row


async def _check(youth: Opened, values: Mapping[str, Any]) -> None:
    if values["known_on"] > youth.today:
        raise Problem(422, "in-the-future", "It cannot be known yet", "Look at known_on.")
    if values["fact"] == ManualFact.NOT_ENROLLED and not await youth.conn.fetchval(
        db.HAS_ENROLMENT, youth.youth_id, values["school_unit"], values["known_on"]
    ):
        raise Problem(
            409,
            "nothing-to-deny",
            "No register has the youth at that school",
            "Look at the school unit. Compulsory schooling cannot be denied.",
        )


async def _decide(youth: Opened, municipality: str, action: str, entry_id: UUID) -> None:
    await youth.record(action, entry_id)
    by = By(youth.reader.subject, youth.reader.role)
    await decide_now(youth.conn, [youth.youth_id], municipality, youth.at, by)
