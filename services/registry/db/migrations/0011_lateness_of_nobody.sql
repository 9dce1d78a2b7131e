-- migrate:up

-- How late schools told, of reports that gallring has deleted: by month and not by day, so that no row leads to
-- an event that somebody at the school remembers. Reports that counted for nothing are not in it.
create table lateness_of_nobody (
    school_unit text not null check (school_unit ~ '^[0-9]{8}$'),
    kind text not null check (kind in ('started', 'dropout', 'moved_school', 'invalid_absence')),
    month date not null check (extract(day from month) = 1), -- when they were first told
    days int not null check (days >= 0),                     -- from the event; 0 when told ahead
    reports int not null check (reports > 0),
    primary key (school_unit, kind, month, days)
);

-- migrate:down

drop table lateness_of_nobody;
