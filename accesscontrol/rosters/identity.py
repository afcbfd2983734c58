"""Is a roster's person the one in the ledger? The staff number decides; a name that contradicts it disputes.

A person may have several names: the one of the ledger, the former one that the roster tells (旧姓), and names that
somebody settled. Two persons may have one name: then somebody settles that they are two.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accesscontrol.accounts import reading
from accesscontrol.accounts.model import Person, PersonKind
from accesscontrol.accounts.names import fold_name
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.rosters.model import Line
from accesscontrol.store import Transaction


@dataclass(frozen=True, slots=True)
class Identities:
    """The persons of the ledger by number and by folded name, and what was settled about names."""

    persons: Mapping[str, Person]
    named: Mapping[str, frozenset[str]]
    settled_names: Mapping[str, frozenset[str]]
    namesakes: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, reader: Reader) -> "Identities":
        """Read the ledger and the decisions."""
        persons = {person.staff_number: person for person in reading.persons(reader, note=reader.note_damage)}
        named: defaultdict[str, set[str]] = defaultdict(set)
        for number, person in persons.items():
            named[fold_name(person.name)].add(number)
        settled: defaultdict[str, set[str]] = defaultdict(set)
        for row in reader.rows("SELECT staff_number, folded FROM roster_name"):
            settled[row["staff_number"]].add(row["folded"])
        pairs = reader.rows("SELECT staff_number, other FROM roster_namesake")
        return cls(
            persons,
            {name: frozenset(numbers) for name, numbers in named.items()},
            {number: frozenset(names) for number, names in settled.items()},
            frozenset((row["staff_number"], row["other"]) for row in pairs),
        )

    def doubts(self, line: Line, at: datetime) -> tuple[str, ...]:
        """Return the staff numbers between which a line is disputed; none when it is clear whose it is.

        A known number under a name that nothing explains may have been given to somebody else; a new number under a
        known name may be somebody who is there already (re-employed, or counted twice). One who is there at ``at`` as
        staff is no contractor's worker, and the other way round.
        """
        names = {fold_name(line.name)} | {fold_name(name) for name in _former(line)}
        known = self.persons.get(line.staff_number)
        if known is not None:
            contracted = PersonKind.CONTRACTOR in {known.kind, line.kind}
            if contracted and known.kind is not line.kind and known.valid(at):
                return (line.staff_number,)
            agreed = {fold_name(known.name)} | self.settled_names.get(line.staff_number, frozenset())
            return () if names & agreed else (line.staff_number,)
        others = {number for name in names for number in self.named.get(name, ())}
        return tuple(sorted(other for other in others if (line.staff_number, other) not in self.namesakes))


def _former(line: Line) -> Iterable[str]:
    """Return the line's former name, whole or, as rosters often have it, as the family name alone."""
    if not line.former_name:
        return ()
    given = line.name.replace("\u3000", " ").split()[1:]
    return (line.former_name, " ".join((line.former_name, *given)))


def settle_name(tx: Transaction, staff_number: str, name: str, *, actor: str, terminal: str = "") -> None:
    """Settle that ``name`` is another name of the person with this number (act ``roster.name-settled``)."""
    person = reading.get_person(tx, staff_number)
    folded = fold_name(name)
    if not folded:
        raise Refusal(N_("A person needs a name, without control characters."), control="AC-USR-01")
    tx.execute(
        "INSERT OR IGNORE INTO roster_name (staff_number, name, folded, settled_at, settled_by) VALUES (?, ?, ?, ?, ?)",
        (staff_number, name, folded, to_text(tx.at), actor),
    )
    tx.record("roster.name-settled", actor=actor, subject=staff_number, terminal=terminal, known=person.name, name=name)


def settle_namesakes(tx: Transaction, staff_number: str, other: str, *, actor: str, terminal: str = "") -> None:
    """Settle that the new ``staff_number`` is not the person ``other`` (act ``roster.namesakes-settled``)."""
    reading.get_person(tx, other)
    tx.execute(
        "INSERT OR IGNORE INTO roster_namesake (staff_number, other, settled_at, settled_by) VALUES (?, ?, ?, ?)",
        (staff_number, other, to_text(tx.at), actor),
    )
    tx.record("roster.namesakes-settled", actor=actor, subject=staff_number, terminal=terminal, other=other)
