"""The console starts at once: the sign-in screen stands before the house is loaded, and says what is wrong with it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.application import places
from console.demo import building
from console.demo.building import Wish
from console.demo.people import characters, present_code
from console.doorway import Doorway
from console.frame.screen import BaseScreen
from tests.terminal_driver import Terminal

ROOT = Path(__file__).parent.parent.parent
SEKISHO = [sys.executable, "-c", "from console.cli import main; main()"]
SATO = next(each for each in characters() if each.login == "sato")
HOUSE = {"console.wiring", "backups", "monitors", "registry", "accesscontrol.store", "accesscontrol.requests"}
ENGINES = {
    "cryptography", "duckdb", "fido2", "numpy", "paramiko", "psutil", "psycopg", "pyotp", "rfc8785", "sigma",
    "sqlite3", "sqlite_utils",
}  # fmt: skip

# Runs the console, and holds the opening of the site until a file appears; notes what was loaded by then.
HELD = """
import json, sys, time
from pathlib import Path
from console import doorway
from console.cli import main

noted, release, *arguments = sys.argv[1:]
opened = doorway._open

def held(home, *, demo):
    Path(noted).write_text(json.dumps(sorted(sys.modules)))
    while not Path(release).exists():
        time.sleep(0.01)
    return opened(home, demo=demo)

doorway._open = held
main(arguments)
"""


@pytest.fixture(scope="module")
def built(catalogues: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("built") / "home"
    building.build(home, Wish(residents=10, days=9), now=datetime.now(UTC))
    return home


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "home"
    shutil.copytree(built, copy)
    file = copy / "site.toml"
    file.write_text(file.read_text("utf-8").replace(str(built), str(copy)), "utf-8")
    return copy


Start = Callable[..., Terminal]


def sekisho(home: Path, language: str = "en") -> Terminal:
    return Terminal([*SEKISHO, "--home", str(home), "--lang", language])


@pytest.fixture
def held(home: Path, tmp_path: Path) -> Start:
    """Start the console with its site held shut; ``open_up`` lets it open."""

    def start(language: str = "en") -> Terminal:
        noted, release = str(tmp_path / "noted"), str(tmp_path / "release")
        return Terminal([sys.executable, "-c", HELD, noted, release, "--home", str(home), "--lang", language])

    return start


def open_up(tmp_path: Path) -> None:
    (tmp_path / "release").touch()


@pytest.mark.parametrize(("language", "words"), [("en", "Password"), ("ja", "パスワード")])
def test_the_sign_in_screen_stands_before_the_house_and_its_engines_are_loaded(
    held: Start, tmp_path: Path, language: str, words: str
) -> None:
    with held(language) as terminal:
        terminal.wait_for(words)
        terminal.wait_for("sato")
        while not (tmp_path / "noted").exists() or not (tmp_path / "noted").read_text():
            assert terminal.process.poll() is None
            assert terminal.text
        loaded = set(json.loads((tmp_path / "noted").read_text()))
    assert loaded & (HOUSE | ENGINES) == set()
    assert "console.frame.app" in loaded


def test_the_terminal_and_the_codes_of_the_demo_people_follow_when_the_site_is_open(
    held: Start, home: Path, tmp_path: Path
) -> None:
    with held() as terminal:
        assert "server-room-here" not in terminal.wait_for("sato")
        open_up(tmp_path)
        terminal.wait_for("server-room-here")
        terminal.wait_for(present_code(Doorway(home, demo=True).seat().site, "sato"))


def test_keys_typed_before_the_site_is_open_wait_and_then_sign_in(held: Start, tmp_path: Path) -> None:
    with held() as terminal:
        terminal.wait_for("sato")
        terminal.press("f3").wait_for("One moment…")
        terminal.press("enter")
        open_up(tmp_path)
        terminal.wait_for("1 Today")


def test_credentials_given_before_the_site_is_open_are_tried_when_it_is(
    held: Start, home: Path, tmp_path: Path
) -> None:
    code = present_code(Doorway(home, demo=True).seat().site, "sato")
    with held() as terminal:
        terminal.wait_for("sato")
        for word in ("sato", SATO.password, code):
            settle(terminal.type(word))
            settle(terminal.press("enter"))
        terminal.wait_for("One moment…")
        open_up(tmp_path)
        terminal.wait_for("1 Today")


def test_one_may_quit_while_the_site_is_being_opened(held: Start, tmp_path: Path) -> None:
    with held() as terminal:
        terminal.wait_for("sato")
        terminal.press("f10")
        open_up(tmp_path)
        assert terminal.wait() == 0
        assert "Traceback" not in terminal.text


def settle(terminal: Terminal) -> None:
    """Let the screen answer, as a hand does before it goes on."""
    while terminal._read(0.4):
        pass


def wait_for(terminal: Terminal, words: str) -> None:
    """Wait for words that may stand on two lines."""
    terminal._wait(lambda: words in unbroken(terminal.text), f"never showed {words!r}")


def unbroken(text: str) -> str:
    return "".join(text.split())


def damage_store(home: Path) -> str:
    for file in home.glob("sekisho.sqlite3*"):
        file.unlink()
    (home / "sekisho.sqlite3").write_bytes(os.urandom(20_000))
    return "sekisho.sqlite3"


def lose_key(home: Path) -> str:
    (home / "keys" / "seal").unlink()
    return "keys/seal"


@pytest.mark.parametrize("spoil", [damage_store, lose_key])
def test_a_broken_site_is_named_on_the_sign_in_screen_and_again_at_the_end_which_is_a_failure(
    home: Path, spoil: Callable[[Path], str]
) -> None:
    reason = spoil(home)
    with sekisho(home) as terminal:
        wait_for(terminal, reason)
        terminal.press("f2").wait_for("パスワード")
        wait_for(terminal, reason)  # it is said in either language
        terminal.press("f10")
        assert terminal.wait() == 1
        assert reason in unbroken(terminal.text)
        assert "Traceback" not in terminal.text


def test_a_site_that_was_mended_meanwhile_opens_without_a_new_start(home: Path) -> None:
    seal = home / "keys" / "seal"
    kept = seal.read_bytes()
    seal.unlink()
    with sekisho(home) as terminal:
        wait_for(terminal, "keys/seal")
        seal.write_bytes(kept)
        terminal.press("f3").wait_for("server-room-here")
        terminal.press("enter").wait_for("1 Today")
        terminal.press("f10")
        assert terminal.wait() == 0


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda home: home.chmod(0o755), "chmod 700"),
        (lambda home: (home / "site.toml").write_text("[site]\n"), "Mend the file"),
        (lambda home: (home / "site.toml").unlink(), "sekisho init"),
    ],
)
def test_a_home_that_is_no_private_site_is_refused_before_any_screen(
    home: Path, spoil: Callable[[Path], object], words: str
) -> None:
    spoil(home)
    with sekisho(home) as terminal:
        assert terminal.wait() == 1
        assert unbroken(words) in unbroken(terminal.text)
        assert b"\x1b[?1049h" not in terminal.received
        assert "Traceback" not in terminal.text


def test_every_place_has_its_screen(home: Path) -> None:
    doorway = Doorway(home, demo=True)
    seat = doorway.seat()
    seat.sign_in("sato", SATO.password, seat.demo_code("sato"))
    found = places(doorway)
    assert len({place.key for place in found}) == len(found)
    assert all(isinstance(place.open(), BaseScreen) for place in found)


def test_every_place_opens_by_its_digit(home: Path) -> None:
    with sekisho(home) as terminal:
        terminal.wait_for("server-room-here")
        terminal.press("f3", "enter").wait_for("1 Today")
        for place in places(Doorway(home, demo=True))[1:]:
            terminal.press(place.key)
            assert "Quote the number" not in terminal.wait_for(f"{place.key} {place.title}")


def test_without_a_terminal_the_status_is_told_instead(home: Path) -> None:
    command = [*SEKISHO, "--home", str(home), "--lang", "en"]
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert "\x1b" not in told.stdout
