"""What the host's scheduler has done every few minutes: idempotent, and catching up after downtime."""

from typing import Any

from accesscontrol.requests import gate, submission
from console import detection, nightly, own_events
from console.wiring import Installation


def tick(site: Installation) -> dict[str, Any]:
    """Mark dead executions, let requests lapse, take what backups are due, detect, and seal; return what was done."""
    done: dict[str, Any] = {
        "interrupted": gate.recover(site.desk),
        "lapsed": submission.lapse_due(site.desk),
        "backups": nightly.take_due(site),
        "unregistered_media": nightly.watch_media(site),
        "own_sign_ins": own_events.bring_in(site),
        "findings": detection.detect(site)["raised"],
    }
    sealed = site.sealer.seal()
    done["checkpoint"] = sealed.checkpoint.size if sealed else 0
    done["witnessed"] = bool(sealed and sealed.witnessed)
    return done
