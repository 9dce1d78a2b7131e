"""docs/security.md has every requirement of ASVS 5.0.0, levels 1 and 2; what is named exists; figures fit."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.meta.repository import ROOT

# The last requirement of each section that is of level 1 or 2: those before it are all of these levels.
# From OWASP ASVS 5.0.0, 5.0/docs_en/OWASP_Application_Security_Verification_Standard_5.0.0_en.csv.
LAST = {
    "V1.1": 2, "V1.2": 9, "V1.3": 11, "V1.4": 3, "V1.5": 2,
    "V2.1": 3, "V2.2": 3, "V2.3": 4, "V2.4": 1,
    "V3.2": 2, "V3.3": 4, "V3.4": 6, "V3.5": 5, "V3.7": 2,
    "V4.1": 3, "V4.2": 1, "V4.3": 2, "V4.4": 4,
    "V5.1": 1, "V5.2": 3, "V5.3": 2, "V5.4": 3,
    "V6.1": 3, "V6.2": 12, "V6.3": 4, "V6.4": 4, "V6.5": 5, "V6.6": 3, "V6.8": 4,
    "V7.1": 3, "V7.2": 4, "V7.3": 2, "V7.4": 5, "V7.5": 2, "V7.6": 2,
    "V8.1": 2, "V8.2": 3, "V8.3": 1, "V8.4": 1,
    "V9.1": 3, "V9.2": 4,
    "V10.1": 2, "V10.2": 2, "V10.3": 4, "V10.4": 11, "V10.5": 5, "V10.6": 2, "V10.7": 3,
    "V11.1": 2, "V11.2": 3, "V11.3": 3, "V11.4": 4, "V11.5": 1, "V11.6": 1,
    "V12.1": 3, "V12.2": 2, "V12.3": 4,
    "V13.1": 1, "V13.2": 5, "V13.3": 2, "V13.4": 5,
    "V14.1": 2, "V14.2": 4, "V14.3": 3,
    "V15.1": 3, "V15.2": 3, "V15.3": 7,
    "V16.1": 1, "V16.2": 5, "V16.3": 4, "V16.4": 3, "V16.5": 3,
    "V17.1": 1, "V17.2": 4, "V17.3": 2,
}  # fmt: skip
STANDARD = [f"{section}.{number}" for section, last in LAST.items() for number in range(1, last + 1)]
STATES = ("test", "code", "none", "platform", "left")
ROW = re.compile(r"^\| (V[\d.]+(?:, V[\d.]+)*) \| ([^|]+) \| \*\*(\w+)\*\* ([^|]+) \|$")
TEST = re.compile(r"`([\w./]+\.py)::(\w+)`")
FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.\w+|pyproject\.toml|requirements\.lock)`")
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
LIST = PAGE[PAGE.index("### V1 ") :]
ROWS = [match for line in LIST.splitlines() if (match := ROW.match(line))]


@cache
def functions_of(file: Path) -> frozenset[str]:
    found = re.findall(r"^ *(?:async )?def (\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(found)


def test_every_line_of_the_list_is_read() -> None:
    lines = [line for line in LIST.splitlines() if line.startswith("| ") and not line.startswith("| requirement")]
    assert [line[:60] for line in lines if not ROW.match(line)] == []
    assert {state for _, _, state, _ in (row.groups() for row in ROWS)} <= set(STATES)


def test_every_requirement_is_there_once_and_in_order() -> None:
    assert len(STANDARD) == 253
    numbers = [number for row in ROWS for number in row[1].split(", ")]
    assert Counter(numbers) == Counter(STANDARD)
    in_order = [min(row[1].split(", "), key=STANDARD.index) for row in ROWS]
    assert in_order == sorted(in_order, key=STANDARD.index)


def test_what_stands_by_a_test_or_by_code_names_it() -> None:
    unproved = [
        row[1] for row in ROWS
        if (row[3] == "test" and not TEST.search(row[4]))
        or (row[3] == "code" and not FILE.search(row[4]))
    ]  # fmt: skip
    assert unproved == []


def test_what_stands_otherwise_has_a_reason() -> None:
    assert [row[1] for row in ROWS if len(row[4].strip()) < 8] == []


@pytest.mark.parametrize("page", ["security.md", "threat-model.md", "dpia.md"])
def test_what_is_named_exists(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    tests = TEST.findall(text)
    missing = [f"{file}::{name}" for file, name in tests if name not in functions_of_existing(ROOT / file)]
    missing += [file for file in FILE.findall(text) if not (ROOT / file).is_file()]
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    missing += [link for link in links if not (ROOT / "docs" / link).exists()]
    assert missing == []
    assert tests


def functions_of_existing(file: Path) -> frozenset[str]:
    return functions_of(file) if file.is_file() else frozenset()


def test_the_figures_are_those_of_the_list() -> None:
    counts: Counter[str] = Counter()
    for row in ROWS:
        counts[row[3]] += len(row[1].split(", "))
    said = re.search(r"^\| test \| code .*\n.*\n\| (.+) \|$", PAGE, re.MULTILINE)
    assert said is not None
    assert said[1].split(" | ") == [str(counts[state]) for state in STATES]
