"""User IDs in a real directory: read whole, issued, changed, blocked, and seen to be so by signing in there."""

import subprocess
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import ldap  # type: ignore[import-untyped]  # it has no types
import pytest
from msgspec import structs

from accesscontrol.accounts.connectors.ldap import LdapConnector
from accesscontrol.accounts.connectors.ldap_dialects import DIRECTORY_389, FREEIPA
from accesscontrol.accounts.connectors.ldap_wire import Directory
from accesscontrol.accounts.connectors.protocol import ObservedAccount, TemporaryPassword, Unreadable, Wanted
from accesscontrol.clock import SystemClock
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal
from tests.services.slapd import CONNECTOR, GROUPS, PASSWORD, PEOPLE, SUFFIX, LdapServer, certify

CLOCK = SystemClock()
FIRST = "Tanuki&9lanterns#one"
_numbers = count(1)


def directory(server: LdapServer, **changes: Any) -> Directory:
    facts: dict[str, Any] = {
        "system": "directory",
        "url": server.url,
        "bind_dn": CONNECTOR,
        "password": Secret(PASSWORD),
        "people": PEOPLE,
        "groups": GROUPS,
        "authority": server.authority,
        "policy": f"cn=policy,{SUFFIX}",
        "administrators": frozenset({"juki-admins"}),
        "page": 40,
        **changes,
    }
    return Directory(**facts)


@pytest.fixture
def connector(ldap_server: LdapServer) -> LdapConnector:
    return LdapConnector(directory(ldap_server), CLOCK)


@pytest.fixture
def person(ldap_server: LdapServer) -> Callable[..., str]:
    """Enter somebody of a new name straight into the directory and return the ID; ``lines`` are further LDIF."""

    def enter(*lines: str) -> str:
        user_id = f"u{next(_numbers)}"
        facts = ("objectClass: inetOrgPerson", "objectClass: lockable", "objectClass: ldapPublicKey")
        names = (f"uid: {user_id}", "cn: Someone", "sn: Someone", f"userPassword: {FIRST}")
        ldap_server.add("\n".join((f"dn: uid={user_id},{PEOPLE}", *facts, *names, *lines, "")))
        return user_id

    return enter


def look(connector: LdapConnector, user_id: str) -> ObservedAccount:
    return connector.look([user_id])[user_id]


def wanted(user_id: str, *groups: str, until: datetime | None = None) -> Wanted:
    return Wanted(
        user_id=user_id,
        staff_number="1042",
        display_name="架空 花子",
        office="市民課",
        entitlements=groups,
        valid_to=until,
    )


def temporary(text: str = FIRST) -> TemporaryPassword:
    return TemporaryPassword(secret=Secret(text), until=CLOCK.now() + timedelta(hours=24))


def test_an_issued_id_is_read_back_as_it_was_asked_for_and_must_change_its_password(
    connector: LdapConnector, ldap_server: LdapServer
) -> None:
    until = datetime(2031, 3, 31, 15, tzinfo=UTC)
    connector.issue(wanted("hanako", "juki-refer", until=until), temporary())
    first = look(connector, "hanako")
    assert first.valid_to is not None
    assert CLOCK.now() + timedelta(hours=23) < first.valid_to <= CLOCK.now() + timedelta(hours=24)
    connector.change([wanted("hanako", "juki-refer", until=until)])
    found = look(connector, "hanako")
    assert (found.enabled, found.valid_to, found.entitlements) == (True, until, ("juki-refer",))
    assert (found.staff_number, found.display_name) == ("1042", "架空 花子")
    assert found.native_id
    assert not found.doubts
    assert ldap_server.binds("hanako", FIRST)
    assert look(connector, "hanako").last_use is not None
    bound = ldap.initialize(ldap_server.url)
    bound.simple_bind_s(f"uid=hanako,{PEOPLE}", FIRST)
    with pytest.raises(ldap.INSUFFICIENT_ACCESS):
        bound.search_s(PEOPLE, ldap.SCOPE_SUBTREE)
    bound.unbind_s()


def test_an_id_that_is_already_there_is_refused_and_left_as_it_is(
    connector: LdapConnector, person: Callable[..., str]
) -> None:
    user_id = person()
    for name in (user_id, user_id.upper()):
        with pytest.raises(Refusal, match="already there"):
            connector.issue(wanted(name))
    assert look(connector, user_id).display_name == "Someone"


def test_a_change_brings_exactly_these_groups_and_this_end(
    connector: LdapConnector, person: Callable[..., str]
) -> None:
    user_id = person()
    until = datetime(2031, 3, 31, 15, tzinfo=UTC)
    assert connector.change([wanted(user_id, "juki-refer", "juki-update", until=until)]) == {}
    assert look(connector, user_id).entitlements == ("juki-refer", "juki-update")
    assert connector.change([wanted(user_id, "juki-admins")]) == {}
    found = look(connector, user_id)
    assert (found.entitlements, found.valid_to, found.administrator) == (("juki-admins",), None, True)
    assert connector.change([wanted(user_id, "no-such-group")]).keys() == {user_id}


def test_a_blocked_id_cannot_sign_in_and_is_clean_once_stripped(
    connector: LdapConnector, ldap_server: LdapServer, person: Callable[..., str]
) -> None:
    user_id = person("sshPublicKey: ssh-ed25519 AAAA")
    connector.change([wanted(user_id, "juki-refer")])
    assert ldap_server.binds(user_id, FIRST)
    assert connector.block([user_id]) == {}
    blocked = look(connector, user_id)
    assert not ldap_server.binds(user_id, FIRST)
    assert (blocked.enabled, blocked.remains, blocked.lapsed) == (False, ("sshPublicKey",), False)
    assert connector.end_sessions([user_id]) == {}
    assert connector.strip([user_id]) == {}
    assert look(connector, user_id).lapsed
    for again in (connector.block, connector.end_sessions, connector.strip):
        assert again([user_id]) == {}


def test_a_certificate_goes_with_the_lapse_under_the_name_by_which_the_server_keeps_it(
    connector: LdapConnector, ldap_server: LdapServer, person: Callable[..., str]
) -> None:
    shown: tuple[str | Path, ...] = ("openssl", "x509", "-in", ldap_server.authority, "-outform", "DER")
    certificate = subprocess.run(shown, capture_output=True, check=True).stdout
    user_id = person(f"userCertificate;binary:: {b64encode(certificate).decode()}")
    assert look(connector, user_id).remains == ("userCertificate",)
    for act in (connector.block, connector.end_sessions, connector.strip):
        assert act([user_id]) == {}
    assert look(connector, user_id).lapsed


def test_the_last_member_can_leave_a_group_that_must_have_one(
    connector: LdapConnector, ldap_server: LdapServer, person: Callable[..., str]
) -> None:
    user_id = person()
    ldap_server.add(f"dn: cn=alone,{GROUPS}\nobjectClass: groupOfNames\ncn: alone\nmember: uid={user_id},{PEOPLE}\n")
    assert connector.strip([user_id]) == {}
    assert look(connector, user_id).entitlements == ()


def test_a_connection_that_is_bound_goes_on_after_the_block_and_counts_until_it_is_closed(
    connector: LdapConnector, ldap_server: LdapServer, person: Callable[..., str]
) -> None:
    user_id = person()
    bound = ldap.initialize(ldap_server.url)
    bound.simple_bind_s(f"uid={user_id},{PEOPLE}", FIRST)
    connector.block([user_id])
    connector.strip([user_id])
    assert bound.whoami_s() == f"dn:uid={user_id},{PEOPLE}"
    assert (look(connector, user_id).sessions, look(connector, user_id).lapsed) == (1, False)
    assert connector.end_sessions([user_id]).keys() == {user_id}
    bound.unbind_s()
    while look(connector, user_id).sessions:
        pass
    assert look(connector, user_id).lapsed


def test_a_lock_that_the_server_ignores_is_no_lock_and_the_end_closes_all_the_same(
    connector: LdapConnector, ldap_server: LdapServer, person: Callable[..., str]
) -> None:
    ldap_server.add(
        f"dn: cn=lax,{SUFFIX}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: lax\npwdAttribute: userPassword\n"
    )
    user_id = person()
    dn = f"uid={user_id},{PEOPLE}"
    ldap_server.modify(
        f"dn: {dn}\nchangetype: modify\nreplace: pwdPolicySubentry\npwdPolicySubentry: cn=lax,{SUFFIX}\n-\n"
        "replace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n"
    )
    found = look(connector, user_id)
    assert ldap_server.binds(user_id, FIRST)
    assert (found.enabled, found.doubts) == (True, ("pwdAccountLockedTime without pwdLockout: TRUE",))
    connector.block([user_id])
    assert not ldap_server.binds(user_id, FIRST)
    assert not look(connector, user_id).enabled


def test_a_passed_end_is_closed_and_a_lock_by_failures_is_not_ours(
    connector: LdapConnector, ldap_server: LdapServer, person: Callable[..., str]
) -> None:
    over, failing = person(), person()
    connector.change([wanted(over, until=datetime(2026, 1, 1, tzinfo=UTC))])
    assert not ldap_server.binds(over, FIRST)
    assert not look(connector, over).enabled
    ldap_server.modify(
        f"dn: uid={failing},{PEOPLE}\nchangetype: modify\nreplace: pwdAccountLockedTime\n"
        "pwdAccountLockedTime: 20300101000000Z\n"
    )
    assert look(connector, failing).enabled


def test_the_shadow_day_stands_behind_the_end_and_a_block_writes_one_not_zero(
    connector: LdapConnector, ldap_server: LdapServer, person: Callable[..., str]
) -> None:
    user_id = person("objectClass: shadowAccount")
    connector.change([wanted(user_id, until=datetime(2031, 3, 31, 15, tzinfo=UTC))])
    seen = ldap.initialize(ldap_server.url)
    seen.simple_bind_s(CONNECTOR, PASSWORD)
    days = []
    for act in (lambda: None, lambda: connector.block([user_id])):
        act()
        days.append(int(seen.search_s(f"uid={user_id},{PEOPLE}", ldap.SCOPE_BASE)[0][1]["shadowExpire"][0]))
    seen.unbind_s()
    assert days == [(datetime(2031, 4, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days, 1]


def test_a_directory_larger_than_a_page_and_the_servers_own_limit_is_read_whole(
    connector: LdapConnector, ldap_server: LdapServer
) -> None:
    lines = (
        f"dn: uid=many{number},{PEOPLE}\nobjectClass: inetOrgPerson\nuid: many{number}\ncn: Many\nsn: Many\n"
        for number in range(130)
    )
    ldap_server.add("\n".join(lines))
    reading = connector.read()
    many = [each.user_id for each in reading.accounts if each.user_id.startswith("many")]
    assert len(many) == len(set(many)) == 130
    assert abs(reading.skew) < timedelta(seconds=5)
    assert len(connector.look(many)) == 130


def test_two_entries_for_one_user_id_make_the_directory_unreadable_not_guessed(
    connector: LdapConnector, ldap_server: LdapServer
) -> None:
    ldap_server.add(f"dn: ou=left,{PEOPLE}\nobjectClass: organizationalUnit\nou: left\n")
    twin = "objectClass: inetOrgPerson\nuid: twin\ncn: Twin\nsn: Twin\n"
    ldap_server.add(f"dn: uid=twin,{PEOPLE}\n{twin}\ndn: uid=twin,ou=left,{PEOPLE}\n{twin}")
    with pytest.raises(Unreadable, match="twin"):
        connector.read()
    seen = ldap.initialize(ldap_server.url)
    seen.simple_bind_s(CONNECTOR, PASSWORD)
    seen.delete_s(f"uid=twin,ou=left,{PEOPLE}")
    seen.unbind_s()
    connector.read()


def test_a_stale_member_of_is_named_and_the_groups_decide(connector: LdapConnector) -> None:
    found = look(connector, "stale")
    assert (found.entitlements, found.doubts) == ((), ("memberOf differs from the groups",))


@pytest.mark.parametrize("hostile", ["*", "x)(uid=*", "a,ou=people", "a\\2a", "", "a b", "日本", "a\x00", "-a"])
def test_no_user_id_becomes_part_of_a_filter_or_a_name(connector: LdapConnector, hostile: str) -> None:
    for act in (connector.look, connector.block, connector.end_sessions, connector.strip):
        with pytest.raises(Refusal, match="can't be a user ID"):
            act([hostile])
    with pytest.raises(Refusal, match="can't be a user ID"):
        connector.issue(wanted(hostile))


def test_an_unknown_id_is_a_failure_that_is_told(connector: LdapConnector) -> None:
    assert connector.look(["nobody-here"]) == {}
    assert connector.block(["nobody-here"]) == {"nobody-here": "No such object"}
    with pytest.raises(Refusal, match="did not take"):
        connector.set_password("nobody-here", temporary())


@pytest.fixture
def stranger(tmp_path: Path) -> Path:
    """The certificate of another server."""
    certify(tmp_path)
    return tmp_path / "server.pem"


def test_what_cannot_be_reached_or_trusted_is_unreadable(ldap_server: LdapServer, stranger: Path) -> None:
    for changes in (
        {"url": "ldap://127.0.0.1:1"},
        {"authority": stranger},
        {"password": Secret("wrong")},
        {"people": "ou=nowhere,dc=kumagaya,dc=example"},
    ):
        connector = LdapConnector(directory(ldap_server, **changes), CLOCK)
        for act in (connector.read, lambda it=connector: it.look(["hanako"]), lambda it=connector: it.block(["x"])):
            with pytest.raises(Unreadable) as caught:
                act()
            assert PASSWORD not in str(caught.value)


def test_a_block_in_freeipa_ends_the_account_for_kerberos_too_and_its_own_sort_of_keys_goes(
    ldap_server: LdapServer, person: Callable[..., str]
) -> None:
    connector = LdapConnector(directory(ldap_server, dialect=FREEIPA), CLOCK)
    user_id = person("ipaSshPubKey: ssh-ed25519 AAAA", "lastLoginTime: 20260401000000Z")
    found = look(connector, user_id)
    assert (found.remains, found.last_use) == (("ipaSshPubKey",), datetime(2026, 4, 1, tzinfo=UTC))
    assert connector.block([user_id]) == {}
    blocked = look(connector, user_id)
    assert blocked.valid_to is not None
    assert blocked.valid_to <= CLOCK.now()
    assert (blocked.enabled, blocked.lapsed) == (False, False)
    assert connector.strip([user_id]) == {}
    assert look(connector, user_id).lapsed
    assert connector.change([wanted(user_id)]) == {}
    assert (look(connector, user_id).enabled, look(connector, user_id).valid_to) == (True, None)


def test_a_lock_that_comes_from_a_role_shows_only_to_who_asks_for_it_by_name() -> None:
    assert {each.lock for each in (DIRECTORY_389, FREEIPA)} == {"nsAccountLock"}
    for each in (DIRECTORY_389, FREEIPA):
        assert each.lock in each.attributes


@pytest.mark.parametrize("dialect", [DIRECTORY_389, FREEIPA])
def test_the_lock_of_389_directory_server_is_read_and_written(
    ldap_server: LdapServer, person: Callable[..., str], dialect: Any
) -> None:
    connector = LdapConnector(directory(ldap_server, dialect=dialect), CLOCK)
    user_id, hand_locked = person(), person("nsAccountLock: TRUE")
    assert [look(connector, each).enabled for each in (user_id, hand_locked)] == [True, False]
    assert connector.block([user_id]) == {}
    assert not look(connector, user_id).enabled
    assert connector.change([wanted(user_id)]) == {}
    assert look(connector, user_id).enabled


def test_only_the_accounts_own_expiry_is_an_end_since_binds_go_on_after_the_passwords(
    ldap_server: LdapServer, person: Callable[..., str]
) -> None:
    connector = LdapConnector(directory(ldap_server, dialect=FREEIPA), CLOCK)
    aged, over = person("krbPasswordExpiration: 20200101000000Z"), person("krbPrincipalExpiration: 20200101000000Z")
    assert (look(connector, aged).enabled, look(connector, aged).valid_to) == (True, None)
    assert (look(connector, over).enabled, look(connector, over).valid_to) == (False, datetime(2020, 1, 1, tzinfo=UTC))
    assert structs.replace(look(connector, over), enabled=True).enabled
