"""A console that dies in the middle of an act, so that the demo city has an interrupted request that is real.

Run as a process of its own by the building of the demo: ``python -m console.demo.dying HOME INSTANT REQUEST LOGIN``.
"""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from accesscontrol.clock import FixedClock, from_text
from accesscontrol.requests import gate, reading
from accesscontrol.requests.kinds import Execution
from console.demo.requests import Cast
from console.wiring import open_site


def _die(execution: Execution) -> dict[str, str]:
    del execution
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def main() -> None:
    """Execute the request as the person, and be killed in the middle."""
    home, instant, request_id, login = sys.argv[1:5]
    clock = FixedClock(from_text(instant))
    site = open_site(Path(home), clock)
    cast = Cast(site, clock)
    kind = site.desk.kind(reading.get(site.store, request_id).kind)
    desk = replace(site.desk, kinds={**site.kinds, kind.name: replace(kind, execute=_die)})
    gate.execute(desk, request_id, cast.acting(login))


if __name__ == "__main__":
    main()
