"""The dialogs of a system without an interface: its work order is written, its operator's list is taken in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from accesscontrol.messages import N_
from console import work_orders
from console.account_words import list_read
from console.evidence import tables
from console.frame.forms import Field, FormDialog
from console.frame.screen import BaseScreen
from console.screens.accounts.menu import Entry
from console.screens.reviews.files import file_name
from console.seat import Seat
from console.system_titles import title_of
from console.translation import _, ngettext

_DIGEST = 16


class Orders:
    """What is done about a system that is known by its account lists, run from a worker of ``screen``."""

    def __init__(self, screen: BaseScreen, seat: Seat) -> None:
        self._screen, self._seat = screen, seat

    def entries(self, system: str) -> Iterator[Entry]:
        """Yield what can be done about ``system``, for the menu and the palette."""
        if work_orders.has_lists(self._seat.site, system):
            yield Entry(_("Write the work order"), lambda: self.write(system), _("what its operator has to do (CSV)"))
            yield Entry(_("Take in an account list"), lambda: self.take(system), _("what its operator handed back"))

    async def write(self, system: str) -> str:
        """Write the open orders into the site's own folder."""
        site = self._seat.site
        local = site.clock.now().astimezone(site.zone)
        file = Field(
            name="file",
            label=_("File"),
            initial=f"order-{system}-{local:%Y%m%d-%H%M%S}.csv",
            hint=str(site.home.path / tables.FOLDER),
            check=file_name,
        )

        def submit(values: dict[str, Any]) -> tuple[int, str]:
            return work_orders.write_order(site, system, tables.folder(site) / values["file"], self._seat.acting)

        words = [
            _("Every lapse, issue and change that this system's operator still has to carry out by hand."),
            _("An order stays open until an account list that comes back shows it. The trail keeps the fingerprint."),
        ]
        title = _("Work order for {system}").format(system=title_of(self._seat.site, system))
        written = await self._screen.app.ask(
            FormDialog(title, [file], text=words, act=N_("Write the file"), submit=submit)
        )
        if written is None:
            return ""
        orders, digest = written
        said = ngettext(
            "{number} order written, SHA-256 {digest}…", "{number} orders written, SHA-256 {digest}…", orders
        )
        return said.format(number=f"{orders:,}", digest=digest[:_DIGEST])

    async def take(self, system: str) -> str:
        """Take in the account list that came back, and read it."""
        site = self._seat.site
        local = site.clock.now().astimezone(site.zone)
        fields = (
            Field(name="file", label=_("File"), hint=_("The account list (CSV), as the settings describe it.")),
            Field(
                name="as_of",
                label=_("Made at"),
                initial=f"{local:%Y-%m-%dT%H:%M}",
                hint=_("When the list was made there: it proves what was so at that time, and nothing later."),
            ),
        )

        def submit(values: dict[str, Any]) -> int:
            file = Path(values["file"]).expanduser()
            return work_orders.take_list(site, system, file, values["as_of"], self._seat.acting)

        title = _("Account list of {system}").format(system=title_of(self._seat.site, system))
        count = await self._screen.app.ask(FormDialog(title, fields, act=N_("Take in"), submit=submit))
        if count is None:
            return ""
        return list_read(count, title_of(self._seat.site, system))
