"""Registered media as destinations: the approved one, in the approved attachment, holding nothing unknown."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from accesscontrol.canonical import digest
from accesscontrol.messages import N_
from backups.media.condition import condition_of, errors_counted
from backups.media.devices import UNLIMITED
from backups.media.register import NO_LABEL, Observed, Register, every, known_files, require_mount, require_only
from backups.media.writing import Held, hold
from backups.newfile import Unwritable
from backups.records import Reader


class Place(Protocol):
    """What of a request says where it goes."""

    @property
    def medium(self) -> str:
        """The medium's number, or nothing where the site allows plain folders."""
        ...

    @property
    def folder(self) -> str:
        """Where it is mounted."""
        ...


@dataclass(frozen=True, slots=True)
class Destination:
    """A held folder to write into, and the SHA-256 of what it is now; ``look_again`` reads that once more.

    ``largest_file`` is the most bytes that one file in it can have.
    """

    held: Held
    identity: str
    look_again: Callable[[], str]
    largest_file: int = UNLIMITED

    def require_size(self, size: int) -> None:
        """Refuse a file of ``size`` bytes where the file system holds only smaller ones."""
        if size > self.largest_file:
            raise Unwritable(
                N_("{folder} holds files of at most {most} bytes and {size} are needed; use another file system."),
                folder=self.held.path,
                most=self.largest_file,
                size=size,
            )

    def require_same(self) -> None:
        """Refuse when the medium is another one than at the beginning, or lies in another attachment."""
        if self.look_again() != self.identity:
            raise Unwritable(N_("The medium under {folder} was changed while it was used."), folder=self.held.path)


class Destinations(Protocol):
    """Where outputs may go: what a destination is now, and how it is held for writing."""

    def identify(self, place: Place) -> str:
        """Return the SHA-256 that an approval is bound to; Refusal when nothing may be written there."""
        ...

    def opened(self, place: Place) -> AbstractContextManager[Destination]:
        """Hold the destination while it is written."""
        ...


@dataclass(frozen=True, slots=True)
class MediaDestinations:
    """The media of a register (BK-MED-03)."""

    register: Register

    def identify(self, place: Place) -> str:
        """Return the digest of serial, UUID, label and attachment."""
        with hold(Path(place.folder)) as held:
            return self._checked(held, place)

    @contextmanager
    def opened(self, place: Place) -> Iterator[Destination]:
        """Hold the medium's root, on which nothing unknown may be."""
        with hold(Path(place.folder)) as held:
            seen = self._seen(held, place)
            identity = seen.identity()
            expected = known_files() | files_on(self.register.store, place.medium)
            require_only(held, expected)
            condition_of(seen.device, self.register.sysfs).require_lasting(place.medium)
            errors = self._errors(seen)
            yield Destination(held, identity, lambda: self._unharmed(held, place, errors), seen.device.largest_file)

    def _unharmed(self, held: Held, place: Place, errors: int) -> str:
        """Return the identity once more, unless device or file system reported errors since the first look."""
        seen = self._seen(held, place)
        if self._errors(seen) > errors:
            raise Unwritable(
                N_("The device under {folder} reports an error; nothing was kept. Replace the medium."),
                folder=held.path,
            )
        return seen.identity()

    def _errors(self, seen: Observed) -> int:
        return errors_counted(seen.device, self.register.sysfs)

    def _checked(self, held: Held, place: Place) -> str:
        return self._seen(held, place).identity()

    def _seen(self, held: Held, place: Place) -> Observed:
        require_mount(held)
        seen = self.register.observe(held)
        self.register.require_writable(seen, place.medium)
        return seen


@dataclass(frozen=True, slots=True)
class FolderDestinations:
    """Plain folders, behind which a site puts its registered store; the medium's number is as the person says.

    A folder without a leading slash is named from ``home`` on, so that a copied home writes into its own.
    """

    home: Path = Path()

    def identify(self, place: Place) -> str:
        """Return the digest of folder, device and mount: another disk mounted there is another destination."""
        with hold(self.home / place.folder) as held:
            return _folder_identity(held)

    @contextmanager
    def opened(self, place: Place) -> Iterator[Destination]:
        """Hold the folder."""
        with hold(self.home / place.folder) as held:
            yield Destination(held, _folder_identity(held), lambda: _folder_identity(held))


@dataclass(frozen=True, slots=True)
class EitherDestinations:
    """Registered media by their label, and plain folders for those that bear none or are in no register."""

    media: MediaDestinations
    folders: FolderDestinations

    def identify(self, place: Place) -> str:
        """Return the SHA-256 that an approval is bound to."""
        return self._choose(place).identify(place)

    def opened(self, place: Place) -> AbstractContextManager[Destination]:
        """Hold the destination while it is written."""
        return self._choose(place).opened(place)

    def _choose(self, place: Place) -> MediaDestinations | FolderDestinations:
        known = next((each for each in every(self.media.register.store) if each.id == place.medium), None)
        if known is None:
            return self.folders
        if known.label_sha256 != NO_LABEL:
            return self.media
        self.media.register.require_usable(known)
        return self.folders


def _folder_identity(held: Held) -> str:
    return digest({"folder": str(held.path), "device": held.device, "mount": held.mount})


def files_on(reader: Reader, medium: str) -> frozenset[str]:
    """Return the names of all files that the ledger says were written to a medium."""
    rows = reader.rows("SELECT files FROM output WHERE medium = ? AND written_at IS NOT NULL", (medium,))
    return frozenset(name for row in rows for name in json.loads(row["files"]))
