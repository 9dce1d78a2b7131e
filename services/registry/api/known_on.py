"""The time of knowledge in a question: what was known by the end of a day."""

from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import Query

from chassis.clock import STOCKHOLM
from chassis.problems import Problem
from services.registry.db.evidence import NOW

KnownOn = Annotated[
    date | None,
    Query(description="As it was known by the end of this day (Stockholm), which is over; now when left out"),
]


def known_by_the_end_of(day: date | None, today: date) -> datetime:
    """Return the instant of knowledge that a question asks for.

    Raises a Problem (422) for a day that is not over: its answer could still change.
    """
    if day is None:
        return NOW
    if day >= today:
        raise Problem(
            422, "day-not-over", "That day is not over", "known_on is a day before today; leave it out for now."
        )
    return datetime.combine(day + timedelta(days=1), time(0), STOCKHOLM) - timedelta(microseconds=1)
