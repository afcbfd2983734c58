"""The register of media: each known by hardware serial, file system UUID and signed label (BK-MED-03)."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from accesscontrol import rows
from accesscontrol.canonical import JSON, digest
from accesscontrol.clock import to_text
from accesscontrol.messages import N_, Phrase
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store
from backups.lines import is_filled_line
from backups.media import labels
from backups.media.condition import condition_of
from backups.media.devices import SYSFS, Device, block_number, device_of
from backups.media.labels import Label
from backups.media.writing import Held, hold
from backups.records import Reader
from backups.sealing.sshsig import BadSignature, Signer


class KindTitle(StrEnum):
    """What people read for a kind of medium: each a msgid."""

    HARD_DISK = N_("hard disk")
    SOLID_STATE = N_("solid-state disk")
    FLASH = N_("flash memory")
    OPTICAL = N_("optical disc")
    TAPE = N_("tape")


KIND_TITLES: Final[Mapping[str, KindTitle]] = MappingProxyType(
    {title.name.lower().replace("_", "-"): title for title in KindTitle}
)
STATE_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "planned": N_("being registered"),
        "registered": N_("registered"),
        "refused": N_("not registered"),
        "disposed": N_("disposed of"),
    }
)


class FactTitle(StrEnum):
    """What people read for a fact by which a medium is known: each a msgid."""

    SERIAL = N_("serial number")
    UUID = N_("UUID of the file system")
    LABEL = N_("signed label")


FACT_TITLES: Final[Mapping[str, FactTitle]] = MappingProxyType({title.name.lower(): title for title in FactTitle})
ALLOWED_KINDS: Final = frozenset({"hard-disk", "solid-state", "optical", "tape"})
"""Flash memory is not allowed unless the site decides otherwise (II-4 (4))."""

NO_LABEL: Final = "none"
"""Stands where the hash of a label would, for a medium that was taken over without one."""

_HARMLESS = frozenset({labels.NAME, labels.SIGNATURE, "lost+found"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """One line of the register; ``place`` is where it should be."""

    number: int
    kind: str
    serial: str
    uuid: str
    filesystem: str
    size: int
    label_sha256: str
    state: str
    place: str
    purpose: str
    virus_check: str
    keep_until: date | None
    registered_at: datetime
    registered_by: str

    @property
    def id(self) -> str:
        """The number under which people know it."""
        return medium_id(self.number)

    def to_json(self) -> dict[str, JSON]:
        """Return the line as plain values for ``--json``."""
        plain = ("number", "kind", "serial", "uuid", "filesystem", "size", "label_sha256", "state", "place", "purpose")
        return {
            "id": self.id,
            **{name: getattr(self, name) for name in plain},
            "keep_until": self.keep_until.isoformat() if self.keep_until else None,
            "registered_at": to_text(self.registered_at),
            "registered_by": self.registered_by,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A medium as it stands there now, and what of it agrees with the register."""

    folder: Path
    device: Device
    label: Label | None
    label_fault: str
    medium: Medium | None
    agreed: Mapping[str, bool]
    mounted: bool = True

    @property
    def known(self) -> bool:
        """Say whether it is a registered medium in every fact."""
        return self.medium is not None and self.medium.state == "registered" and all(self.agreed.values())

    @property
    def disagreeing(self) -> tuple[str, ...]:
        """The facts that are not as they were registered."""
        return tuple(name for name, agrees in self.agreed.items() if not agrees)

    def identity(self) -> str:
        """Return the SHA-256 of what an approval is bound to, this very attachment among it."""
        return digest(
            {
                "medium": self.medium.id if self.medium else "",
                "serial": self.device.serial,
                "uuid": self.device.uuid,
                "label": hashlib.sha256(self.label.encode()).hexdigest() if self.label else "",
                "diskseq": self.device.diskseq,
            }
        )

    def to_json(self) -> dict[str, JSON]:
        """Return what was seen as plain values for ``--json``."""
        return {
            "folder": str(self.folder),
            "mounted": self.mounted,
            "medium": self.medium.id if self.medium else None,
            "known": self.known,
            "agreed": dict(self.agreed),
            "identity": self.identity(),
            "label_fault": self.label_fault,
            "device": self.device.to_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a person says of a new medium: kind, place, purpose, virus check entry, end of its storage period."""

    kind: str
    place: str
    purpose: str
    virus_check: str
    keep_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The register in ``store``; labels count when signed by one of ``trusted``."""

    store: Store
    trusted: frozenset[bytes]
    allowed: frozenset[str] = ALLOWED_KINDS
    sysfs: Path = field(default=SYSFS)

    def observe(self, held: Held) -> Observed:
        """Read device and label behind a held folder and compare them with the register."""
        device = device_of(block_number(held.device, held.mount), self.sysfs)
        label, fault = None, ""
        try:
            label = labels.read(held, self.trusted)
        except BadSignature as error:
            fault = error.message
        return self._compared(held.path, device, label, fault)

    def observe_unmounted(self, number: int, node: Path) -> Observed:
        """Compare the device of this number, which is mounted nowhere; its label stays unread."""
        return replace(self._compared(node, device_of(number, self.sysfs), None, ""), mounted=False)

    def _compared(self, folder: Path, device: Device, label: Label | None, fault: str) -> Observed:
        medium = self._match(device, label)
        agreed = dict[str, bool]()
        if medium is not None:
            own = hashlib.sha256(label.encode()).hexdigest() if label else ""
            agreed = {
                "uuid": bool(device.uuid) and device.uuid == medium.uuid,
                "label": own == medium.label_sha256,
            }
            if device.serial or medium.serial:  # two that have none agree in nothing
                agreed = {"serial": device.serial == medium.serial, **agreed}
        return Observed(folder=folder, device=device, label=label, label_fault=fault, medium=medium, agreed=agreed)

    def register(self, folder: Path, said: Registration, signer: Signer, *, actor: str, terminal: str) -> Medium:
        """Enter the empty medium mounted at ``folder`` and put a signed label on it (BK-MED-03, BK-MED-08)."""
        self._require_sensible(said)
        if signer.public_key not in self.trusted:
            raise Refusal(N_("The key that signs labels is not among the trusted ones."))
        with hold(folder) as held:
            require_mount(held)
            seen = self.observe(held)
            if seen.label is not None or seen.label_fault or seen.medium is not None:
                raise Refusal(N_("This medium is registered already, or is a copy of one."), control="BK-MED-03")
            if not seen.device.uuid:
                raise Refusal(N_("{node} holds no file system with a UUID."), node=seen.device.node)
            require_only(held, _HARMLESS)
            condition_of(seen.device, self.sysfs).require_lasting(seen.device.node)
            number = self._plan(seen.device, said, actor, terminal)
            label = Label(
                medium=medium_id(number),
                serial=seen.device.serial,
                uuid=seen.device.uuid,
                nonce=secrets.token_hex(16),
            )
            try:
                labels.attach(held, label, signer)
                held.require_in_place()
            except BaseException:
                self._settle(number, "refused", "", actor, terminal)
                raise
            return self._settle(number, "registered", hashlib.sha256(label.encode()).hexdigest(), actor, terminal)

    def take_over(self, device: Device, said: Registration, *, actor: str, terminal: str) -> Medium:
        """Enter a medium that is not at hand from the facts of an earlier ledger.

        It bears no label of ours, so that it can be moved, counted and disposed of, but takes output only where the
        site lets folders stand for media (BK-MED-03).
        """
        self._require_sensible(said)
        number = self._plan(device, said, actor, terminal)
        return self._settle(number, "registered", NO_LABEL, actor, terminal)

    def require_writable(self, seen: Observed, medium: str) -> Medium:
        """Refuse unless what is seen is the registered medium of that number, of an allowed kind."""
        if seen.medium is None or seen.medium.id != medium:
            raise Refusal(
                N_("{folder} is not the medium {medium}."), control="BK-MED-03", folder=seen.folder, medium=medium
            )
        if not seen.known:
            wrong = [FACT_TITLES[name] for name in seen.disagreeing] or Phrase(STATE_TITLES[seen.medium.state])
            raise Refusal(
                N_("{medium} is not what was registered ({wrong})."), control="BK-MED-03", medium=medium, wrong=wrong
            )
        self.require_usable(seen.medium)
        if seen.device.read_only:
            raise Refusal(N_("{medium} is write-protected."), medium=medium)
        return seen.medium

    def require_usable(self, medium: Medium) -> None:
        """Refuse a medium that is not in use any more, or is of a kind that the site does not allow."""
        if medium.state != "registered":
            raise Refusal(N_("{medium} is not in use any more."), control="BK-MED-03", medium=medium.id)
        self._require_allowed(medium.kind)

    def _require_allowed(self, kind: str) -> None:
        if kind not in self.allowed:
            raise Refusal(
                N_("Media of the kind {kind} are not allowed for output here."),
                control="BK-MED-03",
                kind=KIND_TITLES[kind],
            )

    def _match(self, device: Device, label: Label | None) -> Medium | None:
        """Return the registered medium that the label names, or else the one with this UUID."""
        if label is not None:
            return find_by_id(self.store, label.medium)
        if not device.uuid:
            return None
        row = self.store.row(
            "SELECT * FROM medium WHERE uuid = ? AND state IN ('registered', 'disposed') ORDER BY number DESC LIMIT 1",
            (device.uuid,),
        )
        return _medium(row) if row else None

    def _require_sensible(self, said: Registration) -> None:
        if said.kind not in KIND_TITLES:
            raise Refusal(N_("There is no kind of medium {kind}."), kind=said.kind)
        self._require_allowed(said.kind)
        texts = (said.place, said.purpose, said.virus_check)
        if not all(is_filled_line(text) for text in texts):
            raise Refusal(
                N_("A medium needs a place, a purpose and the entry of its virus check."), control="BK-MED-08"
            )

    def _plan(self, device: Device, said: Registration, actor: str, terminal: str) -> int:
        with self.store.transaction() as tx:
            number = tx.execute(
                "INSERT INTO medium (kind, serial, uuid, filesystem, size, label_sha256, state, place, purpose,"
                " virus_check, keep_until, registered_at, registered_by)"
                " VALUES (?, ?, ?, ?, ?, '', 'planned', ?, ?, ?, ?, ?, ?)",
                (
                    said.kind,
                    device.serial,
                    device.uuid,
                    device.filesystem,
                    device.size,
                    said.place,
                    said.purpose,
                    said.virus_check,
                    said.keep_until.isoformat() if said.keep_until else None,
                    to_text(tx.at),
                    actor,
                ),
            ).lastrowid
            tx.record(
                "medium.planned",
                actor=actor,
                terminal=terminal,
                subject=medium_id(int(number or 0)),
                purpose=said.purpose,
            )
        return int(number or 0)

    def _settle(self, number: int, state: str, label_sha256: str, actor: str, terminal: str) -> Medium:
        with self.store.transaction() as tx:
            tx.execute("UPDATE medium SET state = ?, label_sha256 = ? WHERE number = ?", (state, label_sha256, number))
            medium = find(tx, number)
            tx.record(
                "medium.registered",
                actor=actor,
                terminal=terminal,
                subject=medium.id,
                outcome="done" if state == "registered" else "failed",
                serial=medium.serial,
                uuid=medium.uuid,
                label_sha256=label_sha256,
                kind=medium.kind,
                place=medium.place,
                virus_check=medium.virus_check,
            )
        return medium


def require_mount(held: Held) -> None:
    """Refuse a folder that is not the root of a mounted medium: it would be the host's own disk."""
    device, mount = held.above()
    if device == held.device or mount == held.mount:
        raise Refusal(N_("{folder} is not a mounted medium."), control="BK-MED-03", folder=held.path)


def require_only(held: Held, expected: frozenset[str] | set[str]) -> None:
    """Refuse a medium that holds files that nobody entered."""
    unknown = [name for name in held.names() if name not in expected]
    if unknown:
        raise Refusal(
            N_("The medium holds files that are not in the ledger: {names}"),
            control="BK-MED-08",
            names=", ".join(unknown[:5]),
        )


def medium_id(number: int) -> str:
    """Return the name of the medium with this number in the register."""
    return f"M-{number:04d}"


def find(reader: Reader, number: int) -> Medium:
    """Return one medium; Refusal when there is none of that number."""
    row = reader.row("SELECT * FROM medium WHERE number = ?", (number,))
    if row is None:
        raise Refusal(N_("There is no medium {medium}."), medium=medium_id(number))
    return _medium(row)


def find_by_id(reader: Reader, name: str) -> Medium:
    """Return the medium of that name (``M-0001``)."""
    head, _, digits = name.partition("-")
    if head != "M" or not (digits.isascii() and digits.isdecimal()):
        raise Refusal(N_("{name} is not the number of a medium (M-0001)."), name=name[:40])
    return find(reader, int(digits))


def every(reader: Reader) -> Sequence[Medium]:
    """Return all media that were ever registered, in order of their numbers."""
    found = reader.rows("SELECT * FROM medium WHERE label_sha256 <> '' ORDER BY number")
    return rows.values(found, _medium, reader.note_damage)


def known_files() -> frozenset[str]:
    """Return the names that are on every medium of ours."""
    return _HARMLESS


_medium: Final = rows.Mapper(Medium, "medium", "number")
