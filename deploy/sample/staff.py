"""The staff of the sample municipality, as the staff register of outreach has them (docs/tasks.md).

Made-up ids, no people: three local coordinators in each district, who call, talk and go on visits; a coordinator
of the city; a special handler for protected identities.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.roles import Role
from contracts.tasks import TaskGroup
from deploy.sample.places import DISTRICTS

IN_A_DISTRICT = 3  # as the policy takes for granted where the register names nobody
LOAD, LOAD_OF_THE_CITY = 60, 20  # open tasks that are a full load
CITY, SPECIAL = "kaa-samordnare", "sarskild-handlaggare"


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of the staff: the id in their token, their role, and their districts (none: the whole city)."""

    staff_id: str
    role: Role
    districts: tuple[str, ...]
    capacity: int

    def entry(self, active_from: date) -> Mapping[str, Any]:
        """Return the body of ``PUT /staff/{staff_id}``."""
        special = self.role is Role.SPECIAL_HANDLER
        return {
            "group": (TaskGroup.SPECIAL_HANDLERS if special else TaskGroup.COORDINATORS).value,
            "districts": list(self.districts),
            "capacity": self.capacity,
            "active_from": active_from.isoformat(),
        }


def colleagues() -> tuple[Colleague, ...]:
    """Return everybody who works with the youths of the sample municipality."""
    local = (
        Colleague(staff_id, Role.LOCAL_COORDINATOR, (district.code,), LOAD)
        for district in DISTRICTS
        for staff_id in local_ids(district.code)
    )
    return (
        *local,
        Colleague(CITY, Role.KAA_COORDINATOR, (), LOAD_OF_THE_CITY),
        Colleague(SPECIAL, Role.SPECIAL_HANDLER, (), LOAD),
    )


def local_ids(district: str) -> tuple[str, ...]:
    """Return the ids of a district's local coordinators."""
    return tuple(f"lokal-{district}-{number}" for number in range(1, IN_A_DISTRICT + 1))
