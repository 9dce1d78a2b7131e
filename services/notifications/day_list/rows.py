"""What stands on the list: as little as the two need to find the door at the time on the card. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from chassis.clock import STOCKHOLM
from services.notifications import swedish
from services.notifications.domain.recipients import Recipient


class PlannedVisit(BaseModel):
    """What outreach tells of a visit, and is used here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    visit_id: UUID
    youth_id: UUID
    starts_at: AwareDatetime
    state: str


@dataclass(frozen=True, slots=True)
class Row:
    """One visit. No number, no telephone, no reason. ``care_of``: the name on the door, when it is another's."""

    at: datetime
    name: str
    care_of: str
    street: str
    postal_code: str

    @property
    def time(self) -> str:
        return f"{self.at.astimezone(STOCKHOLM):%H.%M}"


def rows_of(visits: Iterable[PlannedVisit], recipients: Mapping[UUID, Recipient]) -> list[Row]:
    """Return the rows of visits that are still to be made, in the order in which they are made.

    The door cards hold the order of the times; what begins at the same time is ordered by postal code. Whoever is
    protected, not covered any more or unknown to the registry at this moment is not on it at all.
    """
    rows = [
        _row(visit, recipient)
        for visit in visits
        if visit.state == "booked"
        and (recipient := recipients.get(visit.youth_id)) is not None
        and recipient.covered
        and not recipient.protected
    ]
    return sorted(rows, key=lambda row: (row.at.astimezone(UTC), row.postal_code, row.street, row.name))


def _row(visit: PlannedVisit, recipient: Recipient) -> Row:
    address = recipient.address
    return Row(
        at=visit.starts_at,
        name=recipient.name or "",
        care_of=address.care_of.strip() if address and address.care_of else "",
        street=address.street if address else "",
        postal_code=swedish.postal_code(address.postal_code) if address else "",
    )
