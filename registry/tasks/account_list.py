"""The accounts of the register system, listed for those who keep the ledger of user IDs (AC-PRM-01)."""

from datetime import timedelta

from accesscontrol.canonical import digest
from accesscontrol.clock import to_text
from accesscontrol.messages import N_
from registry.accounts import RegistryAccount, accounts
from registry.tasks.model import Cadence, Run, Step, Task


def _facts(account: RegistryAccount) -> dict[str, object]:
    return {
        "login": account.login,
        "display_name": account.display_name,
        "staff_number": account.staff_number,
        "office": account.office,
        "profile": account.profile,
        "enabled": account.enabled,
        "valid_until": account.valid_until.isoformat() if account.valid_until else None,
        "created_at": to_text(account.created_at),
        "last_sign_in_at": to_text(account.last_sign_in_at) if account.last_sign_in_at else None,
    }


def _list(run: Run) -> None:
    found = [_facts(account) for account in accounts(run.registry)]
    run.output["accounts"] = found
    run.evidence |= {
        "accounts": len(found),
        "enabled": sum(bool(each["enabled"]) for each in found),
        "sha256": digest(found),  # type: ignore[arg-type]  # texts, truths and nothing
    }


TASK = Task(
    name="account-list",
    title=N_("List of accounts of the register system"),
    purpose=N_("Reads every operator account with office, profile, end and last sign-in, for the ledger of user IDs."),
    controls=("AC-PRM-01", "AC-USR-02"),
    steps=(Step(N_("Read the accounts"), _list),),
    expected=timedelta(minutes=1),
    due=Cadence.daily,
)
