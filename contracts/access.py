"""Who may do what: the one decision table, role x action with its scope. What is not in it is denied.

A route declares its action (`Depends(allow(Action.X))`), and the caller that it gets carries what this table
grants for it. What a scope lets see is worked out by each service where its rows are, in SQL, by the scope
alone: no other module looks at roles. Printed with its legal grounds into docs/access.md.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType

from chassis.auth import Grant, Principal
from contracts.actions import Action
from contracts.roles import Role


class Scope(StrEnum):
    """How far what is granted reaches. Only PROTECTED and SERVICE open a protected identity."""

    ALL = "all"  # the city; that there is a protected youth, and nothing that tells who
    OWN_DISTRICTS = "own_districts"  # of the token; none named: all
    OWN_UNITS = "own_units"  # school units of the token; none named: none
    CONSENT = "consent"  # youths with a valid consent to the caller's board, and what it covers
    PROTECTED = "protected"  # youths with protected identity, and nobody else
    SELF = "self"  # the caller
    COUNTS = "counts"  # numbers: nobody can be told apart
    NO_PERSONS = "no_persons"  # tells of nobody: policy, sources, runs, events by opaque id
    SERVICE = "service"  # between our own services: what the caller behind it may see is decided there


LOCAL, CITY, SPECIAL = Role.LOCAL_COORDINATOR, Role.KAA_COORDINATOR, Role.SPECIAL_HANDLER
SUPERUSER, SLUSSEN, SOCIAL = Role.REGISTER_SUPERUSER, Role.SLUSSEN_COUNSELLOR, Role.SOCIAL_WORKER
STATISTICIAN, OPERATOR, JURIST = Role.STATISTICIAN, Role.OPERATOR, Role.JURIST

Row = Mapping[Role, Scope]

# Of who has several roles, the first one of a row stands in the audit.
_OUTREACH: Row = {LOCAL: Scope.OWN_DISTRICTS, CITY: Scope.ALL, SPECIAL: Scope.PROTECTED}
_REGISTER: Row = {SUPERUSER: Scope.ALL, CITY: Scope.ALL, LOCAL: Scope.OWN_DISTRICTS, SPECIAL: Scope.PROTECTED}
_DOCUMENTATION: Row = {CITY: Scope.ALL, LOCAL: Scope.OWN_DISTRICTS, SPECIAL: Scope.PROTECTED}
# Secrecy holds between boards (OSL 8 kap. 2 §): other boards read by consent alone.
_SHARED: Row = {**_REGISTER, SLUSSEN: Scope.CONSENT, SOCIAL: Scope.CONSENT}
_MAILBOX: Row = {SUPERUSER: Scope.ALL, CITY: Scope.ALL, LOCAL: Scope.NO_PERSONS}
_ANYBODY: Row = dict.fromkeys(Role, Scope.NO_PERSONS)
_SUPERUSERS: Row = {SUPERUSER: Scope.ALL}
_CITY: Row = {CITY: Scope.ALL}
_OPERATORS: Row = {OPERATOR: Scope.NO_PERSONS}


def _no_persons(*roles: Role) -> Row:
    return dict.fromkeys(roles, Scope.NO_PERSONS)


def _counts(*roles: Role) -> Row:
    return dict.fromkeys(roles, Scope.COUNTS)


TABLE: Mapping[Action, Row] = MappingProxyType(
    {
        Action.YOUTHS_LIST: _SHARED,
        Action.YOUTHS_LOOK_UP: _SHARED,
        Action.YOUTHS_READ: _SHARED,
        # A local coordinator finds a youth by name and address: the number is for those who keep the register.
        Action.PERSON_NUMBERS_READ: {SUPERUSER: Scope.ALL, CITY: Scope.ALL, SPECIAL: Scope.PROTECTED},
        Action.COVERAGE_READ: _REGISTER,
        Action.COVERAGE_COUNT: _counts(SUPERUSER, CITY, STATISTICIAN),
        Action.TIMELINE_READ: _REGISTER,
        Action.YOUTHS_EXPORT: {CITY: Scope.ALL, SUPERUSER: Scope.ALL, SPECIAL: Scope.PROTECTED},
        Action.OCCUPATIONS_READ: _SHARED,
        Action.OCCUPATIONS_WRITE: _REGISTER,
        Action.MANUAL_ENTRIES_READ: _REGISTER,
        Action.MANUAL_ENTRIES_WRITE: _REGISTER,
        Action.PERSONS_MERGE: _SUPERUSERS,
        Action.PROTECTION_OPEN: {SPECIAL: Scope.PROTECTED},
        Action.PROTECTION_LIFT: {SPECIAL: Scope.PROTECTED},
        Action.RECIPIENTS_READ: {Role.SERVICE: Scope.SERVICE},
        Action.DISTRICTS_READ: _ANYBODY,
        #
        Action.CONTACT_POINTS_READ: _REGISTER,
        Action.CONTACT_POINTS_WRITE: _REGISTER,
        Action.GUARDIANS_READ: _REGISTER,
        Action.GUARDIANS_WRITE: _REGISTER,
        Action.MEASURES_READ: _SHARED,
        Action.MEASURES_WRITE: _DOCUMENTATION,
        Action.PLANS_READ: _SHARED,
        Action.PLANS_WRITE: _DOCUMENTATION,
        Action.CONSENTS_READ: _SHARED,
        Action.CONSENTS_WRITE: _DOCUMENTATION,
        Action.HOLDS_READ: _SHARED,
        Action.HOLDS_PLACE: {**_DOCUMENTATION, SOCIAL: Scope.CONSENT},
        Action.HOLDS_END: _DOCUMENTATION,
        Action.CATALOGUE_READ: _no_persons(SUPERUSER, CITY, LOCAL, SPECIAL, STATISTICIAN),
        Action.CATALOGUE_WRITE: _no_persons(CITY),
        #
        # Of anybody, wherever they live. A local coordinator and a school are not told whether we know them.
        Action.SCHOOL_REPORTS_HAND_IN: {**_MAILBOX, Role.SCHOOL: Scope.OWN_UNITS},
        Action.SCHOOL_REPORTS_TYPE_IN: _MAILBOX,
        Action.SCHOOL_REPORTS_READ: _REGISTER,
        Action.SCHOOL_REPORTS_READ_STRANGERS: _SUPERUSERS,
        Action.SCHOOL_REPORTS_WITHDRAW: {
            SUPERUSER: Scope.ALL,
            CITY: Scope.ALL,
            Role.SCHOOL: Scope.OWN_UNITS,
        },
        Action.SCHOOL_REPORTS_COUNT: _counts(SUPERUSER, CITY, LOCAL, STATISTICIAN),
        #
        Action.SYNC_START: _no_persons(SUPERUSER, OPERATOR),
        Action.SYNC_READ: _no_persons(SUPERUSER, OPERATOR, CITY),
        Action.SOURCES_READ: _no_persons(SUPERUSER, OPERATOR, CITY),
        Action.ATTENTIONS_READ: _no_persons(SUPERUSER, OPERATOR, CITY, JURIST),
        Action.ATTENTIONS_RELEASE: _no_persons(SUPERUSER),
        Action.CONFLICTS_READ: _SUPERUSERS,
        Action.CONFLICTS_SETTLE: _SUPERUSERS,
        # Opaque ids and counts. The superuser answers for whom it is about, the jurist that it may be done.
        Action.GALLRING_READ: _no_persons(SUPERUSER, CITY, JURIST),
        Action.GALLRING_PROPOSE: _no_persons(SUPERUSER),
        Action.GALLRING_APPROVE: _no_persons(JURIST),
        Action.GALLRING_WITHDRAW: _no_persons(SUPERUSER, CITY, JURIST),
        Action.GALLRING_EXECUTE: _no_persons(SUPERUSER, CITY),
        #
        Action.TASKS_READ: _OUTREACH,
        Action.TASKS_CLAIM: _OUTREACH,
        Action.TASKS_ASSIGN: _OUTREACH,
        # Who leads the work: of all but protected identities, or of those.
        Action.TASKS_REASSIGN: {CITY: Scope.ALL, SPECIAL: Scope.PROTECTED},
        Action.TASKS_COMPLETE: _OUTREACH,
        Action.JOURNEYS_READ: _OUTREACH,
        Action.CONTACTS_RECORD: _OUTREACH,
        Action.CONCERNS_RAISE: _OUTREACH,
        Action.VISITS_PLAN: _OUTREACH,
        Action.VISITS_READ: _OUTREACH,
        # Nobody with protected identity is ever on a day list.
        Action.VISITS_PRINT: {LOCAL: Scope.OWN_DISTRICTS, CITY: Scope.ALL},
        Action.VISITS_CHECK_IN: _OUTREACH,
        Action.STAFF_LIST: _CITY,
        Action.STAFF_READ: {CITY: Scope.ALL, LOCAL: Scope.SELF, SPECIAL: Scope.SELF},
        Action.STAFF_WRITE: _CITY,
        Action.ABSENCES_WRITE: {CITY: Scope.ALL, LOCAL: Scope.SELF, SPECIAL: Scope.SELF},
        #
        Action.MESSAGES_READ: {CITY: Scope.ALL, SUPERUSER: Scope.ALL, LOCAL: Scope.OWN_DISTRICTS},
        Action.WAVES_READ: _counts(CITY, OPERATOR),
        Action.WAVES_DECIDE: _counts(CITY),
        Action.WAVES_HOLD: _counts(CITY, OPERATOR),
        #
        Action.POLICY_READ: _ANYBODY,
        Action.POLICY_READ_VERSIONS: _no_persons(
            CITY, LOCAL, SPECIAL, STATISTICIAN, OPERATOR, Role.COMMUNICATIONS
        ),
        Action.POLICY_PREVIEW: _counts(CITY),
        Action.POLICY_DECIDE: _no_persons(CITY),
        Action.INTAKE_READ: _counts(CITY, OPERATOR),
        Action.INTAKE_RUN: _counts(CITY, OPERATOR),
        Action.FORECASTS_MAKE: _counts(CITY, STATISTICIAN),
        Action.FIGURES_READ: _counts(STATISTICIAN, CITY, LOCAL, OPERATOR),
        #
        Action.DEAD_LETTERS_READ: _OPERATORS,
        Action.DEAD_LETTERS_RESOLVE: _OPERATORS,
        Action.RUNS_REDRIVE: _OPERATORS,
        Action.RUNS_HOLD: _counts(OPERATOR, CITY),
        # Opaque ids; who they are about, no auditor may ask.
        Action.AUDIT_READ: _no_persons(Role.AUDITOR),
        Action.PAYLOADS_READ: _OPERATORS,
        Action.SUBJECT_DATA_READ: {Role.SERVICE: Scope.SERVICE},
    }
)


_ROWS: Mapping[str, Row] = {action.value: row for action, row in TABLE.items()}


def decide(action: str, roles: Collection[str]) -> tuple[Grant, ...]:
    """Return what holders of ``roles`` are granted for an action: nothing, when no role may (default deny)."""
    row = _ROWS.get(action, {})
    return tuple(Grant(role.value, scope.value) for role, scope in row.items() if role in roles)


def scopes_of(caller: Principal, action: Action) -> frozenset[str]:
    """Return how far a caller may do something beside the action of the route, e.g. see person numbers."""
    return frozenset(grant.scope for grant in decide(action, caller.roles))
