"""What is new is documented about covered youths only; what has begun can always be brought to its end."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.problems import Problem
from services.registry.api.keeping import Opened
from services.registry.db import youths


@dataclass(frozen=True, slots=True)
class Episode:
    """The time under the duty that goes on."""

    id: UUID
    last_covered_day: date


async def covering(youth: Opened) -> Episode:
    """Return the youth's episode that goes on.

    Raises a 409 Problem when there is none: only the covered are documented (förordning 2006:39, 3 §).
    """
    for row in await youth.conn.fetch(youths.EPISODES, youth.youth_id):
        if row["ended_on"] is None:
            return Episode(row["id"], row["last_covered_day"])
    raise Problem(
        409,
        "not-covered",
        "The duty does not hold for this youth",
        "What has begun can be brought to its end; nothing new can be recorded.",
    )
