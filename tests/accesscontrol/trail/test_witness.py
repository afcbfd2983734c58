"""The second place: it remembers, it refuses to go back, and it is asked the same way wherever it stands."""

import json
import os
import pwd
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accesscontrol.clock import FixedClock
from accesscontrol.trail import notes, witness
from accesscontrol.trail.notes import Checkpoint
from accesscontrol.trail.tree import consistency_proof, leaf_hash, root_of
from accesscontrol.trail.witness import CommandWitness, DirectoryWitness, Witness, WitnessError
from tests.accesscontrol.processes import ROOT
from tests.accesscontrol.trail.conftest import ORIGIN
from tests.services.sshd import running_sshd

KEY = Ed25519PrivateKey.generate()
LEAVES = [leaf_hash(str(number).encode()) for number in range(12)]
REWRITTEN = [leaf_hash(b"another"), *LEAVES[1:]]


def signed(leaves: list[bytes], origin: str = ORIGIN, key: Ed25519PrivateKey = KEY) -> str:
    return notes.sign(Checkpoint(origin, len(leaves), root_of(leaves)), origin, key)


@pytest.fixture
def directory(tmp_path: Path, clock: FixedClock) -> Path:
    place = tmp_path / "medium"
    DirectoryWitness.create(place, "vault", KEY.public_key(), clock)
    return place


def command(directory: Path) -> list[str]:
    return [sys.executable, "-m", "accesscontrol.trail.witness", str(directory)]


@pytest.fixture(params=["directory", "command"])
def place(
    request: pytest.FixtureRequest, directory: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> Witness:
    """The same second place, reached in each of the ways."""
    monkeypatch.chdir(ROOT)
    return DirectoryWitness(directory, clock) if request.param == "directory" else CommandWitness(command(directory))


def test_a_second_place_goes_forward_and_never_back(place: Witness) -> None:
    known = place.verifier()
    assert place.last() is None
    for size, proof in ((3, []), (7, consistency_proof(LEAVES[:7], 3)), (12, consistency_proof(LEAVES, 7))):
        note = signed(LEAVES[:size])
        assert notes.verify(note + place.add(note, proof), [known]) == [known]
    with pytest.raises(WitnessError, match="the log went back"):
        place.add(signed(LEAVES[:7]), [])
    with pytest.raises(WitnessError, match="the log was rewritten"):
        place.add(signed(REWRITTEN), [])
    assert place.last() == Checkpoint(ORIGIN, 12, root_of(LEAVES))


def test_a_second_place_on_another_host_is_reached_through_the_one_command_that_its_sshd_runs(
    directory: Path, ssh_key: Path
) -> None:
    with running_sshd() as server:
        forced = f"cd {shlex.quote(str(ROOT))} && exec {shlex.join(command(directory))}"
        server.authorized_keys.write_text(f'restrict,command="{forced}" {ssh_key.with_suffix(".pub").read_text()}')
        own = replace(server, account=pwd.getpwuid(os.geteuid()).pw_name)
        far = CommandWitness(own.ssh_command(ssh_key, "rm", "-rf", str(directory)))
        known = far.verifier()
        note = signed(LEAVES[:3])
        assert notes.verify(note + far.add(note, []), [known]) == [known]
        with pytest.raises(WitnessError, match="the log went back"):
            far.add(signed(LEAVES[:2]), [])
        assert far.last() == Checkpoint(ORIGIN, 3, root_of(LEAVES[:3]))


@pytest.mark.parametrize(
    ("note", "proof", "words"),
    [
        pytest.param(signed(LEAVES[:7]), [], "rewritten", id="without a proof"),
        pytest.param(signed(LEAVES[:7]), [bytes(32)] * 3, "rewritten", id="with a wrong proof"),
        pytest.param(signed(REWRITTEN), consistency_proof(REWRITTEN, 3), "rewritten", id="a rewritten log"),
        pytest.param(signed(LEAVES[:2]), [], "went back", id="a shorter log"),
        pytest.param(signed(LEAVES[:7], "village/trail"), [], "another log", id="another log"),
        pytest.param(signed(LEAVES[:7], key=Ed25519PrivateKey.generate()), [], "isn't signed", id="another key"),
        pytest.param("", [], "newline", id="nothing"),
        pytest.param(signed(LEAVES[:7])[:-1], [], "newline", id="a torn note"),
    ],
)
def test_what_does_not_continue_the_last_checkpoint_is_refused(
    directory: Path, clock: FixedClock, note: str, proof: list[bytes], words: str
) -> None:
    place = DirectoryWitness(directory, clock)
    place.add(signed(LEAVES[:3]), [])
    with pytest.raises(WitnessError, match=words):
        place.add(note, proof)
    assert place.last() == Checkpoint(ORIGIN, 3, root_of(LEAVES[:3]))


def test_its_secrets_are_for_its_owner_alone(directory: Path) -> None:
    assert directory.stat().st_mode & 0o777 == 0o700
    assert {each.name: each.stat().st_mode & 0o077 for each in directory.iterdir()} == dict.fromkeys(
        ("key", "log-key", "name"), 0
    )


def test_it_is_prepared_once(directory: Path, clock: FixedClock) -> None:
    with pytest.raises(WitnessError, match="already"):
        DirectoryWitness.create(directory, "vault", KEY.public_key(), clock)
    with pytest.raises(ValueError, match="key name"):
        DirectoryWitness.create(directory.parent / "other", "two words", KEY.public_key(), clock)


@pytest.mark.parametrize("missing", ["key", "log-key", "name"])
def test_a_place_without_its_files_says_so(directory: Path, clock: FixedClock, missing: str) -> None:
    (directory / missing).unlink()
    with pytest.raises(WitnessError, match="no witness"):
        DirectoryWitness(directory, clock).add(signed(LEAVES), [])


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\xfe", signed(LEAVES).encode()[:-1]])
def test_a_spoilt_memory_is_no_empty_memory(directory: Path, clock: FixedClock, content: bytes) -> None:
    (directory / "last").write_bytes(content)
    place = DirectoryWitness(directory, clock)
    with pytest.raises(WitnessError, match="can't be read"):
        place.last()
    with pytest.raises(WitnessError, match="can't be read"):
        place.add(signed(LEAVES), [])


def test_a_medium_that_can_not_be_written_is_told_and_keeps_its_memory(directory: Path, clock: FixedClock) -> None:
    place = DirectoryWitness(directory, clock)
    place.add(signed(LEAVES[:3]), [])
    (directory / "last.new").mkdir()
    with pytest.raises(WitnessError, match="can't be written"):
        place.add(signed(LEAVES), consistency_proof(LEAVES, 3))
    assert place.last() == Checkpoint(ORIGIN, 3, root_of(LEAVES[:3]))


def test_a_witness_that_was_never_there_says_so(tmp_path: Path, clock: FixedClock) -> None:
    place = DirectoryWitness(tmp_path / "nowhere", clock)
    for ask in (place.last, place.verifier, lambda: place.add(signed(LEAVES), [])):
        with pytest.raises(WitnessError, match="no witness"):
            ask()


class TestTheCommand:
    @pytest.mark.parametrize(
        "request_",
        [b"", b"nonsense", b"[]", b"null", b'{"ask": "rm"}', b"{}", b'{"ask": "add"}', b'{"ask": "add", "note": 5}'],
    )
    def test_answers_nonsense_with_an_error_and_changes_nothing(self, directory: Path, request_: bytes) -> None:
        done = subprocess.run(command(directory), input=request_, capture_output=True, cwd=ROOT, check=True)
        assert set(json.loads(done.stdout)) == {"error"}
        assert not (directory / "last").exists()

    def test_needs_no_proof_that_is_not_text(self, directory: Path, clock: FixedClock) -> None:
        place = DirectoryWitness(directory, clock)
        place.add(signed(LEAVES[:3]), [])
        request: dict[str, Any] = {"ask": "add", "note": signed(LEAVES), "proof": ["***"]}
        assert set(witness.answer(place, request)) == {"error"}
        assert set(witness.answer(place, {**request, "proof": "text"})) == {"error"}

    @pytest.mark.parametrize(
        "answer",
        ["", "nonsense", "[]", "5", '{"checkpoint": "nonsense"}', '{"error": "disk"}', '{"line": "— x"}', "{}"],
    )
    def test_that_answers_nonsense_is_a_witness_that_can_not_be_read(self, answer: str) -> None:
        far = CommandWitness(["echo", answer])
        with pytest.raises(WitnessError):
            far.verifier()
        with pytest.raises(WitnessError):
            far.add(signed(LEAVES), [])
        if answer not in {"{}", '{"line": "— x"}'}:
            with pytest.raises(WitnessError):
                far.last()

    @pytest.mark.parametrize("far", [["/nowhere/at/all"], ["false"], ["sh", "-c", "kill -9 $$"]])
    def test_that_does_not_run_is_a_witness_that_can_not_be_read(self, far: list[str]) -> None:
        with pytest.raises(WitnessError, match="didn't answer"):
            CommandWitness(far).last()

    def test_that_hangs_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(witness, "_COMMAND_SECONDS", 0.2)
        with pytest.raises(WitnessError, match="TimeoutExpired"):
            CommandWitness(["sleep", "60"]).last()
