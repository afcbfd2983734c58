"""First passwords at the managed systems: random, for one use, for 24 hours, shown once to the custodian at the desk.

The target gets the end of those hours as its own limit. When the person has chosen an own password there, the
custodian confirms it, and the target gets the ID's real end; without that the password ends by itself.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from accesscontrol.accounts import desired, observations
from accesscontrol.accounts.connectors.protocol import Connector, TemporaryPassword, Wanted
from accesscontrol.accounts.desired import Entry
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.passwords import temporary_password
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from accesscontrol.store import Store

VALIDITY: Final = timedelta(hours=24)


def hand_over(
    store: Store,
    connectors: Mapping[str, Connector],
    system: str,
    user_id: str,
    *,
    actor: str,
    terminal: str = "",
    validity: timedelta = VALIDITY,
) -> Secret:
    """Set a first password for an ID that is live at its target, and return it (act ``account.password-issued``).

    Refused for an ID of one's own, for one that isn't live, and where the target can't limit a password so.
    """
    entry = _live(store, system, user_id, actor)
    until = store.clock.now() + validity
    end = entry.desired(store.clock.now()).valid_until
    given = TemporaryPassword(secret=temporary_password(), until=min(until, end) if end else until)
    with store.transaction() as tx:  # the book first: no password exists that it does not know of
        tx.record(
            "account.password-issued",
            actor=actor,
            subject=f"{system}/{user_id}",
            terminal=terminal,
            person=entry.account.staff_number,
            until=to_text(given.until),
        )
    _connector(connectors, system).set_password(user_id, given)
    return given.secret


def confirm(
    store: Store, connectors: Mapping[str, Connector], system: str, user_id: str, *, actor: str, terminal: str = ""
) -> None:
    """Confirm that the person chose a password; the ID's real end holds then (act ``account.password-confirmed``).

    The target is read again; one that does not show the end refuses.
    """
    entry = _live(store, system, user_id, actor)
    should = entry.desired(store.clock.now())
    person = entry.persons[should.holder]
    wanted = Wanted(
        user_id=user_id,
        staff_number=should.holder,
        display_name=person.name,
        office=person.office,
        entitlements=should.entitlements,
        valid_to=should.valid_until,
    )
    connector = _connector(connectors, system)
    refused = connector.change([wanted])
    seen = connector.look([user_id])
    shown = seen.get(user_id)
    early = shown is None or (
        shown.valid_to is not None and (should.valid_until is None or shown.valid_to < should.valid_until)
    )
    if refused or early:
        raise Refusal(
            N_("{system} does not show the end of {user_id} yet: {reason}."),
            control="AC-USR-03",
            system=system,
            user_id=user_id,
            reason=refused.get(user_id, ""),
        )
    with store.transaction() as tx:
        observations.rewrite(tx, seen, system)
        tx.record(
            "account.password-confirmed",
            actor=actor,
            subject=f"{system}/{user_id}",
            terminal=terminal,
            person=entry.account.staff_number,
        )


def _live(store: Store, system: str, user_id: str, actor: str) -> Entry:
    entry = desired.entry(store, system, user_id)
    if entry.account.staff_number == actor:
        raise Refusal(N_("Nobody does this for an ID of their own. Ask a second person."), control="AC-AUT-03")
    if not entry.in_force(store.clock.now()) or not entry.held:
        raise Refusal(
            N_("{system}/{user_id} is not live at its system, so it gets no password."),
            control="AC-USR-01",
            system=system,
            user_id=user_id,
        )
    return entry


def _connector(connectors: Mapping[str, Connector], system: str) -> Connector:
    if system not in connectors:
        raise Refusal(N_("The settings name no system {system}."), system=system)
    return connectors[system]
