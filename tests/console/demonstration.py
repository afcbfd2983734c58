"""A console over invented rows: what the frame's tests drive, and what one may look at.

``python -m tests.console.demonstration [ja|en] [unicode|cp437|ascii]`` runs it on the terminal.
"""

import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

if __name__ == "__main__":
    from console.terminal import prepare_environment

    prepare_environment(os.environ)

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Button, Input

from accesscontrol.clock import Clock, FixedClock, SystemClock
from accesscontrol.refusals import Refusal
from console.frame.app import SekishoApp
from console.frame.commands import Command
from console.frame.dialogs import ConfirmDialog, ReasonDialog
from console.frame.forms import Field, FormDialog
from console.frame.lines import KeyLine, PlaceLine
from console.frame.lock import LanguageSwitch
from console.frame.progress import Progress, ProgressDialog
from console.frame.running import run
from console.frame.screen import BaseScreen
from console.frame.site import Person, Place, Site
from console.terminal import Profile, detect
from console.translation import _
from console.widgets.choices import Choice
from console.widgets.details import Fact, Section
from console.widgets.line_input import LineInput
from console.widgets.list_and_details import ListAndDetails
from console.widgets.paged_table import PagedTable
from console.widgets.pictures import Age, ages_bar, heat_map, sparkline
from console.widgets.plain import Plain
from console.widgets.push_button import PushButton
from console.widgets.rows import Cell, Column, Query
from console.widgets.severity import severity_cell

NOON = datetime(2026, 11, 24, 0, 12, tzinfo=UTC)
SECRET = "田中"  # a name that must not be seen after the lock


@dataclass(frozen=True, slots=True)
class Happening:
    """A row."""

    number: int
    at: str
    who: str
    what: str
    level: str


def fill(path: Path, rows: int) -> Path:
    """Write ``rows`` invented happenings into a new SQLite file."""
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode=OFF")
        db.execute("CREATE TABLE happening (id INTEGER PRIMARY KEY, at TEXT, who TEXT, what TEXT, level TEXT) STRICT")
        db.execute(
            """
            WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ?)
            INSERT INTO happening
            SELECT n, printf('11/%02d %02d:%02d', n % 28 + 1, n % 24, n % 60), ? || (n % 97), ? || n,
                   CASE n % 4 WHEN 0 THEN 'high' WHEN 1 THEN 'medium' WHEN 2 THEN 'low' ELSE 'informational' END
            FROM counted
            """,
            (rows, SECRET, "退職者IDのログイン "),
        )
        db.execute("CREATE INDEX happening_at ON happening (at, id)")
    db.close()
    return path


class Happenings:
    """The rows of a SQLite file, by page."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.pages_read = 0

    def index(self, query: Query) -> Iterator[Sequence[int]]:
        """Yield ids, the first two hundred at once."""
        order = {"": "id", "at": "at, id"}[query.sort] if not query.descending else "at DESC, id DESC"
        db = sqlite3.connect(self._path)
        try:
            cursor = db.execute(
                f"SELECT id FROM happening WHERE ? = '' OR instr(what || who, ?) ORDER BY {order}",
                (query.text, query.text),
            )
            size = 200
            while batch := cursor.fetchmany(size):
                yield [row[0] for row in batch]
                size = 50_000
        finally:
            db.close()

    def rows(self, ids: Sequence[int]) -> Sequence[Happening | None]:
        """Return one page."""
        self.pages_read += 1
        db = sqlite3.connect(self._path)
        try:
            marks = ",".join("?" * len(ids))
            found = db.execute(f"SELECT id, at, who, what, level FROM happening WHERE id IN ({marks})", ids)
            rows = {row[0]: Happening(*row) for row in found}
        finally:
            db.close()
        return [rows.get(number) for number in ids]


COLUMNS: list[Column[Happening]] = [
    Column(title="Severity", show=lambda row: severity_cell(row.level), width=11),
    Column(title="When", show=lambda row: row.at, width=11, sort="at"),
    Column(title="Who", show=lambda row: Cell(row.who, "faint"), width=8),
    Column(title="What", show=lambda row: row.what, width=16, grow=1),
    Column(title="No.", show=lambda row: f"{row.number:,}", width=9, align="right", from_width=70),
]


class ListScreen(BaseScreen):
    """A long list with its details, and acts that open each dialog."""

    help_title = "Happenings"
    help_text = "All that happened, newest last.\nEnter explains one."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "approve", "Approve", id="demonstration.approve"),
        Binding("x", "reject", "Reject", id="demonstration.reject"),
        Binding("e", "edit", "Change", id="demonstration.edit"),
        Binding("w", "work", "Run", id="demonstration.work"),
        Binding("d", "disposed", "Dispose", id="demonstration.disposed"),
    ]

    def __init__(self, source: Happenings) -> None:
        super().__init__()
        self.answers: list[object] = []
        self._table: PagedTable[Happening] = PagedTable(COLUMNS, source, markable=True)

    def body(self) -> Iterable[Widget]:
        yield ListAndDetails(self._table, self._explain)

    def _explain(self, row: Happening) -> Sequence[Section]:
        return [
            Section(
                f"{severity_cell(row.level).text} {row.what}",
                [Fact("ID", row.who), Fact("端末", "OZ-03（大里行政センター）"), Fact("規則", "retired-id-sign-in v3")],
                [
                    f"ID {row.who}（9月30日 退職）が 22:14 に住基システムへログインしました。退職から 54日後、閉庁日の時間外です。",
                    f"前後1時間  {sparkline([1, 0, 2, 8, 3, 1], 6)}",
                ],
            )
        ]

    def load(self) -> None:
        self.head("4 異常アクセス", "未判定", aside="11月24日（火） 開庁日")
        self._table.reload()
        self.next_step(
            "Enter で内容を見て、a で判定します" if self.app.language == "ja" else "Enter shows one, a decides"
        )

    def why_not(self, action: str) -> str:
        return "他の人の申請だけを承認できます" if action == "disposed" else ""

    @on(PagedTable.Counted)
    @on(ListAndDetails.Explained)
    def _where(self) -> None:
        self.position(self._table.position)

    def commands(self) -> Iterable[Command]:
        yield Command("証跡を検証する", lambda: self.done("検証しました"), "trail verify")

    @work
    async def action_approve(self) -> None:
        self.answers.append(
            await self.app.ask(ConfirmDialog("承認しますか", ["媒体 M-0031 [/etc]", "行き先 〇〇倉庫"], act="Approve"))
        )
        self.done(str(self.answers[-1]))

    @work
    async def action_reject(self) -> None:
        self.answers.append(await self.app.ask(ReasonDialog("却下の理由", "申請者に伝わります。", act="Reject")))

    @work
    async def action_edit(self) -> None:
        fields = [
            Field(name="purpose", label="目的", hint="例: 災害対策の遠隔地保管"),
            Field(name="until", label="期限", kind="date"),
            Field(name="medium", label="媒体", kind="choice", choices=[Choice("M-0031", 31), Choice("M-0032", 32)]),
            Field(name="password", label="パスワード", kind="secret"),
        ]
        self.answers.append(await self.app.ask(FormDialog("バックアップ持出し", fields, submit=self._submit)))

    def _submit(self, values: dict[str, object]) -> None:
        if values["purpose"] == "no":
            raise Refusal("The day {text} does not exist.", text="2026-02-30", control="BK-BAK-02")

    @work
    async def action_work(self) -> None:
        self.answers.append(await self.app.ask(ProgressDialog("バックアップを取っています", self.job)))

    def job(self, progress: Progress) -> str:
        """Count until told to stop, or to a thousand."""
        for number in range(1000):
            progress.report(number, 1000, "住基DB")
        return "sha256 9f2c"


class PicturesScreen(BaseScreen):
    """Pictures."""

    help_title = "Pictures"
    help_text = "Three pictures."

    def body(self) -> Iterable[Widget]:
        yield Plain(id="map")
        yield Plain(id="ages")

    def load(self) -> None:
        self.head("1 今日", aside="11月24日（火） 開庁日")
        hours = [f"{hour}" for hour in range(0, 24, 2)]
        values = [[(day * hour) % 7 if 3 < hour < 10 else 0 for hour in range(12)] for day in range(7)]
        self.query_one("#map", Plain).say(
            heat_map([_(day) for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")], hours, values)
        )
        ages = [Age("住基DB", 7, 24, "7時間前"), Age("証跡", 30, 24, "30時間前")]
        self.query_one("#ages", Plain).say(["", *ages_bar(ages, 60)])


class BrokenScreen(BaseScreen):
    """Fails with a name in its hands."""

    def load(self) -> None:
        person = SECRET
        raise KeyError(person)


class SignIn(LanguageSwitch):
    """Lets in whoever presses Enter."""

    help_title = "Sign in"
    help_text = "Press Enter."
    DEFAULT_CSS = "SignIn { align: center middle; background: $background; } SignIn #box { width: 50; height: auto; }"

    def compose(self) -> ComposeResult:
        yield PlaceLine()
        with Vertical(id="box"):
            yield Plain("関所" if self.app.language == "ja" else "Sekisho", classes="strong")
            yield Plain(_(self.app.profile.notice), classes="faint")
            yield LineInput(placeholder="login")
            yield PushButton("Go on", id="enter")
        yield KeyLine()

    def on_mount(self) -> None:
        self.query_one(LineInput).focus()

    @on(Input.Submitted)
    @on(Button.Pressed, "#enter")
    async def _enter(self) -> None:
        await self.app.sign_in(Person(staff_number="1001", display_name="佐藤＊＊", role_title="Mon"))


class DemonstrationDoor:
    """Opens to ``open sesame`` and 123456."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def unlock(self, person: Person, password: str, code: str) -> None:
        if (password, code) != ("open sesame", "123456"):
            raise Refusal("The day {text} does not exist.", text="?", control="AC-AUT-01")

    def locked(self, person: Person, reason: str) -> None:
        self.noted.append(f"locked {reason}")

    def left(self, person: Person) -> None:
        self.noted.append("left")


def build(folder: Path, *, rows: int = 1000, profile: Profile | None = None, clock: Clock | None = None) -> SekishoApp:
    """Return a console over ``rows`` rows."""
    path = folder / "happenings.sqlite3"
    if not path.exists():
        fill(path, rows)
    site = Site(
        city="見本市",
        terminal="サーバー室端末01",
        zone=ZoneInfo("Asia/Tokyo"),
        clock=clock or FixedClock(NOON),
        traces=folder / "traces",
        idle=timedelta(minutes=5),
        demo=True,
    )
    places = [
        Place(key="1", title="Today", open=PicturesScreen),
        Place(key="4", title="Findings", open=lambda: ListScreen(Happenings(path))),
        Place(key="8", title="Hosts", open=BrokenScreen),
        Place(key="9", title="Trail", open=PicturesScreen, allowed=lambda person: person.staff_number == "1"),
    ]
    return SekishoApp(site, DemonstrationDoor(), places, SignIn, profile=profile or Profile())


def main() -> int:
    """Run it on this terminal."""
    language, glyphs = [*sys.argv[1:], None, None][:2]
    folder = Path(os.environ.get("DEMONSTRATION") or tempfile.mkdtemp())
    rows = int(os.environ.get("ROWS", "2118"))
    profile = detect(os.environ, language=language, glyphs=glyphs)
    return run(build(folder, rows=rows, profile=profile, clock=SystemClock()))


if __name__ == "__main__":
    sys.exit(main())
