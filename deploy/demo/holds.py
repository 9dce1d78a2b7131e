"""Holds: social services ask, with the youth's consent, that outreach waits (avvakta); some end in the middle."""

import asyncio
from datetime import date, datetime, time, timedelta
from uuid import UUID

from chassis.clock import STOCKHOLM, CivilClock
from contracts.reasons import Step
from deploy.demo.behaviour import Behaviour
from deploy.demo.client import Caller, Refused
from deploy.demo.directory import Directory
from deploy.demo.documentation import Documentation
from deploy.demo.school_year import sleep_until
from deploy.demo.staff import Team

ASKED_ON = tuple(date(2025, month, 20) for month in (9, 10, 11)) + tuple(
    date(2026, month, 20) for month in (1, 2, 3)
)
AT = time(10)
# Whom it makes a difference for: something would be sent, or somebody would call.
SOUGHT = frozenset({Step.FIRST_CONTACT, Step.CALLING, Step.TRIED_TO_REACH, Step.DOOR_CARD, Step.WATCH})


class Holds:
    """On some days of the year social services name those whom they ask us to leave alone."""

    def __init__(self, clock: CivilClock, team: Team, directory: Directory, seed: int) -> None:
        self._clock, self._team, self._directory = clock, team, directory
        self._behaviour = Behaviour(seed)
        self._documentation = Documentation(clock)

    async def live(self) -> None:
        """Through the year: returns when the last hold that is ended early is over."""
        async with asyncio.TaskGroup() as group:
            for day in ASKED_ON:
                await sleep_until(self._clock, datetime.combine(day, AT, STOCKHOLM))
                for journey in await self._team.city.journeys():
                    if journey.step in SOUGHT:
                        group.create_task(self._hold(self._team.city, journey.youth_id, day))

    async def _hold(self, caller: Caller, youth_id: UUID, day: date) -> None:
        person = await self._directory.person(youth_id)
        asked = self._behaviour.hold(person.key, day)
        if asked is None:
            return
        days, ends_early = asked
        until = self._clock.today() + timedelta(days=days)
        try:
            hold_id = await self._documentation.hold(caller, youth_id, until)
            if ends_early:
                await sleep_until(self._clock, self._clock.now() + timedelta(days=days / 2))
                await self._documentation.end_hold(caller, youth_id, hold_id)
        except Refused as refusal:
            self._team.note(refusal)
