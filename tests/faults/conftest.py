"""One running stack for all that is killed, and youths that come batch by batch."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from contracts.registry_activities import Source
from contracts.roles import Role
from deploy.demo.client import Stack
from deploy.local import stack
from deploy.local.config import Config
from deploy.sample.extract import Row, extract, people
from deploy.sample.people import Person
from tests.e2e.town import BEGIN, Town, configured_stack, policy_of
from tests.faults.youths import Course, Youth, insist, ordinary

SEED, COVERED, RESIDENTS = 7, 160, 250


@dataclass
class Batches:
    """Youths who move into the town, a few at a time; nobody else there is covered by the duty."""

    town: Town
    waiting: list[Person]
    population: dict[str, Row]
    arrived: list[Youth] = field(default_factory=list)

    async def move_in(self) -> tuple[UUID, list[Person]]:
        """Tell the register of one for each course, and start a sync; return the run's id and who they are."""
        coming, self.waiting = self.waiting[: len(Course)], self.waiting[len(Course) :]
        assert len(coming) == len(Course), "the sample has nobody left: raise COVERED"
        rows = self.town.rows[Source.POPULATION]
        rows += [self.population[person.number_on(BEGIN.date())] for person in coming]
        as_of = await self.town.deliver()
        return await self.town.caller(Role.REGISTER_SUPERUSER).start_sync(as_of), coming

    async def arrive(self, people: list[Person]) -> None:
        """Once they are registered: find out their ids."""
        for person, course in zip(people, Course, strict=True):
            youth_id = await insist(partial(self.town.youth_id, person))
            self.arrived.append(Youth(person, course, youth_id))


@pytest.fixture(scope="package")
def configured() -> Iterator[Config]:
    # The local policy: calls and messages at any hour, so that what is in flight does not depend on the hour.
    # Nobody is asked or met before the search: all courses begin alike.
    alike = {"ask_start_stockholm": False, "studiebevis": None}
    policy = policy_of("local", version="faults-1", answer_window="PT6H", call_gap="PT6H", **alike)
    day = timedelta(seconds=10)
    with configured_stack(policy=policy, day=day, begins_in=timedelta(0), environment={}) as found:
        yield found


@pytest.fixture(scope="package")
async def batches(configured: Config) -> AsyncIterator[Batches]:
    """A stack that is up, and a town in which no youth is covered yet."""
    facts = await asyncio.to_thread(stack.up, configured)
    async with Stack(facts) as api:
        rows = extract(SEED, COVERED, BEGIN.date(), residents=RESIDENTS)
        covered = people(SEED, COVERED, BEGIN.date(), RESIDENTS)[:COVERED]
        population = {row[0]: row for row in rows[Source.POPULATION]}
        numbers = {number for person in covered for number in person.numbers()}
        rows[Source.POPULATION] = [row for number, row in population.items() if number not in numbers]
        town = Town(configured, api, rows, covered)
        yield Batches(town, ordinary(town), population)
