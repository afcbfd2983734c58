"""The application of a legitimate access: if it is a request of this console, it was approved (MO-ANM-06)."""

import re
import unicodedata
from typing import Final

from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.requests import reading
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import TITLES, State

APPROVED: Final = (State.APPROVED, State.EXECUTING, State.DONE, State.REPORTED, State.CLOSED)
_OURS: Final = re.compile(r"R-\d{4}-\d{4,}")


def was_approved(request: Request) -> bool:
    """Tell whether everybody approved; a request may lapse before that, or after it because nobody used it."""
    given = {approval.slot for approval in request.in_force()}
    is_whole = given >= {slot.name for slot in request.rule.slots}
    return is_whole if request.state is State.LAPSED else request.state in APPROVED


def check(reader: Reader, application: str) -> None:
    """Refuse a request of ours that was never made or is not approved; a number of papers is taken as it is written.

    A request's number in small or full-width letters is that request's all the same.
    """
    name = unicodedata.normalize("NFKC", application).strip().upper()
    if not _OURS.fullmatch(name):
        return
    request = reading.get(reader, name)
    if not was_approved(request):
        raise Refusal(
            N_("{application} makes no access legitimate: {state}. Name the approved application, or judge otherwise."),
            control="MO-ANM-06",
            application=request.id,
            state=TITLES[request.state],
        )
