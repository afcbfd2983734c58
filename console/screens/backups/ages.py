"""How old backups, drills and copies on media are, against the limits of the site."""

from collections.abc import Sequence

from textual.content import Content

from accesscontrol.messages import N_
from backups.status import Standing
from console.screens.backups.words import brief_age
from console.translation import _, ngettext
from console.widgets.pictures import Age, ages_bar
from console.widgets.plain import joined, styled


def ages_picture(found: Sequence[Standing], read_at: str, *, width: int, most: int) -> list[Content]:
    """Return the age of each source's last good backup, drill and copy on a medium, as bars against their limits.

    Where there are more than ``most``, those that are furthest on stay.
    """
    bars, ahead = [], list[str]()
    for each in found:
        for title, span, limit in (
            (N_("backup"), each.backup_age, each.targets.backup),
            (N_("drill"), each.drill_age, each.targets.drill),
            (N_("copy on a medium"), each.medium_age, each.targets.medium),
            *([(N_("restoring took"), each.drill_took, each.targets.restore)] if each.drill_took is not None else []),
        ):
            words = _("{age} of {limit}").format(
                age=_("never") if span is None else brief_age(span), limit=brief_age(limit)
            )
            value = limit.total_seconds() + 1 if span is None else span.total_seconds()
            bars.append(Age(f"{each.source} {_(title)}", value, limit.total_seconds(), words))
        ahead += [each.ahead] if each.ahead else []
    head = joined(
        styled(_("Ages against their limits"), "bold $accent"),
        styled("  " + _("read at {time}").format(time=read_at), "$secondary"),
    )
    shown = bars
    if len(bars) > most:
        worst = sorted(bars, key=lambda bar: bar.value / bar.limit, reverse=True)[: most - 1]
        shown = [bar for bar in bars if bar in worst]
        left = len(bars) - len(shown)
        words = ngettext("{number} more is less far on", "{number} more are less far on", left).format(number=left)
        head = joined(head, styled("  " + words, "$secondary"))
    wrong = _("Dated later than now, so not counted: {names}. Check the clock.").format(names=", ".join(ahead))
    return [head, *ages_bar(shown, width), *([styled("!! " + wrong, "bold $warning")] if ahead else [])]


def newest_words(found: Sequence[Standing]) -> str:
    """Return how old the last good backup is of the source that is furthest behind."""
    without = [each.source for each in found if each.backup_age is None]
    if without:
        return _("no good backup: {sources}").format(sources=", ".join(without))
    ages = {each.source: each.backup_age for each in found if each.backup_age is not None}
    if not ages:
        return ""
    behind = max(ages, key=ages.__getitem__)
    return _("furthest behind: {source}, {age} old").format(source=behind, age=brief_age(ages[behind]))
