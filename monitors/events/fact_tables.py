"""The small tables of facts that the view joins: accounts, terminals, open spans, requests, ties, links, addresses."""

import ipaddress
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from monitors.events.normalise import fold
from monitors.events.times import milliseconds
from monitors.facts import AccountState, ApprovedRequest, Facts, TieKind
from monitors.linkage.declared import SERVER_ROOM

OUT_OF_HOURS: Final = "out-of-hours"
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_FOREVER: Final = 1 << 62

TABLES: Final = {
    "fact_account": "system VARCHAR, user_id VARCHAR, since BIGINT, until BIGINT, state VARCHAR, kind VARCHAR, "
    "staff VARCHAR, office VARCHAR",
    "fact_ledger": "system VARCHAR",
    "fact_terminal": "terminal VARCHAR, office VARCHAR, reserved TINYINT",
    "fact_pair": "terminal VARCHAR, user_id VARCHAR",
    "fact_span": "office VARCHAR, day INTEGER, since SMALLINT, until SMALLINT",
    "fact_office": "office VARCHAR",
    "fact_request": "system VARCHAR, user_id VARCHAR, act VARCHAR, since BIGINT, until BIGINT, reference VARCHAR",
    "fact_tie": "staff VARCHAR, object VARCHAR, tie VARCHAR",
    "fact_link": "source VARCHAR, target VARCHAR, link VARCHAR, wait BIGINT",
    "fact_server": "name VARCHAR, system VARCHAR",
    "fact_affair": "office VARCHAR, affair VARCHAR",
    "fact_address": "address VARCHAR, known TINYINT",
}


def rows(
    facts: Facts, days: Sequence[int], addresses: Sequence[str], ways: Sequence[tuple[str, str]]
) -> dict[str, Sequence[tuple[Any, ...]]]:
    """Return the rows of each table; ``days``, ``addresses`` and ``ways`` (between systems) are those of the events."""
    terminals = {fold(each.terminal): each for each in facts.terminals}
    return {
        "fact_account": _accounts(facts),
        "fact_ledger": [(system,) for system in sorted(facts.ledgers)],
        "fact_terminal": [(name, each.office, int(bool(each.users))) for name, each in terminals.items()],
        "fact_pair": [(name, user) for name, each in terminals.items() for user in {fold(user) for user in each.users}],
        "fact_span": _spans(facts, [date.fromordinal(day + _EPOCH_DAY) for day in days]),
        "fact_office": [(office,) for office in sorted(_offices(facts))],
        "fact_request": _requests(facts),
        "fact_tie": _ties(facts),
        "fact_link": _links(facts, ways),
        "fact_server": sorted(
            {(fold(each.name), each.system) for each in facts.links.server if each.place == SERVER_ROOM}
        ),
        "fact_affair": sorted({(office, affair) for office, told in facts.affairs.items() for affair in told}),
        "fact_address": _addresses(facts, addresses),
    }


def _ties(facts: Facts) -> list[tuple[str, str, str]]:
    """Return whose records are whose; of several ties to one record the closest counts."""
    offices = {each.staff_number: each.office for each in facts.accounts if each.staff_number}
    found: dict[tuple[str, str], str] = {}
    own = [tie for tie in facts.ties if tie.kind is TieKind.SELF]
    if facts.colleagues:
        by_office: dict[str, list[str]] = {}
        for staff, office in offices.items():
            by_office.setdefault(office, []).append(staff)
        for tie in own:
            for staff in by_office.get(offices.get(tie.staff_number, ""), ()):
                found[staff, tie.object] = TieKind.COLLEAGUE
    for kind in (TieKind.HOUSEHOLD, TieKind.SELF):
        found |= {(tie.staff_number, tie.object): kind for tie in facts.ties if tie.kind is kind}
    return [(staff, record, str(kind)) for (staff, record), kind in found.items()]


def _links(facts: Facts, ways: Sequence[tuple[str, str]]) -> list[tuple[str, str, str, int]]:
    """Return what each way between two systems is: permitted, forbidden or undeclared."""
    permitted = {(source, target): pair.wait for source, target, pair in facts.links.pairs()}
    found = []
    for source, target in ways:
        if facts.links.forbids(source, target):
            found.append((source, target, "forbidden", 0))
        elif source in facts.links.outside and target not in facts.links.systems:
            continue  # a provision to a body outside, which has rules of its own
        else:
            wait = permitted.get((source, target))
            found.append((source, target, "undeclared" if wait is None else "permitted", wait or 0))
    return found


def _addresses(facts: Facts, addresses: Sequence[str]) -> list[tuple[str, int]]:
    if not facts.networks:
        return []
    networks = [ipaddress.ip_network(network) for network in facts.networks]
    found = []
    for text in addresses:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue  # a name; whose it is can't be told
        found.append((text, int(any(address in network for network in networks))))
    return found


def _accounts(facts: Facts) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    seen: set[tuple[str, str]] = set()
    for account in facts.accounts:
        key = account.system, fold(account.user_id)
        if key in seen:
            continue  # two IDs that differ in case or width only: the first one counts
        seen.add(key)
        rest = (account.kind.value, account.staff_number, account.office)
        changes = sorted((milliseconds(instant), state.value) for instant, state in account.changes)
        begins = [(-_FOREVER, AccountState.EARLY.value if changes else AccountState.ACTIVE.value), *changes]
        ends = [*(since for since, _ in changes), _FOREVER]
        rows += [
            (*key, since, until, state, *rest)
            for (since, state), until in zip(begins, ends, strict=True)
            if since < until
        ]
    return rows


def _offices(facts: Facts) -> set[str]:
    told = {account.office for account in facts.accounts} | {terminal.office for terminal in facts.terminals}
    special = {special.office for special in facts.calendar.special_days}
    return told | special | set(facts.calendar.offices) | {""}


def _spans(facts: Facts, days: Sequence[date]) -> list[tuple[Any, ...]]:
    """Return the open spans of all offices on ``days``: those on which there are events, however far apart."""
    return [
        (office, day.toordinal() - _EPOCH_DAY, since, until)
        for office in sorted(_offices(facts))
        for each in days
        for day, since, until in _merged(facts.calendar.open_spans(office, each, each))
    ]


def _merged(spans: Iterable[tuple[date, int, int]]) -> list[tuple[date, int, int]]:
    """Join spans that touch, so that an event lies in at most one of them."""
    merged: list[tuple[date, int, int]] = []
    for day, since, until in sorted(spans):
        if merged and merged[-1][0] == day and since <= merged[-1][2]:
            merged[-1] = (day, merged[-1][1], max(until, merged[-1][2]))
        else:
            merged.append((day, since, until))
    return merged


def _requests(facts: Facts) -> list[tuple[Any, ...]]:
    told: dict[tuple[str, str, str], list[tuple[int, int, str]]] = {}
    for request in facts.requests:
        span = milliseconds(request.start), milliseconds(request.end), request.reference
        acts = [action.value for action in request.actions] + ([OUT_OF_HOURS] if request.out_of_hours else [])
        for system, user in covered(request, facts):
            for act in acts:
                told.setdefault((system, user, act), []).append(span)
    return [(*key, *span) for key, spans in told.items() for span in _disjoint(spans)]


def covered(request: ApprovedRequest, facts: Facts) -> set[tuple[str, str]]:
    """Return the accounts that ``request`` covers, as system and folded ID."""
    found = {
        (account.system, fold(account.user_id))
        for account in facts.accounts
        if request.system in {"", account.system}
        and (
            (request.staff_number and account.staff_number == request.staff_number)
            or (request.user_id and fold(account.user_id) == fold(request.user_id))
        )
    }
    if request.user_id and request.system:
        found.add((request.system, fold(request.user_id)))
    return found


def _disjoint(spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Cut overlapping approvals so that an event matches at most one: the earlier one stays whole."""
    cut: list[tuple[int, int, str]] = []
    for since, until, reference in sorted(spans):
        begin = max(since, cut[-1][1] + 1) if cut else since
        if begin <= until:
            cut.append((begin, until, reference))
    return cut
