"""Who is who: a youth's opaque id to the stable key of the sample, found out through the registry's API."""

import asyncio
from collections.abc import Iterable
from uuid import UUID

from contracts.roles import Role
from deploy.demo.client import Stack
from deploy.sample.people import Person

REASON = "Demonstration: which simulated person is this"


class Directory:
    """Asks once for each youth, as the register superuser, or (protected identity) the special handler."""

    def __init__(self, stack: Stack, people: Iterable[Person]) -> None:
        self._by_number = {number: person for person in people for number in person.numbers()}
        self._superuser = stack.caller(Role.REGISTER_SUPERUSER, subject="demo-register")
        self._special = stack.caller(Role.SPECIAL_HANDLER, subject="demo-special")
        self._found: dict[UUID, asyncio.Task[Person]] = {}

    async def person(self, youth_id: UUID) -> Person:
        """Return the sample's person. Raises KeyError for somebody who is not of the sample."""
        if youth_id not in self._found:
            self._found[youth_id] = asyncio.create_task(self._ask(youth_id))
        return await self._found[youth_id]

    async def _ask(self, youth_id: UUID) -> Person:
        youth = await self._superuser.youth(youth_id)
        if youth.person_number is None:
            youth = await self._special.youth(youth_id, reason=REASON)
        return self._by_number[youth.person_number or ""]
