-- migrate:up

-- What staff know and no source tells: the entry as it stands. What it says of schooling is in enrolments,
-- enrolment_denials and exams as versions, with the feed 'manual:<id>', as any other source's.
-- It goes where the number goes: to whom somebody turned out to be, and back when that was a mistake.
create table manual_entries (
    id uuid primary key,
    person_number text not null references person_numbers (number),
    fact text not null check (fact in ('enrolled', 'not_enrolled', 'exam', 'moved_away')),
    school_unit text,
    kind text,                           -- of the enrolment or the exam
    programme text,
    starts_on date,
    ends_on date,                        -- the last day; of not_enrolled null: never attended
    on_day date,                         -- of the exam or the move
    municipality text,                   -- to which; null: abroad, or not known
    reason text not null,
    told_by text not null,
    known_on date not null,              -- the day on which staff got to know
    note text,
    version int not null,
    recorded_at timestamptz not null,    -- civil time, as all times here
    recorded_by text not null,           -- staff id
    changed_at timestamptz,
    changed_by text,
    withdrawn_at timestamptz,
    withdrawn_by text,
    withdrawn_why text,
    check ((withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_why is null)),
    check (case fact
        when 'enrolled' then kind is not null and starts_on is not null and ends_on is not null
        when 'not_enrolled' then school_unit is not null
        when 'exam' then kind is not null and on_day is not null
        else on_day is not null
    end)
);
create index manual_entries_number on manual_entries (person_number);
create index manual_entries_recorded on manual_entries (recorded_at);

-- That a register's enrolment is wrong, or has ended: a version, as those of enrolments.
create table enrolment_denials (
    id bigint generated always as identity primary key,
    feed text not null,
    person_number text not null references person_numbers (number),
    school_unit text not null,
    ends_on date,                        -- the last day; null: never attended
    file_date date not null,             -- the day on which staff got to know
    known_from timestamptz not null,
    known_until timestamptz
);
create index enrolment_denials_number on enrolment_denials (person_number);
create unique index enrolment_denials_current on enrolment_denials (feed) where known_until is null;

alter table enrolments
    drop constraint enrolments_source_check,
    add constraint enrolments_source_check check (source in ('placements', 'schools', 'manual'));

-- When the duty was found to have ended, if that was not in a run.
alter table episodes add column ended_at timestamptz;

-- migrate:down

alter table episodes drop column ended_at;
delete from exams where feed like 'manual:%';
delete from enrolments where source = 'manual';
alter table enrolments
    drop constraint enrolments_source_check,
    add constraint enrolments_source_check check (source in ('placements', 'schools'));
drop table enrolment_denials, manual_entries;
