"""The matchings that the assessment declares, and no others: purpose and key are fixed (RG-INT-14, CHK-SCP-03).

Each compares an export from the other side with the register and opens a report of the differences.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from registry.files import DESTINATION_INFO, IDENTITY_INFO, RESIDENT_REGISTER, File
from registry.files.codes import Deleted, RecordStatus
from registry.tasks import differences
from registry.tasks.comparing import comparison, counted, file_sha256, records_of
from registry.tasks.model import Cadence, Effect, Ground, Run, Step, Task

_KEY: Final = "resident_code"
_THE_COPY: Final = "III-6"  # the comparison of the copy with its original, which the assessment asks for by itself
_FOUR: Final = ("name_kanji", "address", "sex", "birth_date")


class Export(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file from the other side: CSV, the first line names the items, the resident code first."""

    source: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


@dataclass(frozen=True, slots=True)
class Matching:
    """One declared matching: our side, which of its records count, and the items that must be compared."""

    id: str
    file: File
    current: str
    items: frozenset[str]


DECLARED: Final = {
    each.id: each
    for each in (
        Matching("MT-1", RESIDENT_REGISTER, "", frozenset()),
        Matching("MT-2", RESIDENT_REGISTER, f"deleted_record_class = '{Deleted.living}'", frozenset()),
        Matching("MT-3", RESIDENT_REGISTER, f"deleted_record_class = '{Deleted.living}'", frozenset()),
        Matching("MT-4", IDENTITY_INFO, f"record_status_flag = '{RecordStatus.current}'", frozenset()),
        Matching("MT-5", IDENTITY_INFO, f"record_status_flag = '{RecordStatus.current}'", frozenset()),
        Matching("MT-6", DESTINATION_INFO, "", frozenset(_FOUR)),
        Matching(_THE_COPY, RESIDENT_REGISTER, f"deleted_record_class = '{Deleted.living}'", frozenset()),
    )
}


def require_declared(purpose: str, key: str, file: File) -> Matching:
    """Return the matching for ``purpose``; :class:`Refusal` for another purpose, file or key (CHK-SCP-03)."""
    found = DECLARED.get(purpose)
    if found is None or key != _KEY or file is not found.file:
        raise Refusal(N_("This matching is not declared."), control="RG-INT-14")
    return found


def _effect(ground: Ground, parameters: Export) -> Effect:
    return Effect(counts=ground.registry.counts(), sha256=file_sha256(Path(parameters.source)))


def _compare(purpose: str, file: File) -> Callable[[Run], None]:
    def compare(run: Run) -> None:
        with records_of(Path(run.parameters.source), file, _KEY) as (columns, theirs), comparison() as under_way:
            matching = require_declared(purpose, columns[0], file)
            if not matching.items <= set(columns):
                raise Refusal(N_("The file lacks items that this matching compares."), control="RG-INT-12")
            where = f" WHERE {matching.current}" if matching.current else ""
            sql = f"SELECT record_id, {', '.join(columns)} FROM {file.table}{where}"  # noqa: S608 - declared names
            run.evidence["theirs"] = under_way.theirs(theirs)
            run.evidence["ours"] = under_way.ours(run.rows(sql))
            numbers = [file.item(column).number for column in columns[1:]]
            lines = list(under_way.differences(file.table, numbers))
        counts = counted(lines)
        with run.ground.store.transaction() as tx:
            run.evidence["report"] = differences.keep(
                tx, run.task, lines, counts, actor=run.person.staff_number, terminal=run.person.terminal
            )
        run.evidence |= {"differences": dict(counts), "agrees": not lines}

    return compare


def _matching_task(
    name: str, purpose: str, file: File, *, title: str, says: str, controls: tuple[str, ...], check: str, **more: Any
) -> Task:
    return Task(
        name=name,
        title=title,
        purpose=says,
        controls=controls,
        checks=(check, "CHK-SCP-03", "CHK-FMT-07"),
        parameters=Export,
        labels={"source": N_("File from the other side")},
        effect=_effect,
        steps=(Step(N_("Compare item by item"), _compare(purpose, file)),),
        expected=timedelta(minutes=5),
        **more,
    )


COPY: Final = _matching_task(
    "compare-copy",
    _THE_COPY,
    RESIDENT_REGISTER,
    title=N_("Comparison of the copy in the intermediary server with the original"),
    says=N_("Compares an export of the copy with the living records of file 1."),
    controls=("RG-PRV-07",),
    check="CHK-REC-03",
    due=Cadence.monthly,
)
DESTINATION: Final = _matching_task(
    "match-destination",
    "MT-6",
    DESTINATION_INFO,
    title=N_("Comparison of destination information with the latest attributes held by the national body"),
    says=N_("Compares the four attributes of file 3 with the reply of the national server; what changed is held back."),
    controls=("RG-INT-12", "RG-INT-14"),
    check="CHK-REC-04",
)
NUMBERS: Final = _matching_task(
    "match-numbers",
    "MT-2",
    RESIDENT_REGISTER,
    title=N_("Comparison of codes and numbers with those of the national body"),
    says=N_("Compares resident codes and individual numbers of file 1 with a list of the national server."),
    controls=("RG-INT-11", "RG-INT-14"),
    check="CHK-ID-06",
)
