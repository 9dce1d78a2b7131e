"""All rules over all that was read, and over the sample's people."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.clock import CivilClock
from contracts.documentation_events import HoldPlaced
from contracts.events import YouthRegistered
from contracts.ids import youth_workflow_id
from contracts.policy import OutreachPolicy
from contracts.reasons import Step
from deploy.demo.documentation import number_of
from deploy.demo.invariants import course, histories, sending, told, work
from deploy.demo.invariants.databases import Databases
from deploy.demo.invariants.databases import read as read_databases
from deploy.demo.invariants.histories import PersonalData, Run
from deploy.demo.invariants.house import left_the_house
from deploy.demo.invariants.rows import Event
from deploy.demo.invariants.temporal import read as read_histories
from deploy.sample.people import Person

# Real time within which an event goes out, and has its effect elsewhere.
SETTLED = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was read. ``real`` and ``civil`` are the instant just before the databases were."""

    real: datetime
    civil: datetime
    databases: Databases
    files: Mapping[UUID, Sequence[datetime]]
    runs: list[Run]


def broken(seen: Seen, clock: CivilClock, policy: OutreachPolicy, people: Iterable[Person]) -> list[str]:
    """Return what is broken; empty when every rule holds."""
    return [*_of_databases(seen, clock, policy), *_of_histories(seen, people)]


def _of_databases(seen: Seen, clock: CivilClock, policy: OutreachPolicy) -> Iterator[str]:
    found = seen.databases
    registry, own = found.told_by("registry"), found.told_by("notifications")
    settled = [event for event in registry if event.created_at <= seen.real - SETTLED]
    new = _registered(registry) - _registered(settled)
    held = frozenset(UUID(event.data["episode_id"]) for event in registry if event.type == HoldPlaced.type)
    yield from work.two_open_calls(found.tasks)
    yield from work.not_by_two(found.tasks, found.visits)
    yield from work.at_two_visits(found.visits)
    yield from work.door_card_too_soon(found.tasks, found.transitions, policy.call_backs)
    yield from course.without_next_step(found.journeys, found.tasks, seen.civil, new)
    yield from course.ended_without_end(found.journeys)
    yield from course.two_searches(found.journeys)
    yield from course.not_sought(found.journeys, found.episodes, new)
    yield from course.month_missed(found.journeys, seen.civil.date(), held)
    yield from course.breaches(found.journeys)
    yield from course.first_letters(found.messages, found.transitions, clock.spec.civil(seen.real - SETTLED))
    yield from sending.sent_in_silence(found.messages, sending.silences(registry, clock.spec))
    yield from sending.late_without_report(found.messages, settled, own)
    yield from sending.without_events(found.messages, own)
    yield from sending.not_in_the_house(found.messages, seen.files, seen.real)
    yield from told.unpublished(found.events, seen.real - SETTLED)
    yield from told.given_up(found.dead_letters)
    yield from told.unclean_loads(found.loads)


def _registered(told: Iterable[Event]) -> set[UUID]:
    return {UUID(event.data["episode_id"]) for event in told if event.type == YouthRegistered.type}


def _of_histories(seen: Seen, people: Iterable[Person]) -> Iterator[str]:
    going = [one.youth_id for one in seen.databases.journeys if one.step != Step.ENDED]
    yield from histories.too_long(seen.runs)
    yield from histories.failed_tasks(seen.runs)
    yield from histories.personal(seen.runs, personal_data(people))
    yield from histories.not_followed(seen.runs, {one: youth_workflow_id(one) for one in going})


async def see(facts: Mapping[str, Any], clock: CivilClock) -> Seen:
    """Read all there is of a running stack, the databases first: on a fast clock days go by meanwhile."""
    civil = clock.now()
    databases = await read_databases(facts)
    return Seen(
        real=clock.spec.real(civil),
        civil=civil,
        databases=databases,
        files=await asyncio.to_thread(left_the_house, facts),
        runs=await read_histories(facts),
    )


def personal_data(people: Iterable[Person]) -> PersonalData:
    """Return the names and numbers of the sample's people, and what staff find, as the rule looks for them."""
    found = list(people)
    names = {
        word for person in found for word in histories.WORD.findall(f"{person.first_name} {person.last_name}")
    }
    numbers = {number[-10:] for person in found for number in person.numbers()}
    phones = {number for person in found for number in (person.phone, number_of(person)) if number}
    numbers |= {phone.removeprefix("+46") for phone in phones}
    return PersonalData(frozenset(names), frozenset(numbers))
