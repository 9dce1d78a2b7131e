"""How long a code can be answered with. One that no longer can is to its holder as one that never was."""

from datetime import datetime, timedelta

REPEATED = timedelta(days=1)  # a second press, a reload, a client that lost the answer


def is_open(asked_at: datetime, ended: bool, answered_at: datetime | None, now: datetime, days: int) -> bool:
    """Return whether a code is taken now (all times civil).

    Once answered, it is for a day more, and gives the same answer again. Else until the duty is known to have
    ended, when nobody would call back, and for so many days after the message was asked for: an old letter in
    a drawer says nothing about anybody.
    """
    if answered_at is not None:
        return now - answered_at < REPEATED
    return not ended and now - asked_at < timedelta(days=days)
