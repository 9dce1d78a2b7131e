-- migrate:up

-- Who found that two persons are one, or two after all, and why (codes). Null: a run did, by the numbers.
alter table person_merges
    add column merged_by text,
    add column merge_reason text,
    add column split_by text,
    add column split_reason text,
    add column kept_rows int;            -- rows of what staff keep that the merge moved; a split leaves them

-- Navet or the extract: else nobody could tell that they disagree.
alter table population_statements add column from_navet boolean not null default false;
create index population_statements_navet on population_statements (known_from) where from_navet;
create index enrolments_with_exam on enrolments (ends_on) where end_kind = 'exam' and known_until is null;

-- Where sources contradict one another about a person. A run opens and closes them; a person may settle one,
-- and it does not come back as long as the same is told.
create table conflicts (
    id uuid primary key default gen_random_uuid(),
    person_id uuid not null references persons,
    kind text not null,
    sources text[] not null,
    said jsonb not null,                 -- pairs of codes and days: what each source tells
    rule text not null,                  -- by which the register decided all the same
    known_from timestamptz,              -- since when all of it is known
    opened_at timestamptz not null,      -- civil time, as all times here
    opened_by uuid not null references sync_runs,
    closed_at timestamptz,               -- the sources agree, or disagree otherwise
    closed_by uuid references sync_runs,
    settled_at timestamptz,
    settled_by text,                     -- staff id
    settled_why text,                    -- a code
    check ((closed_at is null) = (closed_by is null)),
    check ((settled_at is null) = (settled_by is null) and (settled_at is null) = (settled_why is null))
);
create unique index conflicts_once on conflicts (person_id, kind, said) where closed_at is null;
create index conflicts_listed on conflicts (opened_at desc, id desc);

-- What about a source the superuser must look at. A run opens it, and closes it when it finds the source good.
create table attentions (
    id uuid primary key default gen_random_uuid(),
    source text not null,                -- 'ss12000:<server>' is a school's data API
    reason text not null,
    detail text not null,                -- in words; numbers and codes only
    opened_at timestamptz not null,      -- civil time, as all times here
    opened_by uuid not null references sync_runs,
    seen_at timestamptz not null,        -- by the last run that found it
    closed_at timestamptz,
    closed_by uuid references sync_runs,
    released_at timestamptz,             -- a person found the loss right, and this run accepts it
    released_by text,                    -- staff id
    released_run uuid references sync_runs,
    check ((closed_at is null) = (closed_by is null)),
    check ((released_at is null) = (released_by is null) and (released_at is null) = (released_run is null))
);
create unique index attentions_once on attentions (source, reason) where closed_at is null;
create index attentions_listed on attentions (opened_at desc, id desc);

-- migrate:down

drop table attentions;
drop table conflicts;
drop index enrolments_with_exam, population_statements_navet;
alter table population_statements drop column from_navet;
alter table person_merges drop column merged_by, drop column merge_reason, drop column split_by,
    drop column split_reason, drop column kept_rows;
