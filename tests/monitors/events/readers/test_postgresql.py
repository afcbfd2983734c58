"""PostgreSQL's logs, as a real server of this machine writes them, and as attackers would like them to read."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.events.readers import formats, postgresql
from monitors.events.readers.readings import Line, Outcome, Quarantined, Reading
from monitors.events.readers.sources import lines, opened
from monitors.events.times import instant_of
from tests.services import postgresql as service
from tests.services.availability import require_programs

TOKYO = ZoneInfo("Asia/Tokyo")
READERS = {"stderr": postgresql.read_stderr, "csvlog": postgresql.read_csv, "jsonlog": postgresql.read_json}
SUFFIXES = {"stderr": "log", "csvlog": "csv", "jsonlog": "json"}
STATEMENT = "SELECT 'line one\nline two, with \"quotes\"\n\n2026-11-24 08:00:00.000 JST,x' AS told"


@pytest.fixture(scope="module")
def logs() -> Iterator[Path]:
    """Have a server write one short story in all three formats at once."""
    initdb, pg_ctl, psql = require_programs("initdb", "pg_ctl", "psql")
    account = service.server_account()
    directory = Path(tempfile.mkdtemp(prefix="sekisho-pg-"))
    directory.chmod(0o755)
    try:
        service._initialise(account, directory, initdb)
        told = {
            "logging_collector": "on",
            "log_destination": "stderr,csvlog,jsonlog",
            "log_directory": str(directory / "data" / "log"),
            "log_filename": "postgresql.log",
            "log_connections": "on",
            "log_disconnections": "on",
            "log_statement": "all",
            "log_timezone": "Asia/Tokyo",
            "log_line_prefix": "%m [%p] %q%u@%d ",
        }
        with (directory / "data" / "postgresql.auto.conf").open("a") as configuration:
            configuration.writelines(f"{name} = '{value}'\n" for name, value in told.items())
        port = service._start(account, directory, pg_ctl)

        def run(sql: str, user: str, password: str) -> None:
            dsn = f"host=127.0.0.1 port={port} dbname=postgres user='{user}' password={password}"
            subprocess.run([psql, "-XAtq", "-c", sql, dsn], capture_output=True, check=False, stdin=subprocess.DEVNULL)

        run("CREATE ROLE yamada LOGIN PASSWORD 'correct-horse'", service.SUPERUSER, service.PASSWORD)
        run("CREATE TABLE resident (id int)", service.SUPERUSER, service.PASSWORD)
        for _ in range(3):
            run("SELECT 1", "yamada", "wrong")
        run(STATEMENT, "yamada", "correct-horse")
        run("TABLE resident", "yamada", "correct-horse")
        run("SELECT 1", "x LOG:  connection authorized: user=postgres database=y", "wrong")
        stop = (pg_ctl, "-D", directory / "data", "-m", "fast", "-w", "stop")
        service._run(account, directory / "pg_ctl.log", *stop)
        yield directory / "data" / "log"
    finally:
        shutil.rmtree(directory)


def outcomes(logs: Path, way: str) -> list[Outcome]:
    with opened(logs / f"postgresql.{SUFFIXES[way]}") as stream:
        return list(READERS[way](((line, line.data.decode()) for line in lines(stream)), TOKYO))


def readings(found: list[Outcome]) -> list[Reading]:
    assert [each for each in found if isinstance(each, Quarantined)] == []
    return [each for each in found if isinstance(each, Reading)]


@pytest.mark.parametrize("way", READERS)
def test_what_a_real_server_wrote_is_understood_in_each_of_its_formats(logs: Path, way: str) -> None:
    found = readings(outcomes(logs, way))

    def of(action: str, outcome: str, user: str) -> list[Reading]:
        wanted = {"action": action, "outcome": outcome, "user_id": user}
        return [each for each in found if wanted.items() <= each.fields.items()]

    failed = of("login", "failure", "yamada")
    assert len(failed) == 3
    assert {each.fields["src_ip"] for each in failed} == {"127.0.0.1"}
    assert len(of("login", "success", "yamada")) == len(of("logout", "success", "yamada")) == 2
    assert len(of("view", "success", "yamada")) == 2
    (refused,) = of("view" if way != "stderr" else "other", "failure", "yamada")
    assert "permission denied" in str(refused.fields["detail"])
    (made,) = [each for each in found if "CREATE ROLE" in str(each.fields["detail"])]
    assert made.fields["action"] == "admin"
    assert "correct-horse" not in str(made.fields["detail"])


@pytest.mark.parametrize("way", READERS)
def test_a_hostile_name_is_a_failed_sign_in_and_never_a_successful_one(logs: Path, way: str) -> None:
    found = readings(outcomes(logs, way))
    logins = [each for each in found if each.fields["action"] == "login" and "postgres database=y" in str(each.fields)]
    assert [each.fields["outcome"] for each in logins] == ["failure"]


@pytest.mark.parametrize(
    ("prefix", "user", "address"),
    [
        ("[147] 203.0.113.9 sato@city ", "sato", "203.0.113.9"),
        ("[147] 203.0.113.9(50022) sato@city ", "sato", "203.0.113.9"),
        ("[147] 2001:db8::1 sato@city ", "sato", "2001:db8::1"),
        ("[147] sato@city ", "sato", ""),
        ("[147] 192.0.2.1 sato@city ", "192.0.2.1 sato", ""),
        ("[147] 203.0.113.9 192.0.2.1 sato@city ", "192.0.2.1 sato", "203.0.113.9"),
        ("[147] sato@192.0.2.1 ", "sato", ""),
        ("[147] user=x,client=192.0.2.1,db=city,client=203.0.113.9 ", "x,client=192.0.2.1", "203.0.113.9"),
    ],
)
def test_the_prefix_tells_the_address_and_a_name_cant_pose_as_it(prefix: str, user: str, address: str) -> None:
    text = f'2026-11-24 09:31:07.5 JST {prefix}FATAL:  password authentication failed for user "{user}"'
    (found,) = readings(list(postgresql.read_stderr([(Line(1, text.encode()), text)], TOKYO)))
    assert (found.fields["user_id"], found.fields["src_ip"], found.fields["outcome"]) == (user, address, "failure")


def test_what_the_server_said_of_a_connection_goes_before_its_prefix() -> None:
    texts = (
        "2026-11-24 09:31:07 JST [147] LOG:  connection received: host=203.0.113.9 port=5",
        '2026-11-24 09:31:07 JST [147] 192.0.2.1 x@city FATAL:  database "city" does not exist',
    )
    found = readings(list(postgresql.read_stderr([(Line(1, text.encode()), text) for text in texts], TOKYO)))
    assert [each.fields["src_ip"] for each in found] == ["203.0.113.9", "203.0.113.9"]


@pytest.mark.parametrize("way", READERS)
def test_a_message_over_several_lines_is_one_event_and_every_line_is_accounted_for(logs: Path, way: str) -> None:
    found = readings(outcomes(logs, way))
    (told,) = [each for each in found if "line one" in str(each.fields["detail"])]
    assert "line two" in str(told.fields["detail"])
    assert each_starts_once(found)


def each_starts_once(found: list[Reading]) -> bool:
    numbers = [each.line_no for each in found]
    return numbers == sorted(set(numbers))


@pytest.mark.parametrize("way", READERS)
def test_the_format_is_told_from_the_first_line(logs: Path, way: str) -> None:
    head = (logs / f"postgresql.{SUFFIXES[way]}").read_bytes()
    expected = {"stderr": formats.PG_STDERR, "csvlog": formats.PG_CSV, "jsonlog": formats.PG_JSON}[way]
    assert formats.guessed(head, head.split(b"\n")[0].decode()) == expected


def stderr(*texts: str) -> list[Outcome]:
    return list(postgresql.read_stderr(((Line(n, t.encode()), t) for n, t in enumerate(texts, 1)), TOKYO))


@pytest.mark.parametrize(
    ("stamp", "instant"),
    [
        ("2026-11-24 09:31:07.003 JST", "2026-11-24T00:31:07.003000+00:00"),
        ("2026-11-24 09:31:07 UTC", "2026-11-24T09:31:07+00:00"),
        ("2026-11-24 09:31:07.003 +09", "2026-11-24T00:31:07.003000+00:00"),
    ],
)
def test_the_zone_of_a_time_is_its_abbreviation_or_offset(stamp: str, instant: str) -> None:
    (found,) = stderr(f"{stamp} [1] LOG:  x")
    assert isinstance(found, Reading)
    assert instant_of(found.ts).isoformat() == instant


def test_an_abbreviation_of_another_zone_is_not_guessed_at() -> None:
    (found,) = stderr("2026-11-24 09:31:07.003 PST [1] LOG:  x")
    assert isinstance(found, Quarantined)
    assert found.reason == "time"


@pytest.mark.parametrize(
    ("message", "action", "outcome"),
    [
        ('FATAL:  ユーザー"yamada"のパスワード認証に失敗しました', "login", "failure"),
        ("LOG:  接続の認証完了: ユーザー=yamada データベース=juki application_name=psql", "login", "success"),
        (
            "LOG:  接続を切断: セッション時間: 0:00:01.000 ユーザー=yamada データベース=juki host=10.1.2.3 port=1",
            "logout",
            "success",
        ),
        ("詳細:  接続の認証完了: ユーザー=yamada データベース=juki", "other", "unknown"),
        ("LOG:  文: DELETE FROM resident", "update", "success"),
        ("LOG:  statement: /* x */ COPY resident TO '/tmp/x'", "export", "success"),
        ("LOG:  statement: COPY resident FROM stdin", "update", "success"),
        ("LOG:  duration: 1.1 ms  execute <unnamed>: SELECT 1", "view", "success"),
        ("LOG:  checkpoint starting: time", "other", "unknown"),
    ],
)
def test_messages_are_understood_in_both_languages(message: str, action: str, outcome: str) -> None:
    (found,) = stderr(f"2026-11-24 09:31:07.003 JST [1] yamada@juki {message}")
    assert isinstance(found, Reading)
    assert (found.fields["action"], found.fields["outcome"], found.fields["user_id"]) == (action, outcome, "yamada")


def test_a_csv_record_that_never_ends_is_quarantined_line_by_line() -> None:
    good = '2026-11-24 09:31:07.003 JST,"a","b",1,"h:1",s,1,"t",2026-11-24 09:31:07 JST,,0,LOG,00000,"m",,,,,,,,,"psql"'
    broken = good.replace('"m"', '"m')
    given_lines = [good, broken, good, good.replace('"a"', "a")]
    found = list(postgresql.read_csv(((Line(n, t.encode()), t) for n, t in enumerate(given_lines, 1)), TOKYO))
    assert [type(each) for each in found] == [Reading, Quarantined, Quarantined, Quarantined]


@given(texts=st.lists(st.text(max_size=60).filter(lambda text: text and "\n" not in text), max_size=6))
@settings(max_examples=80, deadline=None)
def test_no_reader_crashes_or_loses_a_line(texts: list[str]) -> None:
    head = "2026-11-24 09:31:07.003 JST [1] a@b LOG:  "
    told = [(Line(n, b"x"), text) for n, text in enumerate([*texts, *(head + text for text in texts)], 1)]
    for read in READERS.values():
        seen = [each.line.number if isinstance(each, Quarantined) else each.line_no for each in read(iter(told), TOKYO)]
        assert seen == sorted(set(seen))
        assert not told or seen[0] == 1


def test_the_prefix_of_managed_servers_tells_peer_user_and_database() -> None:
    line = (
        "2026-11-24 09:00:50 JST:192.0.2.201(50906):gilles@pgbench:[12795]:FATAL:  "
        'no pg_hba.conf entry for host "192.0.2.201", user "gilles", database "pgbench", SSL on'
    )
    (found,) = postgresql.read_stderr([(Line(1, line.encode()), line)], TOKYO)
    assert isinstance(found, Reading)
    told = {name: found.fields[name] for name in ("action", "outcome", "user_id", "src_ip", "object", "session")}
    assert told == {
        "action": "login",
        "outcome": "failure",
        "user_id": "gilles",
        "src_ip": "192.0.2.201",
        "object": "pgbench",
        "session": "12795",
    }
