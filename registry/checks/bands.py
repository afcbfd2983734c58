"""Whether the number of persons is still in the band that the assessment declares (CHK-CNT-02)."""

from collections.abc import Iterator
from typing import Final

from accesscontrol.messages import N_
from registry.checks.model import Check, FileCheck, Found, Settings, Severity
from registry.databases.interface import Registry
from registry.files import IDENTITY_INFO, RESIDENT_REGISTER
from registry.files.codes import Deleted

BAND: Final = Check(
    id="CHK-CNT-02",
    title=N_("Numbers within the declared bands"),
    message=N_("The number of persons in {file} is outside the declared band."),
    severity=Severity.warning,
    files=(1, 2),
    controls=("AC-USR-09",),
)
_FEWEST, _BELOW = 100_000, 1_000_000
# Who counts: residents and deleted persons, deletion by death excepted. File 3 is empty but for the newest batches.
_PERSONS: Final = {
    # names of ours
    RESIDENT_REGISTER.table: f"SELECT count(*) FROM resident_register WHERE deleted_record_class <> '{Deleted.death}'",  # noqa: S608
    IDENTITY_INFO.table: "SELECT count(*) FROM identity_info",
}


def _outside(registry: Registry, _settings: Settings) -> Iterator[Found]:
    """Find the files whose number of persons left its band; a synthetic city declares none."""
    if registry.meta().get("synthetic") == "yes":
        return
    for table, sql in _PERSONS.items():
        ((persons,),) = registry.rows(sql)
        if not _FEWEST <= persons < _BELOW:
            yield table, 0, ()


def file_checks() -> list[FileCheck]:
    """Return the check of the bands."""
    return [FileCheck(BAND, _outside)]
