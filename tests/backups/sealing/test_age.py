"""Our age files against the age program and pyrage, at every boundary and with every kind of damage."""

import hashlib
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyrage  # type: ignore[import-untyped]  # it has no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accesscontrol.refusals import Refusal
from backups.sealing import age
from backups.sealing.digests import digest_of, silent
from backups.sealing.header import BrokenSeal, NoMatchingIdentity
from backups.sealing.keys import Identity, Recipient, write_identity_file
from tests.backups.conftest import Tool

BLOCK = age.CHUNK * 8
SIZES = [0, 1, 65_535, 65_536, 65_537, 131_072, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK * 5, BLOCK * 5 + 7]


def content(size: int) -> bytes:
    return (hashlib.sha256(size.to_bytes(8, "big")).digest() * (size // 32 + 1))[:size]


def close(plain: bytes, *identities: Identity) -> bytes:
    sealed = io.BytesIO()
    recipients = [identity.recipient for identity in identities]
    age.encrypt(io.BytesIO(plain), sealed, recipients, silent, len(plain))
    return sealed.getvalue()


def opened(sealed: bytes, *identities: Identity) -> bytes:
    plain = io.BytesIO()
    age.decrypt(io.BytesIO(sealed), plain, identities, silent, len(sealed))
    return plain.getvalue()


def theirs(identity: Identity) -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.from_str(identity.export())


@pytest.fixture
def age_opens(tool: Tool, tmp_path: Path, identity: Identity) -> Callable[[bytes], bytes]:
    write_identity_file(tmp_path / "age-id", identity)

    def run(sealed: bytes) -> bytes:
        command = [tool("age"), "-d", "-i", str(tmp_path / "age-id")]
        return subprocess.run(command, input=sealed, check=True, capture_output=True).stdout

    return run


@pytest.mark.parametrize("size", SIZES)
def test_age_and_pyrage_open_what_we_seal(size: int, identity: Identity, age_opens: Callable[[bytes], bytes]) -> None:
    sealed = close(content(size), identity)
    assert age_opens(sealed) == content(size)
    assert pyrage.decrypt(sealed, [theirs(identity)]) == content(size)


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_age_and_pyrage_seal(size: int, identity: Identity, tool: Tool) -> None:
    command = [tool("age"), "-r", str(identity.recipient)]
    by_age = subprocess.run(command, input=content(size), check=True, capture_output=True).stdout
    assert opened(by_age, identity) == content(size)
    assert opened(pyrage.encrypt(content(size), [theirs(identity).to_public()]), identity) == content(size)


def test_each_of_several_recipients_opens_it_alone(identity: Identity, other_identity: Identity) -> None:
    third = Identity.generate()
    sealed = close(b"register", identity, other_identity, third)
    for one in (identity, other_identity, third):
        assert opened(sealed, one) == b"register"
        assert pyrage.decrypt(sealed, [theirs(one)]) == b"register"


def test_someone_else_cannot_open_it(identity: Identity, other_identity: Identity) -> None:
    with pytest.raises(NoMatchingIdentity):
        opened(close(b"register", identity), other_identity)


def test_nothing_is_sealed_to_nobody() -> None:
    with pytest.raises(Refusal, match="at least one recipient"):
        close(b"register")


def test_a_point_of_small_order_is_no_recipient() -> None:
    with pytest.raises(Refusal, match="not a usable key"):
        age.encrypt(io.BytesIO(b""), io.BytesIO(), [Recipient(bytes(32))], silent, 0)


def test_a_file_to_a_passphrase_cannot_be_opened_with_an_identity(identity: Identity) -> None:
    stanza = b"-> scrypt AAAAAAAAAAAAAAAAAAAAAA 18\n" + b"A" * 43 + b"\n"
    mac = b"--- " + b"A" * 43 + b"\n"
    with pytest.raises(NoMatchingIdentity):
        opened(b"age-encryption.org/v1\n" + stanza + mac + bytes(32), identity)
    with pytest.raises(BrokenSeal, match="beside other recipients"):
        opened(b"age-encryption.org/v1\n" + stanza * 2 + mac + bytes(32), identity)


def test_a_stanza_of_an_unknown_kind_is_passed_over(identity: Identity, tool: Tool, tmp_path: Path) -> None:
    """The header's code covers the stanza, so that the file key is needed to add one; age does it for an SSH key."""
    subprocess.run([tool("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    command = [tool("age"), "-R", str(tmp_path / "key.pub"), "-r", str(identity.recipient)]
    sealed = subprocess.run(command, input=b"register", check=True, capture_output=True).stdout
    assert b"-> ssh-ed25519 " in sealed
    assert opened(sealed, identity) == b"register"


@pytest.mark.parametrize("size", [0, 1, 100, 65_536, 65_537, 131_072, 200_000])
@pytest.mark.parametrize("cut", [1, 16, 17, 65_552, 65_553, 131_104])
def test_a_cut_file_is_noticed(size: int, cut: int, identity: Identity) -> None:
    sealed = close(content(size), identity)
    with pytest.raises(BrokenSeal):
        opened(sealed[: max(0, len(sealed) - cut)], identity)


def test_a_file_cut_anywhere_in_its_first_bytes_is_noticed(identity: Identity) -> None:
    sealed = close(b"register", identity)
    for length in range(len(sealed)):
        with pytest.raises(BrokenSeal):
            opened(sealed[:length], identity)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 255), st.sampled_from([0, 5, 65_536, 70_000]))
def test_one_changed_byte_anywhere_is_noticed(place: int, change: int, size: int) -> None:
    identity = Identity(b"\x42" * 32)
    sealed = bytearray(close(content(size), identity))
    sealed[place % len(sealed)] ^= change
    with pytest.raises((BrokenSeal, NoMatchingIdentity)):
        opened(bytes(sealed), identity)


def test_anything_after_the_end_is_noticed(identity: Identity) -> None:
    for size in (0, 5, 65_536):
        for tail in (b"\n", bytes(16), bytes(65_552)):
            with pytest.raises(BrokenSeal):
                opened(close(content(size), identity) + tail, identity)


def test_chunks_in_another_order_are_noticed(identity: Identity) -> None:
    sealed = close(content(200_000), identity)
    start = len(sealed) - 200_000 - 4 * 16
    step = 65_552
    swapped = (
        sealed[:start]
        + sealed[start + step : start + 2 * step]
        + sealed[start : start + step]
        + sealed[start + 2 * step :]
    )
    with pytest.raises(BrokenSeal):
        opened(swapped, identity)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_noise_is_not_an_age_file(noise: bytes) -> None:
    for text in (noise, b"age-encryption.org/v1\n" + noise, b"age-encryption.org/v1\n-> X25519 " + noise):
        with pytest.raises((BrokenSeal, NoMatchingIdentity)):
            opened(text, Identity(b"\x42" * 32))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200_000), st.integers(1, 3))
def test_whatever_is_sealed_is_opened_again(plain: bytes, copies: int) -> None:
    identities = [Identity(bytes([number + 1]) * 32) for number in range(copies)]
    assert opened(close(plain, *identities), identities[-1]) == plain


def test_files_are_sealed_and_opened_with_the_hashes_of_both_forms(tmp_path: Path, identity: Identity) -> None:
    plain, sealed, again = tmp_path / "plain", tmp_path / "sealed.age", tmp_path / "again"
    plain.write_bytes(content(BLOCK * 6 + 99))
    told: list[tuple[int, int]] = []
    first = age.seal(plain, sealed, [identity.recipient], lambda done, total: told.append((done, total)))
    second = age.unseal(sealed, again, [identity])
    assert first == second
    assert (first.plain, first.sealed) == (digest_of(plain), digest_of(sealed))
    assert again.read_bytes() == plain.read_bytes()
    assert told[-1] == (BLOCK * 6 + 99, BLOCK * 6 + 99)
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "plain", "sealed.age"]


def test_a_damaged_file_leaves_no_opened_file(tmp_path: Path, identity: Identity) -> None:
    sealed = tmp_path / "sealed.age"
    sealed.write_bytes(close(content(BLOCK * 3), identity)[:-1])
    with pytest.raises(BrokenSeal):
        age.unseal(sealed, tmp_path / "plain", [identity])
    assert [path.name for path in tmp_path.iterdir()] == ["sealed.age"]


def test_a_cancelled_sealing_leaves_no_half_file(tmp_path: Path, identity: Identity) -> None:
    class Cancelled(Exception):  # noqa: N818 - as the product names it
        pass

    def cancel(done: int, total: int) -> None:
        if done * 2 > total:
            raise Cancelled

    plain = tmp_path / "plain"
    plain.write_bytes(content(BLOCK * 6))
    with pytest.raises(Cancelled):
        age.seal(plain, tmp_path / "sealed.age", [identity.recipient], cancel)
    assert [path.name for path in tmp_path.iterdir()] == ["plain"]


def test_memory_does_not_grow_with_the_file(tmp_path: Path, identity: Identity) -> None:
    program = f"""
import resource, sys
from pathlib import Path
from backups.sealing import age, keys
age.seal(Path(sys.argv[1]), Path(sys.argv[2]), [keys.Recipient.parse({str(identity.recipient)!r})])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    peaks = []
    for size in (1 << 20, 160 << 20):
        plain = tmp_path / f"{size}"
        with plain.open("wb") as file:
            file.truncate(size)
        command = [sys.executable, "-c", program, str(plain), f"{plain}.age"]
        run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[3])
        peaks.append(int(run.stdout))
    assert peaks[1] - peaks[0] < 16 * 1024
    assert Path(f"{plain}.age").stat().st_size > 160 << 20
