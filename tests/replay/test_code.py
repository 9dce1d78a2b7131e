"""Which commit is the one before: in a clean or a shallow clone, after a merge, with changes not committed."""

import subprocess
from pathlib import Path

import pytest

from tests.replay import code


class Repository:
    """A repository in a test."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        for key in ("user.name", "user.email"):
            self.git("config", key, "somebody@example.invalid")

    def git(self, *words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=self.root, capture_output=True, text=True, check=True
        ).stdout.strip()

    def writes(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def commits(self, name: str, text: str) -> str:
        self.writes(name, text)
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", text)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "repository")
    for name in ("chassis/clock.py", "contracts/ids.py", code.POLICY.as_posix()):
        repository.writes(name, "the first")
    return repository


def test_it_is_the_newest_with_other_code(repository: Repository) -> None:
    first = repository.commits("workflows/course.py", "the first")
    assert code.commit_before(repository.root) is None
    second = repository.commits("workflows/course.py", "the second")
    repository.commits("docs/states.md", "no code")
    assert code.commit_before(repository.root) == first
    repository.commits(code.POLICY.as_posix(), "another policy")
    assert code.commit_before(repository.root) != second, "the document between the two has the same code"


def test_what_is_not_committed_is_new(repository: Repository) -> None:
    repository.commits("workflows/course.py", "the first")
    second = repository.commits("workflows/course.py", "the second")
    repository.writes("workflows/another.py", "not even added")
    assert code.commit_before(repository.root) == second


def test_before_a_merge_it_is_what_the_branch_had(repository: Repository) -> None:
    repository.commits("workflows/course.py", "the first")
    repository.git("checkout", "--quiet", "-b", "part")
    repository.commits("workflows/part.py", "half of it")
    repository.commits("workflows/part.py", "all of it")
    repository.git("checkout", "--quiet", "main")
    had = repository.commits("docs/states.md", "meanwhile")
    repository.git("merge", "--quiet", "--no-edit", "part")
    assert code.commit_before(repository.root) == had


def test_a_shallow_clone_does_not_have_it(repository: Repository, tmp_path: Path) -> None:
    repository.commits("workflows/course.py", "the first")
    repository.commits("workflows/course.py", "the second")
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.root}", str(tmp_path / "shallow"))
    assert code.commit_before(tmp_path / "shallow") is None


def test_its_code_is_put_into_a_folder(repository: Repository, tmp_path: Path) -> None:
    first = repository.commits("workflows/course.py", "the first")
    repository.commits("workflows/course.py", "the second")
    tree = code.check_out(first, tmp_path / "old", repository.root)
    assert (tree / "workflows/course.py").read_text(encoding="utf-8") == "the first"
    assert (tree / code.POLICY).exists()


def test_a_releases_code_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        code.pack(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    tree = code.unpack(tmp_path / "a", tmp_path / "tree")
    same = Path("workflows/youth_outreach/course.py")
    assert (tree / same).read_bytes() == (code.ROOT / same).read_bytes()
