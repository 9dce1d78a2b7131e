"""Use case: what a Navet file makes of the persons that we have, in batches that one statement can write.

Changes come one upon another, so each batch builds on the one before: whoever iterates writes a batch
(matching, `navet.remember`, `navet.mark`) before asking for the next.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice

from chassis.postgres import Connection
from services.registry.db import navet
from services.registry.db.navet import Known
from services.registry.sources.navet.change import Change, Note, Reject
from services.registry.sources.navet.resident import Applied, Resident, applied

BATCH = 1_000  # posts

Outcome = Change | Reject


@dataclass(slots=True)
class Batch:
    """``people``: each person once, as they are after the batch. ``refused`` counts the rejects that are
    changes which cannot be carried out; the others could not be read."""

    people: list[Applied] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    notes: list[tuple[int, Note]] = field(default_factory=list)
    refused: int = 0


async def batches(
    conn: Connection, outcomes: Iterator[Outcome], *, home: str, file_date: date
) -> AsyncIterator[Batch]:
    """Yield what a file's posts come to. ``home``: code of our municipality."""
    while chunk := list(islice(outcomes, BATCH)):
        while chunk:
            known = await navet.known(conn, (number for one in chunk for number in _numbers(one)))
            batch, chunk = apply_posts(known, chunk, home=home, file_date=file_date)
            yield batch


def apply_posts(
    known: Mapping[str, Known], outcomes: Sequence[Outcome], *, home: str, file_date: date
) -> tuple[Batch, list[Outcome]]:
    """Apply posts in their order. Return the batch, and the posts that must wait until it has been written:
    those from where somebody's number changes a second time."""
    batch = Batch()
    people: dict[object, Applied] = {}
    keys: dict[str, object] = {number: one.person_id for number, one in known.items()}
    residents: dict[object, Resident] = {one.person_id: one.resident for one in known.values()}
    for index, outcome in enumerate(outcomes):
        if isinstance(outcome, Reject):
            batch.rejects.append(outcome)
            continue
        number, *older = _numbers(outcome)
        key = keys.get(number) or next((keys[one] for one in older if one in keys), None)
        earlier = people.get(key)
        now = earlier.resident if earlier else residents.get(key)
        result = applied(now, outcome, home=home, file_date=file_date)
        if isinstance(result, Reject):
            batch.rejects.append(result)
            batch.refused += 1
            continue
        if earlier is not None and earlier.previous is not None:
            if result.previous not in (None, earlier.previous):
                batch.people = list(people.values())
                return batch, list(outcomes[index:])
            result = replace(result, previous=earlier.previous)
        key = key or number
        for one in (number, *older):
            other = keys.get(one)
            if other is not None and other != key:
                people.pop(other, None)  # two that turn out to be one: matching joins them by the older number
            keys[one] = key
        people[key] = result
        batch.notes += [(outcome.post, note) for note in outcome.notes]
    batch.people = list(people.values())
    return batch, []


def _numbers(outcome: Outcome) -> tuple[str, ...]:
    if isinstance(outcome, Reject):
        return ()
    previous = outcome.previous_number
    return (outcome.person_number.digits, *(() if previous is None else (previous.digits,)))
