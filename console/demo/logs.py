"""The demo city's access logs: a month of ordinary work, the anomalies among it, and what people said of the first."""

from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta

from accesscontrol.clock import local_day
from accesscontrol.requests import reading as requests
from accesscontrol.requests.states import State as RequestState
from console import detection
from console.demo.requests import Cast
from console.demo.texts import texts
from console.facts import REGISTER
from console.wiring import Installation
from monitors.calendars import overtime
from monitors.events import generator
from monitors.events.generator import Staff
from monitors.events.plans import Wish
from monitors.findings import reading
from monitors.findings.judging import Judgement
from monitors.findings.states import State
from registry.accounts import accounts
from registry.databases.sqlite import SqliteRegistry

_ACTS_A_DAY = 12
_SERVERS = "servers"
_ON_SERVERS = 6
_PER_TERMINAL = 3
_JUDGED = 3
_LATE = 10  # whose place in the staff it is to work late


def staff(cast: Cast) -> list[Staff]:
    """Return the people who work with the register, from its own accounts; a few also sign in to its servers."""
    with closing(SqliteRegistry.open(cast.site.home.registry, read_only=True)) as registry:
        working = [each for each in accounts(registry) if each.enabled and each.valid_until is None]
    return [
        Staff(
            login=each.login.lower(),
            office=each.office,
            terminal=f"T{number // _PER_TERMINAL:03d}",
            name=_as_vendor_writes(each.display_name),
            server_login=number < _ON_SERVERS,
        )
        for number, each in enumerate(working)
    ]


def late_evening(site: Installation, now: datetime, *, days: int) -> date:
    """Return the day on which somebody works until after 22:00."""
    open_days, _closed = generator.working_days(local_day(now, site.zone) - timedelta(days=1), days, site.calendar)
    return open_days[-2]


def ask_for_overtime(cast: Cast, evening: date) -> None:
    """Ask the day before that somebody may work late until 22:00, which is not as late as it becomes."""
    afternoon = datetime.combine(evening - timedelta(days=1), time(15), tzinfo=cast.site.zone)
    cast.clock.set(max(cast.clock.now(), afternoon.astimezone(UTC)))
    work = {
        "staff": [staff(cast)[_LATE].login.upper()],
        "day": evening.isoformat(),
        "since": "17:15",
        "until": "22:00",
        "work": texts()["late-work"],
        "system": REGISTER,
    }
    request = cast.submit("yamada", overtime.KIND, work, texts()["late-work"])
    cast.approve("watanabe", request)


def _as_vendor_writes(name: str) -> str:
    """Return ``name`` as a system writes it that knows only CP932: what it lacks becomes a geta mark."""
    return "".join(each if each.encode("cp932", "ignore") else "\u3013" for each in name)


def play(cast: Cast, now: datetime, *, days: int, seed: int) -> None:
    """Import the month's logs this morning, run the rules, and judge the oldest findings."""
    site = cast.site
    people = staff(cast)
    today = local_day(now, site.zone)
    parts = generator.Cast(
        late=people[_LATE].login,
        on_closed_day=people[14].login,
        forgetful=people[20].login,
        guessed=people[24].login,
        shared=people[30].login,
        curious=people[35].login,
        careless=people[40].login,
        outputs=people[45].login,
        unknown="k.tanaka",
    )
    logs = generator.generate(
        site.home.path / "logs",
        people,
        parts,
        end=today - timedelta(days=1),
        calendar=site.calendar,
        days=days,
        seed=seed,
        acts_a_day=_ACTS_A_DAY,
        system=REGISTER,
        servers=_SERVERS,
    )
    cast.clock.set(max(cast.clock.now(), now - timedelta(hours=23)))
    for request in requests.listed(site.store, [RequestState.APPROVED]):
        if request.kind == overtime.KIND and request.not_after > cast.clock.now():
            cast.execute("takahashi", request)
    actor = cast.acting("yamada")
    for file, system in ((logs.register, REGISTER), (logs.servers, _SERVERS)):
        wish = Wish(system=system, year=(today - timedelta(days=days)).year)
        site.archive.import_file(file, wish, actor=actor.staff_number, terminal=actor.terminal)
    detection.detect(site)
    _judge(cast)


def _judge(cast: Cast) -> None:
    words = texts()
    oldest = sorted(reading.listed(cast.site.store), key=lambda each: each.last)[:_JUDGED]
    judgements = (
        Judgement(state=State.LEGITIMATE, reason=words["overtime"], application=words["overtime-paper"]),
        Judgement(state=State.FALSE_ALARM, reason=words["new-terminal"]),
        Judgement(state=State.INCIDENT, reason=words["misuse"]),
    )
    for finding, judgement in zip(oldest, judgements, strict=False):
        cast.clock.advance(timedelta(minutes=4))
        cast.site.judges.judge([finding.number], cast.acting("sato"), judgement)
