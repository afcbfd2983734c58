"""Whoever stands beside a session: the dialogs by which a second person watches it, or has it stopped, in place."""

from collections.abc import Callable
from typing import Any

from accesscontrol.messages import N_
from accesscontrol.people.reading import Reader
from accesscontrol.refusals import Refusal
from accesscontrol.requests import reading, separation
from accesscontrol.requests.desk import Acting
from accesscontrol.requests.separation import Part
from accesscontrol.sessions import watching
from accesscontrol.sessions.ledger import SessionRow
from accesscontrol.sessions.watching import WATCHERS, Signing, Watch
from console import early_end
from console.frame.forms import Field, FormDialog
from console.screens.factors import factor_fields, second_person_fields
from console.seat import Seat
from console.translation import _

Person = Callable[[dict[str, Any]], tuple[Acting, Signing]]


def apart(reader: Reader, row: SessionRow) -> frozenset[str]:
    """Return who can't be the second person of a session: its requester, approvers and executor (staff numbers).

    What the console does by itself, without a request, has nobody but its executor.
    """
    try:
        parts = separation.parts(reading.get(reader, row.request))
    except Refusal:
        parts = {}
    return frozenset({row.executor, *(each for each, part in parts.items() if part is not Part.WITNESS)})


def _questions(seat: Seat, row: SessionRow) -> tuple[tuple[Field, ...], Person]:
    """Return the questions for whoever stands beside the session, and what reads person and signing from the answers.

    That is the person here, unless it is their own session or they have no role for it.
    """
    mine = bool(seat.roles & WATCHERS) and seat.acting.staff_number != row.executor

    def person(values: dict[str, Any]) -> tuple[Acting, Signing]:
        if mine:
            return seat.acting, seat.step_up(values["password"], values["code"])
        return seat.second_person(values["login"], values["password"], values["code"])

    questions = factor_fields(seat) if mine else second_person_fields(seat, WATCHERS, apart(seat.site.store, row))
    return questions, person


def watching_dialog(seat: Seat, row: SessionRow) -> FormDialog:
    """Return the dialog that answers the :class:`Watch` of whoever watches.

    One who has another part in the request may look on at a terminal of their own, but signs at nobody else's screen
    what would not count.
    """
    fields, person = _questions(seat, row)

    def submit(values: dict[str, Any]) -> Watch:
        site = seat.site
        watcher, sign = person(values)
        if row.moderated and watcher != seat.acting and watcher.staff_number in apart(site.store, row):
            raise Refusal(
                N_("This person has another part in {request}: its second person is someone else."),
                control="AC-AUT-03",
                request=row.request,
            )
        return watching.watch(site.store, site.home.recordings, row.id, watcher, executor=row.executor, sign=sign)

    words = _("You sign that you are present and see what is done.")
    return FormDialog(_("Watch {id}").format(id=row.id), fields, text=words, act=N_("Watch"), submit=submit)


def stopping_dialog(seat: Seat, row: SessionRow) -> FormDialog:
    """Return the dialog that has the session stopped, with a reason, and answers what to say then."""
    fields, person = _questions(seat, row)
    reason = Field(name="reason", label=_("Reason"))

    def submit(values: dict[str, Any]) -> str:
        actor, sign = person(values)
        return early_end.stop(seat.site, row, actor, reason=values["reason"], sign=sign).words

    words = _("Everything that it runs is ended at once. It can't go on by this request.")
    return FormDialog(
        _("Stop {id}?").format(id=row.id), (reason, *fields), text=words, act=N_("Stop it"), submit=submit
    )
