-- migrate:up

-- What was told last of whether the youth has a usable telephone number of their own: there is one
-- until it is told that there is none.
alter table episodes add column has_phone boolean not null default true;

-- migrate:down

alter table episodes drop column has_phone;
