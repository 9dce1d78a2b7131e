"""What must hold at the end of the year. A demonstration that breaks a rule has failed."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.messages import MessageKind
from contracts.reasons import Step
from contracts.tasks import TaskKind
from deploy.demo.client import Stack
from deploy.demo.letters import letter_text
from deploy.demo.municipality import FIRST_DAY
from deploy.demo.views import Journey, Message, SyncRun, Task, Youth
from deploy.sample.people import Person

# What is due waits for staff or for a worker; so much later than due, it was forgotten.
GRACE = timedelta(days=21)
UNDER_WAY = timedelta(days=3)
KEEPING_UP = "a machine that cannot keep up with the clock shows it so; try --minutes 10"
DEAD = re.compile(r'^events_handled_total\{([^}]*result="dead"[^}]*)\} ([0-9.e+]+)$', re.MULTILINE)


def without_next_step(journeys: Sequence[Journey], tasks: Sequence[Task], now: datetime) -> Iterator[str]:
    """A youth whose duty holds always has something that comes next, and not long ago."""
    working = {task.youth_id for task in tasks}
    going = [journey for journey in journeys if journey.step is not Step.ENDED]
    if lost := [one for one in going if one.due is None and one.youth_id not in working]:
        yield f"{len(lost)} youths have neither a task nor a due date, e.g. {lost[0].youth_id} ({lost[0].step})"
    if late := [one for one in going if one.due is not None and one.due < now - GRACE]:
        yield f"{len(late)} youths are long overdue, e.g. {late[0].youth_id} ({late[0].step}): {KEEPING_UP}"


def one_journey_each(journeys: Sequence[Journey], covered: Sequence[Youth]) -> Iterator[str]:
    going = Counter(journey.youth_id for journey in journeys if journey.step is not Step.ENDED)
    for youth_id, count in going.items():
        if count > 1:
            yield f"youth {youth_id} has {count} journeys at once"
    if missing := [youth for youth in covered if youth.youth_id not in going]:
        yield f"{len(missing)} covered youths have no journey, e.g. {missing[0].youth_id}"


def late_starts(journeys: Sequence[Journey]) -> Iterator[str]:
    """A note, not a fault of the system: hundreds of youths registered in one night, and a day takes a second."""
    if late := sum(journey.started_late for journey in journeys):
        yield f"{late} searches began later than a month after the registration (plan 4.2.2): {KEEPING_UP}"


def two_at_the_door(visits: Sequence[Task]) -> Iterator[str]:
    for visit in visits:
        if visit.kind is TaskKind.HOME_VISIT and len(set(visit.staff)) != 2:
            yield f"home visit {visit.task_id} has {len(set(visit.staff))} staff (plan 4.2.2: always two)"


def left_the_house(facts: Mapping[str, Any]) -> tuple[list[Path], list[Path]]:
    """Return what lies in the sandbox' SMS folder and in the print folder."""
    folders = facts["folders"]
    return sorted(Path(folders["sms"]).glob("*.json")), sorted(Path(folders["letters"]).glob("*/*.pdf"))


def nothing_to_protected(
    sent: tuple[list[Path], list[Path]],
    messages: Sequence[Message],
    people: Sequence[Person],
    runs: Sequence[SyncRun],
) -> Iterator[str]:
    """Nothing is sent to a protected identity once the registry knows of it.

    The API shows nobody the messages of protected youths. So this looks at what had left the house before
    ``messages`` were listed.
    """
    sms, letters = sent
    protected = [person for person in people if person.protected_from is not None]
    phones = {person.phone for person in protected if person.protected_from == date.min and person.phone}
    for file in sms:
        if json.loads(file.read_text())["to"] in phones:
            yield f"SMS {file.stem} went to a protected identity"
    shown = {str(message.message_id) for message in messages}
    names = {f"{person.first_name} {person.last_name}": person for person in protected}
    for file in letters:
        if file.stem.partition("-")[2] in shown:
            continue
        text = letter_text(file.read_bytes())
        person = next((person for name, person in names.items() if name in text), None)
        if person is None or person.protected_from is None:
            yield f"letter {file.stem} is not in the list of messages"
        elif date.fromisoformat(file.parent.name) > last_letter_day(person.protected_from, runs):
            yield f"letter {file.stem} went to a protected identity"


def last_letter_day(protected_from: date, runs: Sequence[SyncRun]) -> date:
    """Return the last day that a letter to a protected identity may bear: that of the sync that brought the
    protection, and what a batch under way takes on a fast clock. Who was protected from the start gets none."""
    if protected_from <= FIRST_DAY:
        return FIRST_DAY - timedelta(days=1)
    brought = (run.finished_at for run in runs if run.as_of >= protected_from and run.finished_at)
    return next((at.date() + UNDER_WAY for at in brought), date.max)


def sent_once(messages: Sequence[Message], journeys: Sequence[Journey]) -> Iterator[str]:
    """Once an episode: the first letter and SMS, and the letter on where to turn at twenty."""
    episodes = Counter(journey.youth_id for journey in journeys)
    for kind in (MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS, MessageKind.TURNS_20_LETTER):
        sent = Counter(message.youth_id for message in messages if message.kind is kind)
        for youth_id, count in sent.items():
            if count > episodes[youth_id]:
                yield f"youth {youth_id} got {count} messages of kind {kind}"


async def dead_letters(stack: Stack) -> list[str]:
    """Return what says that a consumer gave an event up; told by the workers' own metrics."""
    problems = []
    for name, text in (await stack.metrics()).items():
        for labels, count in DEAD.findall(text):
            if float(count):
                problems.append(f"{name}: {count} dead letters ({labels})")
    return problems


def clean_syncs(runs: Sequence[SyncRun]) -> Iterator[str]:
    for run in runs:
        for source in run.sources:
            if source.held or source.rejected:
                yield f"sync of {run.as_of}: {source.source} held ({source.held}), {source.rejected} rejected"


def funnel_adds_up(funnel: dict[str, Any]) -> Iterator[str]:
    for figure in ("covered", "sought", "reached"):
        total, parts = funnel["total"][figure], sum(one[figure] for one in funnel["districts"])
        if total != parts:
            yield f"the districts' {figure} add up to {parts}, the total says {total}"
    narrowing = [funnel["total"][figure] for figure in ("covered", "sought", "reached")]
    if narrowing != sorted(narrowing, reverse=True) or 0 in narrowing:
        yield f"covered, sought and reached do not narrow: {narrowing}"
