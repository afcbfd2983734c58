"""A missing service is a skip with its reason on a person's machine and a failure under CI=true."""

from __future__ import annotations

import pytest

from tests.services.availability import program, require_programs

PLANTED = """
import pytest
from tests.services.availability import require_programs, skip_for_kernel

def test_needs_a_service():
    require_programs("no-such-program")

@pytest.mark.skipif(True, reason="no PostgreSQL here")
def test_skips_on_its_own():
    raise AssertionError

def test_needs_the_kernel():
    skip_for_kernel("network namespaces")

@pytest.mark.xfail(strict=True)
def test_is_known_to_fail():
    raise AssertionError
"""


@pytest.fixture(autouse=True)
def _on_a_person_s_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def run(pytester: pytest.Pytester) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-p", "tests.services.availability", "-rs")


def test_a_missing_service_is_a_skip_that_says_what_mends_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PLANTED)
    result = run(pytester)
    result.assert_outcomes(skipped=3, xfailed=1)
    result.stdout.fnmatch_lines(["*missing on this machine: no-such-program (scripts/services puts it in place)"])


def test_under_ci_nothing_is_skipped_but_for_the_kernel(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile(PLANTED)
    result = run(pytester)
    result.assert_outcomes(failed=1, errors=1, skipped=1, xfailed=1)
    result.stdout.fnmatch_lines(["under CI=true nothing is skipped for want of a service:*no-such-program*"])
    result.stdout.fnmatch_lines(["under CI=true nothing is skipped for want of a service:*no PostgreSQL here*"])


def test_under_ci_a_fixture_that_skips_fails_its_tests(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile(
        """
        import pytest
        from tests.services.availability import require_programs

        @pytest.fixture(scope="session")
        def service():
            require_programs("no-such-program")

        def test_uses_it(service):
            pass
        """
    )
    run(pytester).assert_outcomes(errors=1)


def test_under_ci_a_module_that_skips_itself_is_an_error(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile("import pytest; pytest.importorskip('no_such_module')")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    assert result.ret != pytest.ExitCode.OK


def test_a_program_outside_the_ordinary_path_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    [sshd] = require_programs("sshd")
    monkeypatch.setenv("PATH", "/nonexistent")
    assert program("sshd") == sshd
    assert program("no-such-program") is None
