"""Which approved requests make which acts in the logs expected."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from accesscontrol.requests import decisions, submission
from console import detection
from console.facts import actions_of
from monitors.calendars import overtime
from monitors.events.plans import Wish
from monitors.events.schema import Action
from monitors.findings import reading
from tests.console.city import City

HEAD = "処理日時,所属,利用者ID,利用者名,端末ID,処理区分,処理名,結果,対象件数,検索条件,対象者,出力先,申請番号"


@pytest.mark.parametrize("kind", ["maintenance-task:care-tidy", "adhoc-sql", "adhoc-sql-change"])
def test_approved_work_on_a_system_makes_administration_expected(kind: str) -> None:
    assert actions_of(kind) == {Action.ADMIN}


def test_every_kind_of_maintenance_of_a_site_covers_administration_and_an_output_covers_none(tmp_path: Path) -> None:
    site = City.copied_to(tmp_path).site
    kinds = [name for name in site.kinds if name.startswith(("maintenance-task", "adhoc"))]
    assert len(kinds) > 5
    assert all(actions_of(name) == {Action.ADMIN} for name in kinds)
    assert actions_of("media-output") == {Action.BACKUP, Action.MEDIA, Action.EXPORT}
    assert not actions_of("settings-change")


def test_approved_overtime_makes_access_expected_then_and_for_those_people_only(tmp_path: Path) -> None:
    city = City.copied_to(tmp_path)
    site = city.site
    staff = site.facts.owner_of("register", "s0015")
    work = {"staff": [staff], "day": "2026-11-24", "since": "18:00", "until": "20:00", "work": "月末処理"}
    request = submission.submit(site.desk, overtime.KIND, work, city.acting("yamada"), reason="締切りのため")

    def at(name: str, *lines: str) -> list[str]:
        file = tmp_path / name
        rows = [
            f"2026/11/24 {time}:00,市民課,{user},,SM-01,照会,,正常,1,氏名,K1,," for time, user in map(str.split, lines)
        ]
        file.write_text("\n".join([HEAD, *rows, ""]), "utf-8")
        site.archive.import_file(file, Wish(system="register"), actor="system")
        before = {each.number for each in reading.listed(site.store, limit=1000)}
        detection.detect(site)
        found = [each for each in reading.listed(site.store, limit=1000) if each.number not in before]
        return sorted(each.account for each in found if each.rule == "off-hours")

    assert at("asked.csv", "18:30 s0015") == ["s0015"]  # nobody has approved it yet
    seat = city.seat("watanabe")
    sign = seat.step_up(city.password("watanabe"), city.code("watanabe"))
    decisions.approve(site.desk, request.id, seat.acting, seen=request.digest, sign=sign)
    assert at("approved.csv", "19:30 s0015", "19:31 s0017") == ["s0017"]
    evening = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
    assert [each.reference for each in site.facts.matching("register", "s0015", evening, evening)] == [request.id]
