"""Exactly one wording of the rule for each day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.rule_versions import VERSIONS, NoRuleForDate, rule_on


@given(st.dates(date(2015, 1, 1), date(2060, 1, 1)))
def test_each_day_has_exactly_one_rule(day: date) -> None:
    ends = [version.since for version in VERSIONS[1:]] + [date.max]
    in_force = [version for version, end in zip(VERSIONS, ends, strict=True) if version.since <= day < end]
    assert in_force == [rule_on(day)]


def test_the_introduction_programme_was_covered_until_july_2018() -> None:
    assert rule_on(date(2018, 6, 30)).introduction_covered
    assert not rule_on(date(2018, 7, 1)).introduction_covered


def test_before_2015_there_is_no_rule_to_apply() -> None:
    with pytest.raises(NoRuleForDate):
        rule_on(VERSIONS[0].since - timedelta(days=1))
