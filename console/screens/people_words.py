"""How the screens name people: by their masked name."""

from accesscontrol.people import operators
from accesscontrol.people.reading import Reader
from console.text import shown_name


def person(reader: Reader, staff_number: str) -> str:
    """Return a person as the screens show one: masked name and staff number."""
    found = operators.logins_of(reader, staff_number)
    name = shown_name(found[0].name, staff_number) if found else staff_number
    return staff_number if name == staff_number else f"{name} ({staff_number})"


def name_of(reader: Reader, staff_number: str) -> str:
    """Return a person's masked name, or the staff number of one who has no login here."""
    found = operators.logins_of(reader, staff_number)
    return shown_name(found[0].name, staff_number) if found else staff_number
