"""What the registry has about a person, for the data-subject export, and which ids the person has had."""

from chassis.subject_data import COMMON, COMMON_EXCEPTIONS, Section

# Where a person who was merged into another went; null when there is no such id.
STANDS_AS = """
with recursive chain as (
    select id, merged_into from persons where id = $1
    union
    select p.id, p.merged_into from chain c join persons p on p.id = c.merged_into
)
select id from chain where merged_into is null
"""
# A person with all who were merged into them, the person first.
ALL_IDS = """
with recursive who as (
    select $1::uuid as id
    union
    select p.id from who join persons p on p.merged_into = who.id
)
select id from who order by id <> $1, id
"""

_PERSON = "t.person_id = any($1::uuid[])"
_NUMBERS = "(select number from person_numbers where person_id = any($1::uuid[]))"
_REPORTS = "(select id from school_reports where person_id = any($1::uuid[]))"
_PLANS = "t.plan_id in (select id from documentation.plans where person_id = any($1::uuid[]))"

REGISTER = (
    Section("persons", "persons", "t.id = any($1::uuid[])", "t.first_seen_at, t.id", without=("line",)),
    Section("person_numbers", "person_numbers", _PERSON, "t.since, t.number"),
    Section(
        "person_merges",
        "person_merges",
        "t.person_id = any($1::uuid[]) or t.into_id = any($1::uuid[])",
        "t.id",
    ),
    Section("population_statements", "population_statements", _PERSON, "t.id"),
    Section("conflicts", "conflicts", _PERSON, "t.opened_at, t.id"),
    Section("navet_persons", "navet_persons", _PERSON, "t.told_on, t.person_id"),
    Section("episodes", "episodes", _PERSON, "t.registered_on, t.id"),
    Section("coverage_periods", "coverage_periods", _PERSON, "t.id"),
    Section(
        "enrolments",
        "enrolments",
        f"t.person_number in {_NUMBERS}",
        "t.starts_on, t.id",
        without=("line",),
    ),
    Section("exams", "exams", f"t.person_number in {_NUMBERS}", "t.issued_on, t.id", without=("line",)),
    Section("enrolment_denials", "enrolment_denials", f"t.person_number in {_NUMBERS}", "t.file_date, t.id"),
    Section("manual_entries", "manual_entries", f"t.person_number in {_NUMBERS}", "t.recorded_at, t.id"),
    Section("ss12000_rows", "ss12000_rows", f"t.person_number in {_NUMBERS}", "t.starts_on, t.entity_id"),
    Section(
        "ss12000_rejects",
        "ss12000_rejects",
        f"t.entity_id in (select entity_id from ss12000_rows where person_number in {_NUMBERS})",  # noqa: S608
        "t.id",
    ),
    Section(
        "school_reports",
        "school_reports",
        f"t.person_id = any($1::uuid[]) or t.person_number in {_NUMBERS}",
        "t.recorded_at, t.id",
    ),
    Section(
        "waiting_school_reports",
        "waiting_school_reports",
        f"t.person_number in {_NUMBERS}",
        "t.report_id",
    ),
    Section("school_report_requests", "school_report_requests", f"t.report_id in {_REPORTS}", "t.at, t.key"),
    Section("occupations", "occupations", _PERSON, "t.known_on, t.id"),
    Section("measures", "measures", _PERSON, "t.offered_on, t.id"),
    # What was offered, by name: the entry itself says nothing about anybody.
    Section(
        "measure_catalogue",
        "measure_catalogue",
        "t.id in (select catalogue_id from measures where person_id = any($1::uuid[]))",
        "t.school_year, t.id",
    ),
)
# When deletion was proposed, and was left out again.
GALLRING = (Section("gallring_youths", "gallring_youths", "t.youth_id = any($1::uuid[])", "t.run_id, t.clock"),)
DOCUMENTATION = (
    Section("contact_points", "documentation.contact_points", _PERSON, "t.recorded_at, t.id"),
    Section("guardians", "documentation.guardians", _PERSON, "t.recorded_at, t.id"),
    Section("plans", "documentation.plans", _PERSON, "t.made_on, t.id"),
    Section("plan_efforts", "documentation.plan_efforts", _PLANS, "t.plan_id, t.place"),
    Section("plan_follow_ups", "documentation.plan_follow_ups", _PLANS, "t.due_on, t.id"),
    Section("consents", "documentation.consents", _PERSON, "t.given_on, t.id"),
    Section("holds", "documentation.holds", _PERSON, "t.placed_on, t.id"),
)
SECTIONS = (*REGISTER, *DOCUMENTATION, *GALLRING, *COMMON)

_WORKING_COPY = "a night's working copy of what a source sent; what is kept of it is in the register's tables"
EXCEPTIONS = COMMON_EXCEPTIONS | {
    "sync_runs": "about a run; who asked for it is staff",
    "attentions": "about a source; who released it is staff",
    "lateness_of_nobody": "counts of reports that were deleted, by school and month",
    "gallring_runs": "about a run; who proposed and approved it is staff",
    "source_loads": "about a file",
    "rejects": "row numbers and codes: leads to nobody without the file",
    "navet_files": "about a file",
    "navet_rejects": "post numbers and codes: leads to nobody without the file",
    "ss12000_servers": "about a school's server",
    "ss12000_readings": "about a reading of a school's server",
    "staging_population": _WORKING_COPY,
    "staging_placements": _WORKING_COPY,
    "staging_schools": _WORKING_COPY,
    "staging_exams": _WORKING_COPY,
    "staging_rejected": _WORKING_COPY,
    "staging_removed": _WORKING_COPY,
    "staging_ss12000": _WORKING_COPY,
    "staging_ss12000_told": _WORKING_COPY,
    "staging_ss12000_absences": _WORKING_COPY,
}
