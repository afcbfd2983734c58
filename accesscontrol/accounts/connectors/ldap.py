"""User IDs in a directory (OpenLDAP, 389 Directory Server, FreeIPA) over StartTLS, ldaps or the host's own socket.

A directory ends no connection that is already bound: such a session counts until it is closed or its idle time is
over, so that a lapse is not clean while one lives. What groups say is read from the groups; ``memberOf`` is only
derived, may be stale, and is never written.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from accesscontrol.accounts.connectors.ldap_dialects import (
    BLOCKED_DAY,
    generalized,
    instant,
    shadow_day,
    text,
)
from accesscontrol.accounts.connectors.ldap_wire import Directory, Entry, Wire, check_user_id, connected, said
from accesscontrol.accounts.connectors.protocol import (
    Failures,
    ObservedAccount,
    Reading,
    TemporaryPassword,
    Unreadable,
    Wanted,
)
from accesscontrol.clock import Clock
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal

_ATTRIBUTES: Final = ("objectClass", "uid", "cn", "displayName", "employeeNumber", "memberOf", "pwdPolicySubentry")
_CHUNK: Final = 50


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What must be known around an entry to judge it. ``lockout`` tells of each policy whether its locks count."""

    at: datetime
    skew: timedelta
    groups: "_Groups"
    sessions: Mapping[str, int]
    lockout: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class _Groups:
    """The groups by name, and for each member's folded name the groups that it stands in."""

    names: Mapping[str, str]
    members: Mapping[str, Sequence[str]]

    def of(self, dn: str) -> tuple[str, ...]:
        """Return the names of the groups in which ``dn`` stands."""
        return tuple(sorted(self.members.get(_folded(dn), ())))


class LdapConnector:
    """One directory as a managed system."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._dialect = directory.dialect
        self._clock = clock

    @property
    def system(self) -> str:
        """The system's name in the settings and the ledger."""
        return self._directory.system

    def read(self) -> Reading:
        """Read every person's entry that has a uid, page by page."""
        with connected(self._directory) as wire:
            around = self._surroundings(wire)
            found = [self._observed(entry, around) for entry in self._entries(wire, "(uid=*)")]
        twice = sorted({each.user_id for each in found if [other.user_id for other in found].count(each.user_id) > 1})
        if twice:
            raise Unreadable(
                N_("The directory {system} has several entries for one user ID: {names}."),
                system=self.system,
                names=twice,
            )
        return Reading(system=self.system, read_at=around.at, accounts=found, skew=around.skew)

    def look(self, user_ids: Sequence[str]) -> Mapping[str, ObservedAccount]:
        """Read these entries freshly."""
        with connected(self._directory) as wire:
            around = self._surroundings(wire)
            found = self._found(wire, user_ids)
            return {user_id: self._observed(entry, around) for user_id, entry in found.items()}

    def issue(self, wanted: Wanted, password: TemporaryPassword | None = None) -> None:
        """Add an entry without a password, put it into its groups, set its end, and its password last."""
        with connected(self._directory) as wire:
            if self._found(wire, [wanted.user_id]):
                raise Refusal(
                    N_("{user_id} is already there on {system}."),
                    control="AC-USR-01",
                    user_id=wanted.user_id,
                    system=self.system,
                )
            try:
                self._make(wire, wanted, password)
            except (wire.library.SERVER_DOWN, wire.library.TIMEOUT):
                raise
            except wire.library.LDAPError as error:
                raise Refusal(
                    N_("{system} did not take {user_id}: {reason}."),
                    system=self.system,
                    user_id=wanted.user_id,
                    reason=said(error),
                ) from None

    def _make(self, wire: Wire, wanted: Wanted, password: TemporaryPassword | None) -> None:
        name = wanted.display_name or wanted.user_id
        dn = f"uid={check_user_id(wanted.user_id)},{self._directory.people}"
        attributes = {
            "objectClass": [b"inetOrgPerson"],
            "uid": [wanted.user_id.encode()],
            "cn": [name.encode()],
            "sn": [name.split()[0].encode()],
            "displayName": [name.encode()],
            "employeeNumber": [wanted.staff_number.encode()] if wanted.staff_number else [],
            "departmentNumber": [wanted.office.encode()] if wanted.office else [],
        }
        wire.add(dn, attributes)
        entry = Entry(dn, {kind.casefold(): values for kind, values in attributes.items()})
        self._fit(wire, entry, self._groups(wire), wanted)
        if password is not None:
            end = {self._dialect.end.casefold(): [generalized(wanted.valid_to)]} if wanted.valid_to else {}
            self._give(wire, Entry(dn, end), password)

    def change(self, wanted: Sequence[Wanted]) -> Failures:
        """Bring entries to exactly these groups and ends, unlocked."""
        by_id = {each.user_id.casefold(): each for each in wanted}

        def fit(wire: Wire, entry: Entry, groups: _Groups) -> None:
            self._fit(wire, entry, groups, by_id[text(entry.attributes, "uid").casefold()])

        return self._each([each.user_id for each in wanted], fit)

    def set_password(self, user_id: str, password: TemporaryPassword) -> None:
        """Give an entry a password that must be changed at its first use."""
        failed = self._each([user_id], lambda wire, entry, _groups: self._give(wire, entry, password))
        if failed:
            raise Refusal(
                N_("{system} did not take the password of {user_id}: {reason}."),
                system=self.system,
                user_id=user_id,
                reason=failed[user_id],
            )

    def block(self, user_ids: Sequence[str]) -> Failures:
        """Lock the entries, and end them as well where the server has ends: a lock may be one that it ignores."""
        return self._each(user_ids, lambda wire, entry, _groups: self._close(wire, entry))

    def end_sessions(self, user_ids: Sequence[str]) -> Failures:
        """Say of each ID with an open connection that a directory can't end it."""
        with connected(self._directory) as wire:
            sessions = self._sessions(wire)
            found = self._found(wire, user_ids)
        words = N_("a bound connection ends only when it is closed or its idle time is over")
        return {user_id: words for user_id, entry in found.items() if sessions.get(_folded(entry.dn))}

    def strip(self, user_ids: Sequence[str]) -> Failures:
        """Take away the password, the keys and the memberships."""
        return self._each(user_ids, self._empty)

    def _each(self, user_ids: Sequence[str], act: Callable[[Wire, Entry, _Groups], None]) -> Failures:
        failures: dict[str, str] = {}
        with connected(self._directory) as wire:
            found, groups = self._found(wire, user_ids), self._groups(wire)
            for user_id in user_ids:
                try:
                    if user_id not in found:
                        raise wire.library.NO_SUCH_OBJECT({"desc": "No such object"})
                    act(wire, found[user_id], groups)
                except (wire.library.SERVER_DOWN, wire.library.TIMEOUT):
                    raise
                except wire.library.LDAPError as error:
                    failures[user_id] = said(error)
        return failures

    def _entries(self, wire: Wire, wanted: str) -> list[Entry]:
        attributes = (*_ATTRIBUTES, *self._dialect.keys, *self._dialect.attributes)
        return list(wire.search(self._directory.people, wanted, attributes))

    def _found(self, wire: Wire, user_ids: Sequence[str]) -> dict[str, Entry]:
        from ldap.filter import escape_filter_chars  # type: ignore[import-untyped]  # it has no types

        found: dict[str, Entry] = {}
        for start in range(0, len(user_ids), _CHUNK):
            names = {check_user_id(each).casefold(): each for each in user_ids[start : start + _CHUNK]}
            terms = "".join(f"(uid={escape_filter_chars(name)})" for name in names)
            for entry in self._entries(wire, f"(|{terms})"):
                user_id = names.get(text(entry.attributes, "uid").casefold())
                if user_id is not None:
                    found[user_id] = entry
        return found

    def _surroundings(self, wire: Wire) -> _Surroundings:
        at = self._clock.now()
        place, attribute = self._dialect.clock
        clock = wire.look(place, [attribute])
        told = instant(text(clock.attributes, attribute)) if clock else None
        return _Surroundings(
            at=at,
            skew=told - at.replace(microsecond=0) if told else timedelta(),
            groups=self._groups(wire),
            sessions=self._sessions(wire),
            lockout=self._policies(wire),
        )

    def _groups(self, wire: Wire) -> _Groups:
        names: dict[str, str] = {}
        members: defaultdict[str, list[str]] = defaultdict(list)
        for group in wire.search(self._directory.groups, "(member=*)", ("cn", "member")):
            name = text(group.attributes, "cn")
            names[name] = group.dn
            for member in group.attributes.get("member", ()):
                members[_folded(member.decode("utf-8", "replace"))].append(name)
        return _Groups(names, members)

    def _sessions(self, wire: Wire) -> Mapping[str, int]:
        """Count the bound connections of each name, where the server lets us see them (OpenLDAP's Monitor)."""
        counts: defaultdict[str, int] = defaultdict(int)
        attribute = "monitorConnectionAuthzDN"
        try:
            for entry in wire.search("cn=Connections,cn=Monitor", "(objectClass=monitorConnection)", (attribute,)):
                counts[_folded(text(entry.attributes, attribute))] += 1
        except (wire.library.NO_SUCH_OBJECT, wire.library.INSUFFICIENT_ACCESS):
            return {}
        return counts

    def _policies(self, wire: Wire) -> Mapping[str, bool]:
        names = {self._directory.policy} - {""}
        if self._dialect.policed:
            found = wire.search(self._directory.people, "(pwdPolicySubentry=*)", ("pwdPolicySubentry",))
            names |= {text(entry.attributes, "pwdPolicySubentry") for entry in found}
        policies = {name: wire.look(name, ["pwdLockout"]) for name in names}
        return {
            _folded(name): policy is not None and text(policy.attributes, "pwdLockout") == "TRUE"
            for name, policy in policies.items()
        }

    def _observed(self, entry: Entry, around: _Surroundings) -> ObservedAccount:
        attributes = entry.attributes
        policy = text(attributes, "pwdPolicySubentry") or self._directory.policy
        lockout = around.lockout.get(_folded(policy), False)
        groups = around.groups.of(entry.dn)
        there = around.at + around.skew
        closed = self._dialect.is_locked(attributes, lockout=lockout) or self._dialect.outside(attributes, there)
        return ObservedAccount(
            user_id=text(attributes, "uid"),
            enabled=not closed,
            native_id=text(attributes, self._dialect.identity),
            display_name=text(attributes, "displayName") or text(attributes, "cn"),
            staff_number=text(attributes, "employeeNumber"),
            valid_to=self._dialect.ends(attributes),
            entitlements=groups,
            last_use=self._dialect.used(attributes),
            sessions=around.sessions.get(_folded(entry.dn), 0),
            remains=tuple(name for name in self._dialect.keys if attributes.get(name.casefold())),
            doubts=self._doubts(attributes, groups, lockout=lockout),
            administrator=bool(self._directory.administrators & set(groups)),
            own=_folded(entry.dn) == _folded(self._directory.bind_dn),
            password_waits=self._dialect.password_waits(attributes),
        )

    def _doubts(
        self, attributes: Mapping[str, Sequence[bytes]], groups: Sequence[str], *, lockout: bool
    ) -> tuple[str, ...]:
        doubts = []
        if self._dialect.is_idle_lock(attributes, lockout=lockout):
            doubts.append("pwdAccountLockedTime without pwdLockout: TRUE")
        under = f",{self._directory.groups}".casefold()
        derived = {
            name.decode("utf-8", "replace").partition(",")[0].partition("=")[2]
            for name in attributes.get("memberof", ())
            if name.decode("utf-8", "replace").casefold().endswith(under)
        }
        if derived and derived != set(groups):
            doubts.append("memberOf differs from the groups")
        return tuple(doubts)

    def _fit(self, wire: Wire, entry: Entry, groups: _Groups, wanted: Wanted) -> None:
        """Bring one entry to its groups and its end; what lets in comes after what takes away."""
        present = set(groups.of(entry.dn))
        for name in sorted(present - set(wanted.entitlements)):
            wire.leave(groups.names[name], entry.dn, nobody=self._directory.nobody)
        for name in sorted(set(wanted.entitlements) - present):
            if name not in groups.names:
                raise wire.library.NO_SUCH_OBJECT({"desc": f"No group {name}"})
            wire.join(groups.names[name], entry.dn)
        opened: dict[str, bytes | None] = {self._dialect.lock: None}
        if self._dialect.end:
            opened[self._dialect.end] = generalized(wanted.valid_to) if wanted.valid_to else None
        if _is_shadow(entry):
            opened["shadowExpire"] = str(shadow_day(wanted.valid_to)).encode() if wanted.valid_to else None
        wire.replace(entry.dn, opened)

    def _close(self, wire: Wire, entry: Entry) -> None:
        closed: dict[str, bytes | None] = {self._dialect.lock: self._dialect.locked.encode()}
        if self._dialect.end:
            ends = self._dialect.ends(entry.attributes)
            now = self._clock.now()
            closed[self._dialect.end] = generalized(min(ends, now) if ends else now)
        if _is_shadow(entry):
            closed["shadowExpire"] = str(BLOCKED_DAY).encode()
        wire.replace(entry.dn, closed)

    def _empty(self, wire: Wire, entry: Entry, groups: _Groups) -> None:
        for name in groups.of(entry.dn):
            wire.leave(groups.names[name], entry.dn, nobody=self._directory.nobody)
        held = [stored for name in self._dialect.keys for stored in entry.stored_as.get(name.casefold(), ())]
        wire.replace(entry.dn, dict.fromkeys(("userPassword", *held)))
        self._close(wire, entry)  # OpenLDAP takes the lock off with the password

    def _give(self, wire: Wire, entry: Entry, password: TemporaryPassword) -> None:
        """Set a password that must be changed at its first use, and that ends with its hours if it is not.

        A server without ends or marks of its own leaves the end of the hours to the console, and asks for the change
        when its own policy says so (389 Directory Server: ``passwordMustChange``).
        """
        ends = self._dialect.ends(entry.attributes)
        wire.set_password(entry.dn, password.secret)
        limits: dict[str, bytes | None] = {}
        if self._dialect.end:
            limits[self._dialect.end] = generalized(min(ends or password.until, password.until))
        if self._dialect.reset:
            limits[self._dialect.reset] = b"TRUE"
        if limits:
            wire.replace(entry.dn, limits)


def _folded(dn: str) -> str:
    """Return a distinguished name in the form in which two that are equal look alike."""
    from ldap.dn import dn2str, str2dn  # type: ignore[import-untyped]  # it has no types

    try:
        parts = [[(kind.casefold(), value.casefold(), flag) for kind, value, flag in rdn] for rdn in str2dn(dn)]
    except Exception:  # noqa: BLE001 - a name that is none equals only itself
        return dn.casefold()
    return str(dn2str(parts))


def _is_shadow(entry: Entry) -> bool:
    return b"shadowaccount" in {name.lower() for name in entry.attributes.get("objectclass", ())}
