"""Checkpoints are C2SP signed notes: published signatures hold, and nothing malformed is taken for one."""

import base64
import hashlib
import struct
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from accesscontrol.trail import notes
from accesscontrol.trail.notes import Checkpoint, MalformedNoteError, Verifier, witness_verifier

# The note and keys with which the reference implementation (golang.org/x/mod/sumdb/note) documents itself.
NAME = "PeterNeumann"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
PUBLIC = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]
PRIVATE = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
# The example of c2sp.org/tlog-cosignature.
COSIGNED = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""
AT = datetime(2026, 11, 24, 0, 0, 10, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
LOG = Verifier("city/trail", KEY.public_key())
CHECKPOINT = Checkpoint("city/trail", 7, bytes(range(32)))
NOTE = notes.sign(CHECKPOINT, "city/trail", KEY)
SIGNATURE = NOTE.splitlines()[-1] + "\n"


def test_the_published_note_verifies_under_its_published_key() -> None:
    known = Verifier(NAME, Ed25519PublicKey.from_public_bytes(PUBLIC))
    assert known.key_id.hex() == "c74f20a3"
    assert notes.verify(f"{TEXT}\n{LINE}", [known]) == [known]


def test_our_signature_is_the_published_one() -> None:
    key = Ed25519PrivateKey.from_private_bytes(PRIVATE)
    own = Checkpoint("origin", 5, bytes(32))
    line = notes.sign(own, NAME, key).splitlines()[-1]
    data = base64.b64decode(line.split()[-1])
    assert (data[:4].hex(), data[4:]) == ("c74f20a3", key.sign(own.text.encode()))
    assert base64.b64decode(LINE.rsplit(maxsplit=1)[-1])[4:] == key.sign(TEXT.encode())


def test_the_published_cosigned_checkpoint_is_read_as_what_it_says() -> None:
    checkpoint = notes.parse(COSIGNED)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    text, lines = notes.split(COSIGNED)
    assert text == checkpoint.text
    assert [(name, key_id.hex(), len(rest)) for name, key_id, rest in lines] == [
        ("example.com/behind-the-sofa", "033de0ae", 64),
        ("witness.example.com/w1", "8d66cf3f", 72),
    ]
    assert struct.unpack(">Q", lines[1][2][:8]) == (1679315147,)


def test_a_checkpoint_is_three_lines() -> None:
    root = base64.b64encode(bytes(range(32))).decode()
    assert CHECKPOINT.text == f"city/trail\n7\n{root}\n"
    assert notes.parse(NOTE) == CHECKPOINT


def test_a_cosignature_states_the_time_and_is_over_the_same_text() -> None:
    key = Ed25519PrivateKey.generate()
    known = witness_verifier("vault", key.public_key())
    line = notes.cosign(NOTE, "vault", key, AT)
    assert notes.verify(NOTE + line, [LOG, known]) == [LOG, known]
    data = base64.b64decode(line.split()[-1])
    seconds = int(AT.timestamp())
    assert data[:4] == hashlib.sha256(b"vault\n\x04" + key.public_key().public_bytes_raw()).digest()[:4]
    assert data[4:12] == seconds.to_bytes(8)
    key.public_key().verify(data[12:], f"cosignature/v1\ntime {seconds}\n{CHECKPOINT.text}".encode())


def test_a_cosignature_whose_time_was_altered_is_wrong() -> None:
    key = Ed25519PrivateKey.generate()
    data = bytearray(base64.b64decode(notes.cosign(NOTE, "vault", key, AT).split()[-1]))
    data[11] ^= 1
    altered = f"— vault {base64.b64encode(data).decode()}\n"
    with pytest.raises(MalformedNoteError, match="vault"):
        notes.verify(NOTE + altered, [witness_verifier("vault", key.public_key())])


def test_a_signature_is_no_cosignature_and_the_other_way_round() -> None:
    assert notes.verify(NOTE, [witness_verifier("city/trail", KEY.public_key())]) == []
    line = notes.cosign(NOTE, "city/trail", KEY, AT)
    assert notes.verify(CHECKPOINT.text + "\n" + line, [LOG]) == []


def test_lines_of_unknown_keys_are_ignored() -> None:
    stranger = notes.sign(CHECKPOINT, "stranger", Ed25519PrivateKey.generate()).splitlines()[-1] + "\n"
    assert notes.verify(NOTE + stranger, [LOG]) == [LOG]
    assert notes.verify(CHECKPOINT.text + "\n" + stranger, [LOG]) == []


def test_a_known_name_with_another_key_is_unknown() -> None:
    impostor = notes.sign(CHECKPOINT, "city/trail", Ed25519PrivateKey.generate())
    assert notes.verify(impostor, [LOG]) == []


def test_a_wrong_signature_by_a_known_key_spoils_the_whole_note() -> None:
    other = Checkpoint("city/trail", 8, bytes(range(32)))
    with pytest.raises(MalformedNoteError, match="wrong"):
        notes.verify(f"{other.text}\n{SIGNATURE}", [LOG])
    with pytest.raises(MalformedNoteError, match="wrong"):
        notes.verify(f"{other.text}\n{notes.cosign(NOTE, 'w', KEY, AT)}{SIGNATURE}", [LOG])


BODY = CHECKPOINT.text


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(NOTE[:-1], id="without the last newline"),
        pytest.param(BODY, id="without a signature"),
        pytest.param(BODY + "\n", id="without a signature line"),
        pytest.param("", id="empty"),
        pytest.param(f"\n{SIGNATURE}", id="without a text"),
        pytest.param(f"{BODY}{SIGNATURE}", id="without the empty line"),
        pytest.param(f"{BODY}\n\n{SIGNATURE}", id="two empty lines"),
        pytest.param(f"city/trail\n\n7\n{BODY.splitlines()[2]}\n\n{SIGNATURE}", id="an empty line in the text"),
        pytest.param(NOTE.replace("\n", "\r\n"), id="carriage returns"),
        pytest.param(NOTE.replace("trail\n", "trail\t\n", 1), id="a tab"),
        pytest.param(NOTE.replace("trail\n", "trail\x7f\n", 1), id="a control character"),
        pytest.param(NOTE.replace("trail\n", "trail\x1b[2J\n", 1), id="an escape sequence"),
        pytest.param(BODY + "\n" + SIGNATURE * 17, id="more than sixteen signatures"),
        pytest.param(NOTE.replace("— ", "- "), id="a hyphen for the dash"),
        pytest.param(NOTE.replace("— ", "—  "), id="two blanks"),
        pytest.param(NOTE.replace("— city/trail ", "— city trail "), id="a name with a blank"),
        pytest.param(NOTE[:-1] + " x\n", id="a fourth word"),
        pytest.param(NOTE[:-1].rstrip("=") + "\n", id="base64 without its padding"),
        pytest.param(NOTE[:-1] + "=\n", id="base64 with more padding"),
        pytest.param(f"{BODY}\n— city/trail !!!!\n", id="no base64"),
        pytest.param(f"{BODY}\n— city/trail AAAAAA==\n", id="a signature that is a key id only"),
        pytest.param(f"{NOTE[:-1]}\u2028— x AAAAAAAA\n", id="another kind of line end"),
    ],
)
def test_a_malformed_note_is_refused_whole(note: str) -> None:
    with pytest.raises(MalformedNoteError):
        notes.split(note)
    with pytest.raises(MalformedNoteError):
        notes.verify(note, [LOG])


ROOT = BODY.splitlines()[2]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"city/trail\n07\n{ROOT}\n", id="a leading zero"),
        pytest.param(f"city/trail\n-7\n{ROOT}\n", id="a negative size"),
        pytest.param(f"city/trail\n+7\n{ROOT}\n", id="a sign"),
        pytest.param(f"city/trail\n７\n{ROOT}\n", id="a full-width digit"),
        pytest.param(f"city/trail\n7 \n{ROOT}\n", id="a blank"),
        pytest.param(f"city/trail\n{'9' * 5000}\n{ROOT}\n", id="a size without end"),
        pytest.param(f"city/trail\n\n{ROOT}\n", id="no size"),
        pytest.param(f"\n7\n{ROOT}\n", id="no origin"),
        pytest.param("city/trail\n7\n", id="no root"),
        pytest.param(f"city/trail\n7\n{ROOT}", id="no last newline"),
        pytest.param("city/trail\n7\nAAAA\n", id="a short root"),
        pytest.param(f"city/trail\n7\n{ROOT[:-2]}9=\n", id="a root whose last bits are not zero"),
        pytest.param(f"city/trail\n7\n{ROOT}\n\n", id="an empty extension line"),
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(MalformedNoteError):
        notes.parse_text(text)


def test_extension_lines_are_allowed_and_ignored() -> None:
    assert notes.parse_text(f"city/trail\n7\n{ROOT}\nmore to come\n") == CHECKPOINT


@pytest.mark.parametrize("name", ["", "two words", "a+b", "tab\there", "ideographic\u3000blank", "del\x7f"])
def test_a_name_that_a_line_could_not_hold_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="key name"):
        notes.check_name(name)
    with pytest.raises(ValueError, match="key name"):
        notes.sign(CHECKPOINT, name, KEY)


@pytest.mark.parametrize("position", range(0, len(NOTE.encode()), 3))
def test_a_note_with_any_flipped_bit_is_not_ours_any_more(position: int) -> None:
    octets = bytearray(NOTE.encode())
    octets[position] ^= 1
    try:
        signed = notes.verify(octets.decode(), [LOG])
    except (UnicodeDecodeError, MalformedNoteError):
        return
    assert signed == []
