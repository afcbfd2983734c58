"""Names of people who do not exist, in kanji, kana and roman letters."""

from dataclasses import dataclass
from functools import cache, cached_property
from random import Random

from registry.files.characters import to_katakana
from registry.synthetic.stock import stock

_SPACE = "\u3000"
_ELDER_AGE = 55
_GAIJI_FIRST = 0xE000
_GAIJI_KINDS = 200
_GAIJI_SHARE = 0.004
_SMALL_TSU = "\u3063"
FEMALE, MALE = "2", "1"


@dataclass(frozen=True, slots=True)
class Written:
    """A name as it is written and read; ``plain`` is what is printed where an external character can't be."""

    kanji: str
    kana: str
    plain: str


@dataclass(frozen=True)
class Name:
    """A person's name: family and given, as one text with a full-width space in between."""

    family: Written
    given: Written

    @cached_property
    def kanji(self) -> str:
        """Return the name in kanji (or capitals for a foreign name)."""
        return f"{self.family.kanji}{_SPACE}{self.given.kanji}"

    @cached_property
    def plain(self) -> str:
        """Return the name with external characters replaced by their printable forms."""
        return f"{self.family.plain}{_SPACE}{self.given.plain}"

    @cached_property
    def hiragana(self) -> str:
        """Return the reading in hiragana."""
        return f"{self.family.kana}{_SPACE}{self.given.kana}"

    @cached_property
    def katakana(self) -> str:
        """Return the reading in katakana."""
        return to_katakana(self.hiragana)

    @cached_property
    def roman(self) -> str:
        """Return the name in capital letters."""
        return roman(self.hiragana)


def roman(hiragana: str) -> str:
    """Return ``hiragana`` in capital letters, simply transliterated."""
    table: dict[str, str] = stock("romaji")
    letters: list[str] = []
    double = False
    at = 0
    while at < len(hiragana):
        width = 2 if hiragana[at : at + 2] in table else 1
        sign = hiragana[at : at + width]
        at += width
        if sign == _SMALL_TSU:
            double = True
            continue
        sound = table[sign]
        letters.append(sound[0] + sound if double and sound else sound)
        double = False
    return "".join(letters)


@cache
def _families() -> list[Written]:
    parts = stock("surnames")
    return [
        Written(first + second, first_kana + second_kana, first + second)
        for first, first_kana in parts["first"]
        for second, second_kana in parts["second"]
    ]


@cache
def _given(key: str) -> tuple[Written, ...]:
    return tuple(Written(kanji, kana, kanji) for kanji, kana in stock("given_names")[key])


def draw_family(random: Random) -> Written:
    """Return a family name; a few carry an external character in place of their first one."""
    family = random.choice(_families())
    if random.random() < _GAIJI_SHARE:
        external = chr(_GAIJI_FIRST + random.randrange(_GAIJI_KINDS))
        return Written(external + family.kanji[1:], family.kana, family.plain)
    return family


def given_names(sex: str, age: int) -> tuple[Written, ...]:
    """Return the given names that fit the sex and the generation."""
    generation = "elder" if age >= _ELDER_AGE else "younger"
    return _given(f"{'female' if sex == FEMALE else 'male'}_{generation}")


def draw_given(random: Random, sex: str, age: int) -> Written:
    """Return a given name that fits the sex and the generation."""
    return random.choice(given_names(sex, age))


@dataclass(frozen=True, slots=True)
class Land:
    """A nationality: its code and name, its people's names, the residence statuses they hold."""

    code: str
    name: str
    families: tuple[Written, ...]
    given: dict[str, tuple[Written, ...]]
    statuses: tuple[str, ...]


@cache
def lands() -> list[Land]:
    """Return the nationalities of the city's foreign residents."""
    return [
        Land(
            code=land["code"],
            name=land["name"],
            families=tuple(Written(letters, kana, letters) for letters, kana in land["families"]),
            given={
                sex: tuple(Written(letters, kana, letters) for letters, kana, of in land["given"] if of == sex)
                for sex in (FEMALE, MALE)
            },
            statuses=tuple(land["statuses"]),
        )
        for land in stock("foreign_names")["lands"]
    ]
