"""User IDs of a service that speaks SCIM 2.0 (RFC 7643, RFC 7644).

SCIM has no expiry attribute, no sessions and no password for one use: the end lives with us and reaches the service
only as ``active: false`` at its moment, and an open session is the service's own affair. A password is set where the
service announces ``changePassword``; that it lasts for a day only is the console's work. What ``active`` shuts is the
provider's choice, so it is read again and never assumed.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from accesscontrol.accounts.connectors.protocol import (
    Failures,
    ObservedAccount,
    Reading,
    SetThere,
    TemporaryPassword,
    Wanted,
)
from accesscontrol.accounts.connectors.scim_wire import (
    CHANGED,
    GROUP,
    PASSWORDS,
    USER,
    DeclinedError,
    Resource,
    Service,
    Wire,
    connected,
    lasting,
)
from accesscontrol.clock import Clock
from accesscontrol.messages import N_
from accesscontrol.people.passwords import temporary_password
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal

_USER_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_CORE: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
_ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_RIGHTS: Final = ("entitlements", "roles", "x509Certificates")  # what a user resource itself may let in by


class ScimConnector:
    """One SCIM service as a managed system; its groups are the entitlements."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._clock = clock

    @property
    def system(self) -> str:
        """The system's name in the settings and the ledger."""
        return self._service.system

    def read(self) -> Reading:
        """Read every user, page by page."""
        at = self._clock.now()
        with connected(self._service, self._clock) as wire:
            memberships = _memberships(wire.every(GROUP))
            found = [self._observed(user, memberships) for user in wire.every(USER)]
            return Reading(system=self.system, read_at=at, accounts=found, skew=wire.skew)

    def look(self, user_ids: Sequence[str]) -> Mapping[str, ObservedAccount]:
        """Read these users freshly."""
        with connected(self._service, self._clock) as wire:
            memberships = _memberships(wire.every(GROUP))
            users = {user_id: wire.named(_checked(user_id)) for user_id in user_ids}
            return {user_id: self._observed(user, memberships) for user_id, user in users.items() if user is not None}

    def issue(self, wanted: Wanted, password: TemporaryPassword | None = None) -> None:
        """Make a new user, active, and put it into its groups."""
        with connected(self._service, self._clock) as wire:
            if password is not None and not wire.supports(PASSWORDS):
                raise self._set_there(wanted.user_id)
            try:
                if wire.named(_checked(wanted.user_id)) is not None:
                    raise DeclinedError(409, wanted.user_id)
                wire.create(USER, _resource(wanted))
                self._fit(wire, wire.named(wanted.user_id) or {}, wanted)
                if password is not None:
                    _give(wire, wire.named(wanted.user_id) or {}, password.secret)
            except DeclinedError as error:
                if not lasting(error):
                    raise
                raise Refusal(
                    N_("{system} did not take {user_id}: {reason}."),
                    control="AC-USR-01",
                    system=self.system,
                    user_id=wanted.user_id,
                    reason=str(error),
                ) from None

    def change(self, wanted: Sequence[Wanted]) -> Failures:
        """Bring users to exactly these groups, active."""
        by_id = {each.user_id: each for each in wanted}
        return self._each(
            list(by_id), lambda wire, user, user_id: self._fit(wire, _activated(wire, user), by_id[user_id])
        )

    def set_password(self, user_id: str, password: TemporaryPassword) -> None:
        """Set a password where the service lets clients do so; SCIM itself limits it neither to one use nor a time."""
        with connected(self._service, self._clock) as wire:
            can = wire.supports(PASSWORDS)
        if not can:
            raise self._set_there(user_id)
        failed = self._each([user_id], lambda wire, user, _user_id: _give(wire, user, password.secret))
        if failed:
            raise Refusal(
                N_("{system} did not take the password of {user_id}: {reason}."),
                system=self.system,
                user_id=user_id,
                reason=failed[user_id],
            )

    def block(self, user_ids: Sequence[str]) -> Failures:
        """Set ``active`` to false; a user is never deleted, since that may take its history along."""
        return self._each(user_ids, lambda wire, user, _user_id: _set_active(wire, user, active=False))

    def end_sessions(self, user_ids: Sequence[str]) -> Failures:  # noqa: ARG002 - the Protocol's shape
        """Do nothing: SCIM shows no sessions, the service ends its own when a user is no longer active."""
        return {}

    def strip(self, user_ids: Sequence[str]) -> Failures:
        """Take users out of every group, away with the rights that stand in them, and with a password that is known."""
        return self._each(user_ids, lambda wire, user, _user_id: self._empty(wire, user))

    def _each(self, user_ids: Sequence[str], act: Callable[[Wire, Resource, str], None]) -> Failures:
        for user_id in user_ids:
            _checked(user_id)
        failures: dict[str, str] = {}
        with connected(self._service, self._clock) as wire:
            for user_id in user_ids:
                try:
                    self._once_more(wire, user_id, act)
                except DeclinedError as error:
                    if not lasting(error):
                        raise
                    failures[user_id] = str(error)
        return failures

    def _once_more(self, wire: Wire, user_id: str, act: Callable[[Wire, Resource, str], None]) -> None:
        """Act on a user as it is now, and once more when somebody changed it in between."""
        for last in (False, True):
            user = wire.named(user_id)
            if user is None:
                raise DeclinedError(404, user_id)
            try:
                return act(wire, user, user_id)
            except DeclinedError as error:
                if last or error.status != CHANGED:
                    raise
        return None

    def _observed(self, user: Resource, memberships: Mapping[str, Sequence[str]]) -> ObservedAccount:
        user_id = str(user.get("userName", ""))
        groups = tuple(sorted(memberships.get(str(user["id"]), ())))
        return ObservedAccount(
            user_id=user_id,
            enabled=_is_active(user),
            native_id=str(user["id"]),
            display_name=str(user.get("displayName") or (user.get("name") or {}).get("formatted") or ""),
            staff_number=str((user.get(_ENTERPRISE) or {}).get("employeeNumber") or ""),
            entitlements=groups,
            remains=tuple(name for name in _RIGHTS if user.get(name)),
            administrator=bool(self._service.administrators & set(groups)),
            own=bool(self._service.own) and user_id.casefold() == self._service.own.casefold(),
        )

    def _fit(self, wire: Wire, user: Resource, wanted: Wanted) -> None:
        groups = {str(group.get("displayName")): group for group in wire.every(GROUP)}
        missing = sorted(set(wanted.entitlements) - set(groups))
        if missing:
            raise DeclinedError(404, ", ".join(missing))
        for name, group in groups.items():
            _set_member(wire, group, str(user["id"]), member=name in wanted.entitlements)

    def _empty(self, wire: Wire, user: Resource) -> None:
        for group in wire.every(GROUP):
            _set_member(wire, group, str(user["id"]), member=False)
        held = [name for name in _RIGHTS if user.get(name)]
        if held:
            whole = {name: value for name, value in user.items() if name not in held}
            wire.modify(USER, user, [{"op": "remove", "path": name} for name in held], whole)
        if wire.supports(PASSWORDS):  # the service never shows a password, nor takes one away: nobody knows this one
            _give(wire, wire.named(str(user["userName"])) or user, temporary_password())

    def _set_there(self, user_id: str) -> SetThere:
        return SetThere(
            N_("{system} keeps its passwords itself. Have the one of {user_id} set there."),
            control="AC-PWD-01",
            system=self.system,
            user_id=user_id,
        )


def _checked(user_id: str) -> str:
    """Return ``user_id`` if it needs no quoting in a filter; anything else is refused."""
    if not _USER_ID.fullmatch(user_id):
        raise Refusal(
            N_("{user_id} can't be a user ID here: 1 to 64 letters, digits, dots, hyphens, underscores."),
            user_id=user_id,
        )
    return user_id


def _resource(wanted: Wanted) -> dict[str, Any]:
    name = wanted.display_name or wanted.user_id
    return {
        "schemas": [_CORE, _ENTERPRISE],
        "userName": wanted.user_id,
        "displayName": name,
        "name": {"formatted": name},
        "active": True,
        _ENTERPRISE: {"employeeNumber": wanted.staff_number, "department": wanted.office},
    }


def _is_active(user: Resource) -> bool:
    """Tell whether a user is active: a missing value is not taken for a block, a text is read as what it says."""
    active = user.get("active", True)
    return active.strip().casefold() != "false" if isinstance(active, str) else bool(active)


def _activated(wire: Wire, user: Resource) -> Resource:
    if not _is_active(user):
        _set_active(wire, user, active=True)
    return user


def _set_active(wire: Wire, user: Resource, *, active: bool) -> None:
    wire.modify(USER, user, [{"op": "replace", "path": "active", "value": active}], {**user, "active": active})


def _give(wire: Wire, user: Resource, password: Secret) -> None:
    wire.modify(
        USER,
        user,
        [{"op": "replace", "path": "password", "value": password.text()}],
        {**user, "password": password.text()},
    )


def _members(group: Resource) -> list[str]:
    return [str(each.get("value")) for each in group.get("members") or []]


def _memberships(groups: Sequence[Resource]) -> Mapping[str, Sequence[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for group in groups:
        for member in _members(group):
            found[member].append(str(group.get("displayName")))
    return found


def _set_member(wire: Wire, group: Resource, user: str, *, member: bool) -> None:
    members = _members(group)
    if (user in members) is member:
        return
    rest = [each for each in group.get("members") or [] if str(each.get("value")) != user]
    if member:
        change = {"op": "add", "path": "members", "value": [{"value": user}]}
        rest.append({"value": user})
    else:
        change = {"op": "remove", "path": f'members[value eq "{user}"]'}
    wire.modify(GROUP, group, [change], {**group, "members": rest})
