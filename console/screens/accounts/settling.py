"""Deciding who a disputed line of a roster is: the same person under another name, or two who share one."""

from accesscontrol.accounts import reading
from accesscontrol.accounts.model import PersonKind
from accesscontrol.requests.desk import Acting
from accesscontrol.rosters.comparing import Change
from accesscontrol.rosters.model import RosterKind
from console import rosters
from console.frame.dialogs import ChoiceDialog
from console.text import mask
from console.translation import _
from console.widgets.choices import Choice
from console.wiring import Installation


def obstacle(change: Change, kind: RosterKind) -> str:
    """Return why nobody can decide the line here, or nothing: one who is there as staff is no contractor's worker."""
    there = change.before
    if there is None or (there.kind is PersonKind.CONTRACTOR) is (kind is RosterKind.CONTRACTOR):
        return ""
    return _("This number is that of somebody else, of another kind of roster. Correct it in the roster.")


def dialog(site: Installation, change: Change) -> ChoiceDialog:
    """Return the question; its answer is the staff number of the person whom the line is compared with."""
    title = _("Who is {name} ({staff_number})?").format(name=mask(change.name), staff_number=change.staff_number)
    return ChoiceDialog(title, [_choice(site, change, each) for each in change.doubts])


def _choice(site: Installation, change: Change, doubt: str) -> Choice:
    known = reading.get_person(site.store, doubt)
    if doubt == change.staff_number:
        words = _("the ledger knows {name}").format(name=mask(known.name))
        return Choice(_("The same person, under another name"), doubt, words)
    words = _("{number} is {name}, {office}").format(number=doubt, name=mask(known.name), office=known.office)
    return Choice(_("Somebody else of the same name"), doubt, words)


def settle(site: Installation, change: Change, doubt: str, actor: Acting) -> None:
    """Keep the answer that was given about ``doubt``."""
    if doubt == change.staff_number:
        rosters.settle_name(site, change.staff_number, change.name, actor)
    else:
        rosters.settle_namesakes(site, change.staff_number, doubt, actor)
