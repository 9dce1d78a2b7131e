"""What staff write into the registry: numbers and guardians that they found, consents, and holds.

Only youths of the sample; the numbers are of a range that no operator has been allotted (deploy.sample.numbers).
"""

from datetime import date
from uuid import UUID, uuid5

from chassis.clock import CivilClock
from contracts.documentation import ConsentPurpose, HoldEndReason, Party
from deploy.demo.client import Caller
from deploy.sample.people import Person

FIRST_FOUND = 46799900000


def number_of(person: Person) -> str:
    """Return the telephone number that staff find for somebody, or for their guardian; E.164."""
    return f"+{FIRST_FOUND + person.key}"


class Documentation:
    """Writes as the staff member who is given. Raises Refused for what the registry says no to."""

    def __init__(self, clock: CivilClock) -> None:
        self._clock = clock

    async def enter_number(self, caller: Caller, youth_id: UUID, person: Person) -> None:
        """Staff found a number of the youth's own: the workflow is told of it, and has the youth called."""
        await self._number(caller, youth_id, person, None)

    async def enter_guardian(self, caller: Caller, youth_id: UUID, person: Person) -> None:
        """Staff found a guardian of a youth under 18, and their number."""
        guardian_id = uuid5(youth_id, "guardian")
        guardian = {
            "name": {"first": "Kim", "last": person.last_name},
            "relation": "parent",
            "source": "staff",
            "valid_from": self._clock.today().isoformat(),
        }
        await caller.put("registry", f"/youths/{youth_id}/guardians/{guardian_id}", guardian)
        await self._number(caller, youth_id, person, guardian_id)

    async def consent(self, caller: Caller, youth_id: UUID, party: Party, purpose: ConsentPurpose) -> UUID:
        """The youth consents, from today until further notice; return the consent's id."""
        today = self._clock.today()
        consent_id = uuid5(youth_id, f"{purpose} {party} {today}")
        given = {"party": party, "purpose": purpose, "given_by": "youth", "given_on": today.isoformat()}
        await caller.put("registry", f"/youths/{youth_id}/consents/{consent_id}", given)
        return consent_id

    async def hold(self, caller: Caller, youth_id: UUID, until: date) -> UUID:
        """Outreach waits at the request of social services, with the youth's consent; return the hold's id."""
        consent_id = await self.consent(caller, youth_id, Party.SOCIALTJANST, ConsentPurpose.HOLD)
        hold_id = uuid5(consent_id, "hold")
        asked = {"consent_id": str(consent_id), "until": until.isoformat()}
        await caller.put("registry", f"/youths/{youth_id}/holds/{hold_id}", asked)
        return hold_id

    async def end_hold(self, caller: Caller, youth_id: UUID, hold_id: UUID) -> None:
        """Nobody needs to wait any more."""
        body = {"reason": HoldEndReason.NOT_NEEDED}
        await caller.post("registry", f"/youths/{youth_id}/holds/{hold_id}/end", body)

    async def _number(self, caller: Caller, youth_id: UUID, person: Person, guardian_id: UUID | None) -> None:
        point = {
            "kind": "phone",
            "value": number_of(person),
            "source": "staff",
            "guardian_id": str(guardian_id) if guardian_id else None,
            "valid_from": self._clock.today().isoformat(),
        }
        point_id = uuid5(youth_id, f"number {guardian_id}")
        await caller.put("registry", f"/youths/{youth_id}/contact-points/{point_id}", point)
