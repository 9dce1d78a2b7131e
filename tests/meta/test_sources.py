"""House rules that a reader would otherwise have to watch over."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.meta.repository import ROOT, tracked_files

LONGEST = 300
PACKAGES = ("contracts", "chassis", "workflows", "services", "deploy", "tests")
VAGUE = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "misc.py", "manager.py"}
# Written in pieces, so that this file does not find itself.
NOT_OURS = re.compile(
    "|".join(
        (
            r"/wor" r"k/(main|shared)",
            r"/roo" r"t/",
            r"/hom" r"e/\w",
            r"--(extra-)?inde" r"x-url",
            r"pythonhos" r"ted\.org",
            r"py" r"pi\.org",
            r"repo[\w.]*\.mav" r"en\.",
        )
    )
)
MIGRATIONS = [ROOT / "chassis" / "migrations", *sorted(ROOT.glob("services/*/db/migrations"))]


def modules() -> list[Path]:
    return [
        file for file in tracked_files() if file.suffix == ".py" and file.relative_to(ROOT).parts[0] in PACKAGES
    ]


def test_every_module_can_be_read_in_one_sitting() -> None:
    lengths = {file.relative_to(ROOT): len(file.read_text().splitlines()) for file in modules()}
    assert {str(file): lines for file, lines in lengths.items() if lines > LONGEST} == {}


def test_every_module_says_what_it_is_for() -> None:
    assert [str(file.relative_to(ROOT)) for file in modules() if file.name in VAGUE] == []


@pytest.mark.parametrize("folder", MIGRATIONS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_migrations_are_numbered_without_gaps(folder: Path) -> None:
    names = sorted(file.name for file in folder.iterdir())
    assert [name for name in names if not re.fullmatch(r"\d{4}_[a-z0-9_]+\.sql", name)] == []
    numbers = [int(name[:4]) for name in names]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@pytest.mark.parametrize("folder", MIGRATIONS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_migrations_can_be_read_by_dbmate(folder: Path) -> None:
    assert [file.name for file in folder.iterdir() if "-- migrate:up" not in file.read_text()] == []


def test_every_dependency_is_accounted_for() -> None:
    """docs/dependencies.md says of each one what it is for and why this one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(one for group in project["optional-dependencies"].values() for one in group),
    ]
    names = {re.split(r"[\[<>=!~ ]", line)[0] for line in wanted}
    documented = set(re.findall(r"^\| `([\w.-]+)", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE))
    assert names - documented == set()
    assert documented - names == set()


def test_nothing_tells_of_a_machine_or_a_package_registry() -> None:
    found = []
    for file in tracked_files():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a font, a picture
        found += [f"{file.relative_to(ROOT)}: {match[0]}" for match in NOT_OURS.finditer(text)]
    assert found == []


def test_every_service_has_the_same_rooms() -> None:
    missing = [
        f"{service.name}/{room}"
        for service in sorted(ROOT.glob("services/*/"))
        if (service / "__init__.py").exists()
        for room in ("__main__.py", "settings.py", "app.py", "worker.py", "api", "domain", "db/migrations")
        if not (service / room).exists()
    ]
    assert missing == []
