"""How many SMS a text is: GSM 03.38's alphabet holds å, ä, ö and é, so Swedish is cheap."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a character


def is_gsm7(text: str) -> bool:
    return set(text) <= _BASIC | _EXTENDED


def segments(text: str) -> int:
    """Return how many parts a text is sent in: 160 characters, or 153 each; 70 or 67 outside the alphabet."""
    if is_gsm7(text):
        length, single, part = len(text) + sum(char in _EXTENDED for char in text), 160, 153
    else:
        length, single, part = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= single else -(-length // part)
