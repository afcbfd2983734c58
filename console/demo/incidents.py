"""What goes wrong in the demo city: an act that failed, one that was interrupted, an emergency that is closed."""

import subprocess
import sys
from datetime import datetime, timedelta

from accesscontrol.clock import local_day, to_text
from accesscontrol.people import operators
from accesscontrol.requests import gate, reports
from console.demo.requests import Cast
from console.demo.texts import texts


def play(cast: Cast, now: datetime) -> None:
    """Play the three, this morning before work."""
    cast.clock.set(max(cast.clock.now(), now - timedelta(hours=3)))
    _failure(cast, now)
    _interruption(cast)
    _closed_emergency(cast)


def _failure(cast: Cast, now: datetime) -> None:
    """Ask for a login that exists: approved in good faith, it fails when it runs."""
    words = texts()
    again = {
        "staff_number": "S1009",
        "login": "ito",
        "name": words["namesake"],
        "name_kana": words["namesake-kana"],
        "office": words["newcomer-office"],
        "roles": ["operator"],
        "last_day": local_day(now, cast.site.zone) + timedelta(days=126),
    }
    request = cast.submit("yamada", "operator-add", again, words["joins"])
    cast.approve("sato", request)
    cast.execute("takahashi", request)


def _interruption(cast: Cast) -> None:
    """Let a console of its own be killed in the middle, and find it."""
    change = {"section": "sign_in", "name": "password_days", "value": "60"}
    request = cast.submit("yamada", "settings-change", change, texts()["shorter-period"])
    cast.approve("sato", request)
    home, instant = str(cast.site.home.path), to_text(cast.clock.now())
    command = [sys.executable, "-m", "console.demo.dying", home, instant, request.id, "takahashi"]
    subprocess.run(command, check=False, capture_output=True)
    gate.recover(cast.site.desk)


def _closed_emergency(cast: Cast) -> None:
    """Open a locked colleague in the night; the security officer has reviewed it since."""
    words = texts()
    with cast.site.store.transaction() as tx:
        operators.lock(tx, "ito", reason="failures")
    request = cast.submit("yamada", "operator-unlock-emergency", {"login": "ito"}, words["locked-out"])
    cast.execute("yamada", request)
    reports.report(cast.site.desk, request.id, cast.acting("yamada"), text=words["locked-out-report"])
    reports.close(cast.site.desk, request.id, cast.acting("sato"), comment=words["reviewed"])
