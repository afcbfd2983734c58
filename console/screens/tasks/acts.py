"""What place 7 does with a task: ask for it, run what needs no approval, execute what was approved."""

from accesscontrol.messages import N_
from accesscontrol.requests import reading
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from console import maintenance, queues, task_words
from console.frame.dialogs import ConfirmDialog
from console.frame.progress import Outcome, Progress, ProgressDialog
from console.frame.screen import BaseScreen
from console.screens.tasks import wizard
from console.screens.tasks.catalogue import TaskRow
from console.screens.tasks.result import ResultScreen
from console.screens.tasks.running import RunningScreen
from console.seat import Seat
from console.translation import _
from registry.tasks import adhoc
from registry.tasks.kind import MAINTENANCE, kind_name
from registry.tasks.model import Outcome as TaskOutcome
from registry.tasks.model import Task


def is_maintenance(kind: str) -> bool:
    """Tell whether requests of this kind run a task on the register."""
    return kind.startswith(f"{MAINTENANCE}:") or kind in {adhoc.READING, adhoc.CHANGING}


async def ask_for(screen: BaseScreen, seat: Seat, row: TaskRow) -> str:
    """Ask for a task that needs approvals, and return what to say."""
    made = await wizard.ask_for(screen, seat, seat.site.kinds[kind_name(row.task)])
    return _("{id} waits for approval.").format(id=made) if made else ""


async def ask_for_statement(screen: BaseScreen, seat: Seat) -> str:
    """Ask for one SQL statement, and return what to say."""
    made = await wizard.ask_for_statement(screen, seat)
    return _("{id} waits for approval.").format(id=made) if made else ""


def approved(seat: Seat, task: Task) -> Request | None:
    """Return the newest approved request of ``task`` that the person here may execute."""
    session = seat.acting
    found = reading.listed(seat.site.store, [State.APPROVED])
    mine = (
        each for each in found if each.kind == kind_name(task) and queues.waits_for_execution(seat.site, each, session)
    )
    return next(mine, None)


async def execute(screen: BaseScreen, seat: Seat, request: Request) -> str:
    """Execute an approved request before one's eyes; what came of it stands on the screen that shows it."""
    question = ConfirmDialog(
        _("Execute {id}?").format(id=request.id),
        [
            _(seat.site.desk.kind(request.kind).title),
            _("It runs once, in a recorded session. What was approved is checked again first."),
        ],
        act=N_("Execute"),
    )
    if await screen.app.ask(question):
        screen.app.push_screen(RunningScreen(seat, request))
    return ""


async def run_now(screen: BaseScreen, seat: Seat, task: Task) -> str:
    """Run a task that needs no approval, with progress, and return what came of it."""
    given = await wizard.questions(screen, _(task.title), task.parameters, task.labels)
    if given is None:
        return ""
    actor = seat.acting

    def work(progress: Progress) -> TaskOutcome:
        progress.report(0, 0, _(task.title))
        return maintenance.run_now(seat.site, task, actor, given, progress=progress.report)

    outcome: Outcome = await screen.app.ask(ProgressDialog(_(task.title), work))
    if outcome.cancelled:
        return _("Stopped; nothing was written down.")
    if outcome.error is not None:
        screen.why(outcome.error)
        return ""
    done: TaskOutcome = outcome.value
    if task_words.tables(done.output) or "differences" not in done.evidence:
        screen.app.push_screen(ResultScreen(task, done))
    if "differences" in done.evidence:
        return _("Its differences are report {number}.").format(number=done.evidence["report"])
    return _("{task} is done.").format(task=_(task.title))
