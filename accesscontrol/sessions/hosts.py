"""Managed hosts: where a session may go, pinned with the host's key by several people (MO-SYS-06).

A host enters and leaves by a request that another person approves with the fingerprint before their eyes. If the key
at that address ever is another one, the host is locked at once, which cuts and stops every session to it.
"""

import hashlib
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import msgspec

from accesscontrol import rows
from accesscontrol.canonical import JSON
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import locks, slots
from accesscontrol.requests.kinds import Execution, Kind
from accesscontrol.store import Store

KEY_TYPE: Final = "ssh-ed25519"
KEY_CHANGED: Final = "host.key-changed"
GATE: Final = "/usr/local/libexec/sekisho-gate"
KEEPER: Final = "sekisho-lists"
_ADMINISTRATORS: Final = frozenset({Role.SYSTEM_ADMIN, Role.RESIDENT_OPERATOR})
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ACCOUNT: Final = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:-]{0,252}")
_SOURCE: Final = re.compile(r"[0-9a-fA-F.:]+/[0-9]{1,3}")
_SERVICE: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9.-]{0,252}):([0-9]{1,5})")
_PATH: Final = re.compile(r"/[A-Za-z0-9_./-]+")
_KEY_BYTES: Final = 51
_LABELS: Final = MappingProxyType(
    {
        "name": N_("Host"),
        "address": N_("Address"),
        "port": N_("Port"),
        "account": N_("Account"),
        "host_key": N_("Host key"),
        "seen_from": N_("Seen from (network)"),
        "service": N_("Tunnel to"),
        "gate": N_("Task gate"),
        "keeper": N_("Keeper of the revocations"),
    }
)


class RegisterHost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A managed host, or new particulars of one.

    ``host_key`` is its public key as in known_hosts (``ssh-ed25519 AAAA...``), ``seen_from`` the network from which
    the host sees the console (``192.0.2.10/32``), ``service`` the one service that a tunnel may reach from there
    (``127.0.0.1:5432``) or nothing. ``keeper`` is the account there that owns the list of revoked certificates, and
    does nothing else: sessions run under ``account``, which can't change the list that ends them.
    """

    name: str
    address: str
    account: str
    host_key: str
    seen_from: str
    port: int = 22
    service: str = ""
    gate: str = GATE
    keeper: str = KEEPER


class RetireHost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A host to which no session goes any more."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One managed host as it is registered."""

    name: str
    address: str
    port: int
    account: str
    host_key: str
    seen_from: str
    gate: str
    service: str
    keeper: str
    request: str
    registered_by: str

    @property
    def target(self) -> str:
        """Account and place, as the ledger and recordings name it."""
        return f"{self.account}@{self.address}:{self.port}"

    @property
    def fingerprint(self) -> str:
        """The key's SHA-256 as ``ssh-keygen -l`` shows it."""
        return fingerprint(self.host_key)


def fingerprint(host_key: str) -> str:
    """Return the SHA-256 of a public key (``ssh-ed25519 AAAA...``) as ``ssh-keygen -l`` shows it."""
    return "SHA256:" + b64encode(hashlib.sha256(key_blob(host_key)).digest()).decode().rstrip("=")


def key_blob(host_key: str) -> bytes:
    """Return the octets of a public key; raises ``Refusal`` for anything but an Ed25519 key."""
    kind, _, rest = host_key.strip().partition(" ")
    try:
        blob = b64decode(rest.split(" ")[0], validate=True)
    except (Base64Error, ValueError):
        blob = b""
    named = len(KEY_TYPE).to_bytes(4, "big") + KEY_TYPE.encode()
    if kind != KEY_TYPE or len(blob) != _KEY_BYTES or not blob.startswith(named):
        raise Refusal(
            N_("This is no Ed25519 host key. Take the line of /etc/ssh/ssh_host_ed25519_key.pub on the host itself."),
            control="MO-SYS-06",
        )
    return blob


def find(reader: Reader, name: str) -> Host:
    """Return a registered host; raises ``Refusal`` when there is none of this name."""
    row = reader.row("SELECT * FROM session_host WHERE name = ? AND retired_at IS NULL", (name,))
    if row is None:
        raise Refusal(
            N_("Host {name} is not registered. Have it registered by a request of the kind session-host."),
            control="MO-SYS-06",
            name=name,
        )
    return _host(row)


def listed(reader: Reader) -> list[Host]:
    """Return every registered host by name."""
    found = reader.rows("SELECT * FROM session_host WHERE retired_at IS NULL ORDER BY name")
    return rows.values(found, _host, reader.note_damage)


def key_changed(store: Store, host: Host, shown: bytes, *, session: str = "") -> Refusal:
    """Stop everything to ``host``, whose key is not the pinned one, and return the refusal to raise.

    The lock stays until the security officer has found out why and lifts it.
    """
    seen = "SHA256:" + b64encode(hashlib.sha256(shown).digest()).decode().rstrip("=")
    reason = f"host key changed: {seen}"
    standing = [
        lock for lock in locks.in_force(store, store.clock.now()) if (lock.type, lock.name) == ("host", host.name)
    ]
    if all(lock.reason != reason for lock in standing):  # the same key again is no news
        with store.transaction() as tx:
            tx.record(
                KEY_CHANGED,
                actor="system",
                subject=host.name,
                outcome="refused",
                session=session,
                address=host.target,
                pinned=host.fingerprint,
                seen=seen,
            )
        locks.place(store, "host", host.name, reason=reason, actor="system")
    return Refusal(
        N_(
            "The key of host {name} is not the registered one (seen {seen}, registered {pinned}). Nothing was sent; the"
            " host is locked. Find out on the host itself why, before anything else."
        ),
        control="MO-SYS-06",
        name=host.name,
        seen=seen,
        pinned=host.fingerprint,
    )


def host_kinds(store: Store) -> tuple[Kind, ...]:
    """Return the kinds by which hosts are registered and retired: always by several people."""
    common: dict[str, Any] = {
        "controls": ("MO-SYS-06", "AC-AUT-03"),
        "requesters": _ADMINISTRATORS,
        "executors": _ADMINISTRATORS,
        "slots": (slots.SECURITY_OFFICER,),
        "labels": _LABELS,
    }
    return (
        Kind(
            **common,
            name="session-host",
            title=N_("Managed host with its pinned key"),
            parameters=RegisterHost,
            execute=_register,
            describe=_describe,
            artefacts=lambda parameters: {"host_key": hashlib.sha256(key_blob(parameters.host_key)).hexdigest()},
            admits=lambda _tx, request: _check(msgspec.convert(request.parameters, RegisterHost)),
        ),
        Kind(
            **common,
            name="session-host-retire",
            title=N_("Managed host that is given up"),
            parameters=RetireHost,
            execute=_retire,
            describe=lambda parameters: {N_("Host"): find(store, parameters.name).target},
        ),
    )


def _describe(parameters: RegisterHost) -> Mapping[str, object]:
    _check(parameters)
    return {
        N_("Host"): parameters.name,
        N_("Address"): f"{parameters.account}@{parameters.address}:{parameters.port}",
        N_("Fingerprint of the host key"): fingerprint(parameters.host_key),
        N_("Seen from (network)"): parameters.seen_from,
        N_("Tunnel to"): parameters.service or "-",
        N_("Task gate"): parameters.gate,
        N_("Keeper of the revocations"): parameters.keeper,
    }


def _check(host: RegisterHost) -> None:
    key_blob(host.host_key)
    fitting = (
        (_NAME, host.name, "name"),
        (_ADDRESS, host.address, "address"),
        (_ACCOUNT, host.account, "account"),
        (_ACCOUNT, host.keeper, "keeper"),
        (_SOURCE, host.seen_from, "seen_from"),
        (_PATH, host.gate, "gate"),
        (_SERVICE, host.service or "a:1", "service"),
    )
    wrong = [_LABELS[name] for pattern, value, name in fitting if not pattern.fullmatch(value)]
    if not 0 < host.port < 1 << 16:
        wrong.append(_LABELS["port"])
    if wrong:
        raise Refusal(N_("These can't be used for a host: {fields}."), fields=wrong)
    if host.keeper == host.account:
        raise Refusal(
            N_("Name two accounts: {account} runs the sessions, so another one keeps the list that ends them."),
            control="AC-AUT-03",
            account=host.account,
        )


def _register(execution: Execution) -> Mapping[str, JSON]:
    parameters: RegisterHost = execution.parameters
    _check(parameters)
    kept = parameters.host_key.split(" ")
    with execution.store.transaction() as tx:
        tx.execute(
            "INSERT INTO session_host (name, address, port, account, host_key, seen_from, gate, service, keeper,"
            " request, registered_by, registered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET address = excluded.address, port = excluded.port,"
            " account = excluded.account, host_key = excluded.host_key, seen_from = excluded.seen_from,"
            " gate = excluded.gate, service = excluded.service, keeper = excluded.keeper, request = excluded.request,"
            " registered_by = excluded.registered_by, registered_at = excluded.registered_at, retired_at = NULL",
            (
                *(parameters.name, parameters.address, parameters.port, parameters.account, " ".join(kept[:2])),
                *(parameters.seen_from, parameters.gate, parameters.service, parameters.keeper),
                *(execution.request_id, execution.staff_number, to_text(tx.at)),
            ),
        )
        tx.record(
            "host.registered",
            actor=execution.staff_number,
            subject=parameters.name,
            terminal=execution.terminal,
            request=execution.request_id,
            fingerprint=fingerprint(parameters.host_key),
        )
    return {"host": parameters.name, "fingerprint": fingerprint(parameters.host_key)}


def _retire(execution: Execution) -> Mapping[str, JSON]:
    host = find(execution.store, execution.parameters.name)
    with execution.store.transaction() as tx:
        tx.execute("UPDATE session_host SET retired_at = ? WHERE name = ?", (to_text(tx.at), host.name))
        tx.record(
            "host.retired",
            actor=execution.staff_number,
            subject=host.name,
            terminal=execution.terminal,
            request=execution.request_id,
        )
    return {"host": host.name}


_host: Final = rows.Mapper(Host, "session_host", "name")
