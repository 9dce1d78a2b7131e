-- migrate:up

-- Register data (förordning 2006:39, 4 §): past, present and future occupation. Several sources may say
-- different things of the same time; domain/occupation.py decides which one counts.
create table occupations (
    id uuid primary key,                 -- chosen by whoever recorded it
    person_id uuid not null references persons,
    code text not null,
    starts_on date,                      -- null: not known, but no later than known_on
    ends_on date,                        -- last day; null: goes on, as far as anybody knows
    knowledge_source text not null,      -- SCB: KallKann
    known_on date not null,              -- SCB: DatumKann
    withdrawn_on date,                   -- recorded in error; kept, counts for nothing
    version int not null,
    recorded_at timestamptz not null,    -- civil time, as all times here
    recorded_by text not null,
    changed_at timestamptz,
    changed_by text,
    check (starts_on <= ends_on)
);
create index occupations_person on occupations (person_id, known_on);

-- Documentation of the duty's measures (8-9 §§) is no part of the register: it has a retention clock of
-- its own, and so a schema of its own.
create schema documentation;

-- Who speaks for a youth under 18. From the 18th birthday on no answer holds them.
create table documentation.guardians (
    id uuid primary key,
    person_id uuid not null references persons,
    first_name text not null,
    last_name text not null,
    relation text not null,
    source text not null,
    valid_from date not null,
    valid_until date,                    -- last day
    version int not null,
    recorded_at timestamptz not null,
    recorded_by text not null,
    changed_at timestamptz,
    changed_by text,
    check (valid_from <= valid_until)
);
create index guardians_person on documentation.guardians (person_id);

-- Where a youth or a guardian can be reached, besides what the register says (persons, enrolments).
create table documentation.contact_points (
    id uuid primary key,
    person_id uuid not null references persons,
    guardian_id uuid references documentation.guardians,  -- null: the youth's own
    kind text not null check (kind in ('phone', 'email', 'account')),
    value text not null,                 -- phones in E.164
    source text not null,
    valid_from date not null,
    valid_until date,                    -- last day
    answered_at timestamptz,             -- when somebody last answered there
    wrong_number_on date,                -- when it turned out to be somebody else's
    version int not null,
    recorded_at timestamptz not null,
    recorded_by text not null,
    changed_at timestamptz,
    changed_by text,
    check (valid_from <= valid_until)
);
create index contact_points_person on documentation.contact_points (person_id);

-- The default privileges are those of schema public: the app gets the same here, also on what comes later.
do $$
declare holder text;
begin
    for holder in
        select distinct grantee from information_schema.role_table_grants
        where table_schema = 'public' and table_name = 'persons' and grantee <> current_user
    loop
        execute format('grant usage on schema documentation to %I', holder);
        execute format(
            'grant select, insert, update, delete on all tables in schema documentation to %I', holder
        );
        execute format(
            'alter default privileges in schema documentation '
            'grant select, insert, update, delete on tables to %I', holder
        );
        execute format(
            'alter default privileges in schema documentation grant usage, select on sequences to %I', holder
        );
    end loop;
end $$;

-- migrate:down

drop table documentation.contact_points, documentation.guardians;
drop schema documentation;
drop table occupations;
