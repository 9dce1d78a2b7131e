-- migrate:up

-- Events of this service, written in the transaction of the state they tell of.
create table outbox (
    id bigint generated always as identity primary key,
    event_id uuid not null unique,
    topic text not null,
    key uuid not null,
    type text not null,
    time timestamptz not null,          -- civil time
    data jsonb not null,
    traceparent text,
    created_at timestamptz not null default now(),
    published_at timestamptz
);
create index outbox_unpublished on outbox (id) where published_at is null;
create index outbox_published on outbox (published_at) where published_at is not null;

create function outbox_wake() returns trigger language plpgsql as $$
begin
    notify outbox;
    return null;
end $$;
create trigger outbox_wake after insert on outbox
    for each statement execute function outbox_wake();

-- Which broker this service last published to: a broker that lacks the marker topic was wiped.
create table broker_generation (
    only_row boolean primary key default true check (only_row),
    generation uuid not null
);

-- Events that this service has handled, by consumer group.
create table inbox (
    consumer text not null,
    event_id uuid not null,
    received_at timestamptz not null default now(),
    primary key (consumer, event_id)
);

-- Events that could not be handled, and the later events of the same key, parked behind them.
create table dead_letters (
    id bigint generated always as identity primary key,
    consumer text not null,
    event_id uuid not null,
    topic text not null,
    partition int not null,
    "offset" bigint not null,
    key uuid not null,
    type text not null,
    time timestamptz not null,
    data bytea not null,
    traceparent text,
    cause text not null,                -- 'parked' for events behind another one
    created_at timestamptz not null default now(),
    resolved_at timestamptz,
    unique (consumer, event_id)
);
create index dead_letters_open on dead_letters (consumer, key) where resolved_at is null;

-- Who did or read what, when and why. Append-only.
create table audit (
    id bigint generated always as identity primary key,
    at timestamptz not null,            -- civil time
    recorded_at timestamptz not null default now(),
    actor text not null,
    role text not null,
    action text not null,
    youth_id uuid,
    subject text,                       -- what else it was done to, an opaque id
    why text
);
create index audit_youth on audit (youth_id, id);
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'table % is append-only', tg_table_name;
end $$;
create trigger audit_append_only before update or delete on audit
    for each row execute function refuse_change();
-- Default privileges gave the app role all of this; of the audit it may only read and add.
do $$
declare holder text;
begin
    for holder in
        select distinct grantee from information_schema.role_table_grants
        where table_schema = current_schema and table_name = 'audit' and grantee <> current_user
    loop
        execute format('revoke update, delete, truncate on audit from %I', holder);
    end loop;
end $$;

-- migrate:down

drop table audit;
drop function refuse_change;
drop table dead_letters;
drop table inbox;
drop table broker_generation;
drop table outbox;
drop function outbox_wake;
