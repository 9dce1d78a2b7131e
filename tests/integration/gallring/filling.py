"""Everything that the services keep of a youth, in every table that can hold something of one."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

import asyncpg

from chassis.clock import STOCKHOLM
from tests.unit.registry.files import made_up_number

AT = datetime(2023, 11, 1, 12, tzinfo=STOCKHOLM)
DAY = AT.date()


@dataclass(frozen=True)
class Youth:
    """A made-up youth, and what they can be found by."""

    which: int
    born: date
    first_name: str
    street: str
    phone: str
    youth_id: UUID = field(default_factory=uuid4)
    message_ids: tuple[UUID, ...] = field(default_factory=lambda: (uuid4(), uuid4()))
    task_id: UUID = field(default_factory=uuid4)

    @property
    def number(self) -> str:
        return made_up_number(self.which, self.born)

    @property
    def old_number(self) -> str:
        return made_up_number(self.which + 1, self.born)

    def names(self) -> list[str]:
        """What tells who it is, to whoever reads it."""
        return [self.number, self.old_number, self.first_name, self.street, self.phone]


REGISTRY = """
insert into persons (id, birth_date, sex, first_name, last_name, municipality, status, protection,
    protection_in_feed, file_date, first_seen_at, merged_into)
select gen_random_uuid(), birth_date, sex, first_name, last_name, municipality, status, protection, false,
    file_date, first_seen_at, id from persons where id = $1;
insert into person_numbers select $3, id, false, file_date from persons where merged_into = $1;
insert into person_merges (person_id, into_id, numbers, known_from)
select id, $1, array[$3], $5 from persons where merged_into = $1;
insert into enrolments (source, person_number, school_unit, kind, starts_on, file_date, known_from)
values ('schools', $2, '12345678', 'national', '2022-08-17', $6, $5);
insert into exams (person_number, kind, issued_on, file_date, known_from) values ($2, 'studiebevis', $6, $6, $5);
insert into manual_entries (id, person_number, fact, kind, on_day, reason, told_by, known_on, note, version,
    recorded_at, recorded_by)
values ($1, $2, 'exam', 'foreign', $6, 'document_shown', 'youth', $6, $7, 1, $5, 'anna');
insert into enrolment_denials (feed, person_number, school_unit, file_date, known_from)
values ('manual:' || $1, $2, '12345678', $6, $5);
insert into conflicts (person_id, kind, sources, said, rule, opened_at, opened_by)
select $1, 'ends_differ', '{schools,placements}', '[]', 'latest_end_counts', $5, run_id from sync_runs limit 1;
insert into occupations (id, person_id, code, knowledge_source, known_on, version, recorded_at, recorded_by)
values (gen_random_uuid(), $1, 'work', 'youth', $6, 1, $5, 'anna');
insert into measure_catalogue (id, school_year, owner, type, name, version, recorded_at, recorded_by)
values (md5($1::text)::uuid, '2023/24', 'ubn', 'practice', 'Praktik', 1, $5, 'anna');
insert into measures (id, person_id, episode_id, catalogue_id, state, offered_on, declined_on, occupation_before,
    follows_up, version, recorded_at, recorded_by)
values (gen_random_uuid(), $1, $4, md5($1::text)::uuid, 'declined', $6, $6, 'none', 'anna', 1, $5, 'anna');
insert into documentation.guardians (id, person_id, first_name, last_name, relation, source, valid_from, version,
    recorded_at, recorded_by) values ($1, $1, $7, 'Exempelsson', 'parent', 'staff', $6, 1, $5, 'anna');
insert into documentation.contact_points (id, person_id, guardian_id, kind, value, source, valid_from, version,
    recorded_at, recorded_by) values (gen_random_uuid(), $1, $1, 'phone', $8, 'youth', $6, 1, $5, 'anna');
insert into documentation.plans (id, person_id, episode_id, goal, made_on, version, recorded_at, recorded_by)
values ($1, $1, $4, $7, $6, 1, $5, 'anna');
insert into documentation.plan_efforts (plan_id, id, place, answers_for, content, planned_start)
values ($1, gen_random_uuid(), 1, 'youth', $7, $6);
insert into documentation.plan_follow_ups (plan_id, id, due_on) values ($1, gen_random_uuid(), $6);
insert into documentation.consents (id, person_id, episode_id, party, purpose, given_by, given_on, version,
    recorded_at, recorded_by) values ($1, $1, $4, 'socialtjanst', 'hold', 'youth', $6, 1, $5, 'anna');
insert into documentation.holds (id, person_id, episode_id, consent_id, placed_on, asked_until, until, version,
    recorded_at, recorded_by) values (gen_random_uuid(), $1, $4, $1, $6, $6, $6, 1, $5, 'anna');
insert into school_reports (id, person_id, person_number, school_unit, kind, event_date, reported_by, channel,
    received_on, first_told_on, recorded_at, recorded_by, matched_at)
values ($1, $1, $2, '12345678', 'dropout', $6, 'head', 'api', $6, $6, $5, 'skola', $5);
insert into school_report_requests values (gen_random_uuid(), $1, 'new', $5);
insert into waiting_school_reports values ($1, $2, $6);
insert into ss12000_servers (server) values ('srv') on conflict do nothing;
insert into ss12000_rows values ('srv', $4, $2, '12345678', 'national', $6);
insert into ss12000_rejects (run_id, server, entity, row, entity_id, field, reason, kept)
select run_id, 'srv', 'person', 1, $4, 'field', 'code', false from sync_runs limit 1;
insert into navet_persons (person_id, told_on, line_1) values ($1, $6, $9);
insert into staging_population (run_id, row, person_number, previous_person_number, birth_date, sex, protection,
    first_name, last_name, municipality, status)
select gen_random_uuid(), 1, $2, $3, birth_date, sex, 'none', first_name, last_name, '0180', 'active'
from persons where id = $1;
insert into staging_placements (run_id, row, person_number, school_unit, kind, starts_on)
values (gen_random_uuid(), 1, $2, '1', 'x', $6);
insert into staging_schools (run_id, row, person_number, school_unit, kind, starts_on)
values (gen_random_uuid(), 1, $2, '1', 'x', $6);
insert into staging_exams values (gen_random_uuid(), 1, $2, 'x', $6);
insert into staging_rejected values (gen_random_uuid(), 'population', $2);
insert into staging_ss12000 (run_id, server, entity_id, person_number, school_unit, kind, starts_on)
values (gen_random_uuid(), 's', $4, $2, '1', 'x', $6);
insert into coverage_periods (person_id, starts_on, ends_on, known_from, known_until)
values ($1, '2023-01-01', '2023-02-01', $5, $5);
update outbox set published_at = now();
"""
OUTREACH = """
insert into journeys (youth_id, episode_id, step, ended_at, end_reason) values ($1, $4, 'ended', $5, 'turned_20');
insert into transitions (progress_id, youth_id, episode_id, step, at) values ($1, $1, $4, 'ended', $5);
insert into tasks (task_id, youth_id, episode_id, kind, task_group, attempt, due_on, state, opened_at, closed_at)
values ($2, $1, $4, 'call', 'coordinators', 1, $6, 'cancelled', $5, $5);
insert into task_history (task_id, at, event, actor) values ($2, $5, 'opened', 'workflow');
insert into early_closures (task_id, state, at) values ($2, 'cancelled', $5);
insert into visits (task_id, youth_id, episode_id, staff, starts_at, ends_at, state)
values ($2, $1, $4, '{anna,bo}', $5, $5::timestamptz + interval '1 hour', 'done');
insert into calendar (staff_id, during, youth_id, task_id)
values ('s-' || $2::text, tstzrange($5, $5::timestamptz + interval '1 hour'), $1, $2);
insert into decisions (youth_id, decision_key, actor, role, request, asked_at)
values ($1, 'key', 'anna', 'local_coordinator', '{}', $5);
with wave as (
    insert into waves (wave_id, state, pace, policy_version, begins, created_at, created_by, changed_at)
    values (gen_random_uuid(), 'preview', '{}', 'v1', $5, $5, 'karin', $5) returning wave_id
)
insert into wave_youths (wave_id, youth_id, episode_id, place) select wave_id, $1, $4, 1 from wave;
insert into handover_consents (consent_id, youth_id, party, given_at) values ($1, $1, 'socialtjanst', $5);
"""
NOTIFICATIONS = """
insert into message (message_id, youth_id, episode_id, kind, channel, state, code, queued_at, sent_at)
values ($2, $1, $4, 'first_letter', 'letter', 'sent', $2, $5, $5),
    ($3, $1, $4, 'first_sms', 'sms', 'sent', $3, $5, $5);
insert into document (message_id, media_type, content, phone, made_at)
values ($2, 'application/pdf', convert_to($7, 'utf8'), null, $5),
    ($3, 'text/plain', convert_to($7, 'utf8'), $8, $5);
insert into receipt (message_id, provider, status, applied, received_at) values ($3, 'sandbox', 'sent', true, $5);
insert into answer values (gen_random_uuid(), $3, 'sms', 'yes', $8, $5);
insert into inbound_sms values ('m-' || $1::text, $8, $7, $3, $5), ('n-' || $1::text, $8, $7, null, $5);
insert into youth values ($1, $4, 'farsta', false, $5);
insert into ended_episode values ($4, $1, $5);
"""
COMMON = """
insert into dead_letters
    (consumer, event_id, topic, partition, "offset", key, type, time, data, cause, resolved_at)
values ('old', gen_random_uuid(), 't', 0, 0, $1, 'x', $2, convert_to($1::text, 'utf8'), 'ValueError', now());
insert into outbox (event_id, topic, key, type, time, data, published_at)
values (gen_random_uuid(), 't', $1, 'x', $2, jsonb_build_object('youth_id', $1::text), now());
insert into audit (at, actor, role, action, youth_id, why)
values ($2, 'eva', 'special_handler', 'youth.read', $1, $3);
"""


async def run(pool: asyncpg.Pool, script: str, values: dict[str, object]) -> None:
    """Run statements whose ``$n`` stand for literals: one list of values for many statements."""
    for name, value in values.items():
        literal = "'" + str(value).replace("'", "''") + "'"
        script = script.replace(name, {"$1": literal + "::uuid"}.get(name, literal))
    await pool.execute(script)


async def common_values(registry: asyncpg.Pool, youth: Youth) -> dict[str, object]:
    """The values of `$4` and up in the scripts of this module."""
    episode = await registry.fetchval("select id from episodes where person_id = $1", youth.youth_id)
    return {"$4": episode, "$5": AT, "$6": DAY, "$7": youth.first_name, "$8": youth.phone, "$9": youth.street}


async def fill(registry: asyncpg.Pool, outreach: asyncpg.Pool, notifications: asyncpg.Pool, youth: Youth) -> None:
    """Fill every table of these services; the registry knows the youth already, from a sync."""
    letter, sms = youth.message_ids
    common = await common_values(registry, youth)
    await run(registry, REGISTRY, {"$1": youth.youth_id, "$2": youth.number, "$3": youth.old_number, **common})
    await run(outreach, OUTREACH, {"$1": youth.youth_id, "$2": youth.task_id, **common})
    await run(notifications, NOTIFICATIONS, {"$1": youth.youth_id, "$2": letter, "$3": sms, **common})


async def fill_common(pool: asyncpg.Pool, youth: Youth) -> None:
    """Fill the tables that each service has."""
    await run(pool, COMMON, {"$1": youth.youth_id, "$2": AT, "$3": f"{youth.first_name} ringde"})
