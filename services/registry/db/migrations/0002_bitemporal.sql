-- migrate:up

-- Two times: when something holds (dates), and when we knew it (known_from, known_until). What was known is
-- never changed: a later file closes a version and adds one. Instants are civil (those of the runs).

-- What the population register has said of a person; the newest is what persons holds as well.
create table population_statements (
    id bigint generated always as identity primary key,
    person_id uuid not null references persons,
    file_date date not null,             -- the day the file speaks for
    municipality text not null,
    district text,
    status text not null,
    status_date date,
    immigrated_on date,
    moved_in_on date,
    absent boolean not null,             -- a whole file lacked the person
    known_from timestamptz not null
);
create index population_statements_person on population_statements (person_id, id);

alter table persons
    add column line bytea,               -- digest of the file's line that stands for the person
    add column next_look_on date,        -- a run decides anew from this day; null: the next run does
    add column rules text;               -- by which code the person was decided last
create index persons_next_look on persons (next_look_on);

alter table enrolments
    add column id bigint generated always as identity,
    add column feed text not null default 'file',
    add column line bytea,
    add column known_from timestamptz,
    add column known_until timestamptz;
update enrolments set known_from = file_date::timestamp at time zone 'Europe/Stockholm';
alter table enrolments
    alter column known_from set not null,
    drop constraint enrolments_pkey,
    add primary key (id);
create index enrolments_person on enrolments (person_number);
create unique index enrolments_current on enrolments
    (person_number, source, feed, school_unit, kind, starts_on) where known_until is null;

alter table exams
    add column id bigint generated always as identity,
    add column feed text not null default 'file',
    add column line bytea,
    add column known_from timestamptz,
    add column known_until timestamptz;
update exams set known_from = file_date::timestamp at time zone 'Europe/Stockholm';
alter table exams
    alter column known_from set not null,
    drop constraint exams_pkey,
    add primary key (id);
create index exams_person on exams (person_number);
create unique index exams_current on exams (person_number, feed, kind, issued_on) where known_until is null;

-- Two persons who turned out to be one, and whose numbers went where: what makes a split possible, and an
-- answer as it was known before.
create table person_merges (
    id bigint generated always as identity primary key,
    person_id uuid not null references persons,        -- the other history, which ends
    into_id uuid not null references persons,
    numbers text[] not null,
    known_from timestamptz not null,
    split_at timestamptz
);
create index person_merges_person on person_merges (person_id);
create index person_merges_into on person_merges (into_id);

insert into population_statements
    (person_id, file_date, municipality, district, status, status_date, immigrated_on, moved_in_on, absent, known_from)
select id, file_date, municipality, district, status, status_date, immigrated_on, moved_in_on, false, first_seen_at
from persons order by id;
insert into population_statements
    (person_id, file_date, municipality, district, status, status_date, immigrated_on, moved_in_on, absent, known_from)
select id, absent_since, municipality, district, status, status_date, immigrated_on, moved_in_on, true,
    absent_since::timestamp at time zone 'Europe/Stockholm'
from persons where absent_since is not null order by id;

-- The days on which the duty holds for a person, in one district. The register's answer for any day, as known
-- at any time. No reference to persons: after gallring the rows stay, of nobody.
create table coverage_periods (
    id bigint generated always as identity primary key,
    person_id uuid not null,
    starts_on date not null,
    ends_on date not null,               -- the first day on which it does not hold (may lie ahead)
    district text,                       -- the code as told then; null: not known
    known_from timestamptz not null,
    known_until timestamptz,
    check (starts_on < ends_on)
);
create index coverage_periods_person on coverage_periods (person_id) where known_until is null;
create index coverage_periods_days on coverage_periods (starts_on, ends_on);

-- What a run has looked at, by digest: the lines that were there the last time and are no more.
create unlogged table staging_removed (run_id uuid not null, source text not null, line bytea not null);
alter table staging_population add column line bytea;
alter table staging_placements add column line bytea;
alter table staging_schools add column line bytea;
alter table staging_exams add column line bytea;

-- migrate:down

alter table staging_exams drop column line;
alter table staging_schools drop column line;
alter table staging_placements drop column line;
alter table staging_population drop column line;
drop table staging_removed, coverage_periods, person_merges;
drop index exams_current, enrolments_current, exams_person, enrolments_person;
delete from exams where known_until is not null or feed <> 'file';
delete from enrolments where known_until is not null or feed <> 'file';
alter table exams drop constraint exams_pkey, drop column id, drop column feed, drop column line,
    drop column known_from, drop column known_until,
    add primary key (person_number, kind, issued_on);
alter table enrolments drop constraint enrolments_pkey, drop column id, drop column feed, drop column line,
    drop column known_from, drop column known_until,
    add primary key (person_number, source, school_unit, kind, starts_on);
drop index persons_next_look;
alter table persons drop column line, drop column next_look_on, drop column rules;
drop table population_statements;
