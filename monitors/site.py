"""What a site tells detection in ``detection.toml``: expected networks, and whose records are whose.

::

    networks = ["10.20.0.0/16"]     # from which the systems are used; none: every address is expected
    ties = "ties.csv"               # staff_number,object,tie; tie is self or household; object as the logs tell it
    colleagues = true               # look-ups of a colleague's own record are findings, too

    [affairs]                       # which affairs an office asks the addressee function for, by their codes
    registration = ["020", "021"]   # of an office that is not named, every affair is expected

``ties.csv`` lies beside it, for the site's eyes only; nothing of it is copied anywhere.
"""

import csv
import ipaddress
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from monitors.facts import Facts, Tie, TieKind
from monitors.linkage import declared

FILE: Final = "detection.toml"


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The settings of the file."""

    networks: tuple[str, ...] = ()
    ties: str = ""
    colleagues: bool = False
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
    """Return ``facts`` with what the site's files tell: networks, ties and declared links. Raises ``Refusal``."""
    site = read(home)
    return replace(
        facts,
        networks=site.networks,
        ties=tuple(_ties(home / site.ties)) if site.ties else (),
        colleagues=site.colleagues,
        affairs=site.affairs,
        links=declared.read(home),
    )


def _ties(path: Path) -> Iterable[Tie]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        return [Tie(staff_number=row["staff_number"], object=row["object"], kind=TieKind(row["tie"])) for row in rows]
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise _unusable(path, error) from None


def _unusable(path: Path, error: Exception) -> Refusal:
    return Refusal(
        N_("The file {file} can't be used: {reason}. Mend the file, then try again."), file=str(path), reason=str(error)
    )
