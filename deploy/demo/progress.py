"""The live view: civil date, how many youths stand at each step, what staff and youths do."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from statistics import median

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from chassis.clock import CivilClock
from contracts.reasons import Step
from contracts.tasks import TaskKind
from deploy.demo.client import Caller
from deploy.demo.school_year import BEGIN, END, Extracts
from deploy.demo.staff import Team
from deploy.demo.youths import Youths

LOOK_SECONDS = 3.0
PLAIN_EVERY_SECONDS = 15.0
BAR = 30
NAMES: dict[Step, str] = {
    Step.AWAITING_START: "waits for the start",
    Step.FIRST_CONTACT: "letter and SMS sent",
    Step.CALLING: "is called",
    Step.TRIED_TO_REACH: "'we have tried to reach you'",
    Step.DOOR_CARD: "door card sent",
    Step.HOME_VISIT: "home visit",
    Step.MAPPING: "reached: mapping talk",
    Step.SUPPORT: "in support",
    Step.WATCH: "under watch",
    Step.MANUAL: "protected: by hand",
    Step.ON_HOLD: "on hold",
    Step.ENDED: "duty ended",
}


class ProgressView:
    """Shows the year going by; a line now and then when the output is not a terminal."""

    def __init__(
        self,
        console: Console,
        clock: CivilClock,
        readers: tuple[Caller, ...],
        team: Team,
        youths: Youths,
        extracts: Extracts,
    ) -> None:
        self._console, self._clock, self._readers = console, clock, readers
        self._team, self._youths, self._extracts = team, youths, extracts
        self._steps: Counter[Step] = Counter()
        self._began = time.monotonic()

    async def show(self) -> None:
        """Show until cancelled."""
        if self._console.is_terminal:
            with Live(self._picture(), console=self._console, refresh_per_second=4) as live:
                await self._look(lambda: live.update(self._picture()), LOOK_SECONDS)
        else:
            await self._look(
                lambda: self._console.print(self._line(), highlight=False, soft_wrap=True), PLAIN_EVERY_SECONDS
            )

    async def _look(self, draw: Callable[[], None], every: float) -> None:
        while True:
            lists = [await reader.journeys() for reader in self._readers]
            self._steps = Counter(journey.step for journeys in lists for journey in journeys)
            draw()
            await asyncio.sleep(every)

    def _picture(self) -> Group:
        now = self._clock.now()
        done = min(max((now - BEGIN) / (END - BEGIN), 0.0), 1.0)
        table = Table.grid(padding=(0, 2))
        most = max([*self._steps.values(), 1])
        for step, name in NAMES.items():
            count = self._steps[step]
            table.add_row(name, Text("█" * round(BAR * count / most), style="cyan"), f"{count:>4}")
        return Group(
            Text(f"{now:%A %-d %B %Y}", style="bold"),
            ProgressBar(total=1.0, completed=done, width=BAR * 2),
            table,
            Text(self._doings(), style="dim"),
        )

    def _line(self) -> str:
        steps = ", ".join(f"{step} {self._steps[step]}" for step in Step if self._steps[step])
        return f"{self._clock.today()}  {steps}  |  {self._doings()}"

    def _doings(self) -> str:
        team, kinds = self._team, TaskKind
        total = sum(team.completed.values())
        per_second = total / max(time.monotonic() - self._began, 1.0)
        last = self._extracts.runs[-1] if self._extracts.runs else None
        covered = f"{last.covered} covered on {last.as_of}" if last else "first register sync"
        return (
            f"{covered}; {sum(self._youths.answered.values())} answers; {team.completed[kinds.CALL]} calls, "
            f"{team.completed[kinds.HOME_VISIT]} visits, {team.completed[kinds.MAPPING]} mapping talks, "
            f"{total} tasks ({per_second:.1f} a second, a decision takes {self._decision():.2f} s)"
        )

    def _decision(self) -> float:
        """Return how long the latest decisions of the staff took: real seconds, a busy machine shows it."""
        latest = self._team.decisions
        return median(latest) if latest else 0.0
