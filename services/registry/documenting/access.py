"""Whose documentation a member of staff may read and write, and that every use of it is on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis import audit
from chassis.clock import CivilClock
from chassis.postgres import Connection
from chassis.problems import Problem, not_found
from contracts.districts import district_on
from contracts.roles import Role
from services.registry.db import youths
from services.registry.domain.visibility import Sight, Viewer, sight

# The register's superusers keep the register; documentation is for those who meet the youth.
WRITERS = (Role.KAA_COORDINATOR, Role.LOCAL_COORDINATOR, Role.SPECIAL_HANDLER)


@dataclass(frozen=True, slots=True)
class Staff:
    """Who asks. ``role`` is the one they act in, for the audit."""

    subject: str
    role: str
    viewer: Viewer


@dataclass(frozen=True, slots=True)
class Episode:
    """The time under the duty that goes on."""

    id: UUID
    last_covered_day: date


@dataclass(frozen=True, slots=True)
class OpenedYouth:
    """``episode`` is None when the duty does not hold today."""

    youth_id: UUID
    birth_date: date
    episode: Episode | None

    def covered_by(self) -> Episode:
        """Return the episode under which something new is documented.

        Raises a 409 Problem when there is none: only covered youths are documented (förordning 2006:39, 3 §).
        """
        if self.episode is None:
            raise Problem(
                409,
                "not-covered",
                "The duty does not hold for this youth",
                "What has begun can be brought to its end; nothing new can be recorded.",
            )
        return self.episode


async def open_youth(conn: Connection, staff: Staff, youth_id: UUID, today: date) -> OpenedYouth:
    """Return a youth of whom the caller sees everything.

    Raises a Problem: 404 when the caller may not know of the youth; 403 when it is a protected identity
    that its special handler has to open with a reason.
    """
    row = await conn.fetchrow(youths.GET, youth_id)
    seen = Sight.HIDDEN
    if row is not None:
        district = None if row["district"] is None else district_on(row["district"], today)
        seen = sight(staff.viewer, protected=row["protected"], district=district)
    if row is None or seen is Sight.HIDDEN:
        raise not_found("youth")
    if seen is Sight.MASKED:
        raise Problem(
            403,
            "protected-identity",
            "This youth has a protected identity",
            "Their documentation is opened by a special handler, who says why (?reason=).",
        )
    episodes = await conn.fetch(youths.EPISODES, youth_id)
    covering = [Episode(one["id"], one["last_covered_day"]) for one in episodes if one["ended_on"] is None]
    return OpenedYouth(youth_id, row["birth_date"], next(iter(covering), None))


async def note(
    conn: Connection,
    staff: Staff,
    clock: CivilClock,
    action: str,
    youth_id: UUID,
    subjects: Sequence[UUID] | None = None,
) -> None:
    """Record in the caller's transaction what was done to which rows of a youth; a reading of none is one too."""
    await audit.record_each(
        conn,
        actor=staff.subject,
        role=staff.role,
        action=action,
        at=clock.now(),
        about=[(youth_id, str(subject)) for subject in subjects] if subjects else [(youth_id, None)],
        why=staff.viewer.reason,
    )
