-- migrate:up

-- The Navet files that have been applied, each once: the id is made of name and content.
create table navet_files (
    id uuid primary key,
    file_name text not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    file_date date not null,             -- the day in the name
    run_id uuid not null references sync_runs,
    terms_version text not null,         -- of the term codes that it was read by
    encoding text not null,
    posts int not null,
    announced int,                       -- posts, as the trailer tells
    accepted int not null,
    rejected int not null,
    cut boolean not null,
    problems text[] not null,            -- of the file as a whole
    effectuated date,                    -- as the file says itself
    changes_from date,
    changes_to date,
    unknown_terms jsonb not null,        -- codes that we have never heard of, with how many times each
    applied_at timestamptz not null      -- civil time
);
create index navet_files_applied on navet_files (file_date desc, applied_at desc);

-- What was wrong with which post. Codes only: never a value from the file.
create table navet_rejects (
    id bigint generated always as identity primary key,
    file_id uuid not null references navet_files,
    post int not null,                   -- its place in the file, from 1
    term text,                           -- term code
    reason text not null,
    kept boolean not null                -- the post went on without the value
);
create index navet_rejects_file on navet_rejects (file_id, id);

-- What the register's one address does not hold: the home address beside the special postal address. Nothing
-- of who has skyddad folkbokföring or does not live here.
create table navet_persons (
    person_id uuid primary key references persons,
    told_on date not null,               -- date of the last file that told of the person
    care_of text, line_1 text, line_2 text, postal_code text, city text,
    special_care_of text, special_line_1 text, special_line_2 text, special_postal_code text, special_city text
);

-- migrate:down

drop table navet_persons, navet_rejects, navet_files;
