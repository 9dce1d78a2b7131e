-- migrate:up

-- Who found that two persons are one, or two after all, and why (codes). Null: a run did, by the numbers.
alter table person_merges
    add column merged_by text,
    add column merge_reason text,
    add column split_by text,
    add column split_reason text,
    add column kept_rows int;            -- rows of what staff keep that the merge moved; a split leaves them

-- migrate:down

alter table person_merges drop column merged_by, drop column merge_reason, drop column split_by,
    drop column split_reason, drop column kept_rows;
