"""The dialog that writes the ledger of a fiscal year as a table into the site's own folder."""

from typing import Any, Final

from accesscontrol.accounts.fiscal_year import fiscal_year_of
from accesscontrol.messages import N_
from console.evidence import accounts_table, tables
from console.frame.forms import Field, FormDialog
from console.screens.reviews.files import file_name
from console.seat import Seat
from console.translation import _, ngettext
from console.widgets.choices import Choice

_YEARS: Final = 5
_DIGEST: Final = 16


def dialog(seat: Seat) -> FormDialog:
    """Return the dialog; its answer is the number of lines and the SHA-256 of the file."""
    site = seat.site
    now = site.clock.now()
    this_year = fiscal_year_of(now, site.zone)
    years = [Choice(_("fiscal {year}").format(year=year), year) for year in range(this_year, this_year - _YEARS, -1)]
    encodings = (
        Choice(_("UTF-8 (spreadsheets of today)"), tables.UTF_8),
        Choice(_("CP932 (older programs)"), "cp932"),
    )
    fields = (
        Field(
            name="year",
            label=_("Fiscal year"),
            kind="choice",
            choices=years,
            initial=this_year,
            hint=_("From 1 April to 31 March."),
        ),
        Field(name="encoding", label=_("Character code"), kind="choice", choices=encodings, initial=tables.UTF_8),
        Field(
            name="file",
            label=_("File"),
            initial=f"accounts-{now.astimezone(site.zone):%Y%m%d-%H%M%S}.csv",
            hint=str(site.home.path / tables.FOLDER),
            check=file_name,
        ),
    )

    def submit(values: dict[str, Any]) -> tuple[int, str]:
        file = tables.folder(site) / values["file"]
        return accounts_table.write(site, file, seat.acting, year=values["year"], encoding=values["encoding"])

    words = [
        _(
            "One line a grant: whose, which right, from when until when, by which request, and what the system showed."
            " Names are masked."
        ),
        _("The trail keeps the fingerprint of the file."),
    ]
    return FormDialog(_("Write the ledger of user IDs"), fields, text=words, act=N_("Write the file"), submit=submit)


def words(written: tuple[int, str]) -> str:
    """Return what was written, in the reader's language."""
    rows, digest = written
    said = ngettext("{rows} line written, SHA-256 {digest}…", "{rows} lines written, SHA-256 {digest}…", rows)
    return said.format(rows=f"{rows:,}", digest=digest[:_DIGEST])
