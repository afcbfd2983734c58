"""Speaking LDAP: one private connection at a time, whole answers in pages, and names that cannot become syntax."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from accesscontrol.accounts.connectors.ldap_dialects import OPENLDAP, Attributes, Dialect
from accesscontrol.accounts.connectors.protocol import Unreadable
from accesscontrol.messages import N_
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal

_USER_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PRIVATE: Final = ("ldaps://", "ldapi://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A directory server, and where in it people and groups lie.

    ``bind_dn`` is the connector's own account, ``authority`` the certificate (PEM) that vouches for the server's.
    ``policy`` is the server's default password policy. Members of the groups ``administrators`` are administrators.
    ``nobody`` stands in a group that would lose its last member, which groupOfNames does not allow. The other side is
    waited for ``seconds``.
    """

    system: str
    url: str
    bind_dn: str
    password: Secret = field(repr=False)
    people: str
    groups: str
    authority: Path | None = None
    dialect: Dialect = OPENLDAP
    policy: str = ""
    administrators: frozenset[str] = frozenset()
    nobody: str = "cn=nobody"
    page: int = 500
    seconds: int = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its distinguished name, and its attributes under their names in small letters.

    ``stored_as`` are the names with their options (``userCertificate;binary``), by which alone a value can be removed.
    """

    dn: str
    attributes: Attributes
    stored_as: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, dn: str, values: Mapping[str, Sequence[bytes]]) -> Self:
        """Return an entry as the server gave it."""
        attributes: defaultdict[str, list[bytes]] = defaultdict(list)
        stored_as: defaultdict[str, list[str]] = defaultdict(list)
        for description, found in values.items():
            name = description.partition(";")[0].casefold()
            attributes[name].extend(found)
            stored_as[name].append(description)
        return cls(dn, attributes, stored_as)


class Wire:
    """An open connection. ``library`` is the python-ldap module, imported when it is first needed."""

    def __init__(self, library: Any, connection: Any, page: int) -> None:
        self.library = library
        self._connection = connection
        self._page = page

    def search(self, base: str, wanted: str, attributes: Sequence[str], *, subtree: bool = True) -> Iterator[Entry]:
        """Yield every entry under ``base`` that fits the filter ``wanted``, however many pages it takes (RFC 2696).

        A part of the server that knows no pages (OpenLDAP's Monitor) answers at once, or fails at its size limit.
        """
        from ldap.controls import SimplePagedResultsControl  # type: ignore[import-untyped]  # it has no types

        scope = self.library.SCOPE_SUBTREE if subtree else self.library.SCOPE_BASE
        control = SimplePagedResultsControl(criticality=False, size=self._page, cookie="")
        while True:
            number = self._connection.search_ext(base, scope, wanted, list(attributes), serverctrls=[control])
            _kind, found, _number, answered = self._connection.result3(number)
            for dn, values in found:
                if dn is not None:  # a referral to another server has none
                    yield Entry.of(dn, values)
            cookie = next((each.cookie for each in answered if each.controlType == control.controlType), b"")
            if not cookie:
                return
            control.cookie = cookie

    def look(self, dn: str, attributes: Sequence[str]) -> Entry | None:
        """Return one entry by its name, or None when there is none or it can't be seen."""
        try:
            return next(self.search(dn, "(objectClass=*)", attributes, subtree=False), None)
        except (self.library.NO_SUCH_OBJECT, self.library.INSUFFICIENT_ACCESS):
            return None

    def add(self, dn: str, attributes: Mapping[str, Sequence[bytes]]) -> None:
        """Add an entry; an attribute without values is left out."""
        self._connection.add_s(dn, [(name, list(values)) for name, values in attributes.items() if values])

    def replace(self, dn: str, attributes: Mapping[str, bytes | None]) -> None:
        """Give an entry's attributes these values; None takes an attribute away, and is no error where none is."""
        replace = self.library.MOD_REPLACE
        changes = [(replace, name, None if value is None else [value]) for name, value in attributes.items() if name]
        self._connection.modify_s(dn, changes)

    def join(self, group: str, member: str) -> None:
        """Make ``member`` a member of ``group``; one who is one already stays one."""
        try:
            self._connection.modify_s(group, [(self.library.MOD_ADD, "member", [member.encode()])])
        except self.library.TYPE_OR_VALUE_EXISTS:
            return

    def leave(self, group: str, member: str, *, nobody: str) -> None:
        """Take ``member`` out of ``group``, in which ``nobody`` stays when it was the last; no member is no error."""
        out = (self.library.MOD_DELETE, "member", [member.encode()])
        try:
            self._connection.modify_s(group, [out])
        except self.library.NO_SUCH_ATTRIBUTE:
            return
        except self.library.OBJECT_CLASS_VIOLATION:
            self._connection.modify_s(group, [(self.library.MOD_ADD, "member", [nobody.encode()]), out])

    def set_password(self, dn: str, password: Secret) -> None:
        """Set a password by the extended operation (RFC 3062), so that the server hashes it and keeps its policy."""
        self._connection.passwd_s(dn, None, password.text())


def _library() -> Any:
    try:
        import ldap  # type: ignore[import-untyped]  # it has no types
    except ImportError:
        raise Refusal(N_("Directories need an additional part: install sekisho[ldap].")) from None
    return ldap


@contextmanager
def connected(directory: Directory) -> Iterator[Wire]:
    """Open a private connection (TLS with a verified certificate, or the host's own socket) and bind.

    Raises ``Unreadable`` when the server can't be reached, shows another certificate, or lets us not in.
    """
    library = _library()
    connection = library.initialize(directory.url)
    try:
        _prepare(library, connection, directory)
        if not directory.url.startswith(_PRIVATE):
            connection.start_tls_s()
        connection.simple_bind_s(directory.bind_dn, directory.password.text())
        yield Wire(library, connection, directory.page)
    except library.LDAPError as error:
        raise Unreadable(
            N_("The directory {system} can't be read: {reason}."), system=directory.system, reason=said(error)
        ) from None
    finally:
        connection.unbind_ext_s()


def _prepare(library: Any, connection: Any, directory: Directory) -> None:
    connection.set_option(library.OPT_PROTOCOL_VERSION, 3)
    connection.set_option(library.OPT_REFERRALS, 0)
    connection.set_option(library.OPT_NETWORK_TIMEOUT, directory.seconds)
    connection.set_option(library.OPT_TIMEOUT, directory.seconds)
    connection.set_option(library.OPT_X_TLS_REQUIRE_CERT, library.OPT_X_TLS_DEMAND)
    if directory.authority is not None:
        connection.set_option(library.OPT_X_TLS_CACERTFILE, str(directory.authority))
    connection.set_option(library.OPT_X_TLS_NEWCTX, 0)


def said(error: Exception) -> str:
    """Return what the server said of a failure: its description and its own words."""
    told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    words = (str(told[name]).strip() for name in ("desc", "info") if told.get(name))
    return ", ".join(words) or type(error).__name__


def check_user_id(user_id: str) -> str:
    """Return ``user_id`` if it can stand in a name and a filter as it is; anything else is refused."""
    if not _USER_ID.fullmatch(user_id):
        raise Refusal(
            N_("{user_id} can't be a user ID here: 1 to 64 letters, digits, dots, hyphens, underscores."),
            user_id=user_id,
        )
    return user_id
