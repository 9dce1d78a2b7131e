"""Reading a letter, as the youth does who types its code."""

import io
import re

from pypdf import PdfReader

CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


def letter_text(pdf: bytes) -> str:
    """Return what stands on a letter."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def answer_code(pdf: bytes) -> str:
    """Return the answer code printed on a letter. Raises LookupError when there is none."""
    found = CODE.search(letter_text(pdf))
    if found is None:
        raise LookupError("no answer code stands on the letter")
    return found.group()
