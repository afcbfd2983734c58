"""Reading the ledger of user IDs back, from a store or inside a transaction.

Lists are refused for one damaged row, unless ``note`` is given, which is told of each and passes over it.
"""

from typing import Final

from accesscontrol import rows
from accesscontrol.accounts.model import Account, Grant, Person, Suspension
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.rows import Note


def find_person(reader: Reader, staff_number: str) -> Person | None:
    """Return the person with this staff number, or None."""
    row = reader.row("SELECT * FROM person WHERE staff_number = ?", (staff_number,))
    return _person(row) if row else None


def get_person(reader: Reader, staff_number: str) -> Person:
    """Return the person with this staff number; an unknown one is refused."""
    found = find_person(reader, staff_number)
    if found is None:
        raise Refusal(
            N_("There is no person with the staff number {staff_number}. Import the roster first."),
            control="AC-USR-01",
            staff_number=staff_number,
        )
    return found


def persons(reader: Reader, *, note: Note | None = None) -> list[Person]:
    """Return every person, those who left too, in order of staff number."""
    return rows.values(reader.rows("SELECT * FROM person ORDER BY staff_number"), _person, note)


def find_account(reader: Reader, system: str, user_id: str) -> Account | None:
    """Return the account, a discarded one too, or None."""
    row = reader.row("SELECT * FROM account WHERE system = ? AND user_id = ?", (system, user_id))
    return _account(row) if row else None


def get_account(reader: Reader, system: str, user_id: str) -> Account:
    """Return the account; one that isn't in the ledger is refused."""
    found = find_account(reader, system, user_id)
    if found is None:
        raise Refusal(N_("The ledger has no ID {user_id} on {system}."), system=system, user_id=user_id)
    return found


def accounts(reader: Reader, system: str = "", *, staff_number: str = "", note: Note | None = None) -> list[Account]:
    """Return the accounts of one system or of all, or of one person, in order of system and ID."""
    found = reader.rows(
        "SELECT * FROM account WHERE (? = '' OR system = ?) AND (? = '' OR staff_number = ?) ORDER BY system, user_id",
        (system, system, staff_number, staff_number),
    )
    return rows.values(found, _account, note)


def grants(reader: Reader, system: str = "", user_id: str = "", *, note: Note | None = None) -> list[Grant]:
    """Return the grants of one account, of one system, or all, in the order in which they were given."""
    found = reader.rows(
        "SELECT * FROM account_grant WHERE (? = '' OR system = ?) AND (? = '' OR user_id = ?) ORDER BY number",
        (system, system, user_id, user_id),
    )
    return rows.values(found, _grant, note)


def get_grant(reader: Reader, number: int) -> Grant:
    """Return one grant by its number; an unknown number is refused."""
    row = reader.row("SELECT * FROM account_grant WHERE number = ?", (number,))
    if row is None:
        raise Refusal(N_("There is no grant {number}."), number=number)
    return _grant(row)


def suspensions(reader: Reader, system: str = "", user_id: str = "", *, note: Note | None = None) -> list[Suspension]:
    """Return the suspensions of one account, of one system, or all, lifted ones too, oldest first."""
    found = reader.rows(
        "SELECT * FROM account_suspension WHERE (? = '' OR system = ?) AND (? = '' OR user_id = ?) ORDER BY number",
        (system, system, user_id, user_id),
    )
    return rows.values(found, _suspension, note)


_person: Final = rows.Mapper(Person, "person", "staff_number")


_account: Final = rows.Mapper(Account, "account", "system", "user_id")


_grant: Final = rows.Mapper(Grant, "account_grant", "number")


_suspension: Final = rows.Mapper(Suspension, "account_suspension", "number")
