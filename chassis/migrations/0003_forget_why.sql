-- migrate:up

-- The audit stays as it is, but for one thing: when a youth is deleted (docs/gallring.md), the reasons that
-- staff wrote for reading about them go, for such a text can tell who it was. Who did what, and when, stays.
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and new.why is null and to_jsonb(new) - 'why' = to_jsonb(old) - 'why' then
        return new;
    end if;
    raise exception 'table % is append-only', tg_table_name;
end $$;

-- The app may not update the audit; this it may, as the owner.
create function forget_why(youths uuid[]) returns bigint language sql security definer
    set search_path = public, pg_temp as $$
    with forgotten as (
        update audit set why = null where youth_id = any(youths) and why is not null returning 1
    )
    select count(*) from forgotten
$$;

-- migrate:down

drop function forget_why;
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'table % is append-only', tg_table_name;
end $$;
