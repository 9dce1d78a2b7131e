"""SQL of tasks: lists, claims and history."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts.tasks import OPEN_STATES, TaskState
from services.outreach.domain.access import Scope

ONE = "select * from tasks t where task_id = $1"
ONE_LOCKED = "select * from tasks t where task_id = $1 for update"
CLAIM = """
update tasks set state = 'claimed', claimed_by = $2, claimed_at = $3, claimed_until = $4
where task_id = $1 returning *
"""
RENEW = "update tasks set claimed_until = $2 where task_id = $1 returning *"
RELEASE = """
update tasks set state = 'open', claimed_by = null, claimed_at = null, claimed_until = null
where task_id = $1 returning *
"""
ADD_HISTORY = "insert into task_history (task_id, at, event, actor) values ($1, $2, $3, $4)"
HISTORY = "select at, event, actor, assigned_to from task_history where task_id = $1 order by id"


@dataclass(slots=True)
class Where:
    """Conditions with their arguments. Only those asked for are written, so that each list finds its index."""

    conditions: list[str] = field(default_factory=list)
    arguments: list[object] = field(default_factory=list)

    def add(self, condition: str, *arguments: object) -> None:
        """Add a condition whose ``?`` stand for ``arguments`` in order."""
        self.conditions.append(self.bind(condition, *arguments))

    def bind(self, condition: str, *arguments: object) -> str:
        """Return a condition with its ``?`` bound to ``arguments`` in order, to be part of another."""
        for argument in arguments:
            self.arguments.append(argument)
            condition = condition.replace("?", f"${len(self.arguments)}", 1)
        return condition

    def sql(self) -> str:
        return " and ".join(self.conditions) or "true"


def add_visibility(where: Where, scope: Scope, restricted: str = "restricted") -> None:
    """Add what the caller may see: `Scope.sees` in SQL. ``restricted`` is the column that hides a row."""
    if scope.ordinary and scope.districts is not None:
        # One district, as most have, in words by which its index is read in order.
        one = len(scope.districts) == 1
        ordinary = f"(not {restricted} and district {'= ?' if one else '= any(?)'})"
        districts = scope.districts[0] if one else list(scope.districts)
        where.add(f"({ordinary} or {restricted})" if scope.protected else ordinary, districts)
    elif scope.ordinary:
        if not scope.protected:
            where.add(f"not {restricted}")
    else:
        where.add(restricted if scope.protected else "false")


def add_states(where: Where, states: Sequence[str], now: datetime) -> None:
    """Add the wanted states, as `domain.lease.as_read` tells them at an instant.

    In words that PostgreSQL sees to be those of the partial indexes.
    """
    wanted = set(states)
    if not wanted:
        return
    if wanted <= OPEN_STATES:
        where.add("state in ('open', 'claimed')")
    if wanted >= OPEN_STATES:
        if wanted != OPEN_STATES:
            where.add("state = any(?)", list(states))
    elif TaskState.OPEN in wanted:
        where.add("(state = any(?) or (state = 'claimed' and claimed_until <= ?))", list(states), now)
    else:
        where.add("state = any(?) and (state <> 'claimed' or claimed_until > ?)", list(states), now)


def page(where: Where, limit: int) -> str:
    """Return the statement of a page in (due_on, task_id) order; both never change."""
    return f"select * from tasks where {where.sql()} order by due_on, task_id limit {limit:d}"  # noqa: S608
