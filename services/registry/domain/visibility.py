"""Who may see a person, and how much of them. Pure.

A protected identity is shown to nobody but the special handler who says why; to others of the city it
is a row without a name. A local coordinator sees the youths of their own districts, and a protected
youth is in no district. Another board sees who has given it a consent, and of them what that covers.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.access import Scope
from contracts.districts import DISTRICTS, district_on
from contracts.documentation import ConsentPurpose, Party

CONSENT_GROUND = "osl-10-1"


class Sight(StrEnum):
    FULL = "full"
    SHARED = "shared"  # by the youth's consent: who it is, and what the consent covers
    MASKED = "masked"  # that there is such a youth, and codes that tell nothing
    HIDDEN = "hidden"  # as if there were none


@dataclass(frozen=True, slots=True)
class Sharing:
    """Whose consents count for a reader of another board, and for which purposes, in what they do."""

    parties: frozenset[Party]
    purposes: frozenset[ConsentPurpose]

    def arguments(self) -> tuple[list[str], list[str]]:
        """Return both as SQL takes them."""
        return sorted(self.parties), sorted(self.purposes)

    @staticmethod
    def legal_ground(consent_id: UUID) -> str:
        """Return what the audit says of why: OSL 10 kap. 1 §, and by which consent."""
        return f"{CONSENT_GROUND}:{consent_id}"


@dataclass(frozen=True, slots=True)
class Viewer:
    """``scopes`` are of what they do; ``districts`` empty means all of them.

    ``reason`` is why a protected identity is opened, by who ``may_open`` one; ``sharing`` what another board
    reads by, beside which it sees nobody.
    """

    scopes: frozenset[str]
    districts: frozenset[str] = frozenset()
    reason: str | None = None
    may_open: bool = False
    sharing: Sharing | None = None

    @property
    def city_wide(self) -> bool:
        return Scope.ALL in self.scopes

    @property
    def sees_unprotected(self) -> bool:
        return self.city_wide or Scope.OWN_DISTRICTS in self.scopes

    @property
    def own_districts(self) -> frozenset[str] | None:
        """The districts that the viewer is limited to; None for all."""
        return None if self.city_wide or not self.districts else self.districts

    @property
    def opens_protected(self) -> bool:
        return self.may_open and self.reason is not None

    @property
    def knows_of_protected(self) -> bool:
        return self.city_wide or Scope.PROTECTED in self.scopes


def sight(viewer: Viewer, *, protected: bool, district: str | None, consented: bool = False) -> Sight:
    """Return how much ``viewer`` sees of a person in ``district`` (its code as of today).

    ``consented``: a consent that ``viewer.sharing`` asks for is valid now.
    """
    if protected:
        if viewer.opens_protected:
            return Sight.FULL
        return Sight.MASKED if viewer.knows_of_protected else Sight.HIDDEN
    own = viewer.own_districts
    if own is not None and district not in own:
        return Sight.HIDDEN
    if viewer.sees_unprotected:
        return Sight.FULL
    return Sight.SHARED if consented and viewer.sharing is not None else Sight.HIDDEN


def codes_of(districts: frozenset[str], today: date) -> frozenset[str]:
    """Return the codes under which people of these districts may stand, merged districts included."""
    merged = {one.code for one in DISTRICTS if district_on(one.code, today) in districts}
    return districts | merged
