"""What is said of recordings, on the screen and at the command line."""

from accesscontrol.messages import N_
from accesscontrol.sessions.verifying import Standing, Verdict
from console.translation import _, ngettext

STANDINGS = {
    Standing.INTACT: N_("whole: every byte is as the trail vouches for"),
    Standing.RUNNING: N_("it still grows: its session runs"),
    Standing.CUT_OFF: N_("CUT OFF: its end was never written; what the trail knows of it is as it was"),
    Standing.CHANGED: N_("CHANGED: it is not what the trail vouches for"),
    Standing.MISSING: N_("MISSING: the trail knows it, the file is gone"),
    Standing.UNKNOWN: N_("the trail knows nothing of it"),
}


def verdict_words(verdict: Verdict) -> list[str]:
    """Return what a recording is worth as evidence."""
    words = [_(STANDINGS[verdict.standing])]
    if verdict.changed is not None:
        span = _("The first change lies between bytes {start} and {end}.")
        words.append(span.format(start=f"{verdict.changed[0]:,}", end=f"{verdict.changed[1]:,}"))
    elif verdict.size > verdict.covered and verdict.standing is not Standing.RUNNING:
        size = verdict.size - verdict.covered
        loose = ngettext(
            "{size} byte at its end is not vouched for.", "{size} bytes at its end are not vouched for.", size
        )
        words.append(loose.format(size=f"{size:,}"))
    if verdict.torn is not None:
        torn = ngettext(
            "Line {line} is torn: {size} byte of it was written.",
            "Line {line} is torn: {size} bytes of it were written.",
            verdict.torn.size,
        )
        words.append(torn.format(line=verdict.torn.line, size=verdict.torn.size))
    if verdict.failure:
        words.append(_("It could no longer be written: {reason}").format(reason=verdict.failure))
    return words


def clock(seconds: float) -> str:
    """Return seconds as minutes and seconds, with hours where there are any."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute:02}:{second:02}"
