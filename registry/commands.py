"""The register's part of the command line: each function does one thing with a register and returns JSON values."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from registry.checks import Check, Settings, Severity, check, declared
from registry.databases import Registry, open_registry
from registry.files import FILES
from registry.loading import load
from registry.synthetic import create_city
from registry.synthetic.city import Progress
from registry.tasks.reconciliation import RECONCILED, reconcile


def create_registry(
    place: Path | str, *, residents: int, seed: int, today: date, progress: Progress | None = None
) -> dict[str, Any]:
    """Create the synthetic city's register at ``place``; return the rows of each table."""
    create_city(place, residents=residents, seed=seed, today=today, progress=progress)
    with open_registry(place, read_only=True) as registry:
        return {"residents": residents, "seed": seed, "rows": registry.counts()}


def load_registry(
    registry: Registry, source: Path, *, file_number: int, settings: Settings, encoding: str = "utf-8-sig"
) -> dict[str, Any]:
    """Load a CSV file into file 1, 2 or 3 (IndexError for another), whole or not at all; return what was done."""
    loaded = load(registry, FILES[file_number - 1], source, settings, encoding=encoding)
    checks = declared(settings)
    return {
        "file": file_number,
        "records": loaded.records,
        "warnings": loaded.warnings,
        "by_check": loaded.warnings,
        "by_severity": _by_severity({checks[name]: count for name, count in loaded.warnings.items()}),
    }


def _by_severity(found: Mapping[Check, int]) -> dict[str, int]:
    """Return the counts by severity, zeros included."""
    counts = dict.fromkeys((severity.value for severity in Severity), 0)
    for each, count in found.items():
        counts[each.severity.value] += count
    return counts


def check_registry(
    registry: Registry, settings: Settings, *, keep: int = 100, progress: Progress | None = None
) -> dict[str, Any]:
    """Run all record checks; return counts by check id and severity, and the first places by surrogate key."""
    report = check(registry, settings, keep=keep, progress=progress)
    damage = registry.integrity()
    return {
        "sound": report.sound and not damage,
        "records": report.records,
        "by_severity": report.by_severity,
        "by_check": report.by_check,
        "not_run": sorted(report.not_run),
        "damage": damage,
        "faults": [
            {
                "check": fault.check.id,
                "severity": fault.check.severity.value,
                "file": fault.file.number,
                "table": fault.table,
                "record": fault.record_id,
                "items": list(fault.items),
            }
            for fault in report.faults
        ],
    }


def reconcile_registry(registry: Registry, settings: Settings, *, keep: int = 1000) -> dict[str, Any]:
    """Compare file 1 with file 2, both ways; return counts, digests and the first differences by surrogate key."""
    result = reconcile(registry, settings, keep=keep)
    wrong = sum(result.counts.values()) - sum(result.pending.values())
    return {
        "agrees": result.agrees,
        "by_check": {RECONCILED.id: wrong},
        "by_severity": _by_severity({RECONCILED: wrong}),
        "register_records": result.register_records,
        "identity_records": result.identity_records,
        "counts": {kind.value: count for kind, count in result.counts.items()},
        "pending": {kind.value: count for kind, count in result.pending.items()},
        "register_digest": result.register_digest,
        "identity_digest": result.identity_digest,
        "differences": [
            {
                "kind": difference.kind.value,
                "register_record": difference.register_id,
                "identity_record": difference.identity_id,
                "items": list(difference.items),
                "pending": difference.pending,
            }
            for difference in result.differences
        ],
    }
