"""Who sees whom, and how much."""

from datetime import date

import pytest

from contracts.access import decide
from contracts.actions import Action
from contracts.documentation import ConsentPurpose, Party
from contracts.roles import Role
from services.registry.domain.visibility import Sharing, Sight, Viewer, codes_of, sight

LOCAL, CITY, SPECIAL = Role.LOCAL_COORDINATOR, Role.KAA_COORDINATOR, Role.SPECIAL_HANDLER


def viewer(role: Role, *districts: str, reason: str | None = None) -> Viewer:
    scopes = frozenset(grant.scope for grant in decide(Action.YOUTHS_READ, {role}))
    may_open = decide(Action.PROTECTION_OPEN, {role}) != ()
    return Viewer(scopes, frozenset(districts), reason, may_open)


@pytest.mark.parametrize(
    ("who", "protected", "district", "expected"),
    [
        (viewer(LOCAL, "farsta"), False, "farsta", Sight.FULL),
        (viewer(LOCAL, "farsta"), False, "bromma", Sight.HIDDEN),
        (viewer(LOCAL, "farsta"), False, None, Sight.HIDDEN),
        (viewer(LOCAL), False, "bromma", Sight.FULL),
        (viewer(LOCAL, "farsta"), True, "farsta", Sight.HIDDEN),
        (viewer(LOCAL, "farsta", reason="asked to"), True, "farsta", Sight.HIDDEN),
        (viewer(CITY), False, "bromma", Sight.FULL),
        (viewer(CITY), True, "bromma", Sight.MASKED),
        (viewer(CITY, reason="asked to"), True, "bromma", Sight.MASKED),
        (viewer(Role.REGISTER_SUPERUSER), True, None, Sight.MASKED),
        (viewer(SPECIAL), True, "bromma", Sight.MASKED),
        (viewer(SPECIAL, reason="follow-up"), True, "bromma", Sight.FULL),
        (viewer(SPECIAL, reason="follow-up"), False, "bromma", Sight.HIDDEN),
        (viewer(Role.STATISTICIAN), False, "bromma", Sight.HIDDEN),
    ],
)
def test_sight(who: Viewer, protected: bool, district: str | None, expected: Sight) -> None:
    assert sight(who, protected=protected, district=district) is expected


BY_CONSENT = Sharing(frozenset({Party.UBF}), frozenset({ConsentPurpose.PLANNING}))


@pytest.mark.parametrize(
    ("scopes", "protected", "district", "consented", "expected"),
    [
        ({"consent"}, False, "farsta", True, Sight.SHARED),
        ({"consent"}, False, "farsta", False, Sight.HIDDEN),
        ({"consent"}, False, "bromma", True, Sight.HIDDEN),
        ({"consent"}, False, None, True, Sight.HIDDEN),
        ({"consent"}, True, "farsta", True, Sight.HIDDEN),
        # Of who has a right of their own besides, no consent is asked.
        ({"consent", "own_districts"}, False, "farsta", False, Sight.FULL),
        ({"consent", "all"}, False, "bromma", False, Sight.FULL),
        ({"consent", "all"}, True, "farsta", True, Sight.MASKED),
        # A consent is nothing to who does not read by one.
        ({"protected"}, False, "farsta", True, Sight.HIDDEN),
    ],
)
def test_what_a_consent_opens(
    scopes: set[str], protected: bool, district: str | None, consented: bool, expected: Sight
) -> None:
    sharing = BY_CONSENT if "consent" in scopes else None
    who = Viewer(frozenset(scopes), frozenset({"farsta"}), sharing=sharing)
    assert sight(who, protected=protected, district=district, consented=consented) is expected


def test_a_district_holds_those_who_stand_under_what_merged_into_it() -> None:
    assert codes_of(frozenset({"jarva"}), date(2026, 1, 1)) == {"jarva", "rinkeby-kista", "spanga-tensta"}
    assert codes_of(frozenset({"farsta"}), date(2026, 1, 1)) == {"farsta"}
