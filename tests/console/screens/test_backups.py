"""What an operator does with backups at the screen, on a real site with real sealed files."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from accesscontrol.clock import FixedClock
from accesscontrol.people import terminals
from accesscontrol.people.operators import SYSTEM
from accesscontrol.requests import reading
from accesscontrol.requests.desk import Acting
from accesscontrol.trail import entries
from backups import ledger, restoring, verification
from backups.records import Health
from backups.sealing.digests import Progress
from backups.sources import SourceState
from backups.sources.sqlite import SQLiteSource
from console.frame.app import SekishoApp
from console.frame.progress import ProgressDialog
from console.proof import opening
from console.screens.backups.acts import identities_in
from console.terminal import Profile
from console.widgets.line_input import LineInput
from console.wiring import Installation
from tests.console.screens.backups_site import TERMINAL, BackupsSite, noon
from tests.goldens import Golden, played, screen_text, settled

WIDE = (120, 40)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[BackupsSite]:
    office = BackupsSite(tmp_path, noon(), fact=terminals.present_fact())
    yield office
    office.site.store.close()


async def typed(pilot: Pilot[Any], text: str) -> None:
    """Put ``text`` into the field that has the focus, and go to the next."""
    field = pilot.app.focused
    assert isinstance(field, Input)
    field.value = text
    await played(pilot, ["enter"])


def said(pilot: Pilot[Any]) -> str:
    """Return the screen with every run of blanks as one, so that words can be looked for."""
    return " ".join(screen_text(pilot.app).split())


async def test_the_list_says_of_each_backup_how_old_and_how_far_to_be_trusted(office: BackupsSite) -> None:
    first, second = office.take(), office.take()
    first.sealed.write_bytes(b"x")
    app = office.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["x", "down", "v", "enter"])
        rows = [line for line in screen_text(app).splitlines() if "registry" in line]
    assert len(rows) == 2
    assert second.id in rows[0]
    assert "[ ] not proven" in " ".join(rows[0].split())
    assert "0 min" in rows[0]
    assert first.id in rows[1]
    assert "[!!] damaged" in rows[1]


async def test_the_details_show_hashes_in_groups_row_counts_recipients_signer_and_checks(office: BackupsSite) -> None:
    taken = office.take()
    app = office.app()
    async with app.run_test(size=(120, 60)) as pilot:
        await played(pilot, ["x"])
        words = said(pilot)
    assert " ".join(taken.sealed_sha256[at : at + 4] for at in range(0, 12, 4)) in words
    assert "resident_register" in words
    assert office.site.settings.backups.recipients[0][:20] in words
    assert "sekisho/mihon (signature fits)" in words
    assert "[ok] Backup verified" in words


async def test_n_takes_a_backup_and_stands_on_it_with_its_entry_in_the_book_of_the_room(office: BackupsSite) -> None:
    office.take()
    app = office.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["x", "n", "tab"])
        await typed(pilot, "17")
        await played(pilot, ["enter"])
        assert "is taken" in said(pilot)
        await played(pilot, ["enter"])
        assert "▸ B-00002" in screen_text(app)
        assert "Done: B-00002 is taken" in screen_text(app)
    taken = office.site.catalogue.get("B-00002")
    assert (taken.health, taken.actor) == (Health.UNPROVEN, "S0102")
    assert entries.about(office.site.store, "B-00002")[0].details["entry_record"] == "17"


class WaitingSource(SQLiteSource):
    """Copies, and then waits until it is let go."""

    let_go: threading.Event

    def take(self, to: Path, progress: Progress) -> SourceState:
        assert self.let_go.wait(30)
        return super().take(to, progress)


async def test_stopping_while_it_is_taken_leaves_no_file_and_a_line_that_says_so(
    office: BackupsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = WaitingSource("registry", office.site.home.registry)
    let_go = threading.Event()
    monkeypatch.setattr(WaitingSource, "let_go", let_go, raising=False)
    monkeypatch.setattr(Installation, "sources_for", lambda *_: MappingProxyType({"registry": source}))
    app = office.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["x", "n", "tab", "enter"])
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ProgressDialog)
        await pilot.press("escape")
        await pilot.pause()
        let_go.set()
        await settled(pilot)
        assert "Stopped. Nothing was kept." in screen_text(app)
        assert "[! ] failed" in screen_text(app)
    assert office.site.catalogue.get("B-00001").failure == "The person who took it stopped it."
    assert list(office.site.home.backups.glob("B-*")) == []


async def test_v_names_what_differs_when_one_byte_was_changed(office: BackupsSite) -> None:
    taken = office.take()
    data = bytearray(taken.sealed.read_bytes())
    data[len(data) // 2] ^= 1
    taken.sealed.chmod(0o600)
    taken.sealed.write_bytes(data)
    app = office.app()
    async with app.run_test(size=WIDE) as pilot:
        await played(pilot, ["x", "v"])
        assert "DAMAGED" in said(pilot)
        assert "B-00001.age was changed: its SHA-256 differs." in said(pilot)
        await played(pilot, ["enter"])
        assert "[!!] damaged" in screen_text(app)
    assert office.site.catalogue.get(taken.id).health is Health.DAMAGED


async def test_v_says_that_a_sound_backup_is_unchanged(office: BackupsSite) -> None:
    taken = office.take()
    app = office.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["x", "v"])
        assert "Unchanged: hash, manifest and signature fit." in said(pilot)
    assert [each.actor for each in entries.about(office.site.store, taken.id)][-1] == "S0102"


async def test_d_asks_for_the_identity_and_proves_by_restoring(office: BackupsSite) -> None:
    taken = office.take()
    app = office.app()
    async with app.run_test(size=WIDE) as pilot:
        await played(pilot, ["x", "d"])
        await typed(pilot, "/nowhere")
        await played(pilot, ["enter"])
        assert "There is no identity file /nowhere." in said(pilot)
        await typed(pilot, str(office.identity_file))
        await played(pilot, ["enter"])
        assert "Restored and equal" in said(pilot)
        await played(pilot, ["enter"])
        assert "[ok] proven" in screen_text(app)
    assert office.site.catalogue.get(taken.id).health is Health.PROVEN
    assert not (office.site.home.backups / ".scratch").exists()


async def test_an_identity_file_that_is_a_folder_is_refused_in_words(office: BackupsSite) -> None:
    office.take()
    app = office.app()
    async with app.run_test(size=WIDE) as pilot:
        await played(pilot, ["x", "d"])
        await typed(pilot, "/tmp")
        await played(pilot, ["enter"])
        assert "/tmp cannot be read" in said(pilot)


async def test_e_shows_what_will_leave_and_hands_in_a_request_bound_to_its_hash(
    office: BackupsSite, tmp_path: Path
) -> None:
    taken = office.take()
    store_behind_a_folder = tmp_path / "store"
    store_behind_a_folder.mkdir()
    app = office.app()
    async with app.run_test(size=WIDE) as pilot:
        await played(pilot, ["x", "e"])
        words = said(pilot)
        assert f"What leaves {taken.id} registry 2026-11-24 12:00" in words
        assert f"({taken.sealed_size:,} B)" in words
        assert "39 records of residents" in words
        assert "last restored: never" in words
        assert "佐藤＊" in words
        for text in ("", str(store_behind_a_folder), "yamada", "vault", "monthly"):
            await typed(pilot, text)
        await played(pilot, ["tab"])
        for text in ("R8.12.24", "disaster"):
            await typed(pilot, text)
        await played(pilot, ["enter"])
        assert "waits for approval. Nothing leaves before." in said(pilot)
        assert "A witness must sign" in said(pilot)
        await played(pilot, ["enter"])
        assert "▸ B-00001" in screen_text(app)
    (request,) = reading.listed(office.site.store)
    assert request.parameters["sealed_sha256"] == taken.sealed_sha256
    assert request.artefacts["backup"] == taken.sealed_sha256
    assert (request.parameters["due"], request.parameters["ending"]) == ("2026-12-24", "return")
    assert request.state == "submitted"


async def test_an_export_with_something_missing_says_where_and_hands_nothing_in(office: BackupsSite) -> None:
    office.take()
    app = office.app()
    async with app.run_test(size=WIDE) as pilot:
        await played(pilot, ["x", "e"])
        app.screen.query_one("#act").focus()
        await played(pilot, ["enter"])
        assert said(pilot).count("! Fill this in.") == 6
        await played(pilot, ["escape"])
    assert reading.listed(office.site.store) == []


async def test_an_export_that_a_rule_refuses_says_why_and_keeps_what_was_typed(office: BackupsSite) -> None:
    office.take()
    app = office.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["x", "e"])
        for text in ("M-0031", "/nowhere", "yamada", "vault", "monthly"):
            await typed(pilot, text)
        await played(pilot, ["tab"])
        for text in ("2026-12-24", "disaster"):
            await typed(pilot, text)
        await played(pilot, ["enter"])
        assert "! /nowhere or the file named in it does not exist" in said(pilot)
        assert "The request was not handed in." in said(pilot)
        assert [field.value for field in app.screen.query(LineInput)][:3] == ["M-0031", "/nowhere", "yamada"]
    assert reading.listed(office.site.store) == []


async def test_typed_text_of_an_export_is_not_lost_by_esc(office: BackupsSite) -> None:
    office.take()
    app = office.app()
    async with app.run_test(size=WIDE) as pilot:
        await played(pilot, ["x", "e", "m", "escape"])
        assert "Leave without saving?" in said(pilot)


async def test_who_may_not_ask_for_an_export_reads_why(office: BackupsSite) -> None:
    office.take()
    app = office.app("sato")
    async with app.run_test(size=WIDE) as pilot:
        await played(pilot, ["x", "e"])
        assert "An export is asked for by: Resident operator, System administrator." in said(pilot)
    assert reading.listed(office.site.store) == []


async def test_slash_finds_a_backup_by_the_number_of_the_medium_on_which_it_left(office: BackupsSite) -> None:
    office.take()
    office.output(office.take(), medium="M-0031")
    app = office.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["x", "slash"])
        await typed(pilot, "m-0031")
        rows = [line for line in screen_text(app).splitlines() if "registry" in line]
    assert len(rows) == 1
    assert "B-00002" in rows[0]


async def test_the_ledger_says_what_is_overdue_and_turns_to_it(office: BackupsSite) -> None:
    backup = office.take()
    office.output(backup, medium="M-0031", due=date(2026, 11, 20))
    office.output(backup, medium="M-0032", request="R-2")
    app = office.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["x", "l"])
        assert "2 out, 1 overdue" in said(pilot)
        assert "1 should be back by now" in said(pilot)
        await played(pilot, ["f", "f"])
        rows = [line for line in screen_text(app).splitlines() if "M-00" in line]
        assert len(rows) == 1
        assert "[!!] overdue" in rows[0]
        assert "M-0031" in rows[0]


async def test_slash_finds_a_line_of_the_ledger_by_medium(office: BackupsSite) -> None:
    backup = office.take()
    office.output(backup, medium="M-0031")
    office.output(backup, medium="M-0032", request="R-2")
    app = office.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["x", "l", "slash"])
        await typed(pilot, "M-0032")
        rows = [line for line in screen_text(app).splitlines() if "[->]" in line]
        assert len(rows) == 1
        assert "M-0032" in rows[0]


async def test_i_enters_the_return_with_how_it_was_seen(office: BackupsSite) -> None:
    number = office.output(office.take())
    app = office.app()
    async with app.run_test(size=WIDE) as pilot:
        await played(pilot, ["x", "l", "i", "tab"])
        await typed(pilot, "seen by suzuki")
        await played(pilot, ["enter"])
        assert "[ok] returned" in screen_text(app)
        await played(pilot, ["i"])
        assert "Why: No. 1 is not out." in screen_text(app)
    output = ledger.find(office.site.store, number)
    assert (output.state, output.ended_by, output.note) == ("returned", "S0102", "seen by suzuki")


async def test_the_ages_stand_below_the_list_where_there_is_room_and_by_key_where_not(office: BackupsSite) -> None:
    office.take()
    app = office.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await played(pilot, ["x"])
        assert "Ages against their limits" not in screen_text(app)
        await played(pilot, ["p"])
        assert "registry backup" in said(pilot)
        assert "! never of 90 d" in said(pilot)
        await played(pilot, ["p"])
        assert "Ages against their limits" not in screen_text(app)
        await pilot.resize_terminal(140, 40)
        await settled(pilot)
        assert "Ages against their limits" in screen_text(app)


async def test_the_lock_leaves_nothing_of_a_backup_behind_it(office: BackupsSite) -> None:
    taken = office.take()
    office.output(taken)
    app = office.app()
    async with app.run_test(size=(140, 40)) as pilot:
        await played(pilot, ["x"])
        behind = app.screen
        await played(pilot, ["ctrl+l"])
        shown = " ".join(str(widget.render()) for widget in behind.query("Plain, Heading, StatusLine"))
    assert taken.id not in shown
    assert "registry" not in shown


async def test_list_and_ledger_look_as_they_should(office: BackupsSite, golden: Golden) -> None:
    clock = office.clock
    assert isinstance(clock, FixedClock)
    proven, damaged = office.take(), office.take()
    yamada = Acting("yamada", "S0102", TERMINAL)
    how = opening(office.site, proven, identities_in(str(office.identity_file)), yamada)
    restoring.drill(office.site.catalogue, proven.id, how)
    damaged.sealed.unlink()
    verification.verify(office.site.catalogue, damaged.id, actor=SYSTEM)
    office.output(proven, due=date(2026, 11, 20))
    office.output(proven, medium="M-0032", request="R-2")

    def next_minute(profile: Profile) -> SekishoApp:
        clock.advance(timedelta(minutes=1))  # a one-time code opens once
        return office.app("yamada", profile)

    profiles = [Profile(language="en")]
    await golden("backups", next_minute, press=["x", "p"], sizes=[(80, 24)], profiles=profiles)
    await golden("backups-ledger", next_minute, press=["x", "l"], sizes=[(80, 24)], profiles=profiles)
