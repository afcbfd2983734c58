"""What the host's scheduler has done every few minutes: idempotent, and catching up after downtime."""

import errno
from collections.abc import Callable, Mapping
from typing import Any, Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests import gate, submission
from accesscontrol.reviews import deadlines, remedying
from accesscontrol.rosters import batches
from accesscontrol.sessions import ledger
from accesscontrol.trail.checkpoints import Sealed
from console import (
    accounts,
    declared_use,
    detection,
    host_findings,
    maintenance,
    missed_reviews,
    missing_papers,
    nightly,
    overdue,
    overdue_runs,
    own_events,
    terminal_findings,
)
from console.evidence import duties
from console.frame.failures import write_trace
from console.status import damaged
from console.translation import _, render
from console.wiring import Installation


def _noticed(site: Installation) -> int:
    with site.store.transaction() as tx:
        return tx.notice()


_STEPS: Final[Mapping[str, Callable[[Installation], Any]]] = {
    "noticed": _noticed,
    "interrupted": lambda site: gate.recover(site.desk),
    "sessions_interrupted": lambda site: ledger.recover(site.store, site.home.recordings),
    "revocations": host_findings.withdraw,
    "hosts": host_findings.find,
    "lapsed": lambda site: submission.lapse_due(site.desk),
    "rosters": lambda site: [each.to_json() for each in batches.apply_due(site.store, site.zone, site.brake)],
    "accounts": accounts.tick,
    "reviews_overdue": lambda site: deadlines.escalate_due(site.store),
    "reviews_missed": missed_reviews.find,
    "statements_missed": duties.find,
    "terminals_late": terminal_findings.find,
    "undeclared": declared_use.find,
    "papers_missing": missing_papers.find,
    "checks_not_run": overdue_runs.find,
    "remedies_verified": lambda site: remedying.verify_due(site.store, site.reviewed),
    "broken_off": nightly.clear_away,
    "backups": nightly.take_due,
    "maintenance": maintenance.run_due,
    "media": nightly.watch_media,
    "overdue": overdue.find,
    "own_sign_ins": own_events.bring_in,
    "findings": lambda site: detection.detect(site)["raised"],
    "checkpoint": lambda site: site.sealer.seal(),
}


def tick(site: Installation) -> dict[str, Any]:
    """Do what is due and return what was done.

    That is: notice a moved clock or a cut trail, mark dead executions, let requests lapse, apply what ends or begins
    today, take backups, run maintenance, detect, and seal. What is refused, by a damaged file or a register that is
    away, stands in ``refused`` by its name, and keeps nothing else from being done; so does a fault that nobody
    foresaw, of which a trace without values is kept. ``damaged`` names the rows that no act wrote so: each holds up
    itself only.
    """
    done: dict[str, Any] = {"refused": {}}
    for name, step in _STEPS.items():
        try:
            done[name] = step(site)
        except Refusal as refusal:
            done["refused"][name] = render(refusal, site.zone)
        except Exception as error:  # noqa: BLE001 - whatever it is, the lapses and the seal must not wait for it
            done["refused"][name] = _unforeseen(site, error)
    done["damaged"] = damaged(site)
    sealed: Sealed | None = done.get("checkpoint")
    return done | {
        "checkpoint": sealed.checkpoint.size if sealed else 0,
        "witnessed": bool(sealed and sealed.witnessed),
    }


def _unforeseen(site: Installation, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in _NO_SPACE:
        return _("The disk is full: {reason}. Free space; the next run does it.").format(reason=error.strerror)
    try:
        number, path = write_trace(error, site.home.path / "traces", site.clock.now())
    except OSError as trouble:
        words = _("A fault that nobody foresaw ({kind}), and no trace can be written: {reason}.")
        return words.format(kind=type(error).__name__, reason=trouble.strerror)
    words = _("A fault that nobody foresaw. Quote the number {number}; the trace is in {path}.")
    return words.format(number=number, path=path)


_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT})

_TOLD: Final = (
    ("noticed", "", N_("Faults of clock or trail noticed: {found}")),
    ("interrupted", "", N_("Interrupted acts found: {found}")),
    ("sessions_interrupted", "", N_("Sessions that broke off: {found}")),
    ("hosts", "", N_("Managed hosts to look into: {found}")),
    ("revocations", "delivered", N_("Lists of revoked certificates delivered: {found}")),
    ("revocations", "failed", N_("Hosts that still lack theirs: {found}")),
    ("lapsed", "", N_("Requests lapsed: {found}")),
    ("rosters", "", N_("Rosters applied or held: {found}")),
    ("accounts", "lapsed", N_("User IDs lapsed: {found}")),
    ("accounts", "changed", N_("User IDs changed: {found}")),
    ("accounts", "open", N_("User IDs not verified: {found}")),
    ("accounts", "unreadable", N_("Systems unreadable: {found}")),
    ("reviews_overdue", "", N_("Reviews past their deadline: {found}")),
    ("reviews_missed", "", N_("Periodic checks missed: {found}")),
    ("checks_not_run", "", N_("Checks of the register not run: {found}")),
    ("papers_missing", "", N_("Papers overdue: {found}")),
    ("undeclared", "", N_("User IDs other than declared: {found}")),
    ("terminals_late", "", N_("Terminals not back in time: {found}")),
    ("statements_missed", "", N_("Statements about controls missed: {found}")),
    ("remedies_verified", "", N_("Remedies verified: {found}")),
    ("broken_off", "given_up", N_("Backups given up after a crash: {found}")),
    ("broken_off", "left_open", N_("Unsealed copies left behind: {found}")),
    ("backups", "taken", N_("Backups taken: {found}")),
    ("backups", "verified", N_("Backups verified: {found}")),
    ("backups", "failed", N_("Backups that failed: {found}")),
    ("maintenance", "ran", N_("Maintenance tasks run: {found}")),
    ("maintenance", "failed", N_("Maintenance tasks that failed: {found}")),
    ("media", "unregistered", N_("Unregistered media seen: {found}")),
    ("media", "failing", N_("Media near their end: {found}")),
    ("overdue", "", N_("Overdue backups and media found: {found}")),
    ("own_sign_ins", "", N_("Own sign-ins imported: {found}")),
    ("findings", "", N_("Findings raised: {found}")),
)


def sentences(done: Mapping[str, Any]) -> list[str]:
    """Return what :func:`tick` did as lines for people; what was refused comes last."""
    lines = []
    for name, part, words in _TOLD:
        if name in done:
            found = done[name][part] if part else done[name]
            lines.append(_(words).format(found=_listed(found)))
    if "checkpoint" not in done["refused"]:
        witnessed = _("confirmed by the second place") if done["witnessed"] else _("not confirmed by a second place")
        sealed = _("Trail sealed up to entry {entry}, {witnessed}")
        lines.append(sealed.format(entry=done["checkpoint"], witnessed=witnessed))
    refused = _("Not done ({step}): {reason}")
    return [*lines, *(refused.format(step=step, reason=reason) for step, reason in done["refused"].items())]


def _listed(found: object) -> str:
    if isinstance(found, list | tuple | Mapping):
        found = [each["number"] if isinstance(each, Mapping) else each for each in found]
        return ", ".join(map(str, found)) or _("none")
    return str(found) if found else _("none")
