"""Which encoding a log is in, and decoding its lines strictly.

CP932 is always decoded by Python's codec: engines' own decoders refuse or alter what Windows wrote (髙 﨑 ① ㈱,
user-defined characters). Python's codec is too kind in one thing: it lets the stray bytes 80, A0 and FD-FF pass.
Of EUC-JP it knows the standard alone; the rows that vendors put into its gaps are the same that stand in CP932.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.events.readers.readings import Decoded, Line, Quarantined

UTF_8: Final = "utf-8"
CP932: Final = "cp932"
EUC_JP: Final = "euc_jp"
_BOM: Final = b"\xef\xbb\xbf"
_NAMES: Final = {
    "utf8": UTF_8,
    "utf8sig": UTF_8,
    "cp932": CP932,
    "ms932": CP932,
    "windows31j": CP932,
    "shiftjis": CP932,
    "sjis": CP932,
    "eucjp": EUC_JP,
    "ascii": UTF_8,
}
_VENDORS_ROWS: Final = "sekisho-vendors-rows"
_EUC: Final = range(0xA1, 0xFF)
_STRAY: Final = re.compile("[\x80\xa0\uf8f0-\uf8f3]")
_HALF_KANA: Final = re.compile("[\uff61-\uff9f]")
_KANA_KANJI: Final = re.compile("[\u3041-\u30fe\u4e00-\u9fff]")


def known_encoding(name: str) -> str:
    """Return the codec for an encoding's common name; Shift_JIS means CP932. Raises ``Refusal`` if unknown."""
    folded = re.sub(r"[^a-z0-9]", "", name.lower())
    if folded not in _NAMES:
        raise Refusal(N_("The encoding {encoding} is not known. Use utf-8, cp932 or euc-jp."), encoding=name)
    return _NAMES[folded]


def detect(sample: bytes) -> str:
    """Return the encoding of ``sample``: whole lines, best those that are not ASCII only.

    UTF-8 is told by its form. CP932 and EUC-JP are told apart by what they make of the lines: the wrong one fails
    or yields half-width kana where the right one yields kana and kanji.
    """
    fits = {name: _fit(sample, name) for name in (UTF_8, CP932, EUC_JP)}
    if fits[UTF_8] >= max(fits[CP932], fits[EUC_JP]):
        return UTF_8
    return CP932 if fits[CP932] >= fits[EUC_JP] else EUC_JP


def _fit(sample: bytes, encoding: str) -> float:
    good = total = 0.0
    for line in sample.removeprefix(_BOM).splitlines():
        if line.isascii():
            continue
        total += 1
        text = decode(line, encoding)
        if text is None:
            continue
        proper, half = len(_KANA_KANJI.findall(text)), len(_HALF_KANA.findall(text))
        good += 1.0 if encoding == UTF_8 else (0.2 + 0.7 * proper / max(1, proper + half))
    return good / total if total else 1.0


def decode(data: bytes, encoding: str) -> str | None:
    """Return the text of ``data``, or None if it is not valid in ``encoding``."""
    try:
        text = data.decode(encoding, _VENDORS_ROWS if encoding == EUC_JP else "strict")
    except UnicodeDecodeError:
        return None
    return None if encoding == CP932 and _STRAY.search(text) else text


def _vendors_rows(error: UnicodeError) -> tuple[str, int]:
    """Decode two bytes that the standard of EUC-JP leaves free, as those of the same row and cell in CP932."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) < 2 or any(byte not in _EUC for byte in pair):  # noqa: PLR2004 - a pair
        raise error
    row, cell = (byte - _EUC.start for byte in pair)
    lead = row // 2 + (0x81 if row < 62 else 0xC1)  # noqa: PLR2004 - JIS X 0208, appendix 1 (Shift_JIS)
    trail = cell + (0x9F if row % 2 else 0x40 + (cell >= 63))  # noqa: PLR2004 - 7F is left out
    return bytes([lead, trail]).decode(CP932), error.start + 2


codecs.register_error(_VENDORS_ROWS, _vendors_rows)


def decoded(lines: Iterable[Line], encoding: str) -> Iterator[Decoded]:
    """Yield each line with its text, or quarantined: too long, binary, or not valid in ``encoding``."""
    for line in lines:
        if not line.whole:
            yield Quarantined(line, "too-long")
        elif b"\0" in line.data:
            yield Quarantined(line, "binary")
        else:
            data = line.data.removeprefix(_BOM) if line.number == 1 else line.data
            text = decode(data, encoding)
            if text is None:
                yield Quarantined(line, "encoding")
            elif text:
                yield line, text
