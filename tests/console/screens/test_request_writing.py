"""Which requests can be written by answering questions, one field for each parameter."""

from pathlib import Path

import pytest

from accesscontrol.requests.kinds import Kind
from console.screens.requests.writing import _is_a_form
from tests.console.town import Town


@pytest.fixture
def kinds(tmp_path: Path) -> dict[str, Kind]:
    return dict(Town.copied_to(tmp_path).site.kinds)


def test_one_id_is_asked_for_in_a_form_and_many_come_from_a_file(kinds: dict[str, Kind]) -> None:
    forms = {name for name, kind in kinds.items() if _is_a_form(kind)}
    assert {"account-issue", "account-change", "account-extend", "account-revoke", "roster-import"} <= forms
    assert "accounts-bulk" in set(kinds) - forms
