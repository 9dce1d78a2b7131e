-- migrate:up

-- The month (plan 4.2.2): the last day on which the search starts in time, and when it was found to be breached.
alter table journeys
    add column start_by date,
    add column start_breached_at timestamptz;
update journeys set start_by = registered_on + 30 where registered_on is not null;
create index journeys_waiting on journeys (registered_on, episode_id)
    where step = 'awaiting_start' and ended_at is null;

-- migrate:down

drop index journeys_waiting;
alter table journeys drop column start_by, drop column start_breached_at;
