"""Foreign residents: residence status, class under article 30-45, period of stay."""

from datetime import date, timedelta
from random import Random

from registry.files.codes import MID_TO_LONG_TERM, PERMANENT_RESIDENT, SPECIAL_PERMANENT
from registry.synthetic.compositions import Place
from registry.synthetic.names import Land, Name, draw_family, draw_given
from registry.synthetic.people import Foreign, Person

_SPECIAL_PERMANENT_STATUS = "40"
_DEPENDANT_STATUS = "31"
_PERIODS = (1, 3, 5)
_ALIAS_SHARE = 0.2


def draw_foreign(random: Random, place: Place, land: Land, today: date, card: str, head: Person | None) -> Foreign:
    """Return what is held of a foreign resident; members of a household have statuses that fit the head's."""
    status = random.choice(land.statuses)
    if head is not None and head.foreign is not None:
        settled = head.foreign.status in {PERMANENT_RESIDENT, _SPECIAL_PERMANENT_STATUS}
        status = head.foreign.status if settled else _DEPENDANT_STATUS
    unlimited = status in {PERMANENT_RESIDENT, _SPECIAL_PERMANENT_STATUS}
    years = None if unlimited else random.choice(_PERIODS)
    expiry = None if years is None else today + timedelta(days=random.randint(30, years * 365))
    alias = None
    if random.random() < _ALIAS_SHARE:
        alias = Name(draw_family(random), draw_given(random, place.sex, int(place.age)))
    legal_class = SPECIAL_PERMANENT if status == _SPECIAL_PERMANENT_STATUS else MID_TO_LONG_TERM
    return Foreign(land, status, legal_class, card, expiry, years, alias)
