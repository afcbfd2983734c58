"""Maintenance of the register: its tasks, its files, its checks, and the differences that were found."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from accesscontrol.messages import N_
from accesscontrol.requests.desk import Acting
from accesscontrol.trail.entries import Entry
from console.evidence import register
from console.evidence.register import RegisterFacts, TableCount
from console.frame.progress import Outcome, Progress, ProgressDialog
from console.screens.registry import wording
from console.screens.registry.wording import CheckRow
from console.screens.tasks import acts, catalogue, reports
from console.screens.tasks.catalogue import TaskRow
from console.screens.views import Part, View, ViewsScreen
from console.seat import Seat
from console.translation import _, filled
from console.widgets.details import Section
from console.widgets.rows import Column
from registry.checks import Report, Severity, declared
from registry.tasks.reconciliation import Difference, Kind, Reconciliation

_ACTS = {1: register.EXAMINED, 2: register.CHECKED, 3: register.RECONCILED}  # what g does with the register, by list
_KEYS = {"ask": 0, "statement": 0, "lines": 4}  # the keys that only one list has


class RegistryScreen(ViewsScreen):
    """Place 7."""

    place_title = N_("7 Maintenance")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "ask", N_("Ask for"), id="registry.ask"),
        Binding("q", "statement", N_("SQL"), id="registry.statement"),
        Binding("g", "run", N_("Run"), id="registry.run"),
        Binding("l", "lines", N_("Lines"), id="registry.lines"),
        Binding("o", "sessions", N_("Sessions"), id="registry.sessions"),
    ]
    spare_keys = ("table.sort", "views.part", "table.filter")
    help_title = N_("Maintenance")
    help_text = N_(
        "Five lists, turned by the arrows left and right: the tasks of the register, its files, its format and logic\n"
        "checks, the comparison of the register with the municipal CS, and the reports of differences.\n"
        "In the first, n asks for a task: its questions, a dry run, the request with its listed effect; q asks for\n"
        "one SQL statement. g runs a task that needs no approval, or executes an approved one in a recorded session.\n"
        "In the next three g has the database examine itself, runs all checks, or compares; they change\n"
        "nothing. In the last, l works through a report line by line. o opens the controlled sessions.\n"
        "Records are named by their key, and what must be hidden stays hidden."
    )

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._facts: RegisterFacts | None = None
        self._report: Report | None = None
        self._result: Reconciliation | None = None
        self._last: dict[str, Entry | None] = {}
        super().__init__()

    def views(self) -> Iterable[View[Any]]:
        """Return tasks, files, checks, the comparison and the reports."""
        site = self._seat.site
        return (catalogue.view(site), self._files(), self._checks(), self._differences(), reports.view(site))

    def aside(self) -> str:
        """Say when the list's run was last done, by the trail."""
        act = _ACTS.get(self._at, "")
        if act not in self._last:
            return ""
        return wording.last_words(self._last[act], self._seat.site.zone)

    def _noting(self, act: str, read: Callable[[], Iterable[Any]]) -> Callable[[], Iterable[Any]]:
        """Return ``read`` (for a thread), which also looks up when ``act`` was last done."""

        def reading() -> Iterable[Any]:
            self._last[act] = register.last_run(self._seat.site, act)
            return read()

        return reading

    # -- the lists ------------------------------------------------------------------------------------

    def _files(self) -> View[TableCount]:
        def read() -> Iterable[TableCount]:
            self._facts = register.facts(self._seat.site)
            return self._facts.tables

        def explain(table: TableCount) -> list[Section]:
            return wording.explain_table(table, self._facts, self._seat.site.zone)

        return View(
            title=N_("Files"),
            columns=(
                Column(title=N_("File"), show=lambda each: _(each.title), width=34, grow=2),
                Column(title=N_("Records"), show=lambda each: f"{each.rows:,}", width=12, align="right"),
            ),
            read=self._noting(register.EXAMINED, read),
            key=lambda each: each.name,
            words=lambda each: f"{each.name} {_(each.title)}",
            explain=explain,
            hint=N_("g has the database examine itself. → shows the checks of the records."),
        )

    def _checks(self) -> View[CheckRow]:
        def read() -> Iterator[CheckRow]:
            report = self._report
            for check in declared(register.settings(self._seat.site)).values():
                yield CheckRow(check, report)

        return View(
            title=N_("Record checks"),
            columns=(
                Column(title=N_("Check"), show=lambda each: each.check.id, width=10, sort="id"),
                Column(title=N_("Severity"), show=wording.severity, width=12, sort="severity"),
                Column(title=N_("What it looks at"), show=lambda each: _(each.check.title), width=24, grow=3),
                Column(title=N_("Found"), show=wording.found, width=9, align="right", sort="found"),
                Column(title=N_("Files"), show=wording.file_numbers, width=8, from_width=70),
            ),
            read=self._noting(register.CHECKED, read),
            key=lambda each: each.check.id,
            words=lambda each: f"{each.check.id} {_(each.check.title)} {' '.join(each.check.controls)}",
            explain=lambda each: wording.explain_check(self._seat.site, each),
            parts=(
                Part(N_("with faults"), lambda each: bool(each.count)),
                Part(N_("errors"), lambda each: each.check.severity in {Severity.block, Severity.error}),
                Part(N_("warnings"), lambda each: each.check.severity is Severity.warning),
            ),
            order={
                "id": lambda each: each.check.id,
                "severity": lambda each: list(Severity).index(each.check.severity),
                "found": lambda each: each.count or 0,
            },
            hint=N_("g runs all checks over every record."),
        )

    def _differences(self) -> View[Difference]:
        def read() -> Iterable[Difference]:
            return self._result.differences if self._result else ()

        return View(
            title=N_("Register and CS"),
            columns=(
                Column(title=N_("Difference"), show=wording.difference_kind, width=22, grow=1, sort="kind"),
                Column(title=N_("Register no."), show=lambda each: _key(each.register_id), width=12, align="right"),
                Column(title=N_("CS no."), show=lambda each: _key(each.identity_id), width=10, align="right"),
                Column(title=N_("Items"), show=lambda each: ", ".join(each.item_names()), width=20, grow=2),
            ),
            read=self._noting(register.RECONCILED, read),
            key=lambda each: (each.kind, each.register_id, each.identity_id),
            words=lambda each: f"{_(wording.KIND_TITLES[each.kind])} {' '.join(each.item_names())}",
            explain=wording.explain_difference,
            parts=(
                *(Part(title, _kind_is(kind)) for kind, title in wording.KIND_TITLES.items()),
                Part(N_("still on the way"), lambda each: each.pending),
            ),
            order={"kind": lambda each: each.kind},
            empty=N_("No difference is known. g compares register and municipal CS."),
            hint=N_("g compares register and municipal CS, both ways."),
        )

    def action_sessions(self) -> None:
        """Open the controlled sessions."""
        from console.screens.sessions.listing import SessionsScreen

        self.app.push_screen(SessionsScreen(self._seat))

    # -- tasks ----------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show each list its own keys."""
        if self._at != _KEYS.get(action, self._at) or (action == "run" and self._at == _KEYS["lines"]):
            return False
        return super().check_action(action, parameters)

    def why_not(self, action: str) -> str:
        """Say why a key is off for the task under the cursor."""
        row = self.row if self.is_attached else None
        if action in {"ask", "run"} and isinstance(row, TaskRow):
            task = row.task
            if action == "ask":
                if not task.slots:
                    return _("It needs no approval: g runs it.")
                return "" if task.requesters & self._seat.roles else _("Your roles may not ask for this task.")
            return "" if task.executors & self._seat.roles else _("Your roles may not run this task.")
        return super().why_not(action)

    @work(exclusive=True, group="act")
    async def action_ask(self) -> None:
        """Ask for the task under the cursor."""
        if isinstance(self.row, TaskRow):
            self._say_and_reload(await acts.ask_for(self, self._seat, self.row))

    @work(exclusive=True, group="act")
    async def action_statement(self) -> None:
        """Ask for one SQL statement."""
        self._say_and_reload(await acts.ask_for_statement(self, self._seat))

    def action_lines(self) -> None:
        """Work through the report under the cursor."""
        if self.row is not None:
            self.app.push_screen(reports.LinesScreen(self._seat, self.row))

    def _say_and_reload(self, words: str) -> None:
        if words:
            self.done(words)
            self.split.table.reload()

    async def _run_task(self, row: TaskRow) -> None:
        if not row.task.slots:
            self._say_and_reload(await acts.run_now(self, self._seat, row.task))
        elif (request := acts.approved(self._seat, row.task)) is not None:
            await acts.execute(self, self._seat, request)
        else:
            self.why(_("There is no approved request of it that you may execute. n asks for it, place 5 approves."))

    # -- running --------------------------------------------------------------------------------------

    @work(exclusive=True, group="act")
    async def action_run(self) -> None:
        """Run what the present list is about, with progress, and say what came of it."""
        act = _ACTS.get(self._at)
        if act is None:
            if isinstance(self.row, TaskRow):
                await self._run_task(self.row)
            return
        runs: dict[str, tuple[str, Callable[[Acting, Progress], Any], Callable[[Any], None]]] = {
            register.EXAMINED: (N_("The database examines itself"), self._examine, self._say_examined),
            register.CHECKED: (N_("All checks over every record"), self._check, self._say_checked),
            register.RECONCILED: (N_("Register and municipal CS are compared"), self._reconcile, self._say_reconciled),
        }
        title, run, say = runs[act]
        actor = self._seat.acting
        dialog = ProgressDialog(_(title), lambda progress: run(actor, progress), cancellable=act == register.CHECKED)
        outcome: Outcome = await self.app.ask(dialog)
        if outcome.cancelled:
            self.why(_("Stopped; nothing was written down."))
        elif outcome.error is not None:
            self.why(outcome.error)
        else:
            say(outcome.value)
            self.split.table.reload()

    def _examine(self, actor: Acting, progress: Progress) -> list[str]:
        progress.report(0, 0, _("Reading every page…"))
        return register.examine(self._seat.site, actor)

    def _say_examined(self, damage: list[str]) -> None:
        if damage:
            self.why(_("THE REGISTER IS DAMAGED: {first}. Restore the newest good backup.").format(first=damage[0]))
        else:
            self.done(_("The database is sound."))

    def _check(self, actor: Acting, progress: Progress) -> Report:
        progress.report(0, 0, _("Checking every record…"))
        return register.run_checks(self._seat.site, actor, progress.report)

    def _say_checked(self, report: Report) -> None:
        self._report = report
        faults = report.by_severity
        wrong = faults[Severity.error.value] + faults[Severity.block.value]
        message = N_("{records} records: {wrong} faults, {warnings} to decide on")
        counts = {"records": report.records, "wrong": wrong, "warnings": faults[Severity.warning.value]}
        words = filled(message, {name: f"{count:,}" for name, count in counts.items()})
        if report.not_run:
            self.why(_("A table has not its printed items, so nothing else was checked."))
        elif wrong:
            self.why(words)
        else:
            self.done(words)

    def _reconcile(self, actor: Acting, progress: Progress) -> Reconciliation:
        progress.report(0, 0, _("Comparing both ways…"))
        return register.run_reconciliation(self._seat.site, actor)

    def _say_reconciled(self, result: Reconciliation) -> None:
        self._result = result
        message = N_("{missing_in_cs} missing in the CS, {missing_in_register} in the register, {differing} differ")
        words = _(message).format(**{kind.value: f"{result.counts[kind]:,}" for kind in Kind})
        if result.agrees:
            self.done(words)
        else:
            self.why(words)


def _key(record_id: int | None) -> str:
    return "-" if record_id is None else f"{record_id:,}"


def _kind_is(kind: Kind) -> Any:
    return lambda difference: difference.kind is kind
