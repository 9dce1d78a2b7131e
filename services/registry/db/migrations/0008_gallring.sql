-- migrate:up

-- Runs of gallring, and whom each was about. Kept as the protocol: opaque ids and counts only, so there is no
-- reference to persons.
create table gallring_runs (
    id uuid primary key,                 -- chosen by whoever proposed it
    state text not null check (state in ('proposed', 'approved', 'done', 'withdrawn')),
    register_before date not null,       -- duties that ended before these days are over for long enough
    documentation_before date not null,
    never_covered_before date not null,
    proposed_at timestamptz not null,    -- civil time, as all times here
    proposed_by text not null,
    approved_at timestamptz,
    approved_by text,
    ended_at timestamptz,                -- done or withdrawn
    deleted jsonb not null default '{}', -- rows by table
    check ((approved_at is null) = (approved_by is null)),
    check (approved_by <> proposed_by),  -- never one alone
    check (state not in ('approved', 'done') or approved_by is not null),
    check ((state in ('done', 'withdrawn')) = (ended_at is not null))
);
create unique index gallring_runs_one_open on gallring_runs ((true)) where state in ('proposed', 'approved');
create index gallring_runs_list on gallring_runs (proposed_at desc, id);

create table gallring_youths (
    run_id uuid not null references gallring_runs,
    youth_id uuid not null,
    clock text not null check (clock in ('register', 'documentation', 'never_covered')),
    outcome text check (outcome in ('deleted', 'left_out')),
    reason text,                         -- why left out
    settled_at timestamptz,
    primary key (run_id, youth_id),
    check ((outcome is null) = (settled_at is null)),
    check ((outcome is not distinct from 'left_out') = (reason is not null))
);
create index gallring_youths_waiting on gallring_youths (run_id, youth_id) where outcome is null;
create index gallring_youths_youth on gallring_youths (youth_id);

-- migrate:down

drop table gallring_youths, gallring_runs;
