"""A view that draws its own lines, and whose length moves nothing else on the screen."""

from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView


class LineView(ScrollView):
    """Fills the room that it is given. A change of its length costs no layout of the screen, as Textual's own does."""

    virtual_size = reactive(Size(0, 0), layout=False)

    def watch_virtual_size(self, size: Size) -> None:
        """Let the scroll bar follow; one that appears or goes asks for the layout itself."""
        self._scroll_update(size)
