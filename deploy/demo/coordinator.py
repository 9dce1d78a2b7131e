"""What the city's coordinator decides in the year: the term mailing, and a new version of the policy."""

import asyncio
from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

from chassis.clock import STOCKHOLM, CivilClock
from contracts.waves import WaveState
from deploy.demo.client import Caller
from deploy.demo.school_year import sleep_until

MAILING_ON, AT = date(2025, 9, 16), time(9)
LOOK_SECONDS = 1.0
# Decided in the autumn, in force after Christmas: there is more time for the answer to the first letter.
DECIDES_ON, IN_FORCE_FROM = date(2025, 11, 20), date(2026, 1, 12)
VERSION, CHANGE = "stockholm-2026.2", {"answer_window": "P16D"}


class TermMailing:
    """Plan 4.2.2: after 15 September a letter and an SMS to all open youths; looked at, approved, and followed."""

    def __init__(self, clock: CivilClock, city: Caller) -> None:
        self._clock, self._city = clock, city
        self.wave: dict[str, Any] = {}

    async def live(self) -> None:
        """Returns when everybody has got it."""
        await sleep_until(self._clock, datetime.combine(MAILING_ON, AT, STOCKHOLM))
        wave_id = str(uuid4())
        await self._city.post("outreach", "/waves", {"wave_id": wave_id})
        path = f"/waves/{wave_id}"
        self.wave = await self._city.get("outreach", path)
        await self._city.post("outreach", f"{path}/approve")
        while self.wave["state"] != WaveState.DONE:
            await asyncio.sleep(LOOK_SECONDS)
            self.wave = await self._city.get("outreach", path)


class NewPolicy:
    """A version of the policy that whoever comes later starts with; who is sought already keeps theirs."""

    def __init__(self, clock: CivilClock, city: Caller) -> None:
        self._clock, self._city = clock, city

    async def live(self) -> None:
        """Looked at, and decided."""
        await sleep_until(self._clock, datetime.combine(DECIDES_ON, AT, STOCKHOLM))
        document = await self._city.get("outreach", "/policy")
        proposal = {
            "document": {**document, "version": VERSION, **CHANGE},
            "effective_from": IN_FORCE_FROM.isoformat(),
        }
        await self._city.post("outreach", "/policies/preview", proposal)
        await self._city.put("outreach", f"/policies/{VERSION}", proposal)
