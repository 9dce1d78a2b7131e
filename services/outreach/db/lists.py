"""SQL of the work lists. Each is a condition besides what the caller may see; all page by (due_on, task_id)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.outreach.db.tasks import Where
from services.outreach.db.work import ON_HAND


class WorkList(StrEnum):
    MINE = "mine"  # given to me, claimed by me, a visit that I am named for, or of somebody whom I cover
    DISTRICT = "district"  # all that the caller may see
    UNASSIGNED = "unassigned"  # nobody's, and nobody is at it
    OVERDUE = "overdue"
    TODAY = "today"  # due today
    ESCALATED = "escalated"  # for the coordinator: long overdue, or nobody is there to do it


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a list, and when (``now`` is civil).

    ``covered``: whom they cover, with the last day of each absence. ``lost``: who has left the staff and
    still has tasks, until the sweep has given them to others: those are nobody's.
    """

    staff_id: str
    now: datetime
    covered: Mapping[str, date | None]
    lost: Sequence[str]


# Who is away today with this member as cover. Whether the cover holds, `domain.staffing` says.
COVERING = """
select exists (
    select from absences
    where cover = $1 and not withdrawn and first_day <= $2 and (last_day is null or $2 <= last_day)
)
"""
LOST = """
select s.staff_id from staff s
where (s.active_to < $1 or s.active_from > $1)
  and exists (select from tasks t where t.assigned_to = s.staff_id and t.state in ('open', 'claimed'))
"""


def add_list(where: Where, wanted: WorkList, reader: Reader) -> None:
    """Add what makes a list."""
    where.add(ON_HAND)
    where.add(_condition(where, wanted, reader))


def counts(where: Where, reader: Reader) -> str:
    """Return the statement that counts each list of what ``where`` lets the caller see."""
    columns = ", ".join(
        f"count(*) filter (where {_condition(where, wanted, reader)}) as {wanted}" for wanted in WorkList
    )
    return f"select {columns} from tasks where {ON_HAND} and {where.sql()}"  # noqa: S608 - conditions are ours


def _condition(where: Where, wanted: WorkList, reader: Reader) -> str:
    match wanted:
        case WorkList.MINE:
            return _mine(where, reader)
        case WorkList.DISTRICT:
            return "true"
        case WorkList.UNASSIGNED:
            free = where.bind("(state = 'open' or claimed_until <= ?)", reader.now)
            if not reader.lost:
                return f"assigned_to is null and {free}"
            return where.bind("(assigned_to is null or assigned_to = any(?))", list(reader.lost)) + f" and {free}"
        case WorkList.OVERDUE:
            return where.bind("due_on < ?", reader.now.date())
        case WorkList.TODAY:
            return where.bind("due_on = ?", reader.now.date())
        case WorkList.ESCALATED:
            return "escalated_at is not null"


def _mine(where: Where, reader: Reader) -> str:
    me = reader.staff_id
    arms = [
        where.bind("(state = 'claimed' and claimed_by = ? and claimed_until > ?)", me, reader.now),
        where.bind("(kind = 'home_visit' and staff @> array[?::text])", me),
    ]
    if me not in reader.lost:
        arms.append(where.bind("assigned_to = ?", me))
    for staff_id, until in reader.covered.items():
        if until is None:
            arms.append(where.bind("assigned_to = ?", staff_id))
        else:
            arms.append(where.bind("(assigned_to = ? and due_on <= ?)", staff_id, until))
    return f"({' or '.join(arms)})"
