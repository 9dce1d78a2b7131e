"""Typst makes the PDF: our own fonts, no network, the same bytes for the same letter.

The PDF follows PDF/UA-1 (tagged, titled, in Swedish), which Typst checks while compiling. One letter
takes some 25 ms; a compiler is kept, because a new one reads fonts and templates again.
"""

import json
import threading
from datetime import UTC, datetime, time
from pathlib import Path

import typst

from services.notifications.letters.content import RIGHT_WINDOW, AddressWindow, Letter, template_input
from services.notifications.sender import Sender

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"


class LetterRenderer:
    """Makes letters of one sender. Safe to use from several threads, one letter at a time."""

    def __init__(self, sender: Sender, window: AddressWindow = RIGHT_WINDOW) -> None:
        self._sender, self._window = sender, window
        self._lock = threading.Lock()
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[HERE / "fonts"])
        self._compiler = typst.Compiler(
            TEMPLATES / "letter.typ", root=TEMPLATES, font_paths=fonts, ignore_system_fonts=True
        )

    def pdf(self, letter: Letter) -> bytes:
        """Return a letter as PDF. Raises ValueError (on a visit, without its time) or typst.TypstError."""
        content = template_input(letter, self._sender, self._window)
        stamp = datetime.combine(letter.dated, time(12), UTC)
        with self._lock:
            pdf = self._compiler.compile(
                format="pdf",
                sys_inputs={"letter": json.dumps(content)},
                pdf_standards="ua-1",
                timestamp=int(stamp.timestamp()),
            )
        assert isinstance(pdf, bytes)
        return pdf
