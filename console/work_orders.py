"""Systems without an interface: the work order that goes to their operator, and the account list that comes back."""

import csv
import io
from datetime import datetime
from pathlib import Path

from accesscontrol.accounts.connectors.csv_ledger import CsvLedgerConnector
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from console import accounts
from console.custody import require_custodian
from console.evidence import tables
from console.system_settings import CsvSystem
from console.wiring import Installation


def has_lists(site: Installation, name: str) -> bool:
    """Tell whether a system is known by its account lists."""
    return isinstance(accounts.systems(site).get(name), CsvSystem)


def connector(site: Installation, name: str) -> CsvLedgerConnector:
    """Return what keeps the lists and orders of a system; any other system is refused."""
    system = accounts.systems(site).get(name)
    if not isinstance(system, CsvSystem):
        raise Refusal(N_("{system} is no system with account lists."), system=name)
    return accounts.csv_connector(site, system)


def write_order(site: Installation, name: str, file: Path, acting: Acting) -> tuple[int, str]:
    """Write the open orders for the operator of a system into the new ``file`` (CSV that no spreadsheet calculates).

    Return the number of orders and the file's SHA-256, which the trail keeps (act ``evidence.written``).
    """
    require_custodian(site, acting)
    headings, *orders = csv.reader(io.StringIO(connector(site, name).work_order(), newline=""))
    data = tables.as_csv(headings, orders)
    return len(orders), tables.write(site, file, data, about=f"work order {name}", rows=len(orders), actor=acting)


def take_list(site: Installation, name: str, file: Path, as_of: str, acting: Acting) -> int:
    """Take in the account list that the operator made at ``as_of`` (ISO 8601), read it, and return how many IDs it has.

    A time without an offset is one of the site's zone.
    """
    require_custodian(site, acting)
    try:
        made = datetime.fromisoformat(as_of)
    except ValueError:
        raise Refusal(N_("{text} is no time. Write it as 2026-11-24T09:30."), text=as_of) from None
    count = connector(site, name).take_list(file, as_of=made if made.tzinfo else made.replace(tzinfo=site.zone))
    accounts.sync(site, [name], actor=acting.staff_number)
    return count
