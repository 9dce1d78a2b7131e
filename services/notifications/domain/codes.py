"""The answer code: what a youth types from the letter, or follows as a link.

Twelve characters of Crockford's base 32 are 60 random bits: with ten thousand live codes, a guess
hits one in some 10^14. The alphabet has no I, L, O or U, and what looks alike is read alike. A code
says nothing about whom it belongs to, and the page behind it shows nothing about them.
"""

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_GROUP = 4
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_IGNORED = str.maketrans("", "", " -–‐\u00a0\t")
# Groups of four, however they are joined; looked ahead, so that a word before the code hides nothing.
_IN_TEXT = re.compile(r"(?<![0-9A-Z])(?=((?:[0-9A-Z]{4}[\s-]?){2}[0-9A-Z]{4})(?![0-9A-Z]))")


def new_code() -> str:
    """Return a fresh random code, as it is stored and stands in links."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def printed(code: str) -> str:
    """Return a code as it stands on paper: ``K7QF-3MXP-9T2H``."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def read_code(typed: str) -> str | None:
    """Return the code that somebody typed (any case, with or without hyphens), or None if it cannot be one."""
    if len(typed) > 4 * LENGTH:
        return None
    code = typed.translate(_IGNORED).upper().translate(_READ_AS)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def codes_in(text: str) -> list[str]:
    """Return what may be codes in a longer text, such as an SMS."""
    found = (read_code(match[1]) for match in _IN_TEXT.finditer(text.upper()))
    return [code for code in found if code is not None]
