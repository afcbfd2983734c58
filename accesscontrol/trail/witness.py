"""The second place: it remembers the last checkpoint that it saw and refuses to go back.

Two kinds. A directory on another medium, whose own key cosigns. And a command, usually ``ssh`` to another host whose
forced command is ``python -m accesscontrol.trail.witness DIRECTORY``: there the console's administrators have neither
the key nor the memory. Both speak through the same :class:`Witness`.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from accesscontrol.clock import Clock, SystemClock
from accesscontrol.messages import N_
from accesscontrol.trail import notes
from accesscontrol.trail.notes import Checkpoint, MalformedNoteError
from accesscontrol.trail.tree import verify_consistency

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMAND_SECONDS = 20
_LONGEST_REQUEST = 1 << 20


class WitnessError(Exception):
    """The second place can't be reached, or refuses what it was shown; a msgid with fields, as in a refusal."""

    def __init__(self, message: str, **fields: str) -> None:
        self.message = message if fields else message.replace("{", "(").replace("}", ")")
        self.fields = fields
        super().__init__(self.message.format(**fields))


class Witness(Protocol):
    """A place that remembers the last checkpoint of a log."""

    def last(self) -> Checkpoint | None:
        """Return the last checkpoint it accepted; raises :class:`WitnessError` when it can't be read."""
        ...

    def add(self, note: str, proof: Sequence[bytes]) -> str:
        """Accept a newer checkpoint with its consistency proof and return the cosignature line."""
        ...

    def verifier(self) -> notes.Verifier:
        """Return the key that cosigns."""
        ...


class DirectoryWitness:
    """A directory, best on another medium or host: the last note, the witness's key, and the log's pinned key."""

    def __init__(self, directory: Path, clock: Clock, *, log_key: Ed25519PublicKey | None = None) -> None:
        self._directory = directory
        self._clock = clock
        self._log_key = log_key

    @classmethod
    def create(cls, directory: Path, name: str, log_key: Ed25519PublicKey, clock: Clock) -> "DirectoryWitness":
        """Prepare a new witness that will accept only checkpoints signed by ``log_key``."""
        notes.check_name(name)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (directory / "key").exists():
            raise WitnessError(N_("{directory} is a witness already"), directory=str(directory))
        _write(directory / "log-key", log_key.public_bytes_raw())
        _write(directory / "name", name.encode())
        _write(directory / "key", Ed25519PrivateKey.generate().private_bytes_raw())
        return cls(directory, clock)

    def last(self) -> Checkpoint | None:
        """Return the last accepted checkpoint."""
        if not (self._directory / "key").exists():
            raise WitnessError(N_("no witness in {directory}"), directory=str(self._directory))
        note = self._directory / "last"
        try:
            return notes.parse(note.read_text("utf-8")) if note.exists() else None
        except (OSError, ValueError) as error:
            raise WitnessError(N_("{path} can't be read: {reason}"), path=str(note), reason=str(error)) from error

    def add(self, note: str, proof: Sequence[bytes]) -> str:
        """Accept ``note`` if it is signed by the pinned log and only adds to the last one."""
        with self._locked():
            last = self.last()
            name = self._read("name").decode()
            checkpoint = self._checked(note)
            if last is not None:
                self._check_only_grown(last, checkpoint, proof)
            key = Ed25519PrivateKey.from_private_bytes(self._read("key"))
            line = notes.cosign(note, name, key, self._clock.now())
            try:
                _write(self._directory / "last", (note + line).encode())
            except OSError as error:
                raise WitnessError(
                    N_("{path} can't be written: {reason}"), path=str(self._directory), reason=str(error.strerror)
                ) from error
            return line

    def verifier(self) -> notes.Verifier:
        """Return this witness's own key."""
        key = Ed25519PrivateKey.from_private_bytes(self._read("key"))
        return notes.witness_verifier(self._read("name").decode(), key.public_key())

    def _checked(self, note: str) -> Checkpoint:
        try:
            checkpoint = notes.parse(note)
            log = notes.Verifier(checkpoint.origin, Ed25519PublicKey.from_public_bytes(self._read("log-key")))
            if not notes.verify(note, [log]):
                raise WitnessError(N_("the checkpoint isn't signed by the log's key"))
        except MalformedNoteError as error:
            raise WitnessError(str(error)) from error
        return checkpoint

    @staticmethod
    def _check_only_grown(last: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> None:
        if new.origin != last.origin:
            raise WitnessError(N_("the checkpoint is of another log"))
        if new.size < last.size:
            raise WitnessError(N_("the log went back"))
        if not verify_consistency(last.size, last.root, new.size, new.root, proof):
            raise WitnessError(N_("the log was rewritten"))

    def _read(self, name: str) -> bytes:
        try:
            return (self._directory / name).read_bytes()
        except OSError as error:
            raise WitnessError(
                N_("no witness in {directory}: {reason}"), directory=str(self._directory), reason=str(error.strerror)
            ) from error

    @contextmanager
    def _locked(self) -> "Iterator[None]":
        try:
            descriptor = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise WitnessError(
                N_("no witness in {directory}: {reason}"), directory=str(self._directory), reason=str(error.strerror)
            ) from error
        try:
            flock(descriptor, LOCK_EX)
            yield
        finally:
            os.close(descriptor)


class CommandWitness:
    """A witness behind a command that takes one JSON request on standard input and answers with one."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)

    def last(self) -> Checkpoint | None:
        """Ask the far side for the last checkpoint that it accepted."""
        text = self._ask({"ask": "last"}).get("checkpoint")
        try:
            return notes.parse_text(str(text)) if text else None
        except MalformedNoteError as error:
            raise WitnessError(str(error)) from error

    def add(self, note: str, proof: Sequence[bytes]) -> str:
        """Send the note with its proof and return the cosignature line."""
        steps = [base64.b64encode(step).decode() for step in proof]
        line = str(self._ask({"ask": "add", "note": note, "proof": steps}).get("line"))
        try:
            notes.split(note + line)
        except MalformedNoteError as error:
            raise WitnessError(N_("the witness answered with something else than a signature")) from error
        return line

    def verifier(self) -> notes.Verifier:
        """Ask for the far side's name and public key."""
        answer = self._ask({"ask": "verifier"})
        try:
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(str(answer.get("key")), validate=True))
            return notes.witness_verifier(notes.check_name(str(answer.get("name"))), key)
        except ValueError as error:
            raise WitnessError(N_("the witness answered with something else than its key")) from error

    def _ask(self, request: dict[str, object]) -> dict[str, object]:
        try:
            done = subprocess.run(
                self._command,
                input=json.dumps(request).encode(),
                capture_output=True,
                timeout=_COMMAND_SECONDS,
                check=False,
            )
            answer = json.loads(done.stdout)
        except (OSError, subprocess.TimeoutExpired, ValueError) as error:
            raise WitnessError(N_("the witness didn't answer ({reason})"), reason=type(error).__name__) from error
        if not isinstance(answer, dict) or "error" in answer:
            raise WitnessError(str(answer.get("error", answer)) if isinstance(answer, dict) else "no answer")
        return answer


def _write(path: Path, data: bytes) -> None:
    """Replace a file so that a crash leaves the old one or the new one, never a part."""
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def answer(witness: Witness, request: dict[str, object]) -> dict[str, object]:
    """Serve one request of a :class:`CommandWitness`."""
    try:
        match request.get("ask"):
            case "last":
                last = witness.last()
                return {"checkpoint": last.text if last else None}
            case "verifier":
                verifier = witness.verifier()
                key = base64.b64encode(verifier.key.public_bytes_raw()).decode()
                return {"name": verifier.name, "key": key}
            case "add":
                steps = request.get("proof")
                proof = [base64.b64decode(str(step)) for step in steps] if isinstance(steps, list) else []
                return {"line": witness.add(str(request.get("note")), proof)}
    except (WitnessError, ValueError) as error:
        return {"error": str(error)}
    return {"error": "unknown request"}


def main() -> None:
    """Answer one request from standard input; the directory is the only argument."""
    witness = DirectoryWitness(Path(sys.argv[1]), SystemClock())
    try:
        request = json.loads(sys.stdin.buffer.read(_LONGEST_REQUEST))
    except ValueError:
        request = {}
    sys.stdout.write(json.dumps(answer(witness, request if isinstance(request, dict) else {})))


if __name__ == "__main__":
    main()
