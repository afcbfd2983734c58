"""What the codes of an event say to people: the titles of columns, actions and outcomes, all msgids."""

from types import MappingProxyType
from typing import Final

from accesscontrol.messages import N_
from monitors.events.expressions import NUMBERS, PART, TIME, WHOLE
from monitors.events.schema import Action, Outcome

ACTION_TITLES: Final = MappingProxyType(
    {
        Action.LOGIN: N_("sign-in"),
        Action.LOGOUT: N_("sign-out"),
        Action.SEARCH: N_("search"),
        Action.VIEW: N_("view"),
        Action.UPDATE: N_("update"),
        Action.PRINT: N_("print"),
        Action.EXPORT: N_("data export"),
        Action.MEDIA: N_("media output"),
        Action.BACKUP: N_("backing up"),
        Action.TRANSFER: N_("transfer"),
        Action.ACKNOWLEDGE: N_("acknowledgement"),
        Action.ADMIN: N_("administration"),
        Action.OTHER: N_("other act"),
    }
)
OUTCOME_TITLES: Final = MappingProxyType(
    {
        Outcome.SUCCESS: N_("success"),
        Outcome.FAILURE: N_("failure"),
        Outcome.ERROR: N_("fault"),
        Outcome.UNKNOWN: N_("not told"),
    }
)
COLUMN_TITLES: Final = MappingProxyType(
    {
        "ts_raw": N_("Time, written"),
        "zone": N_("Zone"),
        "system": N_("System"),
        "office": N_("Office"),
        "user_id": N_("Account"),
        "user_raw": N_("Account, written"),
        "terminal": N_("Terminal"),
        "terminal_raw": N_("Terminal, written"),
        "src_ip": N_("Connected from"),
        "session": N_("Session"),
        "action": N_("Action"),
        "outcome": N_("Outcome"),
        "reason": N_("Reason"),
        "target_count": N_("Persons"),
        "object": N_("Object"),
        "dest_system": N_("To system"),
        "search_keys": N_("Search keys"),
        "factors": N_("Factors"),
        "sequence": N_("Running number"),
        "application": N_("Application"),
        "detail": N_("Details"),
        "source_id": N_("Imported file"),
        "line_no": N_("Line"),
    }
)


def action_title(action: str) -> str:
    """Return the msgid of an action's code; a code of a newer version stands for itself."""
    return ACTION_TITLES[Action(action)] if action in set(Action) else action


def outcome_title(outcome: str) -> str:
    """Return the msgid of an outcome's code; a code of a newer version stands for itself."""
    return OUTCOME_TITLES[Outcome(outcome)] if outcome in set(Outcome) else outcome


def field_titles() -> dict[str, str]:
    """Return the msgid of each field of an expression, by its name."""
    columns = {**WHOLE, **PART, **NUMBERS}
    return {TIME: N_("Time")} | {name: COLUMN_TITLES[column] for name, column in columns.items()}
