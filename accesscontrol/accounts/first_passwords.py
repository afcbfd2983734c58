"""First passwords at the managed systems: random, for one use, for 24 hours, shown once to the custodian at the desk.

Hardly a target can keep both limits by itself, so the console keeps them: at every tick an ID whose hours are over is
disabled, and lapses like any other, unless its target shows that the person chose an own password, or the custodian
confirmed it. A target that has ends of its own gets the end of those hours as well, and afterwards the ID's real one.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from accesscontrol.accounts import desired, observations, suspending
from accesscontrol.accounts.connectors.protocol import Connector, ObservedAccount, SetThere, TemporaryPassword, Wanted
from accesscontrol.accounts.desired import Entry
from accesscontrol.accounts.model import DisableReason
from accesscontrol.accounts.waiting_passwords import Outcome, Waiting, end, open_ones, open_row
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.operators import SYSTEM
from accesscontrol.people.passwords import temporary_password
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from accesscontrol.rows import DamagedRowError
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
) -> Secret | None:
    """Set a first password for an ID that is live at its target, and return it (act ``account.password-issued``).

    None where only the system's own operator sets passwords: the hours begin all the same. Refused for an ID of one's
    own, for one that isn't live, and where the target does not take it (act ``account.password-refused``).
    """
    entry = _live(store, system, user_id, actor)
    connector = _connector(connectors, system)
    until = store.clock.now() + validity
    last = entry.desired(store.clock.now()).valid_until
    given = TemporaryPassword(secret=temporary_password(), until=min(until, last) if last else until)
    with store.transaction() as tx:  # the book first: no password exists that it does not know of
        end(tx, system, user_id, Outcome.REPLACED)
        open_row(tx, system, user_id, given.until)
        tx.record(
            "account.password-issued",
            actor=actor,
            subject=f"{system}/{user_id}",
            terminal=terminal,
            person=entry.account.staff_number,
            until=to_text(given.until),
        )
    try:
        connector.set_password(user_id, given)
    except SetThere:
        return None
    except Refusal as refusal:  # nobody was shown it, so it opens nothing to anybody
        with store.transaction() as tx:
            end(tx, system, user_id, Outcome.REFUSED)
            tx.record(
                "account.password-refused",
                actor=actor,
                subject=f"{system}/{user_id}",
                outcome="failed",
                terminal=terminal,
                trouble=str(refusal),
            )
        raise
    return given.secret


def confirm(
    store: Store, connectors: Mapping[str, Connector], system: str, user_id: str, *, actor: str, terminal: str = ""
) -> None:
    """Confirm that the person chose a password; the ID's real end holds then (act ``account.password-confirmed``).

    A target that shows the first one still, or that does not show the real end, refuses.
    """
    entry = _live(store, system, user_id, actor)
    connector = _connector(connectors, system)
    shown = connector.look([user_id]).get(user_id)
    if shown is not None and shown.password_waits:
        raise Refusal(
            N_("{system} shows that {user_id} still has its first password. Have the person choose one first."),
            control="AC-PWD-01",
            system=system,
            user_id=user_id,
        )
    _release(store, connector, entry, shown, actor=actor, terminal=terminal)


def settle(store: Store, connectors: Mapping[str, Connector], *, actor: str = SYSTEM) -> list[str]:
    """Confirm what targets show as changed, and disable what was not changed in its hours: returned as ``system/ID``.

    A target that is down tells neither: nobody can be disabled there either, and it is asked again.
    """
    waiting: dict[str, list[Waiting]] = {}
    for each in open_ones(store):
        waiting.setdefault(each.system, []).append(each)
    disabled = []
    for system, batch in waiting.items():
        try:
            connector = _connector(connectors, system)
            shown = connector.look([each.user_id for each in batch])
        except Refusal:
            continue
        for each in batch:
            entry = _entry(store, system, each.user_id)
            account = shown.get(each.user_id)
            if entry is None or not entry.in_force(store.clock.now()):
                continue  # it lapses anyway, and takes its password along
            if account is not None and account.password_waits is False:
                _release_if_it_can(store, connector, entry, account, actor)
            elif each.until <= store.clock.now():
                _disable(store, entry, actor)
                disabled.append(f"{system}/{each.user_id}")
    return disabled


def _entry(store: Store, system: str, user_id: str) -> Entry | None:
    """Return what the ledger says of an ID, None where a row of it is damaged."""
    try:
        return desired.entry(store, system, user_id)
    except DamagedRowError as damage:
        store.note_damage(damage)
        return None


def _disable(store: Store, entry: Entry, actor: str) -> None:
    system, user_id = entry.account.system, entry.account.user_id
    with store.transaction() as tx:
        suspending.suspend(tx, system, user_id, DisableReason.FIRST_PASSWORD, note="", actor=actor)


def _release_if_it_can(store: Store, connector: Connector, entry: Entry, shown: ObservedAccount, actor: str) -> None:
    """Let the real end hold; where the target does not take it now, the next tick tries again."""
    try:
        _release(store, connector, entry, shown, actor=actor)
    except Refusal:
        return


def _release(
    store: Store, connector: Connector, entry: Entry, shown: ObservedAccount | None, *, actor: str, terminal: str = ""
) -> None:
    """Give an ID its real end back where its target shows an earlier one, and close the case of its first password."""
    system, user_id = entry.account.system, entry.account.user_id
    wanted = _wanted(entry, store)
    refused: Mapping[str, str] = {}
    if _is_early(shown, wanted):
        refused = connector.change([wanted])
        shown = connector.look([user_id]).get(user_id)
    if shown is None or refused or _is_early(shown, wanted):
        raise Refusal(
            N_("{system} does not show the end of {user_id} yet: {reason}."),
            control="AC-USR-03",
            system=system,
            user_id=user_id,
            reason=refused.get(user_id, ""),
        )
    with store.transaction() as tx:
        end(tx, system, user_id, Outcome.CHANGED)
        observations.rewrite(tx, {user_id: shown}, system)
        tx.record(
            "account.password-confirmed",
            actor=actor,
            subject=f"{system}/{user_id}",
            terminal=terminal,
            person=entry.account.staff_number,
        )


def _wanted(entry: Entry, store: Store) -> Wanted:
    should = entry.desired(store.clock.now())
    person = entry.persons[should.holder]
    return Wanted(
        user_id=entry.account.user_id,
        staff_number=should.holder,
        display_name=person.name,
        office=person.office,
        entitlements=should.entitlements,
        valid_to=should.valid_until,
    )


def _is_early(shown: ObservedAccount | None, wanted: Wanted) -> bool:
    """Tell whether the target's own limit comes before the ID's end."""
    if shown is None or shown.valid_to is None:
        return False
    return wanted.valid_to is None or shown.valid_to < wanted.valid_to


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
