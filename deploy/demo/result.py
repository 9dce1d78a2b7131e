"""What the demonstration leaves in a folder: the funnel (picture, figures, text), letters and SMS."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contracts.messages import CHANNEL_OF, Channel, MessageKind
from deploy.demo.client import Caller
from deploy.demo.municipality import FIRST_DAY, LAST_DAY
from deploy.demo.views import ARRIVED, Message

BAR = 40
STAGES = ("covered", "sought", "reached", "in_support", "under_watch", "ended")


async def save(folder: Path, reader: Caller, messages: Sequence[Message], extra: dict[str, Any]) -> dict[str, Any]:
    """Write the result files; return the funnel. ``extra`` is kept beside it (seed, times)."""
    (folder / "letters").mkdir(parents=True, exist_ok=True)
    (folder / "sms").mkdir(exist_ok=True)
    funnel = await reader.funnel(FIRST_DAY, LAST_DAY)
    picture = await reader.funnel_picture(FIRST_DAY, LAST_DAY)
    (folder / "funnel.svg").write_text(picture, encoding="utf-8")
    document = {"demo": extra, "funnel": funnel}
    (folder / "funnel.json").write_text(
        json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (folder / "funnel.txt").write_text("\n".join(as_text(funnel)) + "\n", encoding="utf-8")
    for kind in MessageKind:
        await _sample(folder, reader, kind, messages)
    return funnel


async def _sample(folder: Path, reader: Caller, kind: MessageKind, messages: Sequence[Message]) -> None:
    """Keep one message of a kind, as it was sent."""
    sent = [one for one in messages if one.kind is kind and one.state in ARRIVED]
    if not sent:
        return
    document = await reader.document(sent[0].message_id)
    name = folder / ("sms" if CHANNEL_OF[kind] is Channel.SMS else "letters") / kind.value
    name.with_suffix(".txt" if CHANNEL_OF[kind] is Channel.SMS else ".pdf").write_bytes(document)


def as_text(funnel: dict[str, Any]) -> list[str]:
    """Return the funnel as lines of text."""
    total = funnel["total"]
    covered = max(total["covered"], 1)

    def bar(name: str, count: int, whole: int = covered) -> str:
        return f"  {name:<26}{count:>6}  {'█' * round(BAR * count / max(whole, 1))}"

    reached = max(total["reached"], 1)
    lines = [f"Funnel {funnel['from']} to {funnel['to']} (unique youths)", ""]
    lines += [
        bar(name, total[name]) for name in ("covered", "sought", "reached", "in_support", "under_watch", "ended")
    ]
    lines += ["", "Reached by"]
    lines += [bar(way, count, reached) for way, count in total["reached_by"].items() if count]
    lines += ["", "Duty ended by"]
    lines += [bar(reason, count) for reason, count in total["ended_by"].items() if count]
    lines += ["", f"  {'Efforts':<26}{'made':>6}{'answered':>10}{'failed':>8}"]
    for kind, effort in total["efforts"].items():
        if effort["made"]:
            lines.append(f"  {kind:<26}{effort['made']:>6}{effort['answered']:>10}{effort['failed']:>8}")
    lines += ["", f"  {'District':<26}{'covered':>8}{'sought':>8}{'reached':>8}"]
    for one in funnel["districts"]:
        lines.append(f"  {one['name']:<26}{one['covered']:>8}{one['sought']:>8}{one['reached']:>8}")
    return lines
