"""Verifying a recording against the trail: every anchor in it is compared with the bytes that stand in the file now."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions.anchoring import CLOSED, CUT_OFF, GROWN, OPENED
from accesscontrol.sessions.recording_file import is_locked
from accesscontrol.sessions.replaying import Torn, timeline
from accesscontrol.store import Store
from accesscontrol.trail import entries

_ACTS: Final = frozenset({OPENED, GROWN, CLOSED, CUT_OFF})
_BLOCK: Final = 1 << 20


class Standing(StrEnum):
    """What a recording is worth as evidence."""

    INTACT = "intact"  # closed, and every byte as it was
    RUNNING = "running"  # its session lives and writes on
    CUT_OFF = "cut-off"  # its end was never written by its own session; what the trail knows of it is as it was
    CHANGED = "changed"
    MISSING = "missing"
    UNKNOWN = "unknown"  # the trail knows nothing of it


@dataclass(frozen=True, slots=True)
class Anchored:
    """One entry of the trail about a recording: the digest of its first ``size`` bytes."""

    number: int
    act: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the comparison gave. ``changed`` is the stretch of bytes in which the first change is.

    ``covered`` bytes are vouched for by the trail; a recording that was cut off may hold more (``size``).
    """

    standing: Standing
    anchors: int
    size: int
    covered: int
    sha256: str
    changed: tuple[int, int] | None = None
    torn: Torn | None = None
    failure: str = ""

    @property
    def sound(self) -> bool:
        """Tell whether nothing of what the trail vouches for was changed."""
        return self.standing in {Standing.INTACT, Standing.RUNNING, Standing.CUT_OFF}


def verify(store: Store, session: str, path: Path) -> Verdict:
    """Compare the recording of ``session`` with the trail (MO-LOG-02)."""
    told = [
        each
        for each in entries.about(store, session)
        if each.act in _ACTS and each.details.get("recording") == path.name
    ]
    anchors = [Anchored(each.number, each.act, each.details["size"], each.details["sha256"]) for each in told]
    failure = str(told[-1].details.get("failure", "")) if told else ""
    if not path.is_file():
        return Verdict(Standing.MISSING, len(anchors), 0, 0, "", failure=failure)
    with path.open("rb") as file:
        changed, sha256, size = _compare(file, anchors)
    covered = anchors[-1].size if anchors else 0
    if not anchors:
        standing = Standing.UNKNOWN
    elif changed is not None:
        standing = Standing.CHANGED
    elif anchors[-1].act == CLOSED:
        standing = Standing.INTACT
    else:
        standing = Standing.RUNNING if is_locked(path) else Standing.CUT_OFF
    torn = timeline(path).torn if standing is Standing.CUT_OFF else None
    return Verdict(standing, len(anchors), size, covered, sha256, changed, torn, failure)


def _compare(file: BinaryIO, anchors: Sequence[Anchored]) -> tuple[tuple[int, int] | None, str, int]:
    """Return the first stretch that differs, then digest and size of the whole file."""
    digest = hashlib.sha256()
    at, changed = 0, None
    for anchor in anchors:
        taken = _take(file, digest, anchor.size - at)
        if changed is None and (at + taken != anchor.size or digest.hexdigest() != anchor.sha256):
            changed = (at, anchor.size)
        at += taken
    rest = _take(file, digest, None)
    if changed is None and rest and anchors and anchors[-1].act in {CLOSED, CUT_OFF}:
        changed = (at, at + rest)  # something was added after the end
    return changed, digest.hexdigest(), at + rest


def _take(file: BinaryIO, digest: "hashlib._Hash", size: int | None) -> int:
    taken = 0
    while size is None or taken < size:
        block = file.read(_BLOCK if size is None else min(_BLOCK, size - taken))
        if not block:
            break
        digest.update(block)
        taken += len(block)
    return taken


def require_sound(store: Store, session: str, path: Path) -> Verdict:
    """Return the verdict on a recording, or refuse one that is not what the trail vouches for."""
    verdict = verify(store, session, path)
    if verdict.standing is Standing.MISSING:
        raise Refusal(
            N_("The recording of {session} is missing: {path}."), control="MO-LOG-02", session=session, path=str(path)
        )
    if verdict.standing is Standing.UNKNOWN:
        raise Refusal(
            N_("The trail knows no recording {name} of {session}, so it proves nothing."),
            control="MO-LOG-02",
            session=session,
            name=path.name,
        )
    if verdict.changed is not None:
        raise Refusal(
            N_("The recording of {session} was changed: bytes {start} to {end} are not what the trail vouches for."),
            control="MO-LOG-02",
            session=session,
            start=verdict.changed[0],
            end=verdict.changed[1],
        )
    return verdict
