"""What a youth's consent opens to another board: to whom it was given, and for what (OSL 10 kap. 1 §).

A consent is for one party and one purpose. It opens the actions that the purpose needs, and no more; the
decision table grants these actions to the board's people within `Scope.CONSENT`.
"""

from collections.abc import Mapping

from chassis.auth import Principal
from contracts.access import Scope
from contracts.actions import Action
from contracts.documentation import ConsentPurpose, Party
from contracts.roles import Role

# Whom a consent to a party means.
PARTY: Mapping[Role, Party] = {
    Role.SLUSSEN_COUNSELLOR: Party.UBF,
    Role.SOCIAL_WORKER: Party.SOCIALTJANST,
}

# Who it is (name, birth date, district, whether covered), and the consents given to one's own board.
_IDENTITY = frozenset({Action.YOUTHS_LIST, Action.YOUTHS_LOOK_UP, Action.YOUTHS_READ, Action.CONSENTS_READ})
_PLANNING = _IDENTITY | {Action.OCCUPATIONS_READ, Action.MEASURES_READ, Action.PLANS_READ}

COVERS: Mapping[ConsentPurpose, frozenset[Action]] = {
    ConsentPurpose.PLANNING: _PLANNING,
    ConsentPurpose.MEASURE: _IDENTITY | {Action.MEASURES_READ},
    ConsentPurpose.HOLD: _IDENTITY | {Action.HOLDS_READ, Action.HOLDS_PLACE},
    ConsentPurpose.SIP: _PLANNING,
    ConsentPurpose.HANDOVER: _PLANNING,
}


def purposes_of(action: Action) -> frozenset[ConsentPurpose]:
    """Return for which purposes a consent opens an action."""
    return frozenset(purpose for purpose, actions in COVERS.items() if action in actions)


def parties_of(caller: Principal) -> frozenset[Party]:
    """Return for which parties a caller reads by consent, by what they are granted for the action of the route."""
    granted = {grant.role for grant in caller.grants if grant.scope == Scope.CONSENT}
    return frozenset(party for role, party in PARTY.items() if role in granted)
