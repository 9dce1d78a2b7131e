"""Which tasks and youths a caller may see, and thereby act on."""

from dataclasses import dataclass

from chassis.auth import Principal
from contracts import access


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller sees.

    ``ordinary``: youths without protected identity, in ``districts`` (None = the whole city, also
    where the district is unknown). ``protected``: youths with protected identity, who have no
    district outside the registry. ``city``: may release what others have claimed.
    """

    ordinary: bool
    districts: tuple[str, ...] | None
    protected: bool
    city: bool

    def sees(self, *, protected: bool, district: str | None) -> bool:
        """Tell whether a youth or task is within the scope (the SQL twin is ``db.visibility``)."""
        if protected:
            return self.protected
        return self.ordinary and (self.districts is None or district in self.districts)


def scope_of(principal: Principal) -> Scope:
    """Return what a caller sees by what they are granted for the action of the route, and their districts.

    Who has own districts sees those of the token, or all when it names none; the city's coordinator sees
    all; only a special handler sees protected identities (and only those, unless another role adds more).
    """
    city = access.Scope.ALL in principal.scopes
    local = access.Scope.OWN_DISTRICTS in principal.scopes
    everywhere = city or not principal.districts
    return Scope(
        ordinary=city or local,
        districts=None if everywhere else tuple(sorted(principal.districts)),
        protected=access.Scope.PROTECTED in principal.scopes,
        city=city,
    )


def acting_role(principal: Principal, *, protected: bool) -> str:
    """Return the role in which a caller acts on a youth, for the audit row."""
    if protected:
        return principal.role_within(access.Scope.PROTECTED)
    return principal.role_within(access.Scope.OWN_DISTRICTS, access.Scope.ALL)
