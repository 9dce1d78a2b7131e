"""docs/sources/faults.md names, for each way in which a source breaks, the test that breaks it."""

import re

from tests.meta.repository import ROOT

TABLE = (ROOT / "docs" / "sources" / "faults.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall(TABLE)
    assert len(named) > 50
    missing = []
    for path, name in sorted(set(named)):
        file = ROOT / (path if path.startswith("tests/") else f"tests/integration/registry/{path}")
        if not file.exists() or not re.search(rf"^ *(async )?def {name}\(", file.read_text(), re.MULTILINE):
            missing.append(f"{path}::{name}")
    assert missing == []


def test_every_case_has_an_outcome_and_a_test() -> None:
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith("| case")]
    assert [row for row in rows if row.count("|") != 4 or not NAMED.search(row)] == []
