-- migrate:up

-- A person, known to all others by this id alone. What the population register says of them, as of file_date.
create table persons (
    id uuid primary key default gen_random_uuid(),
    birth_date date not null,
    sex text not null check (sex in ('woman', 'man')),
    first_name text not null,
    last_name text not null,
    care_of text,
    street text,
    postal_code text,
    city text,
    phone text,                          -- E.164
    email text,
    district text,
    municipality text not null,
    status text not null check (status in ('active', 'moved_out', 'emigrated', 'dead')),
    status_date date,
    -- Set at once when the feed brings it; lifted by a person only, never by a feed.
    protection text not null check (protection in ('none', 'sekretessmarkering', 'skyddad_folkbokforing')),
    protection_in_feed boolean not null,
    immigrated_on date,
    moved_in_on date,
    file_date date not null,
    absent_since date,                   -- date of the first healthy file that lacked the person
    first_seen_at timestamptz not null,  -- start of the run that brought the person
    merged_into uuid references persons
);
create index persons_first_name on persons (lower(first_name) text_pattern_ops);
create index persons_last_name on persons (lower(last_name) text_pattern_ops);
create index persons_district on persons (district, id);

-- All numbers that a person has had. A number leads to one person; a person may have several.
create table person_numbers (
    number text primary key check (number ~ '^[0-9]{12}$'),
    person_id uuid not null references persons,
    current boolean not null,
    since date not null                  -- file date that brought it
);
create index person_numbers_person on person_numbers (person_id);

-- Placements (UEDB) and enrolments (own schools), of persons we know only.
create table enrolments (
    source text not null check (source in ('placements', 'schools')),
    person_number text not null references person_numbers (number),
    school_unit text not null,
    kind text not null,
    programme text,
    starts_on date not null,
    ends_on date,
    end_kind text,
    compulsory_completed_on date,
    phone text,
    email text,
    file_date date not null,
    primary key (person_number, source, school_unit, kind, starts_on)
);

create table exams (
    person_number text not null references person_numbers (number),
    kind text not null,
    issued_on date not null,
    file_date date not null,
    primary key (person_number, kind, issued_on)
);

-- One run of the register sync. At most one is open.
create table sync_runs (
    run_id uuid primary key,
    as_of date not null,
    requested_by text not null,          -- staff id, or 'schedule'
    accept_shrunk text[] not null default '{}',
    workflow_id text,
    state text not null check (state in ('requested', 'running', 'done', 'abandoned')),
    started_at timestamptz not null,     -- civil time
    touched_at timestamptz not null default now(),  -- real time: a run that nobody touches is abandoned
    finished_at timestamptz,             -- civil time
    report jsonb
);
create unique index sync_runs_one_open on sync_runs ((true)) where state in ('requested', 'running');
create index sync_runs_started on sync_runs (started_at desc, run_id);

-- What a run read of each source. A run that finished, with held null, is that source's good run.
create table source_loads (
    run_id uuid not null references sync_runs,
    source text not null,
    file_name text,
    file_date date,
    encoding text,
    read int not null,
    rejected int not null,
    accepted int not null,
    unidentified int not null,           -- rejected rows of nobody knows whom
    held text,
    primary key (run_id, source)
);

-- What was wrong with which row. Codes only: never a value from the file.
create table rejects (
    id bigint generated always as identity primary key,
    run_id uuid not null references sync_runs,
    source text not null,
    row int not null,
    field text,
    reason text not null,
    kept boolean not null                -- the row went on without the value
);
create index rejects_run on rejects (run_id, id);

-- The good rows of a run's files until they are applied. Unlogged: a crash means loading again.
create unlogged table staging_population (
    run_id uuid not null, row int not null,
    person_number text not null, previous_person_number text, birth_date date not null, sex text not null,
    protection text not null, first_name text not null, last_name text not null, care_of text, street text,
    postal_code text, city text, district text, municipality text not null, status text not null,
    status_date date, immigrated_on date, moved_in_on date, phone text, email text
);
create unlogged table staging_placements (
    run_id uuid not null, row int not null,
    person_number text not null, school_unit text not null, kind text not null, programme text,
    starts_on date not null, ends_on date, end_kind text, compulsory_completed_on date, phone text, email text
);
create unlogged table staging_schools (like staging_placements including all);
create unlogged table staging_exams (
    run_id uuid not null, row int not null,
    person_number text not null, kind text not null, issued_on date not null
);
-- Persons with a rejected row: the file does not lack them, so what we knew of them stays.
create unlogged table staging_rejected (run_id uuid not null, source text not null, person_number text not null);

-- A time during which the duty holds for a youth. Published codes, as the last event told them.
create table episodes (
    id uuid primary key default gen_random_uuid(),
    person_id uuid not null references persons,
    municipality text not null,
    registered_on date not null,
    reason text not null,
    tracks text[] not null,
    district text,                       -- null when protected or unknown
    protected boolean not null,
    last_covered_day date not null,
    grounds jsonb not null,              -- the criteria when it began
    ended_on date,                       -- first day on which the duty does not hold
    end_reason text,
    end_grounds jsonb,
    opened_by uuid not null references sync_runs,
    ended_by uuid references sync_runs,
    check ((ended_on is null) = (end_reason is null))
);
create unique index episodes_one_open on episodes (person_id) where ended_on is null;
create index episodes_person on episodes (person_id, registered_on);

-- migrate:down

drop table episodes, staging_rejected, staging_exams, staging_schools, staging_placements, staging_population,
    rejects, source_loads, sync_runs, exams, enrolments, person_numbers, persons;
