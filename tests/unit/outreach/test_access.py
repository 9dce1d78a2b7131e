"""Who sees what. (`tests/integration/outreach/test_lists.py` holds the SQL to the same rule.)"""

import pytest

from chassis.auth import Principal
from contracts.access import decide
from contracts.actions import Action
from services.outreach.domain.access import acting_role, scope_of


def principal(*roles: str, districts: tuple[str, ...] = ()) -> Principal:
    granted = decide(Action.TASKS_READ, roles)
    return Principal("anna", frozenset(roles), frozenset(districts), grants=granted)


@pytest.mark.parametrize(
    ("caller", "farsta", "bromma", "unknown_district", "protected"),
    [
        (principal("local_coordinator", districts=("farsta",)), True, False, False, False),
        (principal("local_coordinator"), True, True, True, False),
        (principal("kaa_coordinator"), True, True, True, False),
        (principal("kaa_coordinator", districts=("farsta",)), True, True, True, False),
        (principal("special_handler"), False, False, False, True),
        (principal("special_handler", "local_coordinator", districts=("farsta",)), True, False, False, True),
        (principal("statistician"), False, False, False, False),
        (principal("operator"), False, False, False, False),
        (principal(), False, False, False, False),
    ],
)
def test_what_each_caller_sees(
    caller: Principal, farsta: bool, bromma: bool, unknown_district: bool, protected: bool
) -> None:
    scope = scope_of(caller)
    assert scope.sees(protected=False, district="farsta") is farsta
    assert scope.sees(protected=False, district="bromma") is bromma
    assert scope.sees(protected=False, district=None) is unknown_district
    assert scope.sees(protected=True, district=None) is protected


def test_only_the_citys_coordinator_may_release_what_others_claimed() -> None:
    assert scope_of(principal("kaa_coordinator")).city
    assert not scope_of(principal("local_coordinator", "special_handler")).city


def test_the_audit_names_the_role_that_gave_the_right() -> None:
    both = principal("kaa_coordinator", "special_handler")
    assert acting_role(both, protected=False) == "kaa_coordinator"
    assert acting_role(both, protected=True) == "special_handler"
