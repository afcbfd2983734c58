"""The declared connections between systems: those of the assessment, and a site's own in ``linkage.toml``.

A pair goes both ways. What is forbidden stays forbidden whatever a site declares (RG-LNK-02, RG-LNK-03, RG-LNK-08).
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal

FILE: Final = "linkage.toml"
ANY: Final = "*"
SERVER_ROOM: Final = "data-centre"
_UNITS: Final = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}
_SPAN: Final = re.compile(r"[1-9][0-9]{0,3}[mhd]")
_Two = Annotated[tuple[str, ...], Meta(min_length=2, max_length=2)]


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Two systems that may exchange data; ``acknowledged_within`` (30m, 1h, 1d) if each transfer is acknowledged.

    ``exception`` is the approval of a pair that the assessment does not declare (CHK-LNK-05).
    """

    between: _Two
    controls: tuple[str, ...] = ()
    acknowledged_within: str = ""
    exception: str = ""

    @property
    def wait(self) -> int:
        """Within how many milliseconds a transfer is acknowledged; 0: it need not be."""
        told = self.acknowledged_within
        return int(told[:-1]) * _UNITS[told[-1]] if told else 0


class Forbidden(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"but": "except"}):
    """Two systems that must not; ``*`` stands for every other one, except those named."""

    between: _Two
    but: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()

    def covers(self, one: str, other: str) -> bool:
        """Tell whether a link between these two is forbidden by this line."""
        here, there = self.between
        if there == ANY:
            return here in {one, other} and not {one, other} - {here} <= {*self.but}
        return {one, other} == {here, there}


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A registered server of a system: the name or address that logs tell, and where it stands (CHK-LNK-04)."""

    name: str
    system: str
    place: str = SERVER_ROOM


class Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that is declared about links.

    ``logs`` names the column that tells the sending system in logs that tell of other systems; ``outside`` are the
    systems that also give data to bodies outside the city, which is no link between systems.
    """

    version: Literal[1] = 1
    pair: tuple[Pair, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    server: tuple[Server, ...] = ()
    logs: Mapping[str, Literal["user_id", "office", "system"]] = {}
    outside: frozenset[str] = frozenset()

    @property
    def systems(self) -> frozenset[str]:
        """Return every system that is named."""
        named = [each.between for each in self.pair] + [each.between for each in self.forbidden]
        return frozenset(name for both in named for name in both) - {ANY}

    def pairs(self) -> Iterator[tuple[str, str, Pair]]:
        """Yield each permitted way with its pair: both directions; what is forbidden is not among them."""
        seen: set[tuple[str, str]] = set()
        for pair in reversed(self.pair):  # the site's own come last, and count
            one, other = pair.between
            for way in ((one, other), (other, one)):
                if way not in seen and not self.forbids(*way):
                    seen.add(way)
                    yield (*way, pair)

    def forbids(self, one: str, other: str) -> Forbidden | None:
        """Return the line that forbids a link between two systems, if one does."""
        return next((each for each in self.forbidden if each.covers(one, other)), None)

    def permits(self, one: str, other: str) -> Pair | None:
        """Return the pair that permits data to go from one system to the other, if one does."""
        return next((pair for here, there, pair in self.pairs() if (here, there) == (one, other)), None)


@cache
def shipped() -> Declaration:
    """Return what the assessment declares."""
    data = files("monitors.linkage").joinpath("declared.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(data), Declaration)


def read(home: Path) -> Declaration:
    """Return what holds at the site in ``home``: the assessment's table and the site's own. Raises ``Refusal``."""
    path = home / FILE
    if not path.exists():
        return shipped()
    try:
        own = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Declaration)
        _check(own)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise Refusal(
            N_("The links in {file} can't be used: {reason}. Mend the file, then try again."),
            file=str(path),
            reason=str(error),
        ) from None
    base = shipped()
    return Declaration(
        pair=(*base.pair, *own.pair),
        forbidden=(*base.forbidden, *own.forbidden),
        server=own.server,
        logs={**base.logs, **own.logs},
        outside=base.outside | own.outside,
    )


def _check(own: Declaration) -> None:
    base = shipped()
    for pair in own.pair:
        if pair.acknowledged_within and not _SPAN.fullmatch(pair.acknowledged_within):
            raise ValueError(f"acknowledged_within = {pair.acknowledged_within!r}: 30m, 1h, 1d")
        line = base.forbids(*pair.between)
        if line is not None:
            raise ValueError(f"{' - '.join(pair.between)}: {', '.join(line.controls)}")
        if base.permits(*pair.between) is None and not pair.exception:
            raise ValueError(f"{' - '.join(pair.between)}: exception (CHK-LNK-05)")
