"""Register data leaves on a medium by right and approval, and small outputs add up."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from accesscontrol.clock import FixedClock
from accesscontrol.people import terminals
from accesscontrol.people.terminals import Terminal, TerminalPlace
from accesscontrol.refusals import Refusal
from accesscontrol.requests import submission
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from backups import ledger
from backups.catalogue import Catalogue, Order
from backups.ledger import NewOutput
from backups.media.destinations import FolderDestinations
from backups.media.output import BULK_KIND, EXTRACT, KIND, OutputRules, media_output_kinds
from backups.sealing.digests import Progress
from backups.sources import Part, SourceState
from tests.backups.office import ZONE, Office

RULES = OutputRules(next_business_day=lambda day: day + timedelta(days=1), bulk=100, witness=False)


@dataclass(frozen=True)
class Extract:
    """An extract as the registry prepares it: record items and a number of persons."""

    name: str
    persons: int
    items: tuple[str, ...] = ("氏名", "住所")
    kind: str = EXTRACT

    def take(self, to: Path, progress: Progress) -> SourceState:
        to.write_text("氏名,住所\n" * self.persons)
        parts = [Part("persons", self.persons), *(Part(item, self.persons) for item in self.items)]
        return SourceState(EXTRACT, "registry", {}, parts)


@pytest.fixture
def office(catalogue: Catalogue) -> Office:
    kinds = media_output_kinds(catalogue, zone=ZONE, destinations=FolderDestinations(), rules=RULES)
    office = Office(catalogue.store, *kinds)
    office.hire("superior", "superior")
    office.hire("hara", "operator")
    return office


class Desk:
    """Prepares extracts and asks for their output."""

    def __init__(self, office: Office, catalogue: Catalogue, order: Order, folder: Path) -> None:
        self.office, self.catalogue, self.order, self.folder = office, catalogue, order, folder

    def ask(self, persons: int, kind: str = KIND, file: str = "file2", **change: Any) -> Request:
        taken = self.catalogue.take(replace(self.order, source=Extract(file, persons)))
        folder = self.folder / taken.id
        folder.mkdir()
        parameters = {
            "backup": taken.id,
            "sealed_sha256": taken.sealed_sha256,
            "medium": "M-0007",
            "folder": str(folder),
            "carrier": "森",
            "destination": "県庁",
            "purpose": "整合",
            "due": "2026-11-25",
            "ending": "return",
            "file": file,
            "items": ["住所", "氏名"],
            "persons": persons,
        }
        return self.office.submit(kind, {**parameters, **change}, "mori")

    def go(self, persons: int, kind: str = KIND, **change: Any) -> Request:
        request = self.office.approve(self.ask(persons, kind, **change), "superior" if kind == KIND else "kato")
        return self.office.execute(request, "hara")


@pytest.fixture
def desk(office: Office, catalogue: Catalogue, order: Order, tmp_path: Path) -> Desk:
    (tmp_path / "media").mkdir()
    return Desk(office, catalogue, order, tmp_path / "media")


def failure(request: Request) -> str:
    assert request.state is State.FAILED
    assert request.performance is not None
    assert request.performance.evidence is not None
    return str(request.performance.evidence["reason"])


def test_an_output_makes_one_line_with_persons_medium_and_hash(desk: Desk, office: Office) -> None:
    assert desk.go(20).state is State.DONE
    (line,) = ledger.page(office.store)
    assert (line.persons, line.medium, line.kind, line.requester) == (20, "M-0007", KIND, "S-mori")


def test_the_approver_sees_file_items_and_persons(desk: Desk, office: Office) -> None:
    request = desk.ask(20)
    kind = office.desk.kind(KIND)
    shown = kind.describe(kind.read(request.parameters))
    assert (shown["File"], shown["Record items"], shown["Persons"]) == ("Identity information file", "住所, 氏名", 20)


def test_more_persons_than_the_threshold_need_the_output_manager(desk: Desk) -> None:
    with pytest.raises(Refusal) as refused:
        desk.ask(101)
    assert refused.value.control == "BK-MED-07"
    assert desk.go(101, BULK_KIND).state is State.DONE
    with pytest.raises(Refusal):
        desk.office.approve(desk.ask(300, BULK_KIND), "superior")


def test_small_outputs_for_one_purpose_add_up_over_a_day(desk: Desk, clock: FixedClock) -> None:
    assert desk.go(60).state is State.DONE
    clock.advance(timedelta(hours=23))
    assert desk.go(40).state is State.DONE
    with pytest.raises(Refusal, match="101 persons within the window"):
        desk.ask(1)  # said when it is asked for, not only when it is written
    clock.advance(timedelta(hours=1))  # the first sixty have left the window
    assert desk.go(60, due="2026-11-27").state is State.DONE


def test_requests_that_are_still_open_count_too_and_withdrawn_ones_do_not(desk: Desk, office: Office) -> None:
    first = desk.ask(60)
    with pytest.raises(Refusal) as refused:
        desk.ask(41)
    assert refused.value.control == "BK-MED-07"
    submission.withdraw(office.desk, first.id, office.acting("mori"), reason="not needed")
    assert desk.ask(100).state is State.SUBMITTED


def test_changing_a_request_does_not_count_it_twice(desk: Desk, office: Office) -> None:
    first = desk.ask(60)
    actor = office.acting("mori")
    changed = submission.submit(office.desk, KIND, first.parameters, actor, reason="again", request_id=first.id)
    assert changed.state is State.SUBMITTED


def test_the_sum_is_looked_at_once_more_when_it_is_written(desk: Desk, office: Office) -> None:
    request = office.approve(desk.ask(60), "superior")
    written = NewOutput(  # as an older program, which did not look at submission, left it
        request="R-0",
        requester="S-mori",
        kind=KIND,
        content="B-00009",
        persons=50,
        sha256="0" * 64,
        size=1,
        files=("B-00009.age",),
        medium="M-0007",
        folder="/mnt",
        carrier="森",
        destination="県庁",
        purpose="整合",
        ending="return",
        due=date(2026, 11, 25),
        actor="S-hara",
        terminal="SR-01",
    )
    ledger.close_writing(office.store, ledger.begin(office.store, written))
    assert "110 persons within the window" in failure(office.execute(request, "hara"))


def test_width_case_and_blanks_make_no_new_purpose(desk: Desk) -> None:
    assert desk.go(100, purpose="整合ABC").state is State.DONE
    with pytest.raises(Refusal, match="bulk output"):
        desk.ask(1, purpose=" 整合　ａｂｃ")
    assert desk.go(1, purpose="別の目的").state is State.DONE


def test_a_failed_output_does_not_count(desk: Desk) -> None:
    request = desk.office.approve(desk.ask(100), "superior")
    folder = Path(str(request.parameters["folder"]))
    (folder / "B-00001.age").write_text("in the way")
    assert desk.office.execute(request, "hara").state is State.FAILED
    assert desk.go(100).state is State.DONE


def test_an_approved_bulk_output_does_not_use_up_the_small_ones(desk: Desk) -> None:
    assert desk.go(500, BULK_KIND).state is State.DONE
    assert desk.go(100).state is State.DONE


@pytest.mark.parametrize(
    "change",
    [{"persons": 19}, {"items": ["氏名"]}, {"items": ["氏名", "住所", "個人番号"]}, {"file": "file1"}, {"items": []}],
)
def test_what_is_asked_for_is_what_the_extract_holds(desk: Desk, office: Office, change: dict[str, Any]) -> None:
    asked = desk.ask(20).parameters
    with pytest.raises(Refusal):
        office.submit(KIND, {**asked, **change}, "mori")


def test_a_backup_is_no_extract(desk: Desk, office: Office, catalogue: Catalogue, order: Order) -> None:
    asked = desk.ask(20).parameters
    whole = catalogue.take(order)
    with pytest.raises(Refusal, match="not an extract"):
        office.submit(KIND, {**asked, "backup": whole.id, "sealed_sha256": whole.sealed_sha256}, "mori")


def test_a_medium_of_file_3_is_handed_over_by_the_next_business_day(desk: Desk) -> None:
    for change in ({"ending": "return"}, {"ending": "hand-over", "due": "2026-11-26"}):
        with pytest.raises(Refusal) as refused:
            desk.ask(5, file="file3", **change)
        assert refused.value.control == "BK-MED-10"
    assert desk.go(5, file="file3", ending="hand-over").state is State.DONE
    with pytest.raises(Refusal, match="Only the medium of file 3"):
        desk.ask(5, ending="hand-over")


def test_a_medium_of_file_3_that_stays_is_a_finding(desk: Desk, office: Office, clock: FixedClock) -> None:
    desk.go(5, file="file3", ending="hand-over")
    clock.advance(timedelta(days=2))
    (line,) = ledger.overdue(office.store, clock.now(), ZONE)
    assert line.due == date(2026, 11, 25)
    ended = ledger.end(office.store, 1, state="handed-over", actor="S-mori", terminal="SR-01", note="receipt 12")
    assert ended.state == "handed-over"


@pytest.mark.parametrize("restricted", [True, False])
def test_output_only_from_terminals_that_may(
    desk: Desk, office: Office, catalogue: Catalogue, *, restricted: bool
) -> None:
    fact = Terminal(name="T-9", place=TerminalPlace.OFFICE, fact="host:T-9", restricted=restricted)
    with office.store.transaction() as tx:
        terminals.register(tx, fact, actor="system")
    if not restricted:  # registered, but without the output mark that the others have
        rules = replace(RULES, terminals=frozenset({"SR-01"}))
        kinds = media_output_kinds(catalogue, zone=ZONE, destinations=FolderDestinations(), rules=rules)
        office.desk = replace(office.desk, kinds={kind.name: kind for kind in kinds})
    request = office.approve(desk.ask(5), "superior")
    assert "not a terminal from which media" in failure(office.execute(request, "hara", "T-9"))


@pytest.mark.parametrize("login", ["sato", "suzuki", "kato", "ito", "abe", "ogawa"])
def test_roles_without_the_right_cannot_ask(desk: Desk, office: Office, login: str) -> None:
    asked = desk.ask(5).parameters
    with pytest.raises(Refusal):
        office.submit(KIND, asked, login)
