"""Pages made on the server: what their policy lets a browser do is what their templates need, and no more."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from chassis.pages import Pages
from tests.meta.repository import ROOT, tracked_files

PAGES = [file for file in tracked_files() if file.parent.name == "pages" and file.suffix == ".html"]
FOLDERS = sorted({page.parent for page in PAGES})
# Script in any form, a style that the hash does not cover, and what is loaded from elsewhere.
NOT_ALLOWED = re.compile(
    r"<script|\son\w+\s*=|\sstyle\s*=|javascript:|(src|href|action)\s*=\s*[\"']?(https?:)?//", re.IGNORECASE
)
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def name(folder: Path) -> str:
    return str(folder.relative_to(ROOT))


def test_there_are_pages() -> None:
    assert [name(folder) for folder in FOLDERS] == ["services/notifications/pages", "services/registry/pages"]


@pytest.mark.parametrize("folder", FOLDERS, ids=name)
def test_a_template_has_nothing_that_its_policy_forbids(folder: Path) -> None:
    found = {file.name: NOT_ALLOWED.findall(file.read_text("utf-8")) for file in folder.glob("*.html")}
    assert {file: matches for file, matches in found.items() if matches} == {}


@pytest.mark.parametrize("folder", FOLDERS, ids=name)
def test_the_style_is_let_in_by_its_hash(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "style.css").write_bytes((folder / "style.css").read_bytes())
    (tmp_path / "page.html").write_text("<style>{{ style|safe }}</style>")
    page = Pages(tmp_path).render("page.html")
    (style,) = STYLE.findall(bytes(page.body).decode())
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    base = (folder / "base.html").read_text("utf-8")
    assert "<style>{{ style|safe }}</style>" in base  # between the tags nothing but what is hashed
