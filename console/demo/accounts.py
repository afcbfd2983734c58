"""The demo city's user IDs: the register's own table and seven systems whose operators hand in account lists.

Everybody's IDs are taken over from what the systems show. Left for the reader to find: an ID without a person, one of
somebody who left and whose operator has not acted on the work order yet, and a system that was never read.
"""

import csv
import io
import tomllib
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from accesscontrol.accounts import adopting, ledger, listing, persons
from accesscontrol.accounts import reading as accounts_reading
from accesscontrol.accounts.listing import AccountLine
from accesscontrol.accounts.model import Cause, DisableReason, PersonKind, Situation, Terms
from accesscontrol.clock import local_day, start_of_day, to_text
from accesscontrol.store import Transaction
from console import accounts
from console.demo.texts import texts
from console.demo.user_ids import LOOSE_END, NEVER_USED, SYSTEM
from console.evidence import register_accounts
from console.system_settings import CsvSystem, RegisterSystem, System
from console.wiring import Installation
from registry.accounts import RegistryAccount
from registry.databases import open_registry

_OFFICER: Final = "S1001"
_CUSTODIAN: Final = "S1002"
_RETIRED: Final = DisableReason.RETIREMENT
_LIST_AGE: Final = timedelta(hours=3)
_LIST_HOURS: Final = 24 * 31


@cache
def facts() -> dict[str, Any]:
    """Return the systems beside the register, and the words of their lists."""
    return tomllib.loads((Path(__file__).parent / "accounts.toml").read_text("utf-8"))


def systems() -> tuple[System, ...]:
    """Return the settings of the managed systems: the register, and those that are known by account lists."""
    known = facts()
    lists = (
        CsvSystem(
            name=each["name"],
            title=each["title"],
            columns=known["columns"],
            encoding=known["encoding"],
            enabled=(known["enabled"],),
            stale_hours=_LIST_HOURS,
        )
        for each in known["system"]
    )
    return (RegisterSystem(name=SYSTEM, title=known["register"]), *lists)


def settle(site: Installation, now: datetime) -> None:
    """Read every system as it stands, give each ID its owner, let somebody leave, and do what is due."""
    staff = register_accounts.read(site)
    _plant(site, staff)
    _hand_in_lists(site, staff)
    accounts.sync(site)
    leaving = staff[facts()["retired"] - 1]
    with site.store.transaction() as tx:
        for line in listing.listed(tx, accounts.sources(site), tx.at):
            if line.situation is Situation.UNLINKED:
                _take_over(tx, line)
        _plan_silent(tx, staff)
        left = start_of_day(local_day(now, site.zone), site.zone)  # the logs end with the last day of work
        gone = replace(accounts_reading.get_person(tx, leaving.staff_number), valid_until=left, end_reason=_RETIRED)
        persons.enter_person(tx, gone, actor=_CUSTODIAN)
    accounts.carry_out(site)
    accounts.sync(site)


def _plant(site: Installation, staff: list[RegistryAccount]) -> None:
    """Let the register have an ID without a person, and some that were never used."""
    with open_registry(site.home.registry) as registry, registry.writing():
        registry.execute(
            "INSERT INTO registry_account (login, display_name, staff_number, office, profile, enabled, valid_until,"
            " created_at, last_sign_in_at) VALUES (?, ?, NULL, ?, 'update', 1, NULL, ?, NULL)",
            (LOOSE_END, facts()["maintenance"], staff[0].office, to_text(site.clock.now() - timedelta(days=900))),
        )
        for login in sorted(NEVER_USED):
            registry.execute("UPDATE registry_account SET last_sign_in_at = NULL WHERE login = ?", (login,))


def _take_over(tx: Transaction, line: AccountLine) -> None:
    [owner] = line.candidates
    person = accounts_reading.get_person(tx, owner)
    terms = Terms(
        cause=Cause.CONTRACT_START if person.kind is PersonKind.CONTRACTOR else Cause.APPOINTMENT,
        granted_by=_OFFICER,
        valid_from=person.valid_from,
        valid_until=person.valid_until,
        rule=texts()["takeover"],
    )
    adopting.link(tx, line.system, line.user_id, owner, terms, actor=_CUSTODIAN)


def _chosen(system: dict[str, Any], staff: list[RegistryAccount]) -> list[RegistryAccount]:
    first = system["first"] - 1
    return staff[first : first + system["count"]]


def _plan_silent(tx: Transaction, staff: list[RegistryAccount]) -> None:
    """Issue the IDs of the system that nobody could read: they stay planned until it can be."""
    for system in facts()["system"]:
        if not system.get("silent"):
            continue
        for each in _chosen(system, staff):
            terms = Terms(cause=Cause.APPOINTMENT, granted_by=_OFFICER, valid_from=tx.at, rule=texts()["takeover"])
            user_id = f"{system['prefix']}{each.staff_number[1:]}"
            ledger.issue(tx, system["name"], user_id, each.staff_number, system["rights"], terms, actor=_CUSTODIAN)


def _hand_in_lists(site: Installation, staff: list[RegistryAccount]) -> None:
    """Let each operator hand in an account list of some hours ago."""
    as_of = site.clock.now() - _LIST_AGE
    sections = {each.name: each for each in site.settings.systems}
    for system in facts()["system"]:
        section = sections.get(system["name"])
        if isinstance(section, CsvSystem) and not system.get("silent"):
            file = site.home.path / f"{section.name}.csv"
            file.write_bytes(_account_list(site, system, staff, as_of))
            accounts.csv_connector(site, section).take_list(file, as_of=as_of)
            file.unlink()


def _account_list(site: Installation, system: dict[str, Any], staff: list[RegistryAccount], as_of: datetime) -> bytes:
    known = facts()
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(known["columns"].values())
    for each in _chosen(system, staff):
        used = (as_of - timedelta(days=int(each.staff_number[1:]) % 12)).astimezone(site.zone)
        writer.writerow(
            [
                f"{system['prefix']}{each.staff_number[1:]}",
                each.display_name,
                each.staff_number,
                known["enabled"],
                each.valid_until.isoformat() if each.valid_until else "",
                " ".join(system["rights"]),
                f"{used:%Y/%m/%d %H:%M}",
            ]
        )
    return out.getvalue().encode(known["encoding"], "replace")
