"""Finding the files, and the table of codes that they are read by."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.registry.sources.navet import terms
from services.registry.sources.navet.change import Change
from services.registry.sources.navet.files import in_folder
from services.registry.sources.navet.terms import TermField
from tests.unit.registry.navet.notices import read


class TestDropFolder:
    def test_all_files_come_by_date_and_then_by_name(self, tmp_path: Path) -> None:
        for name in (
            *("navet_20261002_2.txt", "navet_20261002_1.txt", "navet_20261001.txt", "navet_20261003.txt.part"),
            *("navet_20269999.txt", "navet_latest.txt", "population_20261001.csv", "navet_20261001.csv"),
        ):
            (tmp_path / name).touch()
        assert [(file.path.name, file.file_date) for file in in_folder(tmp_path, date.max).files] == [
            ("navet_20261001.txt", date(2026, 10, 1)),
            ("navet_20261002_1.txt", date(2026, 10, 2)),
            ("navet_20261002_2.txt", date(2026, 10, 2)),
        ]

    def test_what_cannot_be_taken_is_passed_over_and_told(self, tmp_path: Path) -> None:
        (tmp_path / "navet_20261002.txt").touch()
        (tmp_path / "navet_20621002.txt").touch()
        found = in_folder(tmp_path, date(2026, 10, 2))
        assert [file.path.name for file in found.files] == ["navet_20261002.txt"]
        assert found.failed == "A file is of a day that lies ahead (2062-10-02)."
        (tmp_path / "navet_20621002.txt").unlink()
        (tmp_path / "navet_20261001.txt").mkdir()
        found = in_folder(tmp_path, date(2026, 10, 2))
        assert [file.path.name for file in found.files] == ["navet_20261002.txt"]
        assert found.failed == "The file of 2026-10-01 cannot be opened (IsADirectoryError)."

    def test_there_may_be_none(self, tmp_path: Path) -> None:
        assert in_folder(tmp_path / "nowhere", date.max).files == []

    def test_a_file_is_known_by_its_name_and_its_content(self, tmp_path: Path) -> None:
        path = tmp_path / "navet_20261001.txt"
        path.write_text("one")
        (first,) = in_folder(tmp_path, date.max).files
        assert [first] == in_folder(tmp_path, date.max).files
        path.write_text("two")
        (second,) = in_folder(tmp_path, date.max).files
        assert second.id != first.id
        path.rename(tmp_path / "navet_20261001_again.txt")
        (renamed,) = in_folder(tmp_path, date.max).files
        assert (renamed.sha256, renamed.id != second.id) == (second.sha256, True)


class TestTerms:
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(terms.DATA.read_text(encoding="utf-8"))
        return data

    def test_the_codes_that_were_given_are_as_given(self) -> None:
        given = {
            *(("01003", TermField.MARKED), ("01020", TermField.PROTECTED_REGISTRATION)),
            *(("01051", TermField.SPECIAL_CARE_OF), ("01055", TermField.SPECIAL_CITY)),
        }
        assert given <= {(code, term.field) for code, term in terms.default().terms.items()}

    def test_a_municipality_may_bring_its_own_codes(self, tmp_path: Path) -> None:
        data = self.data()
        data["version"], data["terms"]["01028"] = "own", data["terms"].pop("01008")
        path = tmp_path / "terms.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        own = terms.load(path)
        assert (own.version, own.fields()[b"01028"]) == ("own", (TermField.TOTAL, "01028"))

    @pytest.mark.parametrize("code", ["01003", "01020", "01001"])
    def test_codes_without_a_term_that_we_need_are_refused(self, code: str) -> None:
        data = self.data()
        del data["terms"][code]
        with pytest.raises(ValueError, match="term code"):
            terms.parse(data)

    def test_every_line_says_what_it_rests_on(self) -> None:
        codes = terms.default()
        bases = {term.basis for term in codes.terms.values()}
        assert bases | {meaning.basis for meaning in codes.deregistration.values()} == set(terms.Basis)
        assert all(line.note for line in codes.deregistration.values() if line.basis is terms.Basis.ASSUMED)


class TestDocumentation:
    """docs/sources/navet.md is what somebody with Skatteverket's description checks our reading by."""

    TEXT = (Path(__file__).parents[4] / "docs" / "sources" / "navet.md").read_text(encoding="utf-8")

    def test_every_code_that_is_read_is_there_with_what_it_rests_on(self) -> None:
        lines = [line for line in self.TEXT.splitlines() if line.startswith("| `01")]
        documented = {(line.split("`")[1], line.split("|")[-2].strip()) for line in lines}
        codes = terms.default().terms
        assert documented == {(code, term.basis) for code, term in codes.items() if term.field is not None}

    def test_every_code_that_is_not_read_is_named(self) -> None:
        unread = {code: term.name for code, term in terms.default().terms.items() if term.field is None}
        assert [code for code, name in unread.items() if f"`{code}` {name}" not in self.TEXT] == []

    def test_every_reason_of_deregistration_is_there(self) -> None:
        for code, meaning in terms.default().deregistration.items():
            assert re.search(rf"^\| `{code}` \| .* \| {meaning.basis} \|$", self.TEXT, re.MULTILINE), code

    def test_the_example_is_a_whole_file_of_one_post(self) -> None:
        example = self.TEXT.split("```\n")[1]
        told = re.sub(r" {2,}.*$", "", example, flags=re.MULTILINE).replace("..", "")
        (change,), reader = read(told.encode())
        assert isinstance(change, Change)
        assert (change.last_name, change.registered_address.care_of) == ("Exempelsson", None)
        assert (reader.shape.cut, reader.shape.effectuated, change.told_on) == (
            *(False, date(2026, 10, 2), date(2026, 10, 1)),
        )
