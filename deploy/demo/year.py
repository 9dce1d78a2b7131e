"""One school year on a running stack: everybody at work at once, then the checks and the result."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from chassis.clock import CivilClock
from contracts.roles import Role
from contracts.tasks import TaskKind
from deploy.demo import forecast, result, tracks
from deploy.demo.client import Stack
from deploy.demo.coordinator import NewPolicy, TermMailing
from deploy.demo.directory import Directory
from deploy.demo.forecast import Comparison, Forecasting
from deploy.demo.holds import Holds
from deploy.demo.intake import DailyIntakes
from deploy.demo.invariants.everything import broken, see
from deploy.demo.invariants.figures import funnel_adds_up
from deploy.demo.municipality import FIRST_DAY, LAST_DAY, Municipality
from deploy.demo.progress import ProgressView
from deploy.demo.school_year import END, Extracts
from deploy.demo.schools import Schools
from deploy.demo.staff import Team
from deploy.demo.youths import Youths

SETTLES_SECONDS = 30.0


@dataclass(slots=True)
class Outcome:
    """``problems`` is empty when all went as it must."""

    funnel: dict[str, Any]
    tracks: dict[str, int]
    compared: list[Comparison]
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
        forecasting = Forecasting(self._clock, self._city, self._municipality)
        others = (
            forecasting,
            team.absences,
            TermMailing(self._clock, team.city),
            NewPolicy(self._clock, team.city),
            Holds(self._clock, team, directory, seed),
            Schools(self._stack, self._clock, everybody, seed, team),
        )
        await team.register()
        left = self._clock.spec.real(END) - self._clock.spec.real(self._clock.now())
        with suppress(TimeoutError):
            async with asyncio.timeout(left.total_seconds()), asyncio.TaskGroup() as group:
                for work in (extracts.deliver(), intakes.run(), team.work(), youths.live(), view.show()):
                    group.create_task(work)
                for one in others:
                    group.create_task(one.live())
        seen = await see(self._stack.facts, self._clock)
        problems = broken(seen, self._clock, await self._city.policy(), everybody)
        walked = tracks.walked(seen.databases)
        problems += tracks.never_walked(walked, self._municipality.covered)
        compared = forecasting.compared(seen.databases)
        problems += forecast.apart(compared)
        await self._settle()
        messages = await self._city.messages()
        about = {
            "seed": seed,
            "covered": self._municipality.covered,
            "clock": self._clock.spec.model_dump(mode="json"),
            "tasks_completed": {kind.value: team.completed[kind] for kind in TaskKind},
            "answers": {way.value: count for way, count in sorted(youths.answered.items())},
            "decisions_refused": dict(team.refused),
            "tracks": walked,
            "forecast": {one.measure: {"forecast": one.forecast, "done": one.done} for one in compared},
        }
        funnel = await result.save(folder, self._city, messages, about)
        return Outcome(funnel, walked, compared, [*problems, *funnel_adds_up(funnel)])

    async def _settle(self) -> None:
        """Wait until the last events of the year have reached the report."""
        before = None
        async with asyncio.timeout(SETTLES_SECONDS):
            while (now := (await self._city.funnel(FIRST_DAY, LAST_DAY))["total"]) != before:
                before = now
                await asyncio.sleep(2)
