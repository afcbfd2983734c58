import pytest

from accesscontrol.refusals import Refusal
from monitors.events.readers.encodings import decode, decoded, detect, known_encoding
from monitors.events.readers.readings import Line, Quarantined

TEXT = "2026/11/24,市民課,架空 花子,検索,氏名・生年月日,カナ\n"


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp"])
def test_an_encoding_is_detected_by_what_it_makes_of_the_lines(encoding: str) -> None:
    assert detect(TEXT.encode(encoding)) == encoding


def test_one_bad_line_does_not_change_the_verdict() -> None:
    assert detect(TEXT.encode() * 20 + b"\xff\xfe\n") == "utf-8"
    assert detect(TEXT.encode("cp932") * 20 + b"\x81\xff\n") == "cp932"


@pytest.mark.parametrize("byte", [0x80, 0xA0, 0xFD, 0xFE, 0xFF])
def test_stray_bytes_that_pythons_cp932_lets_pass_are_not_text(byte: int) -> None:
    assert decode(b"abc" + bytes([byte]), "cp932") is None


def test_what_windows_writes_stays_as_it_is() -> None:
    for text in ("髙﨑①㈱", "～－∥", "\ue000\ue757"):
        data = text.encode("cp932")
        assert decode(data, "cp932") == text
    assert decode(b"\xf0\x40\xf9\xfc", "cp932") == "\ue000\ue757"


def test_what_vendors_put_into_the_gaps_of_euc_jp_is_read_too() -> None:
    assert (
        decode("市民課 ".encode("euc_jp") + b"\xad\xa1\xad\xea\xfc\xe2\xf9\xf5" + b"\xb2\xd6", "euc_jp")
        == "市民課 ①㈱髙﨑花"
    )
    assert decode(b"\xad\xa1 " + "〜−".encode("euc_jp"), "euc_jp") == "① 〜−"
    for stray in (b"\xad", b"\xada", b"\xff\xa1", b"\xfe\xfe", b"\x80", b"\xa0\xa1"):
        assert decode(b"a" + stray, "euc_jp") is None


def test_second_bytes_that_look_like_ascii_marks_are_no_marks() -> None:
    assert decode("表示,能力,ソ".encode("cp932"), "cp932") == "表示,能力,ソ"


def test_lines_that_are_no_text_are_quarantined_one_by_one() -> None:
    given = [Line(1, b"\xef\xbb\xbfhead"), Line(2, b"\xff"), Line(3, b"a\0b"), Line(4, b"x", 9, "00"), Line(5, b"ok")]
    found = list(decoded(given, "utf-8"))
    assert found[0] == (given[0], "head")
    assert [each.reason for each in found if isinstance(each, Quarantined)] == ["encoding", "binary", "too-long"]
    assert found[4] == (given[4], "ok")


def test_shift_jis_means_cp932_and_an_unknown_name_is_refused() -> None:
    assert known_encoding("Shift_JIS") == known_encoding("MS932") == "cp932"
    with pytest.raises(Refusal, match="Use utf-8, cp932 or euc-jp"):
        known_encoding("ebcdic")
