"""The statistics that the assessment allows: file 1 without the individual number, of file 2 counts of work only.

Every report is declared by file, columns and grouping; what a declaration reads is judged, not its text (RG-INT-13).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import msgspec

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from registry.files import DESTINATION_INFO, IDENTITY_INFO, RESIDENT_REGISTER, File
from registry.files.codes import Deleted
from registry.tasks.model import Effect, Ground, Run, Step, Task

_FORBIDDEN_IN_1: Final = frozenset({"individual_number"})  # item 81
_WORK: Final = frozenset({"change_reason", "change_date", "change_reason_detail", "timestamp", "record_status_flag"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One count: the columns that it reads, the expressions it groups by, and which records count.

    Only records are counted, never added up or listed.
    """

    title: str
    file: File
    reads: tuple[str, ...]
    groups: tuple[str, ...]
    where: str = ""

    @property
    def sql(self) -> str:
        """Return the statement: the groups, then how many records."""
        groups = ", ".join(self.groups)
        where = f" WHERE {self.where}" if self.where else ""
        # our own conditions
        return f"SELECT {groups}, count(*) FROM {self.file.table}{where} GROUP BY {groups} ORDER BY {groups}"  # noqa: S608


def require_permitted(report: Report) -> None:
    """Refuse what may not be counted: the number in file 1, persons in file 2, anything of file 3 (CHK-SCP-02)."""
    reads = frozenset(report.reads) | _named(report)
    forbidden = {
        RESIDENT_REGISTER.number: reads & _FORBIDDEN_IN_1,
        IDENTITY_INFO.number: reads - _WORK,
        DESTINATION_INFO.number: reads | {"*"},
    }[report.file.number]
    if forbidden:
        raise Refusal(N_("This statistic is not permitted on {file}."), control="RG-INT-13", file=report.file.name_ja)


def _named(report: Report) -> frozenset[str]:
    """Return every item whose column the statement names, declared or not."""
    text = " ".join((*report.groups, report.where))
    words = frozenset("".join(each if each.isalnum() or each == "_" else " " for each in text).split())
    return words & frozenset(report.file.columns)


_LIVING: Final = f"deleted_record_class = '{Deleted.living}'"
REPORTS: Final[Mapping[str, Report]] = MappingProxyType(
    {
        "residents-by-district": Report(
            title=N_("Residents by district and sex"),
            file=RESIDENT_REGISTER,
            reads=("admin_district_code", "sex_code", "deleted_record_class"),
            groups=("admin_district_code", "sex_code"),
            where=_LIVING,
        ),
        "residents-by-decade": Report(
            title=N_("Residents by decade of birth and sex"),
            file=RESIDENT_REGISTER,
            reads=("birth_date", "sex_code", "deleted_record_class"),
            groups=("substr(birth_date, 1, 3)", "sex_code"),
            where=_LIVING,
        ),
        "foreign-residents": Report(
            title=N_("Foreign residents by class"),
            file=RESIDENT_REGISTER,
            reads=("article_30_45_class", "deleted_record_class"),
            groups=("article_30_45_class",),
            where=f"{_LIVING} AND article_30_45_class IS NOT NULL",
        ),
        "deleted-records-by-year": Report(
            title=N_("Deleted records by class and year"),
            file=RESIDENT_REGISTER,
            reads=("deleted_record_class", "deletion_change_date"),
            groups=("deleted_record_class", "substr(deletion_change_date, 1, 4)"),
            where="deletion_change_date IS NOT NULL",
        ),
        "updates-by-month": Report(
            title=N_("Updates of identity information by reason and month"),
            file=IDENTITY_INFO,
            reads=("change_reason", "change_date"),
            groups=("change_reason", "substr(change_date, 1, 7)"),
        ),
    }
)


class Name(StrEnum):
    """The declared reports, as a form offers them."""

    residents_by_district = "residents-by-district"
    residents_by_decade = "residents-by-decade"
    foreign_residents = "foreign-residents"
    deleted_records_by_year = "deleted-records-by-year"
    updates_by_month = "updates-by-month"


class Statistic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of the declared reports."""

    report: Name


def _effect(ground: Ground, parameters: Statistic) -> Effect:
    report = REPORTS[parameters.report]
    require_permitted(report)
    return Effect(counts={report.file.table: ground.registry.counts()[report.file.table]})


def _count(run: Run) -> None:
    report = REPORTS[run.parameters.report]
    rows: list[list[Any]] = [list(row) for row in run.rows(report.sql)]
    run.output |= {"groups": list(report.groups), "rows": rows}
    run.evidence |= {"report": str(run.parameters.report), "rows": len(rows), "records": sum(row[-1] for row in rows)}


TASK = Task(
    name="statistics",
    title=N_("Permitted statistics"),
    purpose=N_("Counts records by declared groups, without individual numbers and never by person."),
    controls=("RG-INT-13",),
    checks=("CHK-SCP-02",),
    parameters=Statistic,
    labels={"report": N_("Report")},
    effect=_effect,
    steps=(Step(N_("Count"), _count),),
    expected=timedelta(minutes=1),
)
