"""A real OpenLDAP server on the loopback interface, with password policy, memberOf, Monitor and StartTLS."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.services.availability import require_programs
from tests.services.networking import HOST, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = "dc=kumagaya,dc=example"
PEOPLE = f"ou=people,{SUFFIX}"
GROUPS = f"ou=groups,{SUFFIX}"
CONNECTOR = f"cn=sekisho,{SUFFIX}"
PASSWORD = "only-for-this-test-run"
ATTEMPTS = 5

# What 389 Directory Server and OpenSSH's key look-up define themselves; the object identifiers are theirs.
SCHEMA = """\
attributetype ( 2.16.840.1.113730.3.1.610 NAME 'nsAccountLock'
  EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 2.16.840.1.113730.3.8.18.2.1 NAME 'krbPrincipalExpiration'
  EQUALITY generalizedTimeMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE )
attributetype ( 2.16.840.1.113730.3.8.18.2.2 NAME 'krbPasswordExpiration'
  EQUALITY generalizedTimeMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE )
attributetype ( 2.16.840.1.113719.1.301.4.35.1 NAME 'lastLoginTime'
  EQUALITY generalizedTimeMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.24552.500.1.1.1.13 NAME 'sshPublicKey'
  EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
attributetype ( 2.16.840.1.113730.3.8.11.31 NAME 'ipaSshPubKey'
  EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
objectclass ( 1.3.6.1.4.1.24552.500.1.1.2.0 NAME 'ldapPublicKey' SUP top AUXILIARY MAY sshPublicKey )
objectclass ( 2.16.840.1.113730.3.8.18.1.1 NAME 'lockable' SUP top AUXILIARY
  MAY ( nsAccountLock $ krbPrincipalExpiration $ krbPasswordExpiration $ lastLoginTime $
  ipaSshPubKey ) )
"""

CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
include {directory}/further.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload back_monitor
moduleload ppolicy
moduleload memberof
TLSCertificateFile {directory}/server.pem
TLSCertificateKeyFile {directory}/server.key
sizelimit size.soft=50 size.hard=50 size.pr=50 size.prtotal=unlimited
database mdb
suffix {suffix}
rootdn cn=root,{suffix}
rootpw {password}
directory {directory}/data
maxsize 33554432
dbnosync
index objectClass,uid,member eq
lastbind on
limits dn.exact={connector} size.pr=50 size.prtotal=unlimited
access to attrs=userPassword by dn.exact={connector} manage by self write by anonymous auth by * none
access to * by dn.exact={connector} manage by self read by users read by * none
overlay ppolicy
ppolicy_default cn=policy,{suffix}
overlay memberof
memberof-refint TRUE
database monitor
access to * by dn.exact={connector} read by * none
"""

ENTRIES = f"""\
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
dc: kumagaya
o: Kumagaya

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: {GROUPS}
objectClass: organizationalUnit
ou: groups

dn: {CONNECTOR}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: sekisho
userPassword: {PASSWORD}

dn: cn=policy,{SUFFIX}
objectClass: device
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMustChange: TRUE

dn: cn=juki-refer,{GROUPS}
objectClass: groupOfNames
cn: juki-refer
member: cn=nobody

dn: cn=juki-update,{GROUPS}
objectClass: groupOfNames
cn: juki-update
member: cn=nobody

dn: cn=juki-admins,{GROUPS}
objectClass: groupOfNames
cn: juki-admins
member: cn=nobody

dn: uid=stale,{PEOPLE}
objectClass: inetOrgPerson
uid: stale
cn: Stale
sn: Stale
memberOf: cn=juki-update,{GROUPS}
"""


@dataclass(frozen=True, slots=True)
class LdapServer:
    """A running server; ``authority`` is the certificate with which its own is trusted."""

    directory: Path
    port: int

    @property
    def url(self) -> str:
        """The plain address, which StartTLS turns into a private one."""
        return f"ldap://{HOST}:{self.port}"

    @property
    def authority(self) -> Path:
        """The certificate that the server shows: it vouches for itself."""
        return self.directory / "server.pem"

    def add(self, entries: str) -> None:
        """Add entries (LDIF) as the directory's root."""
        self._client("ldapadd", "-x", "-H", self.url, "-D", f"cn=root,{SUFFIX}", "-w", PASSWORD, given=entries)

    def modify(self, changes: str) -> None:
        """Apply changes (LDIF) as the directory's root, operational attributes too."""
        command = ("ldapmodify", "-x", "-e", "relax", "-H", self.url, "-D", f"cn=root,{SUFFIX}", "-w", PASSWORD)
        self._client(*command, given=changes)

    def binds(self, user_id: str, password: str) -> bool:
        """Tell whether ``user_id`` can sign in with ``password``."""
        [whoami] = require_programs("ldapwhoami")
        command = (whoami, "-x", "-H", self.url, "-D", f"uid={user_id},{PEOPLE}", "-w", password)
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def choose_password(self, user_id: str, old: str, new: str) -> None:
        """Let the person choose a password, as somebody who is signed in (RFC 3062)."""
        command = ("ldappasswd", "-x", "-H", self.url, "-D", f"uid={user_id},{PEOPLE}", "-w", old, "-s", new)
        self._client(*command, given="")

    def _client(self, name: str, *arguments: str, given: str) -> None:
        [program] = require_programs(name)
        done = subprocess.run([program, *arguments], input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def certify(directory: Path) -> None:
    """Write a certificate for loopback that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "directory")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (directory / "server.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (directory / "server.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _prepare(directory: Path, slapadd: Path) -> None:
    (directory / "data").mkdir()
    (directory / "further.schema").write_text(SCHEMA)
    (directory / "slapd.conf").write_text(
        CONFIGURATION.format(directory=directory, suffix=SUFFIX, password=PASSWORD, connector=CONNECTOR)
    )
    certify(directory)
    command = (slapadd, "-q", "-f", directory / "slapd.conf")
    done = subprocess.run(command, input=ENTRIES, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    [search] = require_programs("ldapsearch")
    command = (search, "-x", "-H", f"ldap://{HOST}:{port}", "-s", "base", "-b", "", "-o", "nettimeout=1", "1.1")
    for _ in range(200):
        if process.poll() is not None:
            return False
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return True
    return False


@pytest.fixture(scope="module")
def ldap_server() -> Iterator[LdapServer]:
    """One directory for a module's tests, with the connector's account and three groups."""
    slapd, slapadd, _, _, _ = require_programs("slapd", "slapadd", "ldapsearch", "ldapmodify", "ldapwhoami")
    directory = Path(tempfile.mkdtemp(prefix="sekisho-ldap-"))
    try:
        _prepare(directory, slapadd)
        for _ in range(ATTEMPTS):  # another process may take the port between our look and the server's
            port = free_port()
            with (directory / "slapd.log").open("wb") as log:
                process = subprocess.Popen(
                    [slapd, "-f", directory / "slapd.conf", "-h", f"ldap://{HOST}:{port}", "-d", "0"],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            if _answers(port, process):
                try:
                    yield LdapServer(directory, port)
                finally:
                    process.terminate()
                    process.wait()
                return
            process.kill()
            process.wait()
        pytest.fail(f"slapd did not start: {(directory / 'slapd.log').read_text()}")
    finally:
        shutil.rmtree(directory)
