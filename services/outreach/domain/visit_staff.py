"""Who of the staff can be named for a visit on a day. Pure."""

from collections.abc import Iterable
from datetime import date

from contracts.tasks import TaskGroup
from services.outreach.domain.staffing import Member, Register


def uses_register(register: Register) -> bool:
    """Return whether those who make visits are registered: a group that has nobody there does not use it."""
    return any(member.group is TaskGroup.COORDINATORS for member in register.values())


def why_not_there(register: Register, staff: Iterable[str], day: date) -> dict[str, str]:
    """Return who cannot make a visit on a day, and why: `away` or `not_in_register`."""
    why: dict[str, str] = {}
    for staff_id in staff:
        member = register.get(staff_id)
        if member is not None and not member.is_present(day):
            why[staff_id] = "away" if member.is_active(day) else "not_in_register"
        elif member is None and uses_register(register):
            why[staff_id] = "not_in_register"
    return why


def candidates(register: Register, district: str | None, wanted: Iterable[str]) -> list[Member]:
    """Return who can be proposed for a visit in a district.

    Whoever is asked for is one of them, wherever they work as a rule; and unregistered when the register is
    not used.
    """
    found = [
        member
        for member in register.values()
        if member.may_take(TaskGroup.COORDINATORS, district) or member.staff_id in set(wanted)
    ]
    if not uses_register(register):
        known = {member.staff_id for member in found}
        found.extend(_unregistered(staff_id) for staff_id in sorted(set(wanted) - known))
    return found


def _unregistered(staff_id: str) -> Member:
    return Member(
        staff_id=staff_id,
        group=TaskGroup.COORDINATORS,
        districts=frozenset(),
        capacity=1,
        active_from=date.min,
    )
