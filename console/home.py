"""A site's home: one folder that only its owner may read, with everything that the console keeps.

::

    site.toml           settings
    sekisho.sqlite3     people, requests, findings, ledgers, the trail
    keys/               0600: pepper, the trail's seal and signing key, the console's manifest key, the session CA's
    events/  backups/   segments of the log archive; sealed backups
    recordings/         what passed in every controlled session
"""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console import settings as site_settings
from console.settings import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from accesscontrol.people.secret import Secret

_FOLDERS = ("keys", "events", "backups", "registry")
_KEY_FILES = ("seal", "trail", "manifest", "sessions")
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one site, checked to be private."""

    path: Path

    @property
    def store(self) -> Path:
        """The console's SQLite file."""
        return self.path / "sekisho.sqlite3"

    @property
    def events(self) -> Path:
        """The folder of the log archive's segments."""
        return self.path / "events"

    @property
    def backups(self) -> Path:
        """The folder of sealed backups."""
        return self.path / "backups"

    @property
    def recordings(self) -> Path:
        """The folder of the recordings of sessions."""
        return self.path / "recordings"

    @property
    def registry(self) -> Path:
        """The embedded registry's file."""
        return self.path / "registry" / "registry.sqlite3"

    def pepper(self) -> "Secret":
        """Return the secret that is mixed into every password."""
        from accesscontrol.people.pepper import read_pepper

        return read_pepper(self.path / "keys" / "pepper")

    def seal(self) -> bytes:
        """Return the secret that keys the trail's row chain."""
        return self._key("seal")

    def trail_key(self) -> "Ed25519PrivateKey":
        """Return the key that signs the trail's checkpoints."""
        return self._signing_key("trail")

    def manifest_key(self) -> "Ed25519PrivateKey":
        """Return the console's key for manifests of backups."""
        return self._signing_key("manifest")

    def session_key(self) -> "Ed25519PrivateKey":
        """Return the key of the authority that certifies sessions on managed hosts."""
        return self._signing_key("sessions")

    def _signing_key(self, name: str) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self._key(name))

    def _key(self, name: str) -> bytes:
        file = self.path / "keys" / name
        try:
            data = file.read_bytes()
        except OSError as error:
            raise Refusal(
                N_("The key file {path} can't be read ({reason}). Restore it from its copy."),
                path=str(file),
                reason=error.strerror,
            ) from None
        if len(data) != _KEY_BYTES:
            raise Refusal(N_("The key file {path} is damaged. Restore it from its copy."), path=str(file))
        return data


def default_path() -> Path:
    """Return the folder that SEKISHO_HOME names, or else the one in the user's data folder."""
    named = os.environ.get("SEKISHO_HOME")
    if named:
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "sekisho"


def create(path: Path, settings: Settings) -> Home:
    """Make a new home in ``path``, rights 0700, with fresh keys; an existing site is refused."""
    from accesscontrol.people.pepper import create_pepper

    if (path / site_settings.FILE).exists():
        raise Refusal(N_("There is a site in {path} already."), path=str(path))
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_private(path)
        for folder in _FOLDERS:
            (path / folder).mkdir(mode=0o700, exist_ok=True)
        create_pepper(path / "keys" / "pepper")
        for name in _KEY_FILES:
            _write(path / "keys" / name, os.urandom(_KEY_BYTES))
        _write(path / site_settings.FILE, site_settings.encode(settings).encode())
    except OSError as error:
        raise Refusal(
            N_("The site can't be made in {path}: {reason}."), path=str(path), reason=error.strerror
        ) from None
    return Home(path)


def open_home(path: Path) -> Home:
    """Return the home in ``path``; a missing one, or one that others can read, is refused with the remedy."""
    if not (path / site_settings.FILE).exists():
        raise Refusal(
            N_("There is no site in {path}. Make one with `sekisho init`, or try `sekisho demo`."), path=str(path)
        )
    check_private(path)
    return Home(path)


def check_private(path: Path) -> None:
    """Refuse a folder that belongs to somebody else or that others can read."""
    status = path.stat()
    if status.st_uid != os.geteuid():
        raise Refusal(
            N_("{path} belongs to another user. Run Sekisho as its owner, or: chown -R {user} {path}"),
            path=str(path),
            user=os.geteuid(),
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise Refusal(N_("Others can read {path}. Mend it with: chmod 700 {path}"), path=str(path))


def replace_settings(home: Home, settings: Settings) -> None:
    """Write new settings so that a crash leaves the old file or the new one."""
    new = home.path / (site_settings.FILE + ".new")
    new.unlink(missing_ok=True)
    _write(new, site_settings.encode(settings).encode())
    new.replace(home.path / site_settings.FILE)


def site_id(name: str) -> str:
    """Return a short id for a site's name: what of it is plain ASCII, or ``site``."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return plain or "site"


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
