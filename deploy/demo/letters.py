"""Reading a letter, as the youth does who types its code."""

import io
import re

from pypdf import PdfReader

# Kerning pairs such as AJ come out of a PDF with a space between them.
CODE = re.compile(r"(?<![0-9A-Z])(?:[0-9A-Z] ?){4}-(?:[0-9A-Z] ?){4}-(?:[0-9A-Z] ?){4}(?![0-9A-Z])")


def letter_text(pdf: bytes) -> str:
    """Return what stands on a letter."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def answer_code(pdf: bytes) -> str:
    """Return the answer code printed on a letter. Raises LookupError when there is none."""
    return find_code(letter_text(pdf))


def find_code(text: str) -> str:
    """Return the answer code in the text of a letter. Raises LookupError when there is none."""
    found = CODE.search(text)
    if found is None:
        raise LookupError("no answer code stands on the letter")
    return found.group().replace(" ", "").replace("\n", "")
