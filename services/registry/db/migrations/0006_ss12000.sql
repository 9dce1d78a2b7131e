-- migrate:up

-- How far each SS 12000 server (docs/sources/ss12000.md) has been read and applied.
create table ss12000_servers (
    server text primary key,
    whole_on date,                       -- day of the last whole reading
    whole_rows int,                      -- what that gave; the next is compared with it
    since timestamptz,                   -- where the next reading of changes begins
    absences_until date,
    read_at timestamptz,                 -- civil time of the last good reading
    counts jsonb,                        -- of that
    failed text,                         -- why it could not be read since: path and code
    failed_at timestamptz,
    held text                            -- why its last whole reading was not believed
);

-- Which row of ours an entity of a server stands behind, so that changes and deletions find it. Of persons
-- we know only (2006:39, 3 §), and erased with them.
create table ss12000_rows (
    server text not null references ss12000_servers,
    entity_id uuid not null,
    person_number text not null references person_numbers (number) on delete cascade,
    school_unit text not null,
    kind text not null,
    starts_on date not null,
    primary key (server, entity_id, school_unit, kind, starts_on)
);
create index ss12000_rows_row on ss12000_rows (person_number, server, school_unit, kind, starts_on);

-- What was wrong with which entity, in a run. Codes only; the id is the server's.
create table ss12000_rejects (
    id bigint generated always as identity primary key,
    run_id uuid not null references sync_runs,
    server text not null,
    entity text not null,
    row int not null,                    -- place in the server's list
    entity_id uuid,
    field text not null,
    reason text not null,
    kept boolean not null                -- the entity went on without the value
);
create index ss12000_rejects_run on ss12000_rejects (run_id, server, id);

-- What a run has read, until it is applied. All unlogged: after a crash all of it is read again.
create unlogged table ss12000_readings (
    run_id uuid not null,
    server text not null,
    kind text not null check (kind in ('whole', 'changes')),
    read_at timestamptz not null,
    next_since timestamptz not null,
    absences_until date,
    counts jsonb not null,
    held text,                           -- added to, never taken from
    primary key (run_id, server)
);
create unlogged table staging_ss12000 (
    run_id uuid not null, server text not null, entity_id uuid not null,
    person_number text not null, school_unit text not null, kind text not null, programme text,
    starts_on date not null, ends_on date, end_kind text, compulsory_completed_on date, phone text, email text
);
create index staging_ss12000_entity on staging_ss12000 (run_id, server, entity_id);
create unlogged table staging_ss12000_told (
    run_id uuid not null, server text not null, entity_id uuid not null,
    told text not null check (told in ('replaced', 'kept', 'gone'))
);
create index staging_ss12000_told_entity on staging_ss12000_told (run_id, server, entity_id);
create unlogged table staging_ss12000_absences (
    run_id uuid not null, server text not null, entity_id uuid not null,
    from_day date not null, to_day date not null, offered_minutes int not null, invalid_minutes int not null
);

-- The staged rows of servers that were read to their end, each once: two entities of a server may tell of the
-- same enrolment; then the one that goes on longest counts. ``feed`` is that of the enrolments table.
create view ss12000_staged as
select distinct on (s.run_id, s.server, s.person_number, s.school_unit, s.kind, s.starts_on)
    s.run_id, s.server, 'ss12000:' || s.server as feed, (d.read_at at time zone 'Europe/Stockholm')::date as file_date,
    s.person_number, s.school_unit, s.kind, s.programme, s.starts_on, s.ends_on, s.end_kind,
    s.compulsory_completed_on, s.phone, s.email
from staging_ss12000 s join ss12000_readings d using (run_id, server)
order by s.run_id, s.server, s.person_number, s.school_unit, s.kind, s.starts_on, s.ends_on desc nulls first,
    s.entity_id;

-- migrate:down

drop view ss12000_staged;
drop table staging_ss12000_absences, staging_ss12000_told, staging_ss12000, ss12000_readings, ss12000_rejects,
    ss12000_rows, ss12000_servers;
