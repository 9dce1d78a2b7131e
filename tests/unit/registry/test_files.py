"""Reading the files: what is good goes on, what is not is reported with row, field and reason."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.districts import DISTRICTS
from contracts.registry_activities import Source
from services.registry.sources import drop_folder
from services.registry.sources.csv_file import Reject
from services.registry.sources.layouts import LAYOUTS
from tests.unit.registry.files import content, made_up_number, placement, read, resident

POPULATION, PLACEMENTS = Source.POPULATION, Source.PLACEMENTS
# What an extract may hold in a name; the CSV writer does the quoting.
names = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=30)
windows_names = st.text(st.sampled_from("abcåäöÅÄÖéüñß;,'\""), min_size=1, max_size=30)


@given(st.lists(names, min_size=1, max_size=8), st.sampled_from(";,"))
def test_every_good_record_goes_on_as_it_was(last_names: list[str], delimiter: str) -> None:
    data = content(
        POPULATION,
        (resident(which, last_name=name) for which, name in enumerate(last_names)),
        delimiter=delimiter,
    )
    good, reader = read(POPULATION, data)
    assert [record["last_name"] for record in good] == last_names
    assert (reader.read, reader.rejected, reader.rejects) == (len(last_names), 0, [])


@given(st.lists(windows_names, min_size=1, max_size=8))
def test_windows_1252_is_found_out(last_names: list[str]) -> None:
    data = content(
        POPULATION,
        (resident(which, last_name=name) for which, name in enumerate(last_names)),
        encoding="cp1252",
    )
    good, reader = read(POPULATION, data)
    assert [record["last_name"] for record in good] == last_names
    assert reader.shape.encoding == "cp1252"


@given(st.binary(max_size=600), st.sampled_from(Source))
def test_no_bytes_break_it_and_every_row_is_counted(data: bytes, source: Source) -> None:
    header = ";".join(column.name for column in LAYOUTS[source].columns).encode() + b"\n"
    for file in (data, header + data):
        good, reader = read(source, file)
        assert reader.accepted == len(good)
        assert reader.accepted + reader.rejected == reader.read


@given(st.integers(0, 2000))
def test_a_file_cut_anywhere_is_known_to_be_cut(length: int) -> None:
    data = content(POPULATION, (resident(which) for which in range(12)))
    whole, _ = read(POPULATION, data)
    length = min(length, len(data.rstrip()) - 1)
    good, reader = read(POPULATION, data[:length])
    assert reader.shape.cut or not reader.readable
    assert good == whole[: len(good)]  # never a record that the cut has changed


def test_a_declared_encoding_counts() -> None:
    data = b"#ENCODING;windows-1252\n" + content(POPULATION, [resident(last_name="Åäö")], encoding="cp1252")
    good, reader = read(POPULATION, data)
    assert good[0]["last_name"] == "Åäö"
    assert reader.rejects == []


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert len(read(POPULATION, content(POPULATION, [resident()], encoding="utf-8-sig"))[0]) == 1


def test_one_row_of_another_encoding_is_rejected() -> None:
    good_lines = content(POPULATION, [resident(0), resident(1)], trailer=False)
    bad_line = resident(2, first_name="Åsa")
    data = good_lines + ";".join(bad_line.get(column.name, "") for column in LAYOUTS[POPULATION].columns).encode(
        "cp1252"
    )
    good, reader = read(POPULATION, data + b"\n#END;3\n")
    assert (len(good), reader.rejects) == (2, [Reject(4, None, "encoding")])
    assert reader.unidentified == 1


BAD_ROWS = [
    ({"person_number": "200803019999"}, "person_number", "check_digit"),
    ({"person_number": "200802300001"}, "person_number", "impossible_date"),
    ({"person_number": "20080301TF01"}, "person_number", "interim_number"),
    ({"person_number": ""}, "person_number", "empty"),
    ({"first_name": ""}, "first_name", "empty"),
    ({"last_name": "x" * 201}, "last_name", "too_long"),
    ({"last_name": "a\tb"}, "last_name", "control_character"),
    ({"municipality": "Stockholm"}, "municipality", "not_4_digits"),
    ({"status": "gone"}, "status", "unknown_code"),
    ({"status": "dead"}, "status_date", "empty"),
    ({"moved_in_on": "2026-02-30"}, "moved_in_on", "impossible_date"),
    ({"moved_in_on": "1/2/2026"}, "moved_in_on", "date_format"),
    ({"protection": "hemlig"}, "protection", "unknown_code"),
    ({"previous_person_number": "1"}, "previous_person_number", "format"),
]


@pytest.mark.parametrize(("change", "field", "reason"), BAD_ROWS)
def test_a_bad_row_is_reported_and_the_others_go_on(change: dict[str, str], field: str, reason: str) -> None:
    data = content(POPULATION, [resident(0), resident(1, **change), resident(2)])
    good, reader = read(POPULATION, data)
    assert [record["person_number"] for record in good] == [made_up_number(0), made_up_number(2)]
    assert reader.rejects == [Reject(3, field, reason)]
    assert reader.unidentified == (1 if field == "person_number" else 0)


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"phone": "112233"}, "phone", "phone"),
        ({"email": "at home"}, "email", "email"),
        ({"district": "vasastan"}, "district", "unknown_district"),
        ({"postal_code": "1234"}, "postal_code", "not_5_digits"),
    ],
)
def test_a_row_goes_on_without_a_value_it_can_do_without(change: dict[str, str], field: str, reason: str) -> None:
    good, reader = read(POPULATION, content(POPULATION, [resident(0, **change)]))
    assert good[0][field] is None
    assert (reader.rejected, reader.rejects) == (0, [Reject(2, field, reason, kept=True)])


BAD_PLACEMENTS = [
    ({"kind": "compulsory"}, "kind", "unknown_code"),
    ({"ends_on": "2024-08-18"}, "ends_on", "before_start"),
    ({"end_kind": "dropout"}, "ends_on", "empty"),
    ({"school_unit": "123"}, "school_unit", "not_8_digits"),
]


@pytest.mark.parametrize(("change", "field", "reason"), BAD_PLACEMENTS)
def test_a_bad_placement_is_reported(change: dict[str, str], field: str, reason: str) -> None:
    good, reader = read(PLACEMENTS, content(PLACEMENTS, [placement(0, **change)]))
    assert (good, reader.rejects) == ([], [Reject(2, field, reason)])
    assert reader.rejected_numbers == {made_up_number(0)}


def test_the_same_person_twice_counts_once() -> None:
    records = [resident(0), resident(0, first_name="Other"), resident(1, previous_person_number=made_up_number(0))]
    good, reader = read(POPULATION, content(POPULATION, records))
    assert len(good) == 1
    assert reader.rejects == [Reject(3, None, "duplicate_person"), Reject(4, None, "duplicate_person")]
    assert reader.unidentified == 0
    assert reader.rejected_numbers == set()


def test_a_person_may_have_several_placements_but_not_the_same_twice() -> None:
    records = [placement(), placement(starts_on="2023-08-19"), placement()]
    good, reader = read(PLACEMENTS, content(PLACEMENTS, records))
    assert (len(good), reader.rejects) == (2, [Reject(4, None, "duplicate_row")])


@pytest.mark.parametrize(
    ("line", "reason"),
    [(b"a;b\n", "field_count"), (b'"a;b\n', "quotes"), (b"\n", "empty_row"), (b";\n", "empty_row")],
)
def test_a_broken_line_does_not_swallow_the_next(line: bytes, reason: str) -> None:
    header, good_line, _ = content(POPULATION, [resident()]).splitlines(keepends=True)
    good, reader = read(POPULATION, header + line + good_line + b"#END;2\n")
    assert (len(good), reader.rejects) == (1, [Reject(2, None, reason)])


def test_a_missing_column_is_named_and_nothing_is_read() -> None:
    data = content(POPULATION, [resident()]).replace(b";municipality;", b";kommun;")
    good, reader = read(POPULATION, data)
    assert (good, reader.missing_columns) == ([], ("municipality",))
    assert reader.rejects == [Reject(1, "municipality", "missing_column")]


def test_a_trailer_that_tells_of_more_rows_means_a_cut() -> None:
    data = content(POPULATION, [resident(0), resident(1)]).replace(b"#END;2", b"#END;3")
    good, reader = read(POPULATION, data)
    assert (len(good), reader.shape.cut, reader.rejects) == (2, True, [Reject(4, None, "row_count")])


def test_no_address_is_stored_where_none_may_exist() -> None:
    (record,), _ = read(POPULATION, content(POPULATION, [resident(protection="skyddad_folkbokforing")]))
    assert [record[name] for name in ("care_of", "street", "postal_code", "city")] == [None] * 4


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("070-174 06 05", "+46701740605"),
        ("+46 70 174 06 05", "+46701740605"),
        ("0046701740605", "+46701740605"),
        ("08-465 004 04", "+46846500404"),
        ("+47 40 60 00 00", "+4740600000"),
    ],
)
def test_phone_numbers_become_e164(written: str, stored: str) -> None:
    (record,), _ = read(POPULATION, content(POPULATION, [resident(phone=written)]))
    assert record["phone"] == stored


def test_no_reject_repeats_a_value() -> None:
    secret = "Hemligsson-1"
    records = [dict.fromkeys(resident(), secret), resident(1, phone=secret, status=secret)]
    _, reader = read(POPULATION, content(POPULATION, records))
    assert reader.rejects
    assert secret not in repr(reader.rejects)


class TestDropFolder:
    def test_the_newest_by_name_counts(self, tmp_path: Path) -> None:
        for name in (
            "population_20260901.csv",
            "population_20260902.csv",
            "population_20260903.csv.part",
            "population_20269999.csv",
            "placements_20260909.csv",
        ):
            (tmp_path / name).touch()
        found = drop_folder.newest(tmp_path, POPULATION, date(2026, 9, 3))
        assert found is not None
        assert (found.path.name, found.file_date) == ("population_20260902.csv", date(2026, 9, 2))

    def test_a_day_that_lies_ahead_waits(self, tmp_path: Path) -> None:
        for name in ("population_20260903.csv", "population_20270903.csv"):
            (tmp_path / name).touch()
        found = drop_folder.newest(tmp_path, POPULATION, date(2027, 9, 2))
        assert found is not None
        assert found.path.name == "population_20260903.csv"

    def test_there_may_be_none(self, tmp_path: Path) -> None:
        assert drop_folder.newest(tmp_path / "nowhere", POPULATION, date.max) is None


class TestDocumentation:
    """docs/sources/files.md is what a municipality's staff build their extract from."""

    TEXT = (Path(__file__).parents[3] / "docs" / "sources" / "files.md").read_text(encoding="utf-8")

    @pytest.mark.parametrize("source", Source)
    def test_the_example_of_each_source_is_accepted(self, source: Source) -> None:
        section = self.TEXT.split(f"\n## {source}\n")[1].split("\n## ")[0]
        example = re.search(r"```\n(.*?)```", section, re.DOTALL)
        assert example is not None
        good, reader = read(source, example[1].encode())
        assert (len(good), reader.rejects, reader.shape.cut) == (1, [], False)
        assert reader.shape.header == [column.name for column in LAYOUTS[source].columns]

    @pytest.mark.parametrize("source", Source)
    def test_the_columns_that_must_be_there_are_marked(self, source: Source) -> None:
        section = self.TEXT.split(f"\n## {source}\n")[1].split("\n## ")[0]
        for column in LAYOUTS[source].columns:
            if column.required and source is not Source.SCHOOLS:
                assert re.search(rf"^\|[^|]*`{column.name}`[^|]*\| \* \|", section, re.MULTILINE), column.name

    def test_every_district_code_is_documented(self) -> None:
        assert [one.code for one in DISTRICTS if f"`{one.code}`" not in self.TEXT] == []
