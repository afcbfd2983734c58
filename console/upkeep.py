"""What the host's scheduler has done every few minutes: idempotent, and catching up after downtime."""

from collections.abc import Mapping
from typing import Any

from accesscontrol.messages import N_
from accesscontrol.requests import gate, submission
from accesscontrol.reviews import deadlines, remedying
from accesscontrol.rosters import batches
from accesscontrol.sessions import ledger
from console import accounts, detection, maintenance, nightly, own_events
from console.translation import _
from console.wiring import Installation


def tick(site: Installation) -> dict[str, Any]:
    """Do what is due and return what was done.

    That is: notice a moved clock or a cut trail, mark dead executions, let requests lapse, apply what ends or begins
    today, take backups, run maintenance, detect, and seal.
    """
    with site.store.transaction() as tx:
        noticed = tx.notice()
    done: dict[str, Any] = {
        "noticed": noticed,
        "interrupted": gate.recover(site.desk),
        "sessions_interrupted": ledger.recover(site.store, site.home.recordings),
        "lapsed": submission.lapse_due(site.desk),
        "rosters": [each.to_json() for each in batches.apply_due(site.store, site.zone, site.brake)],
        "accounts": accounts.tick(site),
        "reviews_overdue": deadlines.escalate_due(site.store),
        "remedies_verified": remedying.verify_due(site.store, site.reviewed),
        "backups": nightly.take_due(site),
        "maintenance": maintenance.run_due(site),
        "unregistered_media": nightly.watch_media(site),
        "own_sign_ins": own_events.bring_in(site),
        "findings": detection.detect(site)["raised"],
    }
    sealed = site.sealer.seal()
    done["checkpoint"] = sealed.checkpoint.size if sealed else 0
    done["witnessed"] = bool(sealed and sealed.witnessed)
    return done


def sentences(done: Mapping[str, Any]) -> list[str]:
    """Return what :func:`tick` did as lines for people."""
    backups = done["backups"]
    listed = (
        (N_("Faults of clock or trail noticed: {found}"), done["noticed"]),
        (N_("Interrupted acts found: {found}"), done["interrupted"]),
        (N_("Sessions that broke off: {found}"), done["sessions_interrupted"]),
        (N_("Requests lapsed: {found}"), done["lapsed"]),
        (N_("Rosters applied or held: {found}"), [each["number"] for each in done["rosters"]]),
        (N_("User IDs lapsed: {found}"), done["accounts"]["lapsed"]),
        (N_("User IDs changed: {found}"), done["accounts"]["changed"]),
        (N_("User IDs not verified: {found}"), done["accounts"]["open"]),
        (N_("Systems unreadable: {found}"), done["accounts"]["unreadable"]),
        (N_("Reviews past their deadline: {found}"), done["reviews_overdue"]),
        (N_("Remedies verified: {found}"), done["remedies_verified"]),
        (N_("Backups taken: {found}"), backups["taken"]),
        (N_("Backups verified: {found}"), backups["verified"]),
        (N_("Backups that failed: {found}"), backups["failed"]),
        (N_("Maintenance tasks run: {found}"), done["maintenance"]["ran"]),
        (N_("Maintenance tasks that failed: {found}"), list(done["maintenance"]["failed"])),
        (N_("Unregistered media seen: {found}"), done["unregistered_media"]),
        (N_("Own sign-ins imported: {found}"), done["own_sign_ins"]),
        (N_("Findings raised: {found}"), done["findings"]),
    )
    lines = [_(words).format(found=_listed(found)) for words, found in listed]
    witnessed = _("confirmed by the second place") if done["witnessed"] else _("not confirmed by a second place")
    lines.append(
        _("Trail sealed up to entry {entry}, {witnessed}").format(entry=done["checkpoint"], witnessed=witnessed)
    )
    return lines


def _listed(found: object) -> str:
    if isinstance(found, list | tuple):
        return ", ".join(map(str, found)) or _("none")
    return str(found) if found else _("none")
