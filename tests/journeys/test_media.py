"""A backup leaves on a medium and comes back: asked for, approved, attested, written and moved by keyboard alone."""

from pathlib import Path

from accesscontrol.requests import reading
from accesscontrol.requests.states import State
from accesscontrol.trail import entries
from backups import ledger
from backups.media import movements, register
from console.wiring import open_site
from tests.terminal_driver import Terminal

from .conftest import credentials
from .test_console import at_a_hands_pace, console, sign_in

MEDIUM = "M-0001"  # of the demo's media; it bears no label, so that a folder stands for it


def fill(terminal: Terminal, *texts: str) -> None:
    """Type into the fields one after the other; an empty text leaves a field as it is."""
    for text in texts:
        if text:
            terminal.type(text)
        at_a_hands_pace(terminal, "tab")


def proven(terminal: Terminal, city: Path, login: str) -> None:
    """Let another person prove who they are at this screen, and press the dialog's button."""
    factors = credentials(city, login)
    for text in (login, factors["password"], factors["code"]):
        terminal.type(text)
        at_a_hands_pace(terminal, "enter")


def ask(terminal: Terminal, folder: Path, due: str) -> None:
    """Write the request for the newest backup, and let the security officer approve it at the same screen."""
    terminal.press("6")
    terminal.wait_for("B-000")
    at_a_hands_pace(terminal, "e")
    terminal.wait_for("持ち出すもの")
    fill(terminal, MEDIUM, str(folder), "倉庫係", "遠隔地倉庫", "月次", "", due)
    terminal.type("毎月の保管")
    at_a_hands_pace(terminal, "enter", "enter")
    terminal.wait_for("承認までは持ち出せません")
    at_a_hands_pace(terminal, "enter")


def move(terminal: Terminal, *texts: str) -> None:
    """Enter a move of the medium under the cursor."""
    at_a_hands_pace(terminal, "i")
    terminal.wait_for(f"{MEDIUM} の移動")
    fill(terminal, *texts, "", "")  # neither permission nor day: both stand there, from the request
    at_a_hands_pace(terminal, "enter", "enter")


def test_a_backup_leaves_on_a_medium_and_comes_back(city: Path, tmp_path: Path) -> None:
    folder = tmp_path / "medium"
    folder.mkdir(mode=0o700)
    with console(city, (80, 24)) as terminal:
        sign_in(terminal, "yamada")
        ask(terminal, folder, "2099-12-24")
        terminal.press("5")
        terminal.wait_for("承認待ち")
        at_a_hands_pace(terminal, "b")
        terminal.wait_for("遠隔地倉庫")  # what is approved is shown first
        at_a_hands_pace(terminal, "b")
        terminal.wait_for("別の人が")
        proven(terminal, city, "sato")
        at_a_hands_pace(terminal, "enter")
        terminal.wait_for("を承認しました")
        terminal.press("f10")
        assert terminal.wait() == 0
    with console(city, (80, 24)) as terminal:
        sign_in(terminal, "takahashi")
        terminal.press("5")
        terminal.wait_for("承認済み")
        for words in ("が完了しました", ""):
            at_a_hands_pace(terminal, "t")
            proven(terminal, city, "suzuki")
            at_a_hands_pace(terminal, "enter", "enter")
            terminal.wait_for("立会いの署名を記録しました")
            if words:
                at_a_hands_pace(terminal, "g", "tab", "enter")
                terminal.wait_for(words)
        terminal.press("6")
        terminal.wait_for("B-000")
        at_a_hands_pace(terminal, "m")
        terminal.wait_for(MEDIUM)
        move(terminal, "", "要領第8条", "高橋", "")
        terminal.wait_for("移動 No.2")
        move(terminal, "", "要領第9条", "倉庫係", "高橋")
        terminal.wait_for("移動 No.3")
    judged(city, folder)


def judged(city: Path, folder: Path) -> None:
    """Demand that ledger, trail, medium and register tell one story."""
    site = open_site(city)
    [line, *_] = ledger.page(site.store, medium=MEDIUM)
    assert (line.state, line.carrier, line.ending) == ("returned", "倉庫係", "return")
    assert sorted(line.files) == sorted(path.name for path in folder.iterdir())
    assert reading.get(site.store, line.request).state is State.DONE
    back, out = movements.page(site.store, medium=MEDIUM)
    assert (out.direction, out.permission, out.to_place) == ("out", line.request, "遠隔地倉庫")
    assert (back.direction, back.giver) == ("in", "倉庫係")
    assert register.find_by_id(site.store, MEDIUM).place in site.settings.media.stores
    told = [each.act for each in entries.about(site.store, line.request)]
    assert told == [
        "request.submitted",
        "request.approved",
        "request.attested",
        "request.execution-started",
        "output.started",
        "output.written",
        "request.done",
        "request.attested",
    ]
    assert [each.act for each in entries.about(site.store, MEDIUM)][-2:] == ["medium.moved", "medium.moved"]
    site.store.close()
