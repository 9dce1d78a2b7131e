-- migrate:up

-- Whether the register has a number to call, as it tells: who has none is not called, which the planner must know.
-- Until it is told that there is none, there is one.
alter table journeys add column has_phone boolean not null default true;

-- migrate:down

alter table journeys drop column has_phone;
