"""Which tasks and youths a caller may see, and thereby act on."""

from dataclasses import dataclass

from chassis.auth import Principal
from contracts.roles import Role

# Roles that work with youths, in the order in which they are tried for the audit row.
STAFF = (Role.LOCAL_COORDINATOR, Role.KAA_COORDINATOR, Role.SPECIAL_HANDLER)

# Who leads the work: of all but protected identities, or of those. They hand tasks over in bulk.
LEADS = (Role.KAA_COORDINATOR, Role.SPECIAL_HANDLER)


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
    """Return what a caller sees by roles and districts.

    A local coordinator sees the districts of the token, or all when it names none; the city's
    coordinator sees all; only a special handler sees protected identities (and only those, unless
    another role adds more).
    """
    city = Role.KAA_COORDINATOR in principal.roles
    local = Role.LOCAL_COORDINATOR in principal.roles
    everywhere = city or not principal.districts
    return Scope(
        ordinary=city or local,
        districts=None if everywhere else tuple(sorted(principal.districts)),
        protected=Role.SPECIAL_HANDLER in principal.roles,
        city=city,
    )


def acting_role(principal: Principal, *, protected: bool) -> str:
    """Return the role in which a caller acts on a youth, for the audit row."""
    return principal.acting_as(Role.SPECIAL_HANDLER, *STAFF) if protected else principal.acting_as(*STAFF)
