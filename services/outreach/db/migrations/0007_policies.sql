-- migrate:up

-- The municipality's outreach policy, version by version (docs/policy.md). Nothing about any person.
-- A version changes only before its effective date, and is never deleted: youths keep theirs for years.
create table policies (
    version text primary key,
    document jsonb not null,                -- contracts.policy.OutreachPolicy, with all its defaults written out
    effective_from date not null,           -- civil date
    edition integer not null default 1,     -- grows with each change before the effective date
    source text not null check (source in ('file', 'decision')),
    decided_by text not null,               -- staff id; of a file, the service
    decided_at timestamptz not null,        -- civil time
    withdrawn_by text,
    withdrawn_at timestamptz,
    constraint policies_withdrawn_by_somebody check ((withdrawn_by is null) = (withdrawn_at is null))
);
-- Two decisions for one day would leave open which one holds.
create unique index policies_one_decision_a_day on policies (effective_from)
    where source = 'decision' and withdrawn_at is null;

do $$
declare
    holder text;
begin
    for holder in
        select distinct grantee from information_schema.role_table_grants
        where table_schema = current_schema and table_name = 'policies' and grantee <> current_user
    loop
        execute format('revoke delete, truncate on policies from %I', holder);
    end loop;
end
$$;

-- migrate:down

drop table policies;
