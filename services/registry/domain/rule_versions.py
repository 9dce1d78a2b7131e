"""The wordings of Skollagen 29 kap. 9 §, by date: a report on an older period needs the rule of its day."""

from dataclasses import dataclass
from datetime import date


class NoRuleForDate(ValueError):
    """The duty did not exist in this form on that date."""


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One wording, in force from ``since`` until the next one's."""

    act: str
    since: date
    introduction_covered: bool  # students on an introduction programme (IM) are covered
    late_arrivals_covered: bool  # registered in the country when no longer of compulsory school age


VERSIONS = (
    RuleVersion("SFS 2014:1382", date(2015, 1, 1), introduction_covered=True, late_arrivals_covered=False),
    RuleVersion("SFS 2018:749", date(2018, 7, 1), introduction_covered=False, late_arrivals_covered=True),
    # Words only (anpassad gymnasieskola for gymnasiesärskola); named, so that evidence cites the day's act.
    RuleVersion("SFS 2022:1315", date(2023, 7, 2), introduction_covered=False, late_arrivals_covered=True),
)


def rule_on(day: date) -> RuleVersion:
    """Return the wording in force on ``day``. Raises NoRuleForDate before 2015."""
    for version in reversed(VERSIONS):
        if version.since <= day:
            return version
    raise NoRuleForDate(f"the rule is known from {VERSIONS[0].since.isoformat()}")
