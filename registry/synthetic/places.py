"""Addresses that do not exist: towns of the city, other municipalities, buildings."""

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from registry.synthetic.stock import stock

_FULL_WIDTH = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789-"}
_BUILDING_SHARE = 0.35
_MOST_BLOCKS = 40
_MOST_HOUSES = 30


@dataclass(frozen=True, slots=True)
class Address:
    """A place of residence as the register writes it."""

    municipality_code: str
    postal_code: str
    text: str
    town_code: str | None = None
    district: str | None = None
    extra_code: str | None = None
    extra: str | None = None

    @property
    def with_extra(self) -> str:
        """Return the address with its building, as an envelope carries it."""
        return f"{self.text}\u3000{self.extra}" if self.extra else self.text


def full_width(value: object) -> str:
    """Return digits as the register writes them in addresses."""
    return str(value).translate(_FULL_WIDTH)


@cache
def _towns() -> list[tuple[str, str, str, str]]:
    """Return each block of each town: text before the block number, town code, postal code, district."""
    places, blocks = stock("places"), []
    city = places["city"]["prefecture"] + places["city"]["name"]
    words = places["address_words"]
    for town in places["towns"]:
        for chome in range(1, town["chome"] + 1) or [0]:
            text = city + town["name"] + (words["chome_digits"][chome] + words["chome"] if chome else "")
            code = f"{int(town['code']) + chome:07}"
            blocks.append((text, code, town["postal_code"], town["district"]))
    return blocks


def _plot(random: Random) -> str:
    words = stock("places")["address_words"]
    block, house = random.randint(1, _MOST_BLOCKS), random.randint(1, _MOST_HOUSES)
    return f"{full_width(block)}{words['block']}{full_width(house)}{words['house']}"


def draw_address(random: Random) -> Address:
    """Return an address in the city."""
    places = stock("places")
    text, code, postal_code, district = random.choice(_towns())
    extra_code = extra = None
    plot = _plot(random)
    if random.random() < _BUILDING_SHARE:
        number = random.randrange(len(places["buildings"]))
        room = random.randint(1, 9) * 100 + random.randint(1, 12)
        extra = f"{places['buildings'][number]}{full_width(room)}{places['address_words']['room']}"
        extra_code = f"{number + 1:05}"
    return Address(places["city"]["code"], postal_code, text + plot, code, district, extra_code, extra)


def draw_elsewhere(random: Random) -> Address:
    """Return an address in another municipality of the country."""
    other: dict[str, Any] = random.choice(stock("places")["others"])
    return Address(other["code"], other["postal_code"], other["name"] + other["town"] + _plot(random))


def remark(kind: str, day: str) -> str:
    """Return a line for the remarks of a record; ``day`` is written by era."""
    text: str = stock("places")["remark_words"][kind]
    return text.format(day=day)
