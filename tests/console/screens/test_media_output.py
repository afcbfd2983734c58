"""Asking at the screen for output of register data: small ones add up, and then another person approves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from accesscontrol.people import terminals
from accesscontrol.people.roles import Role
from accesscontrol.requests import reading, submission
from accesscontrol.requests.desk import Acting
from backups.media.output import BULK_KIND, EXTRACTING, KIND
from backups.records import Backup
from console import extracts
from console.settings import MediaSection
from tests.console.screens.backups_site import PEOPLE, TERMINAL, BackupsSite, noon
from tests.goldens import played, screen_text

FEW = 3  # of whom two times are more than the site's threshold
SAID = {"medium": "M-0031", "carrier": "山田", "destination": "県庁", "purpose": "整合"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[BackupsSite]:
    media = MediaSection(plain_folders=True, watch=False, bulk_persons=2 * FEW - 1)
    office = BackupsSite(tmp_path, noon(), fact=terminals.present_fact(), media=media)
    with office.site.store.transaction() as tx:
        for login, role in (("sato", Role.SUPERIOR), ("suzuki", Role.OUTPUT_MANAGER)):
            tx.execute("INSERT INTO operator_role (login, role) VALUES (?, ?)", (login, role.value))
        tx.record("test.roles-written", actor="system")
    yield office
    office.site.store.close()


def extract(office: BackupsSite) -> Backup:
    """Prepare an extract of a few residents, as Yamada."""
    with office.site.register.look() as register:
        codes = [str(code) for _, code in register.scan("identity_info", ["resident_code"])]
    source = extracts.extract(office.site, "file2", ["漢字氏名", "生年月日"], frozenset(dict.fromkeys(codes[:FEW])))
    order = office.site.order_of(source, PEOPLE["yamada"][0], TERMINAL, duty=EXTRACTING)
    return office.site.catalogue.take(order)


async def test_what_adds_up_to_bulk_output_is_asked_for_as_such_by_handing_it_in_again(
    office: BackupsSite, tmp_path: Path
) -> None:
    folder = tmp_path / "medium"
    folder.mkdir()
    yamada = Acting("yamada", PEOPLE["yamada"][0], TERMINAL)
    kind, given = extracts.kind_of(office.site, extract(office))
    said = {**given, **SAID, "folder": str(folder), "ending": "return", "due": "2026-12-24"}
    submission.submit(office.site.desk, kind, said, yamada, reason="整合のため")
    second = extract(office)
    app = office.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["x", "e"])
        assert "漢字氏名  生年月日" in screen_text(app)
        assert "superior (佐藤" in screen_text(app)
        for text in (SAID["medium"], str(folder), "山田", "県庁", "整合", "", "2026-12-24", "整合のため"):
            if isinstance(app.focused, Input):
                app.focused.value = text
            await played(pilot, ["enter"] if text else ["tab"])
        await played(pilot, ["enter"])
        words = " ".join(screen_text(app).split())
        assert f"{2 * FEW} persons within the window are bulk output" in words
        assert "The next handing in asks for that." in words
        assert "output manager (鈴木" in words
        await played(pilot, ["enter"])
        assert "waits for approval" in screen_text(app)
    asked = {request.kind: request for request in reading.listed(office.site.store)}
    assert asked.keys() == {KIND, BULK_KIND}
    assert asked[BULK_KIND].parameters["backup"] == second.id
