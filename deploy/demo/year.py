"""One school year on a running stack: everybody at work at once, then the checks and the result."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from rich.console import Console

from chassis.clock import CivilClock
from contracts.roles import Role
from contracts.tasks import TaskKind, TaskState
from deploy.demo import checks, result
from deploy.demo.client import Stack
from deploy.demo.directory import Directory
from deploy.demo.intake import DailyIntakes
from deploy.demo.municipality import FIRST_DAY, LAST_DAY, Municipality
from deploy.demo.progress import ProgressView
from deploy.demo.school_year import END, Extracts
from deploy.demo.staff import Team
from deploy.demo.views import Journey
from deploy.demo.youths import Youths

SETTLES_SECONDS = 30.0


@dataclass(slots=True)
class Outcome:
    """``problems`` is empty when all went as it must."""

    funnel: dict[str, Any]
    problems: list[str]


class SchoolYear:
    """The demonstration's year on a stack whose clock is set for it."""

    def __init__(self, stack: Stack, clock: CivilClock, municipality: Municipality, console: Console) -> None:
        self._stack, self._clock, self._municipality, self._console = stack, clock, municipality, console
        self._city = stack.caller(Role.KAA_COORDINATOR, subject="demo-reader")
        self._special = stack.caller(Role.SPECIAL_HANDLER, subject="demo-special-reader")
        self._superuser = stack.caller(Role.REGISTER_SUPERUSER, subject="demo-register")

    async def live(self, folder: Path) -> Outcome:
        """Live through the year, save the result in ``folder``. Raises what broke, if anything did."""
        seed, everybody = self._municipality.seed, self._municipality.people()
        directory = Directory(self._stack, everybody)
        drop = Path(self._stack.facts["folders"]["drop"])
        extracts = Extracts(self._clock, self._superuser, drop, self._municipality)
        team = Team(self._stack, self._clock, directory, seed, await self._city.policy())
        youths = Youths(self._stack, self._clock, directory, seed, team)
        view = ProgressView(self._console, self._clock, (self._city, self._special), team, youths, extracts)
        intakes = DailyIntakes(self._clock, self._stack.caller(Role.OPERATOR, subject="demo-operator"))
        left = self._clock.spec.real(END) - self._clock.spec.real(self._clock.now())
        with suppress(TimeoutError):
            async with asyncio.timeout(left.total_seconds()), asyncio.TaskGroup() as group:
                for work in (extracts.deliver(), intakes.run(), team.work(), youths.live(), view.show()):
                    group.create_task(work)
        journeys = await self._journeys()
        problems = await self._problems(journeys, extracts)
        await self._settle()
        sent = checks.left_the_house(self._stack.facts)
        messages = await self._city.messages()
        problems += checks.sent_once(messages, await self._journeys())
        problems += checks.nothing_to_protected(sent, messages, everybody, extracts.runs)
        about = {
            "seed": seed,
            "covered": self._municipality.covered,
            "clock": self._clock.spec.model_dump(mode="json"),
            "tasks_completed": {kind.value: team.completed[kind] for kind in TaskKind},
            "answers": {way.value: count for way, count in sorted(youths.answered.items())},
            "decisions_refused": dict(team.refused),
        }
        funnel = await result.save(folder, self._city, messages, about)
        return Outcome(funnel, [*problems, *checks.funnel_adds_up(funnel)])

    async def _problems(self, journeys: list[Journey], extracts: Extracts) -> list[str]:
        """Check at once: nobody works any more, and what is due piles up."""
        now = self._clock.now().astimezone(UTC)
        tasks = await self._city.tasks() + await self._special.tasks()
        covered = await self._superuser.youths(covered=True)
        visits = await self._city.tasks(kind=TaskKind.HOME_VISIT, state=sorted(TaskState))
        return [
            *checks.without_next_step(journeys, tasks, now),
            *checks.one_journey_each(journeys, covered),
            *checks.late_starts(journeys),
            *checks.two_at_the_door(visits),
            *checks.clean_syncs(extracts.runs),
            *await checks.dead_letters(self._stack),
        ]

    async def _journeys(self) -> list[Journey]:
        return await self._city.journeys() + await self._special.journeys()

    async def _settle(self) -> None:
        """Wait until the last events of the year have reached the report."""
        before = None
        async with asyncio.timeout(SETTLES_SECONDS):
            while (now := (await self._city.funnel(FIRST_DAY, LAST_DAY))["total"]) != before:
                before = now
                await asyncio.sleep(2)
