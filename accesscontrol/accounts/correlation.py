"""Whose is it? What a target's account has to do with the ledger and its persons, decided by staff number first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from accesscontrol.accounts.connectors.protocol import ObservedAccount
from accesscontrol.accounts.model import Account, Person, Purpose, Situation
from accesscontrol.accounts.names import fold_name


@dataclass(frozen=True, slots=True)
class Directory:
    """The known persons by staff number, and the staff numbers behind each folded name."""

    persons: Mapping[str, Person]
    named: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, persons: Iterable[Person], former_names: Mapping[str, Iterable[str]] | None = None) -> Self:
        """Build the directory; ``former_names`` are earlier names and other spellings, by staff number."""
        known = {person.staff_number: person for person in persons}
        named: defaultdict[str, set[str]] = defaultdict(set)
        for number, person in known.items():
            for name in (person.name, person.name_kana, *(former_names or {}).get(number, ())):
                if folded := fold_name(name):
                    named[folded].add(number)
        return cls(known, {name: frozenset(numbers) for name, numbers in named.items()})

    def candidates(self, observed: ObservedAccount) -> tuple[str, ...]:
        """Return the staff numbers that fit what the target says of the owner: the number alone, or the name."""
        if observed.staff_number:
            return (observed.staff_number,) if observed.staff_number in self.persons else ()
        if not observed.display_name or not self.named:
            return ()
        return tuple(sorted(self.named.get(fold_name(observed.display_name), ())))


@dataclass(frozen=True, slots=True)
class Match:
    """The situation of an observed account, and the staff numbers that speak for it."""

    situation: Situation
    candidates: tuple[str, ...] = ()


def correlate(observed: ObservedAccount, account: Account | None, directory: Directory) -> Match:
    """Return how an account that was read and the ledger's line of it, if there is one, stand to each other.

    Disputed: the target names another owner than the ledger, several persons fit, or a discarded ID can be used again.
    """
    if account is None:
        return _proposed(directory.candidates(observed))
    if account.discarded_at is not None and not observed.lapsed:
        return Match(Situation.DISPUTED, (account.staff_number,) if account.staff_number else ())
    said = observed.staff_number
    if account.purpose is Purpose.PERSONAL and said and said != account.staff_number:
        return Match(Situation.DISPUTED, tuple(sorted({account.staff_number, said})))
    return _LINKED


_LINKED: Final = Match(Situation.LINKED)
_UNMATCHED: Final = Match(Situation.UNMATCHED)


def _proposed(candidates: tuple[str, ...]) -> Match:
    if not candidates:
        return _UNMATCHED
    return Match(Situation.UNLINKED if len(candidates) == 1 else Situation.DISPUTED, candidates)
