-- migrate:up

-- From where; and what the chain of seals needs (chassis/audit_chain.py, docs/audit.md): in which transaction a row
-- came, and of its reason something that stays when the reason is forgotten. The salt goes with the reason, and
-- nobody can try words against the digest then.
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and new.why is null and new.why_salt is null
        and to_jsonb(new) - '{why,why_salt}'::text[] = to_jsonb(old) - '{why,why_salt}'::text[]
    then
        return new;
    end if;
    raise exception 'table % is append-only', tg_table_name;
end $$;

alter table audit disable trigger audit_append_only;
alter table audit
    add column origin text,             -- the caller's network address, or the name of a process of ours
    add column xid bigint not null default pg_current_xact_id()::text::bigint,
    add column why_salt uuid,
    add column why_digest bytea;
create function digest_why(salt uuid, why text) returns bytea language sql immutable parallel safe as $$
    select sha256(uuid_send(salt) || convert_to(why, 'UTF8'))
$$;
update audit set why_salt = gen_random_uuid() where why is not null;
update audit set why_digest = digest_why(why_salt, why) where why is not null;
alter table audit enable trigger audit_append_only;

create function note_why() returns trigger language plpgsql as $$
begin
    new.why_salt = gen_random_uuid();
    new.why_digest = digest_why(new.why_salt, new.why);
    return new;
end $$;
create trigger audit_note_why before insert on audit for each row when (new.why is not null)
    execute function note_why();
create index audit_xid on audit using brin (xid) with (pages_per_range = 16);

create or replace function forget_why(youths uuid[]) returns bigint language sql security definer
    set search_path = public, pg_temp as $$
    with forgotten as (
        update audit set why = null, why_salt = null where youth_id = any(youths) and why is not null returning 1
    )
    select count(*) from forgotten
$$;

-- Each seal covers the rows of all transactions from the last seal's ``until`` to its own.
create table audit_seals (
    number bigint primary key,
    until bigint not null,
    rows bigint not null,
    hash bytea not null,                -- of the last seal's hash and of these rows
    sealed_at timestamptz not null default now()
);
create function refuse_any_change() returns trigger language plpgsql as $$
begin
    raise exception 'table % is append-only', tg_table_name;
end $$;
create trigger audit_seals_append_only before update or delete on audit_seals
    for each row execute function refuse_any_change();
do $$
declare holder text;
begin
    for holder in
        select distinct grantee from information_schema.role_table_grants
        where table_schema = current_schema and table_name = 'audit_seals' and grantee <> current_user
    loop
        execute format('revoke update, delete, truncate on audit_seals from %I', holder);
    end loop;
end $$;

-- migrate:down

drop table audit_seals;
drop function refuse_any_change;
create or replace function forget_why(youths uuid[]) returns bigint language sql security definer
    set search_path = public, pg_temp as $$
    with forgotten as (
        update audit set why = null where youth_id = any(youths) and why is not null returning 1
    )
    select count(*) from forgotten
$$;
drop index audit_xid;
drop trigger audit_note_why on audit;
drop function note_why;
alter table audit drop column why_digest, drop column why_salt, drop column xid, drop column origin;
drop function digest_why;
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and new.why is null and to_jsonb(new) - 'why' = to_jsonb(old) - 'why' then
        return new;
    end if;
    raise exception 'table % is append-only', tg_table_name;
end $$;
