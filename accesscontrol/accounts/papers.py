"""Papers on file: who has acknowledged, was trained or taught, and which contractor handed in what; and who is missing.

A paper lies outside the console; kept here is for whom it is there, of which day, and where. Who is missing is
reckoned from the rosters, from the first list on that a site enters of a paper.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from accesscontrol.accounts import reading
from accesscontrol.accounts.fiscal_year import bounds, fiscal_year_of
from accesscontrol.accounts.model import Person, PersonKind
from accesscontrol.clock import from_text, local_day, start_of_day, to_text
from accesscontrol.individual_numbers import mask_individual_numbers
from accesscontrol.messages import N_
from accesscontrol.people import operators
from accesscontrol.people.reading import Reader
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.store import Transaction

_GRACE: Final = timedelta(days=30)
_LONGEST: Final = 200


class Paper(StrEnum):
    """What is on file outside: of persons first, then of contractors."""

    SECRECY = "secrecy"
    NO_COPYING = "no-copying"
    TRACED = "use-is-traced"
    INCIDENTS = "incident-procedure"
    SELF_CHECK = "self-check"
    SECURITY_TRAINING = "security-training"
    OA_TRAINING = "oa-training"
    GUIDANCE = "guidance"
    MANUAL_TRAINING = "manual-training"
    INTERVIEW = "interview"
    WORK_CHART = "work-chart"
    SUBCONTRACTING = "subcontracting"
    INSPECTION = "inspection"
    RETURN = "return"


PAPER_TITLES: Final[Mapping[Paper, str]] = {
    Paper.SECRECY: N_("Acknowledgement of secrecy, and that no ID or password is shared"),
    Paper.NO_COPYING: N_("Instruction not to copy files"),
    Paper.TRACED: N_("Acknowledgement that use is logged and can be traced"),
    Paper.INCIDENTS: N_("Knowledge of the procedure for accidents"),
    Paper.SELF_CHECK: N_("Yearly self-check on personal information"),
    Paper.SECURITY_TRAINING: N_("Yearly information security training"),
    Paper.OA_TRAINING: N_("Yearly teaching of the OA contacts"),
    Paper.GUIDANCE: N_("Guidance against use outside one's duties"),
    Paper.MANUAL_TRAINING: N_("Training of new workers by the business manual"),
    Paper.INTERVIEW: N_("Interview on searches and extractions"),
    Paper.WORK_CHART: N_("Roster of workers and chart of the work organisation"),
    Paper.SUBCONTRACTING: N_("Report whether work is sub-contracted"),
    Paper.INSPECTION: N_("Inspection, or the decision not to inspect"),
    Paper.RETURN: N_("Return or disposal of the data at the end of the contract"),
}


@dataclass(frozen=True, slots=True)
class Owing:
    """Somebody of whom a paper is missing: a staff number, or a contractor. ``due`` is the end of the time for it."""

    subject: str
    name: str
    last: date | None
    due: datetime

    def late(self, at: datetime) -> bool:
        """Tell whether the time for it is over."""
        return self.due <= at


@dataclass(frozen=True, slots=True)
class _Debtor:
    """Who owes a paper, and from when on (UTC)."""

    subject: str
    name: str
    since: datetime


def _staff(reader: Reader, at: datetime, _zone: ZoneInfo) -> list[_Debtor]:
    return [_Debtor(each.staff_number, each.name, each.valid_from) for each in _present(reader, at)]


def _holders(reader: Reader, at: datetime, _zone: ZoneInfo) -> list[_Debtor]:
    """Return the persons who have an ID that was not discarded."""
    rows = reader.rows("SELECT staff_number, min(issued_at) AS at FROM account WHERE discarded_at IS NULL GROUP BY 1")
    since = {row["staff_number"]: from_text(row["at"]) for row in rows}
    people = (each for each in _present(reader, at) if each.staff_number in since)
    return [_Debtor(each.staff_number, each.name, since[each.staff_number]) for each in people]


def _newcomers(reader: Reader, at: datetime, zone: ZoneInfo) -> list[_Debtor]:
    """Return whoever came in this fiscal year or the one before."""
    first, _after = bounds(fiscal_year_of(at, zone) - 1, zone)
    return [each for each in _staff(reader, at, zone) if each.since >= first]


def _contacts(reader: Reader, at: datetime, _zone: ZoneInfo) -> list[_Debtor]:
    found = operators.holders(reader, Role.OA_CONTACT, at)
    return [_Debtor(each.staff_number, each.name, each.valid_from) for each in found]


def _contractors(reader: Reader, at: datetime, _zone: ZoneInfo) -> list[_Debtor]:
    """Return the contractors who have workers here, from the first of these on."""
    begun: dict[str, datetime] = {}
    for each in _present(reader, at):
        if each.kind is PersonKind.CONTRACTOR:
            begun[each.company] = min(each.valid_from, begun.get(each.company, each.valid_from))
    return [_Debtor(name, name, since) for name, since in begun.items()]


def _ended_contractors(reader: Reader, at: datetime, zone: ZoneInfo) -> list[_Debtor]:
    """Return the contractors whose last worker has left, from that instant on."""
    here = {each.subject for each in _contractors(reader, at, zone)}
    ended: dict[str, datetime] = {}
    for each in reading.persons(reader):
        if each.kind is PersonKind.CONTRACTOR and each.company not in here and each.valid_until is not None:
            ended[each.company] = max(each.valid_until, ended.get(each.company, each.valid_until))
    return [_Debtor(name, name, since) for name, since in ended.items()]


def _present(reader: Reader, at: datetime) -> list[Person]:
    return [each for each in reading.persons(reader) if each.valid(at)]


class Term(StrEnum):
    """Until when a paper is owed by whoever begins to owe it."""

    MONTH = "month"  # 30 days
    YEAR_END = "year-end"  # by the end of the fiscal year
    YEARLY = "yearly"  # by the end of each fiscal year anew


@dataclass(frozen=True, slots=True)
class Rule:
    """Who owes a paper, for which control, and until when; ``anew``: one from before it was owed does not count."""

    control: str
    debtors: Callable[[Reader, datetime, ZoneInfo], list[_Debtor]]
    term: Term = Term.MONTH
    anew: bool = False


RULES: Final[Mapping[Paper, Rule]] = {
    Paper.SECRECY: Rule("AC-USR-04", _holders),
    Paper.NO_COPYING: Rule("AC-PRM-05", _holders),
    Paper.TRACED: Rule("MO-ANM-09", _staff),
    Paper.INCIDENTS: Rule("CO-INC-01", _staff),
    Paper.SELF_CHECK: Rule("CO-TRN-01", _staff, Term.YEARLY),
    Paper.SECURITY_TRAINING: Rule("CO-TRN-02", _staff, Term.YEARLY),
    Paper.OA_TRAINING: Rule("CO-TRN-02", _contacts, Term.YEARLY),
    Paper.GUIDANCE: Rule("CO-TRN-02", _holders, Term.YEARLY),
    Paper.MANUAL_TRAINING: Rule("CO-TRN-03", _newcomers, Term.YEAR_END),
    Paper.INTERVIEW: Rule("MO-ANM-07", _holders, Term.YEARLY),
    Paper.WORK_CHART: Rule("AC-CTR-01", _contractors, Term.YEARLY),
    Paper.SUBCONTRACTING: Rule("AC-CTR-04", _contractors, Term.YEARLY),
    Paper.INSPECTION: Rule("CO-GOV-06", _contractors, Term.YEARLY),
    Paper.RETURN: Rule("CO-GOV-05", _ended_contractors, anew=True),
}


def enter(
    tx: Transaction, paper: Paper, subjects: Sequence[str], day: date, reference: str, *, actor: str, zone: ZoneInfo
) -> None:
    """Enter that ``paper`` of ``day`` is on file for ``subjects`` (act ``paper.entered``); ``reference`` says where.

    Refused are a day to come, and staff numbers or contractors that no roster knows.
    """
    rule, reference = RULES[paper], reference.strip()
    if not reference or len(reference) > _LONGEST or not reference.replace("\u3000", " ").isprintable():
        raise Refusal(N_("Say in one line where the paper is kept."), control=rule.control)
    if mask_individual_numbers(reference) != reference:
        raise Refusal(N_("A reference must hold no individual number."), control=rule.control)
    if day > local_day(tx.at, zone):
        raise Refusal(N_("{day} is still to come. Enter a paper when it is there."), control=rule.control, day=day)
    unknown = sorted(set(subjects) - _known(tx, rule))
    if unknown or not subjects:
        raise Refusal(
            N_("No roster has: {names}. Nothing was entered."), control=rule.control, names=", ".join(unknown) or "-"
        )
    for subject in sorted(set(subjects)):
        tx.execute(
            "INSERT INTO paper (paper, subject, day, reference, entered_at, entered_by) VALUES (?, ?, ?, ?, ?, ?)",
            (paper.value, subject, day.isoformat(), reference, to_text(tx.at), actor),
        )
    tx.record(
        "paper.entered",
        actor=actor,
        subject=f"paper:{paper.value}",
        day=day.isoformat(),
        reference=reference,
        subjects=sorted(set(subjects)),
    )


def owing(reader: Reader, paper: Paper, at: datetime, zone: ZoneInfo) -> Sequence[Owing]:
    """Return of whom ``paper`` is missing at ``at``, the longest overdue first; nobody before a first list.

    A newcomer has 30 days at least. A yearly one is owed for the present fiscal year, by its end.
    """
    began = reader.row("SELECT min(day) AS day FROM paper WHERE paper = ?", (paper.value,))
    if began is None or began["day"] is None:
        return ()
    rule, first = RULES[paper], start_of_day(date.fromisoformat(began["day"]), zone)
    rows = reader.rows("SELECT subject, max(day) AS day FROM paper WHERE paper = ? GROUP BY 1", (paper.value,))
    last = {row["subject"]: date.fromisoformat(row["day"]) for row in rows}
    found = []
    for each in rule.debtors(reader, at, zone):
        day = last.get(each.subject)
        if not _there(rule, each, day, at, zone):
            found.append(Owing(each.subject, each.name, day, _due(rule, day, max(each.since, first), zone)))
    return sorted(found, key=lambda one: (one.due, one.subject))


def _there(rule: Rule, debtor: _Debtor, day: date | None, at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the newest paper, of ``day``, is one that counts at ``at``."""
    if day is None or (rule.anew and day < local_day(debtor.since, zone)):
        return False
    return rule.term is not Term.YEARLY or start_of_day(day, zone) >= bounds(fiscal_year_of(at, zone), zone)[0]


def _due(rule: Rule, day: date | None, since: datetime, zone: ZoneInfo) -> datetime:
    """Return until when the paper is owed by somebody who owes it since ``since`` and whose newest is of ``day``."""
    if rule.term is Term.MONTH:
        return since + _GRACE
    if rule.term is Term.YEARLY and day is not None:
        return bounds(fiscal_year_of(start_of_day(day, zone), zone) + 1, zone)[1]
    return max(bounds(fiscal_year_of(since, zone), zone)[1], since + _GRACE)


def _known(reader: Reader, rule: Rule) -> set[str]:
    people = reading.persons(reader)
    companies = {each.company for each in people if each.company}
    if rule.debtors in {_contractors, _ended_contractors}:
        return companies
    return {each.staff_number for each in people} | {each.staff_number for each in operators.every(reader)}


def names_in(text: str) -> Iterable[str]:
    """Yield the first column of each line of a list: a staff number, or a contractor's name."""
    for line in text.splitlines():
        name = line.replace("\t", ",").split(",")[0].strip().strip('"')
        if name:
            yield name
