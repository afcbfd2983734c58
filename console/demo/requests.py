"""Requests of the demo city, one in every state, made by its people through the real acts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from accesscontrol.clock import FixedClock, local_day
from accesscontrol.people import sign_in, terminals
from accesscontrol.people.keys import Signature
from accesscontrol.people.secret import Secret
from accesscontrol.requests import decisions, gate, reports, submission
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.reading import Request
from console.demo.people import Character, characters, present_code
from console.demo.texts import texts
from console.wiring import Installation

_SERVER_ROOM = "server-room-01"
_PAUSE = timedelta(minutes=2)


@dataclass(frozen=True)
class Cast:
    """The people of the demo, ready to act at the time of the story."""

    site: Installation
    clock: FixedClock

    def character(self, login: str) -> Character:
        """Return the person with this login."""
        return next(each for each in characters() if each.login == login)

    def acting(self, login: str) -> Acting:
        """Return the person, sitting in the server room."""
        return Acting(login, self.character(login).staff_number, _SERVER_ROOM)

    def sign(self, login: str, message: bytes) -> Signature:
        """Sign as the person, with password and a fresh code."""
        self.clock.advance(_PAUSE)
        terminal = terminals.find(self.site.store, _SERVER_ROOM)
        return sign_in.sign_in_place(
            self.site.store,
            self.site.policy,
            login=login,
            password=Secret(self.character(login).password),
            code=Secret(present_code(self.site, login)),
            terminal=terminal.fact if terminal else "",
            message=message,
        ).signature

    def submit(self, login: str, kind: str, parameters: dict[str, Any], reason: str) -> Request:
        """Hand a request in."""
        self.clock.advance(_PAUSE)
        return submission.submit(self.site.desk, kind, parameters, self.acting(login), reason=reason)

    def approve(self, login: str, request: Request) -> None:
        """Approve a request."""
        decisions.approve(
            self.site.desk,
            request.id,
            self.acting(login),
            seen=request.digest,
            sign=lambda message: self.sign(login, message),
        )

    def attest(self, login: str, request: Request, phase: str, statement: str) -> None:
        """Attest as the witness."""
        decisions.attest(
            self.site.desk,
            request.id,
            self.acting(login),
            phase=phase,
            statement=statement,
            sign=lambda message: self.sign(login, message),
        )

    def execute(self, login: str, request: Request) -> Request:
        """Execute a request."""
        self.clock.advance(_PAUSE)
        return gate.execute(self.site.desk, request.id, self.acting(login))


def export(cast: Cast, words: dict[str, str], *, age: int, medium: str = "M-0005") -> dict[str, Any]:
    """Return the parameters for exporting one of the site's backups; the folder is named from the home on."""
    backup = cast.site.catalogue.page()[age]
    folder = Path("media", medium)
    (cast.site.home.path / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "backup": backup.id,
        "sealed_sha256": backup.sealed_sha256,
        "medium": medium,
        "folder": str(folder),
        "carrier": words["carrier"],
        "destination": words["destination"],
        "purpose": words["purpose"],
        "ending": "return",
        "due": local_day(cast.clock.now(), cast.site.zone) + timedelta(days=30),
    }


def _setting(name: str, value: int) -> dict[str, str]:
    return {"section": "sign_in", "name": name, "value": str(value)}


def play_closed(cast: Cast, now: datetime) -> None:
    """Play the stories that have come to their end: done, rejected, lapsed, taken back, withdrawn."""
    words = texts()
    at = now.astimezone(cast.site.zone)
    cast.clock.set(max(cast.clock.now(), (at - timedelta(hours=20))))
    done = cast.submit("yamada", "settings-change", _setting("unmasked_seconds", 45), words["shorter"])
    cast.approve("sato", done)
    cast.execute("takahashi", done)
    refused = cast.submit("yamada", "settings-change", _setting("failures", 50), words["more-failures"])
    decisions.reject(cast.site.desk, refused.id, cast.acting("sato"), reason=words["too-lax"])
    silent = submission.submit(
        cast.site.desk,
        "settings-change",
        _setting("idle_minutes", 8),
        cast.acting("takahashi"),
        reason=words["longer-idle"],
        window=submission.Window(None, cast.clock.now() + timedelta(hours=1)),
    )
    cast.clock.advance(timedelta(hours=2))
    submission.lapse_due(cast.site.desk)
    del silent
    taken_back = cast.submit("takahashi", "settings-change", _setting("idle_minutes", 6), words["longer-idle"])
    cast.approve("sato", taken_back)
    decisions.revoke(cast.site.desk, taken_back.id, cast.acting("sato"), reason=words["wait"])
    withdrawn = cast.submit("yamada", "backup-export", export(cast, words, age=1), words["monthly"])
    submission.withdraw(cast.site.desk, withdrawn.id, cast.acting("yamada"), reason=words["newer"])
    exported = cast.submit("yamada", "backup-export", export(cast, words, age=0), words["monthly"])
    cast.approve("sato", exported)
    cast.attest("suzuki", exported, decisions.BEFORE, words["seen-before"])
    cast.execute("takahashi", exported)
    cast.attest("suzuki", exported, decisions.AFTER, words["seen-after"])


def play_open(cast: Cast, now: datetime) -> None:
    """Play what waits this morning: each person has something to do."""
    words = texts()
    cast.clock.set(max(cast.clock.now(), now - timedelta(hours=2)))
    cast.submit("yamada", "backup-export", export(cast, words, age=2), words["monthly"])
    newcomer = {
        "staff_number": "S1008",
        "login": "kobayashi",
        "name": words["newcomer"],
        "name_kana": words["newcomer-kana"],
        "office": words["newcomer-office"],
        "roles": ["operator"],
        "last_day": local_day(now, cast.site.zone) + timedelta(days=126),
    }
    cast.submit("yamada", "operator-add", newcomer, words["joins"])
    ready = cast.submit("takahashi", "settings-change", _setting("failure_minutes", 15), words["wider"])
    cast.approve("sato", ready)
    waiting = cast.submit("takahashi", "backup-export", export(cast, words, age=3), words["monthly"])
    cast.approve("sato", waiting)
    _emergency(cast, words)


def _emergency(cast: Cast, words: dict[str, str]) -> None:
    """Lock the witness out by failures, and open the login by breaking the glass: red until it is reviewed."""
    from accesscontrol.people import operators

    with cast.site.store.transaction() as tx:
        operators.lock(tx, "suzuki", reason="failures")
    opened = cast.submit("yamada", "operator-unlock-emergency", {"login": "suzuki"}, words["locked-out"])
    cast.execute("yamada", opened)
    reports.report(cast.site.desk, opened.id, cast.acting("yamada"), text=words["locked-out-report"])
