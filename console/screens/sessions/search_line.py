"""The line in which a text to search for is typed."""

from textual.app import ComposeResult

from accesscontrol.messages import N_
from console.translation import _
from console.widgets.filter_line import FilterLine
from console.widgets.line_input import LineInput
from console.widgets.plain import Plain


class SearchLine(FilterLine):
    """Asks for a text; Enter goes to where it was shown."""

    help_title = N_("Search")
    help_text = N_("Type what was shown or typed and press Enter. Esc closes it.")

    def compose(self) -> ComposeResult:
        """Show a word and the line."""
        yield Plain(_("Search"))
        yield LineInput(placeholder=_("Enter searches"))
