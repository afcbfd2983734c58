"""Households that hang together: one stream of them, each drawn from the seed alone."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from registry.files.codes import ChangeReason
from registry.synthetic.compositions import HUSBAND, MOTHER, WIFE, Place, draw_composition, lone
from registry.synthetic.departures import (
    CODES_SINCE,
    NUMBERS_SINCE,
    Departed,
    ancient_departure,
    draw_death,
    draw_departure,
    place_of_late_spouse,
)
from registry.synthetic.foreigners import draw_foreign
from registry.synthetic.identifiers import (
    individual_numbers,
    pension_numbers,
    residence_cards,
    resident_codes,
)
from registry.synthetic.names import Land, Name, Written, draw_family, given_names, lands
from registry.synthetic.people import Household, Person
from registry.synthetic.places import Address, draw_address, draw_elsewhere

_YEAR = 365.2425
_WITH_CARD_SINCE = date(2016, 1, 1)
_FORMER_SURNAMES_SINCE = date(2019, 11, 5)
_FOREIGN_SHARE = 0.03
_FROM_OUTSIDE_SHARE = 0.55
_NATIVE_SHARE = 0.6
_WITH_CARD_SHARE = 0.2
_FORMER_SURNAME_SHARE = 0.03
_CODE_CHANGE_SHARE = 0.004
_UNKNOWN_BIRTH_SHARE = 0.1
_WIDOWED_SHARE = 0.35
_WIDOWED_AGE = 68.0
_OLD_AGE = 85.0
_DAYS_UNTIL_NUMBERED = 4
_TRIES_FOR_A_NAME = 5


class Population:
    """Draws people and households of one city; all chance comes from one generator."""

    def __init__(self, seed: int, today: date) -> None:
        self._random = Random(seed)  # noqa: S311 - a reproducible city, not a secret
        self._today = today
        self._codes = resident_codes(self._random)
        self._numbers = individual_numbers(self._random)
        self._pensions = pension_numbers(self._random)
        self._cards = residence_cards(self._random)
        self._households = 0

    def households(self, residents: int) -> Iterator[Household]:
        """Yield households that together have exactly ``residents`` living members."""
        left = residents
        while left > 0:
            household = self._draw_household()
            if len(household.members) > left:  # the head always stays: members are ordered from the head
                household.members = household.members[:left]
            left -= len(household.members)
            yield household

    def former_household(self) -> Household:
        """Return the household of one person who died or left within living memory."""
        household, person = self._lone_household()
        self._depart(household, person, draw_departure(self._random, person.birth, self._today))
        return household

    def ancient_household(self) -> Household:
        """Return the household of one person whose record is past its 150 years (RG-RET-01)."""
        household, person = self._lone_household()
        self._depart(household, person, ancient_departure(self._random, self._today))
        return household

    def _lone_household(self) -> tuple[Household, Person]:
        household = self._begin_household()
        place = lone(self._random)[0]
        return household, self._person(household, place, draw_family(self._random), None, None)

    def _depart(self, household: Household, person: Person, departed: Departed) -> None:
        person.birth, person.became_resident, person.address_fixed = departed.since
        person.birth_text = person.birth.isoformat()
        if person.address_fixed > person.birth:
            person.fixed_reason = ChangeReason.move_within
        person.departure = departed.departure
        if departed.departure.changed < CODES_SINCE:
            person.resident_code = None
        if departed.departure.changed < NUMBERS_SINCE:
            person.individual_number = None
        household.departed.append(person)

    def _begin_household(self) -> Household:
        self._households += 1
        return Household(number=f"{self._households:010}", address=draw_address(self._random))

    def _draw_household(self) -> Household:
        random = self._random
        household = self._begin_household()
        places = draw_composition(random)
        land = random.choice(lands()) if random.random() < _FOREIGN_SHARE else None
        family = random.choice(land.families) if land else draw_family(random)
        moved_in = self._moved_in(places[0].age)
        before = None if random.random() < _FROM_OUTSIDE_SHARE else draw_address(random)
        for place in places:
            person = self._person(household, place, family, land, before)
            self._settle(person, moved_in, before)
            household.members.append(person)
        alone = len(places) == 1 and land is None
        if alone and places[0].age > _WIDOWED_AGE and random.random() < _WIDOWED_SHARE:
            self._late_spouse(household, places[0], family)
        return household

    def _moved_in(self, head_age: float) -> date:
        years = min(max(0.0, head_age - 18.0), random_years(self._random, 9.0))
        return self._today - timedelta(days=int(years * _YEAR))

    def _person(
        self, household: Household, place: Place, family: Written, land: Land | None, before: Address | None
    ) -> Person:
        random = self._random
        birth = self._today - timedelta(days=int(place.age * _YEAR))
        given = self._given(household, place, land)
        # A former name is one that was given up on marriage: it belongs to spouses.
        maiden = draw_family(random) if place.relationship in {HUSBAND, WIFE, MOTHER} and not land else None
        person = Person(
            name=Name(family, given),
            sex=place.sex,
            birth=birth,
            birth_text=birth.isoformat(),
            relationship=place.relationship,
            resident_code=next(self._codes),
            individual_number=next(self._numbers),
            pension_number=next(self._pensions),
            became_resident=birth,
            became_reason=ChangeReason.birth,
            address_fixed=birth,
            fixed_reason=ChangeReason.birth,
            lived_before=before,
            maiden=maiden,
        )
        if land:
            head = household.members[0] if household.members else None
            person.foreign = draw_foreign(random, place, land, self._today, next(self._cards), head)
        elif place.age > _OLD_AGE and random.random() < _UNKNOWN_BIRTH_SHARE:
            person.birth_text = f"{birth.year}-{birth.month:02}-00"
        return person

    def _given(self, household: Household, place: Place, land: Land | None) -> Written:
        """Return a given name that nobody in the household bears yet (where the stock allows it)."""
        taken = {person.name.given.kanji for person in household.members}
        stock = land.given[place.sex] if land else given_names(place.sex, int(place.age))
        given = self._random.choice(stock)
        for _ in range(_TRIES_FOR_A_NAME):
            if given.kanji not in taken:
                break
            given = self._random.choice(stock)
        return given

    def _settle(self, person: Person, moved_in: date, before: Address | None) -> None:
        """Say since when and why the person lives here, so that dates follow each other."""
        random = self._random
        if person.birth >= moved_in:
            person.lived_before = None
            if (self._today - person.birth).days < _DAYS_UNTIL_NUMBERED:
                person.individual_number = None
                person.number_requested = person.birth
            return
        person.address_fixed = moved_in
        if before is None:
            self._come(person, moved_in)
            person.fixed_reason = person.became_reason
        else:
            person.fixed_reason = ChangeReason.move_within
            if person.foreign or random.random() > _NATIVE_SHARE:
                stretch = (moved_in - person.birth).days
                self._come(person, person.birth + timedelta(days=random.randrange(stretch)))
        self._change_later(person)

    def _come(self, person: Person, day: date) -> None:
        random = self._random
        person.became_resident = day
        person.became_reason = ChangeReason.move_in
        if person.foreign:
            person.became_reason = ChangeReason.move_in_from_abroad
        else:
            person.came_from = draw_elsewhere(random)
            if day >= _WITH_CARD_SINCE and random.random() < _WITH_CARD_SHARE:
                person.became_reason = ChangeReason.move_in_with_card

    def _change_later(self, person: Person) -> None:
        """Let a few people change their resident code, or have their former surname entered."""
        random = self._random
        begin = max(person.address_fixed, CODES_SINCE) + timedelta(days=1)
        if begin < self._today and random.random() < _CODE_CHANGE_SHARE:
            person.code_changed = begin + timedelta(days=random.randint(0, (self._today - begin).days))
            person.old_resident_code = next(self._codes)
        begin = max(person.address_fixed, _FORMER_SURNAMES_SINCE) + timedelta(days=1)
        if person.maiden and begin < self._today and random.random() < _FORMER_SURNAME_SHARE:
            stretch = (self._today - begin).days
            person.former_surname_since = begin + timedelta(days=random.randint(0, stretch))

    def _late_spouse(self, household: Household, survivor: Place, family: Written) -> None:
        """Add the deceased head of a household that a widow or widower goes on with."""
        late = self._person(household, place_of_late_spouse(self._random, survivor), family, None, None)
        self._depart(household, late, draw_death(self._random, late.birth, self._today))


def random_years(random: Random, mean: float) -> float:
    """Return a span of years, exponentially distributed, at most 40."""
    return min(40.0, random.expovariate(1.0 / mean))
