"""The frame around all screens: sign-in, places, lock, palette, help, signals, failures.

``SekishoApp`` is built by the wiring with a :class:`~console.frame.site.Site`, a
:class:`~console.frame.site.Door`, the places, and the maker of the sign-in screen, which calls
``await app.sign_in(person)`` when the door lets someone in. ``console.frame.running.run`` runs it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar, cast

from textual import events
from textual.app import App, SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import ActiveBinding, Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import WorkerFailed

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console import translation
from console.frame.commands import Command
from console.frame.dialogs import ConfirmDialog, Dialog
from console.frame.failures import write_trace
from console.frame.glyphs import GlyphFilter
from console.frame.help import HelpDialog, helpables
from console.frame.lines import PlaceLine, key_name, ordered
from console.frame.lock import LockScreen
from console.frame.palette import PaletteDialog
from console.frame.readings import names
from console.frame.screen import BaseScreen, Speaking
from console.frame.site import Door, Person, Place, Site
from console.frame.theme import CALM, PLAIN, PLAIN_VARIABLES
from console.terminal import Profile
from console.text import draw_kanji
from console.translation import _

Answer = TypeVar("Answer")
FAILED = 70  # EX_SOFTWARE of sysexits.h
_DOOR = "door"  # the mode of the sign-in screen
_LOCK = "lock"  # the mode of the lock


class SekishoApp(App[None], inherit_bindings=False):
    """The console."""

    DEFAULT_MODE = _DOOR
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    # priority: the next key, typed ahead, must find the focus where these lead; the first letters of a password too
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "focus_next", show=False, priority=True),
        Binding("shift+tab", "focus_previous", show=False, priority=True),
    ]
    CSS = """
    .error { color: $warning; }
    .faint { color: $secondary; }
    .strong { text-style: bold; }
    """

    def __init__(
        self,
        site: Site,
        door: Door,
        places: Sequence[Place],
        sign_in: Callable[[], Speaking],
        *,
        profile: Profile = Profile(),  # noqa: B008 - immutable
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``monotonic`` counts seconds for the idle lock, so that a clock that jumps cannot hold it open."""
        translation.choose(profile.language)
        super().__init__()
        self.site, self.door, self.places, self.profile = site, door, tuple(places), profile
        self.person: Person | None = None
        self._opened: list[str] = []  # the places of the person who is signed in
        self.parting = ""  # words to leave on the terminal after the end, already translated
        self._covered = _DOOR  # the mode behind the lock
        self._make_sign_in = sign_in
        self._monotonic = monotonic
        self._touched = monotonic()
        self._filters.append(GlyphFilter(profile))
        draw_kanji(profile.kanji)
        self.register_theme(CALM)
        self.theme = PLAIN if profile.plain_colours else CALM.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Name our own colours for a theme that does not know them."""
        return PLAIN_VARIABLES

    # -- words and time -------------------------------------------------------------------------------

    @property
    def language(self) -> str:
        """The language in use."""
        return translation.language()

    def switch_language(self) -> None:
        """Speak the other language; screens follow when they next appear. Refused where its words are not compiled."""
        translation.choose(translation.other_language())

    def words_for(self, error: Exception) -> str:
        """Return what to tell the person of ``error``; one that is no Refusal leaves a trace and its number."""
        if isinstance(error, Refusal):
            return translation.render(error, self.site.zone)
        try:
            number, _path = write_trace(error, self.site.traces, self.site.clock.now())
        except OSError:
            number = type(error).__name__
        return _("This failed. Quote the number {number}.").format(number=number)

    # -- coming and going -----------------------------------------------------------------------------

    def get_default_screen(self) -> Speaking:
        """Begin with the sign-in screen."""
        return self._make_sign_in()

    def on_mount(self) -> None:
        """Start to watch for idle minutes."""
        self.add_mode(_DOOR, self._make_sign_in)  # from now on it can be left and come back
        self.set_interval(1, self.pulse)

    async def sign_in(self, person: Person) -> None:
        """Let ``person`` in, and show the first place that is open to them."""
        self.person = person
        self._touched = self._monotonic()
        for place in self.open_places():
            self.add_mode(place.key, place.open)
            self._opened.append(place.key)
        await self.switch_mode(self.open_places()[0].key)
        self.remove_mode(_DOOR)  # not awaited: the screen that let the person in is still at work

    async def sign_out(self) -> None:
        """Let the person go, and forget every screen that was open."""
        person, self.person = self.person, None
        if person is not None:
            self.door.left(person)
        self.add_mode(_DOOR, self._make_sign_in)
        await self.switch_mode(_DOOR)
        if _LOCK in self._screen_stacks:
            self.remove_mode(_LOCK)
        while self._opened:
            self.remove_mode(self._opened.pop())

    def open_places(self) -> list[Place]:
        """Return the places that the person may enter, in order."""
        person = self.person
        return [] if person is None else [place for place in self.places if place.allowed(person)]

    async def action_place(self, key: str) -> None:
        """Go to the place of the digit ``key``; each place remembers where one was."""
        screen = self.screen
        if self.is_locked or not isinstance(screen, BaseScreen):
            return
        place = next((place for place in self.places if place.key == key), None)
        if place is None or place not in self.open_places():
            screen.why(_("This place is not open to your role.") if place else _("No place has this digit."))
        elif self.current_mode == key:
            while len(self.screen_stack) > 1 and not self._keeps(self.screen):
                await self.pop_screen()
        else:
            await self.switch_mode(key)

    async def back(self) -> None:
        """Leave the screen on top; typed text is kept until the person says that it may go."""
        screen = self.screen
        if len(self.screen_stack) > 1 and not self._keeps(screen):
            await self.pop_screen()
        elif len(self.screen_stack) > 1:
            self.run_worker(self._leave_unsaved(screen), exclusive=True, group="leave")

    def _keeps(self, screen: Screen[Any]) -> bool:
        return isinstance(screen, BaseScreen) and screen.unsaved()

    async def _leave_unsaved(self, screen: Screen[Any]) -> None:
        text = _("What you typed here is not saved and would be lost.")
        if await self.ask(ConfirmDialog(_("Leave without saving?"), text, act=N_("Leave"))) and self.screen is screen:
            await self.pop_screen()

    async def ask(self, dialog: Dialog) -> Any:
        """Show ``dialog`` and return its answer; call it from a worker."""
        return await self.push_screen_wait(dialog)

    # -- the lock -------------------------------------------------------------------------------------

    @property
    def is_locked(self) -> bool:
        """Whether the lock covers the screen."""
        return self.current_mode == _LOCK

    def action_lock(self) -> None:
        """Hide and lock because the person asked."""
        self.cover("asked")

    def cover(self, reason: str) -> None:
        """Cover the screen, drop the data behind it, and tell the door; without a person there is nothing to hide.

        The lock is a mode of its own: no screen of another mode is ever drawn, whatever its workers do.
        """
        person = self.person
        if person is None or self.is_locked:
            return
        while isinstance(self.screen, Dialog) and not self.screen.survives_lock:
            self.screen.dismiss(self.screen.SAFE_ANSWER)
        self._covered = self.current_mode
        self.add_mode(_LOCK, lambda: LockScreen(reason))
        self.switch_mode(_LOCK)
        for mode, stack in self._screen_stacks.items():
            for screen in stack:
                if mode != _LOCK and isinstance(screen, Speaking):
                    screen.conceal()
        self.run_worker(lambda: self.door.locked(person, reason), thread=True, group="door")

    async def unlocked(self) -> None:
        """Uncover the screen; it loads its data anew."""
        self._touched = self._monotonic()
        if self.is_locked:
            await self.switch_mode(self._covered)
            self.remove_mode(_LOCK)

    def push_screen(self, screen: Any, *arguments: Any, mode: str | None = None, **options: Any) -> Any:
        """Show ``screen``; what a worker wants to show while the console is locked waits below the lock."""
        if self.is_locked and not isinstance(screen, LockScreen | HelpDialog):
            mode = mode or self._covered
        return super().push_screen(screen, *arguments, mode=mode, **options)

    def pop_screen(self) -> AwaitComplete:
        """Leave the screen on top; nothing but :meth:`unlocked` takes the lock away."""
        return AwaitComplete() if isinstance(self.screen, LockScreen) else super().pop_screen()

    def pulse(self) -> None:
        """Once a second: lock after the idle time, and keep the clock in the first line right."""
        if not self.screen_stack:  # the console is ending, and its screens are gone already
            return
        idle = self._monotonic() - self._touched
        if idle >= self.site.idle.total_seconds():
            self.cover("idle")
        for screen in self.screen_stack:  # a dialog leaves the line of the screen behind it in sight
            for line in screen.query(PlaceLine):
                line.keep_time()

    async def on_event(self, event: events.Event) -> None:
        """Notice every key, click and paste."""
        if isinstance(event, events.InputEvent | events.Paste):
            self._touched = self._monotonic()
        await super().on_event(event)

    # -- commands and help ----------------------------------------------------------------------------

    def action_palette(self) -> None:
        """Offer every act by name."""
        if not self.is_locked and isinstance(self.screen, BaseScreen):
            self.push_screen(PaletteDialog(self.commands_for(self.screen)), callback=self._run_command)

    def action_palette_letter(self) -> None:
        """Offer every act by name, by a key that is also a letter."""
        self.action_palette()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take a letter only while nobody types, and offer the lock only where somebody is signed in."""
        del parameters
        if action == "lock":
            return self.person is not None
        return not isinstance(self.focused, Input) if action == "palette_letter" else True

    def _run_command(self, command: Command | None) -> None:
        if command is not None:
            self.run_worker(self._run_to_its_end(command), group="command")

    async def _run_to_its_end(self, command: Command) -> None:
        outcome = command.run()
        if hasattr(outcome, "__await__"):
            await outcome

    def commands_for(self, screen: BaseScreen) -> list[Command]:
        """Return what the palette offers on ``screen``: its acts, the places, the frame's own acts."""
        own = [replace(command, also=names(command.also, command.title)) for command in screen.commands()]
        keys = [
            _command(active.binding.description, active.tooltip, self._runner(active), key_name(active.binding))
            for active in ordered(screen.untranslated_bindings.values())
            if active.enabled and active.binding.id not in {"frame.palette", "frame.places"}
        ]
        places = [_command(each.title, N_("Go to"), self._going(each.key), each.key) for each in self.open_places()]
        language = _command(N_("Switch the language"), N_("Japanese or English"), self._speak_otherwise)
        sign_out = _command(N_("Sign out"), N_("Let another person sign in"), self.sign_out)
        return [*own, *keys, *places, language, sign_out]

    async def _speak_otherwise(self) -> None:
        """Speak the other language at once, unless that would lose typed text; then from the next screen on."""
        screen = cast("BaseScreen", self.screen)
        try:
            self.switch_language()
        except Refusal as refusal:
            screen.why(refusal)
        else:
            await screen.on_screen_resume()

    def _runner(self, active: ActiveBinding) -> Callable[[], Any]:
        return lambda: self.run_action(active.binding.action, active.node)

    def _going(self, key: str) -> Callable[[], Any]:
        return lambda: self.action_place(key)

    def get_system_commands(self, screen: Screen[Any]) -> list[SystemCommand]:
        """Offer none of Textual's: a screenshot would write people's data to a file."""
        del screen
        return []

    def action_help(self) -> None:
        """Explain what has the focus."""
        if not isinstance(self.screen, HelpDialog):
            self.push_screen(HelpDialog(helpables(self.screen), self.screen.active_bindings.values()))

    # -- the end --------------------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """End the console; not while it is locked, where whoever stands there would get the shell."""
        if self.is_locked:
            return
        if any(self._keeps(screen) for stack in self._screen_stacks.values() for screen in stack):
            self.run_worker(self._quit_unsaved(), exclusive=True, group="leave")
        else:
            self._quit()

    async def _quit_unsaved(self) -> None:
        text = _("What you typed is not saved and would be lost.")
        if await self.ask(ConfirmDialog(_("Quit without saving?"), text, act=N_("Quit"))):
            self._quit()

    def _quit(self) -> None:
        if self.person is not None:
            self.door.left(self.person)
        self.exit()

    def notify(self, *arguments: Any, **options: Any) -> None:
        """Show no toast, ever: it would lie over the lock. The status line says what happened."""

    def copy_to_clipboard(self, text: str) -> None:
        """Copy nothing: what is on the screen stays on the screen."""

    def panic(self, *renderables: Any) -> None:
        """End without printing what Textual would print: it may hold people's data."""
        del renderables
        self._failed(RuntimeError())

    def _handle_exception(self, error: Exception) -> None:
        """Keep a trace without values, and end."""
        if isinstance(error, WorkerFailed):
            error.__cause__ = error.error  # Textual keeps it beside, and a trace names causes
        if self._exception is None:  # Pilot raises it again
            self._exception = error
            self._exception_event.set()
        self._failed(error)

    def _failed(self, error: BaseException) -> None:
        if self.return_code == FAILED:
            return
        try:
            number, path = write_trace(error, self.site.traces, self.site.clock.now())
        except OSError:
            self.parting = _("The console stopped because of a failure; no trace could be written.")
        else:
            words = _("The console stopped because of a failure. Quote the number {number}; the trace is in {path}.")
            self.parting = words.format(number=number, path=path)
        self._return_code = FAILED
        self._close_messages_no_wait()


def _command(msgid: str, tooltip: str, run: Callable[[], Any], key: str = "") -> Command:
    """Return an act for the palette, by msgids; a tooltip that says no more than its title is left out."""
    title = _(msgid)
    return Command(title, run, _(tooltip) if tooltip != msgid else "", key, names(msgid, title))
