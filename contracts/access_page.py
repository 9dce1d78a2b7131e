"""The decision table as docs/access.md shows it: a matrix per area, role by role."""

from collections.abc import Iterator

from contracts.access import TABLE, Scope
from contracts.actions import Action
from contracts.roles import Role
from contracts.sharing import COVERS, PARTY

# Short enough for thirteen columns; the page says what each means.
SIGNS: dict[Scope, str] = {
    Scope.ALL: "**all**",
    Scope.OWN_DISTRICTS: "own",
    Scope.OWN_UNITS: "units",
    Scope.CONSENT: "consent",
    Scope.PROTECTED: "protected",
    Scope.SELF: "self",
    Scope.COUNTS: "counts",
    Scope.NO_PERSONS: "yes",
    Scope.SERVICE: "service",
}
NAMES: dict[Role, str] = {
    Role.LOCAL_COORDINATOR: "local coord.",
    Role.KAA_COORDINATOR: "KAA coord.",
    Role.SPECIAL_HANDLER: "special handler",
    Role.REGISTER_SUPERUSER: "superuser",
    Role.SLUSSEN_COUNSELLOR: "Skolslussen",
    Role.SOCIAL_WORKER: "social worker",
    Role.STATISTICIAN: "statistician",
    Role.COMMUNICATIONS: "communications",
    Role.JURIST: "jurist",
    Role.AUDITOR: "auditor",
    Role.OPERATOR: "operator",
    Role.SERVICE: "service",
    Role.SCHOOL: "school",
}
# By what an action's name begins with.
AREAS: dict[str, tuple[str, ...]] = {
    "The register": (
        "youths", "person_numbers", "coverage", "timeline", "occupations", "manual_entries", "persons",
        "protection", "recipients", "districts",
    ),
    "Documentation": (
        "contact_points", "guardians", "measures", "plans", "consents", "holds", "catalogue",
    ),
    "What schools tell": ("school_reports",),
    "Sources": ("sync", "sources", "attentions", "conflicts"),
    "Gallring": ("gallring",),
    "The work of the staff": ("tasks", "journeys", "contacts", "concerns", "visits", "staff", "absences"),
    "Messages": ("messages", "waves"),
    "Policy, plans and figures": ("policy", "intake", "forecasts", "figures"),
    "Operations": ("audit", "dead_letters", "runs", "payloads", "subject_data"),
}  # fmt: skip


def tables() -> str:
    """Return the generated part of the page."""
    lines: list[str] = []
    for area, begins in AREAS.items():
        actions = [action for action in Action if action.split(".")[0] in begins]
        lines += ["", f"### {area}", "", *_matrix(actions)]
    lines += ["", "### What a consent opens to another board", "", *_sharing()]
    return "\n".join([*lines, "", ""])


def _sharing() -> Iterator[str]:
    """Yield the table of what a consent covers, by its purpose, and to whose people."""
    covered = [action for action in Action if any(action in actions for actions in COVERS.values())]
    who = [f"{NAMES[role]} (`{party}`)" for role, party in PARTY.items()]
    yield f"| action | {' | '.join(f'for `{purpose}`' for purpose in COVERS)} | {' | '.join(who)} |"
    yield f"|---|{'---|' * (len(COVERS) + len(PARTY))}"
    for action in covered:
        opened = ["yes" if action in actions else "" for actions in COVERS.values()]
        people = ["yes" if TABLE[action].get(role) is Scope.CONSENT else "" for role in PARTY]
        yield f"| `{action}` | {' | '.join([*opened, *people])} |"


def _matrix(actions: list[Action]) -> Iterator[str]:
    """Yield a table of actions by the roles that may do one of them at least."""
    roles = [role for role in Role if any(role in TABLE[action] for action in actions)]
    everybody = len(roles) == len(Role)  # the columns of who may do only what all may are left out
    if everybody:
        some = [action for action in actions if len(TABLE[action]) < len(Role)]
        roles = [role for role in Role if any(role in TABLE[action] for action in some)]
    yield f"| action | what it is | {' | '.join(NAMES[role] for role in roles)} |"
    yield f"|---|---|{'---|' * len(roles)}"
    for action in actions:
        row = TABLE[action]
        about = f"{action.about} (any role)" if len(row) == len(Role) else action.about
        cells = [SIGNS[row[role]] if role in row else "" for role in roles]
        yield f"| `{action}` | {about} | {' | '.join(cells)} |"
