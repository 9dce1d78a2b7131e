"""Where a person lived on a day, read off all that the population register has said of them.

A file tells of one day; together they tell a history. A later statement overrules an earlier one for the
days that it speaks of: from the day of the move that it tells, or for all days when it tells none.
"""

from dataclasses import dataclass
from datetime import date

from services.registry.domain.facts import Protection, Statement, Status


@dataclass(frozen=True, slots=True)
class Residence:
    """Whether a person was registered in the municipality, since when, and by which statement."""

    here: bool
    explanation: str
    since: date | None
    statement: Statement


def residence_on(
    statements: tuple[Statement, ...], protection: Protection, on: date, municipality: str
) -> Residence:
    """Return where a person lived on a day. ``statements``: oldest first, at least one."""
    for index in reversed(range(len(statements))):
        one = statements[index]
        gone = one.gone_from
        if gone is not None:
            if on >= gone:
                return Residence(False, "not_in_extract" if one.absent else str(one.status), gone, one)
            continue  # what was before the move, earlier statements tell
        since = _since(statements, index)
        if since is not None and on < since:
            continue
        if protection is Protection.PROTECTED_REGISTRATION:
            # 29 kap. 6 §: the home municipality is where they stay, which only the special handler can find out.
            return Residence(True, "protected_registration", since, one)
        if one.municipality == municipality:
            return Residence(True, "registered_here", since, one)
        elsewhere_from = since or one.file_date
        if on >= elsewhere_from or index == 0:
            return Residence(False, "registered_elsewhere", elsewhere_from, one)
    return _before_all(statements[0], on)


def district_on(statements: tuple[Statement, ...], on: date) -> str | None:
    """Return the code of the district where a person lived on a day, as it was told (None: not known).

    A district counts from the file that brings it (or from the day of moving in that came with it); the
    first one counts for the time before as well.
    """
    told = [(_takes_effect(statements, index), one) for index, one in enumerate(statements) if _lives(one)]
    if not told:
        return None
    in_force = [one for effect, one in told if effect is None or effect <= on]
    return (in_force[-1] if in_force else told[0][1]).district


def effects(statements: tuple[Statement, ...]) -> set[date]:
    """Return the days on which an answer of this module can become another."""
    days = {_takes_effect(statements, index) for index in range(len(statements))}
    days |= {_since(statements, index) for index in range(len(statements))}
    days |= {one.gone_from for one in statements} | {one.file_date for one in statements}
    return {day for day in days if day is not None}


def _since(statements: tuple[Statement, ...], index: int) -> date | None:
    """A return without a date counts from the file that brings it: what was between is not told away, nor by
    what is said later of the same place (another district)."""
    one = statements[index]
    if one.since is not None or index == 0:
        return one.since
    before = statements[index - 1]
    if before.gone_from is not None:
        return one.file_date
    same_place = before.municipality == one.municipality and before.since is None
    return _since(statements, index - 1) if same_place else None


def _takes_effect(statements: tuple[Statement, ...], index: int) -> date | None:
    if index == 0:
        return None
    one, before = statements[index], statements[index - 1]
    since = one.since
    return since if since is not None and before.file_date < since <= one.file_date else one.file_date


def _lives(one: Statement) -> bool:
    return not one.absent and one.status is Status.ACTIVE


def _before_all(first: Statement, on: date) -> Residence:
    """Before everything that is told: whoever left lately has lived here, as the register has them."""
    if first.gone_from is not None and (first.since is None or on >= first.since):
        return Residence(True, "registered_here", first.since, first)
    return Residence(False, "not_yet_moved_in", None, first)
