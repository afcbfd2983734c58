"""Passwords: length, classes, no common ground with words or the person, nothing like an earlier one."""

import dataclasses
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from accesscontrol.people.credentials import change_password, enrol, issue_temporary_password
from accesscontrol.people.password_rules import check_content, check_form
from accesscontrol.people.passwords import temporary_password
from accesscontrol.people.policy import PasswordPolicy
from accesscontrol.people.roles import Role
from accesscontrol.people.sealing import normalised
from accesscontrol.people.secret import Secret
from accesscontrol.people.session import Session
from accesscontrol.people.sign_in_events import Reason
from accesscontrol.people.similarity import distance, shapes, similar
from accesscontrol.refusals import Refusal
from tests.accesscontrol.people.town import PASSWORD, Town, operator

POLICY = PasswordPolicy()
LETTERS = string.ascii_letters + string.digits + "#&+?=%"
passwords = st.text(LETTERS, min_size=12, max_size=24)


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("", "at least 12"),
        ("Sh0rt&sweet", "at least 12"),
        ("Long&9" * 30, "at most 128"),
        ("onlysmallletters", "kinds"),
        ("small7letters9too", "kinds"),
        ("Tab\tinside&9here", "control"),
        ("Escape\x1b[2Jinside", "control"),
        ("\udcffLone&surrogate9", "control"),
    ],
)
def test_a_password_against_the_form_is_refused_with_the_rule_that_failed(password: str, rule: str) -> None:
    with pytest.raises(Refusal, match=rule) as caught:
        check_form(Secret(password), operator("hana"), POLICY)
    assert caught.value.control == "AC-PWD-03"


def test_length_counts_characters_of_any_script(town: Town) -> None:
    check_form(Secret("橋の上の灯籠はA9いつも青い"), operator("hana"), POLICY)
    with pytest.raises(Refusal, match="at least 12"):
        check_form(Secret("橋の上の灯籠A9"), operator("hana"), POLICY)


def test_a_contractors_password_needs_all_four_kinds() -> None:
    person = operator("hana", Role.CONTRACTOR_OPERATOR)
    with pytest.raises(Refusal, match="4 kinds"):
        check_form(Secret("Lanterns9Brewing"), person, POLICY)
    check_form(Secret("Lanterns9Brewing&"), person, POLICY)


@pytest.mark.parametrize(
    "password",
    [
        "P@ssw0rd2026!",
        "Sakura2026Haru!",
        "Shiyakusho2026!",
        "Qwertyuiop1234!",
        "Abcdefgh12345!",
        "Aa1!Aa1!Aa1!",
        "Kumagaya#1234",
        "JuminhyouReiwa8!",
        "zzzzZZZZ9999!!!!",
        "熊谷市役所さくら令和8年A!",
        "Gunma&Tochigi#Ibaraki1",
        "Fujiwara2026Nakagawa!",
        "T0ky0&0s4k4&Ky0t0!",
    ],
)
def test_words_sequences_and_repetitions_make_no_password(password: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_content(Secret(password), operator("hana"), POLICY)
    assert caught.value.control == "AC-PWD-03"


@pytest.mark.parametrize(
    "password", ["Tanuki&hanako.k9", "xx&S-1042&Brewing", "H4nako.k&Lamp9Bridge", "市民課Lamp9Bridge"]
)
def test_the_persons_own_facts_make_no_password(password: str) -> None:
    with pytest.raises(Refusal, match="your login"):
        check_content(Secret(password), operator("hanako.k", staff_number="S-1042"), POLICY)


def test_a_sites_own_words_count_too() -> None:
    check_content(Secret("Mizuumi&Mizube9"), operator("hana"), POLICY)
    with pytest.raises(Refusal, match="common words"):
        check_content(
            Secret("Mizuumi&Mizube9"),
            operator("hana"),
            dataclasses.replace(POLICY, city_words=frozenset({"Mizuumi", "mizube"})),
        )


def test_a_temporary_password_is_no_common_word_and_never_the_same() -> None:
    given_out = [temporary_password() for _ in range(50)]
    assert {len(each.text()) for each in given_out} == {23}
    assert len({each.text() for each in given_out}) == 50
    for each in given_out:
        check_content(each, operator("hana"), POLICY)


@pytest.mark.parametrize(
    ("new", "present"),
    [
        ("Tortoise&9brews#2027", "Tortoise&9brews#2026"),
        ("tORTOISE&9BREWS#2026", "Tortoise&9brews#2026"),
        ("T0rt0ise&9brews#", "Tortoise&9brews#"),
        ("#swerb9&esiotroT", "Tortoise&9brews#"),
        ("brews#Tortoise&9", "Tortoise&9brews#"),
        ("Tortoise-brews-77", "Tortoise&9brews#"),
        ("xTortoise&9brews#", "Tortoise&9brews#"),
        ("Ｔｏｒｔｏｉｓｅ&9brews#", "Tortoise&9brews#"),
    ],
)
def test_a_counter_a_case_a_letter_a_swap_or_a_reversal_is_similar(new: str, present: str) -> None:
    assert similar(normalised(Secret(new)), normalised(Secret(present)), minimum_distance=5)


def test_a_password_that_shares_nothing_is_not_similar() -> None:
    assert not similar(Secret("Meadow?41cranes+harbour"), PASSWORD, minimum_distance=5)


def common(left: str, right: str) -> bool:
    ours = {shape.text() for shape in shapes(Secret(left))}
    return any(shape.text() in ours for shape in shapes(Secret(right)))


@given(passwords, st.data())
def test_any_one_edit_the_other_case_and_the_reverse_share_a_shape(password: str, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(password) - 1))
    letter = data.draw(st.sampled_from(LETTERS))
    for variant in (
        password[:index] + password[index + 1 :],
        password[:index] + letter + password[index + 1 :],
        password[:index] + letter + password[index:],
        password[::-1],
        password.swapcase(),
    ):
        assert common(password, variant)


@given(passwords, passwords)
def test_unlike_passwords_share_no_shape(left: str, right: str) -> None:
    assume(distance(left.casefold(), right.casefold()) > 8)
    assume(distance(left.casefold()[::-1], right.casefold()) > 8)
    letters = [{letter for letter in each.casefold() if letter.isalpha()} for each in (left, right)]
    assume(len(letters[0] ^ letters[1]) > 4)
    assert not common(left, right)


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_the_distance_is_a_metric(a: str, b: str, c: str) -> None:
    assert distance(a, b) == distance(b, a)
    assert (distance(a, b) == 0) == (a == b)
    assert distance(a, c) <= distance(a, b) + distance(b, c)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Tortoise&9brews#2025", "Tortoise&9brews#2026"),
        ("Tortoise&brews#lanterns", "T0rt01se&br3ws#l4nt3rns"),
        ("Tortoise&brews#lanterns", "lanterns#Tortoise&brews"),
        ("Tortoise&brews#lanterns", "TORTOISE brews.lanterns"),
        ("Tortoise&brews#lanterns", "snretnal#swerb&esiotroT"),
        ("Tortoise&brews#lanterns", "Tortoise&brewys#lanterns"),
        ("Tortoise&brews#lanterns", "Tortoise&brws#lanterns"),
    ],
)
def test_what_resembles_an_older_password_is_known_from_its_shapes_alone(earlier: str, later: str) -> None:
    assert common(earlier, later)
    assert common(later, earlier)


def changed(town: Town, session: Session, current: Secret, new: Secret) -> Session:
    return change_password(town.store, town.policy, session, current=current, new=new)


WORDS = (
    "Meadow?41cranes+harbour",
    "Pocket7%umbrellas=Glide",
    "Velvet#83oxen&Whistle",
    "Copper=26ferries?Nudge",
    "Thimble+59Quarry%jolts",
    "Gravel&14Yodels#plinth",
    "Bishop?78kites=Zigzag",
    "Ember%35Lobsters+vault",
    "Fjord=62Mittens&quilts",
    "Acorn#97Drizzle?bypass",
    "Oxbow+21Flannel%jackdaw",
    "Wharf&46Snippet=gumbo",
    "Puddle?89Trombone#exits",
)


def test_the_last_twelve_passwords_and_what_resembles_them_are_refused_and_an_older_one_is_free(town: Town) -> None:
    town.person("hana")
    session = town.sign_in("hana")
    current = PASSWORD
    for word in WORDS:
        session = changed(town, session, current, Secret(word))
        current = Secret(word)
    for kept in WORDS[:12]:
        for again in (kept, kept.swapcase(), kept[::-1], kept + "9", kept[1:]):
            with pytest.raises(Refusal) as caught:
                changed(town, session, current, Secret(again))
            assert caught.value.control == "AC-PWD-02"
    changed(town, session, current, PASSWORD)


def test_no_earlier_password_can_be_read_and_no_shape_of_a_live_one_is_kept(town: Town) -> None:
    town.person("hana")
    session = town.sign_in("hana")
    assert not town.store.rows("SELECT * FROM password_history_shape")
    changed(town, session, PASSWORD, Secret(WORDS[0]))
    assert town.store.rows("SELECT * FROM password_history_shape")
    for name in ("", "-wal"):
        content = town.store.path.with_name(town.store.path.name + name).read_bytes()
        assert PASSWORD.octets() not in content
        assert WORDS[0].encode() not in content
        assert b"tortoise" not in content


def test_a_password_lost_and_replaced_is_still_refused_exactly(town: Town) -> None:
    town.person("hana")
    temporary = issue_temporary_password(town.store, town.policy, "hana", actor="S-1")
    session = town.sign_in("hana", password=temporary)
    with pytest.raises(Refusal, match="similar"):
        changed(town, session, temporary, PASSWORD)
    changed(town, session, temporary, Secret(WORDS[0]))


def test_a_wrong_present_password_changes_nothing_and_counts_as_a_failure(town: Town) -> None:
    town.person("hana")
    session = town.sign_in("hana")
    for _ in range(5):
        with pytest.raises(Refusal, match="wrong"):
            changed(town, session, Secret("guess"), Secret(WORDS[0]))
    assert town.events()[-1].reason is Reason.WRONG_PASSWORD
    with pytest.raises(Refusal, match="locked"):
        changed(town, session, PASSWORD, Secret(WORDS[0]))


def test_a_password_chosen_at_the_desk_keeps_the_rules_too(town: Town) -> None:
    with pytest.raises(Refusal, match="at least"):
        enrol(town.store, town.policy, operator("hana"), actor="system", password=Secret("short"))
    assert not town.store.rows("SELECT * FROM operator")


def test_full_and_half_width_typing_are_the_same_password(town: Town) -> None:
    town.person("hana")
    town.sign_in("hana", password=Secret("Ｔｏｒｔｏｉｓｅ&９ｂｒｅｗｓ#lanterns"))


def test_another_pepper_proves_nobody(town: Town) -> None:
    town.person("hana")
    other = dataclasses.replace(town.policy, pepper=Secret(b"\x01" * 32))
    with pytest.raises(Refusal):
        town.sign_in("hana", policy=other)
