"""The approvals that kinds of requests ask for, each by the role that the assessment names."""

from typing import Final

from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.requests.kinds import Slot

BUSINESS_OWNER: Final = Slot(
    name="business-owner", title=N_("Approval of the business owner"), roles=frozenset({Role.BUSINESS_OWNER})
)
IDENTINFO_MANAGER: Final = Slot(
    name="identinfo-manager",
    title=N_("Permission of the identity information manager"),
    roles=frozenset({Role.IDENTINFO_MANAGER}),
)
SECOND_CHECKER: Final = Slot(
    name="second-checker", title=N_("Confirmation by a second person"), roles=frozenset({Role.SECOND_CHECKER})
)
SECURITY_OFFICER: Final = Slot(
    name="security-officer", title=N_("Approval of the security officer"), roles=frozenset({Role.SECURITY_OFFICER})
)
WORK_LEAD: Final = Slot(name="work-lead", title=N_("Approval of the work lead"), roles=frozenset({Role.WORK_LEAD}))
SUPERIOR: Final = Slot(name="superior", title=N_("Approval of the superior"), roles=frozenset({Role.SUPERIOR}))
OUTPUT_MANAGER: Final = Slot(
    name="output-manager", title=N_("Approval of the output manager"), roles=frozenset({Role.OUTPUT_MANAGER})
)
INFOSEC_MANAGER: Final = Slot(
    name="infosec-manager", title=N_("Information security manager"), roles=frozenset({Role.INFOSEC_MANAGER})
)
