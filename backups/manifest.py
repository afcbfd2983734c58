"""The signed list of what a backup holds: JSON lines in canonical form (RFC 8785), signed as SSHSIG.

The lines can be read by a person and checked by ``ssh-keygen -Y verify -n sekisho-backup``; the hashes
in them can be checked by ``sha256sum``. age proves no sender; this signature does.
"""

import msgspec

from accesscontrol.canonical import canonical
from accesscontrol.messages import N_
from backups.sealing.header import BrokenSeal

NAMESPACE = "sekisho-backup"
FORMAT = "sekisho-backup-manifest/1"


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="line"):
    """One line of the manifest."""


class Head(_Line, frozen=True, tag="backup"):
    """Which backup, of what, when (ISO 8601, UTC), taken with which tools."""

    format: str
    backup: str
    source: str
    kind: str
    identity: str
    taken_at: str
    tools: dict[str, str]


class Content(_Line, frozen=True, tag="content"):
    """The opened content: bytes and SHA-256."""

    size: int
    sha256: str


class SealedFile(_Line, frozen=True, tag="sealed"):
    """The sealed file: name, bytes, SHA-256."""

    name: str
    size: int
    sha256: str


class RecipientLine(_Line, frozen=True, tag="recipient"):
    """One public key whose holder can open the backup."""

    recipient: str


class PartLine(_Line, frozen=True, tag="part"):
    """One table (rows) or file (bytes), with a checksum where the source can give one."""

    name: str
    count: int
    sha256: str


class Checkpoint(_Line, frozen=True, tag="checkpoint"):
    """The trail's signed checkpoint (C2SP note) at the time, or nothing when none was made yet."""

    note: str


_AnyLine = Head | Content | SealedFile | RecipientLine | PartLine | Checkpoint


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """All that a backup's manifest says."""

    head: Head
    content: Content
    sealed: SealedFile
    recipients: tuple[str, ...]
    parts: tuple[PartLine, ...]
    checkpoint: str = ""

    def encode(self) -> bytes:
        """Return the lines, each canonical, in fixed order; the same manifest is always the same bytes."""
        lines: list[_AnyLine] = [self.head, self.content, self.sealed]
        lines += [RecipientLine(recipient=recipient) for recipient in self.recipients]
        lines += self.parts
        lines.append(Checkpoint(note=self.checkpoint))
        return b"".join(canonical(msgspec.to_builtins(line)) + b"\n" for line in lines)


def decode(data: bytes) -> Manifest:
    """Return the manifest in ``data``; BrokenSeal unless it is exactly what :meth:`Manifest.encode` writes."""
    decoder = msgspec.json.Decoder(_AnyLine)
    try:
        lines = [decoder.decode(line) for line in data.splitlines()]
        (head,) = (line for line in lines if isinstance(line, Head))
        (content,) = (line for line in lines if isinstance(line, Content))
        (sealed,) = (line for line in lines if isinstance(line, SealedFile))
        (checkpoint,) = (line for line in lines if isinstance(line, Checkpoint))
    except (ValueError, msgspec.MsgspecError):
        raise BrokenSeal(N_("The manifest cannot be read.")) from None
    manifest = Manifest(
        head=head,
        content=content,
        sealed=sealed,
        recipients=tuple(line.recipient for line in lines if isinstance(line, RecipientLine)),
        parts=tuple(line for line in lines if isinstance(line, PartLine)),
        checkpoint=checkpoint.note,
    )
    if head.format != FORMAT:
        raise BrokenSeal(N_("The manifest is of a version that this program does not know."))
    if manifest.encode() != data:
        raise BrokenSeal(N_("The manifest is not in its one canonical form."))
    return manifest
