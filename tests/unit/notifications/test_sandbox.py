"""The sandbox providers: files that are whole, and one per message however often it is handed over."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from chassis.clock import CivilClock, ClockSpec
from contracts.messages import MessageKind
from services.notifications.providers.letters import PrintJob, PrintUnavailable
from services.notifications.providers.print_folder import MANIFEST, PrintFolder
from services.notifications.providers.sandbox_sms import SandboxSms
from services.notifications.providers.sms import OutgoingSms

DAY = date(2025, 9, 16)
NEVER = datetime(2025, 9, 16, tzinfo=UTC)


def job(day: date = DAY) -> PrintJob:
    return PrintJob(uuid4(), MessageKind.FIRST_LETTER, day, b"%PDF-1.7 " + uuid4().bytes)


def manifest(folder: Path, day: date = DAY) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / day.isoformat() / MANIFEST).read_text().splitlines()]


async def test_letters_lie_in_a_folder_per_day_with_a_manifest(tmp_path: Path) -> None:
    first, second, later = job(), job(), job(date(2025, 9, 17))
    references = await PrintFolder(tmp_path).hand_over([first, second, later])
    assert [line["message_id"] for line in manifest(tmp_path)] == [str(first.message_id), str(second.message_id)]
    assert len(manifest(tmp_path, later.day)) == 1
    for one in (first, second, later):
        assert (tmp_path / references[one.message_id]).read_bytes() == one.pdf


async def test_a_letter_handed_over_again_is_one_letter(tmp_path: Path) -> None:
    one, other = job(), job()
    before = await PrintFolder(tmp_path).hand_over([one])
    changed = PrintJob(one.message_id, one.kind, one.day, b"another text")
    after = await PrintFolder(tmp_path).hand_over([changed, other])
    assert after[one.message_id] == before[one.message_id]
    assert (tmp_path / before[one.message_id]).read_bytes() == one.pdf
    assert len(manifest(tmp_path)) == 2


async def test_what_is_not_in_the_manifest_was_not_handed_over(tmp_path: Path) -> None:
    there, lost = job(), job()
    folder = PrintFolder(tmp_path)
    await folder.hand_over([there])
    # A crash after the file and before the manifest.
    (tmp_path / DAY.isoformat() / f"first_letter-{lost.message_id}.pdf").write_bytes(b"half")
    asked = [(there.message_id, DAY), (lost.message_id, DAY), (there.message_id, date(2025, 9, 17))]
    assert set(await folder.handed_over(asked)) == {there.message_id}
    references = await folder.hand_over([lost])
    assert (tmp_path / references[lost.message_id]).read_bytes() == lost.pdf


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PrintUnavailable):
        await PrintFolder(tmp_path / "file").hand_over([job()])


async def test_no_draft_is_left_behind(tmp_path: Path) -> None:
    await PrintFolder(tmp_path).hand_over([job() for _ in range(3)])
    names = [file.name for file in (tmp_path / DAY.isoformat()).iterdir()]
    assert [name for name in names if name.startswith(".") and name != ".lock"] == []


async def test_an_sms_is_a_file_written_once(tmp_path: Path) -> None:
    provider = SandboxSms(tmp_path, CivilClock(ClockSpec()))
    sms = OutgoingSms(uuid4(), "+46701740610", "Hej! åäö")
    assert await provider.lookup(sms, NEVER) is None
    reference = await provider.send(sms)
    content = (tmp_path / f"{sms.message_id}.json").read_bytes()
    assert await provider.send(sms) == reference == await provider.lookup(sms, NEVER)
    assert (tmp_path / f"{sms.message_id}.json").read_bytes() == content
    said = json.loads(content)
    assert (said["to"], said["text"]) == (sms.to, sms.text)
    assert len(list(tmp_path.iterdir())) == 1
