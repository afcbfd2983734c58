"""Which encoding a log is in, and decoding its lines strictly.

CP932 is always decoded by Python's codec: engines' own decoders refuse or alter what Windows wrote (髙 﨑 ① ㈱,
user-defined characters). Python's codec is too kind in one thing: it lets the stray bytes 80, A0 and FD-FF pass.
"""

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
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if encoding == CP932 and _STRAY.search(text) else text


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
