"""What a site tells detection in ``detection.toml``: expected networks, and whose records are whose.

::

    networks = ["10.20.0.0/16"]     # from which the systems are used; none: every address is expected
    ties = "ties.csv"               # staff_number,object,tie; tie is self or household; object as the logs tell it
    colleagues = true               # look-ups of a colleague's own record are findings, too
    terminals = "terminals.csv"     # terminal,office,users; users are the IDs it is meant for: none, for all
    terminal_systems = ["register"] # which systems may be used at these terminals only

    [affairs]                       # which affairs an office asks the addressee function for, by their codes
    registration = ["020", "021"]   # of an office that is not named, every affair is expected

The CSV files lie beside it, for the site's eyes only; nothing of them is copied anywhere.
"""

import csv
import ipaddress
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.facts import Facts, Terminal, Tie, TieKind
from monitors.linkage import declared

FILE: Final = "detection.toml"

Fact = TypeVar("Fact")


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The settings of the file."""

    networks: tuple[str, ...] = ()
    ties: str = ""
    colleagues: bool = False
    terminals: str = ""
    terminal_systems: tuple[str, ...] = ()
    affairs: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


def read(home: Path) -> Site:
    """Return the settings of the site in ``home``; raises ``Refusal`` that names what is wrong in its file."""
    path = home / FILE
    if not path.exists():
        return Site()
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Site)
        for network in found.networks:
            ipaddress.ip_network(network)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise _unusable(path, error) from None
    return found


def known(home: Path, facts: Facts) -> Facts:
    """Return ``facts`` with what the site's files tell besides. Raises ``Refusal`` that names what is wrong in one."""
    site = read(home)
    return replace(
        facts,
        networks=site.networks,
        ties=tuple(_rows(home / site.ties, _tie)) if site.ties else (),
        colleagues=site.colleagues,
        terminals=(*facts.terminals, *(_rows(home / site.terminals, _terminal) if site.terminals else ())),
        terminal_systems=facts.terminal_systems | frozenset(site.terminal_systems),
        affairs=site.affairs,
        links=declared.read(home),
    )


def _rows(path: Path, read_row: Callable[[Mapping[str, str]], Fact]) -> list[Fact]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [read_row(row) for row in csv.DictReader(file)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise _unusable(path, error) from None


def _tie(row: Mapping[str, str]) -> Tie:
    return Tie(staff_number=row["staff_number"], object=row["object"], kind=TieKind(row["tie"]))


def _terminal(row: Mapping[str, str]) -> Terminal:
    return Terminal(terminal=row["terminal"], office=row["office"], users=frozenset(row["users"].split()))


def _unusable(path: Path, error: Exception) -> Refusal:
    return Refusal(
        N_("The file {file} can't be used: {reason}. Mend the file, then try again."), file=str(path), reason=str(error)
    )
