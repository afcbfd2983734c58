"""Where directories differ: by which attributes an entry is locked, ends, and tells when it was last used.

None of these limits binds a login by key or certificate; only the PAM stack of each host may ask for them. So the
keys themselves go with a lapse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

Attributes: TypeAlias = Mapping[str, Sequence[bytes]]
"""An entry's attributes under their names in small letters."""

_FOREVER: Final = "000001010000Z"  # draft-behera-ldap-password-policy: locked until an administrator opens it
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
BLOCKED_DAY: Final = 1  # not 0: shadow's own check ignores a shadowExpire of 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The attribute names of one family of servers.

    ``lock`` and ``locked`` are the attribute and value of a lock, ``end`` the entry's own end (empty where the server
    has none, so that only our scheduler ends it), ``start`` its beginning, ``reset`` the mark of a password for one
    use. ``keys`` are the attributes whose keys and certificates let in elsewhere. ``clock`` is the entry and attribute
    that tell the server's time. ``policed``: a lock counts only under a password policy with ``pwdLockout: TRUE``.
    """

    name: str
    identity: str
    lock: str
    locked: str
    end: str = ""
    start: str = ""
    reset: str = ""
    last_use: tuple[str, ...] = ()
    keys: tuple[str, ...] = ("sshPublicKey", "userCertificate")
    clock: tuple[str, str] = ("", "")
    policed: bool = False

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes to ask for; most are operational, so they come only when they are named."""
        own = (self.identity, self.lock, self.end, self.start, self.reset, *self.last_use)
        return tuple(name for name in own if name)

    def is_locked(self, entry: Attributes, *, lockout: bool) -> bool:
        """Tell whether the lock is set and in force: a lock by failures opens again, so it does not count."""
        return self._is_set(entry) and (lockout or not self.policed)

    def is_idle_lock(self, entry: Attributes, *, lockout: bool) -> bool:
        """Tell whether a lock is set that the server ignores, because its policy has no ``pwdLockout: TRUE``."""
        return self._is_set(entry) and self.policed and not lockout

    def _is_set(self, entry: Attributes) -> bool:
        return text(entry, self.lock).casefold() == self.locked.casefold()

    def ends(self, entry: Attributes) -> datetime | None:
        """Return the entry's own end (UTC), or None."""
        return instant(text(entry, self.end)) if self.end else None

    def outside(self, entry: Attributes, at: datetime) -> bool:
        """Tell whether ``at`` lies outside the entry's own period."""
        end = self.ends(entry)
        start = instant(text(entry, self.start)) if self.start else None
        return (end is not None and end <= at) or (start is not None and at < start)

    def password_waits(self, entry: Attributes) -> bool | None:
        """Tell whether the first password was not changed yet; None where the server has no mark for it."""
        return text(entry, self.reset).casefold() == "true" if self.reset else None

    def used(self, entry: Attributes) -> datetime | None:
        """Return when the entry was last used to sign in (UTC), as far as the server keeps it."""
        told = (instant(text(entry, name)) for name in self.last_use)
        return max((each for each in told if each is not None), default=None)


OPENLDAP: Final = Dialect(
    name="openldap",
    identity="entryUUID",
    lock="pwdAccountLockedTime",
    locked=_FOREVER,
    end="pwdEndTime",
    start="pwdStartTime",
    reset="pwdReset",
    last_use=("pwdLastSuccess", "authTimestamp"),
    clock=("cn=Current,cn=Time,cn=Monitor", "monitorTimestamp"),
    policed=True,
)
DIRECTORY_389: Final = Dialect(
    name="389ds",
    identity="nsUniqueId",
    lock="nsAccountLock",  # also shown when a role locks the entry, but only if asked for by name
    locked="true",
    last_use=("lastLoginTime",),
    clock=("cn=monitor", "currenttime"),
)
FREEIPA: Final = Dialect(
    name="freeipa",
    identity="ipaUniqueID",
    lock="nsAccountLock",
    locked="true",
    end="krbPrincipalExpiration",  # krbPasswordExpiration is none: with a grace limit of -1 binds go on after it
    last_use=("lastLoginTime", "krbLastSuccessfulAuth"),
    keys=("ipaSshPubKey", "sshPublicKey", "userCertificate"),
    clock=("cn=monitor", "currenttime"),
)
DIALECTS: Final[Mapping[str, Dialect]] = {each.name: each for each in (OPENLDAP, DIRECTORY_389, FREEIPA)}


def text(entry: Attributes, name: str) -> str:
    """Return the first value of an attribute as text, empty when it is not there."""
    values = entry.get(name.casefold(), ())
    return values[0].decode("utf-8", "replace") if values else ""


def instant(generalized: str) -> datetime | None:
    """Return a GeneralizedTime (RFC 4517, section 3.3.13) as aware UTC, or None for what is none.

    Fractions of a second are cut off; a value without a zone is read as UTC.
    """
    whole = generalized.partition(".")[0].partition(",")[0].rstrip("Z")
    for form in ("%Y%m%d%H%M%S%z", "%Y%m%d%H%M%S", "%Y%m%d%H%M"):
        try:
            found = datetime.strptime(whole, form)  # noqa: DTZ007 - the zone is put on in the next line
        except ValueError:
            continue
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def generalized(at: datetime) -> bytes:
    """Return an instant as GeneralizedTime in UTC."""
    return f"{at.astimezone(UTC):%Y%m%d%H%M%SZ}".encode()


def shadow_day(end: datetime) -> int:
    """Return the ``shadowExpire`` that stands behind ``end``: the first UTC day that does not begin before it.

    PAM refuses from 00:00 UTC of that day. A day earlier would cut the last working day short at 09:00 in Tokyo; this
    one leaves hours that our own scheduler ends at the right midnight.
    """
    return -((_EPOCH - end) // _DAY)
