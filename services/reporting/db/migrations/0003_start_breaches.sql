-- migrate:up

-- Plan 4.2.2: the search starts within one month. The first day on which it was too late.
alter table episodes add column start_breached_on date;

-- migrate:down

alter table episodes drop column start_breached_on;
