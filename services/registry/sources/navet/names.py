"""The name that somebody goes by, out of all first names and the mark that says which (tilltalsnamnsmarkering)."""

import re

_MARK = re.compile(r"([1-9])([0-9])")
_NAMES = re.compile(r"[^ -]+")


def given_name(first_names: str, mark: str) -> str | None:
    """Return the marked ones of ``first_names``, or None when the mark fits no name.

    ``mark`` is two digits, the places of the first and the second name that are called by, 0 for none:
    ``20`` is the second, ``12`` the first two. Names joined by a hyphen count as two and stay joined, so
    ``23`` of Hedvig Britt-Marie is Britt-Marie.
    """
    match = _MARK.fullmatch(mark)
    if match is None:
        return None
    names = list(_NAMES.finditer(first_names))
    first, second = int(match[1]), int(match[2])
    if max(first, second) > len(names):
        return None
    one = names[first - 1]
    if second == 0:
        return one[0]
    other = names[second - 1]
    joined = second == first + 1 and first_names[one.end() : other.start()] == "-"
    return f"{one[0]}-{other[0]}" if joined else f"{one[0]} {other[0]}"
