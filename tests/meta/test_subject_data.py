"""No table is forgotten in the data-subject export: each is in it, or named with the reason why not."""

import importlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import asyncpg
import pytest

from chassis.subject_data import STAFF_KEYS, Section
from contracts import documentation, messages, occupation, reasons, roles, school_reports, tasks
from deploy.local.databases import SERVICES, Database
from services.notifications.domain import replies
from services.registry.domain import contact_points, criteria, facts, looking_up, manual, measures
from services.registry.domain import school_reports as report_codes
from services.registry.export.readable import CODES, FIELDS, TECHNICAL, WORDS
from tests.meta.repository import ROOT

pytestmark = pytest.mark.stack

COLUMNS = """
select case c.table_schema when 'public' then '' else c.table_schema || '.' end || c.table_name as name,
    array_agg(c.column_name::text) as columns
from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where c.table_schema not in ('pg_catalog', 'information_schema') and t.table_type = 'BASE TABLE'
group by 1
"""
Tables = Mapping[str, frozenset[str]]
# Whoever adds such a column writes a staff id into it, as a rule.
STAFF_LIKE = ("_by", "actor", "staff")
NOT_STAFF = {
    "start_by": "a day",
    "closed_by": "id of a run",
    "ended_by": "id of a run",
    "opened_by": "id of a run",
    "check_out_by": "a time",
    "given_by": "code: the youth or a guardian",
    "reached_by": "code: the way",
    "reported_by": "code: function at the school",
    "superseded_by": "id of a report",
    "told_by": "code: who told",
    "requested_by": "of a run, whose table is an exception",
}


def listed(service: str) -> tuple[tuple[Section, ...], Mapping[str, str]]:
    module = importlib.import_module(f"services.{service}.db.subject_data")
    return module.SECTIONS, module.EXCEPTIONS


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def tables(service: str, service_database: Callable[[str], Awaitable[Database]]) -> Tables:
    """Every table of a service's migrated database with its columns, as the migrator sees them."""
    conn = await asyncpg.connect((await service_database(service)).migrator_url)
    try:
        return {row["name"]: frozenset(row["columns"]) for row in await conn.fetch(COLUMNS)}
    finally:
        await conn.close()


def forgotten(tables: Tables, service: str) -> set[str]:
    sections, exceptions = listed(service)
    return set(tables) - {section.table for section in sections} - set(exceptions)


async def test_every_table_is_in_the_export_or_an_exception(service: str, tables: Tables) -> None:
    sections, exceptions = listed(service)
    assert forgotten(tables, service) == set()
    # No name stands there in vain, none in both lists, and each exception says why.
    assert {section.table for section in sections} | set(exceptions) == set(tables)
    assert {section.table for section in sections} & set(exceptions) == set()
    assert [table for table, reason in exceptions.items() if len(reason) < 10] == []
    assert len({section.name for section in sections}) == len(sections)


async def test_an_exception_holds_no_id_of_a_person(service: str, tables: Tables) -> None:
    _, exceptions = listed(service)
    keyed = {
        table
        for table in exceptions
        if tables[table] & {"youth_id", "person_id", "person_number", "into_id"}
        and not table.startswith("staging_")
    }
    assert keyed == set()


async def test_the_test_would_notice_a_later_table(service: str, tables: Tables) -> None:
    assert forgotten({**tables, "diaries": frozenset({"youth_id"})}, service) == {"diaries"}


async def test_no_staff_id_is_told(service: str, tables: Tables) -> None:
    sections, _ = listed(service)
    columns = {column for section in sections for column in tables[section.table]}
    like_staff = {column for column in columns if column.endswith(STAFF_LIKE)}
    assert like_staff - STAFF_KEYS - set(NOT_STAFF) == set()


async def test_every_column_has_a_swedish_label(service: str, tables: Tables) -> None:
    sections, _ = listed(service)
    for section in sections:
        if section.name == "audit":
            continue  # a table of its own in the PDF
        assert f"{service}.{section.name}" in WORDS["sections"] or section.name in WORDS["sections"]
        shown = tables[section.table] - STAFF_KEYS - TECHNICAL - set(section.without)
        assert shown - set(FIELDS) == set(), section.table


def test_every_code_has_a_swedish_word() -> None:
    modules = [documentation, messages, occupation, reasons, school_reports, tasks]
    modules += [contact_points, criteria, facts, looking_up, manual, measures, replies, report_codes]
    known = set(CODES) | set(WORDS["roles"])
    missing = {
        f"{name}.{code.value}"
        for module in modules
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, str) and hasattr(kind, "__members__") and name != "Refusal"
        for code in kind.__members__.values()
        if code.value not in known
    }
    assert missing == set()
    assert {role.value for role in roles.Role} - set(WORDS["roles"]) == set()


def test_words_are_in_no_list_twice() -> None:
    assert set(FIELDS) & set(TECHNICAL) == set()


def test_the_page_tells_of_every_service() -> None:
    page = Path(ROOT / "docs" / "export.md").read_text()
    assert [service for service in SERVICES if service not in page] == []
