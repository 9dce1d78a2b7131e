"""What can be done, named in the field's words. Each route declares one; contracts/access.py says who may."""

from enum import StrEnum


class Action(StrEnum):
    """``value`` stands in refusals; ``about`` says what it is, for docs/access.md."""

    about: str

    def __new__(cls, value: str, about: str) -> "Action":
        action = str.__new__(cls, value)
        action._value_ = value
        action.about = about
        return action

    # The register: who is covered, and why
    YOUTHS_LIST = "youths.list", "List youths, and search by name"
    YOUTHS_LOOK_UP = "youths.look_up", "Find a youth by person number, for a reason"
    YOUTHS_READ = "youths.read", "Read what the register has about a youth"
    PERSON_NUMBERS_READ = "person_numbers.read", "See the person number of a youth whom one may read"
    COVERAGE_READ = "coverage.read", "Read why the duty holds for a youth, or does not"
    COVERAGE_COUNT = "coverage.count", "Count the youths for whom the duty held"
    TIMELINE_READ = "timeline.read", "Read what happened in the registry about a youth"
    YOUTHS_EXPORT = "youths.export", "Make the data-subject export (registerutdrag)"
    OCCUPATIONS_READ = "occupations.read", "Read a youth's occupation"
    OCCUPATIONS_WRITE = "occupations.write", "Record a youth's occupation"
    MANUAL_ENTRIES_READ = "manual_entries.read", "Read what staff have entered that no source tells"
    MANUAL_ENTRIES_WRITE = "manual_entries.write", "Enter what no source tells, or withdraw it"
    PERSONS_MERGE = "persons.merge", "Let two persons of the register be one, and take that back"
    PROTECTION_OPEN = "protection.open", "Open a protected identity, for a reason"
    PROTECTION_LIFT = "protection.lift", "Lift the marking of a protected identity"
    RECIPIENTS_READ = "recipients.read", "Read whom a message goes to, at the moment of sending"
    DISTRICTS_READ = "districts.read", "Read the city's districts"

    # Documentation: what is done for a youth
    CONTACT_POINTS_READ = "contact_points.read", "Read how to reach a youth"
    CONTACT_POINTS_WRITE = "contact_points.write", "Record how to reach a youth"
    GUARDIANS_READ = "guardians.read", "Read the guardians of a youth under 18"
    GUARDIANS_WRITE = "guardians.write", "Record a guardian"
    MEASURES_READ = "measures.read", "Read a youth's measures"
    MEASURES_WRITE = "measures.write", "Offer a youth a measure, and record what comes of it"
    PLANS_READ = "plans.read", "Read a youth's plan"
    PLANS_WRITE = "plans.write", "Make a youth's plan, change it and end it"
    CONSENTS_READ = "consents.read", "Read a youth's consents; another board: those given to it"
    CONSENTS_WRITE = "consents.write", "Record a consent, or that it is withdrawn"
    HOLDS_READ = "holds.read", "Read the holds of a youth; another board: those it asked for"
    HOLDS_PLACE = "holds.place", "Let outreach wait (avvakta), or wait longer"
    HOLDS_END = "holds.end", "Let outreach go on"
    CATALOGUE_READ = "catalogue.read", "Read which measures there are"
    CATALOGUE_WRITE = "catalogue.write", "Keep the catalogue of measures"

    # What schools tell
    SCHOOL_REPORTS_HAND_IN = "school_reports.hand_in", "Report who started, left or is absent"
    SCHOOL_REPORTS_TYPE_IN = "school_reports.type_in", "Type in a report from the shared mailbox"
    SCHOOL_REPORTS_READ = "school_reports.read", "Read reports of schools"
    SCHOOL_REPORTS_READ_STRANGERS = (
        "school_reports.read_strangers",
        "See the person number of whom a school told that the register does not know",
    )
    SCHOOL_REPORTS_WITHDRAW = "school_reports.withdraw", "Let a report count for nothing"
    SCHOOL_REPORTS_COUNT = "school_reports.count", "Read how late schools report"

    # Sources
    SYNC_START = "sync.start", "Start the register sync"
    SYNC_READ = "sync.read", "Read what a sync gave, and which rows were refused"
    SOURCES_READ = "sources.read", "Read how each source is"
    ATTENTIONS_READ = "attentions.read", "Read what must be looked at: sources, and gallring that waits"
    ATTENTIONS_RELEASE = "attentions.release", "Accept that a source has shrunk"
    CONFLICTS_READ = "conflicts.read", "Read where sources contradict one another"
    CONFLICTS_SETTLE = "conflicts.settle", "Let a conflict be"

    # Gallring
    GALLRING_READ = "gallring.read", "Read runs of gallring and their protocol"
    GALLRING_PROPOSE = "gallring.propose", "Propose whom to delete, and stand for what was proposed by itself"
    GALLRING_APPROVE = "gallring.approve", "Approve a proposal, as a second person"
    GALLRING_WITHDRAW = "gallring.withdraw", "Give up a proposal, or what is left of a run"
    GALLRING_EXECUTE = "gallring.execute", "Carry out what is approved"

    # The work of the staff
    TASKS_READ = "tasks.read", "Read tasks, and how many there are"
    TASKS_CLAIM = "tasks.claim", "Take a task, and give it back"
    TASKS_ASSIGN = "tasks.assign", "Give a task to one of the staff"
    TASKS_REASSIGN = "tasks.reassign", "Hand many tasks over at once"
    TASKS_COMPLETE = "tasks.complete", "Complete a task with its outcome"
    JOURNEYS_READ = "journeys.read", "Read where a youth's outreach stands"
    CONTACTS_RECORD = "contacts.record", "Record that a youth got in touch, or was reached"
    CONCERNS_RAISE = "concerns.raise", "Raise a concern about a youth (orosanmälan)"
    VISITS_PLAN = "visits.plan", "Find times for a home visit"
    VISITS_READ = "visits.read", "Read visits, and the day of a pair"
    VISITS_PRINT = "visits.print", "Print the day list of a pair, with names and addresses"
    VISITS_CHECK_IN = "visits.check_in", "Check in at a visit, and out again"
    STAFF_LIST = "staff.list", "Read the staff register"
    STAFF_READ = "staff.read", "Read one of the staff, with absences"
    STAFF_WRITE = "staff.write", "Keep the staff register"
    ABSENCES_WRITE = "absences.write", "Say that somebody is away"

    # Messages
    MESSAGES_READ = "messages.read", "Read what was sent to a youth, and what stood on it"
    WAVES_READ = "waves.read", "Read where a large mailing stands: counts"
    WAVES_DECIDE = "waves.decide", "Preview a large mailing, and let it go out"
    WAVES_HOLD = "waves.hold", "Pause a large mailing, let it go on, or stop it"

    # Policy, plans and figures
    POLICY_READ = "policy.read", "Read the policy in force, and the schema of one"
    POLICY_READ_VERSIONS = "policy.read_versions", "Read all versions of the policy"
    POLICY_PREVIEW = "policy.preview", "See what another policy would change"
    POLICY_DECIDE = "policy.decide", "Decide the next policy, or withdraw it before it holds"
    INTAKE_READ = "intake.read", "See what the daily intake would do"
    INTAKE_RUN = "intake.run", "Run the daily intake now"
    FORECASTS_MAKE = "forecasts.make", "Forecast the work, by this policy or another"
    FIGURES_READ = "figures.read", "Read what came of the outreach: figures"

    # Operations
    DEAD_LETTERS_READ = "dead_letters.read", "Read which events could not be handled"
    DEAD_LETTERS_RESOLVE = "dead_letters.resolve", "Handle such events again, or let them go"
    RUNS_REDRIVE = "runs.redrive", "Drive workflows again that stand still (on the command line)"
    RUNS_HOLD = "runs.hold", "Let the searches of a district wait, and go on (on the command line)"
    AUDIT_READ = "audit.read", "Read the audit: who did or read what, about whom, when, why and from where"
    PAYLOADS_READ = "payloads.read", "See what workflows hold, in the Temporal UI"
    SUBJECT_DATA_READ = "subject_data.read", "Read all that a service has about a youth, for the export"
