"""The fixed lines of every screen: where one is, what to know next, which keys work."""

from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from accesscontrol.messages import N_
from console.dates import clock_time
from console.text import cells, fit, safe_text, spans
from console.translation import _
from console.widgets.plain import Plain, joined, styled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual.binding import ActiveBinding, Binding
    from textual.screen import Screen

    from console.frame.app import SekishoApp

_KEY_NAMES = {
    "question_mark": "?", "slash": "/", "colon": ":", "escape": "Esc", "enter": "Enter", "space": N_("Space"),
    "ctrl+l": "^L", "ctrl+p": "^P", "up": "↑", "down": "↓", "left": "←", "right": "→", "tab": "Tab",
    "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End", "shift+tab": "Shift+Tab",
    "backspace": "BS", "delete": "Del", "plus": "+", "minus": "-", "full_stop": ".", "comma": ",",
}  # fmt: skip
_FRAME = ("frame.back", "frame.reload", "frame.places", "frame.palette", "frame.help", "frame.lock", "frame.quit")
_SENTENCE = 3  # lines that a sentence may take
_GIVEN_UP = ("frame.reload", "frame.lock", "frame.quit", "frame.places", "frame.palette", "frame.back")


class PlaceLine(Widget):
    """The first line: the site on the left, the person and the time on the right, and DEMO where it is one."""

    app: "SekishoApp"
    SCOPED_CSS = False
    DEFAULT_CSS = """
    PlaceLine { dock: top; height: 2; border-bottom: solid $border; padding: 0 1; color: $foreground; }
    .-short PlaceLine { height: 1; border-bottom: none; }
    """

    _minute = ""  # the time that is shown

    def keep_time(self) -> None:
        """Draw the line anew when another minute has come: a slow line is sent nothing that stands there already."""
        if clock_time(self.app.site.clock.now(), self.app.site.zone) != self._minute:
            self.refresh()

    def render(self) -> Content:
        """Draw the line for the present width; the role gives way first, then the name, DEMO and the time never."""
        site, width = self.app.site, self.size.width
        mark = _("(DEMO)") if site.demo else ""
        city = site.city if self.app.profile.kanji or site.city.isascii() else ""
        full = joined(
            styled(_("Sekisho"), "bold $accent"), "  ", city, styled(mark, "bold $warning"), "  ", site.terminal
        )
        brief = joined(styled(mark, "bold $warning"), " " if mark else "", city)
        rights = list(self._rights())
        right = next((each for each in rights if full.cell_length + cells(each) < width), None)
        left = full
        if right is None:
            left = brief
            right = next((each for each in rights if brief.cell_length + cells(each) < width), rights[-1])
        left = left.truncate(max(0, width - cells(right) - 1), ellipsis=True, pad=True)
        return joined(left, " ", right)

    def _rights(self) -> "Iterator[str]":
        """Yield what may stand on the right, the fullest first."""
        site, person = self.app.site, self.app.person
        time = self._minute = clock_time(site.clock.now(), site.zone)
        if person is not None and not self.app.is_locked:
            name = safe_text(person.display_name if self.app.profile.kanji else person.staff_number)
            yield f"{name} {safe_text(_(person.role_title))} {time}"
            yield f"{name} {time}"
        yield time


class Heading(Plain):
    """The first line of the body: the place and the way to this screen, and a fact on the right."""

    SCOPED_CSS = False
    DEFAULT_CSS = "Heading { height: 1; padding: 0 1; margin-bottom: 1; } .-short Heading { margin-bottom: 0; }"

    def __init__(self) -> None:
        super().__init__()
        self._crumbs: tuple[str, ...] = ()
        self._aside = ""

    def head(self, crumbs: tuple[str, ...], aside: str) -> None:
        """Show ``crumbs``, the last one strong, and ``aside`` on the right."""
        self._crumbs, self._aside = crumbs, aside
        self.refresh()

    def conceal(self) -> None:
        """Forget what was shown."""
        self.head((), "")

    def render(self) -> Content:
        """Draw the way for the present width."""
        width = self.size.width
        *way, last = self._crumbs or ("",)
        left = joined(*(styled(f"{safe_text(step)} ▸ ", "$secondary") for step in way), styled(last, "bold"))
        aside = fit(safe_text(self._aside), min(cells(safe_text(self._aside)), width // 2), "right")
        left = left.truncate(max(0, width - cells(aside) - 1), ellipsis=True, pad=True)
        return joined(left, " ", styled(aside, "$secondary"))


class StatusLine(Plain):
    """Says why a key is off, what happened, or what to do next, in up to three lines; on the right, where one is."""

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 1; color: $foreground; }
    """
    text: reactive[Content] = reactive(Content(""))
    position = reactive("")

    def watch_text(self) -> None:
        """Take as many lines as the words need."""
        self._stretch()

    def watch_position(self) -> None:
        """Take as many lines as the words need beside the position."""
        self._stretch()

    def on_resize(self) -> None:
        """Take as many lines as the words need in the new width."""
        self._stretch()

    def _stretch(self) -> None:
        most = 1 if self.screen.has_class("-short") else _SENTENCE
        needed = max(1, min(most, len(self._spans())))
        if self.styles.height is None or self.styles.height.value != needed:
            self.styles.height = needed

    def _room(self) -> int:
        return max(0, self.size.width - cells(safe_text(self.position)) - 1)

    def _spans(self) -> list[tuple[int, int]]:
        """Return where each line begins and ends that leaves room for the position."""
        return list(spans(self.text.plain, self._room())) if self.text.plain else []

    def render(self) -> Content:
        """Draw both ends; the position is never cut."""
        spans, room = self._spans()[: max(1, self.size.height)], self._room()
        if spans:  # what has no line any more is cut off the last one, with the mark for it
            spans[-1] = (spans[-1][0], len(self.text.plain))
        first, *others = [self.text[begin:end] for begin, end in spans] or [Content("")]
        position = styled(safe_text(self.position), "$secondary")
        head = joined(first.truncate(room, ellipsis=True, pad=True), " ", position)
        return Content("\n").join([head, *(each.truncate(room, ellipsis=True) for each in others)])


def key_name(binding: "Binding") -> str:
    """Return how the first key of ``binding`` is written on the screen."""
    if binding.key_display:
        return binding.key_display
    key = binding.key.partition(",")[0]
    name = _KEY_NAMES.get(key)
    if name is not None:
        return _(name)
    return key.upper() if key[:1] == "f" and key[1:].isdigit() else key


class KeyLine(Widget):
    """The last line: the keys that work now, as many as fit; help always stays."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    KeyLine { dock: bottom; height: 2; border-top: solid $border; padding: 0 1; color: $secondary; }
    .-short KeyLine { height: 1; border-top: none; }
    """

    _drawn = Content("")

    def on_mount(self) -> None:
        """Follow the keys as focus and state change."""
        self.screen.bindings_updated_signal.subscribe(self, self._keys_changed)

    def _keys_changed(self, screen: "Screen[Any]") -> None:
        if screen is self.screen and not self._keys().is_same(self._drawn):
            self.refresh()

    def render(self) -> Content:
        """Draw the keys for the present width."""
        self._drawn = self._keys()
        return self._drawn

    def _keys(self) -> Content:
        width = self.size.width
        shown = [(each.binding, each.enabled) for each in ordered(self.screen.active_bindings.values())]
        spare = getattr(self.screen, "spare_keys", ())
        for pair in _in_order_of_sacrifice(shown, spare):
            if _length(shown) <= width:
                break
            shown.remove(pair)
        return joined(*(_key(binding, enabled) for binding, enabled in shown), between="  ")


def ordered(active: "Iterable[ActiveBinding]") -> list["ActiveBinding"]:
    """Return the keys that are shown, one an act: the screen's own first, then the frame's in their order."""
    seen: dict[str, ActiveBinding] = {}
    for each in active:
        if each.binding.show and each.binding.description:
            seen.setdefault(each.binding.action, each)
    return sorted(seen.values(), key=lambda each: 1 + _FRAME.index(each.binding.id) if each.binding.id in _FRAME else 0)


def _in_order_of_sacrifice(shown: list[tuple["Binding", bool]], spare: "Iterable[str]") -> list[tuple["Binding", bool]]:
    """Return what may give way: the frame's own keys, what the screen can spare, then from the right, never help."""
    frame = [pair for name in (*_GIVEN_UP, *spare) for pair in shown if pair[0].id == name]
    own = [pair for pair in reversed(shown) if pair not in frame and pair[0].id != "frame.help"]
    return frame + own


def _length(shown: list[tuple["Binding", bool]]) -> int:
    return sum(cells(key_name(key)) + cells(key.description) + 3 for key, _enabled in shown) - 2


def _key(binding: "Binding", enabled: bool) -> Content:  # noqa: FBT001 - a pair as Textual gives it
    if not enabled:
        return styled(f"{key_name(binding)} {binding.description}", "$foreground 40%")
    return joined(styled(key_name(binding), "bold $accent"), " ", styled(binding.description, "$foreground 80%"))
