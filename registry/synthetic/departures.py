"""How people ceased to be residents: deaths, moves out, and records past their 150 years."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from registry.files.codes import HEAD_OF_HOUSEHOLD, ChangeReason, Deleted
from registry.synthetic.compositions import OLDEST, Place
from registry.synthetic.names import FEMALE, MALE
from registry.synthetic.people import Departure
from registry.synthetic.places import draw_elsewhere

CODES_SINCE = date(2002, 8, 5)  # resident codes
NUMBERS_SINCE = date(2015, 10, 5)  # individual numbers
_YEAR = 365.2425
_KINDS = (
    (Deleted.move_out, ChangeReason.move_out, 60),
    (Deleted.death, ChangeReason.death, 34),
    (Deleted.move_out_abroad, ChangeReason.move_out_abroad, 5),
    (Deleted.official, ChangeReason.official_deletion, 1),
)


@dataclass(frozen=True, slots=True)
class Departed:
    """A departure with the dates that must come before it: birth, became resident, address fixed."""

    departure: Departure
    since: tuple[date, date, date]


def draw_departure(random: Random, birth: date, today: date) -> Departed:
    """Return a departure of the last decades, of somebody about as old then as one born on ``birth`` is today."""
    deleted_class, reason, _ = random.choices(_KINDS, [share for *_, share in _KINDS])[0]
    if deleted_class == Deleted.death:
        return draw_death(random, birth, today)
    changed = _changed(random, today)
    planned = draw_elsewhere(random) if deleted_class == Deleted.move_out else None
    notified = min(today, changed + timedelta(days=random.randint(0, 7)))
    departure = Departure(deleted_class, reason, changed, notified, planned, planned)
    return Departed(departure, _since(random, changed, (today - birth).days))


def draw_death(random: Random, birth: date, today: date) -> Departed:
    """Return a death of the last decades."""
    changed = _changed(random, today)
    notified = min(today, changed + timedelta(days=random.randint(0, 7)))
    age = max((today - birth).days, int(random.triangular(40.0, OLDEST, 84.0) * _YEAR))
    return Departed(Departure(Deleted.death, ChangeReason.death, changed, notified), _since(random, changed, age))


def _changed(random: Random, today: date) -> date:
    return today - timedelta(days=1 + int(min(60.0, random.expovariate(1.0 / 10.0)) * _YEAR))


def _since(random: Random, changed: date, age_in_days: int) -> tuple[date, date, date]:
    birth = changed - timedelta(days=age_in_days)
    return birth, birth, birth + timedelta(days=random.randint(0, age_in_days))


def place_of_late_spouse(random: Random, survivor: Place) -> Place:
    """Return the place of a late head whose widow or widower is ``survivor``."""
    sex = MALE if survivor.sex == FEMALE else FEMALE
    return Place(HEAD_OF_HOUSEHOLD, sex, min(OLDEST, survivor.age + random.uniform(-3.0, 6.0)))


def ancient_departure(random: Random, today: date) -> Departed:
    """Return a departure 150 years and some days to three years ago."""
    back = int(150 * _YEAR) + 2 + random.randint(0, 1000)
    changed = today - timedelta(days=back)
    birth = changed - timedelta(days=random.randint(10_000, 30_000))
    departure = Departure(Deleted.death, ChangeReason.death, changed, changed)
    return Departed(departure, (birth, birth, birth))
