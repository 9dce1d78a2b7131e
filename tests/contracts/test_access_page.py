"""The page of the decision table holds all of it."""

from contracts.access import TABLE, Scope
from contracts.access_page import AREAS, NAMES, SIGNS, tables
from contracts.actions import Action
from contracts.roles import Role


def test_every_action_is_in_one_area() -> None:
    made = tables().partition("### What a consent opens")[0]
    begins = [one for area in AREAS.values() for one in area]
    assert len(set(begins)) == len(begins)
    assert {action.split(".")[0] for action in Action} == set(begins)
    assert [action for action in Action if made.count(f"| `{action}` |") != 1] == []


def test_every_grant_of_the_table_is_on_the_page() -> None:
    """Read back from the page: role by role and action by action, what the table says."""
    found: dict[tuple[str, str], str] = {}
    columns: list[str] = []
    for line in tables().partition("### What a consent opens")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| action"):
            columns = cells[2:]
        elif line.startswith("| `"):
            action, roles = cells[0].strip("`"), list(NAMES.values()) if "(any role)" in cells[1] else columns
            signs = ["yes"] * len(roles) if "(any role)" in cells[1] else cells[2:]
            found |= {(action, role): sign for role, sign in zip(roles, signs, strict=True) if sign}
    expected = {
        (action.value, NAMES[role]): SIGNS[scope] for action, row in TABLE.items() for role, scope in row.items()
    }
    assert found == expected


def test_every_role_and_scope_has_its_own_sign() -> None:
    assert set(NAMES) == set(Role)
    assert set(SIGNS) == set(Scope)
    for signs in (NAMES, SIGNS):
        assert len(set(signs.values())) == len(signs)
