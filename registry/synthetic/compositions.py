"""Who lives together: the shapes of households, as relations, sexes and ages that fit each other."""

from dataclasses import dataclass
from random import Random

from registry.files.codes import HEAD_OF_HOUSEHOLD
from registry.synthetic.names import FEMALE, MALE

HUSBAND, WIFE, CHILD, FATHER, MOTHER = "11", "12", "20", "51", "52"
OLDEST = 104.0
_CHILD_LEAVES = 27.0


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a household: relation to the head, sex, age in years."""

    relationship: str
    sex: str
    age: float


def _sex(random: Random) -> str:
    return FEMALE if random.random() < 0.513 else MALE  # noqa: PLR2004 - a share, said once


def _couple(random: Random, youngest: float, oldest: float) -> list[Place]:
    age = random.triangular(youngest, oldest, youngest + (oldest - youngest) * 0.4)
    male_head = random.random() < 0.85  # noqa: PLR2004 - a share, said once
    other = min(OLDEST, max(19.0, age + random.gauss(-2.0 if male_head else 2.0, 3.5)))
    if male_head:
        return [Place(HEAD_OF_HOUSEHOLD, MALE, age), Place(WIFE, FEMALE, other)]
    return [Place(HEAD_OF_HOUSEHOLD, FEMALE, age), Place(HUSBAND, MALE, other)]


def _children(random: Random, youngest_parent: float) -> list[Place]:
    children = []
    parent_age = max(19.0, random.gauss(29.0, 4.0))
    for _ in range(random.choice((1, 1, 2, 2, 2, 3))):
        age = youngest_parent - parent_age
        if 0.0 <= age <= _CHILD_LEAVES:
            children.append(Place(CHILD, _sex(random), age))
        parent_age += random.uniform(1.2, 4.5)
    return children


def lone(random: Random) -> list[Place]:
    """Draw one person."""
    return [Place(HEAD_OF_HOUSEHOLD, _sex(random), random.triangular(18.5, 98.0, 34.0))]


def couple(random: Random) -> list[Place]:
    """Draw two married people."""
    return _couple(random, 22.0, 95.0)


def family(random: Random) -> list[Place]:
    """Draw a couple with children."""
    parents = _couple(random, 21.0, 62.0)
    return parents + _children(random, min(place.age for place in parents))


def single_parent(random: Random) -> list[Place]:
    """Draw one parent with children."""
    sex = FEMALE if random.random() < 0.86 else MALE  # noqa: PLR2004 - a share, said once
    age = random.triangular(21.0, 58.0, 38.0)
    return [Place(HEAD_OF_HOUSEHOLD, sex, age), *_children(random, age)]


def three_generations(random: Random) -> list[Place]:
    """Draw a couple with children and a parent or two of the head."""
    people = family(random)
    head = people[0]
    for relationship, sex, share in ((FATHER, MALE, 0.5), (MOTHER, FEMALE, 0.85)):
        age = head.age + random.uniform(20.0, 36.0)
        if age <= OLDEST and random.random() < share:
            people.append(Place(relationship, sex, age))
    return people


_SHAPES = (lone, couple, family, single_parent, three_generations)
_SHARES = (38, 22, 25, 8, 7)


def draw_composition(random: Random) -> list[Place]:
    """Return the places of one household, the head first."""
    return random.choices(_SHAPES, _SHARES)[0](random)
