"""Typst makes the PDF of an export: PDF/UA-1 (tagged, titled, in Swedish), typst's own fonts, no network."""

import json
from datetime import UTC
from functools import lru_cache
from pathlib import Path

import typst

from services.registry.export.compose import Export
from services.registry.export.readable import content

HERE = Path(__file__).parent


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def pdf_of(export: Export) -> bytes:
    """Return the export as PDF. Takes a core for as long as it runs: call it beside the event loop."""
    # A compiler of its own each time: exports are rare, and none of it stays in memory.
    compiler = typst.Compiler(HERE / "export.typ", root=HERE, font_paths=_fonts(), ignore_system_fonts=True)
    pdf = compiler.compile(
        format="pdf",
        sys_inputs={"export": json.dumps(content(export))},
        pdf_standards="ua-1",
        timestamp=int(export.made_at.astimezone(UTC).timestamp()),
    )
    assert isinstance(pdf, bytes)
    return pdf
