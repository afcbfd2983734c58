"""What is no plain statement about the register's own rows is refused before anybody is asked to approve it."""

import pytest

from accesscontrol.refusals import Refusal
from registry.files.tables import Dialect
from registry.tasks.statements import read_statement

REFUSED = [
    "copy identity_info to '/tmp/x'",
    "pragma writable_schema = 1",
    "vacuum",
    "set role postgres",
    "truncate identity_info",
    "explain analyze delete from number_request where record_id = 1",
    "select 1; select 2",
    "select sex from identity_info; delete from number_request where record_id = 1",
    "select sex into copied from identity_info",
    "select sex from identity_info for update",
    "with gone as (delete from number_request where record_id = 1 returning record_id) select record_id from gone",
    "update resident_register set remarks = 'x' where record_id = 3 returning individual_number",
    "select pg_read_file('/etc/passwd') from identity_info",
    "select load_extension('x') from identity_info",
    "select pg_sleep(10) from identity_info",
    "select rolname from pg_catalog.pg_authid",
    "select name from sqlite_master",
    "select value from generate_series(1, 3)",
    "select * from identity_info",
    "select i.* from identity_info as i",
    "delete from number_request",
    "update number_request set requested_on = '2026-11-24'",
    "update number_request set requested_on = r.birth_date from resident_register as r where r.record_id = 1",
    "delete from resident_register where record_id = 1",
    "delete from identity_info where record_id = 1",
    "update identity_info set sex = '1' where record_id = 1",
    "update destination_info set sex = '1' where record_id = 1",
    "insert into identity_info (record_id) values (1)",
    "insert into number_request (record_id, requested_on) values (1, 'x') on conflict do nothing",
    "update registry_meta set value = 'x' where name = 'synthetic'",
    "select sex from identity_info where individual_number = '123456789018'",
    "select sex from identity_info where resident_code = '12345678903'",
    "attach 'x' as y",
    "selec sex",
    "select ((",
    "",
]


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("sql", REFUSED)
def test_it_is_refused_in_both_dialects(sql: str, dialect: Dialect) -> None:
    with pytest.raises(Refusal):
        read_statement(sql, dialect)


@pytest.mark.parametrize("dialect", Dialect)
def test_what_is_shown_and_run_is_what_the_parser_understood(dialect: Dialect) -> None:
    found = read_statement("select sex_code -- ; drop table x\n from resident_register /* all */", dialect)
    assert found.sql == "SELECT sex_code FROM resident_register"
    assert (found.verb, found.tables) == ("SELECT", ("resident_register",))


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("select change_reason, count(*) from identity_info group by 1", (True, True)),
        ("select name_kanji as change_reason, count(*) from identity_info group by 1", (False, True)),
        ("select NAME_KANJI from identity_info", (False,)),
        ("select change_reason from (select name_kanji as change_reason from identity_info) as t", (False,)),
        ("select change_reason from identity_info where name_kanji like 'x'", (False,)),
        ("select count(*) from identity_info union select name_kanji from identity_info", (False,)),
        ("select identity_info from identity_info", (False,)),
    ],
)
def test_a_masked_item_anywhere_hides_every_value_but_counts(
    sql: str, dialect: Dialect, *, shown: tuple[bool, ...]
) -> None:
    assert read_statement(sql, dialect).shown == shown


def test_a_broken_statement_is_refused_by_its_place_and_never_repeated(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Refusal) as refused:
        read_statement("select sex from identity_info where name_kanji = 'SECRET' ((", Dialect.sqlite)
    assert "SECRET" not in str(refused.value)
    with pytest.raises(Refusal):
        read_statement("explain select 'SECRET'", Dialect.postgresql)
    assert "SECRET" not in "".join(capfd.readouterr())
