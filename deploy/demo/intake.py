"""The daily intake of the demonstration: on its clock there is no schedule, so somebody asks for it each day."""

from datetime import datetime, time, timedelta

from chassis.clock import STOCKHOLM, CivilClock
from deploy.demo.client import Caller
from deploy.demo.school_year import sleep_until

# As the schedule has it at speed 1 (workflows/setup.py).
EACH_DAY_AT = time(8, 15)
ONE_DAY = timedelta(days=1)
SATURDAY = 5


class DailyIntakes:
    """Runs the intake on each weekday; on a holiday the intake itself says that there is none."""

    def __init__(self, clock: CivilClock, operator: Caller) -> None:
        self._clock, self._operator = clock, operator

    async def run(self) -> None:
        """Go on for ever. A day that has passed meanwhile is left out: the next one does its work too."""
        day = self._clock.today()
        while True:
            await sleep_until(self._clock, datetime.combine(day, EACH_DAY_AT, STOCKHOLM))
            if day.weekday() < SATURDAY:
                await self._operator.intake()
            day = max(day + ONE_DAY, self._clock.today())
