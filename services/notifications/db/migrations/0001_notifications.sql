-- migrate:up

-- One row per message that a workflow asked for. docs/states.md, section Message, draws the states.
create table message (
    message_id uuid primary key,
    youth_id uuid not null,
    episode_id uuid not null,
    kind text not null,
    channel text not null check (channel in ('letter', 'sms')),
    state text not null check (state in ('queued', 'sent', 'delivered', 'failed', 'skipped')),
    visit_at timestamptz,
    code text not null unique,          -- the answer code that stands on it, random
    -- civil time: what is told to people
    queued_at timestamptz not null,
    sent_at timestamptz,
    delivered_at timestamptz,
    ended_at timestamptz,               -- failed or skipped
    skip_reason text,
    failure_code text,
    provider text,
    reference text,                     -- the provider's own id of it
    -- real time: the work of sending
    attempts int not null default 0,
    due_at timestamptz not null default now(),
    lease uuid,
    leased_until timestamptz,
    begun_at timestamptz,               -- a send has begun whose outcome we do not know
    begun_on date,                      -- the civil day of it: the print folder it is in
    handed_over_at timestamptz,
    check ((state = 'skipped') = (skip_reason is not null)),
    check ((state = 'failed') = (failure_code is not null)),
    check (state not in ('sent', 'delivered') or sent_at is not null)
);
create index message_due on message (due_at, message_id) where state = 'queued';
create index message_youth on message (youth_id, queued_at);
create index message_list on message (queued_at, message_id);
create index message_in_sandbox on message (handed_over_at)
    where provider = 'sandbox' and channel = 'sms' and state = 'sent';
create index message_reference on message (reference) where reference is not null;

-- What stood on it. Personal data: under the documentation's retention clock.
create table document (
    message_id uuid primary key references message on delete cascade,
    media_type text not null,
    content bytea not null,
    phone text,                         -- SMS: the number it went to, E.164
    made_at timestamptz not null        -- civil
);
create index document_phone on document (phone, made_at) where phone is not null;

-- Every receipt that came, also those that changed nothing (late, twice, out of order).
create table receipt (
    id bigint generated always as identity primary key,
    message_id uuid references message on delete cascade,
    provider text not null,
    reference text,
    status text not null,               -- the provider's own word
    provider_code text,
    applied boolean not null,
    received_at timestamptz not null    -- civil
);
create index receipt_message on receipt (message_id);

-- At most one answer per message and channel.
create table answer (
    answer_id uuid primary key,
    message_id uuid not null references message on delete cascade,
    channel text not null check (channel in ('sms', 'answer_page')),
    choice text not null,
    phone text,                         -- if the youth gave another number
    answered_at timestamptz not null,   -- civil
    unique (message_id, channel)
);

-- Every SMS that came. What it says stays here.
create table inbound_sms (
    provider_id text primary key,       -- the provider's id of it: the same one comes again
    sender text not null,
    body text not null,
    message_id uuid references message on delete cascade,   -- null: nobody knows whose it is
    received_at timestamptz not null    -- civil
);

-- What we know of a youth from the registry's events: who may see their messages, and when none may.
create table youth (
    youth_id uuid primary key,
    episode_id uuid not null,
    district text,
    protected boolean not null,
    as_of timestamptz not null          -- civil time of the event
);

-- migrate:down

drop table youth;
drop table inbound_sms;
drop table answer;
drop table receipt;
drop table document;
drop table message;
