-- migrate:up

-- Consents to a handover, as the registry's events tell: to whom, and whether withdrawn. What was agreed is there.
create table handover_consents (
    consent_id uuid primary key,
    youth_id uuid not null,
    party text not null,
    given_at timestamptz,               -- time of the event; null: only the withdrawal has come
    withdrawn_at timestamptz
);
create index handover_consents_youth on handover_consents (youth_id);

-- Who turns twenty soon: a list, and the sweep that plans handovers.
create index journeys_turning_20 on journeys (last_covered_day) where ended_at is null;

-- A contact before a dropout is tried by one at a time.
create unique index tasks_one_open_prevention on tasks (youth_id)
    where kind = 'prevention' and state in ('open', 'claimed');

-- migrate:down

drop index tasks_one_open_prevention, journeys_turning_20;
drop table handover_consents;
