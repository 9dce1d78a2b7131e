-- migrate:up

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
