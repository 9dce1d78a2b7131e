-- migrate:up

-- What schools told us as the law bids them (Skollagen 15 kap. 15 §, 18 kap. 15 §). A row is a report as it
-- was first told; told again it is counted, and put right it is kept with what came in its place.
create table school_reports (
    id uuid primary key,
    -- Null: nobody of ours has the number (waiting_school_reports). A report goes where its number goes, when
    -- persons are merged or split.
    person_id uuid references persons,
    person_number text references person_numbers (number),
    school_unit text not null check (school_unit ~ '^[0-9]{8}$'),
    kind text not null check (kind in ('started', 'dropout', 'moved_school', 'invalid_absence')),
    event_date date not null,            -- first day (started), last day (all others)
    absence_from date,                   -- absence: the period's first day; event_date is its last
    absence_percent int check (absence_percent between 1 and 100),
    reported_by text not null,           -- function at the school, a code
    channel text not null check (channel in ('api', 'mailbox')),
    received_on date not null,           -- when it came to us, not when it was typed in
    first_told_on date not null,         -- the earliest such day, of its repeats and what it puts right too
    times_told int not null default 1 check (times_told > 0),
    recorded_at timestamptz not null,    -- civil time, as all times here
    recorded_by text not null,
    matched_at timestamptz,              -- since when we know whom it is about
    superseded_by uuid references school_reports deferrable initially deferred,
    superseded_at timestamptz,
    withdrawn_at timestamptz,
    withdrawn_by text,
    withdrawn_why text,                  -- a code
    check ((kind = 'invalid_absence') = (absence_from is not null)),
    check ((absence_from is null) = (absence_percent is null)),
    check (absence_from <= event_date),
    check ((person_id is null) = (matched_at is null)),
    check ((person_id is null) = (person_number is null)),
    check ((superseded_by is null) = (superseded_at is null)),
    check ((withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_why is null)),
    check (superseded_by <> id)
);
create unique index school_reports_one_stands on school_reports (person_id, school_unit, kind, event_date)
    where superseded_by is null and withdrawn_at is null;
create index school_reports_person on school_reports (person_id);
create index school_reports_number on school_reports (person_number);
create index school_reports_listed on school_reports (recorded_at desc, id desc);
create index school_reports_told on school_reports (first_told_on, school_unit);

-- The number of somebody whom the population register has not brought yet, apart from the report and no
-- longer than needed to match it: a row goes when the person comes, or on forget_on.
create table waiting_school_reports (
    report_id uuid primary key references school_reports on delete cascade,
    person_number text not null check (person_number ~ '^[0-9]{12}$'),
    forget_on date not null
);
create index waiting_school_reports_number on waiting_school_reports (person_number);

-- Requests that carried a key of their own: the same one again (a double click, a lost answer) is no repeat.
create table school_report_requests (
    key uuid primary key,
    report_id uuid not null references school_reports on delete cascade,
    outcome text not null,
    at timestamptz not null
);

-- migrate:down

drop table school_report_requests, waiting_school_reports, school_reports;
