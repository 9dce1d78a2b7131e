"""From a post to a change: pure. What does not fit is left out with a note, or the post is rejected.

A post is rejected only when it is not known whom it is about, or what has become of them. All else goes
on: a marking of protected identity must not be lost because a postal code is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from services.registry.domain.facts import Protection, Status
from services.registry.domain.person_number import PersonNumber
from services.registry.sources import values
from services.registry.sources.navet.change import UNTOLD, AddressChange, Change, Note, Reject, Told
from services.registry.sources.navet.names import given_name
from services.registry.sources.navet.posts import RawPost
from services.registry.sources.navet.terms import Deregistration, TermField, Terms
from services.registry.sources.values import BadValue

T = TypeVar("T")
F = TermField
_HOME = (F.CARE_OF, F.LINE_1, F.LINE_2, F.POSTAL_CODE, F.CITY)
_SPECIAL = (F.SPECIAL_CARE_OF, F.SPECIAL_LINE_1, F.SPECIAL_LINE_2, F.SPECIAL_POSTAL_CODE, F.SPECIAL_CITY)


class BadPost(Exception):
    """A post that does not go on. Holds codes only."""

    def __init__(self, reason: str, term: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.term = reason, term


def change_of(post: RawPost, encoding: str, terms: Terms) -> Change | Reject:
    """Return what a post tells."""
    told = _Told(post, encoding, terms)
    try:
        if post.problem is not None:
            raise BadPost(post.problem, post.problem_term)
        return _change(told)
    except BadPost as bad:
        return _reject(told, bad)


@dataclass(slots=True)
class _Told:
    """The values of a post. `get` says what was told of a term and notes what could not be understood."""

    post: RawPost
    encoding: str
    terms: Terms
    notes: list[Note] = field(default_factory=list)

    def text(self, wanted: F) -> Told[str | None]:
        """Return a term's text: UNTOLD when it is not there, None when it has been emptied. Raises BadValue."""
        term = self.post.terms.get(wanted)
        if term is None:
            return UNTOLD
        if term.value is None:
            raise BadValue("no_value")
        if not term.whole:
            raise BadValue("too_long")
        try:
            value = values.text(term.value.decode(self.encoding).strip())
        except UnicodeDecodeError:
            raise BadValue("encoding") from None
        return None if value == self.terms.emptied.value else value

    def get(self, wanted: F, read: Callable[[str], T]) -> Told[T | None]:
        """Return a term's value; UNTOLD, with a note, when it cannot be read."""
        try:
            text = self.text(wanted)
            return text if text is UNTOLD or text is None else read(text)
        except BadValue as bad:
            self.note(wanted, bad.reason)
            return UNTOLD

    def need(self, wanted: F, read: Callable[[str], T]) -> Told[T | None]:
        """Return a term's value. Raises BadPost when it cannot be read."""
        try:
            text = self.text(wanted)
            return text if text is UNTOLD or text is None else read(text)
        except BadValue as bad:
            raise BadPost(bad.reason, self.code(wanted)) from None

    def yes(self, wanted: F) -> Told[bool]:
        """Return whether a marking holds. What cannot be understood is a yes: better one too many."""
        try:
            text = self.text(wanted)
        except BadValue as bad:
            self.note(wanted, bad.reason)
            return True
        if text is UNTOLD:
            return UNTOLD
        if text is None or text in self.terms.no.values:
            return False
        if text not in self.terms.yes.values:
            self.note(wanted, "unknown_code")
        return True

    def note(self, wanted: F, reason: str) -> None:
        self.notes.append(Note(self.code(wanted), reason))

    def code(self, wanted: F) -> str | None:
        term = self.post.terms.get(wanted)
        return None if term is None else term.code


def _change(told: _Told) -> Change:
    number, previous, is_old = _numbers(told)
    if is_old:
        # The post of a number that is no longer used says which one took its place, and nothing of the person.
        return Change(
            told.post.number,
            number,
            told.post.day,
            previous,
            marked=_only_yes(told.yes(F.MARKED)),
            protected_registration=_only_yes(told.yes(F.PROTECTED_REGISTRATION)),
            notes=tuple(told.notes),
        )
    status, left_on = _deregistration(told)
    return Change(
        post=told.post.number,
        person_number=number,
        told_on=told.post.day,
        previous_number=previous,
        total=told.yes(F.TOTAL) is True,
        first_name=_first_name(told),
        last_name=told.get(F.LAST_NAME, str),
        deregistered=status,
        deregistered_on=left_on,
        registered_on=told.get(F.REGISTERED_ON, day),
        municipality=_municipality(told),
        registered_address=_address(told, *_HOME),
        special_address=_address(told, *_SPECIAL),
        marked=told.yes(F.MARKED),
        protected_registration=told.yes(F.PROTECTED_REGISTRATION),
        immigrated_on=told.get(F.IMMIGRATED_ON, day),
        notes=tuple(told.notes),
    )


def _numbers(told: _Told) -> tuple[PersonNumber, PersonNumber | None, bool]:
    """Return the number in force, the one that it replaced, and whether the post is that of the old one."""
    own = _one_number(told)
    is_old = _meaning(told) is Deregistration.OLD_NUMBER
    other = told.need(F.OTHER_NUMBER, values.person) if is_old else told.get(F.OTHER_NUMBER, values.person)
    if told.post.more_numbers:
        told.note(F.OTHER_NUMBER, "several_numbers")
    if other is UNTOLD or other is None:
        if is_old:
            raise BadPost("no_new_number", told.code(F.DEREGISTERED))
        return own, None, False
    if other.digits == own.digits:
        raise BadPost("same_number", told.code(F.OTHER_NUMBER))
    return (other, own, True) if is_old else (own, other, False)


def _one_number(told: _Told) -> PersonNumber:
    number = told.need(F.PERSON_NUMBER, values.person)
    assigned = told.need(F.ASSIGNED_NUMBER, values.person)
    found = [one for one in (number, assigned) if one is not UNTOLD and one is not None]
    if not found:
        raise BadPost("no_number")
    if len({one.digits for one in found}) > 1:
        raise BadPost("two_numbers", told.code(F.ASSIGNED_NUMBER))
    return found[0]


def _meaning(told: _Told) -> Told[Deregistration | None]:
    def read(text: str) -> Deregistration:
        try:
            return told.terms.deregistration[text].means
        except KeyError:
            raise BadValue("unknown_code") from None

    return told.need(F.DEREGISTERED, read)


def _deregistration(told: _Told) -> tuple[Told[Status | None], date | None]:
    meaning = _meaning(told)
    if meaning is UNTOLD or meaning is None:
        return meaning, None
    if meaning is Deregistration.BY_HAND:
        raise BadPost("deregistration_by_hand", told.code(F.DEREGISTERED))
    left_on = told.get(F.DEREGISTERED_ON, day)
    return meaning.status, None if left_on is UNTOLD else left_on


def _first_name(told: _Told) -> Told[str | None]:
    names = told.get(F.FIRST_NAMES, str)
    mark = told.get(F.GIVEN_NAME_MARK, str)
    if mark is UNTOLD or mark is None:
        return names
    if names is UNTOLD:
        told.note(F.GIVEN_NAME_MARK, "no_names")  # which name it marks we do not know: only one is kept
    if names is UNTOLD or names is None:
        return names
    name = given_name(names, mark)
    if name is None:
        told.note(F.GIVEN_NAME_MARK, "no_such_name")
    return name or names


def _municipality(told: _Told) -> Told[str]:
    county, municipality = told.get(F.COUNTY, values.digits(2)), told.get(F.MUNICIPALITY, values.digits(2))
    if isinstance(county, str) and isinstance(municipality, str):
        return county + municipality
    if isinstance(county, str) or isinstance(municipality, str):
        told.note(F.COUNTY if isinstance(county, str) else F.MUNICIPALITY, "half_a_code")
    return UNTOLD


def _address(told: _Told, care_of: F, line_1: F, line_2: F, postal_code: F, city: F) -> AddressChange:
    return AddressChange(
        told.get(care_of, str),
        told.get(line_1, str),
        told.get(line_2, str),
        told.get(postal_code, values.postal_code),
        told.get(city, str),
    )


def day(text: str) -> date:
    """Return a date written YYYYMMDD. Raises BadValue; an incomplete one (20260900, 2026) is none."""
    if len(text) == 4 or text.endswith("00"):
        raise BadValue("incomplete_date")
    return values.day(f"{text[:4]}-{text[4:6]}-{text[6:]}")


def _only_yes(marking: Told[bool]) -> Told[bool]:
    return marking if marking is True else UNTOLD


def _reject(told: _Told, bad: BadPost) -> Reject:
    try:
        number = None if told.post.doubled else _one_number(told).digits
    except BadPost:
        number = None
    if told.yes(F.PROTECTED_REGISTRATION) is True:
        protection = Protection.PROTECTED_REGISTRATION
    else:
        protection = Protection.MARKED if told.yes(F.MARKED) is True else Protection.NONE
    return Reject(told.post.number, bad.term, bad.reason, number, protection)
