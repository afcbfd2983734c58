"""Foreign text made harmless and visible before it reaches a terminal.

A log line, a file name or a remote answer may carry escape sequences, marks that turn the writing
direction, or characters that no font draws. Each becomes one visible mark, so that the reader sees that
something was there and the terminal obeys nothing.
"""

import unicodedata

_CONTROL_PICTURES = 0x2400  # U+2400 to U+241F picture the C0 controls
_DELETE = 0x7F
_DELETE_PICTURE = "\u2421"
_NEW_LINE_PICTURE = "\u2424"
_SUBSTITUTE = "\u2426"
_GETA = "\u3013"  # the printer's geta, the mark for a character that cannot be set; two cells wide
_NEXT_LINE = 0x85
_REGIONAL_INDICATORS = range(0x1F1E6, 0x1F200)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_VIRAMA = 9  # the combining class of marks that join letters across cells, each terminal in its own way
_UNCERTAIN_CATEGORIES = frozenset({"Cc", "Cf", "Mc"})  # a spacing mark takes no cell or one, by the terminal
_INVISIBLE_LETTERS = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, 0x2800})
_WITHOUT_CERTAIN_WIDTH = (
    _REGIONAL_INDICATORS,
    _SKIN_TONES,
    _INVISIBLE_LETTERS,
    range(0xFE00, 0xFE10),  # variation selectors for emoji and symbols
    range(0x180B, 0x1810),  # and for Mongolian
    frozenset({0x1171E}),  # a mark that later editions of Unicode count among the spacing ones
)


def _replacement(code: int) -> str:
    """Return what stands for the character ``code`` on the screen; most stand for themselves."""
    character = chr(code)
    category = unicodedata.category(character)
    if code < ord(" "):
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return _DELETE_PICTURE
    if code == _NEXT_LINE or category in {"Zl", "Zp"}:
        return _NEW_LINE_PICTURE
    if category in {"Co", "Cs", "Cn"}:
        return _GETA
    uncertain = category in _UNCERTAIN_CATEGORIES or unicodedata.combining(character) == _VIRAMA
    if uncertain or any(code in group for group in _WITHOUT_CERTAIN_WIDTH):
        return _SUBSTITUTE
    return character


class _Marks(dict[int, str]):
    """The replacement of every code point, learned as it is met."""

    def __missing__(self, code: int) -> str:
        self[code] = mark = _replacement(code)
        return mark


_MARKS = _Marks()


def safe_text(text: object) -> str:
    """Return ``text`` (any object, shown by ``str``) with every unsafe character as a visible mark.

    C0 and C1 controls, line breaks, bidirectional and zero-width marks become control pictures or U+2426;
    private use, unassigned and unpaired surrogate code points become U+3013. Ideographic variation
    selectors stay, because they belong to a name and take no room. Never raises.
    """
    plain = str(text)
    if plain.isascii() and plain.isprintable():
        return plain
    return plain.translate(_MARKS)
