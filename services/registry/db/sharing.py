"""The consent by which another board reads about a youth: looked for at the moment of reading."""

from datetime import date
from uuid import UUID

from chassis.postgres import Connection
from services.registry.domain.visibility import Sharing


def valid_consents(parties: str, purposes: str, today: str) -> str:
    """Return ``from`` and ``where`` of the consents ``c`` that hold today; the arguments are SQL, not values.

    As `domain.consents.Consent.holds_at`: a withdrawal is never ahead, so that it holds at once.
    """
    return f"""
        from documentation.consents c
        where c.party = any({parties}) and c.purpose = any({purposes}) and c.withdrawn_at is null
            and c.given_on <= {today} and (c.until is null or {today} <= c.until)
    """


def newest(consents: str, person: str) -> str:
    """Return the select of the id of a person's newest consent among `valid_consents`."""
    return f"select c.id {consents} and c.person_id = {person} order by c.given_on desc, c.id limit 1"


_OF_ONE = newest(valid_consents("$2::text[]", "$3::text[]", "$4::date"), "$1")


async def consent_for(conn: Connection, sharing: Sharing | None, youth_id: UUID, today: date) -> UUID | None:
    """Return the consent that opens a youth to a reader; None when there is none, or they need none."""
    if sharing is None:
        return None
    consent_id: UUID | None = await conn.fetchval(_OF_ONE, youth_id, *sharing.arguments(), today)
    return consent_id
