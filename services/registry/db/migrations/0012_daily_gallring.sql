-- migrate:up

-- How late schools told, of reports that gallring has deleted: by month and not by day, so that no row leads to
-- an event that somebody at the school remembers. Reports that counted for nothing are not in it.
create table lateness_of_nobody (
    school_unit text not null check (school_unit ~ '^[0-9]{8}$'),
    kind text not null check (kind in ('started', 'dropout', 'moved_school', 'invalid_absence')),
    month date not null check (extract(day from month) = 1), -- when they were first told
    days int not null check (days >= 0),                     -- from the event; 0 when told ahead
    reports int not null check (reports > 0),
    primary key (school_unit, kind, month, days)
);

-- A run that the daily workflow proposed: a first person looks at it, and a second one approves it.
alter table gallring_runs
    add column workflow_id text,          -- which waits for it; null: a person proposed the run
    add column reviewed_at timestamptz,
    add column reviewed_by text,
    add constraint gallring_runs_review check ((reviewed_at is null) = (reviewed_by is null)),
    add constraint gallring_runs_two_people check (approved_by <> reviewed_by),
    add constraint gallring_runs_a_person_first check (
        workflow_id is null or approved_by is null or reviewed_by is not null
    );

-- migrate:down

alter table gallring_runs drop column workflow_id, drop column reviewed_at, drop column reviewed_by;
drop table lateness_of_nobody;
