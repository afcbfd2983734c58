"""The nineteen roles of the assessment, and which of them one person may not hold together."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from accesscontrol.messages import N_, Phrase


class Role(StrEnum):
    """A role of the protection assessment (sections III and IV); the value is its stable name."""

    SECURITY_OFFICER = "security_officer"
    SYSTEM_ADMIN = "system_admin"
    RESIDENT_OPERATOR = "resident_operator"
    INFOSEC_MANAGER = "infosec_manager"
    BUSINESS_OWNER = "business_owner"
    IDENTINFO_MANAGER = "identinfo_manager"
    OUTPUT_MANAGER = "output_manager"
    SUPERIOR = "superior"
    WITNESS = "witness"
    KEY_CUSTODIAN = "key_custodian"
    IDPW_CUSTODIAN = "idpw_custodian"
    WORK_LEAD = "work_lead"
    SECOND_CHECKER = "second_checker"
    OPERATOR = "operator"
    CONTRACTOR_OPERATOR = "contractor_operator"
    TEMPORARY_STAFF = "temporary_staff"
    OA_CONTACT = "oa_contact"
    DEPT_HEAD = "dept_head"
    AUDITOR = "auditor"


ROLE_TITLES: Final[Mapping[Role, Phrase]] = {
    Role.SECURITY_OFFICER: Phrase(N_("Security officer")),
    Role.SYSTEM_ADMIN: Phrase(N_("System administrator")),
    Role.RESIDENT_OPERATOR: Phrase(N_("Resident operator")),
    Role.INFOSEC_MANAGER: Phrase(N_("Information security manager")),
    Role.BUSINESS_OWNER: Phrase(N_("Business owner")),
    Role.IDENTINFO_MANAGER: Phrase(N_("Identity information manager")),
    Role.OUTPUT_MANAGER: Phrase(N_("Output manager")),
    Role.SUPERIOR: Phrase(N_("Superior")),
    Role.WITNESS: Phrase(N_("Witness")),
    Role.KEY_CUSTODIAN: Phrase(N_("Key custodian")),
    Role.IDPW_CUSTODIAN: Phrase(N_("User ID and password custodian")),
    Role.WORK_LEAD: Phrase(N_("Work lead")),
    Role.SECOND_CHECKER: Phrase(N_("Second checker")),
    Role.OPERATOR: Phrase(N_("Staff operator")),
    Role.CONTRACTOR_OPERATOR: Phrase(N_("Contractor operator")),
    Role.TEMPORARY_STAFF: Phrase(N_("Part-time or temporary staff")),
    Role.OA_CONTACT: Phrase(N_("OA contact")),
    Role.DEPT_HEAD: Phrase(N_("Department head")),
    Role.AUDITOR: Phrase(N_("Auditor")),
}

_LEADING: Final = (
    Role.SECURITY_OFFICER,
    Role.BUSINESS_OWNER,
    Role.OUTPUT_MANAGER,
    Role.SYSTEM_ADMIN,
    Role.IDPW_CUSTODIAN,
    Role.RESIDENT_OPERATOR,
    Role.WITNESS,
    Role.AUDITOR,
)
_EVERY_ROLE: Final = frozenset(Role)

# Who is not to be joined with whom, also not over two logins of one person. The auditor reads and changes nothing
# (IV-1); the resident operator inspects as a third party (III-3 risk 2) and so neither sets up nor issues;
# temporary staff get no right to media, backups or exports (AC-TRM-02).
_APART: Final[Mapping[Role, frozenset[Role]]] = {
    Role.AUDITOR: _EVERY_ROLE - {Role.AUDITOR},
    Role.RESIDENT_OPERATOR: frozenset({Role.SYSTEM_ADMIN, Role.IDPW_CUSTODIAN}),
    Role.TEMPORARY_STAFF: _EVERY_ROLE - {Role.TEMPORARY_STAFF, Role.OPERATOR},
}


def conflict(roles: frozenset[Role]) -> tuple[Role, Role] | None:
    """Return the first two roles of ``roles`` that one person may not hold together, or None."""
    for role in sorted(roles & _APART.keys()):
        against = sorted(roles & _APART[role])
        if against:
            return role, against[0]
    return None


def leading(roles: Iterable[Role]) -> Role | None:
    """Return the role that names a person who holds several: the one that decides most. None for nobody's."""
    held = frozenset(roles)
    return next((each for each in _LEADING if each in held), min(held, default=None))
