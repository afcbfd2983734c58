"""What is known of a person and a household before it becomes records."""

from dataclasses import dataclass, field
from datetime import date

from registry.files.codes import HEAD_OF_HOUSEHOLD, ChangeReason
from registry.synthetic.names import Land, Name, Written
from registry.synthetic.places import Address


@dataclass(frozen=True, slots=True)
class Foreign:
    """What the register holds of a foreign resident beside the rest (items 58 to 80 of file 1)."""

    land: Land
    status: str
    legal_class: str
    card: str
    stay_expiry: date | None
    period_years: int | None
    alias: Name | None


@dataclass(frozen=True, slots=True)
class Departure:
    """How and when a person ceased to be a resident; where to, for a move."""

    deleted_class: str
    reason: str
    changed: date
    notified: date
    planned: Address | None = None
    confirmed: Address | None = None


@dataclass(slots=True, kw_only=True)
class Person:
    """One person: who, since when a resident, and what changed since."""

    name: Name
    sex: str
    birth: date
    birth_text: str
    relationship: str
    resident_code: str | None
    individual_number: str | None
    pension_number: str
    became_resident: date
    became_reason: str
    address_fixed: date
    fixed_reason: str
    came_from: Address | None = None
    lived_before: Address | None = None
    maiden: Written | None = None
    former_surname_since: date | None = None
    old_resident_code: str | None = None
    code_changed: date | None = None
    foreign: Foreign | None = None
    departure: Departure | None = None
    number_requested: date | None = None

    def changes(self) -> list[tuple[date, str]]:
        """Return day and reason of each change of the record, oldest first, beginning with its entry."""
        later = [
            (self.address_fixed, self.fixed_reason),
            (self.code_changed, ChangeReason.resident_code_change),
            (self.former_surname_since, ChangeReason.former_surname_entry),
            (self.departure and self.departure.changed, self.departure.reason if self.departure else ""),
        ]
        after = [(day, reason) for day, reason in later if day and day > self.became_resident]
        return [(self.became_resident, self.became_reason), *sorted(after)]


@dataclass(slots=True, kw_only=True)
class Household:
    """People who live together; those who died or left while the household stayed are kept apart."""

    number: str
    address: Address
    members: list[Person] = field(default_factory=list)
    departed: list[Person] = field(default_factory=list)

    @property
    def head(self) -> Person:
        """Return the head; in a household of which nobody is left, the head it had."""
        people = self.members or self.departed
        return next(person for person in people if person.relationship == HEAD_OF_HOUSEHOLD)
