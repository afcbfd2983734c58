"""Output of register data to a medium: by right, by approval, by terminal, and in sum (BK-MED-07).

What leaves is a sealed extract: a backup of the kind ``extract`` whose manifest names the record items and
the number of persons. So only encrypted content leaves, and what was approved is what is written.
"""

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from accesscontrol.canonical import JSON
from accesscontrol.clock import local_day, to_text
from accesscontrol.messages import N_
from accesscontrol.people import terminals
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from accesscontrol.requests.kinds import Execution, Kind, Place, Slot
from accesscontrol.requests.reading import Request
from accesscontrol.store import Transaction
from backups.catalogue import Catalogue
from backups.duty import Duty
from backups.ledger import ENDING_TITLES
from backups.manifest import Manifest
from backups.media.destinations import Destinations
from backups.outputs import LABELS, Exit, Leaving, Line, touches

KIND: Final = "media-output"
BULK_KIND: Final = "media-output-bulk"
EXTRACT: Final = "extract"
PERSONS: Final = "persons"
"""The part of an extract's manifest that counts the persons; every other part is a record item."""

EXTRACTING: Final = Duty(frozenset({Role.OPERATOR, Role.SYSTEM_ADMIN}), "BK-MED-01")
"""Preparing extracts of the register, asking for their output, and writing them."""

FILE_TITLES: Final = MappingProxyType(
    {
        "file1": N_("Basic resident register file"),
        "file2": N_("Identity information file"),
        "file3": N_("Destination information file"),
    }
)


class BulkOutput(Refusal):
    """What is asked for is bulk output, by itself or with what was asked for before: it must be asked for as such."""


class MediaOutput(Leaving, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which record items of which file, of how many persons, leave; file 3 is handed over, never kept (BK-MED-10)."""

    file: Literal["file1", "file2", "file3"]
    items: Annotated[tuple[Line, ...], msgspec.Meta(min_length=1, max_length=500)]
    persons: Annotated[int, msgspec.Meta(ge=1)]
    ending: Literal["return", "destroy", "hand-over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRules:
    """The site's rules: from how many persons output is bulk, over how long outputs add up, and where it is done.

    ``terminals`` are the names of those with the output mark; empty means every registered one that is not
    restricted (BK-MED-02). ``next_business_day`` gives the day by which a medium of file 3 is handed over.
    """

    next_business_day: Callable[[date], date]
    bulk: int = 100
    window: timedelta = timedelta(hours=24)
    terminals: frozenset[str] = frozenset()
    witness: bool = True


def media_output_kinds(
    catalogue: Catalogue, *, zone: ZoneInfo, destinations: Destinations, rules: OutputRules
) -> tuple[Kind, Kind]:
    """Return the kinds for output of few persons and for bulk output, which the output manager approves."""
    few = _Output(Exit(KIND, catalogue, zone, destinations), rules, bulk=False)
    many = _Output(Exit(BULK_KIND, catalogue, zone, destinations), rules, bulk=True)
    return (
        few.kind(N_("Media output of register data"), slots.SUPERIOR),
        many.kind(N_("Bulk media output of register data"), slots.OUTPUT_MANAGER),
    )


@dataclass(frozen=True, slots=True)
class _Output:
    way: Exit
    rules: OutputRules
    bulk: bool

    def kind(self, title: str, slot: Slot) -> Kind:
        return Kind(
            name=self.way.kind,
            title=title,
            controls=("BK-MED-01", "BK-MED-02", "BK-MED-03", "BK-MED-05", "BK-MED-06", "BK-MED-07", "BK-MED-10"),
            parameters=MediaOutput,
            requesters=EXTRACTING.roles,
            executors=EXTRACTING.roles,
            slots=(slot,),
            execute=self.execute,
            describe=self.describe,
            artefacts=self.artefacts,
            labels={**LABELS, "file": N_("File"), "items": N_("Record items"), "persons": N_("Persons")},
            touches=touches,
            admits=self.admit,
            witness=self.rules.witness,
            place=Place.REGISTERED,
        )

    def describe(self, parameters: MediaOutput) -> Mapping[str, object]:
        """Return what requester and approver see."""
        return {
            N_("File"): FILE_TITLES[parameters.file],
            N_("Record items"): ", ".join(parameters.items),
            N_("Persons"): parameters.persons,
            **self.way.describe(parameters),
            N_("Ending"): ENDING_TITLES[parameters.ending],
        }

    def artefacts(self, parameters: MediaOutput) -> Mapping[str, str]:
        """Hash the extract as it is now; Refusal when it holds anything else than what is asked for."""
        known, hashes = self.way.hashed(parameters)
        _require_same(known, parameters)
        self._require_ending(parameters)
        if not self.bulk and parameters.persons > self.rules.bulk:
            raise _too_many(parameters.persons, self.rules.bulk)
        return hashes

    def admit(self, tx: Transaction, request: Request) -> None:
        """Refuse what together with the outputs of the last hours and with what is still open is bulk (BK-MED-07)."""
        purpose, persons = str(request.parameters["purpose"]), int(request.parameters["persons"])
        total = persons + self._sum(tx, request.requester, purpose) + self._open(tx, request)
        if not self.bulk and total > self.rules.bulk:
            raise _too_many(total, self.rules.bulk)

    def execute(self, execution: Execution) -> Mapping[str, JSON]:
        """Write the extract, unless with those of the last hours it is more than was asked for (BK-MED-07)."""
        self._require_terminal(execution)
        parameters: MediaOutput = execution.parameters

        def within_sum(tx: Transaction, request: Request) -> None:
            total = parameters.persons + self._sum(tx, request.requester, parameters.purpose)
            if not self.bulk and total > self.rules.bulk:
                raise _too_many(total, self.rules.bulk)

        return self.way.carry_out(execution, ending=parameters.ending, persons=parameters.persons, also=within_sum)

    def _sum(self, tx: Transaction, requester: str, purpose: str) -> int:
        """Return the persons of this requester's outputs for this purpose within the window, bulk ones aside."""
        rows = tx.rows(
            "SELECT purpose, persons FROM output"
            " WHERE requester = ? AND kind = ? AND state <> 'failed' AND started_at > ?",
            (requester, self.way.kind, to_text(tx.at - self.rules.window)),
        )
        return sum(row["persons"] for row in rows if _plain(row["purpose"]) == _plain(purpose))

    def _open(self, tx: Transaction, request: Request) -> int:
        """Return the persons of this requester's other requests for this purpose that were not executed yet."""
        rows = tx.rows(
            "SELECT parameters FROM request WHERE requester = ? AND kind = ? AND id <> ?"
            " AND state IN ('submitted', 'approved') AND not_after > ?",
            (request.requester, self.way.kind, request.id, to_text(tx.at)),
        )
        purpose = _plain(str(request.parameters["purpose"]))
        others = [json.loads(row["parameters"]) for row in rows]
        return sum(other["persons"] for other in others if _plain(other["purpose"]) == purpose)

    def _require_terminal(self, execution: Execution) -> None:
        found = terminals.find(execution.store, execution.terminal)
        marked = not self.rules.terminals or execution.terminal in self.rules.terminals
        if found is None or found.restricted or not marked:
            raise Refusal(
                N_("{terminal} is not a terminal from which media may be written."),
                control="BK-MED-02",
                terminal=execution.terminal,
            )

    def _require_ending(self, parameters: MediaOutput) -> None:
        if parameters.file != "file3":
            if parameters.ending == "hand-over":
                raise Refusal(N_("Only the medium of file 3 is handed over."), control="BK-MED-10")
            return
        today = local_day(self.way.catalogue.store.clock.now(), self.way.zone)
        last = self.rules.next_business_day(today)
        if parameters.ending != "hand-over" or parameters.due > last:
            raise Refusal(
                N_("A medium of file 3 is handed over by {day}; the city does not keep it."),
                control="BK-MED-10",
                day=last,
            )


def _require_same(known: Manifest, parameters: MediaOutput) -> None:
    """Refuse unless the manifest names exactly the file, the record items and the persons that are asked for."""
    persons = sum(part.count for part in known.parts if part.name == PERSONS)
    items = {part.name for part in known.parts if part.name != PERSONS}
    if (known.head.kind, known.head.source) != (EXTRACT, parameters.file):
        raise Refusal(N_("{backup} is not an extract of this file."), control="BK-MED-04", backup=parameters.backup)
    if (persons, items) != (parameters.persons, set(parameters.items)):
        raise Refusal(
            N_("{backup} holds other items or {persons} persons instead of {asked}."),
            control="BK-MED-06",
            backup=parameters.backup,
            persons=persons,
            asked=parameters.persons,
        )


def _too_many(total: int, most: int) -> BulkOutput:
    return BulkOutput(
        N_("{total} persons within the window are bulk output (more than {most}); ask for a bulk output."),
        control="BK-MED-07",
        total=total,
        most=most,
    )


def _plain(text: str) -> str:
    """Return a purpose so that width, case and blanks make no new one of it."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
