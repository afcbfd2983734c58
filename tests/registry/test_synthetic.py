import hashlib
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from accesscontrol.refusals import Refusal
from registry import numbers
from registry.databases.sqlite import SqliteRegistry
from registry.files.dates import erasure_cutoff
from registry.synthetic import MIHON, create_city
from registry.synthetic.identifiers import individual_numbers, resident_codes
from registry.synthetic.names import roman
from registry.synthetic.stock import stock
from tests.registry.conftest import TODAY


def content(path: Path) -> str:
    digest = hashlib.sha256()
    with SqliteRegistry.open(path, read_only=True) as registry:
        for table in ("resident_register", "identity_info", "identity_info_history", "destination_info"):
            for row in registry.scan(table):
                digest.update(repr(row).encode())
    return digest.hexdigest()


def one(registry: SqliteRegistry, sql: str) -> int:
    (count,) = next(registry.rows(sql))
    assert isinstance(count, int)
    return count


def test_the_city_has_exactly_the_residents_asked_for_and_its_facts_say_it_is_not_real(
    city: SqliteRegistry,
) -> None:
    assert one(city, "SELECT count(*) FROM resident_register WHERE deleted_record_class = '0'") == 2000
    assert city.meta()["synthetic"] == "yes"
    assert city.meta()["municipality_name"] == MIHON["name"] == "見本市"
    assert city.integrity() == []


@pytest.mark.parametrize("residents", [1, 2, 3, 57])
def test_a_city_may_be_of_any_size(tmp_path: Path, residents: int) -> None:
    create_city(tmp_path / "registry.sqlite3", residents=residents, seed=1, today=TODAY)
    with SqliteRegistry.open(tmp_path / "registry.sqlite3") as city:
        living = "SELECT count(*) FROM resident_register WHERE deleted_record_class = '0'"
        assert one(city, living) == residents


@pytest.mark.parametrize("residents", [0, -1, 10**9])
def test_a_size_out_of_range_is_refused(tmp_path: Path, residents: int) -> None:
    with pytest.raises(Refusal, match="between 1 and"):
        create_city(tmp_path / "registry.sqlite3", residents=residents, seed=1, today=TODAY)
    assert list(tmp_path.iterdir()) == []


def test_the_same_seed_and_day_make_the_same_city_and_another_seed_makes_another(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        create_city(tmp_path / name, residents=300, seed=seed, today=TODAY)
    assert content(tmp_path / "a") == content(tmp_path / "b") != content(tmp_path / "c")


def test_all_numbers_are_of_the_synthetic_ranges_valid_distinct_and_without_check_digit_0() -> None:
    codes = list(islice(resident_codes(Random(3)), 20_000))
    people = list(islice(individual_numbers(Random(3)), 20_000))
    assert len(set(codes)) == len(set(people)) == 20_000
    assert all(numbers.is_resident_code(code) and code.startswith("99") and code[-1] != "0" for code in codes)
    assert all(numbers.is_individual_number(n) and n.startswith("999") and n[-1] != "0" for n in people)


def test_prefectures_and_postal_codes_are_ones_that_do_not_exist(city: SqliteRegistry) -> None:
    codes = {
        code
        for row in city.rows("SELECT prev_municipality_code, current_municipality_code FROM resident_register")
        for code in row
        if code
    }
    assert len(codes) > 5
    assert all(numbers.is_municipality_code(code) and int(code[:2]) > 47 for code in codes)
    assert one(city, "SELECT count(*) FROM resident_register WHERE current_postal_code NOT LIKE '000%'") == 0


def test_the_city_holds_what_a_real_register_holds(city: SqliteRegistry) -> None:
    cutoff = erasure_cutoff(TODAY)
    for sql in (
        "nationality_code IS NOT NULL AND stay_expiry_date > '2026-11-24'",
        "foreign_alias_kanji IS NOT NULL",
        "former_surname_kanji IS NOT NULL",
        "deleted_record_class = '2' AND individual_number IS NOT NULL",
        "deleted_record_class = '1' AND moveout_confirmed_municipality_code IS NOT NULL",
        f"deletion_change_date < '{cutoff}' AND deletion_notify_date < '{cutoff}'",
        "deleted_record_class <> '0' AND resident_code IS NULL",
        "name_kanji LIKE '%髙%' OR name_kanji LIKE '%﨑%' OR name_kanji LIKE '%邊%'",
        "name_kanji GLOB '*[\ue000-\uf8ff]*'",
        "remarks LIKE '令和%' OR remarks LIKE '昭和%'",
        "birth_date LIKE '____-__-00'",
    ):
        assert one(city, f"SELECT count(*) FROM resident_register WHERE {sql}") > 0, sql
    for sql in ("gaiji_flag = 1 AND gaiji_count_name = 1", "old_resident_code IS NOT NULL", "record_status_flag = '3'"):
        assert one(city, f"SELECT count(*) FROM identity_info WHERE {sql}") > 0, sql
    counts = city.counts()
    assert counts["identity_info_history"] > 0
    assert counts["destination_info"] > counts["destination_linkage"] > 0
    assert counts["registry_account"] == 120


def test_the_three_files_agree_on_every_shared_item(city: SqliteRegistry) -> None:
    differing = """
        SELECT count(*) FROM resident_register AS r JOIN identity_info AS i USING (resident_code)
        WHERE (r.individual_number, r.name_kanji, r.birth_date, r.sex_code, r.current_address, r.change_reason,
               coalesce(r.former_surname_kanji, ''))
           <> (i.individual_number, i.name_kanji, i.birth_date, i.sex, i.address, i.change_reason,
               coalesce(i.former_surname_kanji, ''))
    """
    assert one(city, differing) == 0
    differing = """
        SELECT count(*) FROM destination_info AS d LEFT JOIN identity_info AS i USING (resident_code)
        WHERE i.record_id IS NULL OR (d.individual_number, d.name_kanji, d.birth_date, d.sex, d.address)
              <> (i.individual_number, i.name_kanji, i.birth_date, i.sex, i.address)
    """
    assert one(city, differing) == 0


def test_households_hang_together(city: SqliteRegistry) -> None:
    by_age = """
        SELECT count(*) FROM resident_register AS parent JOIN resident_register AS child USING (household_no)
        WHERE parent.relationship_code = '02' AND child.relationship_code = '20'
          AND substr(child.birth_date, 1, 4) - substr(parent.birth_date, 1, 4) < 15
    """
    assert one(city, by_age) == 0
    same_name = """
        SELECT count(*) FROM resident_register WHERE relationship_code IN ('11', '12', '20')
          AND substr(name_kanji, 1, instr(name_kanji, '\u3000')) <> substr(head_name_kanji, 1, instr(head_name_kanji, '\u3000'))
    """
    assert one(city, same_name) == 0
    assert one(city, "SELECT max(n) FROM (SELECT count(*) AS n FROM resident_register GROUP BY household_no)") > 4


def test_a_newborn_waits_for_its_number_with_an_open_request(city: SqliteRegistry) -> None:
    waiting = """
        SELECT count(*), count(n.record_id), count(i.record_id) FROM resident_register AS r
        LEFT JOIN number_request AS n USING (record_id) LEFT JOIN identity_info AS i USING (resident_code)
        WHERE r.deleted_record_class = '0' AND r.individual_number IS NULL
    """
    without_number, requested, in_municipal_cs = next(city.rows(waiting))
    assert without_number == requested > 0
    assert in_municipal_cs == 0


def test_a_progress_report_ends_with_all(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    create_city(tmp_path / "registry.sqlite3", residents=50, seed=1, today=TODAY, progress=lambda *at: seen.append(at))
    assert seen[-1] == (50, 50)


@pytest.mark.parametrize(
    ("kana", "letters"),
    [("ゆずざわ　しょう", "YUZUZAWA SHOU"), ("とんべる　どぅっく", "TONBERU DUKKU"), ("くずこと", "KUZUKOTO")],
)
def test_readings_are_written_in_capitals(kana: str, letters: str) -> None:
    assert roman(kana) == letters


def test_every_reading_in_the_stock_can_be_written_in_capitals() -> None:
    names = [kana for part in ("first", "second") for _, kana in stock("surnames")[part]]
    names += [kana for group in stock("given_names").values() for _, kana in group]
    names += [person[1] for land in stock("foreign_names")["lands"] for person in land["families"] + land["given"]]
    assert all(roman(kana).isascii() and roman(kana).isupper() for kana in names)
