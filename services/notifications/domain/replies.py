"""What a youth answered. Whatever they write, they have answered: the search is over."""

from enum import StrEnum


class Choice(StrEnum):
    CONTACT_ME = "contact_me"
    OCCUPIED = "occupied"  # goes to school or works already
    NO_CONTACT = "no_contact"
    OTHER = "other"  # an SMS in own words: staff read it


_YES = frozenset({"JA", "J", "YES", "JAA", "JAPP", "ABSOLUT", "GÄRNA", "OK"})
_NO = frozenset({"NEJ", "N", "NO", "STOP", "STOPP", "SLUTA"})


def read_reply(text: str) -> Choice:
    """Return what an SMS means, by its first word; anything else is for staff to read."""
    words = text.strip(" \t\r\n.,!?\"'”").upper().split()
    first = words[0].strip(".,!?;:") if words else ""
    if first in _YES:
        return Choice.CONTACT_ME
    return Choice.NO_CONTACT if first in _NO else Choice.OTHER
