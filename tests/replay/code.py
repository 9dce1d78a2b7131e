"""The workflows' code of other versions than the work tree's: of a release, and of the commit before.

A release's code is kept beside its histories, so that it is there in any clone. It is the three packages that a
workflow worker consists of, and the policy that was in force: what is new is switched on by the next one.
"""

import subprocess
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ROOT = Path(__file__).parents[2]
PACKAGES = ("chassis", "contracts", "workflows")
POLICY = Path("services/outreach/policies/stockholm.json")
ARCHIVE = "code.zip"
ALWAYS_THE_SAME = (2026, 1, 1, 0, 0, 0)


def of_the_work_tree() -> list[Path]:
    """Return the files, below the root."""
    modules = [path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return [*sorted(modules), POLICY]


def copy(folder: Path) -> Path:
    """Copy the work tree's code into a folder, and return that."""
    for path in of_the_work_tree():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes((ROOT / path).read_bytes())
    return folder


def pack(archive: Path) -> None:
    """Write the work tree's code: the same bytes for the same code."""
    with ZipFile(archive, "w") as zipped:
        for path in of_the_work_tree():
            entry = ZipInfo(path.as_posix(), ALWAYS_THE_SAME)
            entry.compress_type = ZIP_DEFLATED
            zipped.writestr(entry, (ROOT / path).read_bytes())


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack a version's code into a folder, and return that."""
    with ZipFile(archive) as zipped:
        zipped.extractall(folder)
    return folder


def commit_before(root: Path = ROOT) -> str | None:
    """Return the newest commit whose workflow code is not the work tree's; None when the clone does not have it.

    On the branch's own line: before a merge, that is what the branch had. What is not committed yet is new.
    """
    code = [*(f":(glob){package}/**/*.py" for package in PACKAGES), str(POLICY)]
    if _git(root, "status", "--porcelain", "--", *code):
        return _git(root, "rev-parse", "HEAD")
    changed = _git(root, "rev-list", "-1", "--first-parent", "HEAD", "--", *code)
    return _git(root, "rev-parse", "--verify", "--quiet", f"{changed}^", may_fail=True) or None


def check_out(commit: str, folder: Path, root: Path = ROOT) -> Path:
    """Put a commit's code into a folder, and return that."""
    folder.mkdir(parents=True)
    archive = folder / ARCHIVE
    _git(root, "archive", "--format=zip", f"--output={archive}", commit, "--", *PACKAGES, str(POLICY))
    return unpack(archive, folder)


def _git(root: Path, *words: str, may_fail: bool = False) -> str:
    ran = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    if ran.returncode and not may_fail:
        raise RuntimeError(f"git {words[0]}: {ran.stderr}")
    return ran.stdout.strip()
