"""The site's pepper: 32 random octets in a file beside the database, mixed into every password and seed."""

import os
from pathlib import Path

from accesscontrol.messages import N_
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal

_OCTETS = 32


def create_pepper(path: Path) -> Secret:
    """Write a new pepper to ``path`` with rights 0600 and return it; an existing file is never overwritten."""
    pepper = Secret(os.urandom(_OCTETS))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pepper.octets())
        file.flush()
        os.fsync(file.fileno())
    return pepper


def read_pepper(path: Path) -> Secret:
    """Return the pepper at ``path``. A missing, short or readable-by-others file is refused with the remedy."""
    try:
        rights = path.stat().st_mode & 0o777
        pepper = Secret(path.read_bytes())
    except OSError as error:
        raise Refusal(
            N_("Nobody can sign in: the key file {path} can't be read ({reason}). Restore it from its copy."),
            path=str(path),
            reason=error.strerror,
        ) from None
    if rights & 0o077:
        raise Refusal(N_("Others can read {path}. Mend it with: chmod 600 {path}"), path=str(path))
    if len(pepper.octets()) != _OCTETS:
        raise Refusal(N_("The key file {path} is damaged. Restore it from its copy."), path=str(path))
    return pepper
