"""The console's own sign-ins brought into its archive, so that the rules see this door like every other."""

import json
import re
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from accesscontrol.people import sign_in_events
from accesscontrol.people.operators import SYSTEM
from accesscontrol.people.sign_in_events import Act, SignInEvent
from console.facts import CONSOLE
from console.wiring import Installation
from monitors.events import ledger
from monitors.events.plans import Wish

_MOST: Final = 100_000
_AGAIN: Final = frozenset({Act.STEP_UP, Act.RESUME, Act.IN_PLACE})  # who proves again does not sign in again
_PROVEN: Final = _AGAIN | {Act.SIGN_IN}
_FILE: Final = re.compile(r"sign-ins-(\d+)-(\d+)\.jsonl")


def bring_in(site: Installation) -> int:
    """Import the sign-ins since the last time, and return how many; running it again adds nothing (MO-LOG-01)."""
    found = sign_in_events.read(site.store, after=_last(site), limit=_MOST)
    if not found:
        return 0
    with TemporaryDirectory(dir=site.home.path) as folder:
        file = Path(folder) / f"sign-ins-{found[0][0]}-{found[-1][0]}.jsonl"
        file.write_text("".join(f"{_line(event)}\n" for _, event in found), "utf-8")
        report = site.archive.import_file(file, Wish(system=CONSOLE, mapping=CONSOLE), actor=SYSTEM)
    return report.imported


def _last(site: Installation) -> int:
    """Return the number of the last sign-in that the import ledger knows; the files are named by their numbers."""
    names = (_FILE.fullmatch(str(each["name"])) for each in ledger.sources(site.store) if each["system"] == CONSOLE)
    return max((int(name[2]) for name in names if name), default=0)


def _line(event: SignInEvent) -> str:
    return json.dumps(
        {
            "at": f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}",
            "login": event.login,
            "terminal": event.terminal,
            "act": f"{event.act}-passed" if event.passed and event.act in _AGAIN else event.act,
            "outcome": "passed" if event.passed else "refused",
            "reason": event.reason,
            "session": event.session,
            "factors": _factors(event),
        }
    )


def _factors(event: SignInEvent) -> str:
    """Return how many factors the event was proven with: password and what came with it; nothing if none was asked."""
    return str(1 + bool(event.factor_method)) if event.passed and event.act in _PROVEN else ""
