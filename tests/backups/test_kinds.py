"""Who may have a part in letting something leave or end: a contractor, temporary staff or an auditor never."""

from datetime import timedelta

import pytest

from accesscontrol.people.roles import Role
from accesscontrol.requests.kinds import Kind, Place
from backups.catalogue import Catalogue
from backups.erasure import backup_erasure_kind
from backups.exports import backup_export_kind
from backups.media.destinations import FolderDestinations
from backups.media.output import OutputRules, media_output_kinds
from tests.backups.office import ZONE


@pytest.fixture
def kinds(catalogue: Catalogue) -> list[Kind]:
    rules = OutputRules(next_business_day=lambda day: day + timedelta(days=1))
    outputs = media_output_kinds(catalogue, zone=ZONE, destinations=FolderDestinations(), rules=rules)
    return [backup_export_kind(catalogue, zone=ZONE), backup_erasure_kind(catalogue), *outputs]


def test_contractors_temporary_staff_and_auditors_have_no_part(kinds: list[Kind]) -> None:
    never = {Role.CONTRACTOR_OPERATOR, Role.TEMPORARY_STAFF, Role.AUDITOR}
    for kind in kinds:
        able = kind.requesters | kind.executors
        assert not able & never, kind.name
        assert not {role for slot in kind.slots for role in slot.roles} & (never | able), kind.name


def test_what_is_written_to_a_medium_has_a_witness_unless_the_site_decides_otherwise(kinds: list[Kind]) -> None:
    assert {kind.name for kind in kinds if kind.witness} == {"backup-export", "media-output", "media-output-bulk"}


def test_whole_backups_leave_and_end_only_in_the_server_room(kinds: list[Kind]) -> None:
    placed = {kind.name for kind in kinds if kind.place is Place.SERVER_ROOM}
    assert placed == {"backup-export", "backup-erasure"}
