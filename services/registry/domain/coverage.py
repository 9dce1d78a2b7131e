"""Who is covered by the duty: all criteria of Skollagen 29 kap. 9 § at once, as of a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.registry.domain import criteria
from services.registry.domain.criteria import Criterion, CriterionResult
from services.registry.domain.facts import PersonFacts
from services.registry.domain.rule_versions import RuleVersion, rule_on


@dataclass(frozen=True, slots=True)
class Coverage:
    on: date
    rule: RuleVersion
    results: tuple[CriterionResult, ...]

    @property
    def covered(self) -> bool:
        return all(result.met for result in self.results)

    @property
    def failed(self) -> tuple[CriterionResult, ...]:
        return tuple(result for result in self.results if not result.met)

    def result(self, criterion: Criterion) -> CriterionResult:
        return next(result for result in self.results if result.criterion is criterion)


def decide(facts: PersonFacts, on: date, municipality: str) -> Coverage:
    """Return which criteria a person meets on a day, by the rule of that day and today's knowledge.

    ``municipality`` is the code of ours. Raises NoRuleForDate before 2015.
    """
    return Coverage(on, rule_on(on), tuple(_results(facts, on, municipality)))


def holds(facts: PersonFacts, on: date, municipality: str) -> bool:
    """Return whether the duty holds: `decide` without the reasons, which stops at the first that fails.

    What fails most often is asked first: most people go to school.
    """
    rule = rule_on(on)
    return (
        criteria.not_in_upper_secondary(facts, on, rule).met
        and criteria.compulsory_schooling_over(facts, on, rule).met
        and criteria.registered_in_municipality(facts, on, municipality).met
        and criteria.under_20(facts, on).met
        and criteria.no_gymnasieexamen(facts, on).met
        and criteria.no_gymnasiebevis_anpassad(facts, on).met
        and criteria.no_equivalent_education(facts, on).met
    )


def _results(facts: PersonFacts, on: date, municipality: str) -> Iterator[CriterionResult]:
    rule = rule_on(on)
    yield criteria.registered_in_municipality(facts, on, municipality)
    yield criteria.under_20(facts, on)
    yield criteria.compulsory_schooling_over(facts, on, rule)
    yield criteria.not_in_upper_secondary(facts, on, rule)
    yield criteria.no_gymnasieexamen(facts, on)
    yield criteria.no_gymnasiebevis_anpassad(facts, on)
    yield criteria.no_equivalent_education(facts, on)


def as_document(coverage: Coverage) -> dict[str, Any]:
    """Return the coverage as JSON: kept with an episode as the grounds on which it began or ended."""
    return {
        "on": coverage.on.isoformat(),
        "act": coverage.rule.act,
        "criteria": [
            {
                "criterion": result.criterion,
                "met": result.met,
                "explanation": result.explanation,
                "source": result.evidence.source,
                "file_date": _iso(result.evidence.file_date),
                "since": _iso(result.evidence.since),
            }
            for result in coverage.results
        ],
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
