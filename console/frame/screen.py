"""The base of every screen: the fixed lines, the keys of the frame, loading, hiding, and why a key is off.

A screen author writes a subclass of :class:`BaseScreen` and overrides

- ``body()``: yield the widgets between the heading and the status line;
- ``load()``: read the data and show it. Called when the screen appears, on ``r``, when one comes back from
  another screen or a dialog, and after the lock, because the lock drops the data;
- ``why_not(action)``: the sentence that says why an action is off now, or an empty string;
- ``help_title`` and ``help_text`` (msgids), shown by ``?`` and F1;
- ``unsaved()`` where leaving would lose typed text.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget

from accesscontrol.messages import N_
from console.frame.commands import Command
from console.frame.lines import Heading, KeyLine, PlaceLine, StatusLine
from console.translation import _
from console.widgets.plain import content, joined, styled

if TYPE_CHECKING:
    from console.frame.app import SekishoApp

WIDTHS = [(0, "-tiny"), (80, "-narrow"), (100, "-wide"), (140, "-widest")]
HEIGHTS = [(0, "-short"), (20, "-tall")]
_PATIENCE = 50  # turns of the loop for which a drawing waits at the most

_FRAME_KEYS: list[BindingType] = [
    Binding("escape", "back", N_("Back"), id="frame.back"),
    Binding("r", "reload", N_("Reload"), id="frame.reload"),
    *(Binding(digit, f"app.place('{digit}')", N_("Places"), show=False) for digit in "234567890"),
    Binding("1", "app.place('1')", N_("Places"), key_display="1-0", id="frame.places"),
    # priority: whoever types on at once must not have the first letters taken for acts
    Binding("colon", "app.palette_letter", N_("Commands"), id="frame.palette", priority=True),
    Binding("ctrl+p", "app.palette", N_("Commands"), show=False),
    Binding("question_mark,f1", "app.help", N_("Help"), id="frame.help"),
    Binding("ctrl+l", "app.lock", N_("Lock"), id="frame.lock"),
    Binding("f10", "app.quit", N_("Quit"), id="frame.quit"),
    Binding("ctrl+c", "nothing", show=False),
]


def _at_work(node: MessagePump) -> bool:
    """Tell whether messages or calls wait for ``node``, one that it has looked at already included."""
    if node.message_queue_size > 0:
        return True
    return node._pending_message is not None or bool(node._next_callbacks)  # noqa: SLF001 - Textual counts them nowhere


class Speaking(Screen[Any]):
    """A screen whose keys speak the reader's language and say why they are off."""

    app: "SekishoApp"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    ALLOW_SELECT = False
    help_title: str = ""
    help_text: str = ""
    spare_keys: ClassVar[tuple[str, ...]] = ()
    """Which keys leave the last line first where it is narrow, by their bindings' ids."""

    _undrawn = False  # whether a drawing was put off

    @property
    def untranslated_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now, their words as msgids."""
        return super().active_bindings

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now, their words translated here and nowhere else."""
        return {
            key: active._replace(
                binding=replace(
                    active.binding,
                    description=_(active.binding.description),
                    tooltip=_(active.binding.tooltip),
                ),
                tooltip=_(active.tooltip),
            )
            for key, active in self.untranslated_bindings.items()
        }

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey a key out where :meth:`why_not` gives a reason."""
        del parameters
        return None if self.why_not(action) else True

    def why_not(self, action: str) -> str:
        """Return why ``action`` is off now, in the reader's language, or an empty string. Must be quick."""
        del action
        return ""

    async def say_all_anew(self) -> None:
        """Compose the screen again in the language in use; the focus stays on the widget of the same id."""
        held = self.focused.id if self.focused else None
        await self.recompose()
        if held:
            self.query(f"#{held}").focus()
        if self.focused is None:
            self.focus_next()
        self.refresh_bindings()

    async def on_idle(self, event: events.Idle) -> None:
        """Draw at once what belongs together: wait, but not for ever, while a widget still works off messages.

        A key moves the cursor, then come the details, the position, the advice and the keys, each by a message of
        its own; drawn one by one they would cost five times as much.
        """
        for _turn in range(_PATIENCE):
            await asyncio.sleep(0)
            if _at_work(self):
                event.prevent_default()  # what has just come is taken in first; another idle moment follows
                return
            if not self._any_at_work():
                break
        if self._undrawn and self.is_current and not self._draws_by_itself():
            self._undrawn = False
            super()._compositor_refresh()

    def _any_at_work(self) -> bool:
        return any(map(_at_work, (self.app, *self.walk_children())))

    def _draws_by_itself(self) -> bool:
        return bool(self._layout_required or self._scroll_required or self._repaint_required or self._dirty_widgets)

    def _compositor_refresh(self) -> None:
        """Draw, unless a new layout has just told widgets their sizes: what they change then is drawn with it."""
        self._undrawn = self._any_at_work()
        if self._undrawn:
            self.check_idle()
        else:
            super()._compositor_refresh()

    def action_nothing(self) -> None:
        """Do nothing: the key is taken so that nothing else answers it."""

    def conceal(self) -> None:
        """Drop the data that is shown; ``load`` brings it back. Called when the console locks."""
        for widget in self.query("*"):
            forget = getattr(widget, "conceal", None)
            if callable(forget):
                forget()


class BaseScreen(Speaking):
    """A screen inside a place, with the fixed lines around its body."""

    BINDINGS: ClassVar[list[BindingType]] = _FRAME_KEYS
    DEFAULT_CSS = """
    BaseScreen { background: $background; color: $foreground; layout: vertical; overflow: hidden; }
    BaseScreen > #body { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._spoken = ""

    def compose(self) -> ComposeResult:
        """Put the fixed lines around the body."""
        yield PlaceLine()
        yield Heading()
        with Vertical(id="body"):
            yield from self.body()
        yield StatusLine()
        yield KeyLine()

    def body(self) -> Iterable[Widget]:
        """Yield the widgets of this screen."""
        return ()

    def load(self) -> None:
        """Read and show the data; start a worker for anything that may take longer than a blink."""

    def point(self, what: str) -> None:
        """Show the one thing for which a person was sent here, where the place can."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the way back only where there is one."""
        return len(self.app.screen_stack) > 1 if action == "back" else super().check_action(action, parameters)

    def unsaved(self) -> bool:
        """Return whether leaving this screen would lose something that the person typed."""
        return False

    def commands(self) -> Iterable[Command]:
        """Return acts of this screen for the palette that have no key of their own."""
        return ()

    # -- the fixed lines ------------------------------------------------------------------------------

    def head(self, *crumbs: str, aside: str = "") -> None:
        """Show the way to this screen, for example ``("5 Requests", "R-2026-0412")``, and a fact on the right."""
        self.query_one(Heading).head(crumbs, aside)

    def next_step(self, text: str | Content) -> None:
        """Say what to do next."""
        self._say(_("Next"), text)

    def done(self, text: str | Content) -> None:
        """Say what happened."""
        self._say(_("Done"), text, "$success")

    def why(self, reason: str | Exception) -> None:
        """Say why something does not go: words, a Refusal, or an error, of which only a trace is kept."""
        self._say(_("Why"), reason if isinstance(reason, str) else self.app.words_for(reason), "$warning")

    def position(self, text: str) -> None:
        """Show where in a list one is, for example ``row 1 of 4``."""
        self.query_one(StatusLine).position = text

    def _say(self, label: str, text: str | Content, style: str = "$secondary") -> None:
        line = joined(styled(f"{label}: ", f"bold {style}"), content(text)) if text else Content("")
        self.query_one(StatusLine).text = line

    # -- what the frame does with a screen ------------------------------------------------------------

    async def on_screen_resume(self) -> None:
        """Speak the language in use, unless that would lose typed text, and show fresh data."""
        if self._spoken not in {"", self.app.language} and not self.unsaved():
            await self.say_all_anew()
        self._spoken = self.app.language
        if not self.app.is_locked:
            self.load()

    def on_key(self, event: events.Key) -> None:
        """Say why a greyed key does nothing."""
        active = super().active_bindings.get(event.key)
        if active is not None and not active.enabled:
            self.why(self.why_not(active.binding.action.rpartition(".")[2].partition("(")[0]))

    def conceal(self) -> None:
        """Drop the data and the words of the status line."""
        super().conceal()
        for line in self.query(StatusLine):
            line.text, line.position = Content(""), ""

    def action_reload(self) -> None:
        """Read the data again."""
        self.load()

    async def action_back(self) -> None:
        """Go one step back; the first screen of a place stays, and Esc never quits."""
        await self.app.back()
