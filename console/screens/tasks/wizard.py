"""From a task to its request: its own questions, a dry run, the listed effect before one's eyes, and only then the ask.

What is handed in is what was shown: the effect is bound into the request's digest, and one that moved in between is
refused.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from textual.widget import Widget

from accesscontrol.canonical import JSON
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.requests.kinds import Kind
from console.frame.forms import Field, FormDialog
from console.frame.progress import Outcome, Progress, ProgressDialog
from console.frame.screen import BaseScreen
from console.screens.requests.writing import field_of, typed
from console.seat import Seat
from console.translation import _, spoken
from console.widgets.plain import Plain
from registry.tasks.adhoc import CHANGING, READING
from registry.tasks.statements import read_statement

_REASON = "reason of the request"  # no parameter can have this name


class EffectDialog(FormDialog):
    """Shows what a task would do from its beginning, however long that is; the reason and the answers stay in sight."""

    DEFAULT_CSS = """
    EffectDialog > #box > #contents { max-height: 42vh; }
    EffectDialog > #box > Form { margin-top: 1; }
    EffectDialog.-short > #box > #contents { max-height: 3; }
    EffectDialog.-short > #box > Form { margin: 0; }
    EffectDialog.-short #error { min-height: 0; }
    EffectDialog.-short .note { max-height: 1; }
    """

    def contents(self) -> Iterable[Widget]:
        """Show the text alone, which scrolls."""
        yield Plain(self._text)

    def notice(self) -> Iterable[Widget]:
        """Keep the question below it."""
        yield self._form
        yield from super().notice()

    def on_mount(self) -> None:
        """Tell that the arrows scroll, once it is known whether they do."""
        self.call_after_refresh(self.refresh_bindings)


async def ask_for(screen: BaseScreen, seat: Seat, kind: Kind) -> str:
    """Ask what ``kind`` must know, show what it would do, hand the request in and return its id, or nothing."""
    given = await questions(screen, _(kind.title), kind.parameters, kind.labels)
    return "" if given is None else await _shown(screen, seat, kind, given)


async def ask_for_statement(screen: BaseScreen, seat: Seat) -> str:
    """Ask for one SQL statement, show how it was understood and what it would touch, and hand it in."""
    words = [
        _("One SELECT, INSERT, UPDATE or DELETE on the register. It is parsed first, and needs two approvals."),
        _("A change runs in a transaction that you see before it is committed."),
    ]
    statement = Field(name="sql", label=_("SQL statement"))

    def parse(values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if "--" in values["sql"]:
            raise Refusal(N_("Take out the comment behind --: on one line it hides the rest of the statement."))
        with seat.site.maintenance.ground() as ground:
            verb = read_statement(values["sql"], ground.registry.dialect).verb
        return (READING if verb == "SELECT" else CHANGING), values

    dialog = FormDialog(_("One SQL statement"), (statement,), text=words, act=N_("Parse"), submit=parse)
    answer = await screen.app.ask(dialog)
    if answer is None:
        return ""
    name, values = answer
    return await _shown(screen, seat, seat.site.kinds[name], values)


async def questions(
    screen: BaseScreen, title: str, parameters: type[msgspec.Struct], labels: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return what a task must be told, by its parameters' own types; None when the person thought better of it."""
    fields = [field_of(labels, each) for each in msgspec.structs.fields(parameters)]
    if not fields:
        return {}
    dialog = FormDialog(title, fields, act=N_("Dry run"), submit=lambda values: typed(parameters, values, labels))
    answers: dict[str, Any] | None = await screen.app.ask(dialog)
    return answers


async def _shown(screen: BaseScreen, seat: Seat, kind: Kind, given: dict[str, Any]) -> str:
    def try_it(progress: Progress) -> tuple[Any, JSON]:
        progress.report(0, 0, _("Nothing is changed."))
        parameters = kind.read(given)
        return parameters, kind.dry_run(parameters) if kind.dry_run else None

    dialog = ProgressDialog(_("What would it do now?"), try_it, cancellable=False)
    outcome: Outcome = await screen.app.ask(dialog)
    if outcome.error is not None:
        screen.why(outcome.error)
        return ""
    parameters, effect = outcome.value
    zone = seat.site.zone
    described = {**kind.describe(parameters), **kind.shows(effect)}
    said = ("", None, kind.title)  # nothing, or what the dialog is called
    words = [f"{_(label)}: {spoken(value, zone)}" for label, value in described.items() if value not in said]

    def submit(values: dict[str, Any]) -> str:
        desk, actor = seat.site.desk, seat.acting
        request = submission.submit(desk, kind.name, given, actor, reason=values[_REASON])
        if request.dry_run != effect:
            submission.withdraw(desk, request.id, actor, reason=N_("its effect moved while it was read"))
            raise Refusal(N_("The data has moved while you read it; nothing was handed in. Look at it once more."))
        return request.id

    reason = Field(name=_REASON, label=_("Reason"), hint=_("Kept with the request; the approver reads it."))
    asked = EffectDialog(_(kind.title), (reason,), text=words, act=N_("Hand in"), submit=submit)
    return str(await screen.app.ask(asked) or "")
