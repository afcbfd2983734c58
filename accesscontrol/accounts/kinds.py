"""The kinds of request about user IDs on managed systems: nobody issues, changes, extends or ends one alone.

What a request would do is rehearsed in the ledger and undone, and that effect is bound into the digest; many IDs are
one request with all of them listed. When it runs, the ledger changes as a whole, the targets are brought there by
their connectors, and only a fresh reading of a target counts. A first password is handed over afterwards, at the desk.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol.accounts import acts, lapsing, planning, provisioning
from accesscontrol.accounts.acts import Act, ChangeAccount, ExtendAccount, Ground, IssueAccount, RevokeAccount
from accesscontrol.accounts.connectors.protocol import Connector
from accesscontrol.accounts.model import ACCESS, CAUSE_TITLES, DISABLE_REASON_TITLES
from accesscontrol.canonical import JSON
from accesscontrol.clock import from_text, local_day
from accesscontrol.messages import N_, Phrase
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import reading, slots
from accesscontrol.requests.kinds import Execution, Kind
from accesscontrol.store import Store, Transaction

Connectors = Callable[[], Mapping[str, Connector]]
Offices = Callable[[], Mapping[str, Collection[str]]]

_CUSTODIANS: Final = frozenset({Role.SYSTEM_ADMIN, Role.IDPW_CUSTODIAN})
_ASKING: Final = _CUSTODIANS | {Role.DEPT_HEAD, Role.WORK_LEAD}
_LABELS: Final = {
    "system": N_("System"),
    "user_id": N_("User ID"),
    "staff_number": N_("Staff number"),
    "cause": N_("Trigger"),
    "ground": N_("Why it ends"),
    "rights": N_("Rights"),
    "add": N_("Rights to add"),
    "remove": N_("Rights to remove"),
    "first_day": N_("First day"),
    "last_day": N_("Last day"),
    "acts": N_("Acts"),
}
_SEVERAL: Final = N_("Separated by commas.")
_HINTS: Final = {
    "rights": _SEVERAL,
    "add": _SEVERAL,
    "remove": _SEVERAL,
    "last_day": N_("Roster or contract may end it earlier."),
}
_MOST: Final = 2000


class ManyAccounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Many acts as one request: all of them are carried out, or none."""

    acts: tuple[Act, ...]


def account_kinds(store: Store, zone: ZoneInfo, connectors: Connectors, offices: Offices = dict) -> tuple[Kind, ...]:
    """Return the kinds that govern user IDs on the managed systems, which ``connectors`` reach.

    ``offices`` gives for a system the offices whose members may have IDs there; one that it doesn't name is for all.
    """
    make = _Maker(store, zone, connectors, offices)
    return (
        make.kind("account-issue", N_("New user ID"), IssueAccount),
        make.kind("account-change", N_("Change of a user ID's rights"), ChangeAccount),
        make.kind("account-extend", N_("Extension of a user ID"), ExtendAccount),
        make.kind("account-revoke", N_("Revocation of a user ID"), RevokeAccount),
        make.kind("accounts-bulk", N_("Many user IDs at once"), ManyAccounts),
    )


class _RehearsedError(Exception):
    """Ends a rehearsal, so that nothing of it stays."""


class _Maker:
    """What all kinds share."""

    def __init__(self, store: Store, zone: ZoneInfo, connectors: Connectors, offices: Offices) -> None:
        self._store, self._zone, self._connectors, self._offices = store, zone, connectors, offices

    def kind(self, name: str, title: str, parameters: type[msgspec.Struct]) -> Kind:
        """Return one kind."""
        return Kind(
            name=name,
            title=title,
            controls=("AC-USR-01", "AC-USR-03", "AC-USR-08", "AC-CTR-01"),
            parameters=parameters,
            requesters=_ASKING,
            executors=_CUSTODIANS,
            slots=(slots.SECURITY_OFFICER,),
            execute=self._execute,
            describe=_describe,
            labels=_LABELS,
            hints=_HINTS,
            touches=self._touches,
            concerns=self._concerns,
            dry_run=self._effect,
            shows=self._shows,
        )

    def _effect(self, parameters: Any) -> JSON:
        """Rehearse the acts in the ledger; what they would refuse is refused now, and nothing of it stays."""
        wanted = _acts(parameters)
        self._check_systems(wanted)
        ground = Ground(zone=self._zone, decided_by="", request="", actor="system", terminal="")
        effect: list[JSON] = []
        try:
            with self._store.transaction() as tx:
                before = [acts.standing(tx, act) for act in wanted]
                self._carry_out(tx, wanted, ground)
                for act, was in zip(wanted, before, strict=True):
                    account = f"{act.system}/{act.user_id}"
                    effect.append({"account": account, "before": was, "after": acts.standing(tx, act)})
                raise _RehearsedError
        except _RehearsedError:
            return effect

    def _shows(self, effect: Any) -> Mapping[str, object]:
        """Return each ID with its owner and the rights before and after, each with its last day in the site's zone.

        Signing in itself is a dot, and is left out beside a right that ends with it.
        """
        return {
            each["account"]: f"{each['after'].get('owner') or each['before'].get('owner', '')}:"
            f" {self._rights(each['before'])} → {self._rights(each['after'])}"
            for each in effect
        }

    def _rights(self, standing: Mapping[str, Any]) -> str:
        lines = standing.get("rights", ())
        ends = {line["until"] for line in lines if line["right"] != ACCESS}
        shown = [line for line in lines if line["right"] != ACCESS or line["until"] not in ends]
        return ", ".join(f"{line['right'] or '·'} ({self._last_day(line['until'])})" for line in shown) or "-"

    def _last_day(self, until: str | None) -> str:
        return f"{local_day(from_text(until) - datetime.resolution, self._zone)}" if until else "∞"

    def _carry_out(self, tx: Transaction, wanted: Sequence[Act], ground: Ground) -> None:
        """Carry the acts out in the ledger; whoever is of another office than the declared ones gets nothing."""
        offices = self._offices()
        for act in wanted:
            acts.require_office(tx, act, offices.get(act.system, ()))
            act.carry_out(tx, ground)

    def _check_systems(self, wanted: Sequence[Act]) -> None:
        known = self._connectors()
        unknown = sorted({act.system for act in wanted} - set(known))
        if unknown or not wanted or len(wanted) > _MOST:
            raise Refusal(
                N_("A request names 1 to {most} IDs on systems of the settings: {systems}."),
                control="AC-USR-01",
                most=_MOST,
                systems=sorted(known),
            )

    def _touches(self, parameters: Any) -> tuple[tuple[str, str], ...]:
        found = [("account", f"{act.system}/{act.user_id}") for act in _acts(parameters)]
        return (*found, *(("person", staff_number) for staff_number in sorted(self._concerns(parameters))))

    def _concerns(self, parameters: Any) -> frozenset[str]:
        return frozenset(acts.owner_of(self._store, act) for act in _acts(parameters)) - {""}

    def _execute(self, execution: Execution) -> Mapping[str, JSON]:
        wanted = _acts(execution.parameters)
        request = reading.get(execution.store, execution.request_id)
        ground = Ground(
            zone=self._zone,
            decided_by=request.in_force()[0].approver,
            request=execution.request_id,
            actor=execution.staff_number,
            terminal=execution.terminal,
        )
        with execution.store.transaction() as tx:
            for done, act in enumerate(wanted):
                execution.progress(done, len(wanted))
                self._carry_out(tx, [act], ground)
        return self._at_targets({act.system for act in wanted}, execution)

    def _at_targets(self, systems: set[str], execution: Execution) -> Mapping[str, JSON]:
        """Bring the targets to what the ledger says now; what could not be verified stays open and is tried again."""
        reached = {name: connector for name, connector in self._connectors().items() if name in systems}
        for system in systems:
            planning.plan_due(execution.store, actor=execution.staff_number, system=system)
        given = provisioning.provision_open(execution.store, reached, actor=execution.staff_number)
        taken = lapsing.lapse_open(execution.store, reached, actor=execution.staff_number)
        concerned = {f"{act.system}/{act.user_id}" for act in _acts(execution.parameters)}
        troubles = {name: str(trouble) for name, trouble in {**given.open, **taken.open}.items() if name in concerned}
        return {
            "verified": sorted(concerned.intersection((*given.verified, *taken.verified))),
            "unverified": dict(sorted(troubles.items())),
        }


def _acts(parameters: Any) -> tuple[Act, ...]:
    return parameters.acts if isinstance(parameters, ManyAccounts) else (parameters,)


def _describe(parameters: Any) -> Mapping[str, object]:
    if isinstance(parameters, ManyAccounts):
        counts = {act.title: 0 for act in parameters.acts}
        for act in parameters.acts:
            counts[act.title] += 1
        return dict(counts)
    lines: dict[str, object] = {}
    for name in parameters.__struct_fields__:
        value = getattr(parameters, name)
        if name == "cause":
            value = Phrase(CAUSE_TITLES[value])
        elif name == "ground":
            value = Phrase(DISABLE_REASON_TITLES[value])
        if value not in ("", None):
            lines[_LABELS[name]] = value if isinstance(value, Phrase) else str(value)
    return lines
