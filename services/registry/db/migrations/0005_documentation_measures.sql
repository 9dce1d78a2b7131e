-- migrate:up

-- What measures (insatser) a school year offers. Kept by the KAA coordinator; says nothing about anybody.
create table measure_catalogue (
    id uuid primary key,                 -- chosen by whoever recorded it, as all ids below
    school_year text not null check (school_year ~ '^[0-9]{4}/[0-9]{2}$'),
    owner text not null check (owner in ('amn', 'ubn', 'other')),
    type text not null,
    sub_type text check (sub_type ~ '^[a-z][a-z0-9]*(_[a-z0-9]+)*$'),
    name text not null check (length(name) <= 100),
    places int check (places > 0),       -- null: as many as wanted
    version int not null,
    recorded_at timestamptz not null,    -- civil time, as all times here
    recorded_by text not null,
    changed_at timestamptz,
    changed_by text,
    check (type <> 'other' or sub_type is not null)
);
create index measure_catalogue_year on measure_catalogue (school_year, id);

-- Register data (förordning 2006:39, 4 § 3): whether a measure is in question, which, when it starts and
-- ends, and why it ended. A measure takes each step at most once, so that one date per step is its history.
create sequence measure_queue;           -- drawn under the lock of the catalogue row: order of acceptance
create table measures (
    id uuid primary key,
    person_id uuid not null references persons,
    episode_id uuid not null,            -- under which it was offered; no reference: deleted by another clock
    catalogue_id uuid not null references measure_catalogue,
    state text not null check (
        state in ('offered', 'accepted', 'waiting', 'place_offered', 'started', 'ended', 'declined', 'withdrawn')
    ),
    offered_on date not null,
    accepted_on date,
    place_offered_on date,               -- from the waiting list
    place_taken_on date,
    started_on date,
    ended_on date,
    declined_on date,
    withdrawn_on date,
    end_reason text,
    withdrawal_reason text,
    occupation_before text not null,
    occupation_after text,
    follows_up text not null,            -- staff id: who answers for the follow-up
    queue_number bigint,
    version int not null,
    recorded_at timestamptz not null,
    recorded_by text not null,
    changed_at timestamptz,
    changed_by text,
    check (state <> 'started' or started_on is not null),
    check ((state = 'waiting') <= (queue_number is not null)),
    check ((state = 'ended') = (ended_on is not null)),
    check ((ended_on is null) = (end_reason is null)),
    check ((ended_on is null) = (occupation_after is null)),
    check ((state = 'declined') = (declined_on is not null)),
    check ((state = 'withdrawn') = (withdrawn_on is not null)),
    check ((withdrawn_on is null) = (withdrawal_reason is null))
);
create index measures_person on measures (person_id, offered_on);
create index measures_catalogue on measures (catalogue_id, state, queue_number);

-- That a youth has one plan and one hold at a time, and each measure once, is no constraint: two persons may
-- turn out to be one, and the register's run must not fail of it.

-- Documentation (8-9 §§): individual planning, consents and holds, in the schema with a clock of its own.
create schema if not exists documentation;

create table documentation.plans (
    id uuid primary key,
    person_id uuid not null references persons,
    episode_id uuid not null,
    goal text not null check (length(goal) <= 200),
    made_on date not null,
    ended_on date,
    result text,
    version int not null,
    recorded_at timestamptz not null,
    recorded_by text not null,
    changed_at timestamptz,
    changed_by text,
    check ((ended_on is null) = (result is null)),
    check (made_on <= ended_on)
);
create index plans_person on documentation.plans (person_id, made_on);

create table documentation.plan_efforts (
    plan_id uuid not null references documentation.plans,
    id uuid not null,
    place int not null,                  -- order in the plan
    answers_for text not null check (answers_for in ('youth', 'municipality', 'other_party')),
    party text,                          -- which other party
    content text not null check (length(content) <= 200),
    planned_start date not null,
    planned_end date,
    ended_on date,
    result text,
    primary key (plan_id, id),
    check ((answers_for = 'other_party') = (party is not null)),
    check (planned_start <= planned_end),
    check ((ended_on is null) = (result is null))
);

create table documentation.plan_follow_ups (
    plan_id uuid not null references documentation.plans,
    id uuid not null,
    due_on date not null,
    done_on date,
    primary key (plan_id, id)
);
create index plan_follow_ups_due on documentation.plan_follow_ups (due_on) where done_on is null;

-- A consent is never changed: another one is given, or it is withdrawn.
create table documentation.consents (
    id uuid primary key,
    person_id uuid not null references persons,
    episode_id uuid not null,
    party text not null,
    purpose text not null,
    given_by text not null check (given_by in ('youth', 'guardian', 'youth_and_guardian')),
    given_on date not null,
    until date,                          -- last day; null: until it is withdrawn
    withdrawn_at timestamptz,
    withdrawn_by text,                   -- staff id of who recorded it
    version int not null,
    recorded_at timestamptz not null,
    recorded_by text not null,
    check (given_on <= until),
    check ((withdrawn_at is null) = (withdrawn_by is null))
);
create index consents_person on documentation.consents (person_id, given_on);

-- Outreach waits (avvakta) at a party's request, as long as the consent for it holds.
create table documentation.holds (
    id uuid primary key,
    person_id uuid not null references persons,
    episode_id uuid not null,
    consent_id uuid not null references documentation.consents,
    placed_on date not null,
    asked_until date not null,           -- as placed; until may be later since
    until date not null,                 -- last day
    ended_at timestamptz,                -- when it was ended before that
    end_reason text,
    version int not null,
    recorded_at timestamptz not null,
    recorded_by text not null,
    changed_at timestamptz,
    changed_by text,
    check (placed_on <= asked_until and asked_until <= until),
    check ((ended_at is null) = (end_reason is null))
);
create index holds_person on documentation.holds (person_id, placed_on);
create index holds_consent on documentation.holds (consent_id) where ended_at is null;

-- The default privileges are those of schema public: the app gets the same here.
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
    end loop;
end $$;

-- migrate:down

drop table documentation.holds, documentation.consents, documentation.plan_follow_ups,
    documentation.plan_efforts, documentation.plans;
drop table measures, measure_catalogue;
drop sequence measure_queue;
