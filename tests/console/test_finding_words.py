"""The sentences of findings in the reader's words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from console.finding_words import spoken_explanation
from monitors.findings.reading import Finding
from monitors.findings.states import State

TOKYO = ZoneInfo("Asia/Tokyo")
FIRST = datetime(2026, 11, 24, 2, 20, 0, tzinfo=UTC)


def finding(lasts: timedelta) -> Finding:
    last = FIRST + lasts
    return Finding(
        number=1, rule="r", rule_version=1, title="t", severity="low", state=State.NEW, system="register", account="s1",
        source="", group="", first=FIRST, last=last, count=2, explanation="From {first} to {last}.",
        facts={"first": FIRST, "last": last, "count": 2}, controls=[], raised_at=last, assignee="", disposed_by="",
        disposed_at=None, reason="", application="", suppressed_until=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lasts", "said"),
    [
        (timedelta(seconds=42), "From 2026-11-24 11:20:00 to 2026-11-24 11:20:42."),
        (timedelta(minutes=5), "From 2026-11-24 11:20 to 2026-11-24 11:25."),
        (timedelta(0), "From 2026-11-24 11:20 to 2026-11-24 11:20."),
    ],
)
def test_the_ends_of_less_than_a_minute_are_told_to_the_second(lasts: timedelta, said: str) -> None:
    assert spoken_explanation(finding(lasts), TOKYO) == said
