"""A pupil's telephone number and e-mail address, of those that the school has. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.registry.sources import values
from services.registry.sources.values import BadValue

# Anything but these, also what we do not know, is taken as a protected identity: then nothing is taken over.
UNPROTECTED = frozenset({"", "ingen"})
# The pupil's own first. A school address dies when the pupil leaves, and staff addresses are not ours to use.
_EMAIL_TYPES = ("privat", "skola elev", "")
_NOT_OWN_PHONE = frozenset({"arbete", "arbete övrigt", "skola personal"})


def is_protected(person: Mapping[str, Any]) -> bool:
    """Return whether the school has marked the identity. The population register decides; this only hides."""
    marking = person.get("securityMarking")
    if marking is None or isinstance(marking, bool):  # a boolean in early versions of the standard
        return bool(marking)
    return not isinstance(marking, str) or marking.strip().lower() not in UNPROTECTED


def phone(person: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return (number in E.164, what was wrong with those that were passed over). Mobile numbers first."""
    own = [one for one in _entries(person.get("phoneNumbers")) if _type(one) not in _NOT_OWN_PHONE]
    own.sort(key=lambda one: one.get("mobile") is not True)  # stable: else the school's order
    return _first(own, values.phone)


def email(person: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return (address, what was wrong with those that were passed over)."""
    usable = [one for one in _entries(person.get("emails")) if _type(one) in _EMAIL_TYPES]
    usable.sort(key=lambda one: _EMAIL_TYPES.index(_type(one)))
    return _first(usable, values.email)


def _first(entries: Iterable[Mapping[str, Any]], read: Any) -> tuple[str | None, str | None]:
    reason = None
    for one in entries:
        raw = one.get("value")
        if not isinstance(raw, str) or not raw.strip():
            continue
        try:
            return read(raw.strip()), reason
        except BadValue as bad:
            reason = bad.reason
    return None, reason


def _entries(raw: Any) -> list[Mapping[str, Any]]:
    return [one for one in raw if isinstance(one, Mapping)] if isinstance(raw, list) else []


def _type(entry: Mapping[str, Any]) -> str:
    raw = entry.get("type")
    return raw.strip().lower() if isinstance(raw, str) else ""
