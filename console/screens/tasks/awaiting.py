"""The second person as the screen of a running task follows them: who may come, by which way, who is there now."""

from datetime import datetime, timedelta
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.people import deputies, operators
from accesscontrol.people.reading import Reader
from accesscontrol.sessions.ledger import SessionRow
from accesscontrol.sessions.supervision import PRESENCE_SECONDS
from accesscontrol.sessions.watching import WATCHERS, Attendance
from console.screens.people_words import name_of, person
from console.screens.sessions.beside import apart
from console.translation import _
from console.widgets.details import Fact, Section
from console.wiring import Installation

_WHY: Final = N_("The task goes on only while a second person sees all that it does and may stop it at any moment.")
_ELSEWHERE: Final = N_("Elsewhere: they sign in at another terminal, then 7 Maintenance, o (sessions), w on {id}.")
_HERE: Final = N_("At this screen: press w, and let them sign with their own password and code.")
_UNTIL: Final = N_("{time}, {left} from now; after that it ends and nothing was done")


def able(reader: Reader, excluded: frozenset[str], at: datetime) -> list[str]:
    """Return the staff numbers of those who may be a second person at ``at``, none of them ``excluded``."""
    found = (
        operator.staff_number
        for operator in operators.every(reader)
        if operator.usable(at) and deputies.roles_now(reader, operator, at) & WATCHERS
    )
    return [each for each in dict.fromkeys(found) if each not in excluded]


class SecondPerson:
    """Follows whoever must be present at one session; :meth:`look` sees who is there at this moment."""

    def __init__(self, site: Installation, row: SessionRow) -> None:
        others = apart(site.store, row)
        self._site, self._row = site, row
        self._attendance = Attendance(site.store, site.home.recordings, row.id, apart=others)
        self._able = [person(site.store, each) for each in able(site.store, others, site.clock.now())]
        self.names: list[str] = []
        self.came = False

    @property
    def left(self) -> bool:
        """Tell whether somebody was there and nobody is now."""
        return self.came and not self.names

    def look(self) -> bool:
        """See who is present now; tell whether that is news."""
        names = [name_of(self._site.store, each) for each in sorted(self._attendance.present())]
        is_news = names != self.names
        self.names, self.came = names, self.came or bool(names)
        return is_news

    def sections(self) -> list[Section]:
        """Return what the executor does while nobody is there: who may come, by which ways, until when."""
        until = self._row.opened_at + timedelta(seconds=PRESENCE_SECONDS)
        minutes, seconds = divmod(max(0, int((until - self._site.clock.now()).total_seconds())), 60)
        who = self._able or [_("nobody: all who hold a role for it have another part in this request")]
        left, time = f"{minutes}:{seconds:02d}", f"{until.astimezone(self._site.zone):%H:%M:%S}"
        facts = [
            Fact(_("Session"), self._row.id),
            *(Fact("" if at else _("Who may come"), each) for at, each in enumerate(who)),
            Fact(_("Waits until"), _(_UNTIL).format(time=time, left=left)),
        ]
        ways = [_(_ELSEWHERE).format(id=self._row.id), _(_HERE)]
        return [Section(_("It waits for its second person"), facts, [_(_WHY)]), Section(_("How they come"), (), ways)]
