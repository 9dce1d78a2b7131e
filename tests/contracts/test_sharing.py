"""What a consent covers and what the decision table grants by consent are the same."""

from contracts.access import TABLE, Scope
from contracts.documentation import ConsentPurpose
from contracts.sharing import COVERS, PARTY, purposes_of


def test_every_purpose_says_what_it_covers() -> None:
    assert set(COVERS) == set(ConsentPurpose)


def test_what_is_granted_by_consent_is_what_consents_cover() -> None:
    granted = {action for action, row in TABLE.items() if Scope.CONSENT in row.values()}
    assert granted == frozenset[object]().union(*COVERS.values())
    assert [action for action in granted if not purposes_of(action)] == []


def test_each_role_that_reads_by_consent_has_its_party() -> None:
    readers = {role for row in TABLE.values() for role, scope in row.items() if scope is Scope.CONSENT}
    assert readers == set(PARTY)
    assert len(set(PARTY.values())) == len(PARTY)
