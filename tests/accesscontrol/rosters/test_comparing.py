"""What a roster would change, and whose name is whose."""

import pytest

from accesscontrol.accounts.model import DisableReason
from accesscontrol.accounts.names import fold_name
from accesscontrol.rosters import identity
from accesscontrol.rosters.comparing import Consequence
from tests.accesscontrol.rosters.hall import Hall, midnight, staff, workers

HANA = "1042,髙橋　花子,,,市民課,正規,,"
TARO = "1043,渡辺　太郎,,,税務課,正規,,"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("髙橋　花子", "高橋 花子"),
        ("渡邊太郎", "渡辺　太郎"),
        ("渡邉太郎", "渡辺太郎"),
        ("﨑山", "崎山"),
        ("𠮷野", "吉野"),
        ("濵田", "浜田"),
        ("齋藤", "斉藤"),
        ("葛\U000e0100城", "葛城"),
        ("ﾀｶﾊｼ ﾊﾅｺ", "タカハシ　ハナコ"),
        ("ＳＭＩＴＨ John", "smith john"),
    ],
)
def test_one_name_in_its_variants_is_one_name(left: str, right: str) -> None:
    assert fold_name(left) == fold_name(right)


def test_other_names_stay_apart() -> None:
    assert len({fold_name(name) for name in ("高橋花子", "高橋花代", "高島花子", "島田", "嶺田")}) == 5


def test_who_appears_leaves_moves_and_changes_is_told_beforehand(hall: Hall) -> None:
    hall.enter(staff(HANA, TARO, "1044,架空　次郎,,,市民課,正規,,", "1045,架空　三郎,,,市民課,正規,,"))
    hall.issue("1044", "jiro", "juki-refer")
    hall.issue("1043", "taro", "juki-refer")
    comparison = hall.comparison(
        staff(
            "1042,髙橋　花子,タカハシ　ハナコ,,市民課,正規,,",
            "1043,渡辺　太郎,,,市民課,正規,,",
            "1045,架空　三郎,,,市民課,正規,,2027-03-31",
            "1046,架空　四郎,,,市民課,正規,,",
        )
    )
    assert {each.staff_number: each.consequence for each in comparison.changes} == {
        "1042": Consequence.CHANGES,
        "1043": Consequence.MOVES,
        "1044": Consequence.LEAVES,
        "1045": Consequence.ENDS_EARLIER,
        "1046": Consequence.APPEARS,
    }
    assert [each.user_ids for each in comparison.taking] == [("registry/jiro",), ("registry/taro",), ()]
    assert comparison.known == 4


def test_a_name_that_nothing_explains_disputes_the_line_and_settling_it_clears_it(hall: Hall) -> None:
    hall.enter(staff(HANA, TARO))
    other = staff("1042,森　花子,,,市民課,正規,,", TARO)
    assert hall.compare(other) == {"1042": Consequence.DISPUTED}
    hall.enter(other)
    assert hall.person("1042").name == "髙橋　花子"
    with hall.store.transaction() as tx:
        identity.settle_name(tx, "1042", "森　花子", actor="S-hayashi")
    assert hall.compare(other) == {"1042": Consequence.CHANGES}


@pytest.mark.parametrize("former", ["高橋", "高橋花子", "髙橋　花子"])
def test_a_former_name_explains_the_new_one(hall: Hall, former: str) -> None:
    hall.enter(staff(HANA))
    assert hall.compare(staff(f"1042,森　花子,,{former},市民課,正規,,")) == {"1042": Consequence.CHANGES}


def test_a_new_number_under_a_known_name_is_disputed_until_somebody_says_they_are_two(hall: Hall) -> None:
    hall.enter(staff(HANA))
    roster = staff(HANA, "2001,高橋花子,,,税務課,正規,,")
    [change] = hall.comparison(roster).changes
    assert (change.consequence, change.doubts) == (Consequence.DISPUTED, ("1042",))
    with hall.store.transaction() as tx:
        identity.settle_namesakes(tx, "2001", "1042", actor="S-hayashi")
    assert hall.compare(roster) == {"2001": Consequence.APPEARS}


def test_somebody_who_may_stand_there_under_another_number_does_not_count_as_gone(hall: Hall) -> None:
    hall.enter(staff(HANA, TARO))
    assert hall.compare(staff(TARO, "2001,高橋花子,,,市民課,正規,,")) == {"2001": Consequence.DISPUTED}


def test_staff_and_a_contractors_worker_never_share_a_number(hall: Hall) -> None:
    hall.enter(staff(HANA))
    same = workers("1042,高橋花子,架空システム,C-7,2026-04-01,2027-03-31,,P-1,2026-04-01")
    assert hall.compare(same) == {"1042": Consequence.DISPUTED}


def test_a_contractors_roster_speaks_only_of_that_contractor(hall: Hall) -> None:
    ours = "K-1,架空一,架空システム,C-7,2026-04-01,2027-03-31,,P-1,2026-04-01"
    theirs = "P-1,架空二,架空スタッフ,C-9,2026-04-01,2027-03-31,,P-2,2026-04-01"
    hall.enter(staff(HANA))
    hall.enter(workers(ours, theirs))
    assert hall.compare(workers(theirs.replace("P-1,架空二", "P-2,架空三"))) == {
        "P-1": Consequence.LEAVES,
        "P-2": Consequence.APPEARS,
    }


def test_a_worker_ends_with_the_contract_and_comes_back_with_the_next_one(hall: Hall) -> None:
    line = "K-1,架空一,架空システム,{},{},,P-1,2026-04-01"
    hall.enter(workers(line.format("C-7", "2026-04-01,2027-03-31")))
    found = hall.person("K-1")
    assert (found.valid_until, found.end_reason) == (midnight("2027-04-01"), DisableReason.EXPIRY)
    renewed = workers(line.format("C-8", "2027-04-01,2028-03-31"))
    assert hall.compare(renewed, "2027-04-01") == {"K-1": Consequence.RETURNS}
    assert hall.compare(renewed, "2027-03-01") == {"K-1": Consequence.CHANGES}


def test_a_pledge_counts_from_its_day_on(hall: Hall) -> None:
    line = "K-1,架空一,架空システム,C-7,2026-04-01,2027-03-31,,P-1,2026-12-01"
    hall.enter(workers(line))
    assert hall.person("K-1").pledge == ""
    hall.city.clock.set(midnight("2026-12-01"))
    hall.enter(workers(line))
    assert hall.person("K-1").pledge == "P-1"
