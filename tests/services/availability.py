"""What this machine can do, and the rule for what it can't.

A test that needs a service asks with :func:`require_programs`; without it the test is skipped with the reason.
Under ``CI=true`` nothing may be skipped for want of a service: every skip becomes a failure, whatever it says,
unless it was made by :func:`skip_for_kernel`, the one excuse that no package could mend.
"""

from __future__ import annotations

import glob
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

KERNEL = "the kernel does not offer"
SYSTEM_DIRECTORIES = ("/usr/sbin", "/sbin", "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")


def program(name: str) -> Path | None:
    """Return the absolute path of ``name``, also where it lies outside an ordinary PATH; None when it is missing."""
    places = [os.environ.get("PATH", os.defpath)]
    for pattern in SYSTEM_DIRECTORIES:
        places += sorted(glob.glob(pattern), reverse=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
    found = shutil.which(name, path=os.pathsep.join(places))
    return Path(found).absolute() if found else None


def require_programs(*names: str) -> list[Path]:
    """Return the absolute paths of ``names``, or skip the test."""
    found = {name: program(name) for name in names}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        pytest.skip(f"missing on this machine: {', '.join(missing)} (scripts/services puts it in place)")
    return [path for path in found.values() if path is not None]


def skip_for_kernel(feature: str) -> NoReturn:
    """Skip a test that needs a feature of the kernel, such as network namespaces, which no package brings."""
    pytest.skip(f"{KERNEL} {feature}")


def refused_skip(reason: str) -> str | None:
    """Return why a skip is a failure here, or None when it may stand."""
    if os.environ.get("CI") != "true" or KERNEL in reason:
        return None
    return f"under CI=true nothing is skipped for want of a service: {reason}"


def _reason(report: pytest.CollectReport | pytest.TestReport) -> str:
    match report.longrepr:
        case (_, _, str(reason)):
            return reason
        case other:
            return str(other)


def _refuse_skip(report: pytest.CollectReport | pytest.TestReport) -> None:
    if report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        refusal = refused_skip(_reason(report))
        if refusal is not None:
            report.outcome = "failed"
            report.longrepr = refusal


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a test's skip into a failure where it may not stand."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole module into a failure where it may not stand."""
    report = yield
    _refuse_skip(report)
    return report
