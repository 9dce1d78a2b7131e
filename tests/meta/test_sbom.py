"""The list of what is installed (`make sbom`) has every locked package, in its locked version."""

import json
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from tests.meta.repository import ROOT

PINNED = re.compile(r"^([a-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def test_the_list_of_what_is_installed_has_what_is_locked(tmp_path: Path) -> None:
    out = tmp_path / "sbom.json"
    tool = Path(sys.executable).with_name("cyclonedx-py")
    # Not validated here: that takes half a minute, and is the tool's own work.
    arguments = ["environment", sys.executable, "--pyproject", "pyproject.toml", "--no-validate", "-o", str(out)]
    subprocess.run([tool, *arguments], cwd=ROOT, check=True, capture_output=True)

    listed = {_plain(one["name"]): one for one in json.loads(out.read_text())["components"]}
    locked = {_plain(name): version for name, version in PINNED.findall((ROOT / "requirements.lock").read_text())}
    installed = {_plain(one.name) for one in distributions()}
    wanted = {name: version for name, version in locked.items() if name in installed}
    assert {name: listed[name]["version"] for name in wanted if name in listed} == wanted


def _plain(name: str) -> str:
    """A package's name as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
