"""Which approved requests make which acts in the logs expected."""

from pathlib import Path

import pytest

from console.facts import actions_of
from monitors.events.schema import Action
from tests.console.city import City


@pytest.mark.parametrize("kind", ["maintenance-task:care-tidy", "adhoc-sql", "adhoc-sql-change"])
def test_approved_work_on_a_system_makes_administration_expected(kind: str) -> None:
    assert actions_of(kind) == {Action.ADMIN}


def test_every_kind_of_maintenance_of_a_site_covers_administration_and_an_output_covers_none(tmp_path: Path) -> None:
    site = City.copied_to(tmp_path).site
    kinds = [name for name in site.kinds if name.startswith(("maintenance-task", "adhoc"))]
    assert len(kinds) > 5
    assert all(actions_of(name) == {Action.ADMIN} for name in kinds)
    assert actions_of("media-output") == {Action.BACKUP, Action.MEDIA, Action.EXPORT}
    assert not actions_of("settings-change")
